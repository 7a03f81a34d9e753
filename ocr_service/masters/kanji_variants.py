"""Shapes of one kanji, as names use them; the family register says which one a name has."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final


def _by_shape(groups: tuple[str, ...]) -> MappingProxyType[str, str]:
    return MappingProxyType(
        {shape: group.replace(shape, "") for group in groups for shape in group}
    )


INDISTINCT: Final = _by_shape(("崎﨑", "高髙", "辺邊邉", "斎斉齋齊", "濱濵", "鶴靏"))
"""Shapes that a line reader takes for each other so often that a person must look: for each, the
others of its kanji."""

_GROUPS: Final = (
    "沢澤 浜濱濵 桜櫻 真眞 恵惠 広廣 国國 島嶋 富冨 曽曾 豊豐 凛凜 栄榮 関關 滝瀧 円圓 "
    "万萬 条條 実實 静靜 徳德 桧檜 薮藪 彦彥 緑綠 黒黑 瀬瀨 横橫 清淸 巌巖 遥遙 尭堯 薫薰 "
    "弥彌 竜龍 寿壽 鶴靏 渕淵 峰峯 蔵藏 館舘 柳栁 吉𠮷 船舩"
)
DISTINCT: Final = _by_shape(tuple(_GROUPS.split()))
"""Shapes that mostly are told apart: offered, so that a person picks and does not type."""


def plain_kanji(text: str) -> str:
    """``text`` with one shape of every kanji: equal for names that differ in nothing else."""
    return "".join(min(c + INDISTINCT.get(c, "") + DISTINCT.get(c, "")) for c in text)


__all__ = ["DISTINCT", "INDISTINCT", "plain_kanji"]
