"""Django's own commands, for those who develop the desk: ``python -m onshore.desk.manage``."""

import os
import sys


def main() -> None:
    """Run a management command with the desk's settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onshore.desk.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
