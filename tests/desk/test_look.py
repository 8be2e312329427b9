"""How the pages look and feel: every page, both languages, both themes, by axe-core."""

import hashlib
import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import RequestFactory
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.translation import override
from worlds import World, analyses, part_two

from onshore.desk.models import RECORDS, Job, Need, Role
from onshore.desk.notices.alerts import tell
from onshore.desk.pages import showing
from onshore.desk.pages.navigation import PLACES, address
from onshore.desk.templatetags.desk import diff, ladder_bars, reasons_lists, state_path
from onshore.figures import Basis
from onshore.report.inks import INK_OF, PAINTS

DESK = Path(__file__).parents[2] / "src" / "onshore" / "desk"
STATIC = DESK / "static" / "desk"
AXE = Path(__file__).parent / "axe"
TOKENS = DESK.parent / "report" / "look" / "tokens-1.css"
STYLE = TOKENS.read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", [STATIC, AXE], ids=["htmx", "axe"])
def test_what_is_vendored_is_what_was_published(folder):
    for line in (folder / "SHA256SUMS").read_text(encoding="ascii").splitlines():
        digest, name = line.split()
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
    assert list(folder.glob("*LICENSE*"))


def test_every_icon_that_is_asked_for_is_in_the_sprite():
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons-1.svg").read_text()))
    asked = {place.icon for place in PLACES} | set(showing.STATE_ICONS.values())
    for path in DESK.rglob("*.html"):
        asked |= set(re.findall(r'{% icon "([\w-]+)"', path.read_text(encoding="utf-8")))
    assert asked - sprite == set()


def test_pages_have_no_inline_script_or_style():
    for path in DESK.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|hx-on|javascript:", text), path
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), path


def test_styles_and_scripts_load_nothing_from_elsewhere():
    for path in (
        TOKENS,
        *STATIC.glob("*.css"),
        *STATIC.glob("*.svg"),
        *STATIC.glob("onshore-*.js"),
    ):
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http" not in text, path.name
        assert "@import" not in text, path.name


def test_htmx_runs_no_code_from_pages():
    page = (DESK / "templates" / "desk" / "base.html").read_text(encoding="utf-8")
    config = json.loads(re.search(r"name=\"htmx-config\" content='([^']+)'", page)[1])
    assert config["allowEval"] is False
    assert config["allowScriptTags"] is False
    assert config["selfRequestsOnly"] is True


def test_every_state_has_an_icon():
    from onshore.records import schema

    assert set(showing.STATE_ICONS) == set(schema("needs").column("state").choices)


def test_dark_from_the_browser_and_dark_by_choice_are_the_same_colours():
    by_browser = re.search(r':root:not\(\[data-theme="light"\]\) \{([^}]+)\}', STYLE)[1]
    by_choice = re.search(r':root\[data-theme="dark"\] \{([^}]+)\}', STYLE)[1]
    assert by_browser.split() == by_choice.split()


def _tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_figures_have_contrast_aaa_and_words_aa(theme):
    light = _tokens(re.search(r":root \{([^}]+)\}", STYLE)[1])
    dark = _tokens(re.search(r':root\[data-theme="dark"\] \{([^}]+)\}', STYLE)[1])
    tokens = light | (dark if theme == "dark" else {})
    for ground in ("paper", "raised", "wash", "missing-wash", "error-wash"):
        assert _contrast(tokens["text"], tokens[ground]) >= 7, ground
        assert _contrast(tokens["muted"], tokens[ground]) >= 4.5, ground
    for ink in ("ink", "missing-text", "error"):
        assert _contrast(tokens[ink], tokens["paper"]) >= 4.5, ink
    assert _contrast(tokens["on-ink"], tokens["ink"]) >= 4.5
    assert _contrast(tokens["strong-rule"], tokens["paper"]) >= 3
    assert _contrast(tokens["missing-text"], tokens["missing-wash"]) >= 4.5
    assert _contrast(tokens["error"], tokens["error-wash"]) >= 4.5
    assert _contrast(tokens["ink"], tokens["wash"]) >= 4.5


