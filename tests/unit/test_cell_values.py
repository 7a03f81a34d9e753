"""From single cells to the value of their field, as the pipeline would type it."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ocr_service.domain.errors import InvalidRequest
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.fields import Cell, DigitsField, Format, Label
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.pipeline.values import typed
from ocr_service.service.group_review.cell_values import value_of_cells, written_cells

CELL = "0123456789_"


def field(form: Format, cells: int, *, printed: str = "", era: str | None = None) -> DigitsField:
    """A digits field whose first cells the form prints."""
    boxes = [BoxMm(10 + 6 * place, 10, 5, 7) for place in range(cells)]
    return DigitsField(
        key="x",
        kind="digits",
        label=Label(ja="x", en="x"),
        format=form,
        cells=tuple(
            Cell(box=box, printed=printed[place] if place < len(printed) else None)
            for place, box in enumerate(boxes)
        ),
        printed_era=era,
    )


def value(spec: DigitsField, text: str, era: str | None = None) -> str | None:
    return value_of_cells(spec, dict(enumerate(text)), era)


@given(
    st.sampled_from(
        [
            (Format.DATE, 8),
            (Format.NUMBER, 3),
            (Format.DECIMAL, 3),
            (Format.DIGITS, 5),
            (Format.INSTITUTION_CODE, 10),
        ]
    ).flatmap(
        lambda kind: st.tuples(st.just(kind), st.text(CELL, min_size=kind[1], max_size=kind[1]))
    )
)
def test_cells_make_the_value_that_the_pipeline_makes(
    drawn: tuple[tuple[Format, int], str],
) -> None:
    """What a reader saw and what people confirmed cell by cell come to the same value."""
    (form, cells), text = drawn
    expected, valid = typed(text, form)
    # Years written short are the pipeline's to guess; a person types them in full.
    assume(form is not Format.DATE or "_" not in text[:4])
    assume(form is not Format.DATE or text[:4] >= "1000")
    assume(form is not Format.NUMBER or valid or not text.strip("_").isdigit())
    try:
        got = value(field(form, cells), text)
    except InvalidRequest:
        assert not valid
    else:
        assert (got, True) == (expected, valid)


@pytest.mark.parametrize(
    ("text", "era", "expected"),
    [
        ("250203", "showa", "1950-02-03"),
        ("25_23_", "showa", "1950-02-03"),
        ("010501", "reiwa", "2019-05-01"),
        ("______", "showa", None),
    ],
)
def test_dates_of_an_era(text: str, era: str, expected: str | None) -> None:
    """The era marked beside the cells makes the year."""
    spec = next(
        f
        for f in load_library(shipped_folder()).get("influenza-elderly").template.fields
        if isinstance(f, DigitsField) and f.era_field is not None
    )
    assert value(spec, text, era) == expected


@pytest.mark.parametrize(
    ("spec", "text", "era"),
    [
        (field(Format.DATE, 8), "19501331", None),
        (field(Format.DATE, 6, era="reiwa"), "__0501", None),
        (field(Format.DATE, 6, era="showa"), "651301", None),
        (field(Format.DIGITS, 4), "12_4", None),
        (field(Format.NUMBER, 3), "1_2", None),
        (field(Format.DECIMAL, 3), "36_", None),
    ],
)
def test_cells_that_make_no_value(spec: DigitsField, text: str, era: str | None) -> None:
    """No such day, a gap, no tenth: the field is answered as a whole."""
    with pytest.raises(InvalidRequest):
        value(spec, text, era)


def test_printed_cells_belong_to_the_value() -> None:
    """Only the others are written, and all of them empty is nothing."""
    spec = field(Format.DATE, 8, printed="202")
    assert written_cells(spec) == (3, 4, 5, 6, 7)
    assert value_of_cells(spec, {3: "1", 4: "0", 5: "7", 6: "3", 7: "1"}, None) == "2021-07-31"
    assert value_of_cells(spec, dict.fromkeys(range(3, 8), "_"), None) is None
