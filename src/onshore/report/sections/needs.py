"""Who here could make it: needs by their best candidate, needs without a maker, examples."""

import polars as pl

from onshore.figures import MissingRate
from onshore.match import explain
from onshore.report import charts
from onshore.report.bulletin import Chart, Column, Headline, Section, Table
from onshore.report.edition import Edition

CLASSES = ("exact", "near", "could make", "none")

# States in which no maker is sought: the need has one, or it is stopped.
_SETTLED = (
    "contracted",
    "sample",
    "qualified",
    "serial supply",
    "verified localized",
    "on hold",
    "withdrawn",
    "failed",
)
# Delivery terms whose price leaves out carriage or its insurance (Incoterms 2020).
_WITHOUT_FREIGHT = ("EXW", "FCA", "FAS", "FOB", "CFR", "CPT")

_TOP_ROWS = 25
_EXAMPLES_EACH = 3


def needs_and_makers(edition: Edition) -> Section:
    """Show how many needs found a maker, which did not, and what a match rests on."""
    say, number = edition.say, edition.number
    everything = best_candidates(edition)
    best = everything.filter("sought")
    without = best.filter(pl.col("found") == "none")
    makers = edition.table("offers")["maker_id"].n_unique()
    headlines = tuple(
        Headline(
            label=say(f"match.{kind.replace(' ', '_')}"),
            value=number(best.filter(pl.col("found") == kind).height),
            note=say(f"match.{kind.replace(' ', '_')}_note"),
        )
        for kind in CLASSES
    )
    notes = (*_unsought_notes(edition, everything), *_withheld_note(edition))
    if best.is_empty():
        return Section(
            key="needs",
            title=say("needs.title_empty" if everything.is_empty() else "needs.title_settled"),
            lead=say("needs.lead_empty") if everything.is_empty() else "",
            name=say("needs.name"),
            notes=notes,
        )
    return Section(
        key="needs",
        title=edition.count(
            "needs.title" if without.height else "needs.title_all",
            without.height,
            without=number(without.height),
            needs=number(best.height),
        ),
        lead=_lead(edition, best, without, makers),
        name=say("needs.name"),
        headlines=headlines,
        charts=(_found_chart(edition, best), _class_chart(edition, best)),
        tables=(*_without_table(edition, without), *_example_table(edition, best)),
        notes=notes,
    )


def _lead(edition: Edition, best: pl.DataFrame, without: pl.DataFrame, makers: int) -> str:
    compared = edition.say(
        "needs.lead",
        offers=edition.count("needs.offers", edition.table("offers").height),
        makers=edition.count("needs.makers", makers),
        good=edition.percent(1 - without.height / best.height),
    )
    return f"{_worth(edition, without)} {compared}".strip()


def best_candidates(edition: Edition) -> pl.DataFrame:
    """Return one row per need: its columns, with its first candidate's class as ``found``.

    ``abroad`` tells that its buyer is of another country, ``sought`` that a maker at home is
    still looked for: its buyer is at home, and it is neither served nor stopped.
    """
    first = edition.results.matches.filter(pl.col("rank") == 1).select(
        "need_id", "offer_id", "score", pl.col("class").alias("found"), "reasons"
    )
    return (
        edition.needs.join(first, on="need_id", how="left", maintain_order="left")
        .with_columns(
            pl.col("found").fill_null("none"),
            pl.col("buyer_id").is_in(edition.buyers_abroad).fill_null(value=False).alias("abroad"),
            pl.col("state").is_in(_SETTLED).fill_null(value=False).alias("settled"),
        )
        .with_columns((~pl.col("abroad") & ~pl.col("settled")).alias("sought"))
    )


def _unsought_notes(edition: Edition, needs: pl.DataFrame) -> tuple[str, ...]:
    """Count the needs of the programme that are not among those still sought at home."""
    settled = needs.filter(pl.col("settled") & ~pl.col("abroad")).height
    exports = needs.filter("abroad")
    notes = []
    if settled:
        notes.append(edition.count("needs.settled", settled))
    if not exports.is_empty():
        served = exports.filter(pl.col("found") != "none").height
        found = edition.number(served)
        notes.append(edition.count("needs.exports", exports.height, found=found))
    return tuple(notes)


