"""Samples of accepted fields: counts them, draws some, shows them blind, takes what people saw."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass

from ocr_service.db.accounts import accounts
from ocr_service.db.accounts.accounts import Right, User
from ocr_service.db.audit import AuditEntry, DetailValue
from ocr_service.db.ids import DocumentId
from ocr_service.db.quality import quality
from ocr_service.db.quality.quality import NewSample, Plan, Sample
from ocr_service.db.records import documents
from ocr_service.db.records.documents import Document
from ocr_service.db.uow import Database, UnitOfWork
from ocr_service.domain.errors import Conflict, InvalidRequest, NotFound, TemplateUnknown
from ocr_service.domain.geometry import BoxMm
from ocr_service.domain.quality import Look, Verdict, band_of, is_drawn, same_value, verdict
from ocr_service.forms.fields import FieldSpec
from ocr_service.forms.library import TemplateLibrary
from ocr_service.service.quality.raising import raise_if_broken
from ocr_service.service.review.typing_values import Entered, typed_value

DEFAULT_SHARE = 0.02
"""Of the accepted fields, until an administrator sets another."""

_CHUNK = 10
"""Documents of one transaction: others write in between."""


@dataclass(frozen=True, slots=True)
class BlindSample:
    """A field as a reviewer may see it: its picture and its name, never a value.

    Attributes:
        id: number of the sample.
        document: for the picture; it is not shown, for its page would tell the value.
        key: record key.
        spec: what may be written there.
        box: where it stands.
    """

    id: int
    document: Document
    key: str
    spec: FieldSpec
    box: BoxMm


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody saw.

    Attributes:
        sample: which.
        value: as entered; None = nothing is written there.
        illegible: nobody could read it.
        actor: who.
    """

    sample: int
    value: Entered
    illegible: bool
    actor: str


def plan_in_force(uow: UnitOfWork) -> Plan:
    """The plan; the first one is made here, with a seed of its own."""
    found = quality.plan(uow)
    if found is None:
        found = Plan(secrets.token_hex(16), DEFAULT_SHARE)
        quality.set_plan(uow, found, actor="system")
    return found


def set_share(uow: UnitOfWork, share: float, *, actor: str) -> None:
    """Draw another share from now on, with the same seed.

    Raises:
        InvalidRequest: it is no share.
    """
    if not 0 <= share <= 1:
        raise InvalidRequest("the share to sample lies between 0 and 100 per cent")
    quality.set_plan(uow, Plan(plan_in_force(uow).seed, share), actor=actor)
    detail: dict[str, DetailValue] = {"per_mille": round(share * 1000)}
    uow.log(AuditEntry(actor, "quality.share", "quality", 0, detail))


def draw(db: Database, library: TemplateLibrary, *, at_most: int | None = None) -> int:
    """Count the accepted fields of finished documents and draw from them; how many were drawn.

    Each document is taken once. A process that dies leaves the rest to the next.

    Args:
        db: the database.
        library: the forms.
        at_most: documents of this call, rounded up to whole transactions; None = all.
    """
    drawn = done = 0
    while at_most is None or done < at_most:
        with db.writing() as uow:
            waiting = quality.unframed(uow, limit=_CHUNK)
            plan = plan_in_force(uow)
            for document in waiting:
                if quality.claim_frame(uow, document):
                    drawn += _draw_from(uow, document, plan, library)
        if not waiting:
            break
        done += len(waiting)
    return drawn


def _draw_from(uow: UnitOfWork, document: DocumentId, plan: Plan, library: TemplateLibrary) -> int:
    found = documents.get(uow, document)
    try:
        template = library.get(f"{found.template}@{found.template_version}").template
    except TemplateUnknown:  # it was taken away; its documents are neither counted nor drawn
        return 0
    sizes: Counter[tuple[str, int]] = Counter()
    samples = []
    for one in quality.accepted(uow, found):
        spec = template.field_of(one.field.key)
        band = band_of(one.field.probability)
        sizes[spec.kind, band] += 1
        if is_drawn(plan.seed, one.reading, plan.share):
            samples.append(
                NewSample(
                    document=found.id,
                    batch=found.batch,
                    reading=one.reading,
                    key=one.field.key,
                    kind=spec.kind,
                    band=band,
                    promise=template.target_error(spec),
                )
            )
    quality.count(uow, found.batch, sizes)
    return quality.add_samples(uow, samples)


def next_sample(uow: UnitOfWork, user: User, library: TemplateLibrary) -> BlindSample | None:
    """A field for this person to look at; None = nothing waits for him."""
    found = quality.next_for(uow, user.name, alone=_is_alone(uow, user))
    return None if found is None else _blind(uow, found, library)


def blind_sample(uow: UnitOfWork, sample: int, library: TemplateLibrary) -> BlindSample:
    """One sample, for its picture.

    Raises:
        NotFound: there is none.
    """
    found = quality.lock_sample(uow, sample)
    if found is None:
        raise NotFound(f"no sample {sample}")
    return _blind(uow, found, library)


def look(uow: UnitOfWork, seen: Seen, user: User, library: TemplateLibrary) -> Verdict:
    """Take what somebody saw, and raise a threshold if a promise is shown to be broken.

    Raises:
        NotFound: no such sample.
        Conflict: it is settled, or one has looked at it and others are there to do it.
        InvalidRequest: the field cannot hold this value.
    """
    found = quality.lock_sample(uow, seen.sample)
    if found is None:
        raise NotFound(f"no sample {seen.sample}")
    before = quality.looks(uow, found.id)
    mine = any(actor == seen.actor for actor, _ in before)
    if found.verdict not in {Verdict.OPEN, Verdict.DISPUTED} or (mine and not _is_alone(uow, user)):
        raise Conflict("this sample was looked at already; take the next one")
    blind = _blind(uow, found, library)
    machine = quality.machine_field(uow, found.id).value
    value = None if seen.illegible else typed_value(blind.spec, seen.value)
    new = Look(value, seen.illegible)
    agrees = not seen.illegible and same_value(value, machine)
    quality.add_look(uow, found.id, new, actor=seen.actor, agrees=agrees)
    now = verdict(machine, [*(old for _, old in before), new])
    quality.settle(uow, found.id, now)
    uow.log(AuditEntry(seen.actor, "quality.looked", "sample", found.id, {"verdict": now.value}))
    if now is Verdict.ESCAPED:
        raise_if_broken(uow, blind.spec.kind)
    return now


def _blind(uow: UnitOfWork, found: Sample, library: TemplateLibrary) -> BlindSample:
    document = documents.get(uow, found.document)
    field = quality.machine_field(uow, found.id)
    template = library.get(quality.template_of(uow, found.id)).template
    return BlindSample(found.id, document, found.key, template.field_of(found.key), field.box)


def _is_alone(uow: UnitOfWork, user: User) -> bool:
    others = (one for one in accounts.all_users(uow) if one.id != user.id and not one.disabled)
    return not any(one.may(Right.REVIEW) for one in others)


__all__ = [
    "DEFAULT_SHARE",
    "BlindSample",
    "Seen",
    "blind_sample",
    "draw",
    "look",
    "next_sample",
    "plan_in_force",
    "set_share",
]
