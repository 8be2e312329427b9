"""Each role's main path in a browser, from an uploaded sheet to a verified saving."""

import os
import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from onshore.desk.auditing import audit
from onshore.desk.models import RECORDS, Claim, Deal, Need

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SHEET = {
    "en": (
        "need no,item,description,part number,quantity,unit,unit price,"
        "currency,incoterm,price date",
        "W1,I1,Spherical roller bearing 22220 E,22220 E,120,piece,310.5,EUR,CIF,2024-09-01",
        "W2,I1,Spherical roller bearing 22222 E,22222 E,many,piece,330,EUR,CIF,2024-09-01",
    ),
    "fa": (
        "شماره درخواست,کد کالا,شرح کالا,شماره فنی,مقدار سالانه,"
        "واحد,قیمت واحد,ارز,اینکوترمز,تاریخ قیمت",
        "W1,I1,رولبرینگ بشکه‌ای 22220 E,22220 E,۱۲۰,عدد,۳۱۰٫۵,یورو,CIF,۱۴۰۳/۰۶/۱۱",
        "W2,I1,رولبرینگ بشکه‌ای 22222 E,22222 E,زیاد,عدد,۳۳۰,یورو,CIF,۱۴۰۳/۰۶/۱۱",
    ),
}
DAY = {"en": "2024-10-01", "fa": "۱۴۰۳/۰۷/۱۰"}
NUMBER = {"en": "240.5", "fa": "۲۴۰٫۵"}


