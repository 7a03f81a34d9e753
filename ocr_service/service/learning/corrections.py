"""What people answered in review, as truth to learn from.

Only values that a person looked at count. Whoever corrects wrong values but confirms no right
ones would make the machine look worse than it is, so probabilities are learned only from
documents of which every value sent to review was answered, and only from those values: what was
accepted is not looked at, and is corrected only where somebody stumbles over an error.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ocr_service.blobs import BlobStore
from ocr_service.db.audit import AuditEntry
from ocr_service.db.ids import DocumentId
from ocr_service.db.records import answers, documents
from ocr_service.db.records.answers import Pair
from ocr_service.db.uow import Database, UnitOfWork
from ocr_service.domain.errors import Conflict, NotFound
from ocr_service.domain.field import FieldValue, Status, Value
from ocr_service.forms.fields import FieldSpec, TextField
from ocr_service.forms.library import TemplateLibrary
from ocr_service.forms.model import FormTemplate
from ocr_service.service.review.pictures import crop_png

LEAST_DOCUMENTS = 2
"""A value must be confirmed on so many documents to be learned: what stands on one alone may be
a person's name in the wrong field."""

_OWNER_ONLY = 0o700
_UNDECIDED = "ambiguous"


LEARNABLE = frozenset({"places", "doctors"})
"""Lexicons that answers may extend: what clinics are called, never what a citizen wrote."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A machine's value and what a person said of it.

    Attributes:
        document: which document.
        form: the template it was read by.
        spec: the field that gives the value.
        machine: what the machine said.
        read_at: when it said so.
        truth: what the person said.
        counts: whether probabilities may be learned from it.
    """

    document: DocumentId
    form: FormTemplate
    spec: FieldSpec
    machine: FieldValue
    read_at: datetime
    truth: Value
    counts: bool

    @property
    def is_right(self) -> bool:
        """Whether the person confirmed what the machine said."""
        return _plain(self.machine.value) == _plain(self.truth)


def gather_corrections(uow: UnitOfWork, library: TemplateLibrary) -> tuple[Correction, ...]:
    """Every value with a person's answer, oldest document first.

    Templates this installation no longer has are left out.
    """
    names = {f"{t.template.key}@{t.template.version}": t.template for t in library.loaded}
    found: list[Correction] = []
    for pairs in answers.pairs_of_answered(uow):
        if not pairs or pairs[0].template not in names:
            continue
        template = names[pairs[0].template]
        specs = {key: spec for spec in template.fields for key in spec.record_keys}
        is_whole = all(p.human for p in pairs if p.machine.status is Status.REVIEW)
        found += [
            Correction(
                document=pair.document,
                form=template,
                spec=specs[pair.machine.key],
                machine=pair.machine,
                read_at=pair.read_at,
                truth=pair.human.value,
                counts=is_whole and _may_teach(pair),
            )
            for pair in pairs
            if pair.human is not None and pair.machine.key in specs
        ]
    return tuple(found)


def confirmed_values(corrections: Iterable[Correction]) -> Mapping[str, Mapping[str, int]]:
    """Values of fields with a lexicon, with the number of documents that confirm them.

    Only fields whose template names one of ``LEARNABLE`` are learned: places and doctors. A
    citizen's name, address or telephone number never is.
    """
    seen: dict[str, set[tuple[DocumentId, str]]] = {}
    for correction in corrections:
        spec, truth = correction.spec, correction.truth
        if not isinstance(spec, TextField) or spec.lexicon is None:
            continue
        if spec.lexicon in LEARNABLE and isinstance(truth, str) and truth:
            seen.setdefault(spec.lexicon, set()).add((correction.document, truth))
    counted = {name: Counter(value for _, value in pairs) for name, pairs in seen.items()}
    return {
        name: {v: n for v, n in sorted(counts.items()) if n >= LEAST_DOCUMENTS}
        for name, counts in sorted(counted.items())
    }


def export_corrections(
    db: Database, blobs: BlobStore, corrections: Sequence[Correction], folder: Path, *, actor: str
) -> int:
    """Write a labelled set: ``labels.jsonl`` and a picture of each field. Holds personal data.

    The folder is readable by its owner alone.

    Args:
        db: the database.
        blobs: the pages.
        corrections: what to write.
        folder: new or empty folder.
        actor: who takes the data out; goes into the audit log.

    Returns:
        Number of values written; those whose page has no picture are left out.

    Raises:
        Conflict: the folder has something in it.
    """
    folder.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise Conflict(f"{folder.name} is not empty; name a new folder")
    folder.chmod(_OWNER_ONLY)
    lines = []
    for correction in corrections:
        picture = f"{correction.document}-{correction.machine.key}.png"
        try:
            with db.reading() as uow:
                document = documents.get(uow, correction.document)
            _write_private(folder / picture, crop_png(blobs, document, correction.machine.box))
        except NotFound:
            continue
        lines.append(json.dumps(_label(correction, picture), ensure_ascii=False))
    _write_private(folder / "labels.jsonl", "".join(f"{line}\n" for line in lines).encode())
    with db.writing() as uow:
        detail = {"values": len(lines)}
        uow.log(AuditEntry(actor, "corrections.exported", "calibration", 0, detail))
    return len(lines)


def _may_teach(pair: Pair) -> bool:
    """Values sent to review, if the person could confirm them: "two marks" is no answer."""
    return pair.machine.status is Status.REVIEW and pair.machine.value != _UNDECIDED


def _label(correction: Correction, picture: str) -> Mapping[str, object]:
    machine = correction.machine
    return {
        "picture": picture,
        "template": f"{correction.form.key}@{correction.form.version}",
        "key": machine.key,
        "truth": correction.truth,
        "read": machine.value,
        "right": correction.is_right,
        "probability": round(machine.probability, 6),
        "reader": machine.reader,
        "flags": sorted(flag.value for flag in machine.flags),
        "counts": correction.counts,
    }


def _write_private(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)


def _plain(value: Value) -> Value:
    if isinstance(value, tuple):
        return tuple(sorted(value)) or None
    return None if value == "" else value


__all__ = [
    "LEAST_DOCUMENTS",
    "Correction",
    "confirmed_values",
    "export_corrections",
    "gather_corrections",
]
