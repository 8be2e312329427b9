"""The vendored fonts are those that the licence and the commands beside them speak of."""

import hashlib
from importlib.resources import files

FONTS = files("onshore.report").joinpath("fonts")


def listed() -> dict[str, str]:
    lines = FONTS.joinpath("SHA256SUMS").read_text(encoding="ascii").splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def test_every_font_and_licence_has_its_checksum():
    present = {file.name for file in FONTS.iterdir()} - {"README.md", "SHA256SUMS"}
    assert set(listed()) == present
    for name, digest in listed().items():
        assert hashlib.sha256(FONTS.joinpath(name).read_bytes()).hexdigest() == digest, name


def test_each_family_has_its_licence_and_its_version_in_the_name():
    for family, version in {"Inter": "4.1", "Vazirmatn": "33.003"}.items():
        licence = FONTS.joinpath(f"{family}-OFL.txt").read_text(encoding="utf-8")
        assert "SIL Open Font License, Version 1.1" in licence
        fonts = [name for name in listed() if name.startswith(family) and "OFL" not in name]
        assert fonts
        assert all(f"-{version}-" in name for name in fonts)


def test_what_a_page_embeds_stays_small():
    embedded = [file for file in FONTS.iterdir() if file.name.endswith(".woff2")]
    assert len(embedded) == 2
    assert sum(len(file.read_bytes()) for file in embedded) < 250_000 * 3 / 4  # base64 adds a third
