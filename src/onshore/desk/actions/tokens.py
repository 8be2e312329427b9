"""Keys to the API: made, shown once, ended. Only their hashes are kept."""

import hashlib
import secrets
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused, acting, held
from onshore.desk.actor import Actor, actor_of
from onshore.desk.models import ApiToken
from onshore.desk.policies import NotAllowed, require

MOST_DAYS = 366
MOST_TOKENS = 20
PREFIX = "onshore_"


def token_hash(token: str) -> str:
    """Give the hash by which a token is found; a token is random, so that it needs no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


def make(
    actor: Actor,
    name: str,
    days: int,
    *,
    role: str = "",
    reads_only: bool = False,
    once: str = "",
    at: datetime | None = None,
) -> tuple[Any, str]:
    """Make a token that ends after some days.

    Parameters
    ----------
    role
        The one role of the person's that it acts in; all of them where it is empty.
    reads_only
        Whether it changes nothing.

    Returns
    -------
    tuple
        Its record and the token itself, which is kept nowhere.

    Raises
    ------
    Refused
        It has no name or more than 366 days, its role is not the person's, or the person has
        twenty already.
    """
    if actor.user is None:
        raise NotAllowed("tokens.make")
    if not name.strip():
        raise Refused(_("The token has no name."), _("Say what it is for."), field="name")
    if not 0 < days <= MOST_DAYS:
        raise Refused(_("A token is good for 1 to 366 days."), _("Write fewer days."), field="days")
    if role and role not in actor.roles:
        raise Refused(_("You do not have this role."), _("Choose one that you have."), field="role")
    token = PREFIX + secrets.token_urlsafe(32)
    with acting(actor, "tokens.make", once=once, at=at) as deed:
        if ApiToken.objects.filter(user=actor.user, expires__gt=deed.at).count() >= MOST_TOKENS:
            raise Refused(_("You have twenty tokens."), _("End one that you do not use."))
        made = ApiToken.objects.create(
            user=actor.user,
            name=name.strip()[:80],
            hash=token_hash(token),
            created=deed.at,
            expires=deed.at + timedelta(days=days),
            role=role,
            reads_only=reads_only,
        )
        told = {"name": made.name, "expires": made.expires.isoformat()}
        told |= {"role": role, "reads_only": str(reads_only)}
        deed.note("desk_api_tokens", str(made.pk), {}, told)
        deed.key = str(made.pk)
    return made, token


def end(actor: Actor, token_id: int, *, at: datetime | None = None) -> None:
    """End a token at once."""
    with acting(actor, "tokens.end", at=at) as deed:
        token = held(actor, ApiToken, token_id)
        require(actor, "end", token)
        deed.note("desk_api_tokens", str(token.pk), {"name": token.name}, {})
        token.delete()


def acting_by(token: str, today: date) -> tuple[Actor, bool] | None:
    """Give who acts by a token, and whether it only reads; None if it is unknown or has ended.

    A token of one role acts in that role alone, as long as its holder has it. Its use is noted.
    """
    now = timezone.now()
    found = ApiToken.objects.select_related("user").filter(hash=token_hash(token)).first()
    if found is None or found.expires <= now or not found.user.is_active:
        return None
    if found.last_used is None or now - found.last_used > timedelta(minutes=1):
        ApiToken.objects.filter(pk=found.pk).update(last_used=now)
    actor = actor_of(found.user, today)
    if found.role:
        own = {name: of for name, of in actor.roles.items() if name == found.role}
        actor = replace(actor, roles=own)
    return actor, found.reads_only
