"""The analyst's way in a browser: a scenario made, compared, adopted; a chain solved."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from browsing import narrow, send
from django.urls import reverse

from onshore.desk.models import RECORDS, Analysis, Candidate, Need, Offer, Scenario

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
COPPER = Path(__file__).parents[2] / "examples" / "chain" / "copper"


@pytest.fixture
def planning(programme, organisations):
    """A need that can be planned, a deal for the dashboard."""
    Need.objects.filter(pk="N1").update(state="matched")
    Candidate.objects.filter(offer="O-workshop").update(decision="confirmed")
    Offer.objects.update(tooling_cost=Decimal(1000))
    for year in range(1403, 1408):
        RECORDS["budgets"].objects.create(year=year, fund="F", amount=Decimal(1000), currency="EUR")
    RECORDS["deals"].objects.create(
        deal_id="D1", basis="contracted", desk_id="steel", buyer=organisations["steelworks"],
        maker=organisations["workshop"], need_id="N1", quantity=Decimal(100), unit="H87",
        value=Decimal(24000), currency="EUR", signed=date(2024, 9, 10),
    )  # fmt: skip


def made_scenario(page, title: str, budgets: str) -> None:
    page.goto(reverse("scenario_new"))
    page.fill("[name=title]", title)
    page.fill("[name=budgets]", budgets)
    page.fill("[name=seconds]", "5")
    send(page)


@pytest.mark.parametrize("language", ["en", "fa"])
def test_from_a_figure_to_the_adopted_plan_and_a_chain(page_of, planning, tmp_path, language):
    officer = page_of("officer", language)
    officer.goto(reverse("dashboard"))
    officer.click("main a[href*='step=contracted'] >> nth=0")
    assert "D1" in officer.inner_text("main")

    made_scenario(officer, "As it is", "100")
    made_scenario(officer, "Nothing", "۰" if language == "fa" else "0")
    first, second = Scenario.objects.order_by("pk")
    assert first.result["rows"]
    assert not second.result["rows"]
    officer.goto(reverse("scenario_compare"))
    officer.select_option("[name=one]", str(second.pk))
    officer.select_option("[name=other]", str(first.pk))
    officer.click("main form[method=get] button[type=submit]")
    assert officer.locator('main a[href="/needs/N1/"]').count()
    officer.goto(reverse("scenario", args=[first.pk]))
    officer.click(f'main a[href="{reverse("scenario_adopt", args=[first.pk])}"]')
    officer.fill("[name=reason]", "Agreed by the desk")
    send(officer)
    assert RECORDS["plan"].objects.get().need_id == "N1"

    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        for path in COPPER.iterdir():
            archive.write(path, path.name)
    (tmp_path / "copper.zip").write_bytes(packed.getvalue())
    analyst = page_of("analyst", language, width=390)
    analyst.goto(reverse("analysis_chain"))
    assert narrow(analyst)
    analyst.set_input_files("[name=file]", tmp_path / "copper.zip")
    analyst.check("[name=lost][value=place]")
    send(analyst)
    found = Analysis.objects.get()
    assert found.kind == "shock"
    analyst.goto(reverse("analysis", args=[found.pk]))
    assert analyst.locator("main table").count()
    assert narrow(analyst)
    for page in (officer, analyst):
        assert page.troubles == []
        assert page.get_attribute("html", "dir") == ("rtl" if language == "fa" else "ltr")
