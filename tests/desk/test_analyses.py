"""Analyses brought in from the commands, and targets with their fans."""

import json
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from onshore.chain import names, rank_losses, read_chain, sites, solve, streams
from onshore.chain.telling import description, main_product
from onshore.desk import jobs
from onshore.desk.actions import analyses as doing
from onshore.desk.actions.acting import Refused
from onshore.desk.analysing.analyses import needs_as_imports
from onshore.desk.analysing.result_files import read_results
from onshore.desk.models import RECORDS, Analysis, Job, Need
from onshore.desk.policies import NotAllowed
from onshore.desk.reckoning import bulletins, outlook
from onshore.report import chain_bulletin, to_html
from onshore.series import track

pytestmark = pytest.mark.django_db

COPPER = Path(__file__).parents[2] / "examples" / "chain" / "copper"


@pytest.fixture(scope="module")
def chain_result() -> tuple[dict[str, pl.DataFrame], dict[str, Any]]:
    """A solved chain, as ``onshore chain run`` writes it."""
    chain = read_chain(COPPER)
    found = solve(chain)
    tables = {
        **{name: getattr(found, name) for name in ("balance", "self_sufficiency", "exports_left")},
        **{name: getattr(found, name) for name in ("trades", "prices", "capacity_worth")},
        "streams": streams(found),
        "bottlenecks": found.bottlenecks,
        "sites": sites(chain, found.activity),
        "names": names(chain),
    }
    metadata = {
        "command": "run",
        "product": "rod",
        "years": list(chain.settings.years),
        "currency": "USD",
    }
    return tables, metadata


def packed(tables: dict[str, pl.DataFrame], metadata: Any, **more: bytes) -> bytes:
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, frame in tables.items():
            archive.writestr(f"out/{name}.csv", frame.write_csv())
        if metadata is not None:
            archive.writestr("out/metadata.json", json.dumps(metadata))
        for name, content in more.items():
            archive.writestr(f"out/{name.replace('__', '.')}", content)
    return buffer.getvalue()


def test_a_chain_brought_in_is_the_command_s_own_page(
    chain_result: Any, actors: Any, client_of: Any
) -> None:
    tables, metadata = chain_result
    content = packed(tables, metadata, report__html=b"<script>alert(1)</script>")
    row = doing.add(actors["analyst"], "Copper", "copper.zip", content)
    for locale in ("en", "fa"):
        own = chain_bulletin("run", tables, metadata, locale)
        kept = bulletins.from_json(Analysis.objects.get(pk=row.pk).content[locale])
        assert to_html(kept) == to_html(own)
        page = client_of("officer", locale).get(reverse("analysis", args=[row.pk]))
        assert page.status_code == 200
        assert "p-stream" in page.text  # the Sankey
        assert "alert(1)" not in page.text
    assert "Copper" in client_of("auditor").get(reverse("analyses"), {"kind": "run"}).text
    with pytest.raises(Refused) as refused:
        doing.add(actors["officer"], "", "again.zip", content)
    assert refused.value.field == "file"


def test_codes_keep_the_zeros_at_their_head() -> None:
    tables = {"products": pl.DataFrame({"product": ["010121", "870830"], "x": ["007", "1"]})}
    tables["numbers"] = pl.DataFrame({"year": [2024], "value": [1.5], "on": [date(2024, 5, 1)]})
    kind, read, _metadata = read_results(packed(tables, {"command": "dependency"}))
    assert kind == "dependency"
    for name, frame in tables.items():
        assert read[name].equals(frame), name


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 no zip",
        packed({}, None),
        packed({}, {"command": "explode"}),
        packed({}, ["run"]),
        packed({}, None, metadata__json=b"{not json"),
        packed({}, {"command": "run"}, streams__csv=b'a,b\n1,"2\n3'),
        packed({}, {"command": "run"}, **{f"t{n}__csv": b"a\n1" for n in range(70)}),
        packed({}, {"command": "run"}, big__csv=b"a\n" + b"1\n" * (21 * 2**20)),
        packed({}, {"command": "run"}, streams__csv=b"source,target,leaving\nx,y,z\n",
               names__csv=b"key\n1"),
    ],
    ids=["empty", "no zip", "nothing", "kind", "list", "json", "csv", "many", "bomb", "tables"],
)  # fmt: skip
def test_what_is_no_result_is_told_at_the_file(
    actors: Any, client_of: Any, content: bytes, request: Any
) -> None:
    if request.node.callspec.id != "tables":  # a page may do without what is missing
        with pytest.raises(Refused) as refused:
            doing.add(actors["analyst"], "", "x.zip", content)
        assert refused.value.field == "file"
    file = SimpleUploadedFile("x.zip", content or b" ")
    answer = client_of("analyst", "fa").post(
        reverse("analysis_new"), {"title": "", "file": file, "once": "o"}
    )
    assert answer.status_code in ((302, 422) if request.node.callspec.id == "tables" else (422,))


