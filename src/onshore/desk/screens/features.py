"""OGC API Features under ``/ogc/``: core, GeoJSON, OpenAPI 3.0, and reference systems of part 2.

Whoever is signed in, or sends a token, is shown what their role sees; the public, what is public.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from onshore.desk.actions.tokens import acting_by
from onshore.desk.pages.forms import open_to_all
from onshore.desk.publishing.feature_definition import definition
from onshore.desk.publishing.feature_questions import (
    CRS84,
    CRSS,
    Problem,
    Question,
    in_crs,
    read_crs,
    read_question,
    require_known,
)
from onshore.desk.publishing.features import COLLECTIONS, Collection, collections_of

JSON = "application/json"
GEOJSON = "application/geo+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
CONFORMS = (
    *(
        f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}"
        for name in ("core", "geojson", "oas30")
    ),
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
)
_View = Callable[..., HttpResponse]


def _answering(view: _View) -> Any:
    """Answer problems as RFC 9457 says, read tokens, and let pages of other sites read."""

    @open_to_all
    @require_safe
    @wraps(view)
    def answering(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            _take_token(request)
            response = view(request, *args, **kwargs)
        except Problem as problem:
            response = _problem(problem)
        response["Access-Control-Allow-Origin"] = "*"
        response["Vary"] = "Cookie, Authorization, Accept-Language"
        return response

    return answering


def _take_token(request: HttpRequest) -> None:
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return
    found = acting_by(token.strip(), timezone.localdate())
    if found is None:
        raise Problem(401, _("The token is not known or has ended."), _("Make a new one."))
    request.actor = found[0]


def _problem(problem: Problem) -> HttpResponse:
    told = {
        "type": "about:blank",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
    }
    return JsonResponse(told, status=problem.status, content_type="application/problem+json")


def _link(request: HttpRequest, address: str, rel: str, kind: str, title: Any = "") -> Any:
    told = {"href": request.build_absolute_uri(address), "rel": rel, "type": kind}
    return told | {"title": str(title)} if title else told


def _self(request: HttpRequest, kind: str) -> Any:
    return _link(request, request.get_full_path(), "self", kind)


@_answering
def landing(request: HttpRequest) -> HttpResponse:
    """Say what is here and where."""
    require_known(request.GET)
    return JsonResponse(
        {
            "title": _("Exploration: blocks, deposits, plants"),
            "description": _("The exploration wing of the programme as features on a map."),
            "links": [
                _self(request, JSON),
                _link(request, reverse("ogc_api"), "service-desc", OPENAPI),
                _link(request, reverse("ogc_conformance"), "conformance", JSON),
                _link(request, reverse("ogc_collections"), "data", JSON),
                _link(request, reverse("exploration"), "alternate", "text/html"),
            ],
        }
    )


@_answering
def conformance(request: HttpRequest) -> HttpResponse:
    """Say which parts of the standard are kept."""
    require_known(request.GET)
    return JsonResponse({"conformsTo": list(CONFORMS)})


@_answering
def api(request: HttpRequest) -> HttpResponse:
    """Give the definition of this API as OpenAPI 3.0."""
    require_known(request.GET)
    server = request.build_absolute_uri(reverse("ogc")).rstrip("/")
    told = definition(server, collections_of(request.actor))
    return JsonResponse(told, content_type=OPENAPI)


@_answering
def collections(request: HttpRequest) -> HttpResponse:
    """List the collections that the actor reads."""
    require_known(request.GET)
    told = [_described(request, each) for each in collections_of(request.actor)]
    return JsonResponse({"links": [_self(request, JSON)], "collections": told, "crs": list(CRSS)})


def _described(request: HttpRequest, one: Collection) -> dict[str, Any]:
    address = reverse(f"ogc_{one.name}")
    items = reverse(f"ogc_{one.name}_items")
    return {
        "id": one.name,
        "title": str(one.title),
        "description": str(one.description),
        "extent": one.extent(request.actor),
        "itemType": "feature",
        "crs": list(CRSS),
        "storageCrs": CRS84,
        "links": [
            _link(request, address, "self", JSON),
            _link(request, items, "items", GEOJSON, one.title),
        ],
    }


def _read(request: HttpRequest, name: str) -> Collection:
    one = COLLECTIONS[name]
    if not one.read_by(request.actor):
        raise _not_there()
    return one


def _not_there() -> Problem:
    return Problem(
        404, _("There is no such collection or feature."), _("Look under /ogc/collections.")
    )


@_answering
def collection(request: HttpRequest, name: str) -> HttpResponse:
    """Describe a collection."""
    require_known(request.GET)
    return JsonResponse(_described(request, _read(request, name)))


@_answering
def items(request: HttpRequest, name: str) -> HttpResponse:
    """Give features of a collection, so many at a time."""
    one = _read(request, name)
    asked = read_question(request.GET)
    keys = one.select(request.actor, asked.box, asked.when)
    if asked.offset and asked.offset >= len(keys):
        raise Problem(
            400,
            _("offset lies behind the last feature: %s fit.") % len(keys),
            _("Write a smaller offset, or follow the links of the first page."),
        )
    here = keys[asked.offset : asked.offset + asked.limit]
    features = one.features(request.actor, here)
    for feature in features:
        feature["geometry"] = in_crs(feature["geometry"], asked.crs)
    body = {
        "type": "FeatureCollection",
        "timeStamp": timezone.now().isoformat(),
        "numberMatched": len(keys),
        "numberReturned": len(features),
        "links": [
            _self(request, GEOJSON),
            *_pages(request, asked, len(keys)),
            _link(request, reverse(f"ogc_{name}"), "collection", JSON, one.title),
        ],
        "features": features,
    }
    return _geojson(body, asked.crs)


def _pages(request: HttpRequest, asked: Question, count: int) -> list[Any]:
    """Give the links to the pages before and after."""
    links = []
    for rel, offset in (
        ("prev", max(asked.offset - asked.limit, 0) if asked.offset else None),
        ("next", asked.offset + asked.limit),
    ):
        if offset is None or (rel == "next" and offset >= count):
            continue
        parts = request.GET.copy()
        parts["offset"], parts["limit"] = str(offset), str(asked.limit)
        links.append(_link(request, f"{request.path}?{parts.urlencode()}", rel, GEOJSON))
    return links


@_answering
def item(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """Give one feature."""
    one = _read(request, name)
    require_known(request.GET, "crs")
    crs = read_crs(request.GET)
    found = [] if "\0" in key else one.features(request.actor, [key])
    if not found:
        raise _not_there()
    feature = found[0]
    feature["geometry"] = in_crs(feature["geometry"], crs)
    feature["links"] = [
        _self(request, GEOJSON),
        _link(request, reverse(f"ogc_{name}"), "collection", JSON, one.title),
    ]
    return _geojson(feature, crs)


def _geojson(body: dict[str, Any], crs: str) -> HttpResponse:
    response = JsonResponse(body, content_type=GEOJSON)
    response["Content-Crs"] = f"<{crs}>"
    return response


urlpatterns = [
    path("ogc/", landing, name="ogc"),
    path("ogc/conformance", conformance, name="ogc_conformance"),
    path("ogc/api", api, name="ogc_api"),
    path("ogc/collections", collections, name="ogc_collections"),
]
for _name in COLLECTIONS:
    _base = f"ogc/collections/{_name}"
    urlpatterns += [
        path(_base, collection, {"name": _name}, name=f"ogc_{_name}"),
        path(f"{_base}/items", items, {"name": _name}, name=f"ogc_{_name}_items"),
        path(f"{_base}/items/<key:key>", item, {"name": _name}, name=f"ogc_{_name}_item"),
    ]
