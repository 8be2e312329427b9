"""Requests to addresses that people give: to public machines by HTTPS, and nowhere else.

A name is resolved once, its addresses are looked at, and the connection goes to the address that
was looked at: a name that means another machine a moment later leads nowhere. Redirects are
answers like others; they are not followed.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused

SECONDS = 10
_MOST_ANSWERED = 2000
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
Resolve = Callable[[str, int], list[str]]


class NotSent(Exception):
    """A request came to no answer: why."""


@dataclass(frozen=True)
class Target:
    """Where a request goes: host, port and path of an https address."""

    host: str
    port: int
    path: str


def target_of(url: str) -> Target:
    """Read an address that requests may go to.

    Raises
    ------
    Refused
        It is no https address, names a person or a machine that is not public.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port or 443
    except ValueError:
        parts, host, port = urlsplit(""), None, 443
    whole = url.isascii() and url.isprintable() and " " not in url.strip() and len(url) <= 500
    if parts.scheme != "https" or not host or not whole:
        raise Refused(
            _("This is not an https address."), _("Write it as https://example.org/path."), "url"
        )
    if parts.username is not None or parts.password is not None:
        raise Refused(
            _("An address holds no name or password."), _("Write it without them."), "url"
        )
    if _is_number(host) and not is_public(host):
        raise _not_public()
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(host, port, path)


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _not_public() -> Refused:
    return Refused(
        _("This address leads to a machine that is not public."),
        _("Write the address of a machine that the internet reaches."),
        "url",
    )


def is_public(address: str) -> bool:
    """Whether an address of a machine is one of the open internet.

    Examples
    --------
    >>> [is_public(a) for a in ("93.184.215.14", "10.0.0.1", "127.0.0.1", "169.254.169.254")]
    [True, False, False, False]
    >>> [is_public(a) for a in ("::1", "fe80::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1")]
    [False, False, False, False]
    """
    read = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(read, ipaddress.IPv6Address):
        within = read.ipv4_mapped or read.sixtofour or (read.teredo or (None, None))[1]
        if within is not None or read in _NAT64:
            return False  # an IPv4 address in disguise: it is asked for by its own
    return read.is_global and not read.is_multicast and not read.is_reserved


def resolved(host: str, port: int) -> list[str]:
    """Give the addresses of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def public_address(target: Target, resolve: Resolve = resolved) -> str:
    """Give the address that a request goes to; all of the host's have to be public.

    Raises
    ------
    NotSent
        The host has none, or one that is not public.
    """
    try:
        found = resolve(target.host, target.port)
    except (OSError, UnicodeError):
        raise NotSent(_("The host has no address.")) from None
    if not found:
        raise NotSent(_("The host has no address."))
    if not all(is_public(one) for one in found):
        raise NotSent(_("This address leads to a machine that is not public."))
    return found[0]


class _Pinned(http.client.HTTPSConnection):
    """A connection to an address that was looked at, with the certificate of the host's name."""

    def __init__(self, target: Target, address: str, context: ssl.SSLContext) -> None:
        super().__init__(target.host, target.port, timeout=SECONDS, context=context)
        self._address, self._tls = address, context

    def connect(self) -> None:
        """Connect to the address."""
        plain = socket.create_connection((self._address, self.port), self.timeout)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)


def post(
    target: Target,
    body: bytes,
    headers: Mapping[str, str],
    *,
    resolve: Resolve = resolved,
    context: ssl.SSLContext | None = None,
) -> tuple[int, str]:
    """Send a body; give the status and the beginning of what was answered.

    Raises
    ------
    NotSent
        There was no answer within 10 seconds, or the host is not public.
    """
    address = public_address(target, resolve)
    connection = _Pinned(target, address, context or ssl.create_default_context())
    ending = threading.Timer(2 * SECONDS, lambda: _cut(connection))
    ending.daemon = True
    ending.start()
    try:
        connection.request("POST", target.path, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read(_MOST_ANSWERED).decode("utf-8", "replace")
    except ssl.SSLError as error:
        raise NotSent(_("Its certificate does not hold: %s.") % error.reason) from None
    except TimeoutError:
        raise NotSent(_("There was no answer within %s seconds.") % SECONDS) from None
    except (OSError, http.client.HTTPException) as error:
        raise NotSent(_("There was no answer: %s.") % type(error).__name__) from None
    finally:
        ending.cancel()
        connection.close()


def _cut(connection: http.client.HTTPConnection) -> None:
    """End a connection that answers drop by drop."""
    if connection.sock is not None:
        connection.sock.close()
