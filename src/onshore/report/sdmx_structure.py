"""The data structure definition and its code lists, as an SDMX-ML 3.0 structure message."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from onshore.report.sdmx_rows import DIMENSIONS, FLOWS, MEASURE, Flow, Names, SdmxError, attributes
from onshore.report.words import Words

if TYPE_CHECKING:
    from pysdmx.model import Codelist, Component

STRUCTURE_ID: Final = "INDUSTRY_SERIES"
VERSION: Final = "1.0.0"

CODED: Final[dict[str, str]] = {
    "FREQ": "CL_FREQ",
    "INDICATOR": "CL_INDICATOR",
    "PRODUCT": "CL_PRODUCT",
    "REF_AREA": "CL_AREA",
    "COUNTERPART_AREA": "CL_COUNTERPART_AREA",
    "UNIT_MEASURE": "CL_UNIT_MEASURE",
    "UNIT_MULT": "CL_UNIT_MULT",
    "KIND": "CL_KIND",
    "CALENDAR": "CL_CALENDAR",
    "OBS_STATUS": "CL_OBS_STATUS",
    "STATUS": "CL_STATUS",
    "BOUND": "CL_BOUND",
}

_FLOW_NAMES: Final[dict[Flow, str]] = {
    "observations": "sdmx.observations",
    "targets": "sdmx.targets",
}

# Signs that no XML holds stand in for what pysdmx would change: it turns every apostrophe into a
# double quote, and writes names in English only.
_APOSTROPHE: Final = "\uffff"
_PERSIAN: Final = "\ufffe"

Code = tuple[str, str, str]
"""Id, name in English, name in Persian."""


@dataclass(frozen=True)
class Structure:
    """What a structure message holds: who keeps it and the ids of indicators and products."""

    agency: str
    names: Names


def structure_xml(
    agency: str, codes: Mapping[str, Iterable[Code]], *, message: str, prepared: datetime
) -> str:
    """Write the concepts, the code lists, the data structure and its two flows.

    ``codes`` are the lists by their ids, as ``CODED`` names them.
    """
    from pysdmx.io import write_sdmx
    from pysdmx.io.format import Format
    from pysdmx.model import (
        Components,
        Concept,
        ConceptScheme,
        Dataflow,
        DataStructureDefinition,
        Organisation,
    )
    from pysdmx.model.message import Header

    lists = {key: _codelist(agency, key, items) for key, items in codes.items()}
    parts = [*DIMENSIONS, MEASURE, *dict.fromkeys(a for flow in FLOWS for a in attributes(flow))]
    scheme = ConceptScheme(
        id="CS_INDUSTRY_SERIES",
        name=_spoken("sdmx.concepts"),
        agency=agency,
        version=VERSION,
        items=[Concept(id=part, name=_concept(part)) for part in parts],
    )
    definition = DataStructureDefinition(
        id=STRUCTURE_ID,
        name=_spoken("sdmx.structure"),
        agency=agency,
        version=VERSION,
        components=Components([_component(part, agency, lists) for part in parts]),
    )
    flows = [
        Dataflow(
            id=flow.upper(),
            name=_spoken(_FLOW_NAMES[flow]),
            agency=agency,
            version=VERSION,
            structure=definition,
        )
        for flow in FLOWS
    ]
    text = write_sdmx(
        [scheme, *lists.values(), definition, *flows],
        Format.STRUCTURE_SDMX_ML_3_0,
        header=Header(id=message, prepared=prepared, sender=Organisation(id=agency)),
    )
    return (
        str(text)
        .replace(_PERSIAN, '</com:Name><com:Name xml:lang="fa">')
        .replace(_APOSTROPHE, "&apos;")
    )


def read_structure(text: str, where: str) -> Structure:
    """Read the ids of indicators and products, by name, from a structure message."""
    from pysdmx.errors import Invalid
    from pysdmx.io import read_sdmx

    try:
        message = read_sdmx(text, validate=True)
        lists = {entry.id: entry for entry in message.get_codelists()}
    except (Invalid, ValueError, KeyError, SyntaxError) as wrong:
        raise SdmxError(
            f"{where}: it is not an SDMX-ML structure message ({str(wrong).splitlines()[0]}). "
            "Give the structure.xml that stands beside the data."
        ) from None
    for key in ("CL_INDICATOR", "CL_PRODUCT"):
        if key not in lists:
            raise SdmxError(
                f"{where}: the code list {key} is missing. "
                "Give the structure.xml that stands beside the data."
            )
    named = {
        key: {str(code.name): code.id for code in lists[key] if not code.id.startswith("_")}
        for key in ("CL_INDICATOR", "CL_PRODUCT")
    }
    return Structure(
        agency=_agency(lists["CL_INDICATOR"]),
        names=Names(named["CL_INDICATOR"], named["CL_PRODUCT"]),
    )


def _agency(codelist: "Codelist") -> str:
    agency = codelist.agency
    return agency if isinstance(agency, str) else str(getattr(agency, "id", ""))


def _spoken(key: str) -> str:
    return _both(Words("en").say(key), Words("fa").say(key))


def _both(name: str, name_fa: str) -> str:
    """Join the two names of a thing, for the English element to be split after writing."""
    joined = name if name == name_fa else f"{name}{_PERSIAN}{name_fa}"
    return joined.replace("'", _APOSTROPHE)


def _concept(part: str) -> str:
    plain = part.replace("_", " ").capitalize()
    names = (Words("en").name("sdmx", part), Words("fa").name("sdmx", part))
    return _both(*(plain if name == part else name for name in names))


def _codelist(agency: str, key: str, items: Iterable[Code]) -> "Codelist":
    from pysdmx.model import Code as SdmxCode
    from pysdmx.model import Codelist

    return Codelist(
        id=key,
        name=_both(Words("en").name("sdmx list", key), Words("fa").name("sdmx list", key)),
        agency=agency,
        version=VERSION,
        items=[SdmxCode(id=code, name=_both(name, name_fa)) for code, name, name_fa in items],
    )


def _component(part: str, agency: str, lists: Mapping[str, "Codelist"]) -> "Component":
    from pysdmx.model import Component, DataType, ItemReference, Role

    concept = ItemReference(
        sdmx_type="Concept",
        agency=agency,
        id="CS_INDUSTRY_SERIES",
        version=VERSION,
        item_id=part,
    )
    if part in DIMENSIONS:
        role = Role.DIMENSION
    else:
        role = Role.MEASURE if part == MEASURE else Role.ATTRIBUTE
    dtype = {
        "TIME_PERIOD": DataType.PERIOD,
        MEASURE: DataType.DECIMAL,
        "ENTRY": DataType.INTEGER,
    }.get(part, DataType.STRING)
    codes = lists.get(CODED.get(part, ""))
    return Component(
        id=part,
        required=role != Role.ATTRIBUTE,
        role=role,
        concept=concept,
        local_dtype=None if codes else dtype,
        local_codes=codes,
        local_enum_ref=(
            f"urn:sdmx:org.sdmx.infomodel.codelist.Codelist={agency}:{codes.id}({VERSION})"
            if codes
            else None
        ),
        attachment_level="O" if role == Role.ATTRIBUTE else None,
    )
