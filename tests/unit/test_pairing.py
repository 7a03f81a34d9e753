"""Which pages are sides of one paper: by code or order, whatever order they come in."""

from __future__ import annotations

import datetime as dt
import io
import random
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from ocr_service.domain.pairing import PairBy, Side, SidePage, Standing, paired
from ocr_service.forms.library import LoadedTemplate, TemplateLibrary
from ocr_service.forms.model import FormTemplate
from ocr_service.imaging.decode import DecodeLimits
from ocr_service.pipeline.calibrate import Calibration
from ocr_service.pipeline.engine import Engine
from ocr_service.pipeline.identify import printed_frames
from ocr_service.pipeline.run import Source, read_page
from ocr_service.recognizers.codes.reader import CodeReader
from tests.unit import printed_matter as draw
from tests.unit.imaging_paper import PX_PER_MM, drawn_page, scanned

NEEDED = (1, 2)


def page(document: int, number: int, code: str | None, **place: int) -> SidePage:
    """A page of a form of front, back and a continuation sheet that may be missing."""
    side = Side(number, NEEDED, ("code",))
    return SidePage(document, "f", side, code, place.get("file", document), place.get("sheet", 1))


@st.composite
def stacks(pick: st.DrawFn) -> list[SidePage]:
    """Pages with few codes, so that wholes, gaps and doubles all come about."""
    count = pick(st.integers(0, 12))
    return [
        page(
            document,
            pick(st.integers(1, 3)),
            pick(st.sampled_from(["a", "b", "c", None])),
            file=pick(st.integers(1, 3)),
            sheet=pick(st.integers(1, 2)),
        )
        for document in range(1, count + 1)
    ]


@given(stacks(), st.sampled_from(PairBy), st.randoms(use_true_random=False))
def test_pairs_do_not_depend_on_the_order_in_which_pages_come(
    stack: list[SidePage], by: PairBy, chance: random.Random
) -> None:
    """Any permutation gives each page the same standing and the same fellows."""
    shuffled = list(stack)
    chance.shuffle(shuffled)
    for duplex in (False, True):
        assert paired(stack, by, duplex=duplex) == paired(shuffled, by, duplex=duplex)


@given(stacks())
def test_every_page_with_a_code_stands_somewhere_and_sets_part_the_pages(
    stack: list[SidePage],
) -> None:
    """No page is dropped, none is in two sets; paired sets are whole and without doubles."""
    placed = paired(stack, PairBy.CODE, duplex=len(stack) % 2 == 0)
    assert set(placed) == {p.document for p in stack}
    sides = {p.document: p.side.number for p in stack}
    for document, one in placed.items():
        assert document in one.members
        assert all(placed[other].members == one.members for other in one.members)
        numbers = [sides[other] for other in one.members]
        assert numbers == sorted(numbers)
        whole = set(NEEDED) <= set(numbers) and len(set(numbers)) == len(numbers)
        assert (one.standing is Standing.PAIRED) == (whole and one.standing != Standing.UNCODED)


def test_front_and_back_of_different_files_are_paired_by_their_code() -> None:
    """The back came first, and another paper's front between."""
    placed = paired([page(1, 2, "x"), page(2, 1, "y"), page(3, 1, "x")], PairBy.CODE, duplex=False)
    assert placed[1].standing is placed[3].standing is Standing.PAIRED
    assert placed[1].members == placed[3].members == (3, 1)
    assert (placed[2].standing, placed[2].missing) == (Standing.ALONE, (2,))


def test_two_fronts_with_one_code_are_a_conflict_of_all_its_pages() -> None:
    """Nobody can tell which front the back belongs to."""
    placed = paired([page(1, 1, "x"), page(2, 1, "x"), page(3, 2, "x")], PairBy.CODE, duplex=False)
    assert {one.standing for one in placed.values()} == {Standing.TWICE}
    assert placed[3].twice == (1,)


def test_a_continuation_sheet_belongs_to_its_paper_and_is_missed_by_none() -> None:
    """With it or without it front and back are whole; alone it is not."""
    front, back = page(1, 1, "x"), page(2, 2, "x")
    with_sheet = paired([page(3, 3, "x"), front, back], PairBy.CODE, duplex=False)
    assert with_sheet[3].members == (1, 2, 3)
    assert with_sheet[3].standing is Standing.PAIRED
    assert paired([front, back], PairBy.CODE, duplex=False)[1].standing is Standing.PAIRED
    assert paired([page(3, 3, "x")], PairBy.CODE, duplex=False)[3].missing == (1, 2)


def test_a_side_without_a_readable_code_takes_that_of_its_sheet_in_duplex_scans_only() -> None:
    """One sheet of paper is one code, where both sides of sheets were scanned."""
    stack = [page(1, 1, "x", file=9), page(2, 2, None, file=9)]
    assert paired(stack, PairBy.CODE, duplex=True)[2].standing is Standing.PAIRED
    apart = paired(stack, PairBy.CODE, duplex=False)
    assert (apart[1].standing, apart[2].standing) == (Standing.ALONE, Standing.UNCODED)


