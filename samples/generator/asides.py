"""Writing that belongs to no field: dates of earlier shots, a doctor's notes at the margin."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from ocr_service.domain.geometry import BoxMm
from samples.generator.chance import Rng, chance, pick
from samples.generator.sheet import Value

# Free paper of the form, measured like the template's own boxes.
AREAS: Mapping[str, Mapping[str, BoxMm]] = {
    "mhlw-covid19": {
        "q1_first_month": BoxMm(72.5, 76.0, 10.1, 4.4),
        "q1_first_day": BoxMm(86.0, 76.0, 10.2, 4.4),
        "q12_date": BoxMm(129.1, 185.4, 21.3, 5.9),
        "note_q5": BoxMm(187.4, 118.0, 14.8, 8.0),
        "note_q6": BoxMm(187.4, 137.2, 14.8, 6.2),
        "note_q7": BoxMm(187.4, 144.2, 14.8, 6.2),
        "note_q9": BoxMm(187.4, 159.0, 14.8, 7.0),
        "note_q10": BoxMm(187.4, 169.0, 14.8, 7.0),
    },
    "influenza-elderly": {"q9_date": BoxMm(116.3, 166.6, 29.4, 5.9)},
}
BY_CLINIC = "note_"
_NOTES = ("済", "可", "OK", "問題なし", "軽症", "内服中", "接種可", "確認済")


def invent_asides(rng: Rng, values: Mapping[str, Value], day: date) -> dict[str, str]:
    """Texts for some of the areas, fitting the answers."""
    asides: dict[str, str] = {}
    if values["q1"] == "no" and chance(rng, 0.6):
        earlier = day - timedelta(days=int(rng.integers(21, 200)))
        asides |= {"q1_first_month": str(earlier.month), "q1_first_day": str(earlier.day)}
    if values["q12"] == "yes" and chance(rng, 0.8):
        earlier = day - timedelta(days=int(rng.integers(2, 14)))
        asides["q12_date"] = f"{earlier.month}/{earlier.day}"
    for question in ("q5", "q6", "q7", "q9", "q10"):
        if values[question] == "yes" and chance(rng, 0.3):
            asides[BY_CLINIC + question] = pick(rng, _NOTES)
    return asides


__all__ = ["AREAS", "BY_CLINIC", "invent_asides"]
