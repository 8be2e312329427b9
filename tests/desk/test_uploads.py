"""Import sessions: a sheet uploaded, its columns chosen, its cells mended, its rows brought in."""

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from desk_settings import MEDIA_ROOT
from onshore.desk.actions import uploads as actions
from onshore.desk.actions.acting import Refused, Stale
from onshore.desk.auditing import audit
from onshore.desk.models import (
    AuditEntry,
    Candidate,
    ColumnMemory,
    Job,
    Membership,
    Need,
    Offer,
    Role,
    Upload,
)
from onshore.desk.policies import NotAllowed

pytestmark = pytest.mark.django_db

HEADINGS = "شماره درخواست,شرح کالا,Part No,مصرف سالانه,واحد,unit price,Currency,Remarks"
ROWS = (
    "R1,Butterfly valve DN200 PN16,BV-200,۱۲۰,عدد,310.5,EUR,first",
    "R2,Hydraulic hose DN25,,1200,m,12,EUR,",
)


def csv(*rows: str, headings: str = HEADINGS, name: str = "list.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "\n".join([headings, *rows, ""]).encode())


def xlsx(sheets: dict[str, list[list[Any]]], name: str = "list.xlsx") -> SimpleUploadedFile:
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    return SimpleUploadedFile(name, file.getvalue())


@pytest.fixture
def engineer(actors: dict[str, Any]) -> Any:
    return actors["engineer"]


def begin(actor: Any, file: Any, table: str = "needs", **told: Any) -> Any:
    return actions.begin(actor, table, file, **told)


def test_a_sheet_in_own_headings_becomes_drafts(engineer: Any, programme: Any) -> None:
    upload = begin(engineer, csv(*ROWS))
    assert (upload.rows, upload.errors) == (2, 0)
    assert upload.summary["counts"] == {"new": 2}
    actions.commit(engineer, upload.pk)
    one, two = Need.objects.filter(pk__in=["R1", "R2"]).order_by("pk")
    assert (one.state, one.buyer_id, one.access) == ("draft", "steelworks", "")
    assert (one.yearly_quantity, one.unit, one.import_price) == (120, "H87", Decimal("310.5"))
    assert one.yearly_value == pytest.approx(120 * 310.5)
    assert (two.unit, two.part_number) == ("MTR", "")
    assert not list(audit.verify())
    lines = AuditEntry.objects.filter(action="uploads.commit", table="needs")
    assert sorted(lines.values_list("key", flat=True)) == ["R1", "R2"]


def test_the_same_file_twice_changes_nothing(engineer: Any, programme: Any) -> None:
    actions.commit(engineer, begin(engineer, csv(*ROWS)).pk)
    versions = list(Need.objects.order_by("pk").values_list("pk", "version"))
    again = begin(engineer, csv(*ROWS))
    assert again.summary["counts"] == {"same": 2}
    assert "same_as" in again.summary
    actions.commit(engineer, again.pk)
    assert list(Need.objects.order_by("pk").values_list("pk", "version")) == versions
    assert AuditEntry.objects.filter(action="uploads.commit", table="needs").count() == 2


def test_an_upload_is_brought_in_once(engineer: Any, programme: Any) -> None:
    upload = begin(engineer, csv(*ROWS))
    actions.commit(engineer, upload.pk)
    with pytest.raises(Refused):
        actions.commit(engineer, upload.pk)
    assert Need.objects.filter(pk__startswith="R").count() == 2


def test_changed_rows_are_updates_with_a_diff(
    engineer: Any, programme: Any, client_of: Callable[..., Any]
) -> None:
    actions.commit(engineer, begin(engineer, csv(*ROWS)).pk)
    upload = begin(engineer, csv(ROWS[0].replace("310.5", "298"), ROWS[1]))
    assert upload.summary["counts"] == {"changed": 1, "same": 1}
    page = client_of("engineer").get(reverse("upload", args=[upload.pk])).content.decode()
    assert "310.5" in page
    assert "298" in page
    actions.commit(engineer, upload.pk)
    need = Need.objects.get(pk="R1")
    assert (need.import_price, need.version) == (298, 2)
    line = AuditEntry.objects.filter(key="R1").order_by("-number").first()
    assert (line.before, line.after) == ('{"import_price":"310.5"}', '{"import_price":"298"}')


def test_columns_that_the_file_does_not_have_stay(engineer: Any, programme: Any) -> None:
    actions.commit(engineer, begin(engineer, csv(*ROWS)).pk)
    less = csv("R1,Butterfly valve DN200 PN16,75", headings="need_id,description,qty")
    actions.commit(engineer, begin(engineer, less).pk)
    need = Need.objects.get(pk="R1")
    assert (need.yearly_quantity, need.import_price, need.part_number) == (
        75,
        Decimal("310.5"),
        "BV-200",
    )


def test_a_file_moves_no_need(engineer: Any, programme: Any) -> None:
    file = csv("R1,Valve,serial supply", headings="need_id,description,state")
    actions.commit(engineer, begin(engineer, file).pk)
    assert Need.objects.get(pk="R1").state == "draft"


def test_columns_are_chosen_and_remembered(engineer: Any, programme: Any) -> None:
    headings = "Code X,Text Y,Howmany,U"
    upload = begin(engineer, csv("R1,Valve,5,kg", headings=headings))
    assert not any(upload.columns["columns"])
    chosen = ["need_id", "description", "yearly_quantity", "unit"]
    upload = actions.choose(engineer, upload.pk, sheet="", heading_row=1, columns=chosen)
    assert upload.errors == 0
    actions.commit(engineer, upload.pk)
    assert ColumnMemory.objects.filter(organisation="steelworks").count() == 4
    again = begin(engineer, csv("R2,Pump,6,kg", headings=headings))
    assert again.columns["columns"] == chosen
    assert again.errors == 0


def test_one_column_is_not_read_twice(engineer: Any, programme: Any) -> None:
    upload = begin(engineer, csv(*ROWS))
    twice = ["need_id", "description", "description", "", "", "", "", ""]
    with pytest.raises(Refused, match="description"):
        actions.choose(engineer, upload.pk, sheet="", heading_row=1, columns=twice)


def test_the_sheet_and_its_heading_row_are_found_and_chosen(engineer: Any, programme: Any) -> None:
    rows = [["Yearly list"], [], ["need_id", "description", "price"], ["R1", "Valve", 5.5]]
    book = xlsx({"Cover": [["Our needs"]], "List": rows, "Old": [["need_id", "شرح"], ["R9", "x"]]})
    upload = begin(engineer, book)
    assert (upload.columns["sheet"], upload.columns["heading_row"]) == ("List", 3)
    assert upload.errors == 1  # a price without a currency
    upload = actions.choose(engineer, upload.pk, sheet="Old", heading_row=1, columns=[])
    assert (upload.rows, upload.errors) == (1, 0)
    actions.commit(engineer, upload.pk)
    assert Need.objects.get(pk="R9").description == "x"


def test_faulty_cells_are_mended_on_the_page(
    programme: Any, engineer: Any, client_of: Callable[..., Any]
) -> None:
    client = client_of("engineer")
    bad = ROWS[1].replace("1200", "بسیار").replace(",m,", ",furlongs,")
    upload = begin(engineer, csv(ROWS[0], bad))
    address = reverse("upload", args=[upload.pk])
    page = client.get(address).content.decode()
    assert 'name="cell:3:yearly_quantity" value="بسیار"' in page
    assert 'name="cell:3:unit"' in page
    mended = {"cell:3:yearly_quantity": "۱٬۲۰۰", "cell:3:unit": "متر"}
    answer = client.post(reverse("upload_mend", args=[upload.pk]), mended)
    assert answer.status_code == 302
    upload.refresh_from_db()
    assert upload.errors == 0
    client.post(reverse("upload_commit", args=[upload.pk]))
    assert Need.objects.get(pk="R2").yearly_quantity == 1200
    upload.refresh_from_db()
    assert upload.state == Upload.State.COMMITTED
    assert upload.job.state == Job.State.DONE


def test_rows_are_left_out(engineer: Any, programme: Any) -> None:
    upload = begin(engineer, csv(ROWS[0], ROWS[1].replace("1200", "many")))
    assert upload.errors == 1
    with pytest.raises(Refused):
        actions.commit(engineer, upload.pk)
    upload = actions.mend(engineer, upload.pk, {}, left_out=[3])
    actions.commit(engineer, upload.pk)
    assert list(Need.objects.filter(pk__startswith="R").values_list("pk", flat=True)) == ["R1"]


def test_the_marked_sheet_comes_back(
    programme: Any, engineer: Any, client_of: Callable[..., Any]
) -> None:
    from openpyxl import load_workbook

    rows = [["Kennung", "Was", "qty", "unit"], ["R1", "Valve", "many", "kg"]]
    upload = begin(engineer, xlsx({"Daten": rows}))
    chosen = ["need_id", "description", "yearly_quantity", "unit"]
    actions.choose(engineer, upload.pk, sheet="Daten", heading_row=1, columns=chosen)
    answer = client_of("engineer").get(reverse("upload_marked", args=[upload.pk]))
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    assert book.sheetnames == ["Daten", "Errors"]
    assert "not a number" in book["Daten"]["C2"].comment.text
    assert book["Daten"]["B2"].comment is None


def test_keys_that_stand_twice_are_named_with_both_rows(engineer: Any, programme: Any) -> None:
    upload = begin(engineer, csv(ROWS[0], ROWS[0]))
    page = pl.read_parquet(actions.Session(upload).folder / "errors.parquet")
    assert page["reason"].to_list() == ["the key is that of row 2 already."]


def test_engineers_bring_in_their_own_buyers_needs_only(
    engineer: Any, programme: Any, organisations: Any
) -> None:
    upload = begin(engineer, csv("R1,rival,Valve", headings="need_id,buyer_id,description"))
    assert upload.errors == 1
    with pytest.raises(Refused):
        actions.commit(engineer, upload.pk)
    with pytest.raises(Refused):
        begin(engineer, csv(*ROWS), organisation="rival")
    Need.objects.create(need_id="X1", buyer=organisations["rival"], description="theirs")
    upload = begin(engineer, csv("X1,mine", headings="need_id,description"))
    assert upload.errors == 1


def test_an_officer_brings_in_any_buyers_needs(actors: dict[str, Any], programme: Any) -> None:
    file = csv("R1,steelworks,Valve", headings="need_id,buyer_id,description")
    actions.commit(actors["officer"], begin(actors["officer"], file).pk)
    assert Need.objects.get(pk="R1").buyer_id == "steelworks"


def test_makers_bring_in_their_own_offers_only(actors: dict[str, Any], programme: Any) -> None:
    maker, headings = actors["maker"], "offer_id,شرح محصول,ظرفیت سالانه,واحد"
    upload = begin(maker, csv("P1,شیر پروانه‌ای,۵۰۰,عدد", headings=headings), "offers")
    actions.commit(maker, upload.pk)
    assert (Offer.objects.get(pk="P1").maker_id, Offer.objects.get(pk="P1").unit) == (
        "workshop",
        "H87",
    )
    theirs = csv("O-rival,mine now,5,kg", headings=headings)
    assert begin(maker, theirs, "offers").errors == 1
    with pytest.raises(NotAllowed):
        begin(maker, csv(*ROWS), "needs")


@pytest.mark.parametrize("name", ["verifier", "analyst", "auditor", "administrator"])
def test_others_bring_in_nothing(actors: dict[str, Any], programme: Any, name: str) -> None:
    for table in ("needs", "offers"):
        with pytest.raises(NotAllowed):
            begin(actors[name], csv(*ROWS), table)


def test_an_upload_is_seen_by_its_owner_only(
    engineer: Any, programme: Any, client_of: Callable[..., Any]
) -> None:
    upload = begin(engineer, csv(*ROWS))
    for name in ("officer", "maker", "verifier"):
        assert client_of(name).get(reverse("upload", args=[upload.pk])).status_code == 404
        assert client_of(name).post(reverse("upload_commit", args=[upload.pk])).status_code == 404
    assert client_of("public").get(reverse("upload", args=[upload.pk])).status_code == 302


def test_records_changed_meanwhile_stop_the_whole_sheet(
    engineer: Any, actors: dict[str, Any], programme: Any, client_of: Callable[..., Any]
) -> None:
    from onshore.desk.actions import needs

    actions.commit(engineer, begin(engineer, csv(*ROWS)).pk)
    upload = begin(engineer, csv(ROWS[0].replace("310.5", "298"), ROWS[1], "R3,New,,1,kg,,,"))
    needs.change(actors["officer"], "R1", {"sector": "steel"})
    with pytest.raises(Stale):
        actions.commit(engineer, upload.pk)
    assert not Need.objects.filter(pk="R3").exists()
    client = client_of("engineer")
    client.post(reverse("upload_commit", args=[upload.pk]))  # reads it again
    upload.refresh_from_db()
    assert upload.job.state == Job.State.FAILED
    client.post(reverse("upload_commit", args=[upload.pk]))
    need = Need.objects.get(pk="R1")
    assert (need.import_price, need.sector) == (298, "steel")


def test_a_verified_need_is_not_changed_by_a_sheet(engineer: Any, programme: Any) -> None:
    Need.objects.filter(pk="N1").update(state="verified localized")
    same = csv(f"N1,{programme.need.description}", headings="need_id,description")
    assert begin(engineer, same).errors == 0
    other = csv("N1,another thing", headings="need_id,description")
    assert begin(engineer, other).errors == 1


def test_a_sheet_is_read_in_the_users_language(
    programme: Any, client_of: Callable[..., Any]
) -> None:
    client = client_of("engineer", "fa")
    file = csv(ROWS[0].replace("۱۲۰", "-5"), ROWS[1])
    answer = client.post(
        reverse("new_upload"), {"table": "needs", "organisation": "", "file": file, "whole": "1"}
    )
    page = client.get(answer.url).content.decode()
    assert "عدد منفی است" in page
    assert "negative" not in page


def test_the_same_form_sent_twice_makes_one_upload(
    programme: Any, client_of: Callable[..., Any]
) -> None:
    client = client_of("engineer")
    for _ in range(2):
        told = {"table": "needs", "organisation": "", "once": "abc", "whole": "1"}
        answer = client.post(reverse("new_upload"), told | {"file": csv(*ROWS)})
        assert answer.status_code == 302
    assert Upload.objects.count() == 1
    folders = [path for path in (MEDIA_ROOT / "uploads").iterdir() if path.is_dir()]
    assert actions.Session(Upload.objects.get()).folder in folders


def test_what_is_given_up_is_removed(
    engineer: Any, programme: Any, client_of: Callable[..., Any]
) -> None:
    upload = begin(engineer, csv(*ROWS))
    folder = actions.Session(upload).folder
    client_of("engineer").post(reverse("upload_discard", args=[upload.pk]))
    assert not folder.exists()
    with pytest.raises(Refused):
        actions.commit(engineer, upload.pk)


def test_membership_that_ended_brings_nothing_in(
    engineer: Any, people: dict[str, Any], programme: Any, client_of: Callable[..., Any]
) -> None:
    upload = begin(engineer, csv(*ROWS))
    Membership.objects.filter(user=people["engineer"], role=Role.ENGINEER).update(
        until=date(2020, 2, 1)
    )
    client_of("engineer").post(reverse("upload_commit", args=[upload.pk]))
    assert not Need.objects.filter(pk="R1").exists()


def test_after_a_sheet_makers_are_looked_for(
    programme: Any, client_of: Callable[..., Any], engineer: Any
) -> None:
    upload = begin(engineer, csv("R7,Spherical roller bearing 22220,22220 E,5,kg,,,"))
    client_of("engineer").post(reverse("upload_commit", args=[upload.pk]))
    assert Job.objects.get(kind="matching.run").state == Job.State.DONE
    assert Candidate.objects.filter(need="R7").exclude(category="none").count() == 2


def test_pages_ask_a_bounded_number_of_queries(
    programme: Any, client_of: Callable[..., Any], engineer: Any
) -> None:
    client = client_of("engineer")
    rows = [f"R{n},Valve {n},,1,kg,,," for n in range(60)]
    actions.commit(engineer, begin(engineer, csv(*rows)).pk)
    changed = [row.replace("Valve", "Pump") for row in rows]
    uploads = [begin(engineer, csv(*changed)), begin(engineer, csv("R1,x,,many,kg,,,"))]
    addresses = [reverse("upload", args=[one.pk]) for one in uploads] + [reverse("uploads")]
    for address in addresses:
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(address).status_code == 200
        assert len(asked) <= 12, [query["sql"][:90] for query in asked]
