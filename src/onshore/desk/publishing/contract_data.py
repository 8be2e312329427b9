"""Contracts that are open data, as the tables that OCDS releases are made of."""

import os
import re
from typing import Any, Final

import polars as pl
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Q, QuerySet

from onshore.desk.actor import PUBLIC
from onshore.desk.models import Deal, Delivery, Item, Need, Organisation
from onshore.desk.policies import visible
from onshore.desk.tables.frames import frame_of
from onshore.report import ocds

_PREFIX: Final = re.compile(r"ocds-[a-z0-9]{6}")


def prefix() -> str:
    """Give the prefix of open contracting ids: ``ONSHORE_OCID_PREFIX``.

    It is registered with the Open Contracting Partnership; zeros stand for it until it is.

    Raises
    ------
    ImproperlyConfigured
        It is none.
    """
    told = os.environ.get("ONSHORE_OCID_PREFIX", "") or ocds.UNREGISTERED
    if not _PREFIX.fullmatch(told):
        raise ImproperlyConfigured(
            f"ONSHORE_OCID_PREFIX is {told!r}; write ocds- and the six signs that were registered."
        )
    return told


def published() -> QuerySet:
    """Give the contracts that everybody reads; memoranda are none."""
    return visible(PUBLIC, Deal).filter(basis="contracted")


def tables_of(contracts: Any) -> dict[str, pl.DataFrame]:
    """Give some published contracts with what is told of them, in the schemas of the records."""
    keys = {name: contracts.values(name) for name in ("buyer", "maker", "need", "item", "pk")}
    parties = Q(pk__in=keys["buyer"]) | Q(pk__in=keys["maker"])
    return {
        "deals": frame_of(contracts.order_by("pk")),
        "organisations": frame_of(Organisation._default_manager.filter(parties)),
        "needs": frame_of(Need._default_manager.filter(pk__in=keys["need"])),
        "items": frame_of(Item._default_manager.filter(pk__in=keys["item"])),
        "deliveries": frame_of(Delivery._default_manager.filter(deal__in=keys["pk"])),
    }
