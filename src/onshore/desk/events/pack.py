"""What a desk takes to an event: who it is, and the needs it seeks makers for."""

from datetime import date
from typing import Any

import polars as pl
from django.db.models import F
from django.utils.translation import gettext as _

from onshore.desk.actor import PUBLIC
from onshore.desk.models import Need, Package
from onshore.desk.pages.names import named
from onshore.desk.pages.showing import choice_label
from onshore.desk.pages.wording import language
from onshore.desk.policies import visible
from onshore.figures import Basis, Money, Period, shown
from onshore.report import Bulletin, Column, Headline, Section, Table

SEEKING = ("published", "scouting", "no-match", "matched")
"""States of needs that makers are sought for."""
MOST = 400


def event_pack(desk: Any, event: Any, today: date) -> Bulletin:
    """Compose the pack of a desk, in the page's language.

    It is handed out: it holds only what the public may see, and no price. Needs and packages are
    those of the desk's sector, and open.
    """
    locale = language()
    needs = visible(PUBLIC, Need).filter(sector=desk.sector, state__in=SEEKING)
    needs = needs.order_by(F("required_year").asc(nulls_last=True), "pk")[:MOST]
    packages = visible(PUBLIC, Package).filter(desk=desk, closes__gte=today).order_by("closes")
    calendar = "solar_hijri" if locale == "fa" else "gregorian"
    imprint = [(_("Day"), shown.day(today, locale, calendar))]
    if event is not None:
        imprint.insert(0, (_("Event"), event.title))
    if desk.agency is not None:
        imprint.append((_("Agency"), named(desk.agency)))
    rows = list(needs)
    notices = (_("Some needs are illustrative."),) if any(n.illustrative for n in rows) else ()
    return Bulletin(
        locale=locale,
        title=named(desk),
        subtitle=_("What we seek makers for"),
        imprint=tuple(imprint),
        notices=notices,
        sections=(_sought(desk, rows), *_called(list(packages))),
        sources=(desk.source,) if desk.source else (),
    )


def _sought(desk: Any, needs: list[Any]) -> Section:
    from onshore.desk.templatetags.work import unit_label

    count = shown.number(len(needs), language())
    frame = pl.DataFrame(
        [
            (
                *(need.pk, need.description, need.part_number or None),
                choice_label(need.category) if need.category else None,
                *(need.yearly_quantity, unit_label(need.unit), need.payment_terms or None),
            )
            for need in needs
        ],
        schema={
            **dict.fromkeys(("key", "need", "part", "class"), pl.String),
            "quantity": pl.Decimal(38, 6),
            **dict.fromkeys(("unit", "terms"), pl.String),
        },
        orient="row",
    )
    columns = (
        Column("key", _("Key"), "code"),
        Column("need", _("Need")),
        Column("part", _("Part number"), "code"),
        Column("class", _("Class")),
        Column("quantity", _("Quantity a year"), "number", decimals=None),
        Column("unit", _("Unit")),
        Column("terms", _("Payment terms")),
    )
    told = tuple(column for column in columns if frame[column.key].null_count() < frame.height)
    tables = (Table(_("Needs without a maker"), told, frame),) if needs else ()
    return Section(
        key="needs",
        name=_("Needs"),
        title=_("%s needs wait for a maker") % count if needs else _("No need waits for a maker"),
        lead=_("Ask at the desk for the specification of what you could make; name the key."),
        headlines=_target(desk),
        tables=tables,
    )


def _target(desk: Any) -> tuple[Headline, ...]:
    if desk.target_amount is None or not desk.target_currency:
        return ()
    period = Period.parse(desk.target_period).label(language()) if desk.target_period else ""
    amount = shown.money(Money(desk.target_amount, desk.target_currency), language())
    return (Headline(_("To be localized"), amount, Basis.TARGET, note=period),)


def _called(packages: list[Any]) -> tuple[Section, ...]:
    if not packages:
        return ()
    frame = pl.DataFrame(
        [(each.pk, each.title, each.closes) for each in packages],
        schema={"key": pl.String, "title": pl.String, "closes": pl.Date},
        orient="row",
    )
    columns = (
        Column("key", _("Key"), "code"),
        Column("title", _("Package")),
        Column("closes", _("Closes"), "date"),
    )
    return (
        Section(
            key="packages",
            name=_("Packages"),
            title=_("Packages that are open for expressions of interest"),
            lead=_("Say before the closing day that you are interested; nothing is bound by it."),
            tables=(Table(_("Open packages"), columns, frame),),
        ),
    )
