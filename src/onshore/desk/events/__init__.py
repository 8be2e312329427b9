"""Events of buyers and makers: their schedule of meetings and what is taken along."""

__all__: list[str] = []
