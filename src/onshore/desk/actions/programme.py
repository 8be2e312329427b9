"""What holds for the whole programme: its settings, which administrators change."""

import tempfile
from datetime import datetime
from pathlib import Path

import polars as pl

from onshore.desk.actions.acting import Refused, acting, held
from onshore.desk.actor import Actor
from onshore.desk.models import ProgrammeSettings
from onshore.desk.pages.wording import sentence
from onshore.desk.policies import require, visible
from onshore.desk.tables.exchange import as_json
from onshore.records import Settings, check, settings_text


def change_settings(
    actor: Actor,
    settings: Settings,
    *,
    version: int | None = None,
    once: str = "",
    at: datetime | None = None,
) -> ProgrammeSettings:
    """Change what holds for the whole programme.

    Raises
    ------
    Refused
        The settings contradict themselves.
    Stale
        Somebody else changed them since ``version``.
    """
    require(actor, "change", ProgrammeSettings)
    with acting(actor, "programme.change", once=once, at=at) as deed:
        _check_settings(settings)
        told = as_json(settings)
        if not visible(actor, ProgrammeSettings).filter(pk=1).exists():
            return deed.create(ProgrammeSettings(pk=1, settings=told))
        row = held(actor, ProgrammeSettings, 1, version)
        before, row.settings = row.settings, told
        names = [name for name in told if before.get(name) != told[name]]
        if names:
            row.version += 1
            row.save()
            was, now = ({name: of.get(name) for name in names} for of in (before, told))
            deed.note("programme_settings", "1", was, now)
        deed.key = "1"
        return row


def held_settings(actor: Actor) -> ProgrammeSettings | None:
    """Give the programme's settings with their version; None before there is a programme."""
    return visible(actor, ProgrammeSettings).filter(pk=1).first()


def _check_settings(settings: Settings) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "programme.toml").write_text(settings_text(settings), encoding="utf-8")
        errors = check(folder).errors.filter(pl.col("file") == "programme.toml")
    if errors.height:
        first = errors.row(0, named=True)
        raise Refused(
            sentence(first["reason"]), sentence(first["next_step"]), field=first["column"] or ""
        )
