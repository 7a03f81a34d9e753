"""The lease protocol as a small model, in which every order of events of two workers is tried.

The model keeps of a job what the protocol keeps: state, attempt, whether the lease still holds.
Its steps are those of ``db.jobs``; ``tests/service/test_leases.py`` holds those to the same rules.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

ATTEMPTS = 3
WORKERS = 2


@dataclass(frozen=True, slots=True)
class Job:
    """A page's job.

    Attributes:
        state: queued, leased, done, dead or cancelled.
        attempt: the fence.
        spared: attempts that were not the page's fault.
        lapsed: whether the lease ran out.
        records: how many results were stored.
    """

    state: str = "queued"
    attempt: int = 0
    spared: int = 0
    lapsed: bool = False
    records: int = 0


@dataclass(frozen=True, slots=True)
class World:
    """Two jobs, and for each worker the job and attempt it believes to hold."""

    jobs: tuple[Job, ...]
    hands: tuple[tuple[int, int] | None, ...] = (None,) * WORKERS

    def with_job(self, number: int, job: Job) -> World:
        """The same world with another job."""
        return replace(self, jobs=(*self.jobs[:number], job, *self.jobs[number + 1 :]))

    def with_hand(self, worker: int, held: tuple[int, int] | None) -> World:
        """The same world with something else in a worker's hand."""
        return replace(self, hands=(*self.hands[:worker], held, *self.hands[worker + 1 :]))


def _claimable(job: Job) -> bool:
    free = job.state == "queued" or (job.state == "leased" and job.lapsed)
    return free and job.attempt - job.spared < ATTEMPTS


def _holds(job: Job, attempt: int) -> bool:
    return job.state == "leased" and job.attempt == attempt


def _steps(world: World, *, fenced: bool) -> Iterator[World]:
    """Every world that one step leads to."""
    for number, job in enumerate(world.jobs):
        yield from _steps_of_time(world, number, job)
    for worker, held in enumerate(world.hands):
        if held is None:
            yield from _claims(world, worker)
        else:
            yield from _ends(world, worker, held, fenced=fenced)


def _steps_of_time(world: World, number: int, job: Job) -> Iterator[World]:
    if job.state == "leased" and not job.lapsed:
        yield world.with_job(number, replace(job, lapsed=True))
    if job.state in {"queued", "leased"}:
        yield world.with_job(number, replace(job, state="cancelled"))
    free = job.state == "queued" or (job.state == "leased" and job.lapsed)
    if free and job.attempt - job.spared >= ATTEMPTS:
        yield world.with_job(number, replace(job, state="dead"))


def _claims(world: World, worker: int) -> Iterator[World]:
    for number, job in enumerate(world.jobs):
        if _claimable(job):
            taken = replace(job, state="leased", attempt=job.attempt + 1, lapsed=False)
            yield world.with_job(number, taken).with_hand(worker, (number, taken.attempt))


def _ends(world: World, worker: int, held: tuple[int, int], *, fenced: bool) -> Iterator[World]:
    number, attempt = held
    job = world.jobs[number]
    empty = world.with_hand(worker, None)
    yield empty  # killed, or its result dropped
    if _holds(job, attempt) or not fenced:
        yield empty.with_job(number, replace(job, state="done", records=job.records + 1))
    if _holds(job, attempt):
        state = "queued" if job.attempt - job.spared < ATTEMPTS else "dead"
        yield empty.with_job(number, replace(job, state=state))
        if job.spared == 0:  # once is enough to see whether it breaks anything
            yield empty.with_job(number, replace(job, state="queued", spared=1))


def _explore(*, fenced: bool) -> dict[World, list[World]]:
    start = World((Job(), Job()))
    seen: dict[World, list[World]] = {}
    waiting = deque([start])
    while waiting:
        world = waiting.popleft()
        if world in seen or any(job.records > 1 for job in world.jobs):
            seen.setdefault(world, [])
            continue
        seen[world] = list(_steps(world, fenced=fenced))
        waiting.extend(seen[world])
    return seen


def test_in_no_order_of_events_is_a_page_finished_twice_or_lost() -> None:
    """All reachable worlds: one record where done, none elsewhere, and always a way to the end."""
    worlds = _explore(fenced=True)
    assert len(worlds) > 1000
    for world, following in worlds.items():
        for job in world.jobs:
            assert job.records == (job.state == "done")
            assert job.attempt - job.spared <= ATTEMPTS
        if any(job.state in {"queued", "leased"} for job in world.jobs):
            assert following, "a page is lost: nothing can happen to it any more"
    ended = {w for w in worlds if all(j.state in {"done", "dead", "cancelled"} for j in w.jobs)}
    assert _all_reach(worlds, ended)


def _all_reach(worlds: dict[World, list[World]], ends: set[World]) -> bool:
    before: dict[World, list[World]] = {world: [] for world in worlds}
    for world, following in worlds.items():
        for after in following:
            before[after].append(world)
    reached, waiting = set(ends), deque(ends)
    while waiting:
        for world in before[waiting.popleft()]:
            if world not in reached:
                reached.add(world)
                waiting.append(world)
    return reached == set(worlds)


def test_the_model_sees_what_a_missing_fence_would_do() -> None:
    """Without the attempt number two workers finish one page: the search finds it."""
    with pytest.raises(AssertionError):
        assert all(job.records <= 1 for world in _explore(fenced=False) for job in world.jobs)
