"""Identifiers of stored things. Whole numbers in order of creation, never used twice."""

from __future__ import annotations

from typing import NewType

BatchId = NewType("BatchId", int)
FileId = NewType("FileId", int)
DocumentId = NewType("DocumentId", int)
JobId = NewType("JobId", int)
ExportId = NewType("ExportId", int)
ClaimId = NewType("ClaimId", int)
ClaimLineId = NewType("ClaimLineId", int)
UserId = NewType("UserId", int)

__all__ = [
    "BatchId",
    "ClaimId",
    "ClaimLineId",
    "DocumentId",
    "ExportId",
    "FileId",
    "JobId",
    "UserId",
]
