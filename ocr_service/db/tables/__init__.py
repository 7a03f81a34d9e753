"""The tables. Their history is in ``migrations``; a test holds the two together."""

from __future__ import annotations

from ocr_service.db.tables.accounts import guesses, passwords
from ocr_service.db.tables.base import metadata
from ocr_service.db.tables.billing import claim_lines, claim_sheets, claims
from ocr_service.db.tables.core import (
    audit,
    batches,
    blanks,
    chores,
    documents,
    files,
    issues,
    jobs,
    readings,
    timings,
    tokens,
    users,
)
from ocr_service.db.tables.entry import chips, entries
from ocr_service.db.tables.exports import (
    export_files,
    export_items,
    export_profiles,
    exports,
)
from ocr_service.db.tables.group import (
    cell_checks,
    confirmation_answers,
    confirmations,
    reading_cells,
    withdrawals,
)
from ocr_service.db.tables.handoff import outbox, schedule_runs
from ocr_service.db.tables.intake import (
    arrivals,
    kept_answers,
    likenesses,
    separators,
    sides,
    uploads,
)
from ocr_service.db.tables.masters import master_imports, master_rows, record_facts
from ocr_service.db.tables.quality import (
    quality_frames,
    quality_looks,
    quality_plans,
    quality_populations,
    quality_raises,
    quality_samples,
)
from ocr_service.db.tables.review import (
    drafts,
    page_hints,
    postponements,
    rescans,
    review_actions,
)
from ocr_service.db.tables.rules import issue_waivers

__all__ = [
    "arrivals",
    "audit",
    "batches",
    "blanks",
    "cell_checks",
    "chips",
    "chores",
    "claim_lines",
    "claim_sheets",
    "claims",
    "confirmation_answers",
    "confirmations",
    "documents",
    "drafts",
    "entries",
    "export_files",
    "export_items",
    "export_profiles",
    "exports",
    "files",
    "guesses",
    "issue_waivers",
    "issues",
    "jobs",
    "kept_answers",
    "likenesses",
    "master_imports",
    "master_rows",
    "metadata",
    "outbox",
    "page_hints",
    "passwords",
    "postponements",
    "quality_frames",
    "quality_looks",
    "quality_plans",
    "quality_populations",
    "quality_raises",
    "quality_samples",
    "reading_cells",
    "readings",
    "record_facts",
    "rescans",
    "review_actions",
    "schedule_runs",
    "separators",
    "sides",
    "timings",
    "tokens",
    "uploads",
    "users",
    "withdrawals",
]