def test_the_light_inks_are_those_of_the_bulletin():
    tokens = _tokens(re.search(r":root \{([^}]+)\}", STYLE)[1])
    assert tokens["ink"] == PAINTS["solid"]["fill"] == PAINTS["hatch-4"]["stroke"]
    assert tokens["ink-6"] == PAINTS["light-6"]["fill"]
    assert tokens["ink-5"] == PAINTS["light-5"]["fill"]


def test_a_chip_is_filled_to_its_step():
    for basis in Basis:
        told = showing.chip(basis.value)
        assert f'aria-label="{basis.step}/7"' in told
        assert basis.label("en") in told
        assert showing.chip(basis) == told


def test_bars_stand_in_the_inks_of_their_bases_and_in_proportion():
    told = ladder_bars({"verified": 25, "MoU": 50, "announced": None}, "EUR", 100)
    assert [(b["basis"], b["ink"], b["share"]) for b in told["bars"]] == [
        (Basis.VERIFIED, INK_OF[Basis.VERIFIED], "25.00%"),
        (Basis.MOU, INK_OF[Basis.MOU], "50.00%"),
        (Basis.TARGET, INK_OF[Basis.TARGET], "100.00%"),
    ]
    assert ladder_bars({})["bars"] == []
    assert ladder_bars({"verified": 0})["bars"][0]["share"] == "0.00%"


@pytest.mark.parametrize(
    ("state", "held", "done", "here", "leads"),
    [
        ("draft", "", 0, 0, {"publish"}),
        ("scouting", "", 2, 2, {"match"}),
        ("verified localized", "", 10, 10, set()),
        ("on hold", "offer", 5, None, {"resume"}),
        ("no-match", "", 0, None, {"scout"}),
    ],
)
def test_a_path_tells_what_is_done_what_is_next_and_who(state, held, done, here, leads):
    told = state_path(Need(need_id="N", state=state, held_state=held))
    assert [step["done"] for step in told["steps"]].count(True) == done
    assert [n for n, step in enumerate(told["steps"]) if step["here"]] == (
        [] if here is None else [here]
    )
    assert {move.name for move in told["moves"]} == leads
    assert bool(told["who"]) is bool(leads)


def test_reasons_are_told_apart_and_ones_own_words_stay():
    reasons = '{"agree": [["words", "gate valve"]], "differ": [["DN", "DN 200", "DN 250"]]}'
    with override("en"):
        told = reasons_lists(reasons)
    assert [(g["heading"], g["said"]) for g in told["groups"]] == [
        ("Agrees", ["gate valve"]),
        ("Differs", ["DN 200 (offer: DN 250)"]),
    ]
    assert reasons_lists("the drawing says so") == {"groups": [], "note": "the drawing says so"}
    assert reasons_lists('["odd"]')["groups"] == []


def test_a_diff_has_a_line_for_each_column_that_differs():
    before = '{"state": "draft", "unit": "H87", "illustrative": true}'
    with override("en"):
        told = diff(before, {"state": "published", "unit": "H87", "own_word": 3}, table="needs")
    assert [(line["label"], line["was"], line["now"]) for line in told["lines"]] == [
        ("State", "Draft", "Published"),
        ("Illustrative", "yes", ""),
        ("Own word", "", "3"),
    ]


def test_text_from_records_is_never_markup():
    evil = "<img src=x onerror=alert(1)>"
    for show in (showing.text, showing.isolated, showing.choice, showing.state, showing.unit):
        assert "<img" not in show(evil)
    assert "<img" not in showing.money(1, evil)


def test_money_tells_its_rate_on_hover_and_in_print(db):
    from onshore.desk.screens.components import _rate

    with override("en"):
        told = showing.money(1240000, "IRR", rate=_rate())
    assert told.count("598\u202f000") == 2
    assert "market" in told.lower()
    assert "2024-09-22" in told


@pytest.mark.django_db
@pytest.mark.parametrize("theme", ["light", "dark", "nonsense"])
def test_the_theme_is_kept_and_shown(client_of, theme):
    client = client_of("maker")
    answer = client.post("/theme/", {"theme": theme, "next": "/alerts/?read=no"})
    assert answer["Location"] == "/alerts/?read=no"
    page = client.get("/alerts/").content.decode()
    assert (f'data-theme="{theme}"' in page) is (theme != "nonsense")


