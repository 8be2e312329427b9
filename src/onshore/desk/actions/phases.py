"""Phases: which province opens when, for which sector, and what argues for it."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused, acting, held
from onshore.desk.actor import Actor
from onshore.desk.models import RECORDS, Phase
from onshore.desk.policies import require
from onshore.figures import Period


def quotients(period: str) -> dict[tuple[str, str], Decimal]:
    """Give the location quotients of sectors in provinces, by place and sector.

    From the observations of employment (indicator ``employment``, product the sector) of a
    period: a sector's share of a province's employment over its share at home (Isard, Methods
    of Regional Analysis, 1960). Empty where nothing was observed.
    """
    import polars as pl

    from onshore.economy import location_quotients

    rows = RECORDS["observations"]._default_manager.filter(
        indicator="employment", period=period, partner=""
    )
    newest: dict[tuple[str, str], tuple[date, Decimal]] = {}
    told = rows.exclude(place="").exclude(product="")
    for place, sector, vintage, value in told.values_list("place", "product", "vintage", "value"):
        seen = vintage or date.min
        if value is not None and seen >= newest.get((place, sector), (date.min, value))[0]:
            newest[place, sector] = (seen, value)
    if not newest:
        return {}
    activity = pl.DataFrame(
        [(place, sector, float(value)) for (place, sector), (_, value) in newest.items()],
        schema={"place": pl.String, "sector": pl.String, "value": pl.Float64},
        orient="row",
    )
    found = location_quotients(activity)
    return {
        (row["place"], row["sector"]): round(Decimal(str(row["location_quotient"])), 6)
        for row in found.iter_rows(named=True)
        if row["location_quotient"] is not None
    }


def periods_observed() -> list[str]:
    """Give the periods that employment was observed in, the newest first."""
    rows = RECORDS["observations"]._default_manager.filter(indicator="employment")
    texts = rows.exclude(place="").values_list("period", flat=True).distinct()
    return [str(period) for period in sorted(map(Period.parse, texts), reverse=True)]


def add(
    actor: Actor, values: Mapping[str, Any], *, once: str = "", at: datetime | None = None
) -> str:
    """Open a province in a phase; ``values`` by the fields of the model."""
    with acting(actor, "phases.add", once=once, at=at) as deed:
        require(actor, "add", Phase)
        _fits(values, None)
        return str(deed.create(Phase(**{"decided_on": deed.today, **values})).pk)


def change(
    actor: Actor,
    phase_id: int | str,
    values: Mapping[str, Any],
    *,
    version: int | None = None,
    reason: str = "",
    once: str = "",
    at: datetime | None = None,
) -> str:
    """Change the days, the sector or the argument of a province's phase."""
    with acting(actor, "phases.change", reason=reason, once=once, at=at) as deed:
        phase = held(actor, Phase, phase_id, version)
        require(actor, "change", phase)
        _fits(values, phase)
        deed.change(phase, **values)
        return str(phase.pk)


def _fits(values: Mapping[str, Any], own: Any) -> None:
    """Refuse days that cross those of another phase of the same province and sector."""
    number, place = values["phase"], values["place"]
    if number is None or number < 1:
        raise Refused(_("Phases are numbered from 1."), _("Write 1, 2 or more."), field="phase")
    starts, until = values.get("starts"), values.get("until")
    if starts and until and until < starts:
        raise Refused(
            _("The phase ends before it begins."), _("Choose a later last day."), field="until"
        )
    if values.get("quotient") is not None and not values.get("source"):
        raise Refused(
            _("The location quotient has no source."),
            _("Write whose employment figures it is taken from."),
            field="source",
        )
    others = Phase._default_manager.filter(place=place)
    others = others if own is None else others.exclude(pk=own.pk)
    if others.filter(phase=number).exists():
        raise Refused(
            _("The province is in this phase already."),
            _("Change the line that is there, or choose another phase."),
            field="phase",
        )
    for other in others:
        sectors = {values.get("sector") or "", other.sector}
        if len(sectors) == 2 and "" not in sectors:
            continue  # each opens for a sector of its own
        if _cross((starts, until), (other.starts, other.until)):
            raise Refused(
                _("These days cross those of phase %(phase)s of the same province.")
                % {"phase": other.phase},
                _("End the one before the other begins."),
                field="until" if (starts or date.min) < (other.starts or date.min) else "starts",
            )


def _cross(one: tuple[date | None, date | None], other: tuple[date | None, date | None]) -> bool:
    first, last = (
        max(one[0] or date.min, other[0] or date.min),
        min(one[1] or date.max, other[1] or date.max),
    )
    return first <= last
