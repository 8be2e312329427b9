"""Packages: needs put out together, who is interested, who is chosen, and why others are not."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Deed, Refused, acting, held, said
from onshore.desk.actions.new_keys import new_key
from onshore.desk.actions.offers import own_maker
from onshore.desk.actions.telling import tell_members
from onshore.desk.actor import Actor
from onshore.desk.models import Candidate, Interest, Need, Package, PackageNeed, Role
from onshore.desk.notices.alerts import people_of, tell
from onshore.desk.pages.names import named
from onshore.desk.policies import require, visible

IN_PACKAGES = ("published", "scouting", "no-match", "matched")
"""States of a need that may be put into a package."""
_FROM = {"short list": "submitted", "award": "short-listed"}
_TO = {"short list": ("short-listed", "not chosen"), "award": ("chosen", "not chosen")}


def needs_of(package: Package) -> list[str]:
    """Give the keys of a package's needs, in its order."""
    return [key.strip() for key in package.need_ids.split(";") if key.strip()]


def add(
    actor: Actor, values: Mapping[str, Any], *, once: str = "", at: datetime | None = None
) -> Package:
    """Make a package; makers see it once it is published.

    Parameters
    ----------
    values
        ``title``, ``desk_id``, ``need_ids`` (keys joined by ``;``), ``closes``, ``access``.
    """
    require(actor, "add", Package)
    with acting(actor, "packages.add", once=once, at=at) as deed:
        _fits(actor, values)
        return _with_lines(deed.create(Package(pk=new_key("P"), **values)))