def test_it_is_brought_in_on_a_page_and_taken_out(
    chain_result: Any, client_of: Any, actors: Any
) -> None:
    client = client_of("analyst")
    file = SimpleUploadedFile("copper.zip", packed(*chain_result))
    done = client.post(reverse("analysis_new"), {"title": "", "file": file, "once": "o"})
    assert done.status_code == 302
    row = Analysis.objects.get()
    for language in ("en", "fa"):  # without a title of its own: its command's, in the language
        own = row.content[language]["title"]
        assert own in client_of("officer", language).get(reverse("analyses")).text
    for role, status in (("maker", 404), ("engineer", 404), ("public", 302), ("auditor", 200)):
        assert client_of(role).get(reverse("analysis", args=[row.pk])).status_code == status, role
    with pytest.raises(NotAllowed):
        doing.add(actors["auditor"], "", "x.zip", b"")
    url = reverse("analysis_remove", args=[row.pk])
    assert client.post(url, {"reason": "Old", "once": "p"}).status_code == 302
    assert not Analysis.objects.exists()


def zipped(folder: Path, **instead: bytes) -> bytes:
    """Pack a chain's folder, as a person would."""
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for path in folder.iterdir():
            archive.writestr(f"copper/{path.name}", instead.get(path.stem, path.read_bytes()))
    return buffer.getvalue()


def carried_out() -> Job:
    """Do the job that was asked for last."""
    one = Job.objects.latest("pk")
    jobs.carry_out.func(one.pk)
    one.refresh_from_db()
    return one


def test_a_chain_is_solved_and_its_losses_are_ranked_by_jobs(
    programme: Any, client_of: Any
) -> None:
    client = client_of("analyst")
    told = {"title": "", "weeks": "4", "once": "o"}
    file = SimpleUploadedFile("copper.zip", zipped(COPPER))
    answer = client.post(reverse("analysis_chain"), {**told, "file": file})
    assert answer.status_code == 302, answer.context["form"].errors
    done = carried_out()
    assert (done.state, done.error) == ("done", "")
    flows = Analysis.objects.get()
    assert flows.kind == "run"
    page = client.get(done.result["address"])
    assert "p-stream" in page.text  # the Sankey
    shocks = reverse("analysis_shocks", args=[flows.pk])
    assert shocks in page.text
    assert client.post(shocks, {"weeks": "4", "once": "a"}).status_code == 422  # nothing is lost
    wrong = client.post(shocks, {"lost": ["place"], "weeks": "۹۹۹", "once": "b"})
    assert "weeks" in wrong.context["form"].errors
    assert client.post(shocks, {"lost": ["place"], "weeks": "۶", "once": "c"}).status_code == 302
    done = carried_out()
    assert (done.state, done.error) == ("done", "")
    kept = bulletins.from_json(Analysis.objects.get(kind="shock").content["en"])
    chain = read_chain(COPPER)
    worst = rank_losses(chain, ("place",), first=25, weeks=6.0)
    own = chain_bulletin(
        "shock",
        {"losses": worst, "sites": sites(chain, None), "names": names(chain)},
        kept_metadata(chain, worst),
        "en",
    )
    assert [one.title for one in kept.sections] == [one.title for one in own.sections]
    assert client_of("auditor").get(done.result["address"]).status_code == 200


def kept_metadata(chain: Any, losses: pl.DataFrame) -> dict[str, Any]:
    return {
        **description(chain, sorted(set(losses["year"]))),
        "product": main_product(chain),
        "parameters": {"weeks": 6.0, "kinds": ["place"]},
        "warnings": chain.warnings,
    }


