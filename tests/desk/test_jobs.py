"""Jobs go on in the background, tell how far they are, end when asked, and say why they failed."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from onshore.desk import jobs
from onshore.desk.actions.acting import Refused
from onshore.desk.actor import PUBLIC, Actor
from onshore.desk.models import Alert, Job, User
from onshore.desk.policies import NotAllowed

pytestmark = pytest.mark.django_db


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch) -> dict[str, jobs.Kind]:
    """Kinds of work of this test alone."""
    known: dict[str, jobs.Kind] = {}
    monkeypatch.setattr(jobs, "_KINDS", known)
    return known


def of_kind(kinds: dict[str, jobs.Kind], work: jobs.Work) -> str:
    kinds["test.work"] = jobs.Kind("Counting rows", work)
    return "test.work"


def test_work_is_done_with_the_owner_s_roles_in_the_page_s_language(
    kinds: Any, actors: dict[str, Actor], people: dict[str, User]
) -> None:
    from django.utils.translation import get_language, override

    actor = Actor(people["maker"], actors["maker"].roles)

    def work(run: jobs.Run) -> dict[str, Any]:
        run.report(3, 3, "rows")
        return {
            "language": get_language(),
            "upload": run.arguments["upload"],
            "organisations": sorted(run.actor.organisation.split(";")),
        }

    with override("fa"):
        one = jobs.start(actor, of_kind(kinds, work), {"upload": 7})
    assert one.state == Job.State.DONE
    assert one.result == {
        "language": "fa",
        "upload": 7,
        "organisations": ["workshop"],
    }
    assert one.done == one.total == 3
    assert one.asked_at <= one.began_at <= one.ended_at


def test_a_refusal_is_told_in_words_and_by_an_alert(kinds: Any, actors: dict[str, Actor]) -> None:
    def work(run: jobs.Run) -> None:
        raise Refused("The file has no rows.", "Send another one.")

    one = jobs.start(actors["maker"], of_kind(kinds, work))
    assert (one.state, one.error) == (Job.State.FAILED, "The file has no rows. Send another one.")
    alert = Alert.objects.get(user=actors["maker"].user)
    assert (alert.kind, alert.key) == ("job failed", str(one.pk))
    assert alert.facts == {"label": "Counting rows", "error": one.error}


def test_a_failing_program_tells_no_internals(
    kinds: Any, actors: dict[str, Actor], caplog: pytest.LogCaptureFixture
) -> None:
    def work(run: jobs.Run) -> None:
        raise KeyError("secret path")

    one = jobs.start(actors["maker"], of_kind(kinds, work))
    assert one.state == Job.State.FAILED
    assert "secret" not in one.error
    assert "Nothing was changed" in one.error


def test_a_job_ends_at_the_report_after_its_owner_asked(
    kinds: Any, actors: dict[str, Actor]
) -> None:
    reached = []

    def work(run: jobs.Run) -> None:
        run.report(1, 10, "first")
        jobs.cancel(Job.objects.get(pk=run.id))
        reached.append("asked")
        run.report(10, 10, "last")
        reached.append("went on")

    one = jobs.start(actors["maker"], of_kind(kinds, work))
    assert one.state == Job.State.CANCELLED
    assert reached == ["asked"]
    assert not Alert.objects.exists()


def test_a_job_that_writes_is_past_cancelling(kinds: Any, actors: dict[str, Actor]) -> None:
    def work(run: jobs.Run) -> dict[str, Any]:
        with transaction.atomic():
            jobs.cancel(Job.objects.get(pk=run.id))
            run.report(10, 10, "writing")
        return {}

    assert jobs.start(actors["maker"], of_kind(kinds, work)).state == Job.State.DONE


def test_a_waiting_job_is_cancelled_at_once_and_never_done(
    kinds: Any, actors: dict[str, Actor]
) -> None:
    reached = []
    kind = of_kind(kinds, lambda run: reached.append(run) or {})
    one = Job.objects.create(kind=kind, user=actors["maker"].user, asked_at=timezone.now())
    jobs.cancel(one)
    jobs.carry_out.call(one.pk)
    one.refresh_from_db()
    assert one.state == Job.State.CANCELLED
    assert not reached


def test_what_a_killed_worker_left_is_told(kinds: Any, actors: dict[str, Actor]) -> None:
    kind = of_kind(kinds, lambda run: {})
    now = timezone.now()
    one = Job.objects.create(
        kind=kind, user=actors["maker"].user, asked_at=now, began_at=now, state=Job.State.RUNNING
    )
    assert jobs.end_interrupted() == 1
    one.refresh_from_db()
    assert one.state == Job.State.FAILED
    assert "Start it again" in one.error
    assert jobs.end_interrupted() == 0


def test_long_work_is_told_when_it_is_done(kinds: Any, actors: dict[str, Actor]) -> None:
    def work(run: jobs.Run) -> None:
        began = timezone.now() - timedelta(minutes=5)
        Job.objects.filter(pk=run.id).update(began_at=began)

    one = jobs.start(actors["maker"], of_kind(kinds, work))
    alert = Alert.objects.get()
    assert (alert.kind, alert.key, alert.user) == ("job done", str(one.pk), actors["maker"].user)


def test_only_marked_functions_are_work(kinds: Any, actors: dict[str, Actor]) -> None:
    for name in ("os.system", "jobs.start", "../jobs.start", "nothing.here", ""):
        with pytest.raises(jobs.UnknownKind):
            jobs.start(actors["maker"], name)
    with pytest.raises(NotAllowed):
        jobs.start(PUBLIC, of_kind(kinds, lambda run: {}))


def test_the_page_shows_a_job_to_its_owner_alone(
    kinds: Any, actors: dict[str, Actor], client_of: Any
) -> None:
    kind = of_kind(kinds, lambda run: {"summary": "12 rows came in.", "address": "/needs/"})
    one = jobs.start(actors["maker"], kind)
    address = f"/jobs/{one.pk}/"
    page = client_of("maker").get(address)
    assert "12 rows came in." in page.text
    assert "Counting rows" in page.text
    part = client_of("maker").get(address, headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert "hx-get" not in part.text  # it has ended: nothing to ask for again
    assert "Counting rows" in client_of("maker").get("/jobs/").text
    assert "Counting rows" not in client_of("rival").get("/jobs/").text
    for name in ("rival", "officer", "administrator"):
        assert client_of(name).get(address).status_code == 404
        assert client_of(name).post(f"{address}cancel/").status_code == 404
    assert client_of("public").get(address).status_code == 302


def test_the_page_asks_again_while_the_work_goes_on_and_can_end_it(
    kinds: Any, actors: dict[str, Actor], client_of: Any
) -> None:
    kind = of_kind(kinds, lambda run: {})
    one = Job.objects.create(
        kind=kind,
        user=actors["maker"].user,
        asked_at=timezone.now(),
        state=Job.State.RUNNING,
        done=1200,
        total=4800,
        step="checking",
    )
    client = client_of("maker", "fa")
    page = client.get(f"/jobs/{one.pk}/").text
    assert 'hx-trigger="every 1s"' in page
    assert 'value="25"' in page
    assert "۱٬۲۰۰" in page
    assert client.get(f"/jobs/{one.pk}/cancel/").status_code == 405
    assert client.post(f"/jobs/{one.pk}/cancel/").status_code == 302
    one.refresh_from_db()
    assert one.cancel_asked
