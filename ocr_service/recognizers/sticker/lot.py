"""Lot numbers and expiry dates out of the text of a line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ocr_service.domain.field import Candidate

_TO_DIGIT = str.maketrans("OQDILSBZGA", "0001158264")
_TO_LETTER = str.maketrans("015826", "OISBZG")
_DIGIT_LOOKALIKES = frozenset("OQDILSBZG")
USUAL_PATTERNS = ("AA9999", "9999999", "999999A")
"""Patterns of the makers of COVID-19 vaccines, A a letter, 9 a digit (domain: two letters and four
digits; seven digits; six digits and a letter)."""
_ANY_LOT = re.compile(r"(?=.*[0-9])[0-9A-Z-]{3,20}")
_LOT_LABEL = re.compile(
    # "No." belongs to the label only where a whole lot still follows it
    r"(?:L[O0]T(?:\s*N[O0](?=[\s.:]|[A-Z0-9]{6}))?|[ロ口]ッ?[ト卜]\s*(?:番号|N[O0])?|番号|製造記号)"
    r"[\s:.#一-]*"
)
_EXPIRY_LABEL = re.compile(r"EXP(?:IRY|\.DATE)?|使用期限|有効(?:期限|年月日?|期間)|最終有効|期限")
_DATE = re.compile(
    r"(?<!\d)(20\d{2})\s*[./年-]\s*(\d{1,2})(?:\s*[./月-]\s*(\d{1,2}))?(?!\d)|(?<!\d)(20\d{2})(\d{2})(\d{2})(?!\d)"
)
_AMOUNT = re.compile(r"\d+(?:\.\d+)?\s*(?:ML|MG|G|回分|人分|℃)(?![A-Z0-9])")
_MONTHS, _DAYS = range(1, 13), range(1, 32)

_EXACT, _DIGIT_WAS_LETTER, _LETTER_WAS_DIGIT, _MAX_REPLACED = 1.0, 0.93, 0.55, 2
_DOUBTFUL_LETTER = 0.5
_AGAINST_EXACT = 0.01
_LABELLED, _UNLABELLED = 0.92, 0.5


def folded(text: str) -> str:
    """Half-width capitals, the dashes of all scripts as one hyphen."""
    upper = unicodedata.normalize("NFKC", text).upper()
    return re.sub(r"[‐‑‒–—―−]", "-", upper)


def has_lot_label(text: str) -> bool:
    """Whether a folded line says that a lot number stands here."""
    return _LOT_LABEL.search(text) is not None


def has_expiry(text: str) -> bool:
    """Whether a folded line speaks of an expiry date, or is a date."""
    return _EXPIRY_LABEL.search(text) is not None or expiry_in(text) != ""


def expiry_in(text: str) -> str:
    """The date in a folded line, "YYYY-MM-DD" or "YYYY-MM"; "" if there is none."""
    found = _DATE.search(text)
    if found is None:
        return ""
    year, month, day = (found[1], found[2], found[3]) if found[1] else found.group(4, 5, 6)
    if int(month) not in _MONTHS or (day is not None and int(day) not in _DAYS):
        return ""
    shown = f"{year}-{int(month):02d}"
    return shown if day is None else f"{shown}-{int(day):02d}"


def lot_on_its_own(text: str, patterns: Sequence[str] = USUAL_PATTERNS) -> Candidate | None:
    """The lot in a line read as code, if it is one of the makers' patterns as it stands."""
    label = _LOT_LABEL.search(text)
    value = text[label.end() :] if label else text
    fits = [Candidate(lot, w) for lot, w in _by_pattern(value, patterns) if lot == value]
    return max(fits, key=lambda fit: fit.probability, default=None)


