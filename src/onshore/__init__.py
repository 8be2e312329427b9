"""onshore runs an industrial localization programme."""

__version__ = "0.1.0"
