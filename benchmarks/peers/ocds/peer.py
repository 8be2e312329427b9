"""Judge OCDS packages with libcoveocds and ocdsmerge, without a network.

    peer/bin/python peer.py ocds-standard-1.1.5.zip FILE.json...

Prints for each package what libcoveocds finds: faults by the schema, fields that the standard does
not know, codes outside its lists, its further checks (references to parties, empty fields, ids
that stand twice). Then ocdsmerge compiles the releases of each record anew: what differs from the
compiled release of the package is told. Exit 1 if anything is found.
"""

import json
import socket
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path


def _no_network(*_: object, **__: object) -> None:
    raise OSError("this run has no network")


def _from_standard(standard: Path) -> None:
    """Let what the schemas refer to be read from the standard's own file, not from the network."""
    from libcoveocds.schema import SchemaOCDS

    with zipfile.ZipFile(standard) as held:
        read = {
            name.rpartition("/")[2]: json.loads(held.read(name))
            for name in held.namelist()
            if name.endswith(".json")
        }
    plain = SchemaOCDS._jsonref_kwarg

    def told(**kwargs: bool) -> dict[str, object]:
        return {**plain(**kwargs), "loader": lambda uri, **_: read[uri.rpartition("/")[2]]}

    SchemaOCDS._jsonref_kwarg = staticmethod(told)  # type: ignore[method-assign]


def judge(path: Path, standard: Path) -> list[str]:
    """Give what libcoveocds finds in a package."""
    from libcoveocds.api import ocds_json_output
    from libcoveocds.config import LibCoveOCDSConfig

    config = LibCoveOCDSConfig()
    config.config |= {"standard_zip": f"file://{standard.resolve()}", "context": "api"}
    told = ocds_json_output(file=str(path), lib_cove_ocds_config=config)
    checks = told.get("additional_checks") or {}
    found = {
        "faults by the schema": told["validation_errors"],
        "fields that are not the standard's": told["additional_fields"],
        "codes outside closed lists": told.get("additional_closed_codelist_values"),
        "codes outside open lists": told.get("additional_open_codelist_values"),
        "deprecated fields": told["deprecated_fields"],
        "structure warnings": told.get("structure_warnings", {}).get("missing_ids"),
        **checks,
    }
    return [f"{name}: {what}" for name, what in found.items() if what]


def compiled_anew(path: Path, standard: Path) -> list[str]:
    """Give the records whose compiled release is not what ocdsmerge makes of their releases."""
    import ocdsmerge

    with zipfile.ZipFile(standard) as held:
        name = next(n for n in held.namelist() if n.endswith("/dereferenced-release-schema.json"))
        merger = ocdsmerge.Merger(json.loads(held.read(name)))
    off = []
    for record in json.loads(path.read_text(encoding="utf-8"))["records"]:
        own, other = record["compiledRelease"], merger.create_compiled_release(record["releases"])
        names = {name for name in {*own, *other} if own.get(name) != other.get(name)}
        off += [f"{record['ocid']}: {name} differs" for name in sorted(names)]
    return off


def main() -> int:
    socket.socket.connect = _no_network  # type: ignore[assignment,method-assign]
    standard, *paths = (Path(each) for each in sys.argv[1:])
    _from_standard(standard)
    print(f"libcoveocds {version('libcoveocds')}, ocdsmerge {version('ocdsmerge')}")
    found = []
    for path in paths:
        told = judge(path, standard)
        content = json.loads(path.read_text(encoding="utf-8"))
        kind = "records" if "records" in content else "releases"
        if kind == "records":
            told += compiled_anew(path, standard)
        print(f"{path.name}: {len(content[kind])} {kind}, {'; '.join(told) or 'nothing found'}")
        found += told
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