def change(
    actor: Actor,
    package_id: str,
    values: Mapping[str, Any],
    *,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> Package:
    """Change a package that is not published; of a published one only a later closing day."""
    with acting(actor, "packages.change", once=once, at=at) as deed:
        package = held(actor, Package, package_id, version)
        require(actor, "change", package)
        if package.published is not None:
            return _prolong(deed, package, values.get("closes"))
        _fits(actor, values)
        return _with_lines(deed.change(package, **values))


def publish(
    actor: Actor,
    package_id: str,
    *,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> Package:
    """Put a package out for expressions of interest until its closing day.

    Raises
    ------
    Refused
        It is out already, has no need that is still open, or its closing day is not ahead.
    """
    with acting(actor, "packages.publish", once=once, at=at) as deed:
        package = held(actor, Package, package_id, version)
        require(actor, "publish", package)
        if package.published is not None:
            raise Refused(_("This package is published already."))
        if package.closes is None or package.closes <= deed.today:
            raise Refused(
                _("The closing day has to lie ahead, so that makers have time."),
                _("Change the package and set a later day."),
                field="closes",
            )
        _fits(actor, {"need_ids": package.need_ids})
        deed.change(package, published=deed.today)
        _call(deed, package)
        return package


def express(
    actor: Actor,
    package_id: str,
    statement: str,
    *,
    maker_id: str = "",
    once: str = "",
    at: datetime | None = None,
) -> Interest:
    """Express interest in a package, for the actor's own organisation; once, until it closes.

    Raises
    ------
    Refused
        The package is closed, nothing is said, or interest was expressed before.
    """
    require(actor, "express", Package)
    with acting(actor, "packages.express", once=once, at=at) as deed:
        package = held(actor, Package, package_id)
        maker = own_maker(actor, maker_id or None)
        if not is_open(package, deed.today):
            raise Refused(
                _("This package takes no more expressions of interest."),
                _("Look at the packages that are open."),
            )
        if not statement.strip():
            raise Refused(
                _("Say what you can do for these needs."),
                _("Name similar parts you made, machines, certificates, and for whom."),
                field="statement",
            )
        there = Interest.objects.filter(package=package, maker_id=maker).first()
        told = {"submitted": deed.today, "statement": statement.strip(), "state": "submitted"}
        if there is None:
            made = deed.create(Interest(package=package, maker_id=maker, **told))
        elif there.state in ("submitted", "withdrawn"):
            made = deed.change(there, reason="", decided_on=None, **told)
        else:
            raise Refused(_("Your expression of interest is decided; it cannot be changed."))
        facts = {"maker": made.maker.name, "package": package.title}
        officers = people_of("", Role.OFFICER, on=deed.today)
        tell(officers, "interest.submitted", "packages", package.pk, facts)
        return made


def withdraw(
    actor: Actor,
    interest_id: int,
    *,
    reason: str = "",
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> Interest:
    """Withdraw an expression of interest that is not decided yet."""
    with acting(actor, "packages.withdraw", reason=reason, once=once, at=at) as deed:
        interest = held(actor, Interest, interest_id, version)
        require(actor, "withdraw", interest)
        if interest.state not in ("submitted", "short-listed"):
            raise Refused(_("This expression of interest is decided or withdrawn already."))
        return deed.change(interest, state="withdrawn", reason=reason.strip())


def decide(
    actor: Actor,
    package_id: str,
    stage: str,
    decisions: Mapping[int, tuple[str, str]],
    *,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> Package:
    """Make the short list or the award: everybody is decided at once, and told why.

    Parameters
    ----------
    stage
        ``short list`` decides on those who expressed interest, ``award`` on the short list.
    decisions
        For each expression of interest that waits, its decision (``short-listed`` or
        ``chosen``, else ``not chosen``) and the reason that its maker is told.

    Raises
    ------
    Refused
        The package is still open, somebody is left out, or somebody is not told why.
    """
    with acting(actor, f"packages.{stage.replace(' ', '_')}", once=once, at=at) as deed:
        package = held(actor, Package, package_id, version)
        require(actor, "award" if stage == "award" else "decide", package)
        if package.published is None or is_open(package, deed.today):
            raise Refused(
                _("The package is open until its closing day: nobody is decided on before."),
                _("Come back after it closes."),
            )
        waiting = Interest.objects.select_for_update().filter(package=package, state=_FROM[stage])
        rows = list(waiting.order_by("pk"))
        if not rows:
            raise Refused(_("Nobody waits for this decision."))
        for interest in rows:
            _decide_one(deed, stage, interest, decisions.get(interest.pk, ("", "")))
        deed.change(package)
        deed.key = package.pk
        return package


def _call(deed: Deed, package: Package) -> None:
    """Tell the makers whose products were matched to a need of the package."""
    matched = Candidate.objects.filter(need_id__in=needs_of(package)).exclude(category="none")
    makers = matched.exclude(decision="rejected").values_list("offer__maker_id", flat=True)
    tell_members(
        makers.distinct(),
        [Role.MAKER],
        kind="package.published",
        table="packages",
        key=package.pk,
        on=deed.today,
        package=package.title,
    )


def _decide_one(deed: Deed, stage: str, interest: Interest, told: tuple[str, str]) -> None:
    decision, reason = told[0], told[1].strip()
    if decision not in _TO[stage]:
        raise Refused(
            _("There is no decision on %s.") % named(interest.maker),
            _("Decide on everybody at once, so that nobody is left waiting."),
            field=f"decision_{interest.pk}",
        )
    if not reason:
        raise Refused(
            _("%s is not told why.") % named(interest.maker),
            _("Say in a sentence what decided it; the maker reads it."),
            field=f"reason_{interest.pk}",
        )
    deed.change(interest, state=decision, reason=said(reason), decided_on=deed.today)
    tell_members(
        [interest.maker_id],
        [Role.MAKER],
        kind="interest.decided",
        table="packages",
        key=interest.package_id,
        on=deed.today,
        package=interest.package.title,
        decision=decision,
        reason=reason,
    )


def is_open(package: Package, today: date) -> bool:
    """Whether makers may still express interest on a day."""
    return package.published is not None and (package.closes is None or today <= package.closes)


def _with_lines(package: Package) -> Package:
    """Keep the package's needs to be asked from either side."""
    keys = needs_of(package)
    PackageNeed.objects.filter(package=package).exclude(need_id__in=keys).delete()
    lines = [PackageNeed(package=package, need_id=key) for key in dict.fromkeys(keys)]
    PackageNeed.objects.bulk_create(lines, ignore_conflicts=True)
    return package


def _fits(actor: Actor, values: Mapping[str, Any]) -> None:
    if "title" in values and not str(values["title"] or "").strip():
        raise Refused(_("A package needs a title."), field="title")
    keys = [key.strip() for key in str(values.get("need_ids") or "").split(";") if key.strip()]
    if not keys:
        raise Refused(
            _("A package holds at least one need."), _("Choose its needs."), field="need_ids"
        )
    states = dict(visible(actor, Need).filter(pk__in=keys).values_list("pk", "state"))
    unknown = [key for key in keys if key not in states]
    if unknown:
        raise Refused(
            _("These needs are not there: %s.") % ", ".join(unknown[:10]),
            _("Look at their numbers."),
            field="need_ids",
        )
    closed = [key for key in keys if states[key] not in IN_PACKAGES]
    if closed:
        raise Refused(
            _("These needs no longer look for a maker: %s.") % ", ".join(closed[:10]),
            _("Leave them out."),
            field="need_ids",
        )


def _prolong(deed: Deed, package: Package, closes: date | None) -> Package:
    if closes is None or package.closes is None or closes < package.closes:
        raise Refused(
            _("Of a published package only the closing day can change, to a later one."),
            _("Set a later day; for other changes make another package."),
            field="closes",
        )
    return deed.change(package, closes=closes)
