"""Data sets that everybody may take away, each with the meaning of its columns.

What they hold is what somebody without any role sees, and sums that tell no single contract.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import polars as pl
from django.db.models import Count, F, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onshore.desk.actor import PUBLIC
from onshore.desk.auditing import audit
from onshore.desk.models import RECORDS, Agreement, AuditEntry, Commitment, Deal, Need
from onshore.desk.policies import visible
from onshore.desk.publishing import contract_data
from onshore.desk.publishing.published_figures import published_figures, tells_too_much
from onshore.desk.reckoning import counting
from onshore.desk.tables.frames import programme_settings
from onshore.records.schemas import NUMBER
from onshore.report.bounds import MORE_THAN, is_over

LICENCE: Final = "https://creativecommons.org/licenses/by/4.0/"
_KINDS: Final[dict[str, Any]] = {
    "text": pl.String(),
    "number": NUMBER,
    "whole": pl.Int64(),
    "share": pl.Float64(),
    "day": pl.Date(),
    "yes or no": pl.Boolean(),
}

KIND_LABELS: Final = {
    "text": _("text"),
    "number": _("number, with every digit"),
    "whole": _("whole number"),
    "share": _("share of one"),
    "day": _("day, year-month-day"),
    "yes or no": _("yes or no"),
}


def licence() -> str:
    """Give the address of the licence: ``ONSHORE_OPEN_DATA_LICENCE``, or CC BY 4.0."""
    return os.environ.get("ONSHORE_OPEN_DATA_LICENCE", "") or LICENCE


def licence_name() -> str:
    """Name the licence as it is known; another one than the usual by its address."""
    return "CC BY 4.0" if licence() == LICENCE else licence()


def publisher(locale: str = "en") -> str:
    """Give who publishes: the programme, by its name in a language."""
    told = programme_settings()
    return str((locale == "fa" and told.get("name_fa")) or told.get("name") or "onshore")


def changed() -> datetime:
    """Give when the desk's records changed last."""
    number, _hash = audit.head()
    last = AuditEntry._default_manager.filter(number=number).values_list("at", flat=True).first()
    return last or datetime(2000, 1, 1, tzinfo=timezone.get_current_timezone())


def state_of(rows: QuerySet) -> str:
    """Give a text that is another once a row of these comes in, changes or is taken back."""
    versioned = any(field.name == "version" for field in rows.model._meta.concrete_fields)
    told = rows.order_by().aggregate(
        rows=Count("pk"), versions=Sum("version") if versioned else Count("pk")
    )
    return f"{told['rows']}-{told['versions']}"


@dataclass(frozen=True)
class Field:
    """A column of a data set: its name, kind (``text``, ``number``, ``day`` ...) and meaning."""

    name: str
    kind: str
    meaning: Any

    @property
    def kind_label(self) -> str:
        """Its kind in the page's language."""
        return str(KIND_LABELS[self.kind])


@dataclass(frozen=True)
class DataSet:
    """Data that everybody may take away.

    Parameters
    ----------
    name
        Its name in addresses; it stays.
    title, about
        What it is called and what it holds, in the page's language.
    fields
        Its columns.
    rows
        Gives the rows, each a sequence in the order of the fields.
    of
        Records that everybody reads and that the rows are of, if any.
    """

    name: str
    title: Any
    about: Any
    fields: tuple[Field, ...]
    rows: Callable[[], Iterable[tuple[Any, ...]]]
    of: Any = None

    @property
    def state(self) -> str:
        """A text that is another once a record comes in, changes or is taken back."""
        return "" if self.of is None else state_of(visible(PUBLIC, self.of))

    def frame(self) -> pl.DataFrame:
        """Give the rows as a typed frame; empty texts are null."""
        schema = {field.name: _KINDS[field.kind] for field in self.fields}
        frame = pl.DataFrame(list(self.rows()), schema=schema, orient="row")
        texts = [field.name for field in self.fields if field.kind == "text"]
        return frame.with_columns(pl.col(texts).replace("", None))


# Needs ----------------------------------------------------------------------------------------

