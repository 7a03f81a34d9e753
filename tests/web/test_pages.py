"""The HTML pages, asked as a browser asks them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from ocr_service.domain.errors import InputError
from ocr_service.domain.field import Flag, Source, Status
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.record import Severity
from ocr_service.web.pages.advice import ADVICE_CODES, advise
from ocr_service.web.pages.language import Language, chosen_language
from ocr_service.web.pages.rendering import STATIC_DIR
from ocr_service.web.pages.shown import make_sheet, percent, value_text
from ocr_service.web.pages.words import WORDS, say
from tests.web.pages_world import World, make_world, read_record, scan, template

TEMPLATES = STATIC_DIR.parent / "templates"


@pytest.fixture(name="world")
def make_installation(tmp_path: Path) -> World:
    """A fresh installation."""
    return make_world(tmp_path)


@pytest.fixture(name="browser")
def log_in(world: World) -> Iterator[TestClient]:
    """A logged-in browser."""
    with world.browser() as client:
        yield client


def upload(browser: TestClient, *names: str, batch: str = "") -> Response:
    files = [("file", (f"{name}.jpg", scan(name), "image/jpeg")) for name in names]
    return browser.post("/batches", files=files, data={"name": batch})


class TestGettingIn:
    """Login."""

    def test_somebody_unknown_is_sent_to_the_login_page(self, world: World) -> None:
        """No page shows anything to a browser without a session."""
        with TestClient(world.app) as stranger:
            for path in ("/", "/batches/1", "/documents/1", "/documents/1/page.jpg"):
                answer = stranger.get(path)
                assert answer.url.path == "/login"
                assert "ocr-service user login" in answer.text

    def test_used_login_link_explains_itself(self, world: World) -> None:
        """A second click on the same link says why it does not work."""
        link = world.login_link()
        with TestClient(world.app) as client:
            assert client.get(link).url.path == "/"
        with TestClient(world.app) as another:
            answer = another.get(link)
        assert answer.url.path == "/login"
        assert say("login.expired", Language.JA) in answer.text

    def test_logout_ends_the_session(self, browser: TestClient) -> None:
        """After logging out the same browser is a stranger."""
        browser.post("/logout")
        assert browser.get("/").url.path == "/login"


class TestBatches:
    """The list and the upload."""

    def test_empty_installation_says_how_to_begin(self, browser: TestClient) -> None:
        """The first thing a newcomer sees is what to do."""
        assert say("batches.none", Language.JA) in browser.get("/").text

    def test_upload_without_scripts_leads_to_the_batch(self, browser: TestClient) -> None:
        """One form with several files makes one batch with one document each."""
        answer = upload(browser, "one", "two", batch="午前の部")
        assert answer.url.path == "/batches/1"
        assert "午前の部" in answer.text
        assert answer.text.count('href="/documents/1"') == 2
        assert "two.jpg" in answer.text

    def test_refused_file_is_explained_and_opens_no_batch(self, browser: TestClient) -> None:
        """A text file among scans is refused by name of the reason."""
        answer = browser.post("/batches", files=[("file", ("a.txt", b"hello", "text/plain"))])
        assert answer.status_code == 415
        assert advise("file.unsupported", Language.JA).remedy in answer.text
        assert say("batches.none", Language.JA) in browser.get("/").text

    def test_fragment_is_settled_only_after_the_work_is_done(
        self, world: World, browser: TestClient
    ) -> None:
        """The page polls while documents wait and stops when none does."""
        upload(browser, "one", "other", "damaged")
        assert 'data-settled="false"' in browser.get("/batches/1/progress").text
        world.work()
        done = browser.get("/batches/1/progress").text
        assert 'data-settled="true"' in done
        assert "<html" not in done
        for state in ("needs_review", "unmatched", "failed"):
            assert f"state-{state}" in done

    def test_list_of_documents_can_be_narrowed_to_a_state(
        self, world: World, browser: TestClient
    ) -> None:
        """Only unmatched pages, for example."""
        upload(browser, "one", "other")
        world.work()
        shown = browser.get("/batches/1?state=unmatched").text
        assert "other.jpg" in shown
        assert "one.jpg" not in shown

    def test_long_batches_are_turned_page_by_page(self, browser: TestClient) -> None:
        """More than a hundred documents go on a second page."""
        upload(browser, *(f"n{i}" for i in range(101)))
        first = browser.get("/batches/1").text
        assert "cursor=100" in first
        assert "n100.jpg" not in first
        assert "n100.jpg" in browser.get("/batches/1?cursor=100").text

    def test_csv_buttons_appear_once_something_was_read_and_work(
        self, world: World, browser: TestClient
    ) -> None:
        """UTF-8 and CP932 both hold the name."""
        assert "records.csv" not in upload(browser, "one").text
        world.work()
        links = re.findall(r'href="([^"]*records\.csv[^"]*)"', browser.get("/batches/1").text)
        assert len(links) == 2
        contents = [browser.get(link.replace("&amp;", "&")).content for link in links]
        assert "山田　花子" in contents[0].decode("utf-8-sig")
        assert "山田　花子" in contents[1].decode("cp932")


class TestDocument:
    """One document."""

    def test_every_field_has_a_row_a_crop_and_a_place(
        self, world: World, browser: TestClient
    ) -> None:
        """Label, value, probability and status of each key; a marked box for each place."""
        upload(browser, "one")
        world.work()
        text = browser.get("/documents/1").text
        for key in world.form.record_keys:
            assert f'id="field-{key}"' in text
        boxes = {world.form.field_of(key).box for key in world.form.record_keys}
        assert text.count("<rect ") == len(boxes)
        assert text.count("<image ") == len(world.form.record_keys)
        assert "99.6 %" in text
        assert "ヤマダ　ハナユ" in text
        assert say("flag.both_marked", Language.JA) in text
        assert "体温が高めです" in text

    def test_values_are_text_never_markup(self, world: World, browser: TestClient) -> None:
        """Whatever is written on paper cannot become part of the page."""
        upload(browser, "one")
        world.work()
        text = browser.get("/documents/1").text
        assert "<b>大字" not in text
        assert "&lt;b&gt;大字" in text

    def test_page_picture_is_served_to_those_logged_in(
        self, world: World, browser: TestClient
    ) -> None:
        """The address in the page gives the JPEG."""
        upload(browser, "one")
        world.work()
        found = re.search(r'src="([^"]+page\.jpg[^"]*)"', browser.get("/documents/1").text)
        assert found is not None
        picture = browser.get(found[1])
        assert picture.headers["content-type"] == "image/jpeg"
        assert picture.content.startswith(b"\xff\xd8\xff")

    def test_document_without_picture_yet_has_none(self, browser: TestClient) -> None:
        """Before reading there is nothing to show, and the page says that it waits."""
        upload(browser, "one")
        assert browser.get("/documents/1/page.jpg").status_code == 404
        assert say("document.wait", Language.JA) in browser.get("/documents/1").text
        assert 'data-settled="false"' in browser.get("/documents/1/progress").text

    @pytest.mark.parametrize(
        ("name", "code"), [("other", "page.unmatched"), ("damaged", "file.damaged")]
    )
    def test_unread_document_says_why_and_what_to_do(
        self, world: World, browser: TestClient, name: str, code: str
    ) -> None:
        """Reason and remedy in the clerk's language, and the code for the administrator."""
        upload(browser, name)
        world.work()
        text = browser.get("/documents/1").text
        advice = advise(code, Language.JA)
        assert advice.reason in text
        assert advice.remedy in text
        assert code in text
        assert "<table" not in text

    def test_next_document_of_the_batch_is_one_click_away(
        self, world: World, browser: TestClient
    ) -> None:
        """The last one has no next."""
        upload(browser, "one", "two")
        world.work()
        assert 'href="/documents/2"' in browser.get("/documents/1").text
        assert 'rel="next"' not in browser.get("/documents/2").text

    @pytest.mark.parametrize("path", ["/documents/77", "/batches/77", "/documents/abc"])
    def test_unknown_address_is_a_page_not_a_problem_document(
        self, browser: TestClient, path: str
    ) -> None:
        """People get a page with a way back."""
        answer = browser.get(path)
        assert answer.status_code == 404
        assert say("error.back", Language.JA) in answer.text


