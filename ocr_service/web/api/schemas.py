"""What goes in and comes out of the API."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr

from ocr_service.db.audit import AuditRow
from ocr_service.db.records.documents import Document
from ocr_service.forms.library import LoadedTemplate
from ocr_service.service.intake.intake import Receipt
from ocr_service.service.querying import BatchStatus


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewBatch(_In):
    """A batch to open."""

    name: str = Field(default="", max_length=200)
    template: str | None = Field(default=None, max_length=200, description="KEY[@VERSION]")


class EffortIn(_In):
    """What a step of a review took; kept for figures of the team."""

    ms: int = Field(ge=0)
    keystrokes: int = Field(ge=0)


class NewValue(_In):
    """A person's answer for a field; null = nothing is written there."""

    value: StrictBool | StrictStr | list[StrictStr] | None
    illegible: bool = Field(default=False, description="written, but nobody can read it")
    effort: EffortIn | None = None


class TypedSoFar(_In):
    """What stands in a field and is not confirmed yet."""

    value: StrictBool | StrictStr | list[StrictStr] | None


class Typed(_In):
    """Values as typed, by record key."""

    values: dict[str, StrictBool | StrictStr | list[StrictStr] | None] = Field(max_length=200)


class PutOff(_In):
    """What is put off; null = the whole document."""

    key: str | None = Field(default=None, max_length=100)
    effort: EffortIn | None = None


class ClaimWish(_In):
    """Whether to take the document from whoever has it."""

    take_over: bool = False


class TemplateChoice(_In):
    """Which form a page is."""

    template: str = Field(max_length=200, description="KEY[@VERSION]")


class Approval(_In):
    """Why a record is right although a rule says otherwise; never what is written on the form."""

    reason: str | None = Field(default=None, max_length=200)
    effort: EffortIn | None = None


class Reason(_In):
    """Why something is done to a document; never what is written on the form."""

    reason: str = Field(min_length=1, max_length=200)


class Placement(_In):
    """How a scan lies, and as what it is read again."""

    turns: int = Field(default=0, ge=0, le=3, description="clockwise quarters that make it upright")
    corners: list[tuple[float, float]] | None = Field(
        default=None,
        min_length=4,
        max_length=4,
        description="of the paper on the scan as it came, 0 to 1, clockwise from its top-left",
    )
    template: str | None = Field(default=None, max_length=200, description="KEY[@VERSION]")


class ReviewWish(_In):
    """What a reviewer wants next."""

    batch: int | None = None
    after: int | None = Field(default=None, description="start behind this document")
    besides: list[int] = Field(default=[], max_length=50, description="none of these")


class BatchOut(BaseModel):
    """A batch and how it stands."""

    id: int
    name: str
    template: str | None
    created_by: str
    created_at: datetime
    counts: dict[str, int]
    total: int
    settled: bool = Field(description="the machine has nothing left to do")

    @classmethod
    def of(cls, status: BatchStatus) -> BatchOut:
        """From the service's answer."""
        batch = status.batch
        return cls(
            id=batch.id,
            name=batch.name,
            template=batch.template,
            created_by=batch.created_by,
            created_at=batch.created_at,
            counts={state.value: number for state, number in status.counts.items()},
            total=status.total,
            settled=status.settled,
        )


class BatchesOut(BaseModel):
    """Batches, newest first."""

    batches: list[BatchOut]
    next_cursor: int | None


class ReceiptOut(BaseModel):
    """What became of an upload."""

    file: int
    batch: int
    documents: list[int]
    duplicate: bool

    @classmethod
    def of(cls, receipt: Receipt) -> ReceiptOut:
        """From the service's answer."""
        return cls(
            file=receipt.file,
            batch=receipt.batch,
            documents=list(receipt.documents),
            duplicate=receipt.duplicate,
        )


class FailureOut(BaseModel):
    """Why a document has no record."""

    code: str
    message: str


class DocumentOut(BaseModel):
    """A document and where it stands; its values are in its record."""

    id: int
    batch: int
    file_id: int
    file: str
    page: int
    state: str
    version: int
    template: str | None
    template_version: str | None
    wanted_template: str | None
    failure: FailureOut | None
    claimed_by: str | None
    claimed_until: datetime | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, document: Document) -> DocumentOut:
        """From the service's answer."""
        failure = None
        if document.failure_code is not None:
            failure = FailureOut(code=document.failure_code, message=document.failure_message or "")
        return cls(
            id=document.id,
            batch=document.batch,
            file_id=document.file,
            file=document.file_name,
            page=document.page,
            state=document.state.value,
            version=document.version,
            template=document.template,
            template_version=document.template_version,
            wanted_template=document.wanted_template,
            failure=failure,
            claimed_by=document.claimed_by,
            claimed_until=document.claimed_until,
            created_at=document.created_at,
            updated_at=document.updated_at,
        )


class DocumentsOut(BaseModel):
    """Documents in order of intake."""

    documents: list[DocumentOut]
    next_cursor: int | None


class TemplateOut(BaseModel):
    """A template."""

    key: str
    version: str
    title_ja: str
    title_en: str
    sha256: str
    record_keys: list[str]

    @classmethod
    def of(cls, loaded: LoadedTemplate) -> TemplateOut:
        """From the library."""
        template = loaded.template
        return cls(
            key=template.key,
            version=template.version,
            title_ja=template.title.ja,
            title_en=template.title.en,
            sha256=loaded.sha256,
            record_keys=list(template.record_keys),
        )


class TemplatesOut(BaseModel):
    """All templates."""

    templates: list[TemplateOut]


class AuditRowOut(BaseModel):
    """One act."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    subject_id: int
    detail: dict[str, str | int | bool | None]
    hash: str

    @classmethod
    def of(cls, row: AuditRow) -> AuditRowOut:
        """From the log."""
        return cls(
            id=row.id,
            at=row.at,
            actor=row.entry.actor,
            action=row.entry.action,
            subject=row.entry.subject,
            subject_id=row.entry.subject_id,
            detail=dict(row.entry.detail),
            hash=row.hash,
        )


class AuditOut(BaseModel):
    """Acts, oldest first."""

    rows: list[AuditRowOut]
    next_cursor: int | None


__all__ = [
    "Approval",
    "AuditOut",
    "AuditRowOut",
    "BatchOut",
    "BatchesOut",
    "ClaimWish",
    "DocumentOut",
    "DocumentsOut",
    "EffortIn",
    "FailureOut",
    "NewBatch",
    "NewValue",
    "Placement",
    "PutOff",
    "Reason",
    "ReceiptOut",
    "ReviewWish",
    "TemplateChoice",
    "TemplateOut",
    "TemplatesOut",
    "Typed",
    "TypedSoFar",
]
