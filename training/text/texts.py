"""What training lines say: names, readings, addresses, words, and characters in no order at all.

Names are drawn from the whole lists of the service, evenly over each class and so far from the few
that the sample generator knows; half of the readings and a part of the kanji lines are strings that
are no word, so that the network learns shapes more than lists.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import cache

import jaconv
import numpy as np

from ocr_service.masters.names import given_names, surnames
from ocr_service.masters.words import word_lists
from ocr_service.recognizers.text.lookalikes import VARIANTS
from samples.generator.chance import Rng, chance, choose, pick
from samples.generator.places import _BUILDINGS, _house_number, _postal_database

Kind = str
ODDS: Mapping[Kind, float] = {
    "kana": 0.29,
    "name": 0.2,
    "address": 0.25,
    "free": 0.16,
    "number": 0.1,
}

_KANA = (
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン"
    "ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポ"
)
_CONTRACTED = "キシチニヒミリギジビピ"
_ADDRESS_KANJI = "東西南北上中下大小新本町村字丁目番地号"


def invent_text(rng: Rng, kind: Kind | None = None) -> tuple[Kind, str]:
    """A kind of line and what it says; ideographic spaces part family and given name."""
    kind = kind or choose(rng, ODDS)
    return kind, _MAKERS[kind](rng)


def _kana(rng: Rng) -> str:
    style = choose(rng, {"name": 0.5, "mixed": 0.2, "town": 0.1, "random": 0.2})
    if style == "name":
        return _reading(rng, surnames) + "　" + _reading(rng, given_names)
    if style == "mixed":
        return _syllables(rng, 2, 5) + "　" + _reading(rng, given_names)
    if style == "town":
        return pick(rng, _towns())[3][:9] + "　" + _syllables(rng, 2, 4)
    return _syllables(rng, 2, 6) + "　" + _syllables(rng, 2, 5)


@cache
def _readings(table: Callable[[], object]) -> tuple[str, ...]:
    return tuple(table().reading_ranks)  # type: ignore[attr-defined]


def _reading(rng: Rng, table: Callable[[], object]) -> str:
    return pick(rng, _readings(table))


def _syllables(rng: Rng, least: int, most: int) -> str:
    text = ""
    for _ in range(int(rng.integers(least, most + 1))):
        if chance(rng, 0.12):
            text += pick(rng, _CONTRACTED) + pick(rng, "ャュョ")
        elif text and chance(rng, 0.07):
            text += (
                "ー"
                if chance(rng, 0.3)
                else "ッ" + pick(rng, "カキクケコサシスセソタチツテトパピプペポ")
            )
        elif chance(rng, 0.03):
            text += pick(
                rng,
                ("ファ", "フィ", "ティ", "ヴァ", "ウェ", "ジェ", "チェ", "フォ", "ヂ", "ヅ", "ヲ"),
            )
        else:
            text += pick(rng, _KANA)
    return text.lstrip("ンッー") or "ア"


@cache
def _written(table: Callable[[], object]) -> tuple[tuple[str, ...], np.ndarray]:
    ranks = table().ranks  # type: ignore[attr-defined]
    names = tuple(ranks)
    weights = np.array([{1: 4.0, 2: 2.0, 3: 1.0}[ranks[name]] for name in names])
    return names, weights / weights.sum()


def _part(rng: Rng, table: Callable[[], object]) -> str:
    names, weights = _written(table)
    return names[int(rng.choice(len(names), p=weights))]


def _name(rng: Rng) -> str:
    family = _part(rng, surnames)
    given = _part(rng, given_names)
    if chance(rng, 0.12):
        given = "".join(pick(rng, _kanji()) for _ in range(int(rng.integers(1, 4))))
    if chance(rng, 0.15):
        family = _with_rare_kanji(rng, family)
    if chance(rng, 0.06):
        given = _syllables(rng, 2, 3)
    elif chance(rng, 0.04):
        given = jaconv.kata2hira(_syllables(rng, 2, 4))
    name = family + "　" + given
    return "".join(_other_shape(rng, c) for c in name) if chance(rng, 0.2) else name


def _with_rare_kanji(rng: Rng, family: str) -> str:
    """A surname with one of its characters replaced by a kanji that few names have."""
    at = int(rng.integers(len(family)))
    return family[:at] + pick(rng, level_two_kanji()) + family[at + 1 :]


@cache
def _other_shapes() -> Mapping[str, tuple[str, ...]]:
    shapes: dict[str, tuple[str, ...]] = {}
    for code, usual in VARIANTS.items():
        shapes[usual] = (*shapes.get(usual, ()), chr(code))
    return shapes


def _other_shape(rng: Rng, kanji: str) -> str:
    """Another shape of a kanji that has one: 髙 for 高."""
    return pick(rng, _other_shapes().get(kanji, (kanji,)))


@cache
def _towns() -> tuple[tuple[str, str, str, str], ...]:
    with closing(sqlite3.connect(f"file:{_postal_database()}?mode=ro", uri=True)) as database:
        rows = [json.loads(data) for (data,) in database.execute("SELECT data FROM postal_data")]
    return tuple(
        (r["prefecture"], r["city"], r["neighborhood"], jaconv.h2z(r["neighborhood_kana"]))
        for r in rows
        if r["neighborhood"] and r["neighborhood_kana"] and len(r["neighborhood"]) <= 12  # noqa: PLR2004
        and "（" not in r["neighborhood"] and "以下" not in r["neighborhood"]
    )  # fmt: skip


def _address(rng: Rng) -> str:
    prefecture, city, town, _ = pick(rng, _towns())
    number = _house_number(rng)
    building = ""
    if chance(rng, 0.35):
        building = pick(rng, _BUILDINGS) if chance(rng, 0.4) else _mansion(rng)
        building += str(int(rng.integers(101, 1210))) + ("号室" if chance(rng, 0.3) else "")
    style = choose(rng, {"area": 0.3, "rest": 0.35, "most": 0.25, "building": 0.1})
    if style == "area":
        return ("" if chance(rng, 0.12) else prefecture) + city
    if style == "rest":
        return town + number + building
    if style == "building":
        return building or number
    return ("" if chance(rng, 0.12) else prefecture) + city + town + number


def _mansion(rng: Rng) -> str:
    heads = (
        "メゾン",
        "コーポ",
        "ハイツ",
        "グラン",
        "サン",
        "パーク",
        "ライオンズ",
        "第一",
        "シャトー",
        "",
    )
    word = (
        jaconv.kata2hira(_syllables(rng, 2, 3)) if chance(rng, 0.4) else pick(rng, _towns())[2][:4]
    )
    return (
        pick(rng, heads)
        + word
        + pick(rng, ("荘", "マンション", "ハイツ", "ビル", "アパート", "ハイム", ""))
    )


@cache
def _words() -> tuple[str, ...]:
    return tuple(word for listed in word_lists().values() for word in listed)


def _kanji() -> str:
    return _kanji_of(range(0x88, 0x98))


@cache
def _kanji_of(rows: range) -> str:
    """Kanji of these rows of the code page that Japanese offices use."""
    codes = (bytes((high, low)) for high in rows for low in range(0x40, 0xFD))
    texts = (code.decode("cp932", errors="ignore") for code in codes)
    return "".join(t for t in texts if len(t) == 1 and "一" <= t <= "龠")


def _free(rng: Rng) -> str:
    style = choose(rng, {"word": 0.4, "words": 0.15, "place": 0.15, "kanji": 0.22, "mixed": 0.08})
    if style == "word":
        return pick(rng, _words())
    if style == "words":
        return pick(rng, _words()) + pick(rng, "、・と") + pick(rng, _words())
    if style == "place":
        lists = word_lists()
        head = pick(rng, lists["place_heads"]) if chance(rng, 0.5) else pick(rng, _towns())[2]
        return head + pick(rng, lists["place_ends"])
    if style == "kanji":
        rare = 0.5 if chance(rng, 0.6) else 0.0
        count = int(rng.integers(3, 9))
        return "".join(
            pick(rng, level_two_kanji() if chance(rng, rare) else _kanji()) for _ in range(count)
        )
    hiragana = jaconv.kata2hira(_syllables(rng, 2, 5))
    return pick(rng, _kanji()) + hiragana + pick(rng, _kanji()) + _syllables(rng, 2, 3)


def _number(rng: Rng) -> str:
    """One stretch of a telephone number or a date: people leave the separators to the form."""
    return "".join(pick(rng, "0123456789") for _ in range(int(rng.integers(1, 5))))


def shapes(*, kana: bool) -> str:
    """What may be miswritten: katakana, or kanji of JIS level 1 and some kana."""
    return _KANA if kana else _kanji() + _KANA + jaconv.kata2hira(_KANA)


def level_one_kanji() -> str:
    """Kanji of JIS level 1."""
    return _kanji()


@cache
def level_two_kanji() -> str:
    """Kanji of JIS level 2 and the code page's own, many of them in nothing but names."""
    level_one = set(_kanji())
    rows = (range(0x98, 0xA0), range(0xE0, 0xEB), range(0xFA, 0xFD))
    return "".join(c for part in rows for c in _kanji_of(part) if c not in level_one)


def all_names_and_places() -> str:
    """Every character of the listed names and of the postal table's places."""
    names = (*surnames().ranks, *given_names().ranks)
    return "".join(names) + "".join(p + c + t for p, c, t, _ in _towns())


_MAKERS: Mapping[Kind, Callable[[Rng], str]] = {
    "kana": _kana,
    "name": _name,
    "address": _address,
    "free": _free,
    "number": _number,
}


__all__ = [
    "ODDS",
    "all_names_and_places",
    "invent_text",
    "level_one_kanji",
    "level_two_kanji",
    "shapes",
]