def _found_chart(edition: Edition, best: pl.DataFrame) -> Chart:
    counts = dict(best.group_by("found").len().iter_rows())
    bars = [
        charts.Bar(
            label=edition.say(f"match.{kind.replace(' ', '_')}"),
            segments=(
                charts.Segment(counts.get(kind, 0), "missing" if kind == "none" else "graphite"),
            ),
            shown=edition.number(counts.get(kind, 0)),
            note=edition.percent(counts.get(kind, 0) / best.height),
        )
        for kind in CLASSES
    ]
    exact = counts.get("exact", 0)
    title = edition.count(
        "needs.found_title",
        exact,
        exact=edition.number(exact),
        needs=edition.number(best.height),
    )
    return Chart(
        title=title,
        svg=charts.bars("needs-found", bars, alt=title, rtl=edition.rtl),
        alt=title,
        foot=edition.say("needs.found_foot"),
    )


def _class_chart(edition: Edition, best: pl.DataFrame) -> Chart:
    """Show what is missing by class of item: where no maker was found, beside the whole."""
    say = edition.say
    by_class = (
        best.group_by("class")
        .agg(pl.len().alias("needs"), (pl.col("found") == "none").sum().alias("without"))
        .sort("without", "needs", "class", descending=[True, True, False], nulls_last=True)
    )
    bars = [
        charts.Bar(
            label=edition.name("item class", item_class) if item_class else say("plan.no_class"),
            segments=(
                charts.Segment(without, "missing"),
                charts.Segment(needs - without, "graphite"),
            ),
            shown=say("needs.of", part=edition.number(without), whole=edition.number(needs)),
        )
        for item_class, needs, without in by_class.iter_rows()
    ]
    top, needs, without = by_class.row(0)
    title = say(
        "needs.class_title",
        item_class=edition.name("item class", top) if top else say("plan.no_class"),
        without=edition.number(without),
        needs=edition.number(needs),
    )
    return Chart(
        title=title,
        svg=charts.bars("needs-class", bars, alt=title, rtl=edition.rtl),
        alt=title,
        foot=say("needs.class_foot"),
    )


def _with_value(edition: Edition, needs: pl.DataFrame) -> pl.DataFrame:
    """Add ``yearly_value``, quantity times CIF price, in the programme's currency.

    The price is brought to CIF as the plan does it: freight and insurance are added where the
    delivery term leaves them out; without a term, or with the duty in it (DDP), there is no
    value. At the programme's type of rate on its price date; null where a fact or the rate is
    missing.
    """
    settings = edition.settings
    factors: dict[str, float] = {}
    for currency in needs["currency"].drop_nulls().unique().sort():
        try:
            rate = edition.results.rates.find(
                currency, settings.currency, on=settings.price_date, rate_type=settings.rate_type
            )
        except MissingRate:
            continue
        factors[currency] = float(rate.rate)
    return needs.with_columns(
        (
            pl.col("yearly_quantity").cast(pl.Float64)
            * _cif_price()
            * pl.col("currency").replace_strict(factors, default=None, return_dtype=pl.Float64)
        ).alias("yearly_value")
    )


def _cif_price() -> pl.Expr:
    term, price = pl.col("incoterm"), pl.col("import_price").cast(pl.Float64)
    return (
        pl.when(term.is_in(_WITHOUT_FREIGHT))
        .then(price + pl.col("freight_insurance").cast(pl.Float64))
        .when(term.is_not_null() & (term != "DDP"))
        .then(price)
    )


def _worth(edition: Edition, without: pl.DataFrame) -> str:
    """Say what the needs without a maker are worth, and how many of them have no value."""
    values = _with_value(edition, without)["yearly_value"]
    parts = []
    if values.sum():
        parts.append(edition.say("needs.worth", amount=edition.amount(values.sum())))
        if values.null_count():
            parts.append(edition.count("needs.unpriced", values.null_count()))
    return " ".join(parts)


