"""The audit on its pages: filtered, exported, proved."""

import json

import pytest
from django.db import connection
from django.urls import reverse

from onshore.desk.actions import catalogue
from onshore.desk.auditing import audit
from onshore.desk.models import AuditEntry, Job, Organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def deeds(actors, programme):
    """Five changes of one organisation and one of another, by two people."""
    for number in range(5):
        catalogue.change_record(
            actors["officer"], "organisations", "workshop", {"industrial_park": f"Park {number}"}
        )
    catalogue.change_record(
        actors["administrator"], "organisations", "rival", {"website": "=HYPERLINK(1)"}
    )


def forge(number: int, **values: str) -> None:
    """Change a line as an intruder with the database's password would."""
    names = ", ".join(f'"{name}" = %s' for name in values)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                if "audit" in name:
                    cursor.execute(f'DROP TRIGGER "{name}"')
        else:
            cursor.execute("ALTER TABLE audit_entries DISABLE TRIGGER USER")
        cursor.execute(
            f"UPDATE audit_entries SET {names} WHERE number = %s",
            [*values.values(), number],
        )


def test_the_auditor_reads_who_did_what(client_of, deeds):
    page = client_of("auditor").get(reverse("audit")).content.decode()
    assert page.count("organisations.change") == 6
    number, line_hash = audit.head()
    assert line_hash in page
    assert reverse("audit_line", args=[number]) in page


@pytest.mark.parametrize(
    ("chosen", "lines"),
    [
        ({"actor": "officer"}, 5),
        ({"action": "organisations"}, 6),
        ({"action": "organisations.add"}, 0),
        ({"table": "organisations", "key": "rival"}, 1),
        ({"from": "1390/01/01", "to": "1400/01/01"}, 0),
        ({"from": "۱۴۰۰/۰۱/۰۱"}, 6),
        ({"from": "no day"}, 6),
    ],
)
def test_the_log_is_filtered(client_of, deeds, chosen, lines):
    page = client_of("auditor").get(reverse("audit"), chosen).content.decode()
    assert page.count('<td class="k-day"') == lines


def test_a_line_shows_before_and_after_and_leads_to_the_next_of_its_record(client_of, deeds):
    second = AuditEntry.objects.get(number=2)
    page = client_of("auditor").get(reverse("audit_line", args=[2])).content.decode()
    assert "Park 0" in page
    assert "Park 1" in page
    assert second.hash in page
    assert reverse("audit_line", args=[1]) in page
    assert reverse("audit_line", args=[3]) in page


def test_the_export_of_a_list_holds_no_formula(client_of, deeds):
    auditor = client_of("auditor")
    export = auditor.get(reverse("organisations"), {"export": "csv"}).content.decode("utf-8-sig")
    assert "=HYPERLINK" not in export.replace("'=HYPERLINK", "")


def test_the_whole_export_can_be_proved_without_the_desk(client_of, deeds):
    import hashlib
    from datetime import datetime

    answer = client_of("auditor").get(reverse("audit_export"))
    lines = [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]
    assert [line["number"] for line in lines] == [1, 2, 3, 4, 5, 6]
    before = "0" * 64
    for line in lines:
        assert line["previous_hash"] == before
        assert datetime.fromisoformat(line["at"]).tzinfo is not None
        names = ("actor", "organisation", "action", "table", "key", "before", "after", "reason")
        parts = [str(line["number"]), line["at"], *(line[name] for name in names), before]
        written = json.dumps(parts, ensure_ascii=False).encode()
        assert hashlib.sha256(written).hexdigest() == line["hash"]
        before = line["hash"]
    assert before == audit.head()[1]


def verify(client, **known):
    answer = client.post(reverse("audit_verify"), known)
    assert answer.status_code == 302
    return client.get(reverse("audit")).content.decode()


def test_a_whole_chain_is_proved_on_the_page(client_of, deeds):
    page = verify(client_of("auditor"))
    assert "6 lines were read, and all of them hold." in page


@pytest.mark.parametrize("column", ["actor", "before", "after", "reason", "key"])
def test_a_forged_line_is_named_on_the_page(client_of, deeds, column):
    forge(4, **{column: '{"forged":"x"}'})
    auditor = client_of("auditor")
    page = verify(auditor)
    assert "1 line does not hold." in page
    job = Job.objects.get()
    assert [fault["number"] for fault in job.result["faults"]] == [4]
    told = auditor.get(reverse("audit_line", args=[4])).content.decode()
    assert "was changed after it was written" in told


def test_a_chain_forged_throughout_is_found_by_the_hash_that_was_written_down(client_of, deeds):
    number, line_hash = audit.head()
    forge(1, reason="forged")
    before = audit.FIRST
    for entry in AuditEntry.objects.order_by("number"):
        entry.previous_hash = before
        before = audit.line_hash(entry)
        forge(entry.number, previous_hash=entry.previous_hash, hash=before)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_head SET hash = %s", [before])
    auditor = client_of("auditor")
    assert "all of them hold" in verify(auditor)
    assert "1 line does not hold" in verify(auditor, number=number, hash=line_hash)


@pytest.mark.parametrize(
    "known", [{"number": "3"}, {"hash": "a" * 64}, {"number": "3", "hash": "nonsense"}]
)
def test_half_a_proof_is_asked_for_the_other_half(client_of, deeds, known):
    answer = client_of("auditor").post(reverse("audit_verify"), known)
    assert answer.status_code == 422
    assert 'id="errors"' in answer.content.decode()
    assert not Job.objects.exists()


@pytest.mark.parametrize("role", ["officer", "engineer", "verifier", "maker", "analyst"])
def test_the_audit_is_not_for_others(client_of, deeds, role):
    client = client_of(role)
    assert client.get(reverse("audit")).status_code == 403
    line = client.get(reverse("audit_line", args=[1])).status_code
    assert line == (200 if role == "officer" else 404)  # officers see what became of records
    assert client.get(reverse("audit_export")).status_code == 403
    assert client.post(reverse("audit_verify")).status_code == 403
    assert not Job.objects.exists()


def test_the_log_takes_a_bounded_number_of_queries(
    client_of, actors, deeds, django_assert_max_num_queries
):
    for number in range(60):
        catalogue.change_record(
            actors["officer"], "organisations", "workshop", {"website": f"w{number}.example"}
        )
    auditor = client_of("auditor")
    auditor.get(reverse("audit"))
    with django_assert_max_num_queries(12):
        auditor.get(reverse("audit"))
    assert Organisation.objects.get(pk="workshop").website == "w59.example"
