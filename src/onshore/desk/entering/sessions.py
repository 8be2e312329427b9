"""Sessions of those who signed in: each is kept in sight and can be ended at once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from onshore.desk.models import SignedInSession, User

SEEN_EVERY = timedelta(minutes=5)
"""How exactly it is kept when a session was last seen: each request would be a write."""


class SignedIn:
    """Keeps when a session was last seen, and pages of the signed in out of caches."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.answer(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store, private")
            _see(request.session, timezone.now())
        return response


def _see(session: Any, now: datetime) -> None:
    seen = datetime.fromisoformat(session.get("seen") or "1970-01-01T00:00:00+00:00")
    if session.session_key and now - seen >= SEEN_EVERY:
        session["seen"] = now.isoformat()
        SignedInSession.objects.filter(session_key=session.session_key).update(last_seen=now)


def begin(request: HttpRequest, at: datetime) -> SignedInSession:
    """Note the session of a request that has just signed in; forget the person's expired ones."""
    if request.session.session_key is None:
        request.session.save()
    live = Session.objects.filter(expire_date__gt=at).values("session_key")
    SignedInSession.objects.filter(user=request.user).exclude(session_key__in=live).delete()
    begun, _made = SignedInSession.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={
            "user": request.user,
            "began": at,
            "last_seen": at,
            "address": request.META.get("REMOTE_ADDR", "")[:45],
            "browser": browser_of(request.headers.get("User-Agent", "")),
        },
    )
    return begun


_BROWSERS = (
    *(("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet")),
    *(("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")),
)
_SYSTEMS = (
    *(("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad")),
    *(("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux")),
)


def browser_of(header: str) -> str:
    """Tell a browser and its system by name, or what it says of itself.

    Examples
    --------
    >>> browser_of("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0")
    'Firefox, Windows'
    >>> browser_of("curl/8.5.0")
    'curl/8.5.0'
    """
    found = [
        next((name for sign, name in known if sign in header), "")
        for known in (_BROWSERS, _SYSTEMS)
    ]
    return ", ".join(found) if all(found) else header[:300]


def renew(request: HttpRequest, old_key: str) -> None:
    """Go on with a session whose key was changed."""
    request.session.save()
    SignedInSession.objects.filter(session_key=old_key).update(
        session_key=request.session.session_key
    )


def end(session_key: str) -> None:
    """End a session: its next request is the public's."""
    SignedInSession.objects.filter(session_key=session_key).delete()
    SessionStore(session_key).delete()


def end_all(user: User, *, but: str | None = None) -> int:
    """End all sessions of a person but perhaps one; tell how many there were."""
    keys = set(SignedInSession.objects.filter(user=user).values_list("session_key", flat=True))
    ended = keys - {but}
    for key in ended:
        end(key)
    return len(ended)
