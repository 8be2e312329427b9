"""What helps people choose: makers for a need, quotations side by side, proposals to a call."""

__all__: list[str] = []
