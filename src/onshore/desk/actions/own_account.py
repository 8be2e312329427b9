"""What people do with their own account: sign in and out, password, second factor."""

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused, acting
from onshore.desk.actions.people import check_new_password
from onshore.desk.actor import Actor, actor_of
from onshore.desk.entering import second_factor, sessions
from onshore.desk.models import User

_TABLE = User._meta.db_table


def note_sign_in(user: User, *, second: bool, at: datetime | None = None) -> None:
    """Note in the audit that a person signed in, and whether with a second factor."""
    moment = at or timezone.now()
    with acting(actor_of(user, timezone.localdate(moment)), "account.sign_in", at=moment) as deed:
        deed.note(_TABLE, str(user.pk), {}, {"second_factor": second})


def note_sign_out(actor: Actor, *, at: datetime | None = None) -> None:
    """Note in the audit that a person signed out."""
    with acting(actor, "account.sign_out", at=at) as deed:
        deed.note(_TABLE, str(_own(actor).pk), {}, {})


def change_password(
    actor: Actor,
    *,
    password: str,
    old_password: str | None = None,
    keep: HttpRequest | None = None,
    once: str = "",
    at: datetime | None = None,
) -> User:
    """Change one's own password; all one's sessions but this one end.

    Parameters
    ----------
    old_password
        None only where it was given a moment ago, in the course of signing in.
    keep
        The request whose session goes on.
    """
    with acting(actor, "account.change_password", once=once, at=at) as deed:
        user = User.objects.select_for_update().get(pk=_own(actor).pk)
        if old_password is not None and not user.check_password(old_password):
            raise Refused(
                _("This is not your current password."),
                _("Write the one that you signed in with."),
                field="old_password",
            )
        if user.check_password(password):
            raise Refused(
                _("This is the password that you have."), _("Choose another."), field="password"
            )
        check_new_password(password, user)
        user.set_password(password)
        user.must_change_password = False
        user.save(update_fields=["password", "must_change_password"])
        sessions.end_all(user, but=keep.session.session_key if keep else None)
        deed.note(_TABLE, str(user.pk), {}, {"password": "changed"})
    return user


def set_up_second_factor(
    actor: Actor, *, code: str, once: str = "", at: datetime | None = None
) -> list[str]:
    """Take the app whose code is given as one's second factor; give the recovery codes."""
    user = _own(actor)
    if not second_factor.confirm(user, code):
        raise Refused(
            _("This is not the code that the app shows now."),
            _("Wait for the next code and write its six digits; check the telephone's clock."),
            field="code",
        )
    with acting(actor, "account.set_up_second_factor", once=once, at=at) as deed:
        deed.note(_TABLE, str(user.pk), {}, {"second_factor": "set"})
        return second_factor.new_recovery_codes(user)


def renew_recovery_codes(
    actor: Actor, *, code: str, once: str = "", at: datetime | None = None
) -> list[str]:
    """Make new recovery codes; the old ones open nothing any more."""
    user = _own(actor)
    _check_code(user, code)
    with acting(actor, "account.renew_recovery_codes", once=once, at=at) as deed:
        deed.note(_TABLE, str(user.pk), {}, {"recovery_codes": "renewed"})
        return second_factor.new_recovery_codes(user)


def remove_second_factor(
    actor: Actor, *, code: str, once: str = "", at: datetime | None = None
) -> None:
    """Do without a second factor, where one's roles allow it."""
    user = _own(actor)
    if second_factor.is_due(user, timezone.localdate(at or timezone.now())):
        raise Refused(
            _("Your role needs a second factor."),
            _("To use another telephone, set it up again."),
        )
    _check_code(user, code)
    with acting(actor, "account.remove_second_factor", once=once, at=at) as deed:
        second_factor.remove(user)
        deed.note(_TABLE, str(user.pk), {"second_factor": "set"}, {"second_factor": "none"})


def _check_code(user: User, code: str) -> None:
    if not second_factor.check(user, code):
        raise Refused(
            _("This code does not hold."),
            _("Wait for the app's next code and write it, or write a recovery code."),
            field="code",
        )


def _own(actor: Actor) -> User:
    if actor.user is None:
        raise Refused(_("Your session is over."), _("Sign in again."))
    return actor.user


def active_user(key: int) -> User | None:
    """Give a person who may sign in."""
    return User.objects.filter(pk=key, is_active=True).first()
