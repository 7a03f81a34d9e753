"""The review page in a real browser, by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ocr_service.domain.field import Source
from ocr_service.domain.lifecycle import DocumentState
from tests.web.browsing import Site, chromium, needs_browser, served, visiting
from tests.web.review_world import DOUBTFUL, Desk, make_desk

pytestmark = needs_browser


@pytest.fixture(name="browser", scope="module")
def start_browser() -> Iterator[Browser]:
    """One Chromium for all tests here."""
    with chromium() as started:
        yield started


@pytest.fixture(name="desk")
def install(tmp_path: Path) -> Desk:
    """A fresh installation."""
    return make_desk(tmp_path)


@pytest.fixture(name="site")
def serve(desk: Desk) -> Iterator[Site]:
    """It, served."""
    with served(desk.world) as site:
        yield site


@pytest.fixture(name="page")
def open_page(browser: Browser, site: Site) -> Iterator[Page]:
    """A logged-in page; anything the browser complains about fails the test."""
    with visiting(browser, site) as visitor:
        yield visitor.page


def current(page: Page) -> str | None:
    """The field before the eyes."""
    found = page.locator(".field.current")
    return found.get_attribute("data-key") if found.count() else None


def settle(page: Page) -> None:
    """Wait until every answer is with the server."""
    page.wait_for_function("() => !localStorage.length")


def test_a_page_is_confirmed_and_approved_with_few_keys(site: Site, desk: Desk, page: Page) -> None:
    """Five doubtful fields: five times Enter, one for the approval; the next page is there."""
    desk.take_in(2)
    page.goto(site.address + "/review")
    met = []
    for _ in DOUBTFUL:
        met.append(current(page))
        page.keyboard.press("Enter")
    assert tuple(met) == DOUBTFUL
    expect(page.locator("[data-left]")).to_have_text("0")
    page.keyboard.press("Enter")
    page.wait_for_url("**/review/2")
    assert desk.state(1) is DocumentState.APPROVED
    assert all(desk.value(1, key).source is Source.HUMAN for key in DOUBTFUL)
    assert current(page) == DOUBTFUL[0]
