"""Analyses: results of ``onshore trade``, ``economy`` and ``chain`` brought to the desk."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import polars as pl
from django.utils.translation import gettext as _

from onshore.desk import jobs
from onshore.desk.actions.acting import Deed, Refused, acting, held
from onshore.desk.actor import Actor
from onshore.desk.analysing.chain_files import packed_chain
from onshore.desk.analysing.result_files import MOST_BYTES, compose_results, read_results
from onshore.desk.models import Analysis
from onshore.desk.policies import find, require
from onshore.desk.reckoning import bulletins

_MOST_WEEKS = 520


def add(
    actor: Actor,
    title: str,
    name: str,
    content: bytes,
    *,
    once: str = "",
    at: datetime | None = None,
) -> Any:
    """Bring a result in: its pages in both languages are kept as they are.

    Raises
    ------
    Refused
        The file is too large, cannot be read, or was brought in before.
    """
    require(actor, "add", Analysis)
    if len(content) > MOST_BYTES:
        raise Refused(_("The file is larger than 10 MB."), _("Leave large tables out."), "file")
    print_of = sha256(content).hexdigest()
    if Analysis._default_manager.filter(sha256=print_of).exists():
        raise Refused(
            _("This file was brought in before."), _("Look for it in the list."), field="file"
        )
    kind, tables, metadata = read_results(content)
    pages = _pages(kind, tables, metadata)
    with acting(actor, "analyses.add", once=once, at=at) as deed:
        return _made(deed, kind, title, name[:200], print_of, pages)


def keep(
    actor: Actor,
    kind: str,
    title: str,
    tables: Mapping[str, pl.DataFrame],
    metadata: Mapping[str, Any],
    *,
    titles: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
) -> Any:
    """Keep an analysis that was reckoned here, with the files that it was made of.

    ``titles`` are those of its page in each language, where it has others than its command's.
    """
    require(actor, "add", Analysis)
    pages = _pages(kind, tables, metadata)
    for locale, told in (titles or {}).items():
        pages[locale] |= {"title": told, "subtitle": pages[locale]["title"]}
    print_of = sha256(json.dumps(pages, sort_keys=True).encode()).hexdigest()
    with acting(actor, "analyses.add") as deed:
        content = pages | ({"files": dict(files)} if files else {})
        return _made(deed, kind, title, "", print_of, content)


def solve_chain(
    actor: Actor,
    title: str,
    *,
    content: bytes | None = None,
    analysis: int | None = None,
    lost: Sequence[str] = (),
    weeks: Decimal | None = None,
) -> Any:
    """Have a chain solved in the background: one that is brought in, or that of an analysis.

    Raises
    ------
    Refused
        The file is no chain that can be used, or the weeks are not possible.
    """
    require(actor, "add", Analysis)
    if lost and not 0 < (weeks or 4) <= _MOST_WEEKS:
        raise Refused(
            _("A loss lasts from a day to 520 weeks."), _("Write 4, for a start."), "weeks"
        )
    told: dict[str, Any] = {"title": title.strip(), "lost": list(lost)}
    told["weeks"] = float(weeks or 4)
    if content is not None:
        told["files"] = packed_chain(content)
    else:
        told["analysis"] = find(actor, Analysis, analysis).pk
    return jobs.start(actor, "analyses.chain", told)


def reckon_dependency(actor: Actor) -> Any:
    """Have the import dependency of the programme's needs reckoned in the background."""
    require(actor, "add", Analysis)
    return jobs.start(actor, "analyses.dependency")


def _pages(
    kind: str, tables: Mapping[str, pl.DataFrame], metadata: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        locale: bulletins.as_json(compose_results(kind, tables, metadata, locale))
        for locale in ("en", "fa")
    }


def _made(
    deed: Deed, kind: str, title: str, file: str, print_of: str, content: dict[str, Any]
) -> Any:
    row = Analysis(
        kind=kind,
        title=title.strip(),
        file=file,
        sha256=print_of,
        content=content,
        made_by=deed.actor.name,
        made_at=deed.at,
    )
    row.save(force_insert=True)
    told = {"kind": kind, "title": row.title or content["en"]["title"], "sha256": print_of}
    deed.note(Analysis._meta.db_table, str(row.pk), {}, told | {"file": row.file})
    deed.key = str(row.pk)
    return row


def remove(
    actor: Actor, key: int, *, reason: str = "", once: str = "", at: datetime | None = None
) -> None:
    """Take an analysis out; the log keeps what it was."""
    with acting(actor, "analyses.remove", reason=reason, once=once, at=at) as deed:
        row = held(actor, Analysis, key)
        require(actor, "remove", row)
        told = {"kind": row.kind, "title": row.title, "file": row.file, "sha256": row.sha256}
        deed.note(Analysis._meta.db_table, str(row.pk), told, {})
        row.delete()
