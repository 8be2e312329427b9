"""The page of economic complexity: where countries and products stand, and what is near."""

from typing import Any

import polars as pl

from onshore.report.bulletin import Bulletin, Chart, Headline, Section
from onshore.report.charts import Segment
from onshore.report.finding import Finding
from onshore.report.finding_page import page_of
from onshore.report.lines import Line, lines
from onshore.report.ranked import Ranked, ranked
from onshore.report.scatter import Axis, Dot, scatter

_NAMED = 12
_BARS = 12
_COUNTRY_COLUMNS = ("country", "rank", "eci", "diversity", "coi", "fitness")


def compose_complexity(finding: Finding) -> Bulletin:
    """Write the results of ``onshore trade complexity`` as a bulletin.

    Parameters
    ----------
    finding
        Tables ``countries``, ``products`` and ``pairs``.
    """
    say = finding.say
    sections = [_standing(finding), _over_years(finding), *_of_country(finding)]
    sections.append(_products(finding))
    kept = [section for section in sections if section is not None]
    return page_of(finding, say("complexity.subtitle"), say("complexity.ask"), kept)


def _ranked_countries(finding: Finding) -> pl.DataFrame:
    countries = finding.newest("countries").drop_nulls("eci").sort("eci", descending=True)
    return countries.with_row_index("rank", offset=1).with_columns(pl.col("rank").cast(pl.Int64))


def _standing(finding: Finding) -> Section | None:
    if not finding.has("countries", "country", "eci"):
        return None
    say = finding.say
    countries = _ranked_countries(finding)
    if countries.is_empty():
        title = say("complexity.none")
        return Section(key="countries", title=title, lead="", name=say("complexity.countries"))
    own = _row_of(countries, finding.home)
    first = countries.row(0, named=True)
    number = finding.number(countries.height)
    if own is None:
        title = say("complexity.title", country=finding.country(first["country"]), number=number)
    else:
        title = say(
            "complexity.title_country",
            country=finding.country(own["country"]),
            rank=finding.number(own["rank"]),
            number=number,
        )
    tables = [finding.table(say("complexity.countries_table"), countries, _COUNTRY_COLUMNS)]
    if own is not None and own["rank"] > 20:
        near = countries.filter((pl.col("rank") - own["rank"]).abs() <= 5)
        tables.append(finding.table(say("complexity.around"), near, _COUNTRY_COLUMNS))
    return Section(
        key="countries",
        title=title,
        lead=say("complexity.lead"),
        name=say("complexity.countries"),
        headlines=_headlines(finding, own, countries.height),
        charts=(_field(finding, countries, own),) if "diversity" in countries.columns else (),
        tables=tuple(tables),
    )


def _headlines(
    finding: Finding, own: dict[str, Any] | None, countries: int
) -> tuple[Headline, ...]:
    if own is None:
        return ()
    say, status = finding.say, finding.say("finding.computed")
    told = [
        Headline(
            say("complexity.eci"),
            finding.number(own["eci"], 2),
            status=status,
            note=say(
                "complexity.rank_of",
                rank=finding.number(own["rank"]),
                number=finding.number(countries),
            ),
        )
    ]
    if own.get("diversity") is not None:
        told.append(
            Headline(
                say("complexity.diversity"),
                finding.number(own["diversity"]),
                status=status,
                note=say("complexity.diversity_note"),
            )
        )
    if own.get("coi") is not None:
        told.append(
            Headline(
                say("complexity.coi"),
                finding.number(own["coi"], 2),
                status=status,
                note=say("complexity.coi_note"),
            )
        )
    return tuple(told)


def _field(finding: Finding, countries: pl.DataFrame, own: dict[str, Any] | None) -> Chart:
    rows = countries.drop_nulls("diversity")
    named = {row["rank"] for row in rows.head(6).iter_rows(named=True)}
    named |= {row["rank"] for row in rows.sort("diversity").tail(4).iter_rows(named=True)}
    named |= {row["rank"] for row in rows.tail(3).iter_rows(named=True)}
    if own is not None:
        named |= set(range(own["rank"] - 2, own["rank"] + 3))
    dots = [
        Dot(
            float(row["diversity"]),
            row["eci"],
            label=name if row["rank"] in named else "",
            title=name,
            home=own is not None and row["rank"] == own["rank"],
        )
        for row in rows.iter_rows(named=True)
        for name in (finding.country(row["country"]),)
    ]
    svg = scatter(
        "complexity-countries",
        dots,
        Axis(finding.say("complexity.diversity_axis"), finding.number),
        Axis(finding.say("complexity.eci_axis"), finding.number, cut=0.0),
        alt=finding.say("complexity.field"),
        rtl=finding.rtl,
    )
    return finding.picture(finding.say("complexity.field"), svg)


def _over_years(finding: Finding) -> Section | None:
    """Draw the index over the years for the country asked for and the first ones."""
    if not finding.has("countries", "country", "eci", "year"):
        return None
    table = finding.tables["countries"].drop_nulls("eci")
    years = table["year"].unique().sort().to_list()
    if len(years) < 2:
        return None
    last = table.filter(pl.col("year") == years[-1]).sort("eci", descending=True)
    first = last["country"].head(5).to_list()
    own = _row_of(table, finding.home)
    chosen = dict.fromkeys([*first, *([own["country"]] if own else [])])
    courses = []
    for key in chosen:
        of = dict(table.filter(pl.col("country") == key).select("year", "eci").iter_rows())
        name = finding.country(key)
        home = own is not None and key == own["country"]
        courses.append(Line(name, tuple(of.get(year) for year in years), home=home))
    title = finding.say(
        "complexity.years", first=finding.year(years[0]), last=finding.year(years[-1])
    )
    svg = lines(
        "complexity-years",
        [finding.year(year) for year in years],
        courses,
        name=finding.say("complexity.eci_axis"),
        shown=finding.number,
        alt=title,
        rtl=finding.rtl,
    )
    return Section(
        key="years",
        title=title,
        lead="",
        name=finding.say("complexity.years_name"),
        charts=(finding.picture(title, svg),),
    )


