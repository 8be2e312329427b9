"""``onshore series export``, ``bulletin`` and ``template``: files made public, faults told."""

from pathlib import Path

import pytest

import onshore
from onshore.cli import main
from onshore.report import from_sdmx

STEEL = Path(__file__).parents[2] / "examples" / "steel"


@pytest.fixture
def programme(tmp_path, capsys):
    folder = tmp_path / "mine"
    assert main(["new", str(folder)]) == 0
    head = "observation_id,indicator,product,period,value,unit,status,source\n"
    row = "O1,exports,شمش فولاد,1398-Q1,1.425,million t,reported,IMIDRO\n"
    (folder / "observations.csv").write_text(head + row, encoding="utf-8")
    capsys.readouterr()
    return folder


def series(*words) -> int:
    return main(["series", *map(str, words)])


@pytest.fixture
def refused(capsys):
    """Run a verb that has to be refused with a status; give what it says."""

    def run(status, *words) -> str:
        capsys.readouterr()
        assert series(*words) == status
        said = capsys.readouterr()
        return said.out + said.err

    return run


@pytest.mark.parametrize("form", ["sdmx-csv", "sdmx-ml"])
def test_an_exported_programme_reads_back(programme, form, tmp_path, capsys):
    pytest.importorskip("pysdmx", reason="needs the extra 'sdmx'")
    out = tmp_path / "out"
    assert series("export", programme, "--to", form, "--out", out, "--agency", "IMIDRO") == 0
    files = {path.name: path.read_bytes() for path in out.iterdir()}
    read = from_sdmx(files)
    assert read.agency == "IMIDRO"
    assert read.observations.equals(onshore.open(programme).table("observations"))
    said = capsys.readouterr()
    assert {Path(line).name for line in said.out.split()} == set(files)
    assert "1 observations, 0 targets" in said.err


def test_a_bulletin_is_written_in_both_languages(tmp_path, capsys):
    if not STEEL.exists():
        pytest.skip("the worked example is not beside the tests")
    assert series("bulletin", STEEL, "--out", tmp_path / "out") == 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {f"bulletin{fa}.{end}" for fa in ("", ".fa") for end in ("html", "pdf", "xlsx")}
    page = (tmp_path / "out" / "bulletin.html").read_text(encoding="utf-8")
    assert "fell by 12.2%" in page
    assert 'href="bulletin.fa.html"' in page


def test_a_template_is_written_edited_and_its_faults_told(programme, tmp_path, refused):
    own = programme / "bulletin.toml"
    assert series("template", "--out", own) == 0
    assert "there already" in refused(2, "template", "--out", own)
    out = tmp_path / "out"
    assert series("bulletin", programme, "--out", out) == 0
    text = own.read_text(encoding="utf-8")
    line = text.splitlines().index('indicator = "each"') + 1
    own.write_text(text.replace('indicator = "each"', 'indicator = "export"'), encoding="utf-8")
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    said = refused(1, "bulletin", programme, "--out", out)
    assert "1 fault in the template; nothing was written" in said
    assert f"{own}, line {line}: indicator: no row is of 'export'" in said
    assert "next: Write one of: exports." in said
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("export", "mine", "--to", "sdmx-csv", "--out", "mine"), "holds a programme"),
        (("export", "mine", "--to", "sdmx-ml", "--out", "o", "--agency", "a b"), "name an agency"),
        (("export", "mine", "--to", "sdmx-json", "--out", "o"), "sdmx-json"),
        (("bulletin", "mine", "--template", "t.toml", "--out", "o"), "t.toml is no file"),
        (("bulletin", "none", "--out", "o"), "none is not there"),
        (("template", "--out", "t.txt"), "ends in .toml"),
    ],
)
def test_what_cannot_be_done_is_refused(words, told, programme, tmp_path, refused, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status = 1 if "--agency" in words else 2
    assert told in refused(status, *words)
    assert {path.name for path in tmp_path.iterdir()} == {"mine"}


def test_rows_that_contradict_each_other_are_named(programme, tmp_path, refused):
    with (programme / "observations.csv").open("a", encoding="utf-8") as file:
        file.write("O2,exports,شمش فولاد,1398-Q1,1.5,million t,reported,Customs\n")
    assert "O2" in refused(1, "bulletin", programme, "--out", tmp_path / "o")


@pytest.mark.parametrize("words", [("bulletin",), ("export", "--to", "sdmx-csv")])
def test_an_observation_in_a_doubtful_unit_is_named(words, programme, tmp_path, capsys):
    if "export" in words:
        pytest.importorskip("pysdmx", reason="needs the extra 'sdmx'")
    with (programme / "observations.csv").open("a", encoding="utf-8") as file:
        file.write("O2,exports,شمش فولاد,1397-Q1,1.854,milion t,reported,IMIDRO\n")
    assert series(words[0], programme, *words[1:], "--out", tmp_path / "out") == 0
    assert "doubtful: observation O2, unit milion t" in capsys.readouterr().err
