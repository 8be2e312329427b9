"""Open data: what there is, what its columns mean, and the files."""

from importlib.util import find_spec
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _

from onshore.desk.actor import PUBLIC
from onshore.desk.models import RECORDS, Bulletin
from onshore.desk.pages.forms import open_to_all
from onshore.desk.pages.navigation import address
from onshore.desk.pages.wording import language
from onshore.desk.policies import visible
from onshore.desk.publishing import contract_data, open_data_files
from onshore.desk.publishing.open_data import (
    DATA_SETS,
    DataSet,
    changed,
    licence,
    licence_name,
    publisher,
    state_of,
)
from onshore.desk.publishing.open_data_files import FORMS, answer, made_once
from onshore.desk.tables.frames import frame_of, programme_settings

SDMX = {
    "structure.xml": "application/vnd.sdmx.structure+xml; version=3.0.0",
    "observations.csv": "application/vnd.sdmx.data+csv; version=2.0.0",
    "observations.xml": "application/vnd.sdmx.data+xml; version=3.0.0",
}
"""The files of the series as SDMX, with what each is."""


@open_to_all
def open_data(request: HttpRequest) -> HttpResponse:
    """List what everybody may take away."""
    shown = [
        {"set": one, "url": reverse("open_data_set", args=[one.name]), "files": _files(one)}
        for one in DATA_SETS.values()
    ]
    return render(
        request,
        "desk/open_data.html",
        {
            "title": _("What everybody may take away and use"),
            "lead": _(
                "Each file keeps its address. Nothing restricted is in it: no import prices, no "
                "quotations, no single contract that was not published."
            ),
            "sets": shown,
            "sdmx": _sdmx_files(),
            "years": _years(),
            "map": address("ogc"),
            "bulletins": visible(PUBLIC, Bulletin).exists(),
            "catalogue": request.build_absolute_uri(reverse("open_data_catalogue")),
            **_terms(),
        },
    )


@open_to_all
def data_set(request: HttpRequest, name: str) -> HttpResponse:
    """Show a data set: its first rows, and what each of its columns means."""
    one = _found(name)
    return render(
        request,
        "desk/open_data_set.html",
        {
            "title": one.title,
            "lead": one.about,
            "set": one,
            "files": [
                (kind, request.build_absolute_uri(_file_address(one, kind))) for kind in FORMS
            ],
            "metadata": reverse("open_data_metadata", args=[one.name]),
            "sdmx": _sdmx_files() if one.name == "series" else (),
            "years": _years() if one.name == "contracts" else (),
            **_terms(),
        },
    )


@open_to_all
def data_file(request: HttpRequest, name: str, form: str) -> HttpResponse:
    """Give a data set as a file."""
    one = _found(name)
    if form not in FORMS:
        raise Http404
    file = made_once(f"{name}.{form}", lambda: FORMS[form](one), state=one.state)
    about = request.build_absolute_uri(reverse("open_data_metadata", args=[name]))
    saved_as = "" if form == "json" else f"{name}-{file.changed:%Y-%m-%d}.{form}"
    return answer(request, file, name=saved_as, about=about)


@open_to_all
def metadata(request: HttpRequest, name: str) -> HttpResponse:
    """Describe a data set's CSV for programs (CSVW)."""
    one = _found(name)
    url = request.build_absolute_uri(_file_address(one, "csv"))
    file = made_once(f"{url} metadata", lambda: open_data_files.csvw_of(one, url))
    return answer(request, file)


@open_to_all
def catalogue(request: HttpRequest) -> HttpResponse:
    """List the data sets and their files for programs."""

    def make() -> tuple[bytes, str]:
        sets = [
            {
                **open_data_files.described(one),
                "files": [
                    request.build_absolute_uri(url)
                    for _label, url in (*_files(one), *(_sdmx_files() if _is_series(one) else ()))
                ],
            }
            for one in DATA_SETS.values()
        ]
        return open_data_files.as_json({"data_sets": sets})

    return answer(request, made_once(f"{request.get_host()} catalogue", make))


@open_to_all
def sdmx(request: HttpRequest, name: str) -> HttpResponse:
    """Give the series as SDMX: structure, or observations in one of two forms."""
    if not _has_sdmx():
        raise Http404
    state = state_of(visible(PUBLIC, RECORDS["observations"]))
    file = made_once(f"sdmx {name}", lambda: (_sdmx(name), SDMX[name]), state=state)
    return answer(request, file, name=name)


def _sdmx(name: str) -> bytes:
    from onshore.records import Programme, settings_from
    from onshore.report import to_sdmx

    tables = {
        table: frame_of(visible(PUBLIC, RECORDS[table]).order_by("pk"))
        for table in ("observations", "targets", "places")
    }
    settings = programme_settings()
    if "home" not in settings:  # no programme is loaded yet
        raise Http404
    programme = Programme(settings_from(settings), tables)
    form = "sdmx-ml" if name == "observations.xml" else "sdmx-csv"
    return to_sdmx(programme, form, prepared=changed())[name]  # type: ignore[arg-type]


def _has_sdmx() -> bool:
    return find_spec("pysdmx") is not None and find_spec("lxml") is not None


def _sdmx_files() -> list[tuple[str, str]]:
    labels = {
        "structure.xml": _("SDMX structure"),
        "observations.csv": "SDMX-CSV",
        "observations.xml": "SDMX-ML",
    }
    return [(labels[name], reverse(f"sdmx_{name}")) for name in SDMX] if _has_sdmx() else []


def _is_series(one: DataSet) -> bool:
    return one.name == "series"


def _files(one: DataSet) -> list[tuple[str, str]]:
    return [(kind.upper(), _file_address(one, kind)) for kind in FORMS]


def _file_address(one: DataSet, kind: str) -> str:
    return reverse("open_data_file", args=[one.name, kind])


def _found(name: str) -> DataSet:
    if name not in DATA_SETS:
        raise Http404
    return DATA_SETS[name]


def _years() -> list[int]:
    """Give the years with published contracts, the newest first."""
    days = contract_data.published().dates("signed", "year", order="DESC")
    return [day.year for day in days]


def _terms() -> dict[str, Any]:
    return {
        "licence": licence(),
        "licence_name": licence_name(),
        "publisher": publisher(language()),
        "changed": changed(),
    }


urlpatterns = [
    path("open-data/", open_data, name="open_data"),
    path("open-data/catalogue.json", catalogue, name="open_data_catalogue"),
    *(path(f"open-data/sdmx/{name}", sdmx, {"name": name}, name=f"sdmx_{name}") for name in SDMX),
    path("open-data/<slug:name>/", data_set, name="open_data_set"),
    path("open-data/<slug:name>.csv-metadata.json", metadata, name="open_data_metadata"),
    path("open-data/<slug:name>.<slug:form>", data_file, name="open_data_file"),
]
