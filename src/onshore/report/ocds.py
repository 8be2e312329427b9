"""Contracts as open contracting data: releases and records of OCDS 1.1."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

import polars as pl

from onshore.codes import UnknownCode, countries, places, units

VERSION: Final = "1.1"
UNREGISTERED: Final = "ocds-000000"
"""Stands for the prefix until a publisher has its own from the Open Contracting Partnership."""

_Part = dict[str, Any]


@dataclass(frozen=True)
class Publication:
    """What a package says of itself.

    Parameters
    ----------
    publisher
        Name of who publishes.
    published
        When its contents changed last, with its time zone.
    licence
        Address of the licence.
    policy
        Address of the page that says what is published; left out where it is empty.
    """

    publisher: str
    published: datetime
    licence: str
    policy: str = ""


@dataclass(frozen=True, eq=False)
class ContractingProcess:
    """A contract from its award on.

    Parameters
    ----------
    ocid
        Open contracting id.
    releases
        What happened, the earliest first: the award and contract, what was accepted on each
        day, its end. Each id ends in the fingerprint of what the release says, so that an id
        never says two things.
    compiled
        How it stands: all releases in one.
    """

    ocid: str
    releases: tuple[dict[str, Any], ...]
    compiled: dict[str, Any]


def contracting_processes(
    tables: Mapping[str, pl.DataFrame], *, prefix: str = UNREGISTERED, home: str = "", on: date
) -> list[ContractingProcess]:
    """Give each contract of some tables as a contracting process.

    All that the tables hold of a contract is told, but for prices of imports, evidence and who
    accepted: give only rows that may be published. Memoranda are no contracts and are left out.

    Parameters
    ----------
    tables
        ``deals``, ``organisations``, ``needs``, ``items`` and ``deliveries``, in the schemas of
        the records.
    prefix
        The publisher's registered prefix, ``ocds-`` and six signs.
    home
        Country of organisations that name none, ISO 3166-1 alpha-2.
    on
        The day: a contract that has ended by then has a release of its end.

    Returns
    -------
    list of ContractingProcess
        In the order of the deals.

    Examples
    --------
    >>> from onshore.records import schema
    >>> rows = {
    ...     "deals": [{"deal_id": "D1", "basis": "contracted", "buyer_id": "B", "maker_id": "M",
    ...                "signed": date(2024, 5, 1), "until": date(2025, 5, 1)}],
    ...     "organisations": [{"organisation_id": key, "name": key} for key in "BM"],
    ...     "needs": [], "items": [], "deliveries": [],
    ... }
    >>> tables = {name: pl.DataFrame(of, schema=schema(name).dtypes) for name, of in rows.items()}
    >>> (one,) = contracting_processes(tables, on=date(2026, 1, 1))
    >>> one.ocid, [release["tag"] for release in one.releases]
    ('ocds-000000-D1', [['contract'], ['contractTermination']])
    """
    parties = _by_key(tables["organisations"], "organisation_id")
    needs = _by_key(tables["needs"], "need_id")
    items = _by_key(tables["items"], "item_id")
    accepted: dict[str, list[_Part]] = defaultdict(list)
    deliveries = tables["deliveries"].filter(pl.col("accepted").is_not_null())
    days = pl.coalesce("accepted_on", "delivered_on")
    for row in deliveries.with_columns(day=days).sort("day", "delivery_id").iter_rows(named=True):
        accepted[row["deal_id"]].append(row)
    found = []
    for deal in tables["deals"].filter(basis="contracted").iter_rows(named=True):
        one = _Contract(
            deal,
            buyer=_party(parties[deal["buyer_id"]], home),
            maker=_party(parties[deal["maker_id"]], home),
            need=needs.get(deal["need_id"], {}),
            item=items.get(deal["item_id"], {}),
            accepted=accepted[deal["deal_id"]],
        )
        found.append(_process(one, prefix, on))
    return found


def release_package(
    processes: Iterable[ContractingProcess], publication: Publication, uri: str
) -> dict[str, Any]:
    """Put the releases of some processes into a package.

    Parameters
    ----------
    uri
        Address of the package.

    Raises
    ------
    ValueError
        There is no release: the standard knows no empty package.
    """
    releases = [release for one in processes for release in one.releases]
    if not releases:
        raise ValueError("a release package holds at least one release. Publish a contract first.")
    return {**_package(publication, uri), "releases": releases}


def record_package(
    processes: Iterable[ContractingProcess], publication: Publication, uri: str
) -> dict[str, Any]:
    """Put some processes into a package of records, each with its releases and how it stands.

    Raises
    ------
    ValueError
        There is no record: the standard knows no empty package.
    """
    records = [
        {"ocid": one.ocid, "releases": list(one.releases), "compiledRelease": one.compiled}
        for one in processes
    ]
    if not records:
        raise ValueError("a record package holds at least one record. Publish a contract first.")
    return {**_package(publication, uri), "records": records}


def _package(publication: Publication, uri: str) -> _Part:
    return {
        "uri": uri,
        "version": VERSION,
        "publishedDate": publication.published.isoformat(timespec="seconds"),
        "publisher": {"name": publication.publisher},
        "license": publication.licence,
        **({"publicationPolicy": publication.policy} if publication.policy else {}),
    }


# A contract and its releases ------------------------------------------------------------------


@dataclass(frozen=True)
class _Contract:
    """A deal with its parties and with what else is told of it."""

    deal: _Part
    buyer: _Part
    maker: _Part
    need: _Part
    item: _Part
    accepted: list[_Part]

    @property
    def key(self) -> str:
        return str(self.deal["deal_id"])


def _process(one: _Contract, prefix: str, on: date) -> ContractingProcess:
    ocid = f"{prefix}-{one.key}"
    told = tuple(_release(ocid, day, tag, parts) for day, tag, parts in _told(one, on))
    last = told[-1]
    compiled = {**last, "id": f"{ocid}-{last['date']}", "tag": ["compiled"]}
    return ContractingProcess(ocid, told, compiled)


def _told(one: _Contract, on: date) -> Iterator[tuple[date, str, _Part]]:
    """Give what happened: its day, the standard's tag, and how the contract stood after it.

    Each release tells the whole contract, so that nothing in it refers to another release.
    """
    deal = one.deal
    agreed = _agreed(one)
    contract = agreed["contracts"][0]
    yield deal["signed"], "contract", agreed
    by_day: dict[date, list[_Part]] = defaultdict(list)
    for row in one.accepted:
        by_day[max(row["day"], deal["signed"])].append(row)
    milestones: list[_Part] = []
    for day, rows in sorted(by_day.items()):
        milestones = [*milestones, *(_milestone(row, deal["unit"]) for row in rows)]
        contract = {**contract, "implementation": {"milestones": milestones}}
        yield day, "implementation", {**agreed, "contracts": [contract]}
    if deal["until"] and deal["until"] < on:
        last = max(deal["until"], *by_day, deal["signed"])
        ended = {**contract, "status": "terminated"}
        yield last, "contractTermination", {**agreed, "contracts": [ended]}


def _release(ocid: str, day: date, tag: str, parts: _Part) -> _Part:
    told = {
        "ocid": ocid,
        "date": _moment(day),
        "tag": [tag],
        "initiationType": "tender",
        **parts,
    }
    written = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return {"id": f"{ocid}-{tag}-{sha256(written.encode()).hexdigest()[:12]}", **told}


def _agreed(one: _Contract) -> _Part:
    deal, need = one.deal, one.need
    title = need.get("description") or one.item.get("description") or f"Goods of {one.key}"
    value = _value(deal)
    goods = [_goods(one, title)]
    supplier = {"id": one.maker["id"], "name": one.maker["name"]}
    period = {"startDate": _moment(deal["signed"])}
    if deal["until"]:
        period["endDate"] = _moment(deal["until"])
    award = {
        "id": f"{one.key}-award",
        "title": title,
        "status": "active",
        "date": _moment(deal["signed"]),
        **value,
        "suppliers": [supplier],
        "items": goods,
    }
    contract = {
        "id": one.key,
        "awardID": award["id"],
        "title": title,
        **({"description": "Illustrative: invented."} if deal["illustrative"] else {}),
        "status": "active",
        "period": period,
        **value,
        "items": goods,
        "dateSigned": _moment(deal["signed"]),
    }
    tender = {"id": need["need_id"], "title": title, "status": "complete"} if need else {}
    return {
        "parties": [{**one.buyer, "roles": ["buyer"]}, {**one.maker, "roles": ["supplier"]}],
        "buyer": {"id": one.buyer["id"], "name": one.buyer["name"]},
        **({"tender": {**tender, "mainProcurementCategory": "goods"}} if need else {}),
        "awards": [award],
        "contracts": [contract],
    }


def _goods(one: _Contract, title: str) -> _Part:
    deal = one.deal
    told: _Part = {"id": "1", "description": title}
    if hs := one.need.get("hs_code") or one.item.get("hs_code"):
        told["classification"] = {"scheme": "HS", "id": hs}
    if deal["quantity"] is not None:
        told["quantity"] = _number(deal["quantity"])
    if code := deal["unit"] or one.item.get("unit"):
        told["unit"] = {"scheme": "UNCEFACT", "id": code, "name": _unit_name(code)}
    return told


def _milestone(row: _Part, unit: str | None) -> _Part:
    code = row["unit"] or unit
    amount = f"{_number(row['accepted'])} {_unit_name(code) if code else ''}".strip()
    return {
        "id": row["delivery_id"],
        "title": "Delivery accepted",
        "type": "delivery",
        "description": f"Accepted: {amount}",
        "status": "met",
        "dateMet": _moment(row["day"]),
    }


def _party(row: _Part, home: str) -> _Part:
    told: _Part = {"id": row["organisation_id"], "name": row["name"]}
    address: _Part = {}
    if row["place"]:
        address["region"] = _name(places, row["place"])
    if country := row["country"] or home:
        address["countryName"] = _name(countries, country)
    return {**told, "address": address} if address else told


def _value(deal: _Part) -> _Part:
    if deal["value"] is None or not deal["currency"]:
        return {}
    return {"value": {"amount": _number(deal["value"]), "currency": deal["currency"]}}


def _number(value: Decimal) -> int | float:
    return int(value) if value == int(value) else float(value)


def _moment(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _unit_name(code: str) -> str:
    return _name(units, code)


def _name(codes: Any, code: str) -> str:
    try:
        return str(codes.name(code, "en"))
    except UnknownCode:
        return code


def _by_key(frame: pl.DataFrame, key: str) -> dict[str, _Part]:
    return {row[key]: row for row in frame.iter_rows(named=True)}
