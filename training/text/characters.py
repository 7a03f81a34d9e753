"""The characters our network tells apart: those of the base that Japanese forms are filled with."""

from __future__ import annotations

from collections.abc import Sequence

from training.text.texts import all_names_and_places, level_one_kanji

_KANA = "".join(map(chr, (*range(0x3041, 0x3097), *range(0x30A1, 0x30F7)))) + "ー々〆ヶ"
_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-、。・「」()/.,:%+&~〇"


def our_characters(base: Sequence[str]) -> list[str]:
    """Kana, signs, kanji of JIS level 1 and those of listed names and places, in code order.

    Args:
        base: the base's characters; what it lacks we lack.
    """
    wanted = set(_KANA) | set(_SIGNS) | set(level_one_kanji()) | set(all_names_and_places())
    return sorted(c for c in wanted & set(base) if not c.isspace())


__all__ = ["our_characters"]
