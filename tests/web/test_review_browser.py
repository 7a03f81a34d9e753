"""The review page in a real browser, by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from ocr_service.db.ids import DocumentId
from ocr_service.db.records import documents
from ocr_service.domain.field import Source
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.service.check.waiving import Wish, waive
from ocr_service.service.review.editing import Edit, answer_field
from ocr_service.service.review.reviewing import Decision
from tests.web.browsing import Site, chromium, needs_browser, served, visiting
from tests.web.review_world import DOUBTFUL, Desk, Taken, make_desk

pytestmark = needs_browser


@pytest.fixture(name="browser", scope="module")
def start_browser() -> Iterator[Browser]:
    """One Chromium for all tests here."""
    with chromium() as started:
        yield started


@pytest.fixture(name="desk", scope="module")
def install(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """One installation; each test takes in a batch of its own."""
    return make_desk(tmp_path_factory.mktemp("desk"))


@pytest.fixture(name="site", scope="module")
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
    taken = desk.take_in(2)
    page.goto(site.address + taken.address())
    met = []
    for _ in DOUBTFUL:
        met.append(current(page))
        page.keyboard.press("Enter")
    assert tuple(met) == DOUBTFUL
    expect(page.locator("[data-left]")).to_have_text("0")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{taken.address(1)}")
    assert desk.state(taken.documents[0]) is DocumentState.APPROVED
    assert all(desk.value(taken.documents[0], key).source is Source.HUMAN for key in DOUBTFUL)
    assert current(page) == DOUBTFUL[0]


def at(page: Page, site: Site, key: str, taken: Taken) -> None:
    """Open the first document and go to a field by arrow keys."""
    page.goto(site.address + taken.address())
    expect(page.locator(".field.current")).to_have_count(1)
    for _ in range(60):
        if current(page) == key:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"no way to {key}")


@pytest.mark.parametrize(
    ("key", "typed", "kept"),
    [
        ("name_kana", "さくらぎ　きよ", "サクラギ　キヨ"),
        ("name_kana", "ｻｸﾗｷﾞ ｷﾖ", "サクラギ　キヨ"),
        ("birth_date", "450312", "1970-03-12"),
        ("birth_date", "Ｓ４５．３．１２", "1970-03-12"),
        ("body_temperature", "３６８", "36.8"),
    ],
)
def test_typing_replaces_and_is_folded(
    site: Site, desk: Desk, page: Page, key: str, typed: str, kept: str
) -> None:
    """Nothing has to be deleted first; the page shows what it will be kept as."""
    taken = desk.take_in(1)
    at(page, site, key, taken)
    page.keyboard.insert_text(typed)
    expect(page.locator(".field.current [data-hint]")).to_contain_text(kept)
    page.keyboard.press("Enter")
    settle(page)
    assert desk.value(taken.documents[0], key).value == kept
    expect(page.locator(f"#f-{key} [data-shown]")).to_have_text(kept)


def test_keys_choose_options_and_readings(site: Site, desk: Desk, page: Page) -> None:
    """F2 and Alt take what the machine also saw, digits choose, several can be chosen."""
    taken = desk.take_in(1)
    at(page, site, "name_kana", taken)
    page.keyboard.press("F2")
    page.keyboard.press("Enter")
    page.keyboard.press("Alt+Digit1")
    page.keyboard.press("Enter")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    assert current(page) == "body_temperature"
    page.keyboard.press("Enter")
    for key in ("1", "2", "5", "Enter"):
        page.keyboard.press(key)
    settle(page)
    assert desk.value(taken.documents[0], "name_kana").value == "サクライ　キミ"
    assert desk.value(taken.documents[0], "birth_date").value == "1961-07-27"
    assert desk.value(taken.documents[0], "sex").value == "male"
    assert desk.value(taken.documents[0], "q4_groups").value == ("age65", "underlying")


def test_escape_takes_steps_back_up_to_the_approval(site: Site, desk: Desk, page: Page) -> None:
    """First what is being typed, then answers, then the approval of the page before."""
    taken = desk.take_in(2)
    at(page, site, "name_kana", taken)
    page.keyboard.insert_text("アアア")
    page.keyboard.press("Escape")
    expect(page.locator("#f-name_kana input")).to_have_value("サクライ　キヨ")
    page.keyboard.insert_text("イイイ")
    page.keyboard.press("Enter")
    settle(page)
    page.keyboard.press("Escape")
    assert current(page) == "name_kana"
    settle(page)
    expect(page.locator("#f-name_kana")).to_have_attribute("data-state", "open")
    assert desk.value(taken.documents[0], "name_kana").value == "サクライ　キヨ"
    assert desk.value(taken.documents[0], "name_kana").source is Source.MACHINE
    for _ in DOUBTFUL:
        page.keyboard.press("Enter")
    page.keyboard.press("F9")
    page.wait_for_url(f"**{taken.address(1)}")
    page.keyboard.press("Escape")
    page.wait_for_url(f"**{taken.address()}")
    assert desk.state(taken.documents[0]) is DocumentState.NEEDS_REVIEW


def test_illegible_is_an_answer_of_its_own(site: Site, desk: Desk, page: Page) -> None:
    """No value, marked as illegible, and said so in words."""
    taken = desk.take_in(1)
    at(page, site, "name_kana", taken)
    page.keyboard.press("F4")
    settle(page)
    found = desk.value(taken.documents[0], "name_kana")
    assert (found.value, [flag.value for flag in found.flags]) == (None, ["illegible"])
    expect(page.locator("#f-name_kana [data-badge='illegible']")).to_be_visible()


def test_a_field_that_was_put_off_keeps_the_page_from_approval(
    site: Site, desk: Desk, page: Page
) -> None:
    """It is passed over; the document comes behind all others, and its mark is there again."""
    taken = desk.take_in(2)
    at(page, site, "name_kana", taken)
    page.keyboard.press("F6")
    for _ in DOUBTFUL[1:]:
        page.keyboard.press("Enter")
    page.keyboard.press("F9")
    page.wait_for_url(f"**{taken.address(1)}")
    assert desk.state(taken.documents[0]) is DocumentState.NEEDS_REVIEW
    page.wait_for_load_state("networkidle")  # an answer cut off on its way is sent again, as stale
    page.goto(site.address + taken.address())
    expect(page.locator("#f-name_kana [data-badge='postponed']")).to_be_visible()


def test_a_whole_document_is_put_off(site: Site, desk: Desk, page: Page) -> None:
    """Shift and F6: the next one is shown, and this one comes last from now on."""
    taken = desk.take_in(3)
    page.goto(site.address + taken.address())
    page.keyboard.press("Shift+F6")
    page.wait_for_url(f"**{taken.address(1)}")
    page.goto(f"{site.address}/review?batch={taken.batch}")
    page.wait_for_url(f"**{taken.address(1)}")


def test_space_zooms_until_something_is_typed(site: Site, desk: Desk, page: Page) -> None:
    """Before typing it shows the whole page; while typing it is a space."""
    taken = desk.take_in(1)
    at(page, site, "name_kana", taken)
    view = page.locator(".scan-view")
    zoomed = view.get_attribute("viewBox")
    page.keyboard.press("Space")
    assert view.get_attribute("viewBox") == "0 0 210 297"
    page.keyboard.press("Space")
    assert view.get_attribute("viewBox") == zoomed
    page.keyboard.type("a b")
    expect(page.locator("#f-name_kana input")).to_have_value("a b")


def test_everything_else_is_one_key_away(site: Site, desk: Desk, page: Page) -> None:
    """F8 shows all fields, F1 the list of keys."""
    taken = desk.take_in(1)
    at(page, site, "name_kana", taken)
    assert page.locator(".field:visible").count() == len(DOUBTFUL)
    page.keyboard.press("F8")
    assert page.locator(".field:visible").count() > 40
    page.keyboard.press("ArrowDown")
    assert current(page) == "name"
    page.keyboard.press("F1")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()


def test_enter_that_ends_a_conversion_confirms_nothing(site: Site, desk: Desk, page: Page) -> None:
    """Neither as browsers tell it by isComposing nor by the key code of input methods."""
    taken = desk.take_in(1)
    at(page, site, "name_kana", taken)
    session = page.context.new_cdp_session(page)
    session.send(
        "Input.imeSetComposition", {"text": "さくら", "selectionStart": 3, "selectionEnd": 3}
    )
    entry = page.locator("#f-name_kana input")
    for event in ({"isComposing": True}, {"keyCode": 229}):
        entry.evaluate(
            """(input, more) => input.dispatchEvent(
                 new KeyboardEvent("keydown", {key: "Enter", bubbles: true, ...more}))""",
            event,
        )
    assert current(page) == "name_kana"
    session.send("Input.insertText", {"text": "サクラ"})
    page.keyboard.press("Enter")
    settle(page)
    assert desk.value(taken.documents[0], "name_kana").value == "サクラ"


def test_a_waived_issue_is_shown_with_who_and_why_until_its_value_changes(
    site: Site, desk: Desk, page: Page
) -> None:
    """It asks for nobody's eyes; another value typed shows the rule broken again."""
    taken = desk.take_in(1)
    document = DocumentId(taken.documents[0])
    services = desk.world.services
    with services.db.writing() as uow:
        version = documents.get(uow, document).version
        edit = Edit(document, "body_temperature", "33.0", version, "clerk")
        answer_field(uow, edit, library=services.shelf.library(), check=services.check)
    page.goto(f"{site.address}/queue?batch={taken.batch}")
    expect(page.locator(".queue .rule")).to_have_text("体温の範囲")
    with services.db.writing() as uow:
        wish = Wish("temperature.range", ("body_temperature",), "電話で確認")
        waive(uow, Decision(document, "chief"), wish)
    page.goto(site.address + taken.address())
    page.keyboard.press("F8")
    page.locator("#f-body_temperature .line").click()
    issues = page.locator("#f-body_temperature [data-issues] li")
    expect(issues).to_have_class("is-waived")
    expect(issues).to_contain_text("chief: 電話で確認")
    expect(page.locator("#f-body_temperature [data-badge='human']")).to_be_visible()
    for typed, name in (("323", "severity-warning"), ("330", "is-waived")):
        page.locator("#f-body_temperature input.entry").fill(typed)
        expect(issues).to_have_class(name)
    expect(issues).to_contain_text("chief: 電話で確認")


def test_a_broken_rule_stands_beside_its_field_while_one_types(
    site: Site, desk: Desk, page: Page
) -> None:
    """It blocks the approval until it is settled, or a reason is given."""
    taken = desk.take_in(2)
    at(page, site, "birth_date", taken)
    page.keyboard.insert_text("20990101")
    expect(page.locator("#f-birth_date [data-issues] li").first).to_be_visible()
    page.keyboard.press("Enter")
    settle(page)
    expect(page.locator("#f-birth_date [data-badge='broken']")).to_be_visible()
    for _ in range(12):
        if not page.locator(".field[data-state='open']").count():
            break
        page.keyboard.press("Enter")
        settle(page)
    page.keyboard.press("F9")
    expect(page.locator("#reason")).to_be_visible()
    page.keyboard.type("paper says so")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{taken.address(1)}")
    assert desk.state(taken.documents[0]) is DocumentState.APPROVED
