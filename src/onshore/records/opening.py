"""A programme read from a running desk, through its API, as far as the token's holder sees it."""

import http.client
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import polars as pl

from onshore.records.database import NoProgramme, settings_from, typed_series
from onshore.records.schemas import schema, tables
from onshore.records.settings import Settings

PAGE = 2000
"""Rows that are asked for at once: the most that a desk gives."""
SECONDS = 60
_WAITS = 5
_OWN_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


class NoDesk(NoProgramme):
    """A desk cannot be read: there is none at the address, or it refuses the token."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the token is sent to the address that was given, and nowhere else."""

    def redirect_request(self, *_told: Any) -> None:
        return None


def read_desk(
    address: str,
    token: str = "",
    *,
    seconds: float = SECONDS,
    opener: urllib.request.OpenerDirector | None = None,
) -> tuple[Settings, dict[str, pl.DataFrame]]:
    """Read a programme's settings and tables from a desk, page by page.

    Parameters
    ----------
    address
        Of the desk, such as ``https://desk.example.org``.
    token
        A token for the API; without it, the environment variable ``ONSHORE_TOKEN``.
    seconds
        How long an answer may take.
    opener
        What asks, instead of `urllib.request`'s own.

    Raises
    ------
    NoDesk
        The address is not a desk's, it cannot be reached in time, or it refuses the token.
    """
    token = token or os.environ.get("ONSHORE_TOKEN", "")
    if not token:
        raise NoDesk(
            "a desk is read with a token, and none was given. Make one on the desk under API, and"
            " write onshore.open(address, token=...) or set ONSHORE_TOKEN."
        )
    asker = opener or urllib.request.build_opener(_NoRedirect())
    desk = _Desk(_base(address), token, seconds, asker)
    told = desk.ask("programme/")
    settings = settings_from(told["settings"])
    there = [name for name in tables() if name in told["tables"]]
    frames = {name: _frame(desk, name) for name in there}
    return settings, {name: frame for name, frame in frames.items() if frame.height}


def _base(address: str) -> str:
    """Give the address of a desk's API.

    Raises
    ------
    NoDesk
        It is no web address, or would send the token over the open network.
    """
    parts = urlsplit(address.strip())
    try:
        host, _port = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.username is not None:
        raise NoDesk(f"{address} is not the address of a desk. Write https://desk.example.org.")
    if parts.scheme != "https" and host not in _OWN_MACHINE:
        raise NoDesk(f"{address} would send your token unprotected. Write https://{parts.netloc}.")
    path = parts.path.partition("/api/")[0].rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path}/api/v1/"


@dataclass
class _Desk:
    """A desk that is asked."""

    base: str
    token: str = field(repr=False)
    seconds: float
    opener: urllib.request.OpenerDirector

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        """Give all rows of a table, page after page."""
        after: str | None = ""
        while after is not None:
            page = self.ask(f"{table}/?{urlencode({'limit': PAGE, 'after': after})}")
            yield from page["rows"]
            after = page["next"]

    def ask(self, path: str) -> Any:
        """Ask, and wait where the desk says that it is too often."""
        for _turn in range(_WAITS):
            wait, told = self._once(path)
            if not wait:
                return told
            time.sleep(wait)
        raise NoDesk(f"{self.base} answers that it is asked too often. Try again in some minutes.")

    def _once(self, path: str) -> tuple[float, Any]:
        request = urllib.request.Request(
            self.base + path,
            headers={"Authorization": f"Bearer {self.token}", "Accept": "application/json"},
        )
        try:
            with self.opener.open(request, timeout=self.seconds) as answer:
                return 0, _told(self.base, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 429:
                    return _wait(error.headers.get("Retry-After")), None
                raise NoDesk(_refused(self.base, error)) from None
        except TimeoutError:
            raise NoDesk(self._too_slow()) from None
        except urllib.error.URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise NoDesk(self._too_slow()) from None
            raise NoDesk(
                f"{self.base} cannot be reached: {error.reason}. Check the address and the network."
            ) from None
        except (http.client.HTTPException, OSError) as error:
            raise NoDesk(f"the answer of {self.base} broke off: {error!r}. Try again.") from None

    def _too_slow(self) -> str:
        return f"{self.base} did not answer within {self.seconds:g} seconds. Try again later."


def _told(base: str, content: bytes) -> Any:
    try:
        told = json.loads(content)
    except ValueError:
        told = None
    if not isinstance(told, dict) or not ({"rows", "next"} <= set(told) or "settings" in told):
        raise NoDesk(f"what answers at {base} is not a desk. Check the address.")
    return told


def _wait(seconds: str | None) -> float:
    """Give how long to wait: what the desk says, at most a minute and a little."""
    told = float(seconds) if seconds and seconds.isdecimal() else 10.0
    return min(max(told, 1.0), 61.0)


def _refused(base: str, error: urllib.error.HTTPError) -> str:
    if error.code == 401:
        return f"{base} refuses the token: it is unknown or has ended. Make another under API."
    if error.code == 403:
        return f"{base} does not let this token read: ask the desk's administrator for a role."
    if error.code == 404:
        return (
            f"at {base} is no desk, none that holds a programme, or your role reads none."
            " Check the address."
        )
    if 300 <= error.code < 400:
        to = error.headers.get("Location", "")
        return (
            f"{base} sends on to {to}, and a token is not sent on. Use that address if it is right."
        )
    return f"{base} answers {error.code}. Look at the desk's log, or try again later."


def _frame(desk: _Desk, table: str) -> pl.DataFrame:
    """Read a table as the frame of its schema."""
    rows = list(desk.rows(table))
    return pl.DataFrame(
        {
            name: typed_series(name, [row.get(name) for row in rows], dtype)
            for name, dtype in schema(table).dtypes.items()
        }
    )
