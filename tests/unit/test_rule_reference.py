"""The reference of rules is made from them, and planted faults are found by true values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from ocr_service.cli.app import app
from ocr_service.masters.municipalities import municipalities
from ocr_service.validators.facts import Facts
from ocr_service.validators.places import Place, Places
from ocr_service.validators.reference import reference
from ocr_service.validators.run import RULES, RuleContext, run_rules
from samples.generator.faultless import faultless
from samples.generator.plant import KINDS, plant
from samples.generator.sheet import Sheet
from tests.unit.rules_world import COVID, TODAY, value_of

ROOT = Path(__file__).resolve().parents[2]


def _rules(sheet: Sheet) -> set[str]:
    values = {
        key: value_of(key, tuple(sorted(value)) if isinstance(value, tuple) else value)
        for key, value in sheet.values.items()
    }
    places = Places(Place(c, m.prefecture, m.city) for c, m in municipalities().items())
    context = RuleContext(COVID, TODAY, Facts(places=places))
    return {issue.rule for issue in run_rules(COVID.rules, values, context)}


def test_the_published_reference_is_up_to_date() -> None:
    """``ocr-service rules reference > docs/reference/rules.md``."""
    assert (ROOT / "docs/reference/rules.md").read_text("utf-8") == reference()
    assert CliRunner().invoke(app, ["rules", "reference"]).stdout == reference()


def test_every_rule_is_explained_with_its_source() -> None:
    """Title and messages in both languages."""
    text = reference()
    assert all(f"## {code}\n" in text for code in RULES)


def test_own_settings_are_checked_by_command(tmp_path: Path) -> None:
    """Before a service starts with them."""
    own = tmp_path / "own.toml"
    own.write_text('[[product]]\nname = "新"\n', encoding="utf-8")
    done = CliRunner().invoke(app, ["rules", "check", str(own)])
    assert (done.exit_code, "products" in done.stdout) == (0, True)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_planted_fault_is_found(kind: str) -> None:
    """By the rule its kind names; `scripts/check_faults.py` does so with more."""
    for number in range(2):
        assert KINDS[kind].rule in _rules(plant(np.random.default_rng([number, 5]), kind))


def test_a_faultless_record_raises_no_alarm() -> None:
    """Whoever it is of."""
    for number in range(20):
        assert _rules(faultless(np.random.default_rng([number, 6]))) == set()