_NEEDS: Final = (
    Field("need_id", "text", _("Key of the need, which stays.")),
    Field("description", "text", _("What is needed, in the buyer's own words.")),
    Field("part_number", "text", _("Part number.")),
    Field("brand", "text", _("Whose part number it is.")),
    Field("hs_code", "text", _("Harmonized System 2022, six digits.")),
    Field("class", "text", _("Raw material, consumable, mechanical, electrical or technology.")),
    Field("sector", "text", _("Sector of the use.")),
    Field("yearly_quantity", "number", _("What is needed in a year, in the unit of the row.")),
    Field("past_quantity", "number", _("What was bought in the year before, in the same unit.")),
    Field("unit", "text", _("Unit, a code of UN/ECE Recommendation 20.")),
    Field("payment_terms", "text", _("Terms of payment that the buyer offers.")),
    Field("required_year", "whole", _("First year of the need, in the programme's calendar.")),
    Field("route", "text", _("How it is to be had: make, buy or develop.")),
    Field("state", "text", _("Where the need stands in its life.")),
    Field("state_since", "day", _("Day it came to this state.")),
    Field("illustrative", "yes or no", _("Whether the row is invented for illustration.")),
)


def _needs() -> Iterable[tuple[Any, ...]]:
    fields = ["category" if field.name == "class" else field.name for field in _NEEDS]
    fields[0] = "pk"
    return visible(PUBLIC, Need).order_by("pk").values_list(*fields)


# Sums of contracts and savings ----------------------------------------------------------------

_FIGURES: Final = (
    Field("part", "text", _("What the sum is told by: all, sector, desk, province or year.")),
    Field("group", "text", _("Which sector, desk, province or year; “others” are small ones.")),
    Field("step", "text", _("Basis of the figure: contracted, delivered, accepted, verified.")),
    Field("measure", "text", _("Worth of contracts, or foreign currency saved.")),
    Field("amount", "number", _("The sum, in the currency of the row.")),
    Field("currency", "text", _("Currency, ISO 4217.")),
    Field("rate_type", "text", _("Type of the exchange rates that amounts were converted at.")),
    Field("calendar", "text", _("Calendar of the years.")),
    Field("contracts", "whole", _("Contracts behind the sum: at least three.")),
)


def _figures() -> Iterable[tuple[Any, ...]]:
    found = published_figures()
    terms = found.terms
    for one in found.figures:
        step, measure = one.step, "worth of contracts"
        if step == "saved":
            step, measure = "verified", "currency saved"
        of = (terms.currency, terms.rate_type, terms.calendar, one.contracts)
        yield one.part, one.group, step, measure, one.worth, *of


# Agreements -----------------------------------------------------------------------------------

_AGREEMENTS: Final = (
    Field("agreement_id", "text", _("Key of the agreement, which stays.")),
    Field("title", "text", _("Title of the agreement in English.")),
    Field("title_fa", "text", _("Title of the agreement in Persian.")),
    Field("signed", "day", _("Day it was signed.")),
    Field("until", "day", _("Day it ends.")),
    Field("commitment_id", "text", _("Key of the commitment; empty where nothing is told.")),
    Field("text", "text", _("What was promised, in English.")),
    Field("text_fa", "text", _("What was promised, in Persian.")),
    Field("measure", "text", _("How it is measured.")),
    Field("target", "number", _("Aim of the measure, in the unit of the row.")),
    Field("unit", "text", _("Unit of the aim.")),
    Field("place", "text", _("Province, ISO 3166-2.")),
    Field("phase", "whole", _("Phase of the programme.")),
    Field("due", "day", _("Day it is due.")),
    Field("counted", "number", _("How far it is, counted from the programme's records.")),
    Field("stated", "share", _("How far it is by what the party states, as a share.")),
    Field("source", "text", _("Where the agreement was reported.")),
)


def _agreements() -> Iterable[tuple[Any, ...]]:
    counts = counting.Counts(timezone.localdate())
    promises: dict[str, list[Any]] = {}
    rows = visible(PUBLIC, Commitment).select_related("agreement")
    for row in rows.order_by("phase", "due", "pk"):
        promises.setdefault(row.agreement_id, []).append(row)
    for one in visible(PUBLIC, Agreement).order_by("pk"):
        own = (one.pk, one.title, one.title_fa, one.signed, one.until)
        for row in promises.get(one.pk, [None]):
            told = (None,) * 11 if row is None else _promise(row, counts)
            yield *own, *told, one.source