class Person:
    """A person at a browser, signed in."""

    def __init__(self, page: Any, address: str) -> None:
        self.page, self.address = page, address
        self.troubles: list[str] = []
        page.set_default_timeout(15000)
        page.set_default_navigation_timeout(60000)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on(
            "console",
            lambda said: (
                self.troubles.append(said.text) if "Content Security" in said.text else None
            ),
        )

    def go(self, path: str) -> None:
        """Open a page, which has to be there."""
        answer = self.page.goto(self.address + path)
        assert answer.status == 200, (path, answer.status)

    def fill(self, **values: str) -> None:
        """Fill in fields by their names."""
        for name, value in values.items():
            field = self.page.locator(f"main [name={name}]:visible").first
            kind = field.evaluate("element => element.tagName")
            if kind == "SELECT":
                field.select_option(value)
            elif field.get_attribute("type") == "radio":
                self.page.check(f"main [name={name}][value={value}]")
            elif field.get_attribute("type") == "checkbox":
                field.check()
            else:
                field.fill(value)

    def send(self, selector: str = "main form[method=post] button:not([type=button])") -> None:
        """Press the button of the form, which has to take it."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()
        errors = self.page.locator("main .errors, main .errorlist").all_inner_texts()
        assert not errors, errors

    def move(self, key: str, move: str, **values: str) -> None:
        """Move a need by its form."""
        self.go(f"/needs/{key}/")
        button = self.page.locator(f'main form[action="/needs/{key}/do/{move}/"] button')
        if button.count():
            self.send(f'main form[action="/needs/{key}/do/{move}/"] button')
            return
        self.page.locator(f'main a[href="/needs/{key}/do/{move}/"]').first.click(timeout=5000)
        self.page.wait_for_url(f"**/do/{move}/")
        self.fill(**values)
        self.send()


@pytest.fixture
def at_work(
    chrome: Any, live_server: Any, client_of: Callable[..., Client], request: Any
) -> Iterator[Callable[..., Person]]:
    """Sit a person of a role down at a browser."""
    contexts, persons = [], []

    def sit(role: str, language: str, width: int = 1440) -> Person:
        session = client_of(role).cookies[settings.SESSION_COOKIE_NAME].value
        context = chrome.new_context(
            viewport={"width": width, "height": 900},
            locale={"en": "en-US", "fa": "fa-IR"}[language],
        )
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
        )
        contexts.append(context)
        persons.append(Person(context.new_page(), live_server.url))
        return persons[-1]

    yield sit
    if os.environ.get("ONSHORE_SHOTS"):
        for number, person in enumerate(persons):
            person.page.screenshot(path=f"{os.environ['ONSHORE_SHOTS']}/walk{number}.png")
    for context in contexts:
        context.close()
    assert not [trouble for person in persons for trouble in person.troubles]


@pytest.mark.parametrize("language", ["en", "fa"])
def test_from_upload_to_verified_saving(
    programme: Any, at_work: Callable[..., Person], language: str, tmp_path: Path
) -> None:
    engineer, officer = at_work("engineer", language), at_work("officer", language)
    maker, verifier = at_work("maker", language, 390), at_work("verifier", language)
    RECORDS["baselines"].objects.create(
        baseline_id="B1",
        item=programme.item,
        buyer_id="steelworks",
        reference_cif=Decimal("310.5"),
        currency="EUR",
        price_date=date(2024, 3, 1),
        volume=Decimal(120),
        unit="H87",
        frozen_on=date(2024, 3, 1),
        until=date(2027, 3, 1),
        evidence="customs declaration",
    )
    sheet = tmp_path / "needs.csv"
    sheet.write_text("\n".join(SHEET[language]) + "\n", encoding="utf-8")

    engineer.go("/uploads/new/")
    assert (
        engineer.page.locator("html").get_attribute("dir") == {"en": "ltr", "fa": "rtl"}[language]
    )
    engineer.page.set_input_files("main input[type=file]", str(sheet))
    engineer.fill(table="needs")
    engineer.send()
    assert engineer.page.get_by_text(re.compile("many|زیاد")).count()
    mend = engineer.page.locator("main form[action$='/mend/'] input:visible").first
    mend.fill({"en": "80", "fa": "۸۰"}[language])
    engineer.send("main form[action$='/mend/'] button")
    engineer.send("main form[action$='/commit/'] button")
    assert set(Need.objects.values_list("pk", flat=True)) == {"N1", "W1", "W2"}

    engineer.move("W1", "publish")
    officer.move("W1", "scout")
    officer.go("/review/need/W1/")
    officer.page.keyboard.press("a")
    officer.page.wait_for_load_state("networkidle")
    officer.move("W1", "match")

    maker.go("/can-make/")
    maker.page.locator("main").get_by_text("22220").first.wait_for()
    assert not maker.page.get_by_text(re.compile("310.5|۳۱۰٫۵")).count(), "the import price"
    maker.go("/needs/W1/quote/")
    maker.fill(price=NUMBER[language], currency="EUR", quantity_per_year="120")
    maker.send()

    engineer.go("/needs/W1/quotations/")
    quotation = engineer.page.locator("a[href*='/quotations/Q']").first.get_attribute("href")
    assert quotation
    engineer.move("W1", "take_offer", quotation_id=quotation.strip("/").split("/")[-1])
    officer.move("W1", "sign_contract", value="90000", currency="EUR", signed=DAY[language])
    maker.move("W1", "send_sample", offer_id="O-workshop", stage="first article")

    engineer.go("/qualifications/")
    engineer.page.locator("main table a[href^='/qualifications/']").first.click()
    engineer.page.wait_for_load_state()
    with engineer.page.expect_navigation():
        engineer.page.locator("main a[href$='/measure/']").click()
    engineer.fill(tested_on=DAY[language], laboratory="Central laboratory")
    engineer.fill(characteristic_1="Bore", requirement_1="110 -0.02", measured_1="109.99")
    engineer.fill(result_1="passed")
    engineer.send()
    engineer.fill(result="passed")
    engineer.send()
    engineer.move("W1", "qualify")
    engineer.move("W1", "start_serial")

    maker.go("/deliveries/new/?deal=" + Deal.objects.get(need="W1").pk)
    maker.fill(delivered_on=DAY[language], quantity="60", serial="on")
    maker.send()
    engineer.go("/deliveries/")
    engineer.page.locator(
        "main td a[href^='/deliveries/'], main th a[href^='/deliveries/']"
    ).first.click()
    engineer.page.wait_for_load_state()
    engineer.fill(
        accepted="58", reason="two had rust", evidence="GRN 118", accepted_on=DAY[language]
    )
    engineer.send()

    engineer.go("/claims/file/?deal=" + Deal.objects.get(need="W1").pk)
    engineer.fill(
        period={"en": "2024-Q4", "fa": "2024-Q4"}[language],
        quantity="58",
        imported_content="60",
        domestic_price=NUMBER[language],
        domestic_currency="EUR",
        baseline_id="B1",
    )
    engineer.send()
    claim = Claim.objects.get()
    verifier.go(f"/claims/{claim.pk}/verify/")
    verifier.send()
    verifier.move("W1", "verify_localized")
    assert Need.objects.get(pk="W1").state == "verified localized"
    claim.refresh_from_db()
    assert (claim.basis, claim.claimed_by, claim.verified_by) == (
        "verified",
        "engineer",
        "verifier",
    )

    auditor = at_work("auditor", language)
    auditor.go("/audit/")
    auditor.page.locator("#proof summary").click()
    auditor.send("main form[action$='/verify/'] button")
    assert auditor.page.locator("#proof [role=status]").count()
    assert not auditor.page.locator("#proof .broken").count()
    assert not list(audit.verify())
