"""The characters our network tells apart: those of the base that Japanese forms are filled with."""

from __future__ import annotations

from collections.abc import Sequence

from ocr_service.recognizers.text.own import STRUCK
from training.text.texts import all_names_and_places, level_one_kanji, level_two_kanji

_KANA = "".join(map(chr, (*range(0x3041, 0x3097), *range(0x30A1, 0x30F7)))) + "ー々〆ヶ"
_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-、。・「」()/.,:%+&~〇"


def our_characters(base: Sequence[str]) -> list[str]:
    """Kana, signs, kanji of both JIS levels and of listed names and places, in code order.

    The last one is ``STRUCK``, which stands for a run of characters that is struck out.

    Args:
        base: the base's characters; what it lacks we lack, but for ``STRUCK``.
    """
    kanji = set(level_one_kanji()) | set(level_two_kanji()) | set(all_names_and_places())
    wanted = set(_KANA) | set(_SIGNS) | kanji
    return [*sorted(c for c in wanted & set(base) if not c.isspace()), STRUCK]


__all__ = ["our_characters"]
