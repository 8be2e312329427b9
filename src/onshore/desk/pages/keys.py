"""Keys of records in addresses."""

from urllib.parse import quote, unquote

from django.urls import register_converter


class KeyConverter:
    """Any key, a slash in it written as %2F twice over: servers decode addresses once."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        """Read a key from an address."""
        return unquote(value)

    def to_url(self, value: object) -> str:
        """Write a key into an address."""
        return quote(str(value), safe="")


register_converter(KeyConverter, "key")
