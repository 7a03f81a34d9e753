"""A sheet being written: the record and what stands on the paper, side by side."""

from __future__ import annotations

from dataclasses import dataclass, field

from samples.generator.chance import Rng, chance, choose, digits, pick
from samples.generator.sheet import Mark, Value

_AREAS = ("03", "06", "011", "045", "052", "092", "0422", "0466", "0771", "0985", "04", "0191")
_STYLES = {"plain": 0.985, "both": 0.006, "corrected": 0.009}


@dataclass(slots=True)
class Draft:
    """What has been written so far; fields as in ``Sheet``."""

    values: dict[str, Value] = field(default_factory=dict)
    writing: dict[str, tuple[str, ...]] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    stamped: set[str] = field(default_factory=set)

    def write(self, key: str, value: str | None, *parts: str) -> None:
        """A field of writing or digits: canonical value and what goes into each segment."""
        self.values[key] = value
        if value is not None:
            self.writing[key] = parts or (value,)

    def mark(self, key: str, value: str | None) -> None:
        """A choice of one."""
        self.values[key] = value
        if value is not None:
            self.marks.append(Mark(key, value))

    def choose(self, rng: Rng, key: str, value: str, other: str) -> None:
        """A choice of ``value`` where few people mark ``other`` too, or mark it first."""
        style = choose(rng, _STYLES)
        if style == "both":
            self.values[key] = "ambiguous"
            self.marks += [Mark(key, value), Mark(key, other)]
        elif style == "corrected":  # marked, struck out, marked anew: a person must decide
            self.values[key] = "ambiguous"
            self.marks += [Mark(key, other, struck=True), Mark(key, value)]
        else:
            self.mark(key, value)

    def answer(self, rng: Rng, key: str, value: str | None) -> None:
        """An answer of yes or no; some people leave a question out."""
        if value is None or chance(rng, 0.02):
            self.values[key] = None
            return
        self.choose(rng, key, value, "no" if value == "yes" else "yes")


def invent_phone(rng: Rng) -> tuple[str, str, str]:
    """The three parts of a telephone number that nobody has.

    No number beginning with 0 after the area or network code is ever assigned.
    """
    if chance(rng, 0.6):
        return pick(rng, ("090", "080", "070")), "0" + digits(rng, 3), digits(rng, 4)
    area = pick(rng, _AREAS)
    return area, "0" + digits(rng, 5 - len(area)), digits(rng, 4)


__all__ = ["Draft", "invent_phone"]
