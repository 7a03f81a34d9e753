"""Reads a code that a voucher tells several times over: QR, bars, printed digits."""

from __future__ import annotations

from ocr_service.domain.field import Candidate, FieldReading, Flag
from ocr_service.forms.fields import CodeField, Symbol
from ocr_service.recognizers.base import FieldCrop
from ocr_service.recognizers.codes.check import keeps_check_digits
from ocr_service.recognizers.codes.line import find_digit_line, read_digit_line
from ocr_service.recognizers.codes.presence import sticker_present
from ocr_service.recognizers.codes.symbols import SymbolsSeen, see_symbols
from ocr_service.recognizers.codes.vote import Sources, Vote, vote
from ocr_service.recognizers.lines import LineReader

_SURELY_NONE = 0.995
_PROBABLY_NONE = 0.98
_UNREADABLE = 0.1
_BARS_ALONE = 0.3


class CodeReader:
    """Recognizer of fields of kind ``code``.

    A candidate's text is the whole code, or "" where no voucher is stuck on. A voucher that
    cannot be read is "" with low probability and ``Flag.UNREADABLE``; an alternative then shows
    the part that the bars gave, with "?" for the rest.
    """

    def __init__(self, line_reader: LineReader) -> None:
        self._lines = line_reader

    @property
    def name(self) -> str:
        """Name and version."""
        return f"code-vote-1+{self._lines.name}"

    def read(self, crop: FieldCrop) -> FieldReading:
        """Read the prints of one voucher and let them vote."""
        spec = crop.spec
        if not isinstance(spec, CodeField):
            raise TypeError(f"{spec.key} is not a code field")
        seen = see_symbols(crop.parts[0].gray, spec)
        line, line_found = self._line(crop, spec, seen)
        sources = Sources(spec.length, seen.qr, seen.codabar, seen.span, line)
        outcome = vote(sources, lambda text: keeps_check_digits(text, spec.parts))
        if not outcome.candidates:
            return self._without_code(crop, seen, line_found=line_found)
        return self._reading(spec, outcome)

    def _line(
        self, crop: FieldCrop, spec: CodeField, seen: SymbolsSeen
    ) -> tuple[tuple[Candidate, ...], bool]:
        """The digit line's texts and whether there is such a line.

        Not read where QR and bars agree: a third print could not change the outcome, and reading
        it costs more than both symbols together.
        """
        start, stop = seen.span
        agreed = seen.qr is not None and seen.qr[start:stop] == seen.codabar
        if Symbol.OCR_LINE not in spec.symbols or agreed:
            return (), False
        line = find_digit_line(crop.parts[0].gray, spec.length)
        if line is None:
            return (), False
        return read_digit_line(line, spec.length, self._lines), True

    def _reading(self, spec: CodeField, outcome: Vote) -> FieldReading:
        flags = {Flag.DISAGREEMENT} if outcome.disagree else set()
        return FieldReading(spec.key, outcome.candidates, self.name, frozenset(flags))

    def _without_code(
        self, crop: FieldCrop, seen: SymbolsSeen, *, line_found: bool
    ) -> FieldReading:
        part, spec = crop.parts[0], crop.spec
        something = seen.codabar is not None or seen.foreign or line_found
        if not something and not sticker_present(part):
            sure = _SURELY_NONE if part.blank is not None else _PROBABLY_NONE
            return FieldReading(spec.key, (Candidate("", sure),), self.name)
        candidates = [Candidate("", _UNREADABLE)]
        if seen.codabar is not None and isinstance(spec, CodeField):
            start, stop = seen.span
            partial = "?" * start + seen.codabar + "?" * (spec.length - stop)
            candidates.append(Candidate(partial, _BARS_ALONE * _UNREADABLE))
        return FieldReading(spec.key, tuple(candidates), self.name, frozenset({Flag.UNREADABLE}))


__all__ = ["CodeReader"]
