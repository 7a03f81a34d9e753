"""Compares what was read with a resident of the operator's list, field by field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from rapidfuzz.distance import Levenshtein

from ocr_service.masters.person_keys import kana_sound, name_key

VOUCHER: Final = "voucher_number"

GROUPS: Final = MappingProxyType(
    {
        VOUCHER: "voucher",
        "birth_date": "birth",
        "name_kana": "name",
        "name": "name",
        "address": "address",
    }
)
"""Record keys that are compared, and which of them tell one thing: a name and its kana are read
with an eye on each other, so they count once."""

_WEIGHTS: Final = MappingProxyType(
    {VOUCHER: 0.3, "birth_date": 0.25, "name_kana": 0.2, "name": 0.15, "address": 0.1}
)
_SAME_ADDRESS: Final = 0.12
"""Up to this share of edits two addresses count as one: people leave out what is plain anyway."""

_PREFECTURE: Final = re.compile(r"^(東京都|北海道|(?:京都|大阪)府|.{2,3}県)")
_HYPHENS: Final = re.compile(r"[-‐−–—－ー]|丁目|番地の?|番|号|の(?=\d)")


@dataclass(frozen=True, slots=True)
class Resident:
    """A resident as the list has them, by record keys."""

    municipality: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Compared:
    """One field of a record beside the list.

    Attributes:
        key: record key.
        read: value in force, "" where nothing is written.
        listed: value of the list.
        distance: share of characters that differ, 0 to 1.
        agrees: whether both say the same; None where nothing was read.
    """

    key: str
    read: str
    listed: str
    distance: float
    agrees: bool | None


@dataclass(frozen=True, slots=True)
class ResidentCandidate:
    """A resident whom the record may be about.

    Attributes:
        handle: names the row without telling whom it is about.
        resident: as listed.
        fields: compared, in the order of ``GROUPS``.
        distance: weighted share of what differs, 0 = all that was read agrees.
    """

    handle: str
    resident: Resident
    fields: tuple[Compared, ...]
    distance: float

    def agreeing_groups(self, *, without: str = "") -> frozenset[str]:
        """Independent things in which record and list agree.

        Args:
            without: a record key that is not asked: no field is its own witness.
        """
        return frozenset(GROUPS[f.key] for f in self.fields if f.agrees and f.key != without)


def compared(handle: str, resident: Resident, read: Mapping[str, str]) -> ResidentCandidate:
    """A resident beside the values that were read."""
    fields = tuple(_compare(key, read.get(key, ""), resident.values.get(key, "")) for key in GROUPS)
    known = [field for field in fields if field.agrees is not None]
    weight = sum(_WEIGHTS[field.key] for field in known)
    far = sum(_WEIGHTS[f.key] * f.distance for f in known) / weight if weight else 1.0
    return ResidentCandidate(handle, resident, fields, round(far, 6))


def difference(key: str, one: str, other: str) -> float:
    """Share of characters in which two values of a field differ, folded as fits its kind."""
    fold = _FOLDS[key]
    return float(Levenshtein.normalized_distance(fold(one), fold(other)))


def address_key(text: str) -> str:
    """An address as it is compared: no prefecture, numbers joined by hyphens."""
    bare = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    joined = _HYPHENS.sub("-", _PREFECTURE.sub("", bare))
    return re.sub(r"-+", "-", joined).strip("-")


def _compare(key: str, read: str, listed: str) -> Compared:
    if not read or not listed:
        return Compared(key, read, listed, 1.0, None)
    far = difference(key, read, listed)
    limit = _SAME_ADDRESS if key == "address" else 0.0
    return Compared(key, read, listed, far, far <= limit)


def _plain(text: str) -> str:
    return text


_FOLDS: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {
        VOUCHER: _plain,
        "birth_date": _plain,
        "name_kana": kana_sound,
        "name": name_key,
        "address": address_key,
    }
)

__all__ = [
    "GROUPS",
    "VOUCHER",
    "Compared",
    "Resident",
    "ResidentCandidate",
    "address_key",
    "compared",
    "difference",
]
