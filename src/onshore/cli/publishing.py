"""``onshore series export``, ``bulletin`` and ``template``: series made public."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cyclopts import App

from onshore.cli.console import Refused, counted, existing, note, result, step, warn
from onshore.cli.series import name_doubtful
from onshore.cli.targets import file_target, folder_target, writing

if TYPE_CHECKING:
    from onshore.report import Locale

OWN_TEMPLATE = "bulletin.toml"
"""A programme's own template, in its folder."""

_EDITIONS: "tuple[tuple[Locale, str, str, str], ...]" = (
    ("en", "English", "bulletin", "bulletin.fa"),
    ("fa", "Persian", "bulletin.fa", "bulletin"),
)


def register(series: App) -> None:
    """Add this file's commands to the group ``series``."""
    series.command(export)
    series.command(bulletin)
    series.command(template)


def export(
    programme: Path,
    /,
    *,
    to: Literal["sdmx-csv", "sdmx-ml"],
    out: Path,
    agency: str = "ONSHORE",
) -> int:
    """Write observations and targets as SDMX, with their structure and code lists.

    Writes structure.xml (SDMX-ML 3.0) and beside it observations and targets, as SDMX-CSV 2.0
    or SDMX-ML 3.0. Every vintage is written; Solar Hijri periods keep their names.

    Parameters
    ----------
    programme
        A programme folder.
    to
        sdmx-csv or sdmx-ml.
    out
        Folder for the files.
    agency
        Id of who keeps the structure, such as IMIDRO.
    """
    from onshore import records
    from onshore.cli.programme import open_programme
    from onshore.report import SdmxError, to_sdmx

    existing(programme)
    _spare_programme(programme, out)
    suffix = ".csv" if to == "sdmx-csv" else ".xml"
    folder_target(out, ("structure.xml", f"observations{suffix}", f"targets{suffix}"))
    opened = open_programme(programme)
    try:
        files = to_sdmx(opened, to, agency=agency, prepared=datetime.now(UTC))
    except SdmxError as wrong:
        raise Refused(str(wrong), status=1) from None
    except ModuleNotFoundError as missing:
        raise Refused(str(missing)) from None
    with writing(out):
        records.write_whole(out, files)
    for name in files:
        result(str(out / name))
    rows = {name: opened.table(name).height for name in ("observations", "targets")}
    note(f"{rows['observations']:,} observations, {rows['targets']:,} targets")
    warn(opened.warnings)
    name_doubtful(opened.table("observations"))
    return 0


def bulletin(programme: Path, /, *, out: Path, template: Path | None = None) -> int:
    """Write a statistical bulletin as HTML, PDF and XLSX, in English and Persian.

    Parameters
    ----------
    programme
        A programme folder.
    out
        Folder for bulletin.* and bulletin.fa.*.
    template
        The bulletin's template; the programme's own bulletin.toml when not given, or else a
        section for each indicator. Write one to edit: onshore series template.
    """
    from onshore import records
    from onshore.cli.programme import open_programme
    from onshore.report import (
        TemplateErrors,
        read_template,
        statistical_bulletin,
        to_html,
        to_pdf,
        to_xlsx,
    )
    from onshore.series import SeriesError

    existing(programme)
    _spare_programme(programme, out)
    names = [f"{name}{end}" for _, _, name, _ in _EDITIONS for end in (".html", ".pdf", ".xlsx")]
    folder_target(out, names)
    text, where = _template_text(programme, template)
    files: dict[str, bytes] = {}
    try:
        plan = read_template(text, where)
        opened = open_programme(programme)
        for locale, language, name, other in _EDITIONS:
            with step(f"Composing the bulletin ({language})"):
                composed = statistical_bulletin(opened, plan, locale)
                files[f"{name}.html"] = to_html(composed, other=f"{other}.html").encode()
                files[f"{name}.pdf"] = to_pdf(composed)
                files[f"{name}.xlsx"] = to_xlsx(composed)
    except TemplateErrors as faults:
        for line in str(faults).splitlines():
            result(line)
        raise Refused(
            f"{counted(len(faults.faults), 'fault')} in the template; nothing was written.",
            status=1,
        ) from None
    except SeriesError as wrong:
        raise Refused(str(wrong), status=1) from None
    except ModuleNotFoundError as missing:
        raise Refused(str(missing)) from None
    with writing(out):
        records.write_whole(out, files)
    for name in names:
        if name.endswith(".html"):
            result(str((out / name).resolve()))
    warn(opened.warnings)
    name_doubtful(opened.table("observations"))
    return 0


def template(*, out: Path) -> int:
    """Write the template of a statistical bulletin, to be edited.

    Parameters
    ----------
    out
        A file that ends in .toml and is not there yet; a programme's own template is the file
        bulletin.toml in its folder.
    """
    from onshore import records
    from onshore.report import default_template

    file_target(out, suffixes=(".toml",))
    if out.exists():
        raise Refused(f"{out} is there already, and may have been edited. Give another name.")
    with writing(out):
        records.write_whole(out.parent, {out.name: default_template().encode()})
    result(str(out))
    note(f"Edit it, then: onshore series bulletin PROGRAMME --template {out} --out DIR")
    return 0


def _template_text(programme: Path, template: Path | None) -> tuple[str, str]:
    """Read the template that holds, and say which it is."""
    from onshore.report import default_template

    own = programme / OWN_TEMPLATE
    path = template or (own if own.is_file() else None)
    if path is None:
        return default_template(), "the default template"
    if not path.is_file():
        raise Refused(f"{path} is no file. Write one to edit: onshore series template --out {path}")
    try:
        return path.read_text(encoding="utf-8-sig"), str(path)
    except UnicodeDecodeError:
        raise Refused(f"{path} is not UTF-8 text. Save it as UTF-8.", status=1) from None


def _spare_programme(programme: Path, out: Path) -> None:
    """Refuse to write among a programme's tables."""
    if (out / "programme.toml").exists() or out.resolve() == programme.resolve():
        raise Refused(
            f"{out} holds a programme, and its tables would be mixed with the results. "
            f"Give a folder of its own: --out {out / 'published'}"
        )