class TestLanguage:
    """Japanese first, English for those who ask."""

    def test_choice_of_english_lasts(self, browser: TestClient) -> None:
        """The address switches, the cookie remembers."""
        assert '<html lang="ja">' in browser.get("/").text
        assert '<html lang="en">' in browser.get("/?lang=en").text
        assert '<html lang="en">' in browser.get("/").text

    def test_switch_keeps_the_rest_of_the_address(self, world: World, browser: TestClient) -> None:
        """Changing the language does not lose one's place."""
        upload(browser, "one")
        world.work()
        text = browser.get("/batches/1?state=needs_review").text
        assert 'href="/batches/1?state=needs_review&amp;lang=en"' in text

    @pytest.mark.parametrize(
        ("query", "cookie", "expected"),
        [
            (None, None, Language.JA),
            ("en", None, Language.EN),
            ("ja", "en", Language.JA),
            (None, "en", Language.EN),
            ("xx", "yy", Language.JA),
        ],
    )
    def test_address_beats_cookie_beats_japanese(
        self, query: str | None, cookie: str | None, expected: Language
    ) -> None:
        """Unknown wishes are ignored."""
        assert chosen_language(query, cookie) is expected

    def test_every_word_a_template_says_is_written_in_both_languages(self) -> None:
        """No page can ask for words that nobody wrote."""
        for path in TEMPLATES.glob("*.html"):
            for key in re.findall(r"\bt\('([a-z_0-9.]+)'\)", path.read_text("utf-8")):
                assert all(WORDS[key]), key

    def test_every_state_flag_status_and_severity_has_words(self) -> None:
        """A new member of these enums needs its words."""
        wanted = [f"state.{state}" for state in DocumentState]
        wanted += [f"flag.{flag}" for flag in Flag]
        wanted += [f"status.{status}" for status in (*Status, Source.HUMAN)]
        wanted += [f"severity.{severity}" for severity in Severity]
        assert set(wanted) <= set(WORDS)

    def test_every_refusal_of_a_file_has_advice(self) -> None:
        """A clerk is never left with a code alone."""
        codes = {error.code for error in InputError.__subclasses__()}
        assert codes <= ADVICE_CODES

    def test_unknown_failure_gets_general_advice(self) -> None:
        """A code of the future is still told in a sentence."""
        assert advise("page.new", Language.EN).remedy


