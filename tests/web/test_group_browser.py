"""Group review and double entry in a real browser, by keyboard alone, on scans really read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, Route, expect

from ocr_service.db import tables as t
from ocr_service.db.accounts.accounts import Role
from ocr_service.db.double_entry import chips
from ocr_service.db.ids import BatchId, DocumentId
from ocr_service.db.records import documents, readings
from ocr_service.domain.entry import EntryState
from ocr_service.domain.field import FieldValue, Source
from ocr_service.service.double_entry import double_entry
from ocr_service.service.double_entry.double_entry import Judges, Turn
from ocr_service.web.api.chips import KEEP_FOR
from tests.web.browsing import chromium, needs_browser
from tests.web.group_site import Site, assert_accessible, open_page, read_samples, serve_copy

pytestmark = needs_browser

_CONVERT = """(input) => {
  const key = (init) => input.dispatchEvent(
    new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true, ...init}));
  input.focus();
  input.dispatchEvent(new CompositionEvent("compositionstart", {bubbles: true}));
  key({isComposing: true, keyCode: 229});
  input.dispatchEvent(new CompositionEvent("compositionend", {bubbles: true}));
  key({});
}"""
"""The Enter that ends a conversion, as some systems send it and as others do."""


@pytest.fixture(name="chromium", scope="module")
def start_chromium() -> Iterator[Browser]:
    """One Chromium for all tests here."""
    with chromium() as browser:
        yield browser


@pytest.fixture(name="read", scope="module")
def read_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sample scans, read once for all tests here."""
    folder = tmp_path_factory.mktemp("read")
    read_samples(folder, tmp_path_factory.mktemp("cache"))
    return folder


@pytest.fixture(name="site")
def serve(read: Path, tmp_path: Path) -> Iterator[Site]:
    """What was read, served afresh."""
    with serve_copy(read, tmp_path) as site:
        yield site


@pytest.fixture(name="page")
def log_in(chromium: Browser, site: Site) -> Iterator[Page]:
    """A logged-in page."""
    with open_page(chromium, site.link()) as page:
        yield page


def answers(site: Site) -> list[FieldValue]:
    """All values in force that people gave."""
    with site.services.db.reading() as uow:
        found = documents.page(uow, documents.DocumentFilter())
        values = [value for document in found for value in readings.current(uow, document)]
    return [value for value in values if value.source is Source.HUMAN]


def open_group(site: Site, page: Page, card: str) -> None:
    """From the start page to the screen of a group, with its pictures there."""
    page.goto(f"{site.address}/review/group?accepted=1")
    page.locator(card).first.click()
    expect(page.locator(".tile.here")).to_have_count(1)


QUESTIONS = '.group-cards:not(.digits) a:has-text("いいえ")'
NAMES = 'tr:has(th:text-is("氏名")) .group-chip'


