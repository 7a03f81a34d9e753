"""The pages in a real browser: upload, progress, and the tie between values and scan."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.web.browsing import Site, chromium, needs_browser, served
from tests.web.pages_world import make_world, scan

pytestmark = needs_browser

OFFICE = "forms.test"
"""Stands for a machine in an office network without TLS."""


@pytest.fixture(name="chromium", scope="module")
def start_chromium() -> Iterator[Browser]:
    """One Chromium for all tests here."""
    with chromium(f"--host-resolver-rules=MAP {OFFICE} 127.0.0.1") as browser:
        yield browser


@pytest.fixture(name="site")
def serve(tmp_path: Path) -> Iterator[Site]:
    """A fresh installation."""
    with served(make_world(tmp_path)) as site:
        yield site


@pytest.fixture(name="page")
def open_page(chromium: Browser, site: Site) -> Iterator[Page]:
    """A logged-in page; anything the browser complains about fails the test."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="ja-JP")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(site.address + site.world.login_link())
    yield page
    context.close()
    # A refused upload is an answer of 415, which the browser reports by itself.
    assert [c for c in complaints if "415" not in c] == []


def jpeg(name: str) -> FilePayload:
    return {"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": scan(name)}


def choose(page: Page, *names: str) -> None:
    page.set_input_files("#files", [jpeg(name) for name in names])


def test_from_upload_to_the_marked_scan(site: Site, page: Page) -> None:
    """Files are sent, progress appears by itself, and pointing ties value and scan together."""
    choose(page, "one", "other")
    page.get_by_role("button", name="読み取りを始める").click()
    page.wait_for_url("**/batches/1")
    expect(page.locator("#progress")).to_contain_text("読み取り中です")
    site.world.work()
    expect(page.locator("#progress")).to_contain_text("読み取りは終わりました", timeout=15_000)

    page.get_by_role("link", name="one.jpg").click()
    row = page.locator("#field-birth_date")
    row.scroll_into_view_if_needed()
    box = page.locator(f".overlay a[data-box='{row.get_attribute('data-box')}']")
    row.hover()
    expect(box).to_have_class("status-accepted on")
    page.locator("#field-name_kana").locator("th a").focus()
    expect(box).not_to_have_class("status-accepted on")
    box.hover()
    expect(row).to_have_class("on")


def test_doubtful_values_can_be_shown_alone(site: Site, page: Page) -> None:
    """One click leaves the values that ask for eyes, each with its picture."""
    choose(page, "one")
    page.get_by_role("button", name="読み取りを始める").click()
    page.wait_for_url("**/batches/1")
    site.world.work()
    page.goto(site.address + "/documents/1")
    page.get_by_label("要確認だけ表示").check()
    visible = page.locator(".fields tbody tr:visible")
    expect(visible).to_have_count(2)
    expect(visible.locator("svg image")).to_have_count(2)


def test_waiting_document_shows_its_values_when_read(site: Site, page: Page) -> None:
    """Whoever opens a document too early sees it change by itself."""
    choose(page, "one")
    page.get_by_role("button", name="読み取りを始める").click()
    page.wait_for_url("**/batches/1")
    page.goto(site.address + "/documents/1")
    expect(page.locator(".fields")).to_have_count(0)
    site.world.work()
    expect(page.locator(".fields")).to_have_count(1, timeout=15_000)


def test_refused_file_is_told_beside_its_name(page: Page) -> None:
    """Good files go in, the refused one says why, and the batch is one click away."""
    memo: FilePayload = {"name": "memo.txt", "mimeType": "text/plain", "buffer": b"hello"}
    page.set_input_files("#files", [memo, jpeg("one")])
    page.get_by_role("button", name="読み取りを始める").click()
    lines = page.locator("#upload-files li")
    expect(lines.nth(0)).to_contain_text(
        "受け取れません: JPEG・PNG・TIFF・PDF のいずれでもありません。"
    )
    expect(lines.nth(1)).to_contain_text("受け取りました")
    page.get_by_role("link", name="この取り込みを開く").click()
    expect(page.locator("#progress")).to_contain_text("one.jpg")


def test_same_file_again_is_noticed(site: Site, page: Page) -> None:
    """The second time a file is sent, the page says that it came before."""
    choose(page, "one")
    page.get_by_role("button", name="読み取りを始める").click()
    page.wait_for_url("**/batches/1")
    page.goto(site.address + "/")
    choose(page, "one")
    page.get_by_role("button", name="読み取りを始める").click()
    expect(page.locator("#upload-files li")).to_contain_text("受け取り済み")
    expect(page.get_by_role("link", name="この取り込みを開く")).to_have_attribute(
        "href", "/batches/1"
    )


def test_dropped_files_are_read_at_once(page: Page) -> None:
    """Files dropped anywhere on the page go into a batch without another click."""
    page.evaluate(
        """() => {
          const dropped = new DataTransfer();
          const bytes = new Uint8Array([0xff, 0xd8, 0xff, 1]);
          dropped.items.add(new File([bytes], "dropped.jpg", {type: "image/jpeg"}));
          document.body.dispatchEvent(
            new DragEvent("drop", {dataTransfer: dropped, bubbles: true, cancelable: true}));
        }"""
    )
    page.wait_for_url("**/batches/1")
    expect(page.locator("#progress")).to_contain_text("dropped.jpg")


def test_forms_work_in_a_network_without_tls(site: Site, page: Page) -> None:
    """Browsers tell less about a request there; our own forms must still be known as ours."""
    address = site.address.replace("127.0.0.1", OFFICE)
    page.goto(address + site.world.login_link())
    choose(page, "one")
    page.get_by_role("button", name="読み取りを始める").click()
    page.wait_for_url("**/batches/1")
    page.get_by_role("button", name="ログアウト").click()
    page.wait_for_url("**/login")
