"""The command line: one command for each of the rooms' answers."""

from onshore.cli.start import main

__all__ = ["main"]
