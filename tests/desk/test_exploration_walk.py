"""A block from its outline to accepted work, in a browser and both languages; the map beside it."""

from datetime import timedelta
from typing import Any

import pytest
from browsing import send, sound
from django.urls import reverse
from django.utils import timezone

from onshore.desk.models import Block, BlockOffer, WorkCommitment

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

BROWSER = ("--use-gl=swiftshader", "--enable-unsafe-swiftshader")  # maps, without a card
SQUARE = "POLYGON ((57 29, 57.1 29, 57.1 29.1, 57 29.1, 57 29))"
BOWTIE = "POLYGON ((57 29, 58 30, 58 29, 57 30, 57 29))"


def drawn(page: Any) -> None:
    """Wait for the map, and hold that it drew."""
    page.wait_for_selector("[data-geo][data-drawn]")
    assert page.get_attribute("[data-geo]", "data-drawn") == "yes"


@pytest.mark.parametrize("language", ["en", "fa"])
def test_from_an_outline_to_accepted_work(page_of, organisations, language):
    ahead = [(timezone.localdate() + timedelta(days=days)).isoformat() for days in (9, 300, 900)]
    officer = page_of("officer", language)
    officer.goto(reverse("new_block"))
    send(officer, name="North", commodities="Cu;Au", geometry=BOWTIE)
    crossing = {"en": "crosses itself at", "fa": "خودش را قطع می‌کند"}[language]
    assert crossing in officer.inner_text("main")
    officer.troubles.clear()  # the browser's own line about the answer 422
    send(officer, geometry=SQUARE)
    block = Block.objects.get()
    officer.goto(reverse("offer_block", args=[block.pk]))
    officer.select_option("[name=organisation_id]", "workshop")
    send(officer, closes=ahead[0])

    firm = page_of("maker", language, width=390)
    firm.goto(reverse("block", args=[block.pk]))
    drawn(firm)
    firm.click(".geo-map canvas")
    assert firm.inner_text(".geo-told a") == "North"
    sound(firm)
    offer = BlockOffer.objects.get()
    firm.click(f'main a[href="{reverse("ask_for_block", args=[offer.pk])}"]')
    sound(firm)
    firm.select_option("[name=kind_1]", "drilling")
    send(firm, currency="EUR", amount_1="3000", due_1=ahead[1], cost_1="900000")

    officer.goto(reverse("award_block", args=[offer.pk]))
    send(officer, until=ahead[2], reason="It alone was asked.")
    work = WorkCommitment.objects.get()
    firm.goto(reverse("hand_in_work", args=[work.pk]))
    send(firm, done="۱۲۰۰" if language == "fa" else "1200", evidence="Report 7")
    officer.goto(reverse("work_commitment", args=[work.pk]))
    sound(officer)
    officer.goto(reverse("accept_work", args=[work.pk]))
    send(officer)
    work.refresh_from_db()
    assert work.done == 1200

    public = page_of("public", language)
    public.goto(reverse("exploration"))
    drawn(public)
    scale = public.inner_text(".maplibregl-ctrl-scale")
    number, unit = scale.split()
    assert (number.isdecimal(), number.isascii()) == (True, language == "en"), scale
    assert unit in {"en": ("km", "m"), "fa": ("کیلومتر", "متر")}[language]
    public.click(".maplibregl-ctrl-zoom-in")
    public.wait_for_function(
        "was => document.querySelector('.maplibregl-ctrl-scale').textContent !== was",
        arg=public.text_content(".maplibregl-ctrl-scale"),
    )
    assert public.inner_text(".maplibregl-ctrl-scale")[0].isascii() is (language == "en")
    sound(public)
    assert "Workshop" in public.inner_text("main")
    assert "Report 7" not in public.content()
    for page in (officer, firm, public):
        assert page.troubles == []
        assert page.get_attribute("html", "dir") == ("rtl" if language == "fa" else "ltr")
