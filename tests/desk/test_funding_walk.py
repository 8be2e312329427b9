"""A fund's call in a browser: proposed, reviewed, selected, awarded and paid; axe finds nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from browsing import sound
from django.utils import timezone
from funding import made_fund

from onshore.desk.auditing import audit
from onshore.desk.models import Call, Proposal, Review, Tranche

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

NUMBERS = {
    "en": {"budget": "100000", "amount": "60000", "score": "8"},
    "fa": {"budget": "۱۰۰٬۰۰۰", "amount": "۶۰٬۰۰۰", "score": "۸"},
}


class Person:
    """A person at a browser."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def go(self, path: str) -> None:
        """Open a page, which has to be there and to be accessible."""
        answer = self.page.goto(path)
        assert answer.status == 200, (path, answer.status)
        sound(self.page)

    def send(self, path: str, **values: str) -> None:
        """Open a form, fill it in and send it; it has to be taken."""
        self.go(path)
        for name, value in values.items():
            field = self.page.locator(f"main [name={name}]").first
            if field.evaluate("element => element.tagName") == "SELECT":
                field.select_option(value)
            elif field.get_attribute("type") == "radio":
                self.page.check(f"main [name={name}][value={value}]")
            else:
                field.fill(value)
        with self.page.expect_navigation():
            self.page.locator("main form[method=post] button").first.click()
        errors = self.page.locator("main .errors").all_inner_texts()
        assert not errors, errors


@pytest.fixture
def at_work(page_of: Callable[..., Any]) -> Callable[..., Person]:
    """Sit a person of a role down at a browser."""
    return lambda role, language, width=1440: Person(page_of(role, language, width))


@pytest.mark.parametrize("language", ["en", "fa"])
def test_from_a_call_to_a_paid_tranche(
    programme: Any, people: Any, at_work: Callable[..., Person], language: str
) -> None:
    made_fund()
    told, today = NUMBERS[language], timezone.localdate()
    officer, maker = at_work("officer", language), at_work("maker", language, 390)
    engineer = at_work("engineer", language, 390)
    officer.send(
        "/calls/new/", title="Rolls", kind="grant", fund_id="fund", text="What?", currency="EUR",
        budget=told["budget"], reviewers="1", closes=(today + timedelta(days=9)).isoformat(),
    )  # fmt: skip
    call = Call.objects.get()
    here = f"/calls/{call.pk}/"
    officer.send(f"{here}criteria/", name_1="novelty", weight_1="1", most_1="10")
    officer.send(f"{here}publish/")
    maker.send(
        f"{here}propose/", title="Cast rolls", summary="We cast.", amount=told["amount"], months="9"
    )
    Call.objects.update(closes=today - timedelta(days=1))
    officer.send(f"{here}reviewers/", reviewer="engineer")
    review = f"/reviews/{Review.objects.get().pk}/"
    engineer.go("/reviews/")
    engineer.send(f"{review}declare/", conflict="no")
    engineer.send(f"{review}score/", score_1=told["score"], comment="Good")
    engineer.go(review)
    officer.send(f"{here}select/")
    officer.go(here)
    officer.send(f"{here}decide/")
    proposal = Proposal.objects.get()
    assert (proposal.state, proposal.amount) == ("chosen", 60000)
    maker.go(f"/proposals/{proposal.pk}/")
    officer.send(f"/proposals/{proposal.pk}/award/", milestone_1="Sample", amount_1=told["amount"])
    tranche = Tranche.objects.get()
    maker.send(f"/tranches/{tranche.pk}/reach/", evidence="Report 12")
    officer.send(f"/tranches/{tranche.pk}/accept/")
    officer.send(f"/tranches/{tranche.pk}/pay/", paid_on=today.isoformat())
    maker.go(f"/awards/{tranche.award_id}/")
    for page in ("/calls/", "/proposals/", "/awards/", "/guarantees/", "/funds/", "/funds/fund/"):
        officer.go(page)
    tranche.refresh_from_db()
    assert tranche.paid_on == today
    assert not list(audit.verify())
