"""Seconds and memory of a large export: makes approved records in SQLite and exports them.

::

    python scripts/bench_export.py [--records 100000] [--profile ledger-generic] [--folder DIR]
        [--unjudged]

Every record has all fields of the COVID-19 questionnaire with invented values. The records are
made by the database itself and are kept in the folder, so that a second run exports them again in
the profiles it is asked for.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import resource
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from ocr_service.bootstrap import Services, build_services, prepare
from ocr_service.db import tables as t
from ocr_service.db.export.candidates import Selection
from ocr_service.db.ids import BatchId
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.queue.bell import SilentBell
from ocr_service.service.export.exporting import export_now
from ocr_service.service.export.preparing import ExportRequest
from ocr_service.service.export.profiles import profile_named
from ocr_service.settings import Settings

FORM = "mhlw-covid19"
VALUES = {
    "voucher_kind": "2",
    "voucher_municipality_code": "131016",
    "voucher_dose": "1",
    "name": "試験　太郎",
    "name_kana": "シケン　タロウ",
    "address": "東京都千代田区試験町1-2-3試験荘101",
    "phone": "09000000000",
    "birth_date": "1950-04-01",
    "age": "71",
    "sex": "male",
    "body_temperature": "36.5",
    "q4_groups": ["age65"],
    "judgement": "ok",
    "consent": "yes",
    "consent_signature": True,
    "doctor_signature": True,
    "consent_date": "2021-11-25",
    "vaccination_date": "2021-11-25",
    "vaccine_name": "コミナティ",
    "lot_number": "FJ7489",
    "dose_ml": "0.3",
    "place": "試験会館",
    "doctor_name": "試験　花子",
    "institution_code": "1310121996",
}
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :records)"
_AT = "2026-11-01 09:00:00.000000"


def main() -> None:
    """Make records where there are none, export them, print seconds and memory."""
    options = _options()
    settings = Settings(data_dir=options.folder)
    services = build_services(settings, bell=SilentBell(), clock=lambda: datetime.now(UTC))
    prepare(services)
    started = time.monotonic()
    if not _records(options.folder):
        _make_records(options.folder, options.records)
    _note_judged(services, judged=not options.unjudged)
    print(f"{_records(options.folder)} records, made in {time.monotonic() - started:.0f} s")
    for profile in options.profile:
        _export(services, profile)
    services.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--profile", nargs="+", default=["ledger-generic"])
    parser.add_argument("--folder", type=Path, default=Path("bench-out/export"))
    parser.add_argument(
        "--unjudged", action="store_true", help="something changed: the rules judge each anew"
    )
    return parser.parse_args()


def _note_judged(services: Services, *, judged: bool) -> None:
    """Note that every record was judged by what is known now, or none."""
    check = services.check
    if check is None:
        raise RuntimeError("the services judge records")
    template = services.shelf.library().get(FORM).template
    with services.db.writing() as uow:
        grounds = check.grounds(uow, template)
        uow.connection.execute(sa.delete(t.record_facts))
        if judged:
            d = t.documents.c
            found = sa.select(
                d.id,
                sa.literal(value=True),
                sa.literal(dt.date(2021, 11, 25)),
                sa.literal(grounds),
                sa.literal(check.today),
            )
            columns = ("document_id", "given", "vaccinated_on", "judged_by", "judged_on")
            uow.connection.execute(sa.insert(t.record_facts).from_select(columns, found))


def _export(services: Services, name: str) -> None:
    with services.db.reading() as uow:
        loaded = profile_named(uow, services.profiles, name)
    request = ExportRequest(loaded, Selection((BatchId(1),)), "bench", services.check)
    before_mb = _peak_mb()
    started = time.monotonic()
    cpu = time.process_time()
    made = export_now(
        services.db,
        services.blobs,
        request=request,
        library=services.shelf.library(),
        folder=services.settings.export_dir,
    )
    seconds, cpu = time.monotonic() - started, time.process_time() - cpu
    print(
        f"{name}: {made.documents} documents, {made.rows} rows, {made.size / 1e6:.1f} MB,"
        f" {made.held} held back, in {seconds:.1f} s ({cpu:.1f} s of processor);"
        f" peak memory {before_mb:.0f} MB before, {_peak_mb():.0f} MB after"
    )


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _records(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "service.sqlite3")) as connection:
        return int(connection.execute("SELECT count(*) FROM documents").fetchone()[0])


def _make_records(folder: Path, records: int) -> None:
    template = load_library(shipped_folder()).get(FORM).template
    with closing(sqlite3.connect(folder / "service.sqlite3")) as connection:
        connection.execute(
            "INSERT INTO batches (id, name, created_by, created_at) VALUES (1, 'bench', 'b', ?)",
            (_AT,),
        )
        connection.execute(
            "INSERT INTO files (id, batch_id, name, sha256, size, media_type, pages, live,"
            " created_at) VALUES (1, 1, 'bench.pdf', 'x', 1, 'application/pdf', ?, 1, ?)",
            (records, _AT),
        )
        wishes = {"records": records, "at": _AT, "form": FORM, "version": template.version}
        connection.execute(
            "INSERT INTO documents (id, batch_id, file_id, page_index, state, version, template,"  # noqa: S608 - a constant
            f" template_version, view_px_per_mm, created_at, updated_at) {_NUMBERS}"
            " SELECT i, 1, 1, i, 'approved', 1, :form, :version, 0, :at, :at FROM n",
            wishes,
        )
        connection.execute("CREATE TEMP TABLE answer (position, key, value)")
        connection.executemany(
            "INSERT INTO answer VALUES (?, ?, ?)",
            [
                (place, key, json.dumps(VALUES.get(key, "no" if key[0] == "q" else None)))
                for place, key in enumerate(template.record_keys)
            ],
        )
        # Vouchers differ, everything else is the same person.
        connection.execute(
            "INSERT INTO readings (document_id, key, position, template, template_version, value,"  # noqa: S608 - a constant
            " raw, probability, status, alternatives, reader, source, flags, box_mm, actor,"
            f" created_at) {_NUMBERS}"
            " SELECT i, key, position, :form, :version,"
            " CASE key WHEN 'voucher_number' THEN printf('\"%010d\"', i) ELSE value END,"
            " '', 0.99, 'accepted', '[]', 'bench', 'machine', '[]', '[0,0,1,1]', 'w', :at"
            " FROM n CROSS JOIN answer",
            wishes,
        )
        connection.commit()


if __name__ == "__main__":
    main()
