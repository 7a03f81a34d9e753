"""What goes into exports over the API, and what comes out."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ocr_service.db.export.candidates import Selection
from ocr_service.db.export.exports import Export, ExportFile
from ocr_service.db.export.profiles import StoredProfile
from ocr_service.db.ids import BatchId
from ocr_service.domain.errors import InvalidRequest
from ocr_service.exporters.profile_entry import Finding
from ocr_service.exporters.profile_library import LoadedProfile
from ocr_service.exporters.profile_lint import ProfileFinding
from ocr_service.service.export.manifest import counts_of
from ocr_service.service.export.preparing import PreparedExport

_SHOWN = 1000


class NewExport(BaseModel):
    """An export to make: of batches, of days of intake, or of all that is ready."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    batch: int | None = Field(default=None, description="one batch")
    batches: list[int] = Field(default_factory=list, max_length=1000, description="several")
    since: dt.date | None = Field(
        default=None, alias="from", description="taken in on this day in Japan or later"
    )
    until: dt.date | None = Field(default=None, alias="to", description="on this day or earlier")
    everything: bool = Field(default=False, alias="all", description="all that is ready")
    profile: str = Field(default="csv", max_length=100, description="NAME or NAME@VERSION")
    template: str | None = Field(
        default=None, max_length=200, description="KEY of the form, if there are several"
    )
    dry_run: bool = Field(default=False, description="say what would go out, change nothing")

    def selection(self) -> Selection:
        """What is asked for.

        Raises:
            InvalidRequest: neither batches nor days nor all.
        """
        batches = [*([self.batch] if self.batch is not None else []), *self.batches]
        if not (batches or self.since or self.until or self.everything):
            raise InvalidRequest("say which documents: batch, batches, from, to, or all")
        key = self.template.partition("@")[0] if self.template else None
        unique = tuple(BatchId(batch) for batch in dict.fromkeys(batches))
        return Selection(unique, self.since, self.until, key)


class ExportFileOut(BaseModel):
    """A file of an export."""

    name: str
    sha256: str
    size: int
    rows: int

    @classmethod
    def of(cls, file: ExportFile) -> ExportFileOut:
        """From the service's answer."""
        return cls(name=file.name, sha256=file.sha256, size=file.size, rows=file.rows)


class ExportOut(BaseModel):
    """An export."""

    id: int
    batch: int | None = Field(description="null where it holds documents of several batches")
    profile: str
    profile_version: str
    rows: int
    documents: int
    held: int = Field(description="documents that stayed behind")
    sha256: str
    size: int
    name: str
    media_type: str
    amends: bool
    selection: dict[str, Any] | None
    files: list[ExportFileOut]
    created_by: str
    created_at: dt.datetime

    @classmethod
    def of(cls, export: Export, files: list[ExportFile]) -> ExportOut:
        """From the service's answer."""
        return cls(
            id=export.id,
            batch=export.batch,
            profile=export.profile,
            profile_version=export.profile_version,
            rows=export.rows,
            documents=export.documents,
            held=export.held,
            sha256=export.sha256,
            size=export.size,
            name=download_name(export),
            media_type=export.media_type,
            amends=export.amends,
            selection=None if export.selection is None else dict(export.selection),
            files=[ExportFileOut.of(file) for file in files],
            created_by=export.created_by,
            created_at=export.created_at,
        )


def download_name(export: Export) -> str:
    """The name under which an export is saved."""
    return export.name or f"export-{export.id}.csv"


class ExportsOut(BaseModel):
    """Exports, newest first."""

    exports: list[ExportOut]
    next_cursor: int | None


class FindingOut(BaseModel):
    """Something about a cell."""

    document: int
    column: str
    code: str
    detail: str

    @classmethod
    def of(cls, finding: Finding) -> FindingOut:
        """From the service's answer."""
        return cls(
            document=finding.document,
            column=finding.column,
            code=finding.code,
            detail=finding.detail,
        )


class DryRunOut(BaseModel):
    """What would go out; lists end after 1000 entries, counts do not."""

    dry_run: bool = True
    profile: str
    profile_version: str
    counts: dict[str, Any]
    files: list[str]
    held: list[FindingOut]
    replaced: list[FindingOut]

    @classmethod
    def of(cls, prepared: PreparedExport) -> DryRunOut:
        """From the service's answer."""
        profile = prepared.request.profile.profile
        held = [finding for one in prepared.held for finding in one.findings]
        return cls(
            profile=profile.name,
            profile_version=profile.version,
            counts=counts_of(prepared),
            files=[file.name for file in prepared.files],
            held=[FindingOut.of(finding) for finding in held[:_SHOWN]],
            replaced=[FindingOut.of(finding) for finding in prepared.notes[:_SHOWN]],
        )


class ProfileOut(BaseModel):
    """A layout."""

    name: str
    version: str
    title: dict[str, str]
    status: str
    origin: str = Field(description="shipped, folder or own")
    format: str
    encoding: str
    sha256: str

    @classmethod
    def of(cls, loaded: LoadedProfile) -> ProfileOut:
        """From the service's answer."""
        profile = loaded.profile
        return cls(
            name=profile.name,
            version=profile.version,
            title={"ja": profile.title.ja, "en": profile.title.en},
            status=profile.status,
            origin=loaded.origin,
            format=profile.file.format.value,
            encoding=profile.file.encoding.value,
            sha256=loaded.sha256,
        )


class ProfilesOut(BaseModel):
    """The layouts in force."""

    profiles: list[ProfileOut]


class ProfileVersionOut(BaseModel):
    """A version that somebody saved."""

    version: str
    sha256: str
    created_by: str
    created_at: dt.datetime
    withdrawn_at: dt.datetime | None

    @classmethod
    def of(cls, stored: StoredProfile) -> ProfileVersionOut:
        """From the service's answer."""
        return cls(
            version=stored.version,
            sha256=stored.sha256,
            created_by=stored.created_by,
            created_at=stored.created_at,
            withdrawn_at=stored.withdrawn_at,
        )


class ProfileTextOut(ProfileOut):
    """A layout with its file."""

    text: str
    versions: list[ProfileVersionOut]


class ProfileText(BaseModel):
    """A layout as a file."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=200_000, description="TOML")


class LintOut(BaseModel):
    """A mistake in a layout."""

    where: str
    message: str
    fatal: bool

    @classmethod
    def of(cls, found: ProfileFinding) -> LintOut:
        """From the service's answer."""
        return cls(where=found.where, message=found.message, fatal=found.fatal)


class LintsOut(BaseModel):
    """All mistakes."""

    findings: list[LintOut]


__all__ = [
    "DryRunOut",
    "ExportFileOut",
    "ExportOut",
    "ExportsOut",
    "FindingOut",
    "LintOut",
    "LintsOut",
    "NewExport",
    "ProfileOut",
    "ProfileText",
    "ProfileTextOut",
    "ProfileVersionOut",
    "ProfilesOut",
    "download_name",
]