@pytest.mark.parametrize(
    "content",
    [
        b"no zip",
        packed({}, {"command": "run"}),
        zipped(COPPER, recipes=b"process,commodity,rate\nnobody,ore,1\n"),
        zipped(COPPER, chain=b"not = [toml"),
    ],
    ids=["no zip", "no chain", "rows", "toml"],
)
def test_what_is_no_chain_is_told_at_the_file(client_of: Any, content: bytes) -> None:
    file = SimpleUploadedFile("x.zip", content)
    answer = client_of("analyst", "fa").post(
        reverse("analysis_chain"), {"file": file, "weeks": "4", "once": "o"}
    )
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"]
    assert not Job.objects.exists()


def test_the_needs_own_imports_are_reckoned_without_confidential_ones(
    programme: Any, client_of: Any, actors: Any
) -> None:
    pytest.importorskip("ibis", reason="the extra trade is not installed")
    client = client_of("officer")
    address = reverse("analysis_needs")
    assert client.post(address, {"once": "a"}).status_code == 302
    assert "HS" in carried_out().error  # no need tells its origin yet
    for key, origin, price, access in (
        *(("N2", "CN", 300, "restricted"), ("N3", "DE", 100, "public")),
        ("N4", "RU", 9000, "confidential"),
    ):
        Need.objects.create(
            need_id=key, buyer_id="steelworks", description="Bearing", hs_code="848230",
            origin=origin, yearly_value=float(price), state="published", access=access,
        )  # fmt: skip
    rows, count = needs_as_imports(actors["officer"])
    assert count == 2
    assert dict(rows.select("partner", "value").iter_rows()) == {"CN": 300.0, "DE": 100.0}
    assert client.post(address, {"once": "b"}).status_code == 302
    done = carried_out()
    assert (done.state, done.error) == ("done", "")
    page = client_of("analyst", "fa").get(done.result["address"])
    assert page.status_code == 200
    kept = bulletins.from_json(Analysis.objects.get().content["en"])
    assert ("Rows read", "2") in kept.imprint
    frames = [table.frame for section in kept.sections for table in section.tables]
    assert any("848230" in str(cell) for frame in frames for row in frame.rows() for cell in row)
    assert client_of("maker").get(address).status_code == 403


@pytest.fixture
def aims(programme: Any) -> None:
    """Ten years of a series, with a target that it is on its way to."""
    for number in range(10):
        RECORDS["observations"].objects.create(
            observation_id=f"O{number}", indicator="production", product="crude steel",
            period=str(1393 + number), value=Decimal(20 + number), unit="million t",
            status="final", source="test", vintage=date(2014 + number, 6, 1),
        )  # fmt: skip
    for key, value in (("T1", 25), ("T2", 60)):
        RECORDS["targets"].objects.create(
            target_id=key, indicator="production", product="crude steel", period="1405",
            value=Decimal(value), unit="million t", source="test", statement=f"Aim {key}",
        )  # fmt: skip


def test_a_target_stands_beside_the_fan_of_its_series(
    aims: None, actors: Any, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    pytest.importorskip("statsmodels", reason="the extra series is not installed")
    observations, targets = outlook.seen_by(actors["analyst"])
    rows = {row["target_id"]: row for row in track(observations, targets).to_dicts()}
    assert rows["T1"]["probability"] > 0.5 > rows["T2"]["probability"]
    course = outlook.course_of(observations, rows["T1"])
    assert course["period"].to_list() == [str(year) for year in range(1393, 1406)]
    assert course["middle"][:10].to_list() == [float(20 + n) for n in range(10)]
    last = course.row(-1, named=True)
    assert last["low"] < last["middle"] < last["high"]
    assert last["middle"] == pytest.approx(rows["T1"]["median"], rel=0.05)
    for language in ("en", "fa"):
        client = client_of("analyst", language)
        with django_assert_max_num_queries(15):  # the first asks for the series too
            page = client.get(reverse("outlook"), {"target": "T2"})
        with django_assert_max_num_queries(12):
            client.get(reverse("outlook"), {"target": "T2"})
        assert page.status_code == 200
        assert "p-fan" in page.text
        assert "Aim T2" in page.text
    assert client_of("maker").get(reverse("outlook")).status_code == 403
    assert client_of("analyst").get(reverse("outlook"), {"target": "\0"}).status_code == 200


def test_a_series_too_short_says_so(programme: Any, actors: Any, client_of: Any) -> None:
    RECORDS["targets"].objects.create(
        target_id="T", indicator="exports", period="1405", value=Decimal(1), unit="t", source="s"
    )
    page = client_of("officer").get(reverse("outlook"), {"target": "T"})
    assert page.status_code == 200
    assert "no fan" in page.text
