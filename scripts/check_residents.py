"""Measures on scans what a list of residents decides: ``python scripts/check_residents.py [DIR]``.

DIR holds scans with ``truth.jsonl``, as ``samples/make.py`` makes them; default: the sample scans.
Each page is read once and then set against three invented lists:

- *listed*: its person, a brother or sister at the same address, somebody of the same name, and
  somebody whose voucher differs in one digit;
- *missing*: all of them but its person;
- *borrowed*: its person is missing and the voucher belongs to the brother or sister.

What is lifted to accepted must be what stands on the paper. Every resident of the list is compared,
which is more than the service looks up.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from ocr_service.domain.field import FieldValue, Status  # noqa: E402 -- needs ROOT
from ocr_service.domain.record import Record  # noqa: E402 -- needs ROOT
from ocr_service.forms.library import load_library, shipped_folder  # noqa: E402 -- needs ROOT
from ocr_service.forms.model import FormTemplate  # noqa: E402 -- needs ROOT
from ocr_service.masters.resident_settling import chosen, settled  # noqa: E402 -- needs ROOT
from ocr_service.masters.residents import GROUPS, VOUCHER, Resident, compared  # noqa: E402
from ocr_service.pipeline.assemble import ReaderOptions, build_reader  # noqa: E402 -- needs ROOT

_MUNICIPALITY = "voucher_municipality_code"
LISTS = ("listed", "missing", "borrowed")

Person = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page as it is and as it was read."""

    truth: Person
    record: Record


def read_pages(folder: Path, limit: int | None) -> Iterable[ReadPage]:
    """Read the pages of a folder on which everything is written that a list can tell."""
    lines = (folder / "truth.jsonl").read_text("utf-8").splitlines()
    told: list[dict[str, Any]] = [json.loads(line) for line in lines]
    with tempfile.TemporaryDirectory() as work:
        reader = build_reader(ReaderOptions((), Path(work) / "blanks", Path(work) / "cache"))
        for page in told[:limit]:
            truth = {key: page["fields"].get(key) for key in (*GROUPS, _MUNICIPALITY)}
            if not all(truth.values()):
                continue
            data = (folder / page["file"]).read_bytes()
            name = f"{page['template']}@{page['version']}"
            found = reader.read(data, 0, file=page["file"], template=name)
            yield ReadPage(truth, found.record)


def near(own: Person, other: Person) -> dict[str, Person]:
    """People who are easily taken for ``own``; ``other`` lends what must differ."""
    given, kana = other["name"].split("\u3000")[-1], other["name_kana"].split("\u3000")[-1]
    surname, its_kana = own["name"].split("\u3000")[0], own["name_kana"].split("\u3000")[0]
    number = own[VOUCHER]
    sibling = {
        **own,
        VOUCHER: other[VOUCHER],
        "name": f"{surname}\u3000{given}",
        "name_kana": f"{its_kana}\u3000{kana}",
        "birth_date": other["birth_date"],
    }
    namesake = {**other, "name": own["name"], "name_kana": own["name_kana"]}
    neighbour = {**other, VOUCHER: number[:-1] + str((int(number[-1]) + 1) % 10)}
    return {"sibling": sibling, "namesake": namesake, "neighbour": neighbour}


def residents_of(page: ReadPage, others: Sequence[Person], wanted: str) -> list[Person]:
    """The people on one of the lists."""
    own, lender = page.truth, others[0]
    close = near(own, lender)
    if wanted == "borrowed":
        close["sibling"] = {**close["sibling"], VOUCHER: own[VOUCHER]}
    return [*([own] if wanted == "listed" else []), *close.values(), *others]


def decided(record: Record, people: Sequence[Person], form: FormTemplate) -> tuple[FieldValue, ...]:
    """What a list of these people decides."""
    read = {f.key: f.value for f in record.fields if isinstance(f.value, str)}
    found = [
        compared(str(number), Resident(person[_MUNICIPALITY], person), read)
        for number, person in enumerate(people)
        if person[_MUNICIPALITY] == read.get(_MUNICIPALITY)
    ]
    candidate = chosen(found)
    return () if candidate is None else settled(record.fields, form, candidate)


def count(page: ReadPage, after: Mapping[str, FieldValue]) -> Counter[str]:
    """Fields of a page by what became of them."""
    found: Counter[str] = Counter()
    for field in page.record.fields:
        if field.key not in GROUPS:
            continue
        now = after.get(field.key, field)
        accepted = now.status is Status.ACCEPTED
        right = now.value == page.truth[field.key]
        found["fields"] += 1
        found["accepted before"] += field.status is Status.ACCEPTED
        found["accepted"] += accepted
        found["right before"] += field.value == page.truth[field.key]
        found["right"] += right
        if field.key in after and accepted:
            found["lifted"] += 1
            found["lifted wrongly"] += not right
    return found


def main(arguments: list[str] | None = None) -> int:
    """Read, compare and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "samples" / "scans")
    parser.add_argument("--pages", type=int, default=None, help="so many of the folder's pages")
    options = parser.parse_args(arguments)
    library = load_library(shipped_folder())
    pages = list(read_pages(options.folder, options.pages))
    print(f"{len(pages)} pages")
    names = ("fields", "right before", "right", "accepted before", "accepted", "lifted")
    print(f"| list | {' | '.join(names)} | lifted wrongly |\n|{'---|' * (len(names) + 2)}")
    wrongly = 0
    for wanted in LISTS:
        total: Counter[str] = Counter()
        for number, page in enumerate(pages):
            rest = [other.truth for other in (*pages[number + 1 :], *pages[:number])]
            # everybody lives in one municipality, so that all are looked at
            rest = [{**one, _MUNICIPALITY: page.truth[_MUNICIPALITY]} for one in rest]
            form = library.get(f"{page.record.template}@{page.record.version}").template
            answers = decided(page.record, residents_of(page, rest, wanted), form)
            total += count(page, {answer.key: answer for answer in answers})
        shown = " | ".join(str(total[name]) for name in names)
        print(f"| {wanted} | {shown} | {total['lifted wrongly']} |")
        wrongly += total["lifted wrongly"]
    return 1 if wrongly else 0


if __name__ == "__main__":
    raise SystemExit(main())