def lots_in(
    text: str, *, labelled: bool, patterns: Sequence[str] = USUAL_PATTERNS
) -> tuple[Candidate, ...]:
    """Lot numbers that a folded line may hold, best first, with the chance of each.

    The chance is that of the lot given that the line was read as it stands.

    Args:
        text: the line; what stands before a lot label and from an expiry label on is ignored.
        labelled: the label stands on the line before; a label in the line itself counts too.
        patterns: what makers' lots look like, A a letter, 9 a digit.
    """
    label = _LOT_LABEL.search(text)
    value = text[label.end() :] if label else text
    value = _AMOUNT.sub(" ", _EXPIRY_LABEL.split(value)[0]).strip(" .:,#()[]")
    labelled = labelled or label is not None
    if _DATE.fullmatch(value):
        return ()
    found: dict[str, float] = {}
    for piece in dict.fromkeys([re.sub(r"[\s.]", "", value), *value.split()]):
        for lot, weight in _by_pattern(piece, patterns) or _free(piece, labelled=labelled):
            found[lot] = max(found.get(lot, 0.0), weight)
    return _shared(found)


def _by_pattern(piece: str, patterns: Sequence[str]) -> list[tuple[str, float]]:
    """The piece made to fit each maker's pattern by swapping look-alikes, two at most."""
    fits = []
    for pattern in patterns:
        if len(piece) != len(pattern) or not piece.isascii() or not _alike(piece, pattern):
            continue
        lot = "".join(
            char.translate(_TO_LETTER if place == "A" else _TO_DIGIT)
            if char != place and char.isalpha() != (place == "A")
            else char
            for char, place in zip(piece, pattern, strict=True)
        )
        replaced = sum(a != b for a, b in zip(lot, piece, strict=True))
        if replaced > _MAX_REPLACED or not _keeps(lot, pattern):
            continue
        weight = _weight(lot, piece)
        # 300473I is more often the seven digits 3004731 than a letter that looks like a digit
        or_digit = pattern[-1] == "A" and pattern[:-1] + "9" in patterns
        doubtful = or_digit and lot[-1] in _DIGIT_LOOKALIKES
        fits.append((lot, weight * (_DOUBTFUL_LETTER if doubtful else 1.0)))
    if any(lot == piece and weight == _EXACT for lot, weight in fits):
        # what fits as it stands is seldom something else that was misread into fitting
        return [(lot, weight if lot == piece else weight * _AGAINST_EXACT) for lot, weight in fits]
    return fits


def _alike(piece: str, pattern: str) -> bool:
    """Hyphens where the pattern has them, letters and digits elsewhere."""
    return all(
        char == "-" if place == "-" else char.isalnum()
        for char, place in zip(piece, pattern, strict=True)
    )


def _weight(lot: str, piece: str) -> float:
    """How well look-alikes explain the difference.

    A letter among digits is a usual misreading; digits in place of both letters are more often a
    longer number of which a part was lost.
    """
    weight = _EXACT
    for was, read in zip(lot, piece, strict=True):
        if was != read:
            weight *= _LETTER_WAS_DIGIT if was.isalpha() else _DIGIT_WAS_LETTER
    return weight


def _keeps(lot: str, pattern: str) -> bool:
    return all(
        char == place or (char.isalpha() if place == "A" else char.isdigit())
        for char, place in zip(lot, pattern, strict=True)
    )


def _free(piece: str, *, labelled: bool) -> list[tuple[str, float]]:
    """Lots of other makers: anything of capitals, digits and hyphens with a digit in it."""
    if not _ANY_LOT.fullmatch(piece) or (piece.isdigit() and not labelled):
        return []
    return [(piece, _LABELLED if labelled else _UNLABELLED)]


def _shared(found: dict[str, float]) -> tuple[Candidate, ...]:
    """Weights of rivals scaled so that they add up to no more than the best of them."""
    if not found:
        return ()
    best, total = max(found.values()), sum(found.values())
    ranked = sorted(found, key=lambda lot: (-found[lot], lot))
    return tuple(Candidate(lot, best * found[lot] / total) for lot in ranked)


__all__ = [
    "USUAL_PATTERNS",
    "expiry_in",
    "folded",
    "has_expiry",
    "has_lot_label",
    "lot_on_its_own",
    "lots_in",
]
