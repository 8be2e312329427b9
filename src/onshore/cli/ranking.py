"""``onshore match``: makers ranked for needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from json import loads
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import polars as pl
from cyclopts import App, Parameter

from onshore.cli.console import (
    Refused,
    counted,
    existing,
    note,
    result,
    result_json,
    result_table,
    step,
)
from onshore.cli.targets import file_target, writing

if TYPE_CHECKING:
    from onshore.match.model import Model
    from onshore.match.why import Why

match = App(name="match", help="Rank makers for needs, and say why.", help_format="plaintext")


def register(app: App) -> None:
    """Add this file's commands to the application."""
    app.command(match)


@match.command
def rank(
    needs: Path,
    offers: Path,
    /,
    *,
    top: Annotated[int, Parameter(validator=lambda _, n: _at_least_one(n))] = 10,
    out: Path | None = None,
    model: Path | None = None,
    decisions: Path | None = None,
    processes: Annotated[int, Parameter(validator=lambda _, n: _at_least_one(n))] = 1,
) -> int:
    """Rank offers for each need: need_id, rank, offer_id, score, probability, class, reasons.

    With decisions, confirmed offers come first and rejected ones last, and a column more,
    decision, tells which pairs nobody needs to be asked about again.

    Parameters
    ----------
    needs
        Table with need_id, description; part_number, brand, hs_code and unit are used if there.
    offers
        Table with offer_id, description; maker, part_number and others are used if there.
    top
        Offers kept for each need.
    out
        CSV, XLSX or Parquet file to write; standard output when not given.
    model
        What 'onshore match train' wrote; the model of the package when not given.
    decisions
        File that 'onshore merge remember' wrote: what people decided about the same lines before.
    processes
        Processes that share the needs; the result is the same for any number.
    """
    from onshore import records
    from onshore.match import Decisions, find_candidates, rank_undecided

    if out is not None:
        file_target(out)
    kept = None if decisions is None else Decisions(existing(decisions))
    wanted, offered = _read(needs, "needs"), _read(offers, "offers")
    with _refusing():
        learned = _model(model)
        if kept is None:
            ranked = find_candidates(wanted, offered, top=top, model=learned, processes=processes)
        else:
            ranked = rank_undecided(wanted, offered, kept, top=top, model=learned)
    if out is None:
        result_table(ranked)
    else:
        with writing(out):
            records.write_table(ranked, out)
        note(f"{ranked.height:,} rows: {out}")
    return 0


@match.command
def why(
    needs: Path,
    offers: Path,
    /,
    *,
    need: str,
    offer: str,
    model: Path | None = None,
    json: bool = False,
) -> int:
    """Explain a named pair, also one that is not proposed: place, scores, what agrees and differs.

    Parameters
    ----------
    needs
        Table with need_id, description; part_number, brand, hs_code are used if there.
    offers
        Table with offer_id, description; the same columns are used if there.
    need
        Id of the need.
    offer
        Id of the offer.
    model
        What 'onshore match train' wrote; the model of the package when not given.
    json
        Write one JSON document.
    """
    from dataclasses import asdict

    from onshore.match.why import why as tell

    wanted, offered = _read(needs, "needs"), _read(offers, "offers")
    with _refusing():
        found = tell(wanted, offered, need_id=need, offer_id=offer, model=_model(model))
    if json:
        document = asdict(found)
        document["class"] = document.pop("class_")
        document["reasons"] = loads(found.reasons)
        result_json(document)
    else:
        for line in _sentences(found):
            result(line)
    return 0


@match.command
def train(programme: Path, /, *, out: Path) -> int:
    """Learn the ranking from a programme's reviewed candidates, beginning with the default model.

    Parameters
    ----------
    programme
        Folder of the programme; its table candidates tells which were confirmed or rejected.
    out
        File of the model to write (JSON), for 'onshore match rank --model'.
    """
    import onshore
    from onshore import records
    from onshore.match.model import default_model
    from onshore.match.training import reviewed
    from onshore.match.training import train as learn

    file_target(out, suffixes=None)
    try:
        opened = onshore.open(existing(programme))
    except records.TableErrors as mistakes:
        raise Refused(f"{mistakes}\nSee: onshore check {programme}", status=1) from None
    tables = (opened.table(name) for name in ("needs", "offers", "candidates"))
    with _refusing(), step("Learning"):
        by = f"onshore match train {programme.name}"
        model = learn([reviewed(*tables)], start=default_model(), trained_by=by)
    with writing(out):
        model.write(out)
    told = model.measured
    note(
        f"{out}: of {told.needs} needs with a confirmed offer {told.false_alarms:.1%} would be "
        f"called none, of {told.nobody} needs without one {told.caught:.1%}."
    )
    return 0


_GROUNDS = {
    "empty need": "the need says nothing that can be compared",
    "nothing in common": "the offer shares no word, part number or letters with the need",
    "below the least score": "its score is below {none_below:.3f}, where none begins",
    "the part number agrees": "the part number agrees, though little else does",
    "something stated differs": "something that both state differs",
    "not likely enough": "its probability is below a half",
    "the part number or design agrees": "the part number, or a standard with all sizes, agrees",
    "likely the very thing": "it is more likely than not the very thing",
    "likely an equivalent": "it is more likely than not an equivalent",
}


def _sentences(found: "Why") -> Iterator[str]:
    from onshore.match import explain

    place = f"{found.rank} of {found.ranked}" if found.rank else f"none; {found.ranked} are ranked"
    yield f"need {found.need_id}, offer {found.offer_id}"
    yield f"rank: {place}"
    yield f"score: {found.score:.3f}, probability: {found.probability:.3f}"
    ground = _GROUNDS[found.ground].format(none_below=found.none_below)
    yield f"class: {found.class_}, since {ground}"
    yield "met by field: " + ", ".join(
        f"{name} {share:.2f}" for name, share in found.fields.items()
    )
    yield explain(found.reasons)
    if found.rank != 1 and found.ranked:
        yield f"first: {found.first_offer_id}, score {found.first_score:.3f}"


@contextmanager
def _refusing() -> Iterator[None]:
    from onshore.match import MatchError

    try:
        yield
    except MatchError as mistake:
        raise Refused(str(mistake), status=1) from None


def _model(path: Path | None) -> "Model | None":
    from onshore.match.model import Model

    if path is None:
        return None
    with _refusing():
        return Model.read(existing(path))


def _at_least_one(number: int) -> None:
    if number < 1:
        raise ValueError("Give 1 or more.")


def _read(path: Path, table: str) -> pl.DataFrame:
    from onshore import records

    reading = records.read_table(existing(path), table)
    for remark in reading.notes:
        note(f"note: {remark}")
    if reading.errors.height:
        for row in records.row_errors(reading.errors):
            result(str(row))
        errors = counted(reading.errors.height, "error")
        raise Refused(f"{errors} in {path}; nothing was ranked.", status=1)
    return reading.frame