def test_by_order_the_sheet_counts_and_no_code() -> None:
    """A blank back that was put away leaves its front alone."""
    stack = [
        page(1, 1, "x", file=9, sheet=1),
        page(2, 2, "y", file=9, sheet=1),
        page(3, 1, "y", file=9, sheet=2),
    ]
    placed = paired(stack, PairBy.ORDER, duplex=True)
    assert [placed[d].standing for d in (1, 2, 3)] == ["paired", "paired", "alone"]
    assert paired(stack, PairBy.OFF, duplex=True) == {}


def test_forms_that_name_no_code_are_paired_by_order_only() -> None:
    """As all forms were before."""
    silent = SidePage(1, "f", Side(1, NEEDED), None, 1, 1)
    assert paired([silent], PairBy.CODE, duplex=True) == {}
    assert paired([silent], PairBy.ORDER, duplex=True)[1].standing is Standing.ALONE


def _page_of_form(code: str, number: int) -> dict[str, object]:
    marks = [[5, 5, 5, 5], [138, 5, 5, 5], [5, 200, 5, 5]]
    ink = [[15 + 40 * number, 60 + 30 * number + 12 * i, 30, 8] for i in range(5)]
    anchors = [{"id": f"{code}{i}", "box": box} for i, box in enumerate(marks)]
    return {"width_mm": 148, "height_mm": 210, "anchors": anchors, "landmarks": ink}


def two_sided(**changes: object) -> FormTemplate:
    """A form of A5 with a QR code on both sides, drawn by its own geometry."""

    def field(key: str, number: int) -> dict[str, object]:
        return {
            "key": key, "kind": "code", "label": {"ja": "符号", "en": "Code"}, "page": number,
            "box": [90, 20, 30, 30], "length": 8, "symbols": ["qr"], "required": True,
        }  # fmt: skip

    data: dict[str, object] = {
        "schema_version": 1,
        "key": "two-sided",
        "version": "1",
        "title": {"ja": "両面", "en": "Two sides"},
        "pages": [_page_of_form("F", 1), _page_of_form("B", 2)],
        "fields": [field("front_code", 1), field("back_code", 2)],
        "rules": ["required.missing"],
        "pairing": {"codes": [["front_code"], ["back_code"]]},
        **changes,
    }
    return FormTemplate.model_validate(data)


def drawn_side(form: FormTemplate, number: int, code: str) -> bytes:
    """A scan of one side, askew, with its code, as a PNG."""
    sheet = drawn_page(form.pages[number - 1], printed_frames(form, number))
    print_ = np.full((360, 360), 255, np.uint8)
    draw.put_qr(print_, code, 5, 5, 20.0)
    side_px = round(30 * PX_PER_MM)
    small = cv2.resize(print_, (side_px, side_px), interpolation=cv2.INTER_AREA)
    top, left = round(20 * PX_PER_MM), round(90 * PX_PER_MM)
    sheet[top : top + side_px, left : left + side_px] = small
    out = io.BytesIO()
    scan = scanned(sheet, np.random.default_rng(number), turn_deg=0.7)
    Image.fromarray(scan.gray).save(out, "PNG", dpi=(200, 200))
    return out.getvalue()


def test_scans_of_both_sides_say_which_side_they_are_and_carry_one_code() -> None:
    """Through the whole pipeline; what the other side asks for is not missing on this one."""
    form = two_sided()
    engine = Engine(
        library=TemplateLibrary((LoadedTemplate(form, Path(), "0" * 64),)),
        recognizers={"code": CodeReader(draw.says())},
        calibration=Calibration({}),
        blank=lambda _loaded, _page: None,
        limits=DecodeLimits(),
        clock=lambda: 0.0,
        today=lambda: dt.date(2026, 11, 26),
    )
    for number, key in ((2, "back_code"), (1, "front_code")):
        scan = drawn_side(form, number, "20261126")
        read = read_page(scan, Source("a.png", 0), engine=engine, template=None)
        assert read.side == Side(number, NEEDED, (key,))
        assert [(f.key, f.value) for f in read.record.fields] == [(key, "20261126")]
        assert "required.missing" not in {issue.rule for issue in read.record.issues}


@pytest.mark.parametrize(
    "pairing",
    [
        {"codes": [["front_code"]]},
        {"codes": [["front_code"], ["front_code"]]},
        {"codes": [["front_code"], []]},
        {"codes": [["front_code"], ["back_code"]], "optional": [1]},
        {"codes": [["front_code"], ["back_code"]], "optional": [3]},
    ],
)
def test_a_pairing_that_does_not_fit_the_pages_is_refused(pairing: dict[str, object]) -> None:
    """Each page names keys of its own; page 1 is never optional."""
    with pytest.raises(ValidationError, match="pairing"):
        two_sided(pairing=pairing)
