"""What a page costs the database, so that it cannot creep up unseen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from ocr_service.db.records import documents
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.pipeline.null_reader import NullPageReader
from ocr_service.service.check.facts import KnownFacts
from ocr_service.service.check.rechecking import RuleCheck
from ocr_service.service.masters.vault import Vault
from ocr_service.service.processing.rereading import Rules
from ocr_service.service.processing.working import Worker, take, work
from tests.service.fakes import Office, jpeg
from tests.statements import counting

MOST_STATEMENTS = 29
"""27 on SQLite, and two for the lock of the audit chain on PostgreSQL."""

TRANSACTIONS = 3
"""The claim, the split, the record."""


def _judging_worker(office: Office, folder: Path) -> Worker:
    """A worker as in an installation: facts and rules, and a whole form of fields."""
    library = load_library(shipped_folder())
    reader = NullPageReader(library)
    vault = Vault(folder / "key", enabled=False)
    rules = Rules(lambda: library, RuleCheck(office.db.clock, KnownFacts(vault)))
    worker = office.worker_with(lambda: reader)
    return replace(worker, rules=rules, drain_for=timedelta(hours=1))


def _work_off(worker: Worker) -> None:
    for lease in take(worker):
        work(worker, lease)


def test_a_page_takes_few_statements_and_three_transactions(office: Office, tmp_path: Path) -> None:
    """From the claim of its file to the record with its facts and issues."""
    worker = _judging_worker(office, tmp_path)
    batch, pages = office.open_batch(), 4
    for seed in range(pages):
        office.send(batch, jpeg(seed, (20, 20)))
    with counting(office.db.engine) as asked:
        _work_off(worker)
    with office.db.reading() as uow:
        assert documents.state_counts(uow)[DocumentState.NEEDS_REVIEW] == pages
    assert len(asked.statements) <= pages * MOST_STATEMENTS + 1  # the last one finds no job
    assert asked.transactions == pages * TRANSACTIONS + 1
