"""The plants of a steel tracker: what each country has, by step, place and status."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import polars as pl

from onshore.chain.errors import ChainError
from onshore.codes import UnknownCode, countries, places

STEPS: Mapping[str, str] = MappingProxyType(
    {
        "pellets": "pelletizing",
        "sinter": "sintering",
        "DRI": "direct reduction",
        "BF": "blast furnace",
        "iron, other": "other ironmaking",
        "EAF": "electric arc furnace",
        "BOF": "basic oxygen furnace",
        "OHF": "open hearth furnace",
        "steel, other": "other steelmaking",
    }
)
"""The process of each of the tracker's units, upstream first."""

IN_SERVICE = ("operating", "operating pre-retirement")
SOURCE = (
    "Global Energy Monitor, Global Iron and Steel Tracker, September 2025 (V1) release, "
    "CC BY 4.0; flattened and renamed, so changed"
)
_MINE_SIDE = {"pellets": "pellet_kt_per_year", "sinter": "sinter_kt_per_year"}
_FURTHEST = (*IN_SERVICE, "construction", "announced")
_GENERIC = (
    *("province", "prefecture", "state", "region", "county", "governorate", "voivodeship"),
    *("oblast", "kray", "krai", "sheng", "shi", "republic", "autonomous", "city", "of"),
)
_PLANTS = ("plant_id", "name", "country", "province", "lat", "lon", "start_year")
_CAPACITY = ("plant_id", "country", "status", "product", "unit", "capacity_kt_per_year")


