"""The 47 prefectures with their numbers (JIS X 0401)."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

_NAMES: Final = (
    "北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 東京都 "
    "神奈川県 新潟県 富山県 石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県 滋賀県 "
    "京都府 大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 山口県 徳島県 香川県 "
    "愛媛県 高知県 福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県"
)
PREFECTURES: Final = MappingProxyType(
    {f"{number:02}": name for number, name in enumerate(_NAMES.split(), start=1)}
)
"""Names by number of two digits."""

_NUMBERS: Final = {name: number for number, name in PREFECTURES.items()}


def prefecture_number(text: str) -> str:
    """The number of the prefecture that a text names or gives the number of; "" for none.

    Takes ``13``, ``13:東京都``, ``東京都`` and ``東京``.
    """
    start = text.strip()[:2]
    if start.isascii() and start.isdigit() and start in PREFECTURES:
        return start
    if text.isascii() and text.isdigit() and f"0{text}" in PREFECTURES:
        return f"0{text}"
    for name, number in _NUMBERS.items():
        short = name if name == "北海道" else name[:-1]
        if text in {name, short}:
            return number
    return ""


def prefecture_named_in(text: str) -> str:
    """The number of the one prefecture whose full name stands in a text; "" for none or several."""
    found = {number for name, number in _NUMBERS.items() if name in text}
    return found.pop() if len(found) == 1 else ""


__all__ = ["PREFECTURES", "prefecture_named_in", "prefecture_number"]
