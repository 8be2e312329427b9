"""What an administrator does with people, their roles and their sessions."""

import secrets
from datetime import date, datetime, timedelta
from typing import Any

from axes.utils import reset as forget_failed_attempts
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q
from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Deed, Refused, acting, held, said
from onshore.desk.actor import Actor
from onshore.desk.entering import second_factor, sessions
from onshore.desk.models import ApiToken, Membership, Organisation, Role, SignedInSession, User
from onshore.desk.policies import require

_TABLE = User._meta.db_table
_OF_ORGANISATION = {
    Role.OFFICER: "agency",
    Role.ENGINEER: "buyer",
    Role.VERIFIER: "buyer",
    Role.MAKER: "maker",
    Role.RESEARCHER: "",
}
"""Roles that need an organisation, with what it has to be; "" where it may be anything."""


def one_time_password() -> str:
    """Make a password that is told once and has to be changed at the first sign-in."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def add_person(
    actor: Actor,
    *,
    username: str,
    password: str,
    display_name: str = "",
    email: str = "",
    language: str = "en",
    once: str = "",
    at: datetime | None = None,
) -> User:
    """Add a person, who has to change the password at the first sign-in."""
    require(actor, "add", User)
    with acting(actor, "people.add", once=once, at=at) as deed:
        name = username.strip()
        if not name or len(name) > 150 or not all(x.isalnum() or x in "@.+-_" for x in name):
            raise Refused(
                _("This sign-in name cannot be used."),
                _("Write letters, digits and @ . + - _ only, without spaces."),
                field="username",
            )
        if User.objects.filter(username__iexact=name).exists():
            raise Refused(
                _("Somebody has this sign-in name already."),
                _("Choose another, or open that person's page."),
                field="username",
            )
        person = User(username=name, display_name=display_name.strip(), language=language)
        person.email = _email(email)
        person.must_change_password = True
        person.set_password(password)
        person.save()
        _note(deed, person, {})
    return person


def change_person(
    actor: Actor,
    user_id: int,
    *,
    display_name: str,
    email: str,
    language: str,
    once: str = "",
    at: datetime | None = None,
) -> User:
    """Change how a person is named and written to."""
    with acting(actor, "people.change", once=once, at=at) as deed:
        person = _person(actor, user_id)
        before = _told(person)
        person.display_name, person.email = display_name.strip(), _email(email)
        person.language = language
        person.save(update_fields=["display_name", "email", "language"])
        _note(deed, person, before)
    return person


def reset_password(
    actor: Actor,
    user_id: int,
    *,
    password: str,
    reason: str,
    once: str = "",
    at: datetime | None = None,
) -> User:
    """Give a person a password for one sign-in; end their sessions, API tokens and lockout."""
    with acting(actor, "people.reset_password", reason=said(reason), once=once, at=at) as deed:
        person = _person(actor, user_id)
        person.set_password(password)
        person.must_change_password = True
        person.save(update_fields=["password", "must_change_password"])
        _end_sessions(deed, person)
        _end_tokens(deed, person)
        forget_failed_attempts(username=person.username)
        _note(deed, person, {}, {"password": "reset"})
    return person


def reset_second_factor(
    actor: Actor, user_id: int, *, reason: str, once: str = "", at: datetime | None = None
) -> User:
    """Forget a person's lost second factor; they set it up anew at the next sign-in."""
    with acting(actor, "people.reset_second_factor", reason=said(reason), once=once, at=at) as deed:
        person = _person(actor, user_id)
        second_factor.remove(person)
        _end_sessions(deed, person)
        _note(deed, person, {"second_factor": "set"}, {"second_factor": "none"})
    return person


def deactivate(
    actor: Actor, user_id: int, *, reason: str, once: str = "", at: datetime | None = None
) -> User:
    """Shut a person out at once; what they did stays in the records and the audit."""
    with acting(actor, "people.deactivate", reason=said(reason), once=once, at=at) as deed:
        person = _person(actor, user_id)
        _keep_an_administrator(person, deed.today)
        before = _told(person)
        person.is_active = False
        person.save(update_fields=["is_active"])
        _end_sessions(deed, person)
        _end_tokens(deed, person)
        _note(deed, person, before)
    return person


def activate(
    actor: Actor, user_id: int, *, reason: str, once: str = "", at: datetime | None = None
) -> User:
    """Let a person in again."""
    with acting(actor, "people.activate", reason=said(reason), once=once, at=at) as deed:
        person = _person(actor, user_id)
        before = _told(person)
        person.is_active = True
        person.save(update_fields=["is_active"])
        _note(deed, person, before)
    return person


def add_membership(
    actor: Actor,
    user_id: int,
    *,
    role: str,
    since: date | None = None,
    until: date | None = None,
    organisation: Organisation | None = None,
    desk: Any = None,
    once: str = "",
    at: datetime | None = None,
) -> Membership:
    """Make a person something in an organisation, from a day on and perhaps until another."""
    require(actor, "add", Membership)
    with acting(actor, "people.add_membership", once=once, at=at) as deed:
        person = _person(actor, user_id)
        since = since or deed.today
        if until is not None and until < since:
            raise Refused(
                _("The role ends before it begins."), _("Write a later day."), field="until"
            )
        _check_organisation(Role(role), organisation)
        _refuse_twice(person, role, organisation, since, until)
        membership = Membership(user=person, role=role, organisation=organisation, desk=desk)
        membership.since, membership.until = since, until
        deed.create(membership)
        if second_factor.is_due(person, deed.today) and not second_factor.is_set(person):
            _end_sessions(deed, person)
    return membership


