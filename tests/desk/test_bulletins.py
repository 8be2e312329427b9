"""Bulletins: composed of the dashboard's figures, published for good, each vintage by its own."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from django.core.cache import cache
from django.urls import reverse

import onshore.desk.access.analysis  # noqa: F401
from onshore.desk.actions import bulletins as doing
from onshore.desk.actions.acting import AlreadyDone, Refused
from onshore.desk.models import AuditEntry, Bulletin, Claim, Deal, Need
from onshore.desk.policies import NotAllowed
from onshore.desk.reckoning import bulletins, dashboard, tie_outs
from onshore.desk.reckoning.bulletins import CHOICES, Plan
from onshore.desk.reckoning.dashboard import Terms
from onshore.figures import Basis
from onshore.report import to_html, to_xlsx

pytestmark = pytest.mark.django_db

TERMS = Terms("EUR", "market", "solar_hijri")


def plan(**told: Any) -> Plan:
    facts: dict[str, Any] = {
        "title": "Standing",
        "title_fa": "وضعیت",
        "sections": tuple(CHOICES),
        "terms": TERMS,
        "vintage": date(2024, 10, 1),
    }
    return Plan(**{**facts, **told})


@pytest.fixture
def signed(programme: Any) -> Any:
    for number, value in enumerate((100, 200, 300, 400)):
        Deal.objects.create(
            deal_id=f"C{number}", basis="contracted", desk_id="steel", buyer_id="steelworks",
            maker_id="workshop", value=Decimal(value), currency="EUR", quantity=Decimal(10),
            unit="H87", signed=date(2024, 9, 10), need_id="N1" if number == 3 else None,
        )  # fmt: skip
    totals = [("T", None, 1045), ("A", "T", 600), ("B", "T", 300), ("C", "T", 140)]
    for key, part_of, amount in totals:
        Claim.objects.create(
            claim_id=key, part_of_id=part_of, period="1399", basis="announced",
            stated_amount=Decimal(amount * 1_000_000), stated_currency="EUR",
            statement="Localized equipment" if key == "T" else f"Localized equipment, part {key}",
            source="A newspaper",
        )  # fmt: skip
    cache.clear()
    return programme


def test_what_is_published_can_be_made_again_from_its_data(signed: Any, actors: Any) -> None:
    made = doing.publish(actors["analyst"], "standing", plan())
    row = Bulletin.objects.get(pk=made.pk)
    assert row.sha256 == bulletins.fingerprint(row.content)
    for locale in ("en", "fa"):
        composed = bulletins.compose(plan(), locale)
        again = bulletins.from_json(json.loads(json.dumps(row.content[locale])))
        assert to_html(again) == to_html(composed)
        assert bulletins.as_json(again) == row.content[locale]
        assert len(to_xlsx(again)) > 1000
        for one, other in zip(composed.sections, again.sections, strict=True):
            for told, back in zip(one.tables, other.tables, strict=True):
                assert told.frame.columns == back.frame.columns
                assert told.frame.cast(pl.String).equals(back.frame.cast(pl.String))


def test_a_bulletin_tells_the_dashboard_s_figures(signed: Any, actors: Any) -> None:
    composed = bulletins.compose(plan(sections=("sector", "year")), "en")
    sums = dashboard.totals(dashboard.ledger(actors["analyst"], TERMS))
    for section in composed.sections:
        assert section.tables[0].frame["contracted"][-1] == sums["contracted"] == 1000
        assert section.tables[0].frame["verified"][-1] is None  # nothing is: no nought is told
    assert [told.basis for told in composed.sections[0].headlines] == [Basis.CONTRACTED]


def test_tables_name_the_currency_in_their_language(signed: Any, client_of: Any) -> None:
    for locale, unit in (("en", "EUR"), ("fa", "یورو")):
        table = bulletins.compose(plan(sections=("sector",)), locale).sections[0].tables[0]
        assert {column.unit for column in table.columns[1:]} == {unit}
        page = client_of("analyst", locale).get(reverse("dashboard")).text
        assert f'<span class="unit">{unit}</span>' in page


def test_an_old_vintage_stays_as_it_was(signed: Any, actors: Any, client_of: Any) -> None:
    first = doing.publish(actors["analyst"], "standing", plan())
    before = client_of("public").get(reverse("bulletin_vintage", args=["standing", 1])).text
    held = Bulletin.objects.get(pk=first.pk).content
    Deal.objects.filter(pk="C0").update(value=Decimal(99_999))
    cache.clear()  # no action changed it, so the audit does not tell
    second = doing.publish(
        actors["officer"], "standing", plan(title="Standing anew", vintage=date(2024, 11, 1))
    )
    assert (first.number, second.number) == (1, 2)
    assert Bulletin.objects.get(pk=first.pk).content == held
    assert second.sha256 != first.sha256
    public = client_of("public")
    newest = public.get(reverse("bulletin", args=["standing"]))
    assert "Standing anew" in newest.text
    assert "100,899" in newest.text.replace("\u202f", ",")
    old = public.get(reverse("bulletin_vintage", args=["standing", 1]))
    assert "There is a newer vintage" in old.text
    assert "1,000" in before.replace("\u202f", ",")
    assert "1,000" in old.text.replace("\u202f", ",")
    assert first.sha256 in old.text


@pytest.mark.parametrize(
    ("contracts", "told"),
    [
        ([9, 1, 2, 4], [("a", 5), (None, 13), ("·", 18)]),
        ([9, 8, 2, 4], [("a", 5), ("b", 7), ("·", 24)]),  # one small group is not told alone
        ([9, 0, 3, 4], [("a", 5), ("b", 7), ("c", 11), (None, 13)]),
    ],
)
def test_a_group_of_too_few_contracts_is_not_told_alone(contracts: Any, told: Any) -> None:
    rows = pl.DataFrame(
        {"group": ["a", "b", "c", None], "contracted": [5, 7, 11, 13], "contracts": contracts}
    )
    others = [*dashboard.STEPS, "saved", "rows", "not_valued"]
    others.remove("contracted")
    found = bulletins.merged(rows.with_columns(pl.lit(0).alias(name) for name in others))
    assert found.select("group", "contracted").rows() == told


def test_no_confidential_deal_is_in_what_is_published(signed: Any, actors: Any) -> None:
    Need.objects.filter(pk="N1").update(access="confidential")
    cache.clear()
    assert dashboard.totals(dashboard.ledger(actors["officer"], TERMS))["contracted"] == 1000
    composed = bulletins.compose(plan(sections=("sector",)), "en")
    assert composed.sections[0].tables[0].frame["contracted"].sum() == 600


@pytest.mark.parametrize(
    ("slug", "told", "field"),
    [
        ("Bad Slug", {}, "slug"),
        ("new", {}, "slug"),
        ("x" * 81, {}, "slug"),
        ("fine", {"sections": ()}, "sections"),
        ("fine", {"vintage": date(2999, 1, 1)}, "vintage"),
        ("there", {"vintage": date(2024, 9, 1)}, "vintage"),
    ],
)
def test_what_cannot_be_published_is_told_at_its_field(
    signed: Any, actors: Any, slug: str, told: dict[str, Any], field: str
) -> None:
    doing.publish(actors["analyst"], "there", plan(sections=("sector",)))
    with pytest.raises(Refused) as refused:
        doing.publish(actors["analyst"], slug, plan(**told))
    assert refused.value.field == field
    assert Bulletin.objects.count() == 1


def test_the_same_form_publishes_once_and_others_publish_nothing(signed: Any, actors: Any) -> None:
    doing.publish(actors["analyst"], "one", plan(sections=("year",)), once="token")
    with pytest.raises(AlreadyDone):
        doing.publish(actors["analyst"], "one", plan(sections=("year",)), once="token")
    for role in ("maker", "engineer", "auditor", "researcher", "verifier", "administrator"):
        with pytest.raises(NotAllowed):
            doing.publish(actors[role], "two", plan())
    assert Bulletin.objects.count() == 1
    assert AuditEntry.objects.filter(action="bulletins.publish").count() == 1


@pytest.mark.parametrize("language", ["en", "fa"])
def test_it_is_composed_looked_at_and_published_on_a_page(
    signed: Any, client_of: Any, language: str
) -> None:
    client = client_of("analyst", language)
    url = reverse("bulletin_new")
    assert client.get(url).status_code == 200
    typed = {
        "title": "Steel",
        "title_fa": "فولاد",
        "slug": "steel",
        "vintage": "1403/07/10",
        "sections": list(CHOICES),
        "currency": "EUR",
        "rate_type": "market",
        "once": "o",
        "calendar": "gregorian",
    }
    looked = client.post(url, {**typed, "preview": "1"})
    assert looked.status_code == 200
    assert "svg" in looked.text
    assert not Bulletin.objects.exists()
    wrong = client.post(url, {**typed, "sections": ["nothing"], "vintage": "1403/13/40"})
    assert wrong.status_code == 422
    done = client.post(url, typed)
    assert done.status_code == 302
    assert done.url == "/bulletins/steel/1/"
    public = client_of("public", language)
    page = public.get(done.url)
    assert ("فولاد" if language == "fa" else "Steel") in page.text
    assert page.text.count("<svg") > 4
    for form, start in (("pdf", b"%PDF"), ("xlsx", b"PK"), ("json", b'{"slug"'), ("html", b"<!")):
        file = public.get(reverse("bulletin_file", args=["steel", 1, form]))
        assert file.content.startswith(start)
        assert "attachment" in file["Content-Disposition"]
    for missing in ("/bulletins/none/", "/bulletins/steel/9/", "/bulletins/steel/1/doc/"):
        assert public.get(missing).status_code == 404
    assert public.get(f"/bulletins/steel/{10**30}/").status_code == 404
    assert "/bulletins/steel/" in public.get(reverse("bulletins")).text


def test_a_withdrawn_vintage_stays_with_the_reason_over_it(
    signed: Any, actors: Any, client_of: Any
) -> None:
    made = doing.publish(actors["analyst"], "standing", plan(sections=("sector",)))
    url = reverse("bulletin_withdraw", args=["standing", 1])
    assert client_of("maker").post(url, {"reason": "x", "once": "a"}).status_code == 403
    assert client_of("public").get(url).status_code == 302
    client = client_of("analyst")
    assert client.post(url, {"reason": " ", "once": "b"}).status_code == 422
    assert client.post(url, {"reason": "A rate was wrong", "once": "c"}).status_code == 302
    page = client_of("public").get(reverse("bulletin", args=["standing"]))
    assert page.status_code == 200
    assert "A rate was wrong" in page.text
    with pytest.raises(Refused):
        doing.withdraw(actors["analyst"], made.pk, reason="Again")


def test_a_published_sum_is_tied_out_with_its_parts(
    signed: Any, actors: Any, client_of: Any
) -> None:
    rows = tie_outs.tie_out(actors["analyst"])
    off = [row for row in rows if row.verdict == "off by" and row.keys[0] == "T"]
    assert off, rows
    assert off[0].keys == ("T", "A", "B", "C")
    assert "1,040" in off[0].working.replace("\u202f", ",") or "1040" in off[0].working
    for language in ("en", "fa"):
        page = client_of("auditor", language).get(reverse("tie_outs"))
        assert page.status_code == 200
        assert "/claims/T/" in page.text
    only = client_of("auditor").get(reverse("tie_outs"), {"verdict": "ties"})
    assert "/claims/T/" not in only.text
    assert client_of("maker").get(reverse("tie_outs")).status_code == 403
    assert client_of("public").get(reverse("tie_outs")).status_code == 302


def test_a_saving_published_for_a_desk_is_set_beside_its_verified_claims(
    signed: Any, actors: Any
) -> None:
    Claim.objects.create(
        claim_id="S", desk_id="steel", period="1403", basis="verified",
        stated_amount=Decimal(5000), stated_currency="EUR", statement="Saved by the steel desk",
    )  # fmt: skip
    cache.clear()
    row = next(row for row in tie_outs.tie_out(actors["officer"]) if row.relation == "records")
    assert (row.keys, row.verdict, row.difference) == (("S",), "off by", "5000")


def test_pages_of_bulletins_ask_little(
    signed: Any, actors: Any, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(3):
        doing.publish(actors["analyst"], f"b{number}", plan(sections=("sector",)))
    client = client_of("officer")
    for url in (reverse("bulletins"), reverse("bulletin", args=["b1"]), reverse("tie_outs")):
        client.get(url)
        with django_assert_max_num_queries(12):
            client.get(url)
