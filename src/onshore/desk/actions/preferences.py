"""What a person keeps for themselves: language, saved filters, alerts read."""

from datetime import datetime
from urllib.parse import urlsplit

from django.utils import timezone
from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused, acting
from onshore.desk.actor import Actor
from onshore.desk.models import Alert, SavedFilter, User
from onshore.desk.policies import visible

MOST_FILTERS = 100


def choose_language(actor: Actor, language: str, *, at: datetime | None = None) -> None:
    """Keep the language of a person's pages and e-mail."""
    if actor.user is None or actor.user.language == language:
        return
    with acting(actor, "preferences.language", at=at) as deed:
        was = {"language": actor.user.language}
        User.objects.filter(pk=actor.user.pk).update(language=language)
        actor.user.language = language
        deed.note(User._meta.db_table, str(actor.user.pk), was, {"language": language})


def save_filter(
    actor: Actor, *, name: str, address: str, at: datetime | None = None
) -> SavedFilter:
    """Keep a list's filter under a name; one of the same name and list is replaced.

    Raises
    ------
    Refused
        It has no name, is no address of a list here, or there are too many.
    """
    parts = urlsplit(address)
    if actor.user is None:
        raise Refused(_("Sign in to keep filters."))
    if not name.strip():
        raise Refused(_("The filter has no name."), _("Write one and keep it again."))
    if parts.scheme or parts.netloc or not address.startswith("/") or address[1:2] in ("/", "\\"):
        raise Refused(_("This is not a list of this desk."))
    own = SavedFilter.objects.filter(user=actor.user)
    with acting(actor, "preferences.save_filter", at=at) as deed:
        same = own.filter(name=name.strip()[:80], address__startswith=parts.path + "?").first()
        if same is not None:
            return deed.change(same, address=address)
        if own.count() >= MOST_FILTERS:
            raise Refused(_("You keep very many filters."), _("Remove some first."))
        return deed.create(SavedFilter(user=actor.user, name=name.strip()[:80], address=address))


def remove_filter(actor: Actor, key: int, *, at: datetime | None = None) -> str:
    """Remove a saved filter; give the address of its list."""
    with acting(actor, "preferences.remove_filter", at=at) as deed:
        found = visible(actor, SavedFilter).filter(pk=key).first()
        if found is None:
            raise Refused(_("This filter is gone already."))
        deed.remove(found)
        return urlsplit(found.address).path


def read_alerts(actor: Actor, keys: list[int] | None = None, *, at: datetime | None = None) -> int:
    """Mark alerts as read, all or some; give how many.

    That a person read an alert is their own affair: it is not in the audit.
    """
    unread = visible(actor, Alert).filter(read_at=None)
    if keys is not None:
        unread = unread.filter(pk__in=keys)
    return unread.update(read_at=at or timezone.now())
