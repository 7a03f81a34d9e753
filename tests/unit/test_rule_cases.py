"""The table of cases: for each record exactly the findings that a trained clerk would name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.rules_world import check, facts_of, read_cases, record, shown, values_of

CASES = read_cases()


@pytest.mark.parametrize("case", CASES, ids=[str(n) for n in range(len(CASES))])
def test_a_record_has_exactly_its_findings(case: dict[str, Any]) -> None:
    """Rule, severity and fields, no more and no less."""
    values = record(case["form"], **values_of(case["changes"]))
    found = check(values, form=case["form"], facts=facts_of(case.get("facts", {})))
    assert [shown(issue) for issue in found] == case["found"]
