"""Claims, prices and reconciliation in a real browser, with its accessibility rules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.service.billing_desk import read
from tests.web.billing_world import billing_world, served
from tests.web.browsing import chromium, needs_browser

pytestmark = needs_browser


@pytest.fixture(name="page")
def open_page(tmp_path: Path) -> Iterator[Page]:
    """A logged-in page of an installation with some billable records."""
    world = billing_world(tmp_path)
    world.name_issuer()
    read(world.office, number=2)
    read(world.office, voucher_municipality_code="141003")
    read(world.office, consent_signature=False)
    with served(world) as address, chromium() as browser:
        context = browser.new_context(
            viewport={"width": 1366, "height": 768}, locale="ja-JP", base_url=address
        )
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(world.login_link())
        yield page
        # A refused field is an answer of 422, which the browser reports by itself.
        assert [c for c in complaints if "422" not in c] == []


def assert_accessible(page: Page) -> None:
    """No rule of axe is broken."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_from_approved_records_to_a_balanced_claim(page: Page) -> None:
    """Preview with what is held, draft, issue, papers, return, reconciliation, invoice."""
    page.goto("/claims")
    assert_accessible(page)
    page.get_by_label("請求年月").fill("2021-10")
    page.get_by_role("button", name="内容を確かめる").click()
    expect(page.get_by_text("本人または保護者の自署がありません")).to_be_visible()
    expect(page.get_by_role("row", name="131016 東京都千代田区")).to_contain_text("4,554")
    assert_accessible(page)
    page.get_by_role("button", name="下書きを作る").click()
    page.wait_for_url("**/claims/1")
    page.get_by_role("button", name="発行する").click()
    expect(page.get_by_text("発行済み")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="請求書（PDF） 神奈川県横浜市").click()
    assert download.value.suggested_filename == "C000001-sheets-141003-federation.pdf"
    row = page.locator("#line-1")
    row.locator("summary").click()
    row.get_by_label("返戻の理由").fill("氏名の相違")
    row.get_by_role("button").click()
    expect(page.locator("#line-1")).to_contain_text("氏名の相違")
    assert_accessible(page)

    page.get_by_role("link", name="突合表").click()
    expect(page.get_by_text("すべて一致しています")).to_be_visible()
    page.set_input_files(
        "input[type=file]",
        {
            "name": "i.csv",
            "mimeType": "text/csv",
            "buffer": "券番号,接種日,金額\n9,2021-09-28,1\n".encode("cp932"),
        },
    )
    page.get_by_role("button", name="比べる").click()
    expect(page.get_by_text("相違があります")).to_be_visible()
    expect(page.locator(".match-extra")).to_have_count(1)
    assert_accessible(page)


def test_price_tables_say_whether_they_are_sound(page: Page) -> None:
    """With tax, with who they are for, and examples marked as such; in English too."""
    page.goto("/claims/prices")
    expect(page.get_by_text("すき間も重なりもありません。")).to_be_visible()
    expect(page.get_by_role("row", name="接種費用")).to_contain_text("2,277")
    assert_accessible(page)
    page.goto("/claims/prices?lang=en")
    expect(page.get_by_text("example, never billed by")).to_be_visible()
    page.goto("/reconciliation?batch=x")
    expect(page.get_by_text("write batches and claims by their numbers")).to_be_visible()
