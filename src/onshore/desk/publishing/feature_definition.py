"""The definition of the OGC API Features as an OpenAPI 3.0 document."""

from collections.abc import Sequence
from typing import Any, Final

from onshore.desk.publishing.feature_questions import CRS84, CRSS, DEFAULT, MOST
from onshore.desk.publishing.features import Collection

_NUMBERS: Final = {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}
_CRS: Final = {"type": "string", "format": "uri", "enum": list(CRSS), "default": CRS84}
_ASKED: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "bbox": (_NUMBERS, "Only what lies in the box, or nowhere: west,south,east,north."),
    "bbox-crs": (_CRS, "Reference system of the box."),
    "crs": (_CRS, "Reference system of the answer."),
    "datetime": (
        {"type": "string"},
        "Only what is at a time, or at none: a day or moment, or two with a slash; .. is open.",
    ),
    "limit": (
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT},
        "At most so many features. More than the maximum is answered with the maximum.",
    ),
    "offset": (
        {"type": "integer", "minimum": 0, "default": 0},
        "Features to pass over; follow the links `next` rather than writing it.",
    ),
}
_LINK: Final = {
    "type": "object",
    "required": ["href", "rel", "type"],
    "properties": {name: {"type": "string"} for name in ("href", "rel", "type", "title")},
}
_LINKS: Final = {"type": "array", "items": {"$ref": "#/components/schemas/link"}}


def _object(required: Sequence[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


_SCHEMAS: Final[dict[str, Any]] = {
    "link": _LINK,
    "landingPage": _object(
        ["links"], title={"type": "string"}, description={"type": "string"}, links=_LINKS
    ),
    "confClasses": _object(
        ["conformsTo"], conformsTo={"type": "array", "items": {"type": "string"}}
    ),
    "collection": _object(
        ["id", "links"],
        **{name: {"type": "string"} for name in ("id", "title", "description", "itemType")},
        storageCrs={"type": "string"},
        crs={"type": "array", "items": {"type": "string"}},
        extent={"type": "object"},
        links=_LINKS,
    ),
    "collections": _object(
        ["links", "collections"],
        links=_LINKS,
        collections={"type": "array", "items": {"$ref": "#/components/schemas/collection"}},
        crs={"type": "array", "items": {"type": "string"}},
    ),
    "feature": _object(
        ["type", "geometry", "properties", "id"],
        type={"type": "string", "enum": ["Feature"]},
        id={"type": "string"},
        geometry={"type": "object", "nullable": True},
        properties={"type": "object"},
        links=_LINKS,
    ),
    "featureCollection": _object(
        ["type", "features"],
        type={"type": "string", "enum": ["FeatureCollection"]},
        features={"type": "array", "items": {"$ref": "#/components/schemas/feature"}},
        links=_LINKS,
        timeStamp={"type": "string", "format": "date-time"},
        numberMatched={"type": "integer", "minimum": 0},
        numberReturned={"type": "integer", "minimum": 0},
    ),
    "problem": _object(
        ["title", "status"],
        type={"type": "string"},
        title={"type": "string"},
        status={"type": "integer"},
        detail={"type": "string"},
    ),
}


def definition(server: str, collections: Sequence[Collection]) -> dict[str, Any]:
    """Give the definition for a server's address and the collections that are read there."""
    paths: dict[str, Any] = {
        "/": _path("landing", "What is here", "landingPage"),
        "/conformance": _path("conformance", "Parts of the standard that are kept", "confClasses"),
        "/api": _path("api", "This definition", None, "application/vnd.oai.openapi+json"),
        "/collections": _path("collections", "The collections", "collections"),
    }
    geo = "application/geo+json"
    for one in collections:
        base, name = f"/collections/{one.name}", str(one.title)
        paths[base] = _path(one.name, name, "collection")
        paths[f"{base}/items"] = _path(
            f"{one.name}.items", name, "featureCollection", geo, asked=tuple(_ASKED)
        )
        path = _path(f"{one.name}.item", name, "feature", geo, asked=("crs",))
        key = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}
        path["get"]["parameters"].insert(0, key)
        path["get"]["responses"]["404"] = _problem("There is no such feature.")
        paths[f"{base}/items/{{featureId}}"] = path
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "onshore: exploration as OGC API Features",
            "version": "1",
            "description": "Blocks, deposits, plants and, for who reads them, targets.",
        },
        "servers": [{"url": server}],
        "paths": paths,
        "components": {
            "schemas": _SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def _path(
    operation: str,
    summary: str,
    schema: str | None,
    kind: str = "application/json",
    *,
    asked: Sequence[str] = (),
) -> dict[str, Any]:
    told = {"$ref": f"#/components/schemas/{schema}"} if schema else {"type": "object"}
    return {
        "get": {
            "operationId": operation,
            "summary": summary,
            "parameters": [_parameter(name) for name in asked],
            "responses": {
                "200": {"description": summary, "content": {kind: {"schema": told}}},
                "400": _problem("A parameter is not known or cannot be read."),
                "401": _problem("The token is not known or has ended."),
            },
        }
    }


def _parameter(name: str) -> dict[str, Any]:
    schema, meaning = _ASKED[name]
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": meaning,
        "schema": schema,
        "style": "form",
        "explode": False,
    }


def _problem(meaning: str) -> dict[str, Any]:
    told = {"$ref": "#/components/schemas/problem"}
    return {"description": meaning, "content": {"application/problem+json": {"schema": told}}}
