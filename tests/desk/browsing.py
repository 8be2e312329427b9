"""A browser for the desk's walks: who sits at it, and what every page has to be."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

AXE = next((Path(__file__).parent / "axe").glob("axe-*.js")).read_text(encoding="utf-8")
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
    "preload": False,
}
_OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_EXAMINE = "rules => axe.run(document, rules).then(told => told.violations)"


@pytest.fixture(scope="module")
def chrome(chromium: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """One browser for the module, with what its ``BROWSER`` asks for besides."""
    asked = ["--no-sandbox", *getattr(request.module, "BROWSER", ())]
    driver_of = pytest.importorskip("playwright.sync_api").sync_playwright
    with driver_of() as driver:
        # Playwright runs a loop of its own; Django may still be asked from this thread.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        browser = driver.chromium.launch(executable_path=chromium, args=asked)
        yield browser
        browser.close()
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page_of(chrome: Any, live_server: Any, client_of: Callable[..., Client], request: Any) -> Any:
    """Give a page of somebody's browser: ``page_of("officer", "fa", width=390)``.

    What goes wrong in it is kept in its ``troubles``.
    """

    def opened(name: str, language: str, width: int = 1440) -> Any:
        locale = "fa-IR" if language == "fa" else "en-GB"
        context = chrome.new_context(
            base_url=live_server.url, locale=locale, viewport={"width": width, "height": 900}
        )
        request.addfinalizer(context.close)
        cookie = client_of(name).cookies.get(settings.SESSION_COOKIE_NAME)
        if cookie is not None:
            told = {"name": settings.SESSION_COOKIE_NAME, "value": cookie.value}
            context.add_cookies([told | {"url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(60000)
        page.troubles = []
        page.on("pageerror", lambda error: page.troubles.append(str(error)))
        page.on("console", lambda said: said.type == "error" and page.troubles.append(said.text))
        return page

    return opened


def send(page: Any, **fields: str) -> None:
    """Fill the page's form, send it and wait for what follows."""
    for name, value in fields.items():
        page.fill(f"main [name={name}]", value)
    page.click("main form[method=post] button[type=submit]")
    page.wait_for_load_state()


def press(page: Any, name: str, *keys: object) -> None:
    """Press the link of the page that leads to a named address."""
    page.click(f'main a[href="{reverse(name, args=keys)}"]')
    page.wait_for_load_state()


def narrow(page: Any) -> bool:
    """Whether nothing of the page reaches over its edge."""
    return int(page.evaluate(_OVER)) <= 0


def sound(page: Any) -> None:
    """Hold that nothing reaches over the page's edge and that axe finds no fault."""
    page.wait_for_load_state()
    assert narrow(page), f"{page.url} reaches over the edge"
    page.evaluate(AXE)
    found = [(one["id"], one["nodes"][0]["html"]) for one in page.evaluate(_EXAMINE, RULES)]
    assert not found, (page.url, found)
