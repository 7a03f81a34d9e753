"""Group review and double entry over HTTP: partial results, blindness, rights."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ocr_service.db.accounts.accounts import Role
from tests.service.fakes import FakeReader, value_of
from tests.service.group_world import choice, digits
from tests.web.api_world import API, World, world

READ = "機械　太郎"
KEYED = "最初　花子"


@pytest.fixture(name="office")
def open_office(tmp_path: Path) -> Iterator[World]:
    """An installation with one page read."""
    with world(tmp_path) as office:
        fields = (value_of("name", READ), choice("q1", "no"), digits("age", "_77", "77"))
        office.office.reader = FakeReader(fields=fields, issues=())
        yield office


def readings_of(office: World, headers: dict[str, str], part: str) -> list[tuple[int, str]]:
    """Ids of readings and cells as the start page and its screens name them."""
    start = office.client.get("/review/group", headers=headers).text
    screens = [
        link.replace("&amp;", "&")
        for link in re.findall(r'href="(/review/group/screen[^"]+)"', start)
    ]
    found = []
    for address in screens:
        if f"part={part}" in address:
            text = office.client.get(f"{address}&fragment=1", headers=headers).text
            found += re.findall(r'data-reading="(\d+)" data-cell="(\d*)"', text)
    return [(int(reading), cell) for reading, cell in dict.fromkeys(found)]


def stroke(said: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "template": "mhlw-covid19",
        "version": "2021-05",
        "said": said,
        "ms": 4000,
        "keystrokes": 2,
    }


def test_a_stroke_counts_and_is_taken_back(office: World) -> None:
    """Confirm all cells: the field is answered; what is refused is listed; undo opens it again."""
    headers = office.token()
    document = office.read_one(headers)
    said: list[dict[str, Any]] = [
        {"reading": reading, "cell": int(cell), "verdict": "right"}
        for reading, cell in readings_of(office, headers, "cells")
    ]
    said.append({"reading": 4711, "verdict": "right"})
    done = office.client.post(f"{API}/review/confirmations", json=stroke(said), headers=headers)
    outcome = done.json()
    assert (done.status_code, outcome["crops"], outcome["fields"]) == (200, 3, 1)
    assert [one["why"] for one in outcome["refused"]] == ["gone"]
    history = f"{API}/documents/{document}/fields/age/history"
    told = office.client.get(history, headers=headers).json()["events"]
    assert [one["kind"] for one in told] == ["machine", "human"]
    undo = f"{API}/review/confirmations/{outcome['confirmation']}/undo"
    assert office.client.post(undo, headers=headers).json()["fields"] == 1
    assert office.client.post(undo, headers=headers).status_code == 409
    told = office.client.get(history, headers=headers).json()["events"]
    assert told[1]["withdrawn_by"] is not None


def test_values_are_in_no_address(office: World) -> None:
    """Groups are named by readings; a name never gets into a log of addresses."""
    headers = office.token()
    office.read_one(headers)
    start = office.client.get("/review/group", headers=headers).text
    addresses = re.findall(r'href="([^"]+)"', start)
    assert not [link for link in addresses if "機械" in link or "%E6" in link]


@pytest.mark.parametrize(
    "body",
    [
        stroke([]),
        stroke([{"reading": 0, "verdict": "right"}]),
        stroke([{"reading": 1, "verdict": "maybe"}]),
        stroke([{"reading": 1, "verdict": "right"}] * 401),
        {"said": []},
    ],
)
def test_bad_strokes_are_refused(office: World, body: dict[str, Any]) -> None:
    """Empty, of no reading, of no verdict, too many, incomplete."""
    answer = office.client.post(f"{API}/review/confirmations", json=body, headers=office.token())
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "query", ["tiles=x&size=10x10", "tiles=1&size=big", "tiles=1.999&size=1x1", "size=1x1"]
)
def test_bad_pictures_are_refused(office: World, query: str) -> None:
    """Only tiles and sizes; unknown tiles are white."""
    headers = office.token()
    answer = office.client.get(f"/review/group/sprite.webp?{query}", headers=headers)
    assert answer.status_code in {404, 422}
    good = office.client.get("/review/group/sprite.webp?tiles=4711&size=20x20", headers=headers)
    assert (good.status_code, good.headers["content-type"]) == (200, "image/webp")


def test_scanners_see_no_crops(office: World) -> None:
    """Whoever only scans gets neither groups, nor pictures, nor chips."""
    headers = office.token(Role.SCANNER)
    for path in ("/review/group", "/review/group/sprite.webp?tiles=1&size=1x1", "/chips"):
        assert office.client.get(path, headers=headers).status_code == 403
    for path in ("review/confirmations", "chips/next", "chips/1/entry", "chips/1/decision"):
        assert office.client.post(f"{API}/{path}", json={}, headers=headers).status_code == 403


class TestDoubleEntry:
    """One page whose every field is keyed by two people."""

    @pytest.fixture(name="people")
    def two_people(self, office: World) -> list[dict[str, str]]:
        """An approver and two who key."""
        boss, first, second = (office.token() for _ in range(3))
        office.read_one(boss)
        batch = f"{API}/chips/batches/1"
        assert office.client.put(batch, json={"people": 2}, headers=boss).json()["chips"] == 3
        return [boss, first, second]

    def claim_name(self, office: World, headers: dict[str, str]) -> dict[str, Any]:
        """The chip of the name, by putting off all others."""
        skipped = None
        while True:
            wish = {"skipped": skipped}
            chip: dict[str, Any] = office.client.post(
                f"{API}/chips/next", json=wish, headers=headers
            ).json()
            if chip["label_en"] == "Name":
                return chip
            self.enter(office, headers, chip, None)
            skipped = None

    def enter(
        self, office: World, headers: dict[str, str], chip: dict[str, Any], value: str | None
    ) -> Any:
        return office.client.post(
            f"{API}/chips/{chip['id']}/entry", json={"value": value}, headers=headers
        )

    def test_the_second_types_blind(self, office: World, people: list[dict[str, str]]) -> None:
        """Neither page nor answers tell the machine's value, the first one, or the document."""
        boss, first, second = people
        chip = self.claim_name(office, first)
        kept = self.enter(office, first, chip, KEYED)
        again = self.claim_name(office, second)
        seen = [
            str(chip),
            kept.text,
            str(again),
            office.client.get("/chips/work", headers=second).text,
            office.client.get("/chips", headers=second).text,
            office.client.get("/documents/1/fields/name/history", headers=second).text,
            office.client.get(f"{API}/documents/1/fields/name/history", headers=second).text,
            self.enter(office, second, again, "別人　花子").text,
        ]
        for told in seen:
            assert KEYED not in told
        for told in (*seen[:5], seen[-1]):
            assert READ not in told
            assert "a.jpg" not in told
            assert '"document"' not in told
        assert kept.json() == {"kept": True}
        assert set(again) == set(chip)
        listed = office.client.get("/chips/disputes", headers=boss).text
        assert KEYED not in listed  # a third person is asked first

    def test_a_page_opened_by_its_number_tells_nothing_of_what_is_keyed(
        self, office: World, people: list[dict[str, str]]
    ) -> None:
        """Review, document and record name the fields; their values cannot be seen or answered."""
        boss, first, second = people
        self.enter(office, first, self.claim_name(office, first), KEYED)
        for path in ("/review/1", "/review/1?part=true", "/documents/1"):
            shown = office.client.get(path, headers=second)
            assert shown.status_code == 200
            assert "氏名" in shown.text
            assert READ not in shown.text
            assert KEYED not in shown.text
        told = office.client.get(f"{API}/documents/1/record", headers=second)
        assert "name" in told.json()["being_keyed"]
        assert told.json()["fields"]["name"]["value"] is None
        assert READ not in told.text
        past = {**boss, "If-Match": told.headers["etag"]}
        place = f"{API}/documents/1/fields/name"
        answers = [
            office.client.put(place, json={"value": "別人　花子"}, headers=past),
            office.client.post(f"{place}/undo", headers=past),
        ]
        assert [answer.status_code for answer in answers] == [409, 409]
        self.enter(office, second, self.claim_name(office, second), KEYED)
        shown = office.client.get(f"{API}/documents/1/record", headers=second).json()
        assert shown["fields"]["name"]["value"] == KEYED
        assert "name" not in shown.get("being_keyed", [])

    def test_only_the_holder_sees_the_picture(
        self, office: World, people: list[dict[str, str]]
    ) -> None:
        """The lease is the right to look; it ends with the time."""
        _, first, second = people
        chip = office.client.post(f"{API}/chips/next", json={}, headers=first).json()
        shown = office.client.get(chip["picture"], headers=first)
        assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
        assert office.client.get(chip["picture"], headers=second).status_code == 409
        office.clock.advance(301)
        assert office.client.get(chip["picture"], headers=first).status_code == 409
        assert self.enter(office, first, chip, None).status_code == 409

    def test_nobody_keys_twice(self, office: World, people: list[dict[str, str]]) -> None:
        """The same entry again answers 409, and a released chip goes to somebody else."""
        _, first, second = people
        chip = office.client.post(f"{API}/chips/next", json={}, headers=first).json()
        assert self.enter(office, first, chip, None).status_code == 200
        assert self.enter(office, first, chip, None).status_code == 409
        other = office.client.post(f"{API}/chips/next", json={}, headers=first).json()
        office.client.post(f"{API}/chips/{other['id']}/release", json={}, headers=first)
        wish = {"skipped": chip["id"]}
        got = office.client.post(f"{API}/chips/next", json=wish, headers=second).json()
        assert got["id"] == other["id"]

    def test_long_and_wrong_values_are_refused_with_a_reason(
        self, office: World, people: list[dict[str, str]]
    ) -> None:
        """Ten thousand characters, and another kind of value; the chip stays with its holder."""
        _, first, _ = people
        chip = self.claim_name(office, first)
        for value in ("あ" * 10_000, ["a"]):
            body = {"value": value}
            path = f"{API}/chips/{chip['id']}/entry"
            answer = office.client.post(path, json=body, headers=first)
            assert answer.status_code == 422
            assert "あ" not in answer.text
        assert self.enter(office, first, chip, KEYED).status_code == 200

    def test_approval_waits(self, office: World, people: list[dict[str, str]]) -> None:
        """Approving answers 409 and names the fields, not their values."""
        boss, *_ = people
        answer = office.client.post(
            f"{API}/documents/1/approve", json={"reason": "x"}, headers=boss
        )
        assert answer.status_code == 409
        assert "name" in answer.json()["detail"]
        assert READ not in answer.text

    def test_pages_form_raises_a_batch(self, office: World, people: list[dict[str, str]]) -> None:
        """The page does what the API does, for browsers."""
        boss, *_ = people
        done = office.client.post("/chips/batches/1", data={"people": "3"}, headers=boss)
        assert done.status_code == 303
        lowered = office.client.put(f"{API}/chips/batches/1", json={"people": 2}, headers=boss)
        assert lowered.status_code == 409
