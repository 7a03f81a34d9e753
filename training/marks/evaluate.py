"""Scores the mark and presence readers on cut pages: by state, by fault, with calibration."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ocr_service.domain.field import FieldReading, Flag
from ocr_service.forms.fields import ChoiceField, FlagField, PresenceField
from ocr_service.recognizers.marks.reader import MarkReader
from ocr_service.recognizers.presence.reader import PresenceReader
from training.marks.pages import MARKED, STRUCK, TruthfulCrop, load_crops


@dataclass(frozen=True, slots=True)
class Scored:
    """One field with what was read and whether it is the right value."""

    truthful: TruthfulCrop
    reading: FieldReading
    right: bool


def true_value(crop: TruthfulCrop) -> str:
    """The field's canonical value as text: ``ambiguous`` as the contract defines it."""
    spec = crop.crop.spec
    keys = [part.key for part in crop.crop.parts]
    marked = [k for k, s in zip(keys, crop.states, strict=True) if s == MARKED]
    if isinstance(spec, ChoiceField):
        if not spec.multiple and (len(marked) > 1 or STRUCK in crop.states):
            return "ambiguous"
        return " ".join(marked)
    return "1" if MARKED in crop.states else "0"


def read_value(crop: TruthfulCrop, reading: FieldReading) -> str:
    """The value the pipeline makes of a reading."""
    spec = crop.crop.spec
    if isinstance(spec, ChoiceField) and not spec.multiple and reading.text:
        undecided = reading.flags & {Flag.BOTH_MARKED, Flag.CORRECTED}
        if undecided or " " in reading.text:
            return "ambiguous"
    return reading.text


def calibration_error(chances: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error with equally filled bins."""
    order = np.argsort(chances)
    groups = np.array_split(order, bins)
    return float(
        sum(len(g) * abs(chances[g].mean() - right[g].mean()) for g in groups if len(g))
        / max(len(order), 1)
    )


def score(crops: Iterable[TruthfulCrop]) -> list[Scored]:
    """Read every field."""
    marks, presence = MarkReader(), PresenceReader()
    scored = []
    for crop in crops:
        spec = crop.crop.spec
        reader = presence if isinstance(spec, PresenceField) else marks
        reading = reader.read(crop.crop)
        scored.append(Scored(crop, reading, read_value(crop, reading) == true_value(crop)))
    return scored


def _situation(one: Scored) -> str:
    spec, states = one.truthful.crop.spec, one.truthful.states
    if isinstance(spec, PresenceField):
        return "signed" if MARKED in states else "unsigned"
    if STRUCK in states:
        return "struck"
    marked = states.count(MARKED)
    if isinstance(spec, FlagField):
        return "flag set" if marked else "flag blank"
    return "blank" if not marked else "one" if marked == 1 else "several"


def _table(title: str, groups: dict[str, list[Scored]]) -> None:
    print(title)
    for name, fields in sorted(groups.items()):
        right = sum(f.right for f in fields)
        wrong = Counter(f.truthful.crop.spec.key for f in fields if not f.right)
        print(f"  {name:14s} {right:5d} of {len(fields):5d} {right / len(fields):.4f} "
              f"{dict(wrong.most_common(4))}")  # fmt: skip


def report(name: str, scored: list[Scored]) -> None:
    """Print the tables of one set."""
    print(f"== {name}: {len({s.truthful.page for s in scored})} pages")
    by_kind: dict[str, list[Scored]] = {}
    by_case: dict[str, list[Scored]] = {}
    by_fault: dict[str, list[Scored]] = {}
    for one in scored:
        presence = isinstance(one.truthful.crop.spec, PresenceField)
        by_kind.setdefault("presence" if presence else "marks", []).append(one)
        by_case.setdefault(_situation(one), []).append(one)
        for fault in one.truthful.faults or ("none",):
            by_fault.setdefault(fault, []).append(one)
    for title, groups in (("by kind", by_kind), ("by case", by_case), ("by fault", by_fault)):
        _table(title, groups)
    for kind, fields in by_kind.items():
        chances = np.array([f.reading.probability for f in fields])
        right = np.array([f.right for f in fields], np.float64)
        sure = chances >= 0.99  # noqa: PLR2004  # the template's accept_at
        flagged = np.array([bool(f.reading.flags - {Flag.FAINT, Flag.OUTSIDE}) for f in fields])
        passed = sure & ~flagged
        error = calibration_error(chances, right)
        wrong = int((1 - right[passed]).sum())
        print(f"  {kind}: ECE {error:.4f}, unseen {passed.mean():.3f}, wrong among these {wrong}")


def _show_wrong(scored: list[Scored]) -> None:
    for one in scored:
        if not one.right:
            print("   ", one.truthful.crop.spec.key, "page", one.truthful.page, "truth",
                  true_value(one.truthful) or "-", "read", one.reading.text or "-",
                  f"{one.reading.probability:.3f}", sorted(f.value for f in one.reading.flags),
                  one.truthful.faults)  # fmt: skip


def main() -> None:
    """Command line: ``python -m training.marks.evaluate CROPS.pickle...``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("crops", type=Path, nargs="+")
    parser.add_argument("--wrong", action="store_true", help="list every wrong field")
    args = parser.parse_args()
    for path in args.crops:
        scored = score(load_crops(path))
        report(path.stem, scored)
        if args.wrong:
            _show_wrong(scored)


if __name__ == "__main__":
    main()
