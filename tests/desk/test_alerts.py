"""Alerts: who is told what, on the page, by e-mail and once a day."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core import mail as outbox
from django.utils import timezone
from django.utils.translation import override

from onshore.desk.actor import actor_of
from onshore.desk.models import (
    RECORDS,
    Alert,
    Deal,
    Desk,
    ImportException,
    Membership,
    Need,
    Role,
    User,
)
from onshore.desk.notices.alerts import KINDS, page_of, people_of, sentence, tell
from onshore.desk.notices.mailing import mail
from onshore.desk.policies import visible
from onshore.desk.running.daily import daily

pytestmark = pytest.mark.django_db
NOW = timezone.make_aware(datetime(2024, 10, 1, 9))
TODAY = date(2024, 10, 1)
FACTS = {
    "need": "Bearing 6205-2RS",
    "good": "Bearing",
    "package": "Bearings",
    "title": "Drawing",
    "maker": "Workshop",
    "item": "Bearing",
    "period": "1403",
    "label": "Matching",
    "state": "qualified",
    "decision": "chosen",
    "result": "passed",
    "due": "2024-09-22",
    "quantity": "1200",
    "accepted": "1150",
    "unit": "H87",
    "version": "3",
    "count": "12",
}


def engineer(name, organisation, **facts):
    user = User.objects.create_user(name, f"{name}@example.org", **facts)
    return Membership.objects.create(
        user=user, organisation=organisation, role=Role.ENGINEER, since=date(2020, 1, 1)
    )


def need(key, organisations, **facts):
    told = {"description": f"Bearing {key}", "state": "scouting", "sector": "steel"} | facts
    return Need.objects.create(need_id=key, buyer=organisations["steelworks"], **told)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_its_sentence_in_both_languages(kind):
    alert = Alert(kind=kind, facts=FACTS)
    with override("en"):
        english = sentence(alert)
    with override("fa"):
        persian = sentence(alert)
    assert english != persian
    for told in (english, persian):
        assert "%(" not in told
        assert told.endswith(".")
    if "due" in str(KINDS[kind]):
        assert "2024-09-22" in english
        assert "۱ مهر ۱۴۰۳" in persian


def test_figures_units_and_choices_are_told_in_persian():
    with override("fa"):
        assert "۱۲۰۰ عدد" in sentence(Alert(kind="delivery.recorded", facts=FACTS))
        assert "برگزیده" in sentence(Alert(kind="quotation.decided", facts=FACTS))


def test_a_reason_is_told_after_the_sentence():
    with override("en"):
        told = sentence(Alert(kind="quotation.decided", facts={**FACTS, "reason": "Too late"}))
    assert told.endswith("Reason: \u2068Too late\u2069")


def test_a_kind_that_is_not_there_or_a_fact_left_out_is_an_error(people):
    with pytest.raises(KeyError):
        tell([people["maker"]], "nonsense", "needs", "N1", {})
    with pytest.raises(KeyError, match="decision"):
        tell([people["maker"]], "quotation.decided", "quotations", "Q1", {"need": "x"})
    assert not Alert.objects.exists()


def test_people_are_told_once_however_often_they_are_named(people):
    tell([people["maker"], people["maker"]], "need.past", "needs", "N1", FACTS, at=NOW)
    assert Alert.objects.count() == 1


def test_people_of_an_organisation_on_a_day(people, organisations):
    gone = engineer("gone", organisations["steelworks"])
    gone.until = date(2024, 9, 30)
    gone.save()
    engineer("idle", organisations["steelworks"], is_active=False)
    found = people_of("steelworks", Role.ENGINEER, on=TODAY)
    assert found == [people["engineer"]]
    assert people_of("steelworks", Role.ENGINEER, on=date(2024, 9, 30)) == [
        people["engineer"],
        gone.user,
    ]
    assert people_of("", Role.MAKER, on=TODAY) == [people["maker"], people["rival"]]


def test_everyone_sees_only_their_own(people, actors):
    tell([people["maker"]], "need.past", "needs", "N1", FACTS, at=NOW)
    assert visible(actors["maker"], Alert).count() == 1
    assert visible(actors["rival"], Alert).count() == 0
    assert visible(actor_of(None, TODAY), Alert).count() == 0


def test_the_page_lists_opens_and_marks_as_read(client_of, people):
    for key in ("N1", "N2"):
        tell([people["maker"]], "need.past", "needs", key, {**FACTS, "need": f"Bearing {key}"})
    client = client_of("maker")
    page = client.get("/alerts/").content.decode()
    assert "Bearing N1" in page
    assert '<span class="badge"><bdi class="figure">2</bdi>' in page
    first = Alert.objects.get(key="N1")
    answer = client.get(f"/alerts/{first.pk}/")
    assert answer["Location"] == page_of(first) != ""
    first.refresh_from_db()
    assert first.read_at is not None
    unread = client.get("/alerts/?read=no").content.decode()
    assert "Bearing N2" in unread
    assert "Bearing N1" not in unread
    assert client.post("/alerts/read/").status_code == 302
    assert not Alert.objects.filter(read_at=None).exists()
    assert client_of("rival").get(f"/alerts/{first.pk}/").status_code == 404
    wrong = client.get("/alerts/read/")
    assert (wrong.status_code, wrong["Allow"]) == (405, "POST")
    assert "where a button leads" in wrong.content.decode()


def test_one_message_tells_all_that_is_new_in_the_persons_language(people):
    fresh = timezone.now()
    User.objects.filter(pk=people["maker"].pk).update(language="fa")
    tell([people["maker"], people["officer"]], "need.past", "needs", "N1", FACTS, at=fresh)
    tell([people["maker"]], "job done", "desk_jobs", "1", FACTS, at=fresh)
    tell([people["maker"]], "job done", "desk_jobs", "2", FACTS, at=fresh - timedelta(days=3))
    assert mail(at=fresh) == 2
    by_address = {message.to[0]: message for message in outbox.outbox}
    persian = by_address["maker@example.org"]
    assert "۱ مهر ۱۴۰۳" in persian.body
    assert persian.body.count("•") == 2
    assert "Bearing 6205-2RS" in by_address["officer@example.org"].body
    assert "http" in persian.body
    assert mail(at=fresh) == 0
    assert len(outbox.outbox) == 2


def test_what_was_read_on_the_page_is_not_sent(people):
    fresh = timezone.now()
    tell([people["maker"]], "need.past", "needs", "N1", FACTS, at=fresh)
    Alert.objects.update(read_at=fresh)
    assert mail(at=fresh) == 0


def test_without_a_mail_server_nothing_is_sent_and_nothing_lost(people, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    tell([people["maker"]], "need.past", "needs", "N1", FACTS)
    assert mail() == 0
    assert Alert.objects.filter(mailed_at=None).count() == 1


def test_a_mail_server_that_fails_is_tried_again(people, settings, monkeypatch):
    tell([people["maker"]], "need.past", "needs", "N1", FACTS)

    def fail(self):
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.message.EmailMessage.send", fail)
        assert mail() == 0
    assert mail() == 1


def test_daily_tells_of_needs_past_their_day_once(people, organisations):
    need("N1", organisations, due=date(2024, 9, 30))
    need("N2", organisations, due=TODAY)
    need("N3", organisations, due=date(2024, 9, 1), state="withdrawn")
    assert daily(at=NOW) == 2
    told = Alert.objects.order_by("user_id").values_list("user__username", "kind", "key")
    assert set(told) == {("officer", "need.past", "N1"), ("engineer", "need.past", "N1")}
    assert daily(at=NOW + timedelta(hours=3)) == 0
    Need.objects.filter(pk="N1").update(due=date(2024, 10, 5))
    assert daily(at=NOW + timedelta(days=9)) == 4  # N1 anew, N2 for the first time


def test_many_are_told_in_one_sentence_and_again_after_a_week(people, organisations):
    for number in range(5):
        need(f"N{number}", organisations, due=date(2024, 9, 20 + number))
    assert daily(at=NOW) == 2
    alert = Alert.objects.filter(user=people["officer"]).get()
    assert (alert.kind, alert.facts) == ("needs.past", {"count": "5", "due": "2024-09-20"})
    assert daily(at=NOW + timedelta(days=1)) == 0
    Alert.objects.update(read_at=NOW)
    assert daily(at=NOW + timedelta(days=6)) == 0
    assert daily(at=NOW + timedelta(days=8)) == 2


def test_an_officer_of_a_desk_is_told_of_its_sector(people, organisations):
    desk = Desk.objects.create(desk_id="copper", name="Copper desk", sector="copper")
    Membership.objects.filter(user=people["officer"]).update(desk=desk)
    need("N1", organisations, due=date(2024, 9, 1))
    need("N2", organisations, due=date(2024, 9, 1), sector="copper")
    daily(at=NOW)
    assert [a.key for a in Alert.objects.filter(user=people["officer"])] == ["N2"]


def test_mous_past_their_days_are_flagged(people, organisations):
    signed = need("N1", organisations, state="MoU", due=date(2024, 12, 1))
    aged = need("N2", organisations, state="MoU", due=date(2024, 9, 1))
    served = need("N3", organisations, state="contracted", due=date(2025, 9, 1))
    maker = organisations["workshop"]
    for number, (of, until) in enumerate(
        ((signed, date(2024, 9, 15)), (aged, None), (served, date(2024, 9, 15)))
    ):
        Deal.objects.create(
            deal_id=f"D{number}",
            basis="MoU",
            need=of,
            buyer=of.buyer,
            maker=maker,
            value=Decimal(1),
            currency="EUR",
            until=until,
        )
    daily(at=NOW)
    told = Alert.objects.filter(user=people["officer"], kind="mou.past")
    assert {(a.key, a.facts["due"]) for a in told} == {("N1", "2024-09-15"), ("N2", "2024-09-01")}


def test_exceptions_that_end_soon_are_told_to_the_agency_and_the_buyer(people, organisations):
    rule = RECORDS["import_rules"].objects.create(
        rule_id="R1", hs_code="848210", measure="banned", starts=date(2023, 1, 1)
    )
    for number, until in enumerate((TODAY + timedelta(days=14), TODAY + timedelta(days=15))):
        ImportException.objects.create(
            exception_id=f"E{number}",
            rule=rule,
            need=need(f"N{number}", organisations),
            reason="no maker yet",
            decision="granted",
            until=until,
        )
    daily(at=NOW)
    told = {(a.user.username, a.kind, a.key) for a in Alert.objects.select_related("user")}
    assert told == {("officer", "exception.ends", "E0"), ("engineer", "exception.ends", "E0")}
