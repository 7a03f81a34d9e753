"""Numbers with check digits, lots and the NW-7 bar code."""

from __future__ import annotations

from samples.generator.chance import Rng, chance, digits, pick

# Prefectures whose institution codes carry a check digit over the last seven digits only.
SEVEN_DIGIT_PREFECTURES = frozenset({11, 12, 13, 14})
_PREFECTURES = tuple(range(1, 48))
_MUNICIPALITY_WEIGHTS = (6, 5, 4, 3, 2)
_DIGIT_OVER_NINE = 9

_NW7 = {
    "0": "nnnnnww", "1": "nnnnwwn", "2": "nnnwnnw", "3": "wwnnnnn", "4": "nnwnnwn",
    "5": "wnnnnwn", "6": "nwnnnnw", "7": "nwnnwnn", "8": "nwwnnnn", "9": "wnnwnnn",
    "A": "nnwwnwn", "B": "nwnwnnw", "C": "nnnwnww", "D": "nnnwwwn",
}  # fmt: skip


def luhn_digit(body: str) -> str:
    """The digit that makes ``body`` plus itself pass the Luhn test."""
    total = 0
    for place, char in enumerate(reversed(body)):
        value = int(char) * (2 if place % 2 == 0 else 1)
        total += value - _DIGIT_OVER_NINE if value > _DIGIT_OVER_NINE else value
    return str(-total % 10)


def institution_code(rng: Rng) -> str:
    """A made-up medical institution code: prefecture, 1, seven digits with check digit."""
    prefecture = pick(rng, (*SEVEN_DIGIT_PREFECTURES, *_PREFECTURES))
    head = f"{prefecture:02d}1"
    body = digits(rng, 6)
    own_check = prefecture in SEVEN_DIGIT_PREFECTURES
    return head + body + luhn_digit(body if own_check else head + body)


def municipality_code(five: str) -> str:
    """The five-digit code of a municipality with its check digit added."""
    total = sum(int(d) * w for d, w in zip(five, _MUNICIPALITY_WEIGHTS, strict=True))
    return five + str((11 - total % 11) % 10)


def lot_number(rng: Rng, *, moderna: bool) -> str:
    """A lot in the maker's pattern: seven digits, or two letters and four digits."""
    if moderna:
        return "300" + digits(rng, 4) if chance(rng, 0.8) else digits(rng, 7)
    return pick(rng, "EF") + pick(rng, "ABCDEFGHJKLMNPRTWXY") + digits(rng, 4)


def nw7_elements(text: str, *, wide: float = 2.5) -> tuple[float, ...]:
    """Widths of bars and spaces in modules, starting with a bar, for ``A`` + text + ``A``.

    Args:
        text: digits.
        wide: width of a wide element in modules; narrow ones are 1.

    Returns:
        Alternating bar and space widths; characters are parted by one narrow space.
    """
    widths: list[float] = []
    for number, char in enumerate(f"A{text}A"):
        if number:
            widths.append(1.0)
        widths.extend(wide if element == "w" else 1.0 for element in _NW7[char])
    return tuple(widths)


__all__ = [
    "SEVEN_DIGIT_PREFECTURES",
    "institution_code",
    "lot_number",
    "luhn_digit",
    "municipality_code",
    "nw7_elements",
]