@dataclass(frozen=True, eq=False)
class Tracker:
    """The plants of a tracker and what each of them can make.

    Parameters
    ----------
    plants
        One row a plant: ``plant_id``, ``name``, ``name_fa``, ``country`` (ISO 3166-1), ``place``
        (ISO 3166-2, or the country and the province as the source spells it where that is no
        known name), ``place_name``, ``place_name_fa``, ``lat``, ``lon`` (degrees), ``owner``.
    capacity
        One row for each plant, status and unit: ``plant_id``, ``country``, ``place``, ``step``
        (the process), ``unit`` (EAF, DRI ...), ``status``, ``capacity`` (kt per year),
        ``from_year`` (null where the source tells none), ``record`` (of the source; null for
        what is told of the plant as a whole), ``at_least`` (whether it is more than is told).
    unsized
        What is there but of unknown size, and so not in `capacity`: ``plant_id``, ``country``,
        ``unit``, ``status`` (null for what is told of the plant as a whole).
    """

    plants: pl.DataFrame
    capacity: pl.DataFrame
    unsized: pl.DataFrame

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the source does not tell."""
        found = []
        of_ore = pl.col("unit").is_in(list(_MINE_SIDE))
        in_service = self.unsized.filter(pl.col("status").is_in(IN_SERVICE) & ~of_ore).height
        if in_service:
            found.append(
                f"{in_service} units in service are of unknown size and left out: the sums are "
                "lower bounds."
            )
        mine_side = self.unsized.filter(of_ore).height
        if mine_side:
            found.append(
                f"{mine_side} pellet and sinter plants are of unknown size and left out, and the "
                "source lists few mine-side plants: pellets look shorter than they are."
            )
        return tuple(found)

    def of(self, country: str | None) -> Tracker:
        """Give the plants of one country; all of them for None.

        Raises
        ------
        ChainError
            The tracker has no plant there.
        """
        if country is None:
            return self
        code = country_code(country)
        if code not in self.plants["country"]:
            told = ", ".join(sorted(set(self.plants["country"])))
            raise ChainError(f"the tracker has no plant in {country}. It has plants in: {told}.")
        here = pl.col("country") == code
        return Tracker(
            self.plants.filter(here), self.capacity.filter(here), self.unsized.filter(here)
        )


def read_tracker(plants: pl.DataFrame | str | Path, capacity: pl.DataFrame | str | Path) -> Tracker:
    """Read the two tables of a steel tracker.

    Parameters
    ----------
    plants
        One row a plant (``steel_plants.csv``): plant_id, name, country, province, lat, lon,
        start_year and, where they are told, name_local, owner, pellet_kt_per_year and
        sinter_kt_per_year.
    capacity
        Nominal capacities in thousand t a year (``steel_capacity.csv``): plant_id, country,
        status, product (crude_steel, iron), unit (EAF, BOF, OHF, BF, DRI, other, total),
        capacity_kt_per_year and, where they are told, record, start and note. Rows of ``total``
        already hold those of the units and are left out.

    Returns
    -------
    Tracker
        Each province under one name, whatever its spellings. Pellet and sinter plants are told
        without a status: they are in service where their plant has a unit in service, else
        they have the furthest status that its units have.

    Raises
    ------
    ChainError
        A column is missing, a figure is no number, or a capacity belongs to no plant.
    """
    told = _frame("plants", plants, _PLANTS)
    rows = _frame("capacity", capacity, _CAPACITY)
    lost = rows.join(told, on="plant_id", how="anti")["plant_id"].unique().sort().to_list()
    if lost:
        raise ChainError(
            f"capacity: plants that are not in the table of plants: {len(lost)}, {lost[0]} first. "
            "Give both tables of the same release."
        )
    located = _located(told)
    units = _units(rows)
    steps = pl.concat([units, _mine_side(told, units)])
    where = located.select("plant_id", "country", "place")
    sized = pl.col("capacity") > 0
    capacity_rows = (
        steps.filter(sized)
        .join(where, on="plant_id", how="left")
        .select(
            "plant_id",
            "country",
            "place",
            pl.col("unit").replace_strict(dict(STEPS)).alias("step"),
            "unit",
            "status",
            "capacity",
            "from_year",
            "record",
            "at_least",
        )
        .sort("plant_id", "record", "unit", "status", nulls_last=True)
    )
    unsized = steps.filter(~sized).join(where, on="plant_id", how="left")
    return Tracker(located, capacity_rows, unsized.select("plant_id", "country", "unit", "status"))


def capacity_by_step(
    tracker: Tracker, country: str | None = None, *, by_place: bool = True
) -> pl.DataFrame:
    """Add up the capacities by step, place and status, as in the source.

    Parameters
    ----------
    tracker
        Of `read_tracker`.
    country
        ISO 3166-1 code or name; None for all.
    by_place
        Whether to tell the places apart.

    Returns
    -------
    DataFrame
        ``country``, ``place``, ``place_name`` (both only `by_place`), ``step``, ``unit``,
        ``status``, ``capacity`` (kt per year), ``plants`` (how many).
    """
    here = tracker.of(country)
    keys = ["country", *(["place", "place_name"] if by_place else []), "step", "unit", "status"]
    names = here.plants.select("plant_id", "place_name")
    return (
        here.capacity.join(names, on="plant_id", how="left")
        .group_by(keys)
        .agg(capacity=pl.col("capacity").sum(), plants=pl.col("plant_id").n_unique())
        .sort(keys)
    )


def _frame(name: str, given: pl.DataFrame | str | Path, needed: tuple[str, ...]) -> pl.DataFrame:
    if isinstance(given, pl.DataFrame):
        frame = given
    else:
        try:
            frame = pl.read_csv(given, infer_schema=False)
        except (OSError, pl.exceptions.PolarsError) as wrong:
            raise ChainError(
                f"{given} cannot be read: {wrong}. Give a CSV file in UTF-8."
            ) from None
    lacking = [column for column in needed if column not in frame.columns]
    if lacking:
        raise ChainError(
            f"{name}: the column {lacking[0]} is missing. Needed are: {', '.join(needed)}."
        )
    return frame


def _column(frame: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name) if name in frame.columns else pl.lit(None, pl.String)


def _numbers(table: str, frame: pl.DataFrame, column: str) -> pl.Series:
    texts = frame[column].cast(pl.String)
    numbers = texts.str.strip_chars().cast(pl.Float64, strict=False)
    bad = (texts.is_not_null() & ~numbers.is_finite().fill_null(value=False)).arg_true()
    if len(bad):
        row = int(bad[0])
        raise ChainError(
            f"{table}, row {row + 2}, column {column}: {texts[row]!r} is no number. Correct it, or "
            "leave the cell empty."
        )
    return numbers


def _located(told: pl.DataFrame) -> pl.DataFrame:
    """Give each plant the code of its country and its province, one for all spellings."""
    country_of = {text: country_code(text) for text in told["country"].unique().drop_nulls()}
    found = {
        (country, province): _province(country_of[country], country, province)
        for country, province in told.select("country", "province").unique().iter_rows()
    }
    pairs = list(told.select("country", "province").iter_rows())
    local = _column(told, "name_local")
    arabic = local.str.contains(r"[\u0600-\u06ff]")
    return told.select(
        pl.col("plant_id").cast(pl.String),
        pl.col("name").cast(pl.String),
        name_fa=pl.when((pl.col("country") == "Iran") & arabic)
        .then(local.str.replace_all(r"[\u200e\u200f]", "").str.replace(r"\s*\(.*Persian\)", ""))
        .cast(pl.String),
        country=pl.Series([country_of[country] for country, _ in pairs], dtype=pl.String),
        country_name=pl.col("country"),
        place=pl.Series([found[pair][0] for pair in pairs], dtype=pl.String),
        place_name=pl.Series([found[pair][1] for pair in pairs], dtype=pl.String),
        place_name_fa=pl.Series([found[pair][2] for pair in pairs], dtype=pl.String),
        lat=_numbers("plants", told, "lat"),
        lon=_numbers("plants", told, "lon"),
        owner=_column(told, "owner").cast(pl.String),
    ).sort("plant_id")


def country_code(text: str) -> str:
    """Find the ISO 3166-1 code of a country."""
    try:
        return str(countries.find(text).code)
    except UnknownCode as unknown:
        raise ChainError(f"country {text!r}: {unknown}") from None


def _province(code: str, country: str, name: str | None) -> tuple[str, str, str]:
    """Find a province: its code, its name and its name in Persian."""
    if name is None or not name.strip():
        return code, country, str(countries.name(code, "fa"))
    try:
        found = places.find(name)
    except UnknownCode:
        found = None
    if found is None or not str(found.code).startswith(f"{code}-"):
        same = [c for c in _codes_of(code) if _plain(places.get(c).name) == _plain(name)]
        found = places.get(same[0]) if same else None
    if found is None:
        return f"{code}: {_plain(name)}", name.strip(), ""
    return str(found.code), str(found.name), str(found.name_fa or "")


def _codes_of(country: str) -> list[str]:
    return [code for code in places.codes if code.startswith(f"{country}-")]


def _plain(text: str) -> str:
    """Fold accents, case, hyphens, and leave out words such as province."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(c if c.isalnum() else " " for c in folded if not unicodedata.combining(c))
    words = letters.split()
    return " ".join(word for word in words if word not in _GENERIC) or " ".join(words)