def _without_table(edition: Edition, without: pl.DataFrame) -> tuple[Table, ...]:
    shown = without.filter(~pl.col("withheld"))
    if shown.is_empty():
        return ()
    say = edition.say
    shown = _with_value(edition, shown).sort(
        "yearly_value", "need_id", descending=[True, False], nulls_last=True
    )
    unit = edition.unit(shown["yearly_value"])
    frame = shown.select(
        "need_id",
        "description",
        pl.Series("buyer", [edition.organisation(key) for key in shown["buyer_id"]], pl.String),
        pl.Series(
            "sector",
            [edition.name("sector", sector) if sector else "" for sector in shown["sector"]],
            dtype=pl.String,
        ),
        "yearly_quantity",
        pl.Series("unit", [edition.measure(unit) for unit in shown["unit"]], pl.String),
        "import_price",
        pl.Series("currency", edition.currencies(shown["currency"]), pl.String),
        "incoterm",
        unit.of("yearly_value"),
        pl.Series(
            "origin",
            [edition.country(code) if code else "" for code in shown["origin"]],
            dtype=pl.String,
        ),
    )
    return (
        Table(
            title=say("needs.without_table"),
            columns=(
                Column("need_id", say("column.need"), "code"),
                Column("description", say("column.description")),
                Column("buyer", say("column.buyer")),
                Column("sector", say("column.sector")),
                Column("yearly_quantity", say("column.quantity"), "number", decimals=None),
                Column("unit", say("column.unit")),
                Column("import_price", say("column.import_price"), "money", decimals=2),
                Column("currency", say("column.currency"), edition.currency_kind()),
                Column("incoterm", say("column.incoterm"), "code"),
                Column(
                    "yearly_value", say("column.import_value"), "money", unit.name, unit.decimals
                ),
                Column("origin", say("column.origin")),
            ),
            frame=frame,
            note=say(
                "needs.without_note",
                rate_type=edition.name("rate type", edition.settings.rate_type),
                day=edition.day(edition.settings.price_date),
            ),
            shown=_TOP_ROWS,
        ),
    )


def _example_table(edition: Edition, best: pl.DataFrame) -> tuple[Table, ...]:
    """Show the strongest candidates of each class, with their reasons."""
    offers = edition.table("offers").select(
        "offer_id", pl.col("description").alias("offer"), "maker_id"
    )
    examples = (
        best.filter((pl.col("found") != "none") & ~pl.col("withheld"))
        .sort("score", "need_id", descending=[True, False])
        .group_by("found", maintain_order=True)
        .head(_EXAMPLES_EACH)
        .join(offers, on="offer_id", how="left", maintain_order="left")
        .sort(pl.col("found").cast(pl.Enum(CLASSES)), maintain_order=True)
    )
    if examples.is_empty():
        return ()
    say = edition.say
    frame = examples.select(
        "need_id",
        "description",
        "offer",
        pl.Series("maker", [edition.organisation(key) for key in examples["maker_id"]], pl.String),
        pl.Series(
            "found",
            [say(f"match.{kind.replace(' ', '_')}") for kind in examples["found"]],
            dtype=pl.String,
        ),
        "score",
        pl.Series(
            "reasons",
            [
                edition.joined(explain(text, edition.locale)) if text else ""
                for text in examples["reasons"]
            ],
            dtype=pl.String,
        ),
    )
    return (
        Table(
            title=say("needs.example_table"),
            columns=(
                Column("need_id", say("column.need"), "code"),
                Column("description", say("column.needed")),
                Column("offer", say("column.offered")),
                Column("maker", say("column.maker")),
                Column("found", say("column.match"), "class"),
                Column("score", say("column.met"), "share"),
                Column("reasons", say("column.reasons")),
            ),
            frame=frame,
            note=say("needs.example_note"),
        ),
    )


def _withheld_note(edition: Edition) -> tuple[str, ...]:
    withheld = int(edition.needs["withheld"].sum())
    if not withheld:
        return ()
    return (edition.count("needs.withheld_note", withheld),)
