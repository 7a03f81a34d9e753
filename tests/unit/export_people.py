"""Invented records for tests of export profiles, on both shipped forms."""

from __future__ import annotations

from collections.abc import Mapping

from ocr_service.domain.field import Value
from ocr_service.exporters.profile_entry import Entry
from ocr_service.exporters.profile_library import (
    LoadedProfile,
    load_profiles,
    shipped_profiles_folder,
)
from ocr_service.exporters.profile_rows import RowMaker
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.forms.model import FormTemplate

LIBRARY = load_library(shipped_folder())
COVID = LIBRARY.get("mhlw-covid19").template
INFLUENZA = LIBRARY.get("influenza-elderly").template
PROFILES = load_profiles([(shipped_profiles_folder(), "shipped")])

PERSON: dict[str, Value] = {
    "voucher_kind": "2",
    "voucher_dose": "1",
    "voucher_municipality_code": "131016",
    "voucher_number": "0000000123",
    "address": "東京都千代田区見本町1－2－3",
    "name": "見本　花子",
    "name_kana": "ミホン　ハナコ",
    "phone": "0312345678",
    "birth_date": "1950-04-01",
    "age": "71",
    "sex": "female",
    "body_temperature": "36.5",
    "q1": "yes",
    "q4_groups": ("age65", "underlying"),
    "q5": "ambiguous",
    "q6_detail": '「かぜ」, "熱"\nと＝せき',
    "judgement": "ok",
    "consent": "yes",
    "consent_date": "2021-11-25",
    "vaccination_date": "2021-11-25",
    "vaccine_name": "コミナティ",
    "lot_number": "FJ7489",
    "dose_ml": "0.3",
    "place": "見本会館～別館",
    "doctor_name": "医師　一郎",
    "institution_code": "1310121996",
    "doctor_signature": True,
    "under_six": False,
}
FACTS = {
    "version": "3",
    "batch_id": "2",
    "batch_name": "十一月",
    "file": "scan.pdf",
    "page": "1",
    "state": "approved",
    "scan_date": "2021-11-30",
    "scanned_at": "20211130101500",
    "received_date": "2021-11-29",
    "export_date": "2021-12-01",
    "exported_at": "20211201090000",
    "change": "new",
}


def form_of(key: str, version: str) -> FormTemplate | None:
    """A shipped form."""
    return {
        ("mhlw-covid19", COVID.version): COVID,
        ("influenza-elderly", INFLUENZA.version): INFLUENZA,
    }.get((key, version))


def entry(
    values: Mapping[str, Value] = PERSON,
    *,
    document: int = 7,
    form: FormTemplate = COVID,
    **facts: str,
) -> Entry:
    """A record on its way out, with every key of its form."""
    whole = {key: values.get(key) for key in form.record_keys}
    own = {"document_id": str(document), "template": form.key, "template_version": form.version}
    return Entry(document, whole, FACTS | own | facts)


def maker(loaded: LoadedProfile, form: FormTemplate = COVID) -> RowMaker:
    """What makes the rows of a shipped profile."""
    return RowMaker(loaded.profile, form, form_of)