def test_a_group_is_confirmed_and_taken_back_by_keyboard(site: Site, page: Page) -> None:
    """Arrows, Space, a number, Enter; what differs goes its own way; Esc opens all again."""
    page.goto(f"{site.address}/review/group?accepted=1")
    assert_accessible(page)
    open_group(site, page, QUESTIONS)
    assert_accessible(page)
    total = int(page.locator("#left").inner_text())
    assert total == page.locator(".tile").count()
    for key in ("ArrowRight", "Space", "ArrowRight", "1"):
        page.keyboard.press(key)
    expect(page.locator("#tile-1")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#tile-2 .said")).to_have_text("はい")
    assert_accessible(page)
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text(f"{total - 1} 件を確定しました、1 件を要確認へ")
    given = answers(site)
    assert [value.value for value in given].count("no") == total - 2
    assert [value.value for value in given].count("yes") == 1
    expect(page.locator("#grid")).to_contain_text("すべて確認しました")
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(page.locator("#said")).to_have_text("直前の確定を取り消しました")
    expect(page.locator("#left")).to_have_text(str(total))
    assert answers(site) == []


def test_cells_answer_their_fields_once_all_are_confirmed(site: Site, page: Page) -> None:
    """Every digit confirmed in turn: Enter on each screen, and the digits fields are settled."""
    page.goto(f"{site.address}/review/group?accepted=1")
    links = [a.get_attribute("href") or "" for a in page.locator(".digits a").all()]
    for link in links:
        page.goto(site.address + link)
        expect(page.locator(".tile.here")).to_have_count(1)
        page.keyboard.press("Enter")
        expect(page.locator("#said")).to_contain_text("件を確定しました")
    keys = {value.key for value in answers(site)}
    assert {"age", "body_temperature"} <= keys


def test_the_next_screen_is_there_at_once(site: Site, page: Page) -> None:
    """Ten crops a screen: Enter after Enter, until all of the group is confirmed."""
    page.goto(f"{site.address}/review/group?accepted=1&crops=10")
    page.locator(QUESTIONS).first.click()
    expect(page.locator(".tile.here")).to_have_count(1)
    total = int(page.locator("#left").inner_text())
    assert total > 20
    for confirmed in range(10, total, 10):
        page.keyboard.press("Enter")
        expect(page.locator("#left")).to_have_text(str(total - confirmed))
        expect(page.locator("#said")).to_contain_text("件を確定しました")
    page.keyboard.press("Enter")
    expect(page.locator("#grid")).to_contain_text("すべて確認しました")
    assert len(answers(site)) == total
    page.keyboard.press("Escape")
    expect(page.locator("#left")).to_have_text(str(total - total // 10 * 10))


def test_pictures_are_light(site: Site, page: Page) -> None:
    """A crop of a cell takes at most 5 kB, one of a field at most 30 kB."""
    weights: list[tuple[int, int]] = []
    page.on(
        "response",
        lambda answer: (
            weights.append(
                (len(answer.body()), answer.url.count(",") + answer.url.count("%2C") + 1)
            )
            if "sprite.webp" in answer.url
            else None
        ),
    )
    for card, most in ((".digits a", 5_000), (NAMES, 30_000)):
        weights.clear()
        open_group(site, page, card)
        page.wait_for_load_state("networkidle")
        assert weights
        for size, tiles in weights:
            assert size / tiles <= most


def test_the_enter_that_ends_a_conversion_takes_nothing(site: Site, page: Page) -> None:
    """F2 opens an input; only an Enter of its own takes the value."""
    open_group(site, page, NAMES)
    page.keyboard.press("F2")
    editor = page.locator("#value")
    expect(editor).to_be_focused()
    assert_accessible(page)
    editor.fill("見本　花子")
    editor.evaluate(_CONVERT)
    expect(editor).to_be_visible()
    page.wait_for_timeout(50)
    page.keyboard.press("Enter")
    expect(page.locator("#tile-0 .said")).to_have_text("見本　花子")
    expect(page.locator("#said")).to_have_text("")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("件を確定しました")
    assert "見本　花子" in [value.value for value in answers(site)]


def test_a_lost_connection_brings_the_screen_back(site: Site, page: Page) -> None:
    """What could not be stored is there again with its marks, and a second Enter stores it."""
    open_group(site, page, QUESTIONS)
    page.keyboard.press("Space")

    def drop(route: Route) -> None:
        route.abort()

    page.route("**/api/v1/review/confirmations", drop)
    page.keyboard.press("Enter")
    expect(page.locator("#trouble")).to_contain_text("保存できませんでした")
    expect(page.locator("#tile-0")).to_have_attribute("aria-selected", "true")
    assert answers(site) == []
    page.unroute("**/api/v1/review/confirmations")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("件を確定しました")


def test_pages_that_changed_meanwhile_are_listed(site: Site, page: Page) -> None:
    """The others count; each that was refused has a link to its page."""
    open_group(site, page, QUESTIONS)
    total = page.locator(".tile").count()
    with site.services.db.writing() as uow:
        until = uow.now + KEEP_FOR
        documents.set_claim(uow, DocumentId(1), by="somebody", until=until)
    held = page.locator('.tile[data-document="1"]').count()
    page.keyboard.press("Enter")
    expect(page.locator("#trouble li")).to_have_count(held)
    expect(page.locator("#trouble a").first).to_have_attribute("href", "/documents/1")
    assert len(answers(site)) == total - held
    assert_accessible(page)


def only_chips(site: Site, *keys: str) -> None:
    """Have two people key these fields of all pages."""
    with site.services.db.writing() as uow:
        library = site.services.shelf.library()
        double_entry.raise_batch(uow, BatchId(1), 2, actor="test", library=library)
        others = sa.and_(t.chips.c.key.not_in(keys))
        uow.connection.execute(sa.update(t.chips).where(others).values(state=EntryState.SETTLED))


def chip_states(site: Site) -> list[EntryState]:
    with site.services.db.reading() as uow:
        query = sa.select(t.chips.c.id).where(t.chips.c.key == "name").order_by(t.chips.c.id)
        ids = uow.connection.execute(query).scalars().all()
        return [chips.get(uow, chip).state for chip in ids]


def test_two_people_key_a_field_blind(chromium: Browser, site: Site) -> None:
    """Both by keyboard, neither sees anything but the field; equal values settle it."""
    only_chips(site, "name")
    with (
        open_page(chromium, site.link("sato", Role.REVIEWER)) as first,
        open_page(chromium, site.link("suzuki", Role.REVIEWER), dark=True) as second,
    ):
        for page in (first, second):
            page.goto(f"{site.address}/chips")
            assert_accessible(page)
            page.goto(f"{site.address}/chips/work?batch=1")
            expect(page.get_by_role("heading", level=1)).to_have_text("氏名")
            expect(page.locator("#value")).to_be_focused()
            assert_accessible(page)
        first.keyboard.type("見本　花子")
        first.locator("#value").evaluate(_CONVERT)
        first.wait_for_timeout(50)
        expect(first.locator("#count")).to_have_text("0")
        first.keyboard.press("Enter")
        expect(first.locator("#count")).to_have_text("1")
        assert "見本" not in second.content()
        # the second page holds the second chip; put off, it gives way to the first one
        held = second.locator("#picture").get_attribute("src") or ""
        second.keyboard.press("F6")
        expect(second.locator("#picture")).not_to_have_attribute("src", held)
        second.keyboard.type("見本　花子")
        second.keyboard.press("Enter")
        expect(second.locator("#count")).to_have_text("1")
    assert EntryState.SETTLED in chip_states(site)


def test_empty_illegible_and_options(chromium: Browser, site: Site) -> None:
    """An empty field takes two Enters, F4 says illegible, a number picks, Esc clears."""
    only_chips(site, "consent", "name")
    with open_page(chromium, site.link("sato", Role.REVIEWER)) as page:
        page.goto(f"{site.address}/chips/work")
        expect(page.get_by_role("heading", level=1)).not_to_have_text("")
        for _ in range(3):
            expect(page.locator("#options")).to_be_visible()
            page.keyboard.press("2")
            expect(page.locator("#options [aria-pressed=true]")).to_have_count(1)
            page.keyboard.press("Escape")
            expect(page.locator("#options [aria-pressed=true]")).to_have_count(0)
            page.keyboard.press("1")
            assert_accessible(page)
            before = page.locator("#count").inner_text()
            page.keyboard.press("Enter")
            expect(page.locator("#count")).not_to_have_text(before)
        expect(page.locator("#value")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#said")).to_contain_text("もう一度 Enter")
        page.keyboard.press("Enter")
        expect(page.locator("#count")).to_have_text("4")
        page.keyboard.press("F4")
        expect(page.locator("#count")).to_have_text("5")
        page.keyboard.type("見本　花子")
        page.keyboard.press("Enter")
        expect(page.locator("#none")).to_be_visible()
        assert_accessible(page)


def test_an_approver_decides_and_the_history_tells(
    chromium: Browser, site: Site, page: Page
) -> None:
    """Three different entries: a number picks one of them, Enter decides; all is told after."""
    only_chips(site, "name")
    judges = Judges(site.services.shelf.library(), None)
    for person, name in (("a", "見本　一子"), ("b", "見本　二子"), ("c", "見本　三子")):
        with site.services.db.writing() as uow:
            chip = double_entry.next_chip(uow, person=person, batch=None, keep_for=KEEP_FOR)
            assert chip is not None
            double_entry.take_turn(uow, Turn(chip.id, person, name), judges=judges)
    page.goto(f"{site.address}/chips/disputes")
    expect(page.locator(".dispute")).to_have_count(1)
    assert_accessible(page)
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(page.locator(".dispute")).to_have_count(0)
    (settled,) = answers(site)
    assert settled.value == "見本　二子"
    page.goto(f"{site.address}/documents/1")
    page.goto(f"{site.address}/documents/1/fields/name/history")
    expect(page.locator(".history tbody tr")).to_have_count(6)
    assert_accessible(page)
    with open_page(chromium, site.link("sato", Role.REVIEWER)) as other:
        other.goto(f"{site.address}/documents/2/fields/name/history")
        expect(other.locator(".notice")).to_be_visible()
