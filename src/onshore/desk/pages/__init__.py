"""What pages are made of: forms, lists, how figures and days look, where things are found."""

__all__: list[str] = []
