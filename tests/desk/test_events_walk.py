"""An event from its slots to the schedule, the PDF and a deal, in a browser and both languages."""

from pathlib import Path

import pytest
from browsing import press, send, sound
from django.urls import reverse
from django.utils import timezone

from onshore.desk.models import (
    Candidate,
    Deal,
    Event,
    Meeting,
    Need,
    Organisation,
    Participant,
    PartnerGood,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("language", ["en", "fa"])
def test_from_slots_to_a_deal(page_of, programme, language):
    Organisation.objects.filter(pk="steelworks").update(country="RU")
    Need.objects.update(state="offer", access="public")
    Candidate.objects.filter(offer__maker="workshop").update(decision="confirmed")
    PartnerGood.objects.create(good_id="G", partner="RU", direction="export", description="Bolts")
    officer = page_of("officer", language)
    officer.goto(reverse("partners"))
    press(officer, "partner", "RU")
    assert "Bolts" in officer.inner_text("main")
    sound(officer)
    officer.click('main a[href^="/events/new/"]')
    officer.wait_for_load_state()
    assert officer.input_value("[name=kind]") == "partner event"
    officer.fill("[name=title]", "Bearings for Russia")
    for name in ("from", "until"):
        officer.fill(f"[name={name}]", timezone.localdate().isoformat())
    officer.fill("[name=tables]", "2")
    send(officer)
    event = Event.objects.get()
    assert (event.starts, event.country) == (timezone.localdate(), "RU")

    press(officer, "lay_out_event", event.pk)
    officer.fill("[name=ends]", "۱۱:۰۰" if language == "fa" else "11:00")
    officer.fill("[name=minutes]", "30")
    send(officer)
    press(officer, "invite_to_event", event.pk)
    send(officer)
    assert Participant.objects.count() == 3
    officer.goto(reverse("event", args=[event.pk]) + "?show=wishes")
    press(officer, "wishes_from_matches", event.pk)
    send(officer)
    officer.goto(reverse("event", args=[event.pk]) + "?show=meetings")
    press(officer, "schedule_event", event.pk)
    send(officer)
    officer.goto(reverse("event", args=[event.pk]) + "?show=meetings")
    sound(officer)
    assert Meeting.objects.count() == 2
    with officer.expect_download() as given:
        officer.click(f'main a[href="{reverse("schedule_pdf", args=[event.pk])}"]')
    assert Path(given.value.path()).read_bytes().startswith(b"%PDF")

    engineer = page_of("engineer", language, width=390)
    engineer.goto(reverse("event", args=[event.pk]) + "?show=meetings")
    meeting = Meeting.objects.get(maker="workshop")
    press(engineer, "meeting_outcome", meeting.pk)
    sound(engineer)
    press(engineer, "need_move", "N1", "sign_mou")
    engineer.select_option("[name=maker_id]", "workshop")
    engineer.fill("[name=signed]", "1403/07/20" if language == "fa" else "2024-10-11")
    send(engineer)
    assert engineer.locator(".errors, .error").all_inner_texts() == []
    deal = Deal.objects.get()
    engineer.goto(reverse("meeting_outcome", args=[meeting.pk]))
    engineer.select_option("[name=state]", "took place")
    engineer.select_option("[name=outcome]", "MoU")
    engineer.select_option("[name=deal_id]", deal.pk)
    send(engineer)
    meeting.refresh_from_db()
    assert (meeting.state, meeting.outcome, meeting.deal_id) == ("took place", "MoU", deal.pk)
    assert deal.pk in engineer.inner_text("main")
    for page in (officer, engineer):
        assert page.troubles == []
        assert page.get_attribute("html", "dir") == ("rtl" if language == "fa" else "ltr")
