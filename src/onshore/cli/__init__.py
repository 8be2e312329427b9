"""The command line: one command for each of the rooms' answers."""

from onshore.cli.app import main

__all__ = ["main"]
