"""Which product a sticker names: a known one under one of its names, else as it reads."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
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
_AS_READ = 0.85


def known_product(text: str, probability: float, products: Iterable[Product]) -> Candidate | None:
    """The known product that a line names, None if it names none.

    A line that reads exactly like a known name is that product almost surely: chance does not
    write brand names. A line that comes near is taken for it with a chance by how near.

    Args:
        text: the line as read.
        probability: chance that it was read right.
        products: the known ones.
    """
    line = _plain(text)
    best: Candidate | None = None
    for product in products:
        for alias in (product.name, *product.aliases):
            chance = _likeness(line, _plain(alias), probability)
            if chance > (best.probability if best else 0.0):
                best = Candidate(product.name, chance)
    return best


def unknown_product(text: str, probability: float) -> Candidate | None:
    """The line as a product's name, None if it is plainly something else."""
    kept = unicodedata.normalize("NFKC", text).strip()
    letters = sum(char.isalpha() for char in kept)
    if letters < _LEAST_NAME_LENGTH or _NOT_A_NAME.search(kept):
        return None
    return Candidate(kept, probability * _AS_READ)


def _plain(text: str) -> str:
    """Without spaces, width, case and the signs that readers confuse."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return re.sub(r"[\s・.,:()\[\]®™‐‑‒–—―−一ー-]", "", folded)


def _likeness(line: str, alias: str, probability: float) -> float:
    """Chance that ``line`` names ``alias``; 0.0 if it does not."""
    if alias in line:
        rest = line.replace(alias, "", 1)
        return 0.0 if _QUALIFIER.search(rest) else max(_EXACT_NAME, probability)
    alike = fuzz.ratio(line, alias) / 100.0
    leftover = _QUALIFIER.search(line) and not _QUALIFIER.search(alias)
    if alike < _LEAST_ALIKE or leftover:
        return 0.0
    return alike * max(0.9, probability)


__all__ = ["SHIPPED_PRODUCTS", "Product", "known_product", "unknown_product"]
