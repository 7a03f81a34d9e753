"""Which product a sticker names: a known one under one of its names, else as it reads."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from ocr_service.domain.field import Candidate


@dataclass(frozen=True, slots=True)
class Product:
    """A product.

    Attributes:
        name: what the record shall say.
        aliases: other names under which stickers carry it.
    """

    name: str
    aliases: tuple[str, ...] = ()


SHIPPED_PRODUCTS = (
    Product("コミナティ", ("コミナティ筋注", "COMIRNATY")),
    Product(
        "スパイクバックス", ("スパイクバックス筋注", "SPIKEVAX", "COVID-19ワクチンモデルナ筋注")
    ),
    Product("バキスゼブリア", ("バキスゼブリア筋注", "VAXZEVRIA")),
    Product("ヌバキソビッド", ("ヌバキソビッド筋注", "NUVAXOVID")),
)
"""Brand names of the first COVID-19 vaccines in Japan. An edition for an age group or a variant is
another product: it is kept as it reads, never taken for the plain one."""

_QUALIFIER = re.compile(
    r"[0-9０-９]|歳|小児|乳幼児|用|価|株|オミクロン|BA\.|XBB|起源", re.IGNORECASE
)
_NOT_A_NAME = re.compile(r"会社|株式|製造|販売|保管|保存|注意|※|確認|貼|枠|有効|期限|ください")
_LEAST_ALIKE = 0.72
_LEAST_NAME_LENGTH = 3
_EXACT_NAME = 0.985
_NEAR_NAME = 0.9
_MOST = 0.998
_AS_READ = 0.85


def known_product(readings: Sequence[Candidate], products: Iterable[Product]) -> Candidate | None:
    """The known product that a line names, None if it names none.

    A line whose best reading is exactly a known name is that product almost surely: chance does
    not write brand names. A line that comes near is taken for it with a chance by how near.

    Args:
        readings: texts of the line, best first.
        products: the known ones.
    """
    best: Candidate | None = None
    for product in products:
        aliases = [_plain(alias) for alias in (product.name, *product.aliases)]
        alike = [max(_likeness(_plain(r.text), alias) for alias in aliases) for r in readings]
        if not any(alike):
            continue
        chance = sum(a * r.probability for a, r in zip(alike, readings, strict=True))
        chance = max(chance, _EXACT_NAME if alike[0] == 1.0 else alike[0] * _NEAR_NAME)
        if best is None or chance > best.probability:
            best = Candidate(product.name, min(_MOST, chance))
    return best


def unknown_product(reading: Candidate) -> Candidate | None:
    """The line as a product's name, None if it is plainly something else."""
    kept = unicodedata.normalize("NFKC", reading.text).strip()
    letters = sum(char.isalpha() for char in kept)
    if letters < _LEAST_NAME_LENGTH or _NOT_A_NAME.search(kept):
        return None
    return Candidate(kept, reading.probability * _AS_READ)


def _plain(text: str) -> str:
    """Without spaces, width, case and the signs that readers confuse."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return re.sub(r"[\s・.,:()\[\]®™‐‑‒–—―−一ー-]", "", folded)


def _likeness(line: str, alias: str) -> float:
    """How near ``line`` comes to naming ``alias``; 1.0 if it does, 0.0 if it does not."""
    if alias in line:
        return 0.0 if _QUALIFIER.search(line.replace(alias, "", 1)) else 1.0
    alike = fuzz.ratio(line, alias) / 100.0
    other_edition = _QUALIFIER.search(line) and not _QUALIFIER.search(alias)
    return 0.0 if alike < _LEAST_ALIKE or other_edition else alike


__all__ = ["SHIPPED_PRODUCTS", "Product", "known_product", "unknown_product"]
