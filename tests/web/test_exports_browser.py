"""Exports and the editor of layouts in a real browser."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from ocr_service.db.records import documents
from ocr_service.db.records.documents import DocumentFilter
from ocr_service.db.uow import UnitOfWork
from ocr_service.service.intake import intake
from ocr_service.service.intake.intake import store_upload
from ocr_service.service.review import reviewing
from ocr_service.service.review.reviewing import Decision
from tests.settling import settle
from tests.web.browsing import Site, chromium, needs_browser, served, visiting
from tests.web.pages_world import World, make_world, scan

pytestmark = needs_browser


@pytest.fixture(name="browser", scope="module")
def start_browser() -> Iterator[Browser]:
    """One Chromium for all tests here."""
    with chromium() as started:
        yield started


@pytest.fixture(name="site")
def serve(tmp_path: Path) -> Iterator[Site]:
    """An installation with a batch of two approved pages."""
    world = make_world(tmp_path)
    approve_two(world)
    with served(world) as site:
        yield site


@pytest.fixture(name="page")
def open_page(browser: Browser, site: Site) -> Iterator[Page]:
    """A logged-in page; anything the browser complains about fails the test."""
    with visiting(browser, site) as visitor:
        yield visitor.page


def approve_two(world: World) -> None:
    services = world.services
    with services.db.writing() as uow:
        batch = intake.create_batch(uow, name="十一月", template=None, actor="admin")
    for name in ("one", "two"):
        data = io.BytesIO(scan(name))
        upload = store_upload(services.blobs, data, name=f"{name}.jpg", max_bytes=1000)
        with services.db.writing() as uow:
            intake.register_file(uow, services.bell, upload, batch=batch, actor="admin")
    world.work()
    settle(services)
    with services.db.writing() as uow:
        for one in _all(uow):
            reviewing.approve(uow, Decision(one.id, "admin"), reason="確認した")


def _all(uow: UnitOfWork) -> list[documents.Document]:
    return documents.page(uow, DocumentFilter())


def faultless(page: Page) -> None:
    """No violation of the accessibility rules."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_from_the_choice_to_the_file(site: Site, page: Page) -> None:
    """Look first, then export; the file is one click away and the list remembers it."""
    page.goto(f"{site.address}/exports")
    faultless(page)
    page.locator("select[name=profile]").select_option("csv")
    page.get_by_label("十一月").check()
    page.get_by_role("button", name="内容を確かめる").click()
    expect(page.get_by_role("heading", name="出力の内容")).to_be_visible()
    expect(page.locator(".tile.good strong")).to_have_text("2")
    faultless(page)
    page.get_by_role("button", name="この内容で出力する").click()
    page.wait_for_url("**/exports/1")
    faultless(page)
    with page.expect_download() as fetched:
        page.get_by_role("link", name="保存する").click()
    text = Path(fetched.value.path()).read_text("utf-8-sig")
    assert "山田　花子" in text
    page.goto(f"{site.address}/exports/preview?profile=csv")
    expect(page.get_by_text("出力できる書類がありません")).to_be_visible()
    expect(page.get_by_role("button", name="この内容で出力する")).to_have_count(0)
    page.get_by_role("link", name="条件を変える").click()
    expect(page.get_by_role("row", name="全項目 CSV（UTF-8）")).to_be_visible()


def test_what_stays_behind_says_why(site: Site, page: Page) -> None:
    """With a link to the document."""
    page.goto(f"{site.address}/exports/preview?profile=ledger-generic")
    held = page.get_by_role("group", name="保留の理由")
    expect(held).to_contain_text("必須の値がありません")
    expect(held.get_by_role("link", name="1").first).to_have_attribute("href", "/documents/1")


def test_a_layout_shows_what_it_would_write_while_it_changes(site: Site, page: Page) -> None:
    """Mistakes and rows follow the text; a version is saved and taken back."""
    page.goto(f"{site.address}/exports/profiles")
    faultless(page)
    page.get_by_role("link", name="予防接種台帳（汎用）").click()
    page.get_by_label("見本にする取り込み").select_option("1")
    look = page.locator("#look")
    expect(look).to_contain_text("必須の値がありません")
    faultless(page)
    area = page.get_by_label("形式の定義（TOML）")
    good = area.input_value()
    area.fill(good.replace('source = "name"', 'source = "nam"'))
    expect(look).to_contain_text("nam という項目はどの様式にもありません")
    area.fill(good.replace('version = "1"', 'version = "2"').replace("required = true\n", ""))
    expect(look.locator(".wrong")).to_have_count(0)
    expect(look).to_contain_text("山田　花子")
    page.get_by_role("button", name="新しい版として保存").click()
    expect(page.get_by_role("status").first).to_contain_text("保存しました")
    expect(page.locator("h1 + .hint")).to_contain_text("ledger-generic@2")
    page.get_by_role("button", name="新しい版として保存").click()
    expect(page.get_by_role("alert")).to_contain_text("version 2 already")
    page.get_by_role("button", name="最後に保存した版を取り消す").click()
    expect(page.locator("h1 + .hint")).to_contain_text("ledger-generic@1")


def test_a_sample_of_the_receiving_system_is_compared(site: Site, page: Page) -> None:
    """Each difference with line and column."""
    page.goto(f"{site.address}/exports/profiles/vrs-record")
    sample = "自治体コード,券番号\r\n131016,1\r\n".encode()
    page.get_by_label("取り込み先の見本ファイル").set_input_files(
        {"name": "sample.csv", "mimeType": "text/csv", "buffer": sample}
    )
    page.get_by_role("button", name="照合する").click()
    expect(page.locator(".outcome")).to_contain_text("the profile has a column 接種回数")
    expect(page.locator(".outcome")).to_contain_text("2 columns, the profile has 8")
