"""Looking for makers: candidates are renewed, a person's decisions stay."""

from typing import Any

import pytest

from onshore.desk.auditing import audit
from onshore.desk.choosing.matching import look_for_makers
from onshore.desk.jobs import start
from onshore.desk.models import AuditEntry, Candidate, Job, Need, Offer
from onshore.desk.policies import NotAllowed
from onshore.match import explain

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(actors: dict[str, Any]) -> Any:
    return actors["officer"]


def test_candidates_say_how_well_they_agree_and_why(officer: Any, programme: Any) -> None:
    Candidate.objects.all().delete()
    found = look_for_makers(officer, ["N1"])
    assert (found["needs"], found["found"], found["new"]) == (1, 1, 2)
    first = Candidate.objects.filter(need="N1").order_by("rank").first()
    assert first.category in ("exact", "near")
    assert "22220" in explain(first.reasons, "en")


def test_a_second_look_changes_nothing(officer: Any, programme: Any) -> None:
    look_for_makers(officer, ["N1"])
    before = list(Candidate.objects.order_by("pk").values())
    found = look_for_makers(officer, ["N1"])
    assert (found["new"], found["changed"], found["removed"]) == (0, 0, 0)
    assert list(Candidate.objects.order_by("pk").values()) == before


def test_decisions_stay(officer: Any, programme: Any) -> None:
    chosen = programme.candidates["rival"]
    chosen.decision, chosen.reviewer = "rejected", "officer"
    chosen.save()
    look_for_makers(officer, ["N1"])
    chosen.refresh_from_db()
    assert (chosen.decision, chosen.reviewer) == ("rejected", "officer")
    assert chosen.reasons != "the part number agrees"


def test_an_offer_that_no_longer_fits_goes_unless_it_was_decided_on(
    officer: Any, programme: Any
) -> None:
    Offer.objects.update(description="Wooden pallet 1200x800", part_number="")
    kept = programme.candidates["workshop"]
    kept.decision = "confirmed"
    kept.save()
    look_for_makers(officer, ["N1"])
    left = Candidate.objects.filter(need="N1", offer__maker="rival").exclude(category="none")
    assert not left.exists()
    kept.refresh_from_db()
    assert kept.decision == "confirmed"


def test_a_need_without_a_maker_is_told_so(
    officer: Any, programme: Any, organisations: Any
) -> None:
    Need.objects.create(
        need_id="N9", buyer=organisations["steelworks"], description="Uranium hexafluoride"
    )
    found = look_for_makers(officer, ["N9"])
    assert (found["needs"], found["found"]) == (1, 0)
    only = Candidate.objects.get(need="N9")
    assert (only.category, only.rank) == ("none", 1)


def test_without_offers_nothing_is_found(officer: Any, programme: Any) -> None:
    Candidate.objects.all().delete()
    Offer.objects.all().delete()
    assert look_for_makers(officer, ["N1"])["found"] == 0


def test_a_run_is_one_line_of_the_audit(officer: Any, programme: Any) -> None:
    look_for_makers(officer, ["N1"])
    line = AuditEntry.objects.get(action="candidates.match")
    assert '"needs":1' in line.after
    assert not list(audit.verify())


def test_a_job_looks_for_makers_of_all_open_needs(officer: Any, programme: Any) -> None:
    Candidate.objects.all().delete()
    job = start(officer, "matching.run", {})
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.error
    assert job.result["found"] == 1
    Need.objects.update(state="withdrawn")
    job = start(officer, "matching.run", {})
    job.refresh_from_db()
    assert job.result["needs"] == 0


@pytest.mark.parametrize("name", ["verifier", "analyst", "auditor", "researcher"])
def test_others_may_not(actors: dict[str, Any], programme: Any, name: str) -> None:
    with pytest.raises(NotAllowed):
        look_for_makers(actors[name], ["N1"])