def _units(rows: pl.DataFrame) -> pl.DataFrame:
    numbers = _numbers("capacity", rows, "capacity_kt_per_year")
    unit = (
        pl.when(pl.col("unit") != "other")
        .then(pl.col("unit"))
        .when(pl.col("product") == "iron")
        .then(pl.lit("iron, other"))
        .otherwise(pl.lit("steel, other"))
    )
    units = rows.select(
        pl.col("plant_id").cast(pl.String),
        unit=unit,
        status=pl.col("status").cast(pl.String),
        capacity=numbers.fill_null(0.0),
        from_year=_column(rows, "start").cast(pl.String).str.extract(r"^(\d{4})").cast(pl.Int64),
        record=_column(rows, "record").cast(pl.Int64),
        at_least=(_column(rows, "note") == "at least").fill_null(value=False),
    ).filter(pl.col("unit") != "total")
    strange = set(units["unit"]) - set(STEPS)
    if strange:
        raise ChainError(
            f"capacity: the unit {sorted(strange)[0]!r} is not known. Known are: "
            "EAF, BOF, OHF, BF, DRI, other, total."
        )
    return units


def _mine_side(told: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Give the pellet and sinter plants, which the source tells of a plant as a whole."""
    rank = pl.col("status").replace_strict(
        {status: n for n, status in enumerate(_FURTHEST)}, default=len(_FURTHEST)
    )
    furthest = units.sort(rank, "from_year").group_by("plant_id", maintain_order=True).first()
    parts = [units.clear()]
    for unit, column in _MINE_SIDE.items():
        if column not in told.columns:
            continue
        text = pl.col(column).cast(pl.String).str.strip_chars()
        part = told.select(
            pl.col("plant_id").cast(pl.String),
            unit=pl.lit(unit),
            capacity=text.str.strip_prefix(">").cast(pl.Float64, strict=False).fill_null(0.0),
            record=pl.lit(None, pl.Int64),
            at_least=text.str.starts_with(">").fill_null(value=False),
            none=text.is_null() | (text == "0"),
        ).filter(~pl.col("none"))
        parts.append(
            part.join(furthest.select("plant_id", "status", "from_year"), on="plant_id", how="left")
            .with_columns(status=pl.col("status").fill_null("announced"))
            .select(units.columns)
        )
    return pl.concat(parts)
