"""The team's figures, by day in Japan and by batch."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ocr_service.db.ids import BatchId
from ocr_service.db.review import actions as review_actions
from ocr_service.db.review.actions import Action, Effort, ReviewAction
from ocr_service.db.uow import Database
from ocr_service.domain.field import Status
from ocr_service.service.reports.dashboard import make_dashboard
from ocr_service.service.review.reviewing import Decision, approve
from tests.conftest import TurnableClock
from tests.service.fakes import FIELDS, FakeReader, Office


@pytest.fixture
def batch(db: Database, office: Office, clock: TurnableClock) -> BatchId:
    """One page read at 18:00 in Japan and approved after midnight; one value in six accepted."""
    sure = replace(FIELDS[0], status=Status.ACCEPTED)
    office.reader = FakeReader(fields=(sure, *FIELDS[1:]))
    document = office.one_read()
    clock.advance(7 * 3600)
    with db.writing() as uow:
        for key, action, ms, keys, corrected in [
            ("birth_date", Action.CONFIRM, 1000, 1, False),
            ("birth_date", Action.CHANGE, 5000, 9, True),
            (None, Action.APPROVE, 500, 1, False),
        ]:
            step = ReviewAction(document, key, action, Effort(ms, keys), corrected, "a")
            review_actions.add(uow, step)
        approve(uow, Decision(document, "a"))
    return BatchId(1)


def test_figures_are_of_the_day_in_japan_and_add_up(db: Database, batch: BatchId) -> None:
    """Read on one day, approved on the next."""
    with db.reading() as uow:
        found = make_dashboard(uow, days=7, batch=batch)
    assert [day.day for day in found.days][-2:] == ["2026-11-01", "2026-11-02"]
    assert [(day.values.pages, day.approved) for day in found.days][-2:] == [(1, 0), (0, 1)]
    assert (found.values.read, found.values.accepted, found.approved) == (6, 1, 1)
    field = found.fields[0]
    assert (field.key, field.answers, field.corrected, field.ms) == ("birth_date", 2, 1, 6000)
    assert (found.pages.pages, found.pages.ms, found.pages.keystrokes) == (1, 6500, 11)
    row = found.batches[0]
    assert (row.pages, row.done, row.values.accepted, row.corrected, row.ms) == (1, 1, 1, 1, 6500)
    assert (found.waiting, found.oldest_s, found.escaped.judged) == (0, None, 0)


@pytest.mark.usefixtures("batch")
def test_what_is_outside_the_period_or_the_batch_is_not_counted(
    db: Database, office: Office, clock: TurnableClock
) -> None:
    """Waiting is of now, whatever the period."""
    clock.advance(30 * 86400)
    office.reader = FakeReader()
    second = office.open_batch()
    office.send(second, b"\xff\xd8\xff other")
    office.work_off()
    clock.advance(60)
    with db.reading() as uow:
        found = make_dashboard(uow, days=7)
        other = make_dashboard(uow, days=90, batch=second)
    assert (found.values.pages, found.approved, found.fields) == (1, 0, ())
    assert (found.waiting, found.oldest_s) == (1, 60)
    assert (other.values.pages, other.approved, len(other.batches)) == (1, 0, 1)
