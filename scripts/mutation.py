"""Mutates the rules and counts what the tests notice: ``python scripts/mutation.py [--sample N]``.

It works on a copy of the tree. Mutants of annotations, of ``|`` in types and of decorators change
nothing that runs, and are left out.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_NOTHING_RUNS = ("BinaryOperator_BitOr", "RemoveDecorator")
_COPIED = ("ocr_service", "form_templates", "tests", "scripts", "pyproject.toml")


def _copy(folder: Path) -> None:
    for name in _COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, folder / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")


def _thin_out(session: Path, sample: int, seed: int) -> int:
    """Leave ``sample`` mutants in the session (all with 0), of those that can change anything."""
    with closing(sqlite3.connect(session)) as database:
        rows = database.execute("SELECT job_id, operator_name FROM mutation_specs").fetchall()
        wanted = [job for job, name in rows if not any(word in name for word in _NOTHING_RUNS)]
        if sample and sample < len(wanted):
            wanted = random.Random(seed).sample(wanted, sample)  # noqa: S311 - which mutants
        dropped = {job for job, _ in rows} - set(wanted)
        for table in ("mutation_specs", "work_items"):
            database.executemany(f"DELETE FROM {table} WHERE job_id = ?", [(j,) for j in dropped])  # noqa: S608
        database.commit()
    return len(wanted)


def _outcomes(session: Path) -> list[tuple[str, str, int]]:
    query = (
        "SELECT r.test_outcome, s.module_path, s.start_pos_row FROM work_results r"
        " JOIN mutation_specs s ON s.job_id = r.job_id"
    )
    with closing(sqlite3.connect(session)) as database:
        return database.execute(query).fetchall()


def main(arguments: list[str] | None = None) -> int:
    """Mutate, test, count; exit 1 below the share that is promised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=0, help="mutants to try; 0 = all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--at-least", type=float, default=0.85, help="share that must be noticed")
    parser.add_argument("--seconds", type=int, default=None, help="stop after so long")
    options = parser.parse_args(arguments)
    command = str(Path(sys.executable).with_name("cosmic-ray"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _copy(folder)
        config, session = folder / "scripts/mutation.toml", folder / "session.sqlite"
        subprocess.run([command, "init", str(config), str(session)], cwd=folder, check=True)
        wanted = _thin_out(session, options.sample, options.seed)
        try:
            subprocess.run(
                [command, "exec", str(config), str(session)],
                cwd=folder,
                check=True,
                timeout=options.seconds,
            )
        except subprocess.TimeoutExpired:
            print("stopped for time")
        outcomes = _outcomes(session)
    lived = [where for outcome, *where in outcomes if outcome.upper().endswith("SURVIVED")]
    for module, line in sorted(map(tuple, lived)):
        print(f"survived: {module}:{line}")
    share = 1 - len(lived) / max(1, len(outcomes))
    print(f"{len(outcomes)} of {wanted} mutants tried, {share:.1%} noticed")
    return 0 if share >= options.at_least else 1


if __name__ == "__main__":
    raise SystemExit(main())