def end_membership(
    actor: Actor,
    membership_id: int,
    *,
    reason: str,
    until: date | None = None,
    once: str = "",
    at: datetime | None = None,
) -> Membership:
    """End a role after its last day; without one, at once: yesterday was its last."""
    with acting(actor, "people.end_membership", reason=said(reason), once=once, at=at) as deed:
        membership = held(actor, Membership, membership_id)
        require(actor, "end", membership)
        if membership.role == Role.ADMINISTRATOR:
            _keep_an_administrator(membership.user, deed.today, losing=membership)
        last = until or deed.today - timedelta(days=1)
        if last < membership.since:
            if until is not None:
                raise Refused(
                    _("The role began on %s.") % membership.since.isoformat(),
                    _("Write that day or a later one."),
                    field="until",
                )
            deed.remove(membership)
            return membership
        deed.change(membership, until=last)
    return membership


def end_session(
    actor: Actor, session_id: int, *, once: str = "", at: datetime | None = None
) -> User:
    """End a session; the administrator any, others their own."""
    with acting(actor, "people.end_session", once=once, at=at) as deed:
        session = held(actor, SignedInSession, session_id)
        require(actor, "end", session)
        person = session.user
        sessions.end(session.session_key)
        _note(deed, person, {"session": session.began.isoformat()}, {"session": "ended"})
    return person


def end_sessions(actor: Actor, user_id: int, *, once: str = "", at: datetime | None = None) -> User:
    """End all sessions of a person."""
    with acting(actor, "people.end_sessions", once=once, at=at) as deed:
        person = _person(actor, user_id)
        _end_sessions(deed, person)
    return person


def _person(actor: Actor, user_id: int) -> User:
    person = held(actor, User, user_id)
    require(actor, "change", person)
    return person


def _told(person: User) -> dict[str, Any]:
    """Tell of a person what the audit may hold: never the password's hash."""
    return {
        "username": person.username,
        "display_name": person.display_name,
        "email": person.email,
        "language": person.language,
        "is_active": person.is_active,
    }


def _note(
    deed: Deed, person: User, before: dict[str, Any], after: dict[str, Any] | None = None
) -> None:
    told = _told(person) if after is None else after
    names = [name for name in told if before.get(name) != told[name]]
    if names:
        was = {name: before[name] for name in names if name in before}
        deed.note(_TABLE, str(person.pk), was, {name: told[name] for name in names})
    deed.key = deed.key or str(person.pk)


def _end_sessions(deed: Deed, person: User) -> None:
    ended = sessions.end_all(person)
    if ended:
        _note(deed, person, {"sessions": ended}, {"sessions": 0})
    deed.key = deed.key or str(person.pk)


def _end_tokens(deed: Deed, person: User) -> None:
    ended, _of_each = ApiToken.objects.filter(user=person).delete()
    if ended:
        _note(deed, person, {"api_tokens": ended}, {"api_tokens": 0})


def _email(text: str) -> str:
    address = text.strip()
    if address:
        try:
            validate_email(address)
        except ValidationError as error:
            raise Refused(
                _("This is no e-mail address."), _("Write one as name@place.org."), field="email"
            ) from error
    return address


def _check_organisation(role: Role, organisation: Organisation | None) -> None:
    if role not in _OF_ORGANISATION:
        return
    if organisation is None:
        raise Refused(
            _("This role is one in an organisation."),
            _("Choose the organisation."),
            field="organisation",
        )
    needed = _OF_ORGANISATION[role]
    if needed and needed not in [part.strip() for part in organisation.role.split(";")]:
        raise Refused(
            _("%(name)s is not noted as one that has such people.") % {"name": organisation.name},
            _("Choose another organisation, or add to its page what it does: %s.") % needed,
            field="organisation",
        )


def _refuse_twice(
    person: User, role: str, organisation: Organisation | None, since: date, until: date | None
) -> None:
    same = Membership.objects.filter(user=person, role=role, organisation=organisation)
    same = same.filter(Q(until__isnull=True) | Q(until__gte=since))
    if until is not None:
        same = same.filter(since__lte=until)
    if same.exists():
        raise Refused(
            _("This person has this role there in those days already."),
            _("End that role first, or choose other days."),
            field="since",
        )


def _keep_an_administrator(person: User, today: date, *, losing: Membership | None = None) -> None:
    """Refuse to shut out the last administrator: nobody could let one in again."""
    holds = Q(until__isnull=True) | Q(until__gte=today)
    admins = Membership.objects.filter(
        holds, role=Role.ADMINISTRATOR, since__lte=today, user__is_active=True
    )
    others = User.objects.filter(is_superuser=True, is_active=True)
    if losing is None:
        admins, others = admins.exclude(user=person), others.exclude(pk=person.pk)
    else:
        admins = admins.exclude(pk=losing.pk)
    if not admins.exists() and not others.exists():
        raise Refused(
            _("This is the last administrator."),
            _("Make somebody else administrator first."),
        )


def check_new_password(password: str, person: User) -> None:
    """Refuse a password that is easily guessed, with all that stands against it."""
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), _("Choose another."), field="password") from error
