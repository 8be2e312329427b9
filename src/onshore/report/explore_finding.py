"""A result of exploration in one language: its layers and terms named, its maps drawn."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import polars as pl

from onshore.figures import shown
from onshore.report.bulletin import Chart, Headline, Table
from onshore.report.explore_map import RasterKey, Shape, Spot, raster_map
from onshore.report.explore_raster import (
    SHADES,
    TOP_SHARES,
    Raster,
    even_classes,
    shades_of,
    top_shares,
)
from onshore.report.finding import Finding, Metadata, Tables
from onshore.report.reasons import reason_in
from onshore.report.words import Locale

WIDE: Final = 1.96
"""Standard deviations on both sides that hold 95 in 100 of a normal distribution."""

_MEANING: Final = 48

_TERMS: Final = frozenset(
    ("kind", "method", "other", "what", "class", "split", "basis", "table", "category", "reason",
     "change", "status", "supposed", "unit", "grade_unit", "unfc_class")
)  # fmt: skip


class ExploreFinding(Finding):
    """A result of exploration: what a page of it is written with.

    Parameters
    ----------
    tables
        The tables as they are written to files.
    metadata
        What is written to ``metadata.json``.
    locale
        ``en`` or ``fa``.
    rasters
        Maps as they are drawn: ``score`` and ``uncertainty``.
    outlines
        Targets as they are drawn on them: ``rank``, ``target`` and ``geometry``.
    """

    def __init__(
        self,
        tables: Tables,
        metadata: Metadata,
        locale: Locale,
        rasters: Mapping[str, Raster] | None = None,
        outlines: pl.DataFrame | None = None,
    ) -> None:
        super().__init__(tables, metadata, locale)
        self.rasters = dict(rasters or {})
        self.outlines = outlines

    # Names

    def term(self, term: str) -> str:
        """Name a term of the room's tables."""
        name = self.words.name("explore term", term)
        return name if name != term else super().term(term)

    def column(self, key: str) -> str:
        """Name a column."""
        # A text named "other" would be taken for the plural of one.
        name = self.words.name("explore column", "against" if key == "other" else key)
        return name if name != key else super().column(key)

    def meaning(self, layer: str) -> str:
        """Tell what a layer's values are, as its table says, or else its name."""
        told = dict(self.metadata.get("layers") or {}).get(layer) or {}
        text = str(told.get("meaning") or "")
        if 0 < len(text) <= _MEANING:
            return self.apart(text)
        return self.say("explore.value_of", layer=self.apart(layer))

    # Amounts

    def area(self, value: float) -> str:
        """Write an area in km2."""
        return self.say("explore.square_km", number=self.plain(value))

    def kilometres(self, value: float) -> str:
        """Write a length in km, one under a kilometre in metres."""
        if value < 1:
            return self.say("explore.m", number=self.number(value * 1000))
        return self.say("explore.km", number=self.number(value, 0 if value >= 10 else 1))

    def tonnes(self, value: float, *, signed: bool = False) -> str:
        """Write tonnes, or millions of them; ``signed`` puts a plus before a gain."""
        size = abs(value)
        key, scale = ("explore.million_t", 1e6) if size >= 1e6 else ("explore.t", 1.0)
        scaled = value / scale
        decimals = 0 if scale == 1 or abs(scaled) >= 100 else 1 if abs(scaled) >= 10 else 2
        figure = (
            shown.signed(scaled, self.locale, decimals) if signed else self.number(scaled, decimals)
        )
        return self.say(key, number=figure)

    def grade(self, value: float) -> str:
        """Write a grade with its unit."""
        figure = self.plain(value) if value else self.number(0)
        if self.grade_unit == "%":
            return self.percent(value / 100, 2 if value < 10 else 1) if value else self.percent(0)
        return f"{figure} {self.grade_unit}".strip()

    @property
    def grade_unit(self) -> str:
        """The unit of the grade that the page is about."""
        return self.apart(str(self.metadata.get("grade_unit", "unfc_class") or "")).strip()

    def grade_axis(self, key: str) -> str:
        """Name an axis of grades, with the unit."""
        return self.listed([part for part in (self.say(key), self.grade_unit) if part])

    def share(self, value: float, _: int = 0) -> str:
        """Write a share for the marks of an axis."""
        return self.percent(value)

    def range(
        self, low: float, high: float, decimals: int = 2, *, key: str = "explore.range"
    ) -> str:
        """Write a range as it stands beside a figure."""
        return self.say(key, low=self.number(low, decimals), high=self.number(high, decimals))

    def headline(self, label: str, value: str, note: str = "", status: str = "") -> Headline:
        """Set a figure large, as an estimate unless it is said otherwise."""
        return Headline(label, value, status=status or self.say("explore.estimated"), note=note)

    # Tables

    def explore_table(
        self,
        title: str,
        frame: pl.DataFrame,
        keys: Sequence[str] = (),
        *,
        rows: int = 20,
        note: str = "",
        money: Iterable[str] = (),
        shares: Iterable[str] = (),
    ) -> Table:
        """Set a table with its terms named; see ``Finding.table``."""
        wanted = [key for key in keys if key in frame.columns] or list(frame.columns)
        frame = frame.select(wanted)
        named = [
            pl.Series(key, [None if one is None else self._told(one) for one in frame[key]],
                      dtype=pl.String)
            for key in wanted
            if key in _TERMS and frame[key].dtype == pl.String
        ]  # fmt: skip
        told = self.table(
            title, frame.with_columns(named), wanted, rows=rows, note=note, money=money,
            shares=shares,
        )  # fmt: skip
        columns = (
            replace(column, kind="date") if frame[column.key].dtype == pl.Date else column
            for column in told.columns
        )
        return replace(told, columns=tuple(columns))

    def _told(self, text: str) -> str:
        name = self.words.name("explore term", text)
        return name if name != text else reason_in(self.locale, text)

    # Maps

    def spots(self) -> tuple[Spot, ...]:
        """Give the known deposits with their places on the map."""
        if not self.has("deposits", "x", "y"):
            return ()
        frame = self.tables["deposits"]
        names = frame["name"] if "name" in frame.columns else [""] * frame.height
        rows = zip(frame["x"], frame["y"], names, strict=True)
        return tuple(Spot(x, y, str(name or "")) for x, y, name in rows if x is not None)

    def score_map(
        self, key: str, title: str, *, shapes: Sequence[Shape] = (), foot: str = ""
    ) -> Chart | None:
        """Draw the map of the score by rank: the darker, the better."""
        raster = self.rasters.get("score")
        if raster is None:
            return None
        classes, least = top_shares(raster)
        spots = self.spots()
        names = [
            self.say(
                "explore.best_share",
                share=self.percent(share),
                score=self.number(bound, 2 if bound >= 0.1 else 4),
            )
            for share, bound in zip(TOP_SHARES, least, strict=True)
        ]
        words = RasterKey(
            [*names, self.say("explore.rest")],
            self.kilometres,
            self.say("explore.known_spots", number=self.number(len(spots))) if spots else "",
            self.say("explore.target_outlines") if shapes else "",
        )
        svg = raster_map(
            key, raster, classes, SHADES, words, alt=title, spots=spots, shapes=shapes,
            rtl=self.rtl,
        )  # fmt: skip
        return self.picture(title, svg, foot=" ".join(filter(None, (foot, self._system(raster)))))

    def uncertainty_map(self, key: str, title: str, *, foot: str = "") -> Chart | None:
        """Draw the map of the uncertainty in classes of equal width."""
        raster = self.rasters.get("uncertainty")
        if raster is None:
            return None
        classes, bounds = even_classes(raster)
        if not bounds:
            return None
        count = len(bounds) - 1
        places = 3 if bounds[-1] < 0.1 else 2
        names = [
            self.say(
                "explore.from_to",
                low=self.number(bounds[number], places),
                high=self.number(bounds[number + 1], places),
            )
            for number in range(count - 1, -1, -1)
        ]
        words = RasterKey(names, self.kilometres)
        svg = raster_map(key, raster, classes, shades_of(count), words, alt=title, rtl=self.rtl)
        return self.picture(title, svg, foot=" ".join(filter(None, (foot, self._system(raster)))))

    def _system(self, raster: Raster) -> str:
        return self.say("explore.system", crs=raster.crs) if raster.crs else ""