@pytest.mark.django_db
def test_the_language_is_kept_for_pages_and_mail(client_of, people):
    client = client_of("maker")
    client.post("/language/", {"language": "fa", "next": "/alerts/"})
    page = client.get("/alerts/").content.decode()
    assert '<html lang="fa" dir="rtl"' in page
    people["maker"].refresh_from_db()
    assert people["maker"].language == "fa"
    client.post("/language/", {"language": "xx"})
    assert 'lang="fa"' in client.get("/alerts/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_a_choice_leads_back_to_this_desk_only(client_of, wanted):
    for path, told in (("/language/", {"language": "fa"}), ("/theme/", {"theme": "dark"})):
        answer = client_of("public").post(path, {**told, "next": wanted})
        assert answer["Location"] == "/"


@pytest.mark.django_db
def test_every_place_of_the_navigation_is_a_page_its_roles_may_open(client_of, programme):
    for role in Role:
        client = client_of(role.value)
        for place in PLACES:
            if role in place.roles:
                assert address(place.name), place.name
                answer = client.get(address(place.name))
                assert answer.status_code == 200, (role, place.name)


@pytest.mark.django_db
def test_the_page_of_components_is_the_administrators(client_of):
    assert client_of("administrator").get("/components/").status_code == 200
    assert client_of("maker").get("/components/").status_code == 403


def test_a_failing_page_is_shown_without_a_database():
    from onshore.desk.screens.failures import server_error

    answer = server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert b"The program failed" in answer.content


# Every page in a browser.

AXE_SOURCE = next(AXE.glob("axe-*.js")).read_text(encoding="utf-8")
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_ONLY_FAULTS = {"resultTypes": ["violations"], "selectors": False, "preload": False}
"""Axe tells nothing of what is well, nor a selector for each element: two fifths of its time."""
_FRAME = {"exclude": [["header.top"], ["nav.rail"]]}
"""The heading and the places around every page: nine tenths of its elements."""
_SCREENS = {1440: 900, 390: 844}
_VISITORS = (
    *(Role.OFFICER, Role.ENGINEER, Role.MAKER, Role.VERIFIER, Role.ADMINISTRATOR),
    *(Role.AUDITOR, Role.ANALYST, Role.RESEARCHER, "public"),
)


_IN_BOTH = 3
"""How many pages of one template are examined in both languages."""


class Walk:
    """People's way through the pages: one page of each kind that somebody is led to.

    Links lead to the same pages in both languages: a page is found once and examined in each.
    The frame around the pages is one for all that a person opens: it is examined with the first.
    """

    def __init__(self, browser: Any, site: str) -> None:
        self.browser, self.site = browser, site
        self.seen: set[str] = set()
        self.templates: dict[str, int] = {}
        self.faults: list[str] = []

    def send(self, client: Any) -> None:
        """Let a person who is signed in with a client go wherever links lead."""
        context = self.browser.new_context(
            viewport={"width": 1440, "height": 900}, color_scheme="light", accept_downloads=False
        )
        cookies = {name: morsel.value for name, morsel in client.cookies.items()}
        page = context.new_page()
        page.on("console", lambda said: self._hear(page, said))
        waiting, known, framed = ["/"], set(), set()
        while waiting:
            path = waiting.pop(0)
            kind = _kind(path)
            if not kind or kind in known:
                continue
            known.add(kind)
            answer = client.get(path, follow=True)
            if not answer.headers.get("content-type", "").startswith("text/html"):
                answer.close()
                continue
            waiting += _links(answer.content.decode())
            if kind in self.seen:  # examined already, in what another person sees
                continue
            self.seen.add(kind)
            for language in self._languages(answer):
                self._show(context, cookies | {"django_language": language})
                self._open(page, path, language)
                self._examine(page, language, _FRAME if language in framed else None)
                framed.add(language)
        context.close()

    def _languages(self, answer: Any) -> tuple[str, ...]:
        """Give the languages to examine a page in: both, but for yet another list or form.

        Pages made by a template that was examined in both are examined in either by turns.
        """
        name = answer.templates[0].name if answer.templates else ""
        count = self.templates[name] = self.templates.get(name, 0) + 1
        return ("en", "fa") if count <= _IN_BOTH else (("en", "fa")[count % 2],)

    def _show(self, context: Any, cookies: dict[str, str]) -> None:
        context.add_cookies(
            [{"name": name, "value": value, "url": self.site} for name, value in cookies.items()]
        )

    def _hear(self, page: Any, said: Any) -> None:
        if said.type == "error" and not said.location["url"].endswith("/favicon.ico"):
            self._note(page, said.text)

    def _note(self, page: Any, fault: str) -> None:
        self.faults.append(f"{page.url.removeprefix(self.site)}: {fault}")

    def _open(self, page: Any, path: str, language: str) -> None:
        answer = page.goto(self.site + path)
        if answer.status != 200:
            self._note(page, f"answers {answer.status}")
        if page.locator("html").get_attribute("lang") != language:
            self._note(page, f"is not in the language {language}")

    def _examine(self, page: Any, language: str, without: dict[str, Any] | None = None) -> None:
        """Ask axe all its rules on a wide screen in English and on a narrow one in Persian.

        Colours do not hang on the language, and what a finger has to hit is asked in both.
        """
        page.evaluate(AXE_SOURCE)
        page.emulate_media(color_scheme="light")
        first = {"en": 1440, "fa": 390}[language]
        # Begin with the screen that the page was opened on: it is laid out already.
        for width in sorted(_SCREENS, key=lambda one: one != page.viewport_size["width"]):
            page.set_viewport_size({"width": width, "height": _SCREENS[width]})
            self._measure(page, width)
            if width == first:
                self._ask_axe(page, {"runOnly": {"type": "tag", "values": _RULES}}, without)
            elif width == 390:
                self._ask_axe(page, {"runOnly": ["target-size"]}, without)
        page.emulate_media(color_scheme="dark")
        if language == "fa":
            self._ask_axe(page, {"runOnly": ["color-contrast"]}, without)

    def _ask_axe(self, page: Any, options: dict[str, Any], without: dict[str, Any] | None) -> None:
        found = page.evaluate(
            "([part, options]) => axe.run(part || document, options).then(told => told.violations)",
            [without, options | _ONLY_FAULTS],
        )
        for violation in found:
            nodes = [node["html"][:160] for node in violation["nodes"][:3]]
            self._note(page, f"{violation['id']}: {violation['help']}: {nodes}")

    def _measure(self, page: Any, width: int) -> None:
        whole = page.evaluate("document.documentElement.scrollWidth")
        if whole > width:
            self._note(page, f"is {whole} wide on a screen of {width}")


def _links(page: str) -> list[str]:
    return [link.replace("&amp;", "&") for link in re.findall(r'<a [^>]*?href="(/[^"]*)"', page)]


def _kind(path: str) -> str:
    parts = urlsplit(path)
    if "export=" in parts.query:
        return ""
    try:
        return resolve(parts.path).view_name
    except Resolver404:
        return f"no page at {path}"


@pytest.mark.browser
def test_the_examiner_finds_what_is_wrong(chrome):
    walk = Walk(chrome, "")
    page = chrome.new_page()
    page.set_content(
        '<html><title>x</title><img src="data:,"><p style="width: 2000px; color: #ccc">pale</p>'
    )
    walk._examine(page, "en")
    told = " ".join(walk.faults)
    for fault in ("html-has-lang", "image-alt", "color-contrast", "wide on a screen of 1440"):
        assert fault in told
    page.close()


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_every_page_is_accessible_in_both_languages_themes_and_widths(
    chrome, live_server, client_of, records_of_all_kinds, people
):
    job = Job.objects.create(
        kind="matching.run", user=people["maker"], state=Job.State.DONE, asked_at=timezone.now()
    )
    tell([people["maker"]], "job done", "desk_jobs", str(job.pk), {"label": "Matching"})
    client_of("maker").post("/language/", {"language": "fa"})  # a line for the audit
    walk = Walk(chrome, live_server.url)
    for visitor in _VISITORS:
        walk.send(client_of(str(visitor)))
    assert not walk.faults, "\n".join(walk.faults)
    assert _MUST_SEE - walk.seen == set()


_MUST_SEE = {
    *("home", "board", "needs", "need", "review", "claims", "claim", "packages", "package"),
    *("my_needs", "needs_i_can_make", "my_quotations", "my_offers", "quotation", "deliveries"),
    *("desks", "desk", "exceptions", "exception", "uploads", "jobs", "organisations", "people"),
    *("person", "audit", "audit_line", "catalogue", "components", "alerts", "account", "sign_in"),
    *("qualifications", "qualification", "specifications", "compare_quotations", "quote"),
    *("agreements", "agreement", "commitments", "commitment", "phases", "five_year", "calls"),
    *("call", "proposals", "proposal", "proposal_reviews", "proposal_review", "awards", "award"),
    *("guarantees", "funds", "fund", "ideas", "idea", "new_idea", "challenges", "challenge"),
    *("studies", "study", "pilots", "pilot", "foundings", "founding", "courses", "course"),
    *("events", "event", "dashboard", "drill", "tie_outs", "scenarios", "scenario"),
    *("scenario_compare", "analyses", "analysis", "analysis_chain", "outlook", "bulletins"),
    *("need_challenge",),
}


@pytest.fixture
def records_of_all_kinds(programme, organisations):
    """A need on its way with a record of each kind on it, beside the small programme."""
    told = {"need_id": "N2", "state": "serial supply", "access": "public", "due": date(2024, 9, 1)}
    need = Need.objects.create(
        **told,
        buyer=organisations["steelworks"],
        description="کاسه‌نمد 6205-2RS",
        sector="steel",
        yearly_quantity=Decimal("1200.5"),
        unit="H87",
        import_price=Decimal("310.5"),
        currency="EUR",
        state_since=date(2024, 6, 1),
    )
    Need.objects.filter(pk="N1").update(state="scouting", access="public")
    maker, buyer = organisations["workshop"], organisations["steelworks"]
    made = {
        "quotations": {"quotation_id": "Q1", "need": need, "maker": maker, "state": "submitted",
                       "price": Decimal(240), "currency": "EUR", "unit": "H87",
                       "submitted": date(2024, 7, 1)},
        "deals": {"deal_id": "D1", "basis": "contracted", "need": need, "buyer": buyer,
                  "maker": maker, "quantity": Decimal(500), "unit": "H87", "value": Decimal(9000),
                  "currency": "EUR", "signed": date(2024, 7, 10), "until": date(2030, 1, 1)},
        "qualifications": {"qualification_id": "K1", "need": need, "offer_id": "O-workshop",
                           "stage": "sample", "result": "pending"},
        "packages": {"package_id": "P1", "title": "Bearings", "published": date(2024, 9, 1),
                     "closes": date(2030, 1, 1), "access": "public", "need_ids": "N2"},
        "import_rules": {"rule_id": "R1", "hs_code": "848210", "measure": "banned",
                         "starts": date(2023, 1, 1), "published": date(2023, 1, 1)},
        "exceptions": {"exception_id": "E1", "rule_id": "R1", "need": need, "reason": "no maker",
                       "published": date(2024, 9, 1), "comment_until": date(2030, 1, 1),
                       "decision": "pending", "until": date(2030, 1, 1)},
        "specifications": {"specification_id": "S1", "need": need, "title": "Drawing",
                           "version": 1, "access": "public"},
        "deliveries": {"delivery_id": "V1", "deal_id": "D1", "quantity": Decimal(100),
                       "accepted": Decimal(95), "unit": "H87",
                       "delivered_on": date(2024, 8, 1), "serial": True},
        "claims": {"claim_id": "C1", "item_id": "I1", "buyer": buyer, "period": "1403",
                   "basis": "accepted", "quantity": Decimal(95)},
    }  # fmt: skip
    for table, facts in made.items():
        RECORDS[table].objects.create(**facts)
    world = World()
    part_two(world, SimpleNamespace(needs={"matched": need}, maker=maker))
    analyses(world)
    RECORDS["awards"].objects.update(fund=organisations["agency"])
    Need.objects.create(
        need_id="N3",
        buyer=buyer,
        description="Roll",
        state="no-match",
        state_since=date(2024, 6, 1),
    )
    return programme