def _of_country(finding: Finding) -> list[Section]:
    """Show what a country makes, and what is near to that: only where one was asked for."""
    if not finding.has("pairs", "country", "product", "rca", "density"):
        return []
    pairs = finding.newest("pairs")
    own = _row_of(pairs, finding.home)
    if own is None:
        return []
    pairs = pairs.filter(pl.col("country") == own["country"])
    if finding.has("products", "product", "pci"):
        pci = finding.newest("products").select("product", "pci")
        pairs = pairs.join(pci, on="product", how="left")
    else:
        pairs = pairs.with_columns(pci=pl.lit(None, dtype=pl.Float64))
    country = finding.country(own["country"])
    # Its own threshold is in the metadata; a product counts as made from there on.
    least = _threshold(finding)
    made = pairs.filter(pl.col("rca") >= least).sort("pci", descending=True, nulls_last=True)
    away = pairs.filter((pl.col("rca") < least) | pl.col("rca").is_null())
    sections = []
    if not away.is_empty():
        sections.append(_near(finding, away, country))
    if not made.is_empty():
        sections.append(_made(finding, made, country))
    return sections


def _threshold(finding: Finding) -> float:
    for place in (finding.metadata, finding.metadata.get("filter"), finding.metadata.get("method")):
        value = place.get("rca") if isinstance(place, dict) else None
        if isinstance(value, int | float):
            return float(value)
    return 1.0


def _near(finding: Finding, away: pl.DataFrame, country: str) -> Section:
    say = finding.say
    ranks = [pl.col(key).rank().fill_null(0) for key in ("density", "pci")]
    away = away.with_columns(near=ranks[0] + ranks[1]).sort("near", descending=True)
    known = away.drop_nulls(["density", "pci"])
    named = set(known["product"].head(_NAMED))
    dots = [
        Dot(
            row["density"],
            row["pci"],
            label=str(row["product"]) if row["product"] in named else "",
            title=finding.product(row["product"]) if row["product"] in named else "",
        )
        for row in known.iter_rows(named=True)
    ]
    charts: tuple[Chart, ...] = ()
    if dots:
        cut = float(known["density"].mean() or 0.0)  # type: ignore[arg-type]
        svg = scatter(
            "complexity-near",
            dots,
            Axis(say("complexity.density_axis"), finding.number, cut=cut),
            Axis(say("complexity.pci_axis"), finding.number, cut=0.0),
            alt=say("complexity.near_alt"),
            corners=("", say("complexity.corner_both"), "", say("complexity.corner_near")),
            rtl=finding.rtl,
        )
        charts = (finding.picture(say("complexity.near_chart"), svg),)
    keys = ("product", "density", "pci", "cog", "rca", "value")
    table = finding.table(say("complexity.near_table"), away, keys, money=("value",))
    title = finding.words.count(
        "complexity.near_title", away.height, number=finding.number(away.height), country=country
    )
    return Section(
        key="near",
        title=title,
        lead=say("complexity.near_lead"),
        name=say("complexity.near"),
        charts=charts,
        tables=(table,),
    )


def _made(finding: Finding, made: pl.DataFrame, country: str) -> Section:
    say = finding.say
    keys = ("product", "pci", "rca", "density", "value")
    number = finding.number(made.height)
    return Section(
        key="made",
        title=finding.words.count(
            "complexity.made_title", made.height, number=number, country=country
        ),
        lead="",
        name=say("complexity.made"),
        tables=(finding.table(say("complexity.made_table"), made, keys, money=("value",)),),
    )


def _products(finding: Finding) -> Section | None:
    if not finding.has("products", "product", "pci"):
        return None
    say = finding.say
    products = finding.newest("products").drop_nulls("pci").sort("pci", descending=True)
    if products.is_empty():
        return None
    products = products.with_row_index("rank", offset=1).with_columns(pl.col("rank").cast(pl.Int64))
    rows = [
        Ranked(
            finding.product(row["product"]),
            (Segment(row["pci"], "graphite"),),
            finding.number(row["pci"], 2),
        )
        for row in products.head(_BARS).iter_rows(named=True)
    ]
    title = say("complexity.products_chart", number=finding.number(len(rows)))
    chart = finding.picture(title, ranked("complexity-products", rows, alt=title, rtl=finding.rtl))
    keys = ("product", "rank", "pci", "ubiquity")
    return Section(
        key="products",
        title=say(
            "complexity.products_title",
            product=finding.product(products["product"][0]),
            number=finding.number(products.height),
        ),
        lead=say("complexity.products_lead"),
        name=say("complexity.products"),
        charts=(chart,),
        tables=(
            finding.table(say("complexity.products_first"), products, keys),
            finding.table(say("complexity.products_last"), products.reverse(), keys, rows=10),
        ),
    )


def _row_of(frame: pl.DataFrame, country: str | None) -> dict[str, Any] | None:
    if country is None:
        return None
    found = frame.filter(pl.col("country").cast(pl.String) == country)
    return found.row(0, named=True) if found.height else None
