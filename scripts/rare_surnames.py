"""Writes the list of rarer surnames: ``python scripts/rare_surnames.py JANOME``.

``JANOME`` is the unpacked wheel of Janome 0.5.1 (Apache-2.0), which carries the IPADIC dictionary.
Its surnames of kanji that ``surnames.txt`` lacks are written, with their readings, to
``ocr_service/masters/data/surnames_rare.txt``. Those of more than one reading are left out: one of
them is often no reading anybody has (イシュウイン beside イジュウイン), and a reading that is known
makes the kana of a form sure. Run it again where ``surnames.txt`` changes.
"""

from __future__ import annotations

import argparse
import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "ocr_service" / "masters" / "data"
_SURNAME = "人名,姓"
_KANJI = re.compile(r"[一-龠々ヶケノツ]*[一-龠][一-龠々]*")
_KANA = re.compile(r"[ァ-ヴー]+")
_LONGEST = 5
_ON_A_LINE = 12
_HEAD = """\
# Rarer surnames with their readings: those of kanji in IPADIC (mecab-ipadic 2.7.0, Nara Institute
# of Science and Technology) that surnames.txt lacks. Its terms lie beside this file: IPADIC.txt.
# Written by scripts/rare_surnames.py.
[4]
"""


def main() -> None:
    """Gather, leave out what is listed, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("janome", type=Path)
    options = parser.parse_args()
    sys.path[:0] = [str(options.janome), str(ROOT)]
    from ocr_service.masters.names import common_surnames  # noqa: PLC0415  needs the root

    listed = common_surnames().ranks
    found: dict[str, list[str]] = {}
    for written, reading in sorted(set(_surnames())):
        if written not in listed:
            found.setdefault(written, []).append(reading)
    entries = [written + readings[0] for written, readings in found.items() if len(readings) == 1]
    lines = [" ".join(entries[i : i + _ON_A_LINE]) for i in range(0, len(entries), _ON_A_LINE)]
    target = DATA / "surnames_rare.txt"
    target.write_text(_HEAD + "\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    print(f"{len(entries)} surnames; written: {target.relative_to(ROOT)}")


def _surnames() -> Iterator[tuple[str, str]]:
    """Every surname of kanji in the dictionary with one of its readings."""
    dictionary = importlib.import_module("janome.sysdic").entries(compact=False)
    for written, _, _, _, part_of_speech, *_, reading, _ in dictionary.values():
        is_name = _SURNAME in part_of_speech and len(written) <= _LONGEST
        if is_name and _KANJI.fullmatch(written) and _KANA.fullmatch(reading):
            yield written, reading


if __name__ == "__main__":
    main()