def _promise(row: Any, counts: counting.Counts) -> tuple[Any, ...]:
    counted = counts.of(row)
    hidden = tells_too_much(row, counted)
    return (
        *(row.pk, row.text, row.text_fa, row.measure, row.target, row.unit, row.place, row.phase),
        *(row.due, None if hidden else counted.value, row.progress),
    )


# Series ---------------------------------------------------------------------------------------

_SERIES: Final = (
    Field("observation_id", "text", _("Key of the observation, which stays.")),
    Field("indicator", "text", _("What is measured.")),
    Field("product", "text", _("Product.")),
    Field("part_of", "text", _("Wider product that this product is a part of.")),
    Field("place", "text", _("Place; empty for the home country.")),
    Field("partner", "text", _("Partner country, ISO 3166-1.")),
    Field("period", "text", _("Period, by its own name: 1398-Q1, 2019.")),
    Field("value", "number", _("Value, in the unit of the row.")),
    Field("bound", "text", _("MORE_THAN where the source gives the value as the least it may be.")),
    Field("unit", "text", _("Unit of the value.")),
    Field("status", "text", _("Reported, provisional, revised or final.")),
    Field("vintage", "day", _("Day the value was published.")),
    Field("statement", "text", _("What was stated, in English.")),
    Field("statement_fa", "text", _("What was stated, in Persian.")),
    Field("source", "text", _("Who published the value.")),
)


def _series() -> Iterable[tuple[Any, ...]]:
    names = ["pk" if field.name == "observation_id" else field.name for field in _SERIES]
    at = names.index("bound")
    names.remove("bound")
    rows = visible(PUBLIC, RECORDS["observations"]).order_by("pk").values(*names)
    for row in rows:
        told = list(row.values())
        yield (*told[:at], MORE_THAN if is_over(row) else None, *told[at:])


# Contracts ------------------------------------------------------------------------------------

_CONTRACTS: Final = (
    Field("ocid", "text", _("Open contracting id, as in the OCDS releases.")),
    Field("contract_id", "text", _("Key of the contract, which stays.")),
    Field("need_id", "text", _("Key of the need that it answers.")),
    Field("description", "text", _("What is bought.")),
    Field("buyer", "text", _("Buyer.")),
    Field("maker", "text", _("Maker.")),
    Field("quantity", "number", _("Quantity agreed, in the unit of the row.")),
    Field("unit", "text", _("Unit, a code of UN/ECE Recommendation 20.")),
    Field("value", "number", _("Value agreed, in the currency of the row.")),
    Field("currency", "text", _("Currency, ISO 4217.")),
    Field("signed", "day", _("Day it was signed.")),
    Field("until", "day", _("Day it ends.")),
    Field("illustrative", "yes or no", _("Whether the row is invented for illustration.")),
)


def _contracts() -> Iterable[tuple[Any, ...]]:
    prefix = contract_data.prefix()
    rows = contract_data.published().annotate(
        what=F("need__description"), good=F("item__description")
    )
    for row in rows.select_related("buyer", "maker").order_by("pk"):
        yield (
            *(f"{prefix}-{row.pk}", row.pk, row.need_id, row.what or row.good or ""),
            *(row.buyer.name, row.maker.name, row.quantity, row.unit, row.value, row.currency),
            *(row.signed, row.until, row.illustrative),
        )


DATA_SETS: Final = {
    one.name: one
    for one in (
        DataSet(
            "needs",
            _("Published needs"),
            _("What industry needs and would rather buy at home, with where each need stands."),
            _NEEDS,
            _needs,
            Need,
        ),
        DataSet(
            "figures",
            _("Contracts and verified savings, in sums"),
            _(
                "What is contracted, delivered, accepted and verified, and the currency saved. "
                "Groups with fewer than three contracts are told together."
            ),
            _FIGURES,
            _figures,
        ),
        DataSet(
            "agreements",
            _("Agreements and how far each promise is"),
            _("What was promised, its measure and aim, and what the records count."),
            _AGREEMENTS,
            _agreements,
            Agreement,
        ),
        DataSet(
            "series",
            _("Observed series"),
            _("Production, exports and other statistics as they were published, each with source."),
            _SERIES,
            _series,
            RECORDS["observations"],
        ),
        DataSet(
            "contracts",
            _("Published contracts"),
            _("Contracts that were put out as open data; their releases are OCDS 1.1."),
            _CONTRACTS,
            _contracts,
            Deal,
        ),
    )
}
"""The data sets by their names in addresses."""
