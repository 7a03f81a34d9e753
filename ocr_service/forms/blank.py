"""The blank form of a template as a PDF in true size, ready to be printed at 100 %."""

from __future__ import annotations

import io
from importlib.util import find_spec
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from ocr_service.domain.errors import TemplateError
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.fields import ChoiceField, DigitsField, FieldSpec, FlagField, MarkKind
from ocr_service.forms.library import LoadedTemplate
from ocr_service.forms.model import PageSpec
from ocr_service.forms.printing_model import (
    BlankPrint,
    PrintFrame,
    PrintRule,
    PrintText,
    load_blank_print,
)

POINTS_PER_MM = 72 / 25.4
_FONT = "FormGothic"
_FONT_PACKAGE = "matplotlib_fontja"
_FONT_FILE = "fonts/ipaexg.ttf"
# IPAexGothic stands 0.88 em above and 0.12 em below the baseline.
_BASELINE_BELOW_MIDDLE_EM = 0.38
_BOLD_STROKE_EM = 0.035
_FILL_AND_STROKE = 2
_PRINTED_DIGIT_EM = 0.72


def form_font_path() -> Path:
    """The TrueType file of the Japanese font that drawn forms embed.

    The package that carries it is located, never imported: importing it would load matplotlib.

    Raises:
        TemplateError: the package is not installed or has lost the file.
    """
    spec = find_spec(_FONT_PACKAGE)
    for place in (spec.submodule_search_locations or []) if spec else []:
        path = Path(place) / _FONT_FILE
        if path.is_file():
            return path
    raise TemplateError(f"no font to draw forms with: install {_FONT_PACKAGE}")


def render_blank(loaded: LoadedTemplate) -> bytes:
    """Draw the empty form.

    Corner marks, digit cells with their pre-printed digits and the boxes of choices and flags
    come from the template; words, table rules and frames from ``blank.toml`` beside it.

    Args:
        loaded: a template with the folder it stands in.

    Returns:
        A vector PDF, one page per template page, 1 pt = 1/72 in, the font embedded. The same
        template always gives the same bytes.

    Raises:
        TemplateError: ``blank.toml`` is broken or the font is missing.
    """
    extra = load_blank_print(loaded.folder)
    pdfmetrics.registerFont(TTFont(_FONT, str(form_font_path())))
    buffer = io.BytesIO()
    first = loaded.template.pages[0]
    canvas = Canvas(
        buffer,
        pagesize=(first.width_mm * POINTS_PER_MM, first.height_mm * POINTS_PER_MM),
        invariant=1,
        initialFontName=_FONT,
    )
    canvas.setTitle(loaded.template.title.ja)
    for number, page in enumerate(loaded.template.pages, start=1):
        canvas.setPageSize((page.width_mm * POINTS_PER_MM, page.height_mm * POINTS_PER_MM))
        painter = _Painter(canvas, page, extra)
        painter.extra_print(number)
        for anchor in page.anchors:
            painter.solid(anchor.box, gray=0.0)
        for field in loaded.template.fields:
            if field.page == number:
                painter.field(field)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


class _Painter:
    """Draws on one page; takes millimetres from the top-left corner."""

    def __init__(self, canvas: Canvas, page: PageSpec, extra: BlankPrint) -> None:
        self._canvas = canvas
        self._height_mm = page.height_mm
        self._extra = extra

    def extra_print(self, number: int) -> None:
        """Frames first, so that no filling hides a rule or a word."""
        for frame in self._extra.frames:
            if frame.page == number:
                self._frame(frame)
        for rule in self._extra.rules:
            if rule.page == number:
                self._rule(rule)
        for text in self._extra.texts:
            if text.page == number:
                self._text(text)

    def field(self, field: FieldSpec) -> None:
        """The boxes that a field prints; fields of free writing print none."""
        if isinstance(field, DigitsField):
            for cell in field.cells:
                self._outlined(cell.box)
                if cell.printed is not None:
                    self._digit(cell.box, cell.printed)
        elif isinstance(field, ChoiceField) and field.mark is not MarkKind.CIRCLE_WORD:
            for option in field.options:
                self._outlined(option.box)
        elif isinstance(field, FlagField) and field.mark is not MarkKind.CIRCLE_WORD:
            self._outlined(field.box)

    def solid(self, box: BoxMm, *, gray: float) -> None:
        """A filled rectangle without outline."""
        self._canvas.setFillGray(gray)
        self._canvas.rect(*self._rect(box), stroke=0, fill=1)

    def _outlined(self, inside: BoxMm) -> None:
        small = inside.w < self._extra.small_box_below_mm
        width = self._extra.small_box_rule_mm if small else self._extra.box_rule_mm
        self._stroke(width, gray=0.0, dash=None)
        self._canvas.rect(*self._rect(inside.grown(width / 2)), stroke=1, fill=0)

    def _digit(self, box: BoxMm, digit: str) -> None:
        x, y = box.centre
        self._text(PrintText(at=(x, y), size=box.h * _PRINTED_DIGIT_EM, text=digit, align="centre"))

    def _frame(self, frame: PrintFrame) -> None:
        if frame.fill is not None:
            self.solid(frame.box, gray=frame.fill)
        if frame.width:
            self._stroke(frame.width, gray=frame.gray, dash=frame.dash)
            self._canvas.rect(*self._rect(frame.box), stroke=1, fill=0)

    def _rule(self, rule: PrintRule) -> None:
        self._stroke(rule.width, gray=rule.gray, dash=rule.dash)
        self._canvas.line(*self._point(*rule.start), *self._point(*rule.end))

    def _text(self, text: PrintText) -> None:
        size_pt = text.size * POINTS_PER_MM
        width_pt = pdfmetrics.stringWidth(text.text, _FONT, size_pt)
        x, y = self._point(*text.at)
        x -= {"left": 0.0, "centre": 0.5, "right": 1.0}[text.align] * width_pt
        self._canvas.setFillGray(text.gray)
        line = self._canvas.beginText(x, y - _BASELINE_BELOW_MIDDLE_EM * size_pt)
        line.setFont(_FONT, size_pt)
        if text.bold:
            self._stroke(text.size * _BOLD_STROKE_EM, gray=text.gray, dash=None)
            line.setTextRenderMode(_FILL_AND_STROKE)
        line.textOut(text.text)
        self._canvas.saveState()
        self._canvas.drawText(line)
        self._canvas.restoreState()

    def _stroke(self, width_mm: float, *, gray: float, dash: tuple[float, float] | None) -> None:
        self._canvas.setLineWidth(width_mm * POINTS_PER_MM)
        self._canvas.setStrokeGray(gray)
        self._canvas.setDash([d * POINTS_PER_MM for d in dash] if dash else [])

    def _point(self, x_mm: float, y_mm: float) -> tuple[float, float]:
        return x_mm * POINTS_PER_MM, (self._height_mm - y_mm) * POINTS_PER_MM

    def _rect(self, box: BoxMm) -> tuple[float, float, float, float]:
        x, y = self._point(box.x, box.bottom)
        return x, y, box.w * POINTS_PER_MM, box.h * POINTS_PER_MM


__all__ = ["POINTS_PER_MM", "form_font_path", "render_blank"]
