"""Exit 1 if a case of the table of rules fails: the quick test that mutants are tried with."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ocr_service.domain.field import Flag
from tests.unit.rules_world import (
    COVID,
    check,
    facts_of,
    read_cases,
    record,
    shown,
    value_of,
    values_of,
)


def main() -> int:
    """Every case of the table, and the few that a table cannot hold."""
    for case in read_cases():
        values = record(case["form"], **values_of(case["changes"]))
        found = check(values, form=case["form"], facts=facts_of(case.get("facts", {})))
        if [shown(issue) for issue in found] != case["found"]:
            return 1
    doubted = value_of("voucher_number", "0123456789", frozenset({Flag.DISAGREEMENT}))
    corrected = value_of("q8", "no", frozenset({Flag.CORRECTED}))
    rules = {i.rule for i in check(record() | {"voucher_number": doubted, "q8": corrected})}
    empty = {i.rule for i in check({key: value_of(key, None) for key in COVID.record_keys})}
    told = rules == {"voucher.disagreement", "answer.ambiguous"} and "record.empty" in empty
    return 0 if told else 1


if __name__ == "__main__":
    raise SystemExit(main())
