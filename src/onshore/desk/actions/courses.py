"""Training courses: their places, who takes part, who came, and the commitment they serve."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.access.research import RESEARCHERS
from onshore.desk.actions.acting import Refused, acting, held
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actions.telling import tell_members
from onshore.desk.actor import Actor
from onshore.desk.models import Commitment, Course, Enrolment, Role
from onshore.desk.pages.wording import language
from onshore.desk.policies import require, visible
from onshore.figures.shown import digits


def free_places(course: Any) -> int | None:
    """Give how many places are free; None where a course has no limit."""
    taken = Enrolment._default_manager.filter(course=course).count()
    return None if course.seats is None else max(course.seats - taken, 0)


def add(
    actor: Actor, values: Mapping[str, Any], *, once: str = "", at: datetime | None = None
) -> str:
    """Announce a course."""
    with acting(actor, "courses.add", once=once, at=at) as deed:
        require(actor, "add", Course)
        made = Course(course_id=new_key("CRS"), **_whole(actor, values))
        if not actor.is_a(Role.OFFICER) and made.provider_id not in actor.organisations(
            Role.RESEARCHER
        ):
            raise Refused(
                _("You announce courses of your own organisation."),
                _("Choose one of your organisations."),
                field="provider_id",
            )
        deed.create(made)
        return str(made.pk)


def change(
    actor: Actor,
    course_id: str,
    values: Mapping[str, Any],
    *,
    version: int | None = None,
    reason: str = "",
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Change a course; it keeps places for all who have one."""
    with acting(actor, "courses.change", reason=reason, once=once, at=at) as deed:
        course = held(actor, Course, course_id, version)
        require(actor, "change", course)
        told = _whole(actor, values, kept=course.commitment_id)
        if not actor.is_a(Role.OFFICER):
            told["provider_id"] = course.provider_id
        taken = Enrolment._default_manager.filter(course=course).count()
        if told.get("seats") is not None and told["seats"] < taken:
            raise Refused(
                _("%s people have a place already.") % digits(str(taken), language()),
                _("Leave places for them."),
                field="seats",
            )
        deed.change(course, **told)
        return str(course.pk)


def enrol(
    actor: Actor,
    course_id: str,
    *,
    person: str,
    organisation_id: str = "",
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Give a person a place.

    Raises
    ------
    Refused
        The course is full or has ended, or the person has a place already.
    """
    with acting(actor, "courses.enrol", once=once, at=at) as deed:
        course = held(actor, Course, course_id)
        require(actor, "enrol", course)
        require_free(course, deed.today)
        name = " ".join(person.split())
        if not name:
            raise Refused(_("Nobody is named."), _("Write the person's name."), field="person")
        if Enrolment._default_manager.filter(course=course, person=name).exists():
            raise Refused(
                _("%s has a place already.") % name,
                _("If it is another person, write what tells them apart."),
                field="person",
            )
        deed.create(
            Enrolment(
                course=course,
                person=name,
                organisation_id=_sender(actor, organisation_id),
                enrolled_on=deed.today,
            )
        )
        deed.key = str(course.pk)
        tell_members(
            [course.provider_id],
            RESEARCHERS,
            kind="course.enrolled",
            table="courses",
            key=course.pk,
            on=deed.today,
            person=name,
            course=course.title,
        )
        return str(course.pk)


def require_free(course: Any, today: date) -> None:
    """Go on only while a course has free places and is not over."""
    last = course.until or course.starts
    if last is not None and last < today:
        raise Refused(_("This course is over."), _("Look for a later one."))
    if free_places(course) == 0:
        raise Refused(
            _("The course is full: all %s places are taken.")
            % digits(str(course.seats), language()),
            _("Look for a later one, or ask who gives it for more places."),
        )


def _sender(actor: Actor, named_one: str) -> str:
    own = actor.organisations(*Role)
    if not named_one and len(own) == 1:
        return next(iter(own))
    if named_one in own:
        return named_one
    raise Refused(
        _("It is not clear which organisation sends this person."),
        _("Choose one of your organisations."),
        field="organisation_id",
    )


def leave(
    actor: Actor,
    enrolment: int,
    *,
    reason: str = "",
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Give a place back."""
    with acting(actor, "courses.leave", reason=reason, once=once, at=at) as deed:
        row = held(actor, Enrolment, enrolment, version)
        require(actor, "withdraw", row)
        if row.attended is not None:
            raise Refused(_("It is recorded already whether this person came."))
        course = str(row.course_id)
        deed.remove(row)
        deed.key = course
        return course


def attend(
    actor: Actor,
    course_id: str,
    *,
    came: Collection[int] = (),
    passed: Collection[int] = (),
    attended: int | None = None,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Record who came and who passed; of a course without names, how many came.

    Parameters
    ----------
    came, passed
        Numbers of enrolments; who passed came.
    attended
        How many came, where no names are kept.

    Raises
    ------
    Refused
        The course has not begun, more came than there are places, or somebody passed who did not
        come.
    """
    with acting(actor, "courses.attend", once=once, at=at) as deed:
        course = held(actor, Course, course_id, version)
        require(actor, "attend", course)
        if course.starts is None or course.starts > deed.today:
            raise Refused(_("The course has not begun."), _("Record who came once it was held."))
        rows = list(Enrolment._default_manager.filter(course=course).select_for_update())
        if rows:
            attended = _named(deed, rows, set(came), set(passed))
        elif attended is None or attended < 0:
            raise Refused(
                _("It is not told how many came."), _("Write a number."), field="attended"
            )
        if course.seats is not None and attended > course.seats:
            raise Refused(
                _("More came than the course has places: %s.")
                % digits(str(course.seats), language()),
                _("Change its places first, if there were more."),
                field="attended",
            )
        deed.key = str(course.pk)
        deed.change(course, attended=attended)
        return str(course.pk)


def _named(deed: Any, rows: list[Any], came: set[int], passed: set[int]) -> int:
    if absent := [row.person for row in rows if row.pk in passed - came]:
        raise Refused(
            _("Somebody passed without having come: %s.") % ", ".join(absent),
            _("Tick that they came, or do not tick that they passed."),
            field="passed",
        )
    for row in rows:
        told = {"attended": row.pk in came, "passed": row.pk in passed}
        if (row.attended, row.passed) != (told["attended"], told["passed"]):
            deed.change(row, **told)
    return len(came & {row.pk for row in rows})


def _whole(actor: Actor, values: Mapping[str, Any], kept: str | None = None) -> dict[str, Any]:
    told = dict(values)
    begins: date | None = told.get("starts")
    ends: date | None = told.get("until")
    if begins and ends and ends < begins:
        raise Refused(_("It ends before it begins."), _("Write the last day again."), field="until")
    if told.get("seats") is not None and told["seats"] < 1:
        raise Refused(
            _("A course has a place at least."),
            _("Write 1 or more, or leave it empty if there is no limit."),
            field="seats",
        )
    key = told.get("commitment_id")
    if key and key != kept and not visible(actor, Commitment).filter(pk=key).exists():
        raise Refused(
            _("There is no such commitment that you may read."),
            _("Choose one, or none."),
            field="commitment_id",
        )
    return told
