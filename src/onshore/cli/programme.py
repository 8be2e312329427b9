"""``onshore new``, ``check`` and ``run``: a programme from an empty folder to its report."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from onshore.cli.console import Refused, counted, existing, note, result, result_json, step, warn
from onshore.cli.targets import file_target, folder_target, writing

if TYPE_CHECKING:
    from onshore.records import Programme

Json = Annotated[bool, Parameter(name="--json", negative="")]


def register(app: App) -> None:
    """Add this file's commands to the application."""
    app.command(new)
    app.command(check)
    app.command(run)


def new(folder: Path, /, *, home: str = "IR", currency: str = "EUR") -> int:
    """Make a programme folder with filled-in templates.

    Parameters
    ----------
    folder
        Where to make it; it must not exist yet, or be empty.
    home
        Home country, ISO 3166-1 alpha-2 code or name.
    currency
        Currency the programme reports in, ISO 4217 code or name.
    """
    from onshore.cli.template import write_template
    from onshore.codes import UnknownCode, countries, currencies

    try:
        country, money = countries.find(home).code, currencies.find(currency).code
    except UnknownCode as unknown:
        raise Refused(str(unknown)) from None
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(f"{folder} is there already. Give a new name, or empty it first.")
    folder_target(folder)
    with writing(folder):
        write_template(folder, home=country, currency=money, today=_today())
    result(str(folder))
    note(
        f"The rows are examples: replace them with your own, then\n"
        f"  onshore check {folder}\n"
        f"  onshore run {folder} --out {folder / 'results'}"
    )
    return 0


def _today() -> date:
    return datetime.now().astimezone().date()


def check(programme: Path, /, *, out: Path | None = None, json: Json = False) -> int:
    """Read every table; list each bad cell with file, row, column and what mends it.

    Parameters
    ----------
    programme
        A programme folder, or one table of it (CSV, XLSX or Parquet).
    out
        An XLSX file to write where there are errors: the values of your sheets, with the bad
        cells marked and commented. Formulas become their values; layout is not kept.
    json
        Write the result as JSON.
    """
    from onshore import records

    existing(programme)
    if out is not None:
        _spare_own_tables(file_target(out, suffixes=(".xlsx",)), programme)
    found = records.check(programme)
    if out is not None and found.errors.height:
        with writing(out):
            records.mark_errors(programme, found.errors, out)
    if json:
        result_json(
            {
                "tables": found.tables.to_dicts(),
                "errors": found.errors.to_dicts(),
                "notes": [*found.notes, *found.warnings],
            }
        )
    else:
        for remark in found.notes:
            note(f"note: {remark}")
        for row in records.row_errors(found.errors):
            result(str(row))
        _summary(found.tables.to_dicts())
    warn(() if json else found.warnings)
    if out is not None:
        note(
            f"Marked sheets: {out}" if found.errors.height else f"No errors: {out} was not written."
        )
    return 1 if found.errors.height else 0


def _spare_own_tables(out: Path, programme: Path) -> None:
    """Refuse to write over the file that is checked, or a table of the programme's folder."""
    from onshore.records import table_named

    is_checked = out.exists() and programme.exists() and out.samefile(programme)
    folder = programme if programme.is_dir() else programme.parent
    is_table = table_named(out.stem) is not None and out.parent.resolve() == folder.resolve()
    if is_checked or is_table:
        raise Refused(
            f"{out} is one of the tables that are checked, and the marked sheets would take its "
            "place. Give another name, such as errors.xlsx."
        )


def _summary(tables: list[dict[str, Any]]) -> None:
    width = max((len(row["file"]) for row in tables), default=0)
    for row in tables:
        errors = counted(row["errors"], "error")
        result(f"{row['file']:<{width}}  {row['rows']:>10,} rows   {errors}")


def run(programme: Path, /, *, out: Path, json: Json = False) -> int:
    """Do the main job: check, match, plan, account, report.

    Writes matches.csv, plan.csv, savings.csv and left_out.csv, and the report as HTML, PDF and
    XLSX in English (report.*) and Persian (report.fa.*). All files appear together once all
    are written; other files in the folder are not touched.

    Parameters
    ----------
    programme
        A programme folder.
    out
        Folder for the results.
    json
        Write what was made as JSON.
    """
    from onshore import records
    from onshore.cli.main_job import RESULT_FILES, do_main_job, result_files

    existing(programme)
    if (out / "programme.toml").exists() or out.resolve() == programme.resolve():
        raise Refused(
            f"{out} holds a programme, and its tables would be mixed with the results. "
            f"Give a folder of its own: --out {out / 'results'}"
        )
    folder_target(out, RESULT_FILES)
    _need_report_extra()
    opened = open_programme(programme)
    results = do_main_job(opened)
    files = result_files(results)
    with step("Writing the results"), writing(out):
        records.write_whole(out, files)
    names = sorted(files)
    if json:
        result_json(
            {
                "out": str(out),
                "files": names,
                "needs": results.programme.table("needs").height,
                "planned": results.plan_table.height,
                "objective": results.plan.objective,
                "bound": results.plan.bound,
                "gap": results.plan.gap,
                "currency": results.programme.settings.currency,
            }
        )
    else:
        note("\nThe report, in English and in Persian:")
        result(str((out / "report.html").resolve()))
        result(str((out / "report.fa.html").resolve()))
    warn(opened.warnings)
    return 0


def open_programme(folder: Path) -> "Programme":
    """Read a programme; where its data have errors, list them all and refuse."""
    from onshore import records

    with step("Reading the programme"):
        try:
            programme = records.open_programme(folder)
        except records.TableErrors as found:
            for row in records.row_errors(found.errors):
                result(str(row))
            errors = counted(found.errors.height, "error")
            raise Refused(
                f"{errors} in the data; nothing was written. Mend them, or see them in your own "
                f"sheets: onshore check {folder} --out errors.xlsx",
                status=1,
            ) from None
    for remark in programme.notes:
        note(f"note: {remark}")
    return programme


def _need_report_extra() -> None:
    from importlib.util import find_spec

    if not all(find_spec(name) for name in ("jinja2", "typst")):
        raise Refused("The report needs the extra 'report': pip install 'onshore[report]'")
