"""A claim as one ZIP file with a manifest; the same claim always gives the same bytes."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ocr_service.billing.papers import (
    DETAIL_HEAD,
    SHEET_HEAD,
    SUMMARY_HEAD,
    ClaimPapers,
    detail_rows,
    sheet_rows,
    summary_rows,
)
from ocr_service.billing.papers_data import as_csv, workbook
from ocr_service.billing.papers_pdf import claim_pdf, sheet_pdf

MANIFEST = "manifest.json"
SHEET_PDF = "sheets/{municipality}-{route}.pdf"

_TABLES = {
    "details": (DETAIL_HEAD, detail_rows),
    "sheets": (SHEET_HEAD, sheet_rows),
    "summary": (SUMMARY_HEAD, summary_rows),
}
_EARLIEST = (1980, 1, 1, 0, 0, 0)


def claim_files(papers: ClaimPapers) -> dict[str, bytes]:
    """All files of a claim by name, the manifest not among them."""
    files: dict[str, bytes] = {"claim.pdf": claim_pdf(papers), "claim.xlsx": workbook(papers)}
    for sheet in papers.sums.sheets:
        name = SHEET_PDF.format(municipality=sheet.municipality, route=sheet.route)
        files[name] = sheet_pdf(papers, sheet)
    for name, (head, rows) in _TABLES.items():
        files[f"{name}.csv"] = as_csv(head, rows(papers), "utf-8-sig").data
        files[f"{name}-cp932.csv"] = as_csv(head, rows(papers), "cp932").data
    return files


def pack(papers: ClaimPapers, *, prices: Mapping[str, str]) -> bytes:
    """The ZIP file.

    Args:
        papers: what it says.
        prices: sha256 of the price tables that were used, by key.
    """
    files = claim_files(papers)
    manifest = _manifest(papers, files, prices)
    files[MANIFEST] = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name])
    return out.getvalue()


def _manifest(
    papers: ClaimPapers, files: Mapping[str, bytes], prices: Mapping[str, str]
) -> dict[str, Any]:
    lost = {
        f"{name}-cp932.csv": [asdict(cell) for cell in as_csv(head, rows(papers), "cp932").lost]
        for name, (head, rows) in _TABLES.items()
    }
    return {
        "claim": papers.number,
        "month": papers.month,
        "issued": None if papers.issued is None else papers.issued.isoformat(),
        "issuer": papers.issuer.name,
        "sums": asdict(papers.sums.sums),
        "sheets": [
            {
                "municipality": sheet.municipality,
                "route": sheet.route,
                "file": SHEET_PDF.format(municipality=sheet.municipality, route=sheet.route),
                **asdict(sheet.sums),
            }
            for sheet in papers.sums.sheets
        ],
        "documents": [
            {"line": line.number, "document": line.document, "version": line.version}
            for line in papers.lines
        ],
        "price_tables": dict(prices),
        "characters_lost": {name: cells for name, cells in lost.items() if cells},
        "files": [
            {
                "name": name,
                "bytes": len(files[name]),
                "sha256": hashlib.sha256(files[name]).hexdigest(),
            }
            for name in sorted(files)
        ],
    }


__all__ = ["MANIFEST", "SHEET_PDF", "claim_files", "pack"]
