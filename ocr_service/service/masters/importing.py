"""Imports of masters: looked at first, then taken as a whole or not at all, and undone."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from typing import IO, ClassVar

from ocr_service.blobs import BlobStore
from ocr_service.db.audit import AuditEntry, DetailValue
from ocr_service.db.masters import imports as master_imports
from ocr_service.db.masters import masters
from ocr_service.db.masters.imports import (
    ImportCounts,
    ImportId,
    ImportState,
    MasterImport,
    NewImport,
)
from ocr_service.db.masters.masters import StoredRow
from ocr_service.db.uow import Database, UnitOfWork
from ocr_service.domain.errors import Conflict
from ocr_service.masters.importing.model import MasterKind
from ocr_service.masters.sealing import Seal, WrongMasterKey
from ocr_service.service.masters.passage import ImportOptions, ImportReport, MasterFile, Passage
from ocr_service.service.masters.rows import needs_seal
from ocr_service.service.masters.vault import Vault

_CHUNK_BYTES = 1 << 20


class MasterRowsRejected(Conflict):
    """Lines of the file are wrong, and nobody said that they may be left out.

    Attributes:
        report: which ones and why.
    """

    code: ClassVar[str] = "master.rejected"
    exit_code: ClassVar[int] = 3

    def __init__(self, report: ImportReport) -> None:
        super().__init__(
            f"{report.counts.rejected} lines are rejected and nothing was imported; correct them, "
            "or say that the rest shall be imported without them"
        )
        self.report = report


def preview_import(uow: UnitOfWork, vault: Vault, given: MasterFile) -> ImportReport:
    """What importing a file would do; changes nothing.

    Raises:
        MasterFileInvalid: it is no list of this kind.
        PersonalMastersOff: it is about citizens and the installation keeps none.
    """
    return Passage(uow, given, _seal_for(uow, vault, given.kind)).through()


def apply_import(
    db: Database, vault: Vault, given: MasterFile, *, actor: str
) -> tuple[ImportId, ImportReport]:
    """Import a file: all of it, or nothing on an error.

    Its rows come in a thousand at a time, so that others write in between, and are put in force
    together at the end. What a process that died had brought in is removed by the next import.

    Raises:
        MasterFileInvalid: it is no list of this kind.
        MasterRowsRejected: lines are wrong and ``skip_rejected`` is not said.
        PersonalMastersOff: it is about citizens and the installation keeps none.
        Conflict: another list of this kind was imported or undone meanwhile.
    """
    sha256 = _digest(given.file)
    with db.writing() as uow:
        for left in master_imports.loading(uow, given.kind):
            _throw_away(uow, left, actor)
        seal = _seal_for(uow, vault, given.kind)
        before = master_imports.newest_applied(uow, given.kind)
        found = master_imports.note(uow, _loading(given, sha256, seal, actor))

    def load(rows: list[StoredRow]) -> None:
        with db.writing() as writing:
            masters.load_rows(writing, found, given.kind, rows)

    try:
        with db.reading() as reading:
            passage = Passage(reading, given, seal)
            report = passage.through(load)
        _refuse_rejected(given, report)
        with db.writing() as uow:
            _refuse_others(uow, given.kind, before)
            _put_in_force(uow, found, passage, report, actor)
    except BaseException:
        with db.writing() as uow:
            _throw_away(uow, found, actor)
        raise
    return found, report


def _refuse_rejected(given: MasterFile, report: ImportReport) -> None:
    if report.counts.rejected and not given.options.skip_rejected:
        raise MasterRowsRejected(report)


def _refuse_others(uow: UnitOfWork, kind: MasterKind, before: MasterImport | None) -> None:
    if master_imports.newest_applied(uow, kind) != before:
        raise Conflict("another list was imported or undone meanwhile; import it again")


def _loading(given: MasterFile, sha256: str, seal: Seal | None, actor: str) -> NewImport:
    return NewImport(
        kind=given.kind,
        state=ImportState.LOADING,
        file_name=given.name,
        sha256=sha256,
        blob_sha256=None,
        encoding="",
        options=given.options.as_texts(),
        counts=ImportCounts(),
        problems=(),
        key_print=seal.fingerprint if seal else None,
        actor=actor,
    )


def _put_in_force(
    uow: UnitOfWork, found: ImportId, passage: Passage, report: ImportReport, actor: str
) -> None:
    counts = report.counts
    came = masters.enforce(uow, found, report.kind)
    if came != counts.added + counts.changed:
        raise Conflict("another import of this list took its rows away; import it again")
    masters.end_rows(uow, found, report.kind, passage.left_out)
    master_imports.set_outcome(
        uow, found, counts, encoding=report.encoding, problems=report.problems
    )
    master_imports.set_state(uow, found, ImportState.APPLIED, by=actor)
    _log(uow, actor, "master.imported", found, report.kind, counts)


def _throw_away(uow: UnitOfWork, found: ImportId, actor: str) -> None:
    masters.take_back(uow, found)
    master_imports.set_state(uow, found, ImportState.DROPPED, by=actor)


def stage_import(
    db: Database, blobs: BlobStore, vault: Vault, given: MasterFile, *, actor: str
) -> ImportId:
    """Look at a file and keep it, sealed, until somebody applies or drops it.

    A staged file that nobody decides on is removed with other orphans after a day. Nobody waits
    for a lock while it is looked at.

    Raises:
        MasterFileInvalid: it is no list of this kind.
        PersonalMastersOff: it is about citizens and the installation keeps none.
    """
    with db.reading() as uow:
        report = preview_import(uow, vault, given)
    given.file.seek(0)
    data = given.file.read()
    new = NewImport(
        kind=given.kind,
        state=ImportState.STAGED,
        file_name=given.name,
        sha256=hashlib.sha256(data).hexdigest(),
        blob_sha256=blobs.put(vault.seal.closed(data)),
        encoding=report.encoding,
        options=given.options.as_texts(),
        counts=report.counts,
        problems=report.problems,
        key_print=vault.seal.fingerprint if needs_seal(given.kind) else None,
        actor=actor,
    )
    with db.writing() as uow:
        return master_imports.note(uow, new)


def apply_staged(
    db: Database, blobs: BlobStore, vault: Vault, staged: int, *, actor: str, skip: bool
) -> ImportReport:
    """Import a file that was looked at.

    Args:
        db: the database.
        blobs: where the file lies, sealed.
        vault: opens it.
        staged: id of the look.
        actor: who says yes.
        skip: whether rejected lines are left out.

    Raises:
        NotFound: no such import, or its file is gone: send it again.
        Conflict: it is not waiting any more.
        MasterRowsRejected: lines are wrong and ``skip`` is not said.
    """
    with db.reading() as uow:
        seen = _staged(uow, staged)
    data = vault.seal.opened(blobs.get(seen.blob_sha256 or ""))
    options = replace(ImportOptions.of_texts(dict(seen.options)), skip_rejected=skip)
    given = MasterFile(seen.kind, seen.file_name, io.BytesIO(data), options)
    _found, report = apply_import(db, vault, given, actor=actor)
    with db.writing() as uow:
        _forget(uow, blobs, seen, actor)
    return report


def drop_staged(uow: UnitOfWork, blobs: BlobStore, staged: int, *, actor: str) -> None:
    """Put a file away that was looked at.

    Raises:
        NotFound: no such import.
        Conflict: it is not waiting any more.
    """
    _forget(uow, blobs, _staged(uow, staged), actor)


def undo_import(uow: UnitOfWork, wanted: int, *, actor: str) -> MasterImport:
    """Take the newest import of a kind back; what it had replaced is in force again.

    Raises:
        NotFound: no such import.
        Conflict: it is not in force, or a later one of its kind is.
    """
    seen = master_imports.get(uow, wanted)
    newest = master_imports.newest_applied(uow, seen.kind)
    if seen.state is not ImportState.APPLIED:
        raise Conflict(f"import {wanted} is not in force")
    if newest is None or newest.id != seen.id:
        raise Conflict("only the newest import of a kind can be undone; undo the later one first")
    masters.take_back(uow, seen.id)
    master_imports.set_state(uow, seen.id, ImportState.UNDONE, by=actor)
    _log(uow, actor, "master.undone", seen.id, seen.kind, seen.counts)
    return master_imports.get(uow, seen.id)


def delete_master(uow: UnitOfWork, kind: MasterKind, *, actor: str) -> int:
    """Remove every row of a kind for good, ended ones included; how many went.

    This is how an installation gets rid of citizens' data; it works whether or not the setting
    is on, and cannot be undone.
    """
    gone = masters.remove_all(uow, kind)
    uow.log(AuditEntry(actor, "master.deleted", "master", 0, {"kind": kind.value, "rows": gone}))
    return gone


def _seal_for(uow: UnitOfWork, vault: Vault, kind: MasterKind) -> Seal | None:
    """The seal for rows of this kind; the one that those in force were made with."""
    vault.allow(kind)
    if not needs_seal(kind):
        return None
    newest = master_imports.newest_applied(uow, kind)
    if newest is not None and newest.key_print not in {None, vault.seal.fingerprint}:
        raise WrongMasterKey(
            "the key file is not the one of the list in force; put it back, or delete the list"
        )
    return vault.seal


def _staged(uow: UnitOfWork, wanted: int) -> MasterImport:
    seen = master_imports.get(uow, wanted)
    if seen.state is not ImportState.STAGED:
        raise Conflict(f"import {wanted} is not waiting any more")
    return seen


def _forget(uow: UnitOfWork, blobs: BlobStore, seen: MasterImport, actor: str) -> None:
    master_imports.set_state(uow, seen.id, ImportState.DROPPED, by=actor)
    if seen.blob_sha256 is not None:
        uow.after_commit(lambda: blobs.remove(seen.blob_sha256 or ""))


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def _log(
    uow: UnitOfWork,
    actor: str,
    action: str,
    found: ImportId,
    kind: MasterKind,
    counts: ImportCounts,
) -> None:
    detail: dict[str, DetailValue] = {
        "kind": kind.value,
        "added": counts.added,
        "changed": counts.changed,
        "ended": counts.ended,
    }
    uow.log(AuditEntry(actor, action, "master", found, detail))


__all__ = [
    "MasterRowsRejected",
    "apply_import",
    "apply_staged",
    "delete_master",
    "drop_staged",
    "preview_import",
    "stage_import",
    "undo_import",
]
