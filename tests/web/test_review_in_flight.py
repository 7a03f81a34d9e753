"""Work in flight: two people, a lost connection, an ended session, odd input, odd pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from ocr_service.db import tables as t
from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.records import documents
from ocr_service.db.records.openings import open_page
from ocr_service.db.review import actions as review_actions
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.rights import Role
from ocr_service.service.review.rescanning import ask_for_rescan
from tests.web.browsing import Site, chromium, needs_browser, served, visiting
from tests.web.review_world import DOUBTFUL, Desk, Taken, make_desk

pytestmark = needs_browser

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(name="browser", scope="module")
def start_browser() -> Iterator[Browser]:
    """One Chromium for all tests here."""
    with chromium() as started:
        yield started


@pytest.fixture(name="desk", scope="module")
def install(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """One installation; each test takes in a batch of its own."""
    return make_desk(tmp_path_factory.mktemp("flight"))


@pytest.fixture(name="site", scope="module")
def serve(desk: Desk) -> Iterator[Site]:
    """It, served."""
    with served(desk.world) as site:
        yield site


def settle(page: Page) -> None:
    """Wait until every answer is with the server."""
    page.wait_for_function("() => !localStorage.length")


def open_first(page: Page, site: Site, taken: Taken) -> None:
    """The first document of a batch, its first doubtful field before the eyes."""
    page.goto(site.address + taken.address())
    expect(page.locator(".field.current")).to_have_attribute("data-key", DOUBTFUL[0])


def test_whoever_comes_second_sees_who_is_at_it_and_may_take_over(
    desk: Desk, site: Site, browser: Browser
) -> None:
    """What the first typed meanwhile is kept, and he is told who has the document now."""
    taken = desk.take_in(1)
    first_in, second_in = desk.login_of("佐藤"), desk.login_of("鈴木")
    with (
        visiting(browser, site, login=first_in, expected=("409",)) as first,
        visiting(browser, site, login=second_in) as second,
    ):
        open_first(first.page, site, taken)
        second.page.goto(site.address + taken.address())
        expect(second.page.locator("#notices")).to_contain_text("佐藤 さんが確認中です")
        second.page.get_by_role("button", name="引き継ぐ").click()
        expect(second.page.locator("#notices")).to_be_empty()
        first.page.keyboard.insert_text("サトウ")
        first.page.keyboard.press("Enter")
        expect(first.page.locator("#notices")).to_contain_text("鈴木 さんが確認中です")
        assert desk.value(taken.documents[0], DOUBTFUL[0]).value != "サトウ"
        first.page.get_by_role("button", name="引き継ぐ").click()
        settle(first.page)
        assert desk.value(taken.documents[0], DOUBTFUL[0]).value == "サトウ"


def test_two_answers_to_one_field_stand_side_by_side(
    desk: Desk, site: Site, browser: Browser
) -> None:
    """Nobody is overwritten; an answer to another field of the document stands in no way."""
    taken = desk.take_in(1)
    document = taken.documents[0]
    with visiting(browser, site, expected=("409",)) as visitor:
        page = visitor.page
        open_first(page, site, taken)
        _answer_elsewhere(desk, page, document, "name", "別　人")
        page.keyboard.press("Enter")
        settle(page)
        assert desk.value(document, DOUBTFUL[0]).value == "サクライ　キヨ"
        _answer_elsewhere(desk, page, document, "birth_date", "1999-09-09")
        page.keyboard.insert_text("19880808")
        page.keyboard.press("Enter")
        choice = page.locator("#f-birth_date [data-conflict]")
        expect(choice).to_contain_text("19880808")
        expect(choice).to_contain_text("1999-09-09")
        page.keyboard.press("1")
        settle(page)
        assert desk.value(document, "birth_date").value == "1988-08-08"


def _answer_elsewhere(desk: Desk, page: Page, document: int, key: str, value: str) -> None:
    """The same user in another window, so that only the version stands between them."""
    with desk.world.services.db.reading() as uow:
        version = documents.get(uow, DocumentId(document)).version
    answer = page.request.put(
        f"{page.url.split('/review')[0]}/api/v1/documents/{document}/fields/{key}",
        data={"value": value},
        headers={"If-Match": f'"{version}"', "Sec-Fetch-Site": "same-origin"},
    )
    assert answer.ok


def test_a_lost_connection_loses_no_answer(desk: Desk, site: Site, browser: Browser) -> None:
    """The reviewer goes on; what he confirmed is sent when the network is back."""
    taken = desk.take_in(1)
    with visiting(browser, site, expected=("ERR_INTERNET", "Failed to load")) as visitor:
        page = visitor.page
        open_first(page, site, taken)
        visitor.context.set_offline(True)
        page.keyboard.insert_text("アイダ")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        expect(page.locator("#notices")).to_contain_text("つながりません")
        assert page.evaluate("localStorage.length") > 0
        visitor.context.set_offline(False)
        settle(page)
        expect(page.locator("#notices")).to_be_empty()
    assert desk.value(taken.documents[0], DOUBTFUL[0]).value == "アイダ"


def test_a_browser_that_dies_offline_sends_its_answers_at_the_next_visit(
    desk: Desk, site: Site, browser: Browser
) -> None:
    """They are kept on the machine until the server has them."""
    taken = desk.take_in(1)
    with visiting(browser, site, expected=("ERR_INTERNET", "Failed to load")) as visitor:
        page = visitor.page
        open_first(page, site, taken)
        visitor.context.set_offline(True)
        page.keyboard.insert_text("ウエダ")
        page.keyboard.press("Enter")
        expect(page.locator("#notices")).to_contain_text("つながりません")
        page.close()
        visitor.context.set_offline(False)
        again = visitor.context.new_page()
        again.goto(site.address + taken.address())
        settle(again)
    assert desk.value(taken.documents[0], DOUBTFUL[0]).value == "ウエダ"


def test_a_session_that_ends_in_mid_edit_loses_nothing(
    desk: Desk, site: Site, browser: Browser
) -> None:
    """Typed text survives as a draft, a confirmed answer goes out after the login."""
    taken = desk.take_in(1)
    document = taken.documents[0]
    with visiting(browser, site, expected=("401",)) as visitor:
        page = visitor.page
        open_first(page, site, taken)
        page.keyboard.insert_text("エグチ")
        settle(page)  # the draft has gone to the server
        cookies = visitor.context.cookies()
        visitor.context.clear_cookies()
        page.keyboard.press("Enter")
        expect(page.locator("#notices")).to_contain_text("ログインの期限が切れました")
        page.keyboard.insert_text("S40.1.2")
        page.wait_for_timeout(700)
        visitor.context.add_cookies([dict(c) for c in cookies])  # type: ignore[misc]
        page.wait_for_function("() => !Object.keys(localStorage).some(k => k.includes('outbox'))")
        assert desk.value(document, DOUBTFUL[0]).value == "エグチ"
        page.reload()
        expect(page.locator("#f-birth_date input")).to_have_value("S40.1.2")


def test_typed_text_is_there_again_on_another_machine(
    desk: Desk, site: Site, browser: Browser
) -> None:
    """Drafts are kept per user and document, until they are confirmed."""
    taken = desk.take_in(1)
    with visiting(browser, site) as visitor:
        open_first(visitor.page, site, taken)
        visitor.page.keyboard.insert_text("オオタ")
        settle(visitor.page)
    with visiting(browser, site) as visitor:
        open_first(visitor.page, site, taken)
        expect(visitor.page.locator("#f-name_kana input")).to_have_value("オオタ")
        visitor.page.keyboard.press("Enter")
        settle(visitor.page)
    assert desk.value(taken.documents[0], DOUBTFUL[0]).value == "オオタ"
    with desk.world.services.db.reading() as uow:
        left = sa.select(t.drafts).where(t.drafts.c.document_id == taken.documents[0])
        assert uow.connection.execute(left).first() is None


def test_script_in_a_name_is_text_and_a_giant_paste_is_refused(
    desk: Desk, site: Site, browser: Browser
) -> None:
    """Nothing is run, and the reason stands below the field."""
    taken = desk.take_in(1)
    evil = "<img src=x onerror=alert(1)>"
    with visiting(browser, site) as visitor:
        page = visitor.page
        page.on("dialog", lambda dialog: pytest.fail(dialog.message))
        open_first(page, site, taken)
        page.evaluate(
            """text => document.activeElement.dispatchEvent(new ClipboardEvent("paste", {
                 bubbles: true, cancelable: true,
                 clipboardData: (() => { const d = new DataTransfer();
                   d.setData("text", text); return d; })()}))""",
            "あ" * 10_000,
        )
        expect(page.locator("#f-name_kana [data-refusal]")).to_contain_text("2,000 文字")
        page.keyboard.insert_text(evil)
        page.keyboard.press("Enter")
        settle(page)
        page.reload()
        page.keyboard.press("F8")
        expect(page.locator("#f-name_kana [data-shown]")).to_contain_text("onerror=alert")
        assert page.locator("#f-name_kana img").count() == 0


def test_what_a_review_took_is_remembered(desk: Desk, site: Site, browser: Browser) -> None:
    """Seconds and keys by field and by page, without naming anybody."""
    taken = desk.take_in(2)
    with visiting(browser, site) as visitor:
        open_first(visitor.page, site, taken)
        for _ in DOUBTFUL:
            visitor.page.keyboard.press("Enter")
        visitor.page.keyboard.press("F9")
        visitor.page.wait_for_url(f"**{taken.address(1)}")
    with desk.world.services.db.reading() as uow:
        fields = review_actions.by_field(uow, batch=BatchId(taken.batch))
        pages = review_actions.by_page(uow, batch=BatchId(taken.batch))
    assert {f.key for f in fields} == set(DOUBTFUL)
    assert all(f.answers == f.keystrokes == 1 and not f.corrected for f in fields)
    assert (pages.pages, pages.keystrokes) == (1, 6)


def test_a_page_of_no_form_is_turned_cornered_and_read_again(
    desk: Desk, site: Site, browser: Browser
) -> None:
    """With the keyboard; what is kept are places on the scan as it came."""
    taken = desk.take_in(1, name="other")
    document = taken.documents[0]
    with visiting(browser, site) as visitor:
        page = visitor.page
        page.goto(f"{site.address}/queue?state=unmatched")
        page.get_by_role("link", name=f"対処 {document}").click()
        page.wait_for_selector("#bench[data-ready]")
        page.get_by_role("button", name="右へ回す").click()
        page.get_by_label("四隅を合わせる").check()
        page.get_by_role("button", name="左上の角").focus()
        for _ in range(3):
            page.keyboard.press("Shift+ArrowRight")
        page.locator("#form").select_option("mhlw-covid19@2021-05")
        page.get_by_role("button", name="読み直す").click()
        page.wait_for_url(f"**/documents/{document}")
    assert desk.state(document) is DocumentState.QUEUED
    with desk.world.services.db.reading() as uow:
        hint = open_page(uow, DocumentId(document)).hint
        assert documents.get(uow, DocumentId(document)).wanted_template == "mhlw-covid19@2021-05"
    assert hint is not None
    assert hint.corners is not None
    # Turned right, the page's top-left corner is the scan's bottom-left.
    assert hint.corners[0] == pytest.approx((0.02, 0.92))


def test_a_page_of_no_form_is_keyed_by_hand_or_put_on_the_list(
    desk: Desk, site: Site, browser: Browser
) -> None:
    """Discarding wants a reason; the list for the scanner operator takes it off in the end."""
    keyed, scanned = desk.take_in(2, name="other").documents
    with visiting(browser, site) as visitor:
        page = visitor.page
        page.goto(f"{site.address}/documents/{keyed}/mend")
        page.get_by_role("button", name="手で入力する").click()
        expect(page.get_by_role("alert")).to_contain_text("様式を選んで")
        page.locator("#form").select_option("mhlw-covid19@2021-05")
        page.get_by_role("button", name="手で入力する").click()
        page.wait_for_url(f"**/review/{keyed}")
        expect(page.locator(".field.current")).to_have_count(1)
        page.goto(f"{site.address}/documents/{scanned}/mend")
        page.get_by_role("button", name="破棄する").click()
        expect(page.get_by_role("alert")).to_contain_text("理由")
        page.get_by_label("理由").fill("角が折れている")
        page.get_by_role("button", name="再スキャンを頼む").click()
        page.wait_for_url("**/queue")
        page.goto(f"{site.address}/rescans")
        expect(page.locator("main")).to_contain_text("角が折れている")
        assert "角が折れている" in page.request.get(f"{site.address}/rescans.csv").text()
        page.get_by_role("button", name=f"スキャンした {scanned}").click()
        expect(page.locator("main")).to_contain_text("再スキャンを待つ用紙はありません")
    assert desk.state(scanned) is DocumentState.DISCARDED


def test_the_pages_have_no_barrier_that_axe_finds(desk: Desk, site: Site, browser: Browser) -> None:
    """WCAG 2.2 AA on each page of the review, light and dark."""
    taken = desk.take_in(2)
    odd = desk.take_in(2, name="other")
    with desk.world.services.db.writing() as uow:
        document = DocumentId(odd.documents[0])
        ask_for_rescan(uow, document, reason="折れ", actor="test")
    paths = (taken.address(), "/queue", f"/documents/{odd.documents[1]}/mend", "/rescans")
    with visiting(browser, site) as visitor:
        page = visitor.page
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for path in paths:
                page.goto(site.address + path)
                page.wait_for_timeout(200)
                if path == taken.address():
                    page.keyboard.press("F8")
                results = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
                assert results.violations_count == 0, (scheme, path, results.generate_report())


def test_who_may_not_approve_hands_on_what_he_checked(
    desk: Desk, site: Site, browser: Browser
) -> None:
    """F9 ends his part; he is not given the document again, and an approver is."""
    taken = desk.take_in(2)
    reviewer = desk.login_of("田中", frozenset({Role.REVIEWER}))
    with visiting(browser, site, login=reviewer) as visitor:
        page = visitor.page
        open_first(page, site, taken)
        for _ in DOUBTFUL:
            page.keyboard.press("Enter")
        page.keyboard.press("F9")
        page.wait_for_url(f"**{taken.address(1)}")
        page.goto(f"{site.address}/queue?batch={taken.batch}")
        expect(page.locator("main")).to_contain_text("承認待ち")
        page.goto(f"{site.address}/review?batch={taken.batch}")
        page.wait_for_url(f"**{taken.address(1)}")
    assert desk.state(taken.documents[0]) is DocumentState.NEEDS_REVIEW
    with visiting(browser, site, login=desk.login_of("部長")) as visitor:
        visitor.page.goto(f"{site.address}/review?batch={taken.batch}")
        visitor.page.wait_for_url(f"**{taken.address()}")
        visitor.page.keyboard.press("F9")
        visitor.page.wait_for_url(f"**{taken.address(1)}")
    assert desk.state(taken.documents[0]) is DocumentState.APPROVED
