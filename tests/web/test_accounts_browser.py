"""Login, administration, samples and dashboard in a real browser, by keyboard, with axe."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from ocr_service.db.accounts import passwords
from ocr_service.db.accounts.accounts import Role, user_named
from ocr_service.db.ids import DocumentId
from ocr_service.domain.quality import Verdict
from ocr_service.service.accounts import accounts
from ocr_service.service.accounts.passwords import hash_password
from ocr_service.service.quality import sampling as quality
from ocr_service.service.quality.report import quality_report
from ocr_service.service.review.reviewing import Decision, approve
from tests.web.browsing import Site, chromium, needs_browser, served, visiting
from tests.web.pages_world import make_world, scan

pytestmark = needs_browser

GOOD = "haru natsu aki fuyu"
_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(name="browser", scope="module")
def start_browser() -> Iterator[Browser]:
    """One Chromium for all tests here."""
    with chromium() as started:
        yield started


@pytest.fixture(name="site", scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation with one approved page, all drawn, and a clerk with a password."""
    world = make_world(tmp_path_factory.mktemp("accounts"))
    with world.browser() as client:
        client.post("/batches", files={"file": ("a.jpg", scan("a"))}, data={"name": "朝の束"})
    world.work()
    with world.services.db.writing() as uow:
        approve(uow, Decision(DocumentId(1), "boss"), reason="checked")
        quality.set_share(uow, 1.0, actor="boss")
        accounts.create_user(uow, name="佐藤", roles=(Role.REVIEWER,), actor="admin")
        passwords.keep_hash(uow, user_named(uow, "佐藤").id, hash_password(GOOD))
    quality.draw(world.services.db, world.services.shelf.library())
    with served(world) as site:
        yield site


def _clean(page: Page) -> None:
    found = Axe().run(page, options=_RULES)
    assert found.violations_count == 0, found.generate_report()


def _focused(page: Page) -> None:
    """The browser puts the cursor into the first box a moment after the page has loaded."""
    expect(page.get_by_label("名前")).to_be_focused()


def _log_in(page: Page, site: Site, password: str = GOOD) -> None:
    page.goto(f"{site.address}/login?next=/quality/sample")
    _focused(page)
    page.keyboard.type("佐藤")
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")


def test_a_login_by_keyboard_says_what_is_wrong_and_goes_on(browser: Browser, site: Site) -> None:
    """The name stays, the password does not; then the page that was asked for."""
    login = "/login?next=/quality/sample"
    with visiting(browser, site, login=login, expected=("401",)) as visitor:
        page = visitor.page
        _clean(page)
        _log_in(page, site, "wrong")
        expect(page.get_by_role("alert")).to_contain_text("違います")
        expect(page.get_by_label("名前")).to_have_value("佐藤")
        _clean(page)
        page.keyboard.type(GOOD)
        page.keyboard.press("Enter")
        expect(page.locator("#sample-title")).to_be_visible()


def test_samples_are_looked_at_by_keyboard(browser: Browser, site: Site) -> None:
    """Typing and Enter, digits for marks, F4 for what nobody can read."""
    with visiting(browser, site, login="/login") as visitor:
        page = visitor.page
        _log_in(page, site)
        expect(page.locator("#sample-title")).to_be_visible()
        _clean(page)
        typed = marked = 0
        while not (typed and marked):
            before = page.locator("#look").get_attribute("action")
            if page.locator("#look fieldset").count():
                page.keyboard.press("1")
                expect(page.locator("#look input").first).to_be_checked()
                page.keyboard.press("Enter")
                marked += 1
            else:
                page.keyboard.press("Enter" if typed else "F4")  # nothing written; illegible
                typed += 1
            page.wait_for_function(
                "old => document.getElementById('look')?.getAttribute('action') !== old",
                arg=before,
            )
    with site.world.services.db.reading() as uow:
        report = quality_report(uow, site.world.services.shelf.library())
    assert report.samples[Verdict.DISPUTED] >= 1


@pytest.mark.parametrize(
    "path",
    [
        "/account",
        "/account/password",
        "/admin/users",
        "/admin/users/2",
        "/admin/audit?verify=true",
        "/quality",
        "/dashboard",
    ],
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_here_is_accessible(
    browser: Browser, site: Site, path: str, scheme: str
) -> None:
    """No violation of WCAG 2.2 AA that axe can find, in both colour schemes."""
    with visiting(browser, site) as visitor:
        visitor.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        visitor.page.goto(site.address + path)
        _clean(visitor.page)


def test_an_ended_session_says_so_and_leads_back(browser: Browser, site: Site) -> None:
    """The page that was asked for opens after the login."""
    with visiting(browser, site, login="/login") as visitor:
        page = visitor.page
        _log_in(page, site)
        expect(page.locator("#sample-title")).to_be_visible()
        with site.world.services.db.writing() as uow:
            accounts.lock_out(uow, user_named(uow, "佐藤"), actor="admin")
            accounts.let_in(uow, user_named(uow, "佐藤"), actor="admin")
        page.goto(f"{site.address}/quality")
        expect(page.get_by_role("alert")).to_contain_text("ログインが切れました")
        _focused(page)
        page.keyboard.type("佐藤")
        page.keyboard.press("Tab")
        page.keyboard.type(GOOD)
        page.keyboard.press("Enter")
        expect(page.locator("#quality-title")).to_be_visible()
