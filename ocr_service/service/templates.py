"""The templates this installation knows, and how it comes to know another."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from ocr_service.db.audit import AuditEntry
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import Conflict, TemplateError
from ocr_service.forms.library import (
    TEMPLATE_FILE,
    LoadedTemplate,
    TemplateLibrary,
    load_library,
    load_template,
)

MAX_TEMPLATE_BYTES = 1_000_000

Signature = tuple[tuple[str, int, int], ...]
"""Name, size and time of change of each template file."""


@dataclass(slots=True)
class TemplateShelf:
    """Templates in folders; read again when a file there has changed.

    Attributes:
        folders: searched in this order; a later one replaces the same key and version.
        own: the folder new templates are written to; also one of ``folders``.
    """

    folders: tuple[Path, ...]
    own: Path
    _seen: Signature | None = None
    _library: TemplateLibrary = field(default_factory=lambda: TemplateLibrary(()))

    def signature(self) -> Signature:
        """Changes when a template is added or altered."""
        found = []
        for folder in self.folders:
            for path in sorted(folder.glob(f"*/*/{TEMPLATE_FILE}")):
                stat = path.stat()
                found.append((str(path), stat.st_size, stat.st_mtime_ns))
        return tuple(found)

    def library(self) -> TemplateLibrary:
        """All templates as they are now.

        Raises:
            TemplateError: a template file is broken.
        """
        signature = self.signature()
        if signature != self._seen:
            self._library = load_library(*self.folders)
            self._seen = signature
        return self._library


def add_template(
    uow: UnitOfWork, shelf: TemplateShelf, data: bytes, *, actor: str
) -> LoadedTemplate:
    """Check a template file and put it on the shelf. A version once there never changes.

    Raises:
        TemplateError: too long, not TOML, or breaks the schema.
        Conflict: this key and version is there with another content.
    """
    loaded = _checked(data)
    template = loaded.template
    name = f"{template.key}@{template.version}"
    for known in shelf.library().loaded:
        same = (known.template.key, known.template.version) == (template.key, template.version)
        if same and known.sha256 != loaded.sha256:
            raise Conflict(f"{name} is there already and differs; give it a new version")
        if same:
            return known
    folder = shelf.own / template.key / template.version
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f"{TEMPLATE_FILE}.part"
    beside.write_bytes(data)
    beside.replace(folder / TEMPLATE_FILE)
    detail = {"name": name, "sha256": loaded.sha256}
    uow.log(AuditEntry(actor, "template.added", "template", 0, detail))
    return shelf.library().get(name)


def _checked(data: bytes) -> LoadedTemplate:
    if len(data) > MAX_TEMPLATE_BYTES:
        raise TemplateError(f"a template has at most {MAX_TEMPLATE_BYTES} bytes")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / TEMPLATE_FILE
        path.write_bytes(data)
        return load_template(path)


__all__ = ["MAX_TEMPLATE_BYTES", "Signature", "TemplateShelf", "add_template"]
