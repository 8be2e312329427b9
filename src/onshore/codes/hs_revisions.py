"""The seven revisions of the Harmonized System: which one codes are of, and what became of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

import polars as pl

from onshore.codes.code_list import UnknownCode
from onshore.codes.table_files import rows

__all__ = ["REVISIONS", "Vintage", "convert", "detect", "identify", "revision_of"]

REVISIONS: Final = ("HS1992", "HS1996", "HS2002", "HS2007", "HS2012", "HS2017", "HS2022")
"""The revisions in order; the United Nations call them H0 to H6."""

_LEVELS: Final = (2, 4, 6)
_TOLD: Final = 3
_PERSIAN_AND_ARABIC: Final = dict(zip("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "0123456789" * 2, strict=True))


@dataclass(frozen=True)
class Vintage:
    """Which revision a set of codes is of.

    Parameters
    ----------
    revision
        The revision that knows the most of the codes, the newest of several; None where none
        knows any.
    fits
        Every revision that knows all of the codes.
    mixed
        Codes that ``revision`` does not know, by the revision that knows the most of them.
    unknown
        Codes of no revision.
    message
        What is wrong and what to do, empty where one revision knows every code.
    """

    revision: str | None
    fits: tuple[str, ...]
    mixed: dict[str, tuple[str, ...]]
    unknown: tuple[str, ...]
    message: str


def revision_of(text: str | int) -> str:
    """Give the revision that a name such as ``HS 2012``, ``2012``, ``HS12`` or ``H4`` means.

    Raises
    ------
    UnknownCode
        It names no revision.

    Examples
    --------
    >>> revision_of("H4"), revision_of(2012), revision_of("hs12")
    ('HS2012', 'HS2012', 'HS2012')
    """
    bare = str(text).upper().replace(" ", "").replace("-", "")
    for number, revision in enumerate(REVISIONS):
        year = revision[2:]
        if bare in {revision, year, f"HS{year[2:]}", f"H{number}", f"HS{number}"}:
            return revision
    known = ", ".join(REVISIONS)
    raise UnknownCode(f"'{text}' is not a revision of the Harmonized System. Write one of {known}.")


def detect(codes: Iterable[str]) -> pl.DataFrame:
    """Count how many codes each revision knows.

    Parameters
    ----------
    codes
        Codes of 2, 4 or 6 digits, each counted once. Dots and spaces are ignored, a lost leading
        zero is put back, and of a longer national line the first six digits count.

    Returns
    -------
    pl.DataFrame
        One row per revision, the one that knows the most first, of equal ones the newest:
        ``revision``, ``known`` (how many of the codes), ``share_known`` (a fraction) and
        ``only_here`` (how many that no other revision knows).

    Examples
    --------
    >>> detect(["854231", "854921"]).select("revision", "known", "only_here").head(2).rows()
    [('HS2022', 2, 1), ('HS2017', 1, 0)]
    """
    asked = _asked(codes).select("written").unique()
    known = asked.join(_presence(), on="written", how="inner")
    alone = known.filter(pl.len().over("written") == 1)
    counts = (
        pl.DataFrame({"revision": REVISIONS}, schema={"revision": pl.String})
        .with_row_index("order")
        .join(known.group_by("revision").agg(known=pl.len()), on="revision", how="left")
        .join(alone.group_by("revision").agg(only_here=pl.len()), on="revision", how="left")
        .with_columns(pl.col("known", "only_here").fill_null(0).cast(pl.Int64))
    )
    return counts.sort("known", "order", descending=True).select(
        "revision",
        "known",
        share_known=pl.col("known") / max(asked.height, 1),
        only_here="only_here",
    )


def identify(codes: Iterable[str]) -> Vintage:
    """Say which revision codes are of, and name what is mixed into them.

    Parameters
    ----------
    codes
        As for ``detect``.

    Returns
    -------
    Vintage
        The revision that knows the most of the codes; those it does not know are told by the
        revision that knows the most of them, and so on until none is left.

    Examples
    --------
    >>> identify(["010111", "854921"]).mixed
    {'HS1996': ('010111',)}
    """
    asked = _asked(codes)
    fits = detect(asked["code"]).filter(pl.col("share_known") == 1)["revision"].to_list()
    left, found = asked, dict[str, tuple[str, ...]]()
    while left.height:
        best = detect(left["code"]).row(0, named=True)
        if not best["known"]:
            break
        here = _presence().filter(pl.col("revision") == best["revision"])
        found[best["revision"]] = tuple(left.join(here, on="written", how="semi")["code"])
        left = left.join(here, on="written", how="anti")
    revision = next(iter(found), None)
    mixed = {name: of for name, of in found.items() if name != revision}
    unknown = tuple(left["code"])
    return Vintage(
        revision, tuple(fits), mixed, unknown, _message(asked.height, revision, mixed, unknown)
    )


def convert(
    codes: Iterable[str], *, source: str, to: str, every_link: bool = False
) -> pl.DataFrame:
    """Carry codes from one revision to another, by way of those between.

    The share of a code's value that goes to each of its successors is not known from the codes
    alone. From one revision to the next, all of it goes to the successor that kept the number,
    where there is one, else to each successor alike. Of a chapter or a heading every subheading
    counts alike. Those who know the values of the target revision weigh all links by them
    (``every_link``).

    Parameters
    ----------
    codes
        Codes of 2, 4 or 6 digits, written as for ``detect``; those of 2 or 4 digits are carried
        to codes of as many.
    source, to
        Revisions, as ``revision_of`` reads them; either may be the older.
    every_link
        Give the links that get no share too.

    Returns
    -------
    pl.DataFrame
        ``code`` as it was given, ``to`` (String), ``share`` (Float64, sums to 1 for each code)
        and ``kind``: of all links, ``1:1``, ``1:n`` (the code was divided), ``n:1`` (it was
        merged with others), ``n:n``; ``no link`` or ``unknown`` (not a code of ``source``), with
        null in ``to`` and ``share``. In the order of ``codes``, largest share first.

    Raises
    ------
    UnknownCode
        ``source`` or ``to`` is not a revision.

    Notes
    -----
    Links are the correlation tables of the United Nations Statistics Division and the World
    Customs Organization, as consolidated by the Growth Lab at Harvard University.

    Examples
    --------
    >>> convert(["0101.11"], source="HS1996", to="HS2012").rows()
    [('0101.11', '010121', 0.5, 'n:n'), ('0101.11', '010130', 0.5, 'n:n')]
    """
    first, last = revision_of(source), revision_of(to)
    asked = _asked(codes)
    links = _levelled(first, last)
    if not every_link:
        links = links.filter(pl.col("share") > 0)
    known = pl.col("written").is_in(_known_to(first).implode())
    return (
        asked.with_row_index("order")
        .with_columns(missing=pl.when(known).then(pl.lit("no link")).otherwise(pl.lit("unknown")))
        .join(links, on="written", how="left")
        .with_columns(kind=pl.coalesce("kind", "missing"))
        .sort("order", -pl.col("share"), "to", nulls_last=True)
        .select("code", "to", "share", "kind")
    )


def _asked(codes: Iterable[str]) -> pl.DataFrame:
    """Pair each code, once, with how a revision writes it."""
    given = codes if isinstance(codes, pl.Series) else pl.Series(list(codes), dtype=pl.String)
    digits = (
        pl.col("code")
        .str.replace_many(_PERSIAN_AND_ARABIC)
        .str.replace_all(r"^(?i)\s*hs|[\s.\-]", "")
        .str.slice(0, 12)
    )
    length = pl.col("written").str.len_chars()
    zero_lost = length.is_in([1, 3, 5]) & pl.col("written").str.contains(r"^\d+$")
    return (
        pl.DataFrame({"code": given.cast(pl.String)})
        .unique(maintain_order=True)
        .drop_nulls()
        .with_columns(written=digits)
        .with_columns(
            written=pl.when(zero_lost)
            .then("0" + pl.col("written"))
            .otherwise(pl.col("written").str.slice(0, 6))
        )
    )


@cache
def _presence() -> pl.DataFrame:
    """Tell every code, heading and chapter (``written``) by the revisions that have it."""
    listed = pl.DataFrame(rows("hs_codes.csv"), schema={"code": pl.String, "revisions": pl.String})
    each = listed.with_columns(pl.col("revisions").str.split("")).explode("revisions")
    each = each.select("code", revision=pl.col("revisions").replace_strict(_by_number()))
    return pl.concat(
        each.select(written=pl.col("code").str.slice(0, level), revision="revision").unique()
        for level in _LEVELS
    )


def _by_number() -> dict[str, str]:
    return {str(number): revision for number, revision in enumerate(REVISIONS)}


def _known_to(revision: str) -> pl.Series:
    return _presence().filter(pl.col("revision") == revision)["written"]


@cache
def _levelled(source: str, to: str) -> pl.DataFrame:
    """Link codes of every level (``written``, ``to``, ``share``, ``kind``)."""
    links = _links(source, to)
    levels = []
    for level in _LEVELS:
        cut = links.with_columns(pl.col("written", "to").str.slice(0, level))
        whole = cut.group_by("written").agg(whole=pl.col("share").sum())
        level_links = (
            cut.group_by("written", "to")
            .agg(pl.col("share").sum())
            .join(whole, on="written")
            .select("written", "to", share=pl.col("share") / pl.col("whole"))
        )
        onward = pl.when(pl.len().over("written") > 1).then(pl.lit("n")).otherwise(pl.lit("1"))
        back = pl.when(pl.len().over("to") > 1).then(pl.lit("n")).otherwise(pl.lit("1"))
        levels.append(level_links.with_columns(kind=back + ":" + onward))
    return pl.concat(levels)


def _links(source: str, to: str) -> pl.DataFrame:
    """Link the six-digit codes of two revisions, shares multiplied along the way."""
    start, end = REVISIONS.index(source), REVISIONS.index(to)
    here = _known_to(source)
    here = here.filter(here.str.len_chars() == max(_LEVELS)).sort()
    links = pl.DataFrame({"written": here, "to": here}).with_columns(share=pl.lit(1.0))
    step = 1 if end >= start else -1
    for number in range(start, end, step):
        onward = _step(number, number + step)
        links = (
            links.join(onward, left_on="to", right_on="from", suffix="_next")
            .group_by("written", "to_next")
            .agg((pl.col("share") * pl.col("share_next")).sum())
            .rename({"to_next": "to"})
        )
    return links


def _step(number: int, following: int) -> pl.DataFrame:
    """Link the codes of neighbouring revisions: ``from``, ``to``, ``share``."""
    changed = _changed(max(number, following))
    older, newer = (REVISIONS[place] for place in sorted((number, following)))
    stayed = pl.Series(sorted(set(_six(older)) & set(_six(newer))), dtype=pl.String)
    touched = pl.concat([changed["before"], changed["after"]])
    stayed = stayed.filter(~stayed.is_in(touched.implode()))
    links = pl.concat([changed, pl.DataFrame({"before": stayed, "after": stayed})])
    names = {"before": "from", "after": "to"}
    if following < number:
        names = {"after": "from", "before": "to"}
    kept = pl.col("from") == pl.col("to")
    share = (
        pl.when(kept.any().over("from"))
        .then(kept.cast(pl.Float64))
        .otherwise(1 / pl.len().over("from"))
    )
    return links.rename(names).select("from", "to", share=share)


def _six(revision: str) -> list[str]:
    return [code for code in _known_to(revision) if len(code) == max(_LEVELS)]


@cache
def _changed(after: int) -> pl.DataFrame:
    """Read the links to a revision from the one before it, but for codes that merely stayed."""
    schema = {"after": pl.String, "code_after": pl.String, "code_before": pl.String}
    return (
        pl.DataFrame(rows("hs_links.csv"), schema=schema)
        .filter(pl.col("after") == str(after))
        .select(
            before=pl.col("code_before").str.split(" "), after=pl.col("code_after").str.split(" ")
        )
        .explode("before")
        .explode("after")
    )


def _message(
    codes: int, revision: str | None, mixed: dict[str, tuple[str, ...]], unknown: tuple[str, ...]
) -> str:
    if not codes or (revision and not mixed and not unknown):
        return ""
    if revision is None:
        return f"None of the {codes} codes is of the Harmonized System, such as {_told(unknown)}."
    parts = []
    if mixed:
        others = "; ".join(f"{len(of)} only of {name} ({_told(of)})" for name, of in mixed.items())
        own = codes - len(unknown) - sum(map(len, mixed.values()))
        parts.append(
            f"HS revisions are mixed: {own} of {codes} codes are of {revision}, {others}. "
            "onshore.codes.hs_revisions.convert carries codes from one revision to another."
        )
    if unknown:
        are = "is" if len(unknown) == 1 else "are"
        parts.append(f"{len(unknown)} of {codes} codes {are} of no HS revision: {_told(unknown)}.")
    return " ".join(parts)


def _told(codes: tuple[str, ...]) -> str:
    more = ", ..." if len(codes) > _TOLD else ""
    return ", ".join(codes[:_TOLD]) + more
