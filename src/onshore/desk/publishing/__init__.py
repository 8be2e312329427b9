"""What leaves the desk for everybody: open data, features, figures that tell no contract."""

__all__: list[str] = []