class TestProtection:
    """What the browser is told to refuse."""

    def test_pages_allow_no_inline_script_or_style(self, world: World, browser: TestClient) -> None:
        """The policy is strict, and the pages keep it."""
        upload(browser, "one")
        world.work()
        for path in ("/", "/batches/1", "/documents/1", "/login"):
            answer = browser.get(path)
            policy = answer.headers["content-security-policy"]
            assert "default-src 'self'" in policy
            assert "unsafe" not in policy
            assert not re.search(r"\son[a-z]+=|\sstyle=|<style|javascript:", answer.text)
            for tag in re.findall(r"<script[^>]*>", answer.text):
                assert 'src="/static/' in tag

    def test_static_files_are_named_by_content(self, browser: TestClient) -> None:
        """Every style and script of a page exists and changes its address with its content."""
        links = re.findall(r'(?:href|src)="(/static/[^"]+)"', browser.get("/").text)
        assert len(links) >= 3
        for link in links:
            assert re.search(r"\?v=[0-9a-f]{12}$", link)
            assert browser.get(link).status_code == 200

    def test_foreign_page_cannot_upload(self, browser: TestClient) -> None:
        """A form on another site is refused although the cookie is sent along."""
        answer = browser.post(
            "/batches",
            files=[("file", ("a.jpg", scan("a"), "image/jpeg"))],
            headers={"Sec-Fetch-Site": "cross-site"},
        )
        assert answer.status_code == 403


class TestWords:
    """How values are put into words."""

    def test_options_are_shown_by_their_printed_label(self) -> None:
        """Clerks see what stands on the form, not our keys."""
        form = template()
        sex = form.field_of("sex")
        assert value_text("female", sex, Language.JA) == "女"
        assert value_text("female", sex, Language.EN) == "Female"
        groups = form.field_of("q4_groups")
        assert value_text(("age65", "underlying"), groups, Language.JA) == "65歳以上、基礎疾患あり"
        assert value_text(None, groups, Language.EN) == "(nothing written)"
        assert value_text("ambiguous", form.field_of("q2"), Language.EN) == "ambiguous"

    def test_machine_is_never_shown_as_certain(self) -> None:
        """However sure a reader is, nobody is told 100 %."""
        assert percent(0.9999) == "99.9"
        assert percent(1.0) == "99.9"
        assert percent(0.5) == "50.0"

    def test_nothing_is_left_to_look_at_once_a_person_let_it_pass(self) -> None:
        """A value approved as it stood does not ask for eyes for ever."""
        form = template()
        record = read_record(form)
        fields = tuple(replace(value, status=Status.REVIEW) for value in record.fields)
        record = replace(record, fields=fields)
        before = make_sheet(record, form, Language.JA)
        after = make_sheet(record, form, Language.JA, is_approved=True)
        assert before.to_review == len(before.rows)
        assert after.to_review == 0
        assert {mark.status for mark in after.boxes} == {"passed"}

    def test_crops_stay_on_the_paper_and_inside_the_column(self) -> None:
        """Every crop shows its whole box and nothing beyond the page."""
        form = template()
        sheet = make_sheet(read_record(form), form, Language.JA)
        for row in sheet.rows:
            area, box = row.crop.area, form.field_of(row.key).box
            assert area.contains(box)
            assert area.x >= 0
            assert area.right <= sheet.width_mm
            assert row.crop.width_em <= 17.01
            assert row.crop.height_em <= 3.41
