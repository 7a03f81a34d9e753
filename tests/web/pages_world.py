"""A small installation for page tests: real services on SQLite, a reader that knows its answers."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from fastapi import FastAPI
from PIL import Image, ImageDraw
from starlette.testclient import TestClient

from ocr_service.bootstrap import Services, build_services, prepare
from ocr_service.domain.errors import DamagedFile, UnsupportedFormat
from ocr_service.domain.field import Alternative, FieldValue, Flag, Source, Status, Value
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.page import Registration
from ocr_service.domain.pairing import Side
from ocr_service.domain.record import Failure, Issue, Record, Severity
from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.forms.model import FormTemplate
from ocr_service.pipeline.result import ReadPage
from ocr_service.queue.bell import SilentBell
from ocr_service.service.accounts import accounts
from ocr_service.service.processing.working import Worker, take, work
from ocr_service.settings import Settings
from ocr_service.web.app import create_app

PX_PER_MM = 4.0
TEMPLATE = "mhlw-covid19"
_SIDED = re.compile(rb"side([12])-([0-9]*)")
"""In the bytes of a scan: which side it is, and its code."""

# An invented person.
VALUES: dict[str, Value] = {
    "name": "山田　花子",
    "name_kana": "ヤマダ　ハナコ",
    "address": "<b>大字</b>&ほか1-2",
    "birth_date": "1950-04-01",
    "sex": "female",
    "body_temperature": "37.6",
    "q1": "yes",
    "q2": "ambiguous",
    "q4_groups": ("age65", "underlying"),
    "doctor_signature": True,
    "under_six": False,
}
DOUBTFUL = {"name_kana": 0.71, "q2": 0.5}


def template() -> FormTemplate:
    """The shipped form."""
    return load_library(shipped_folder()).get(TEMPLATE).template


def field_values(form: FormTemplate) -> tuple[FieldValue, ...]:
    """A value for every key of the form, most of them sure."""
    return tuple(_value(form, key) for key in form.record_keys)


def _value(form: FormTemplate, key: str) -> FieldValue:
    probability = DOUBTFUL.get(key, 0.9961)
    doubtful = key in DOUBTFUL
    value = VALUES.get(key)
    return FieldValue(
        key=key,
        value=value,
        raw=value if isinstance(value, str) else "",
        probability=probability,
        status=Status.REVIEW if doubtful else Status.ACCEPTED,
        alternatives=(Alternative("ヤマダ　ハナユ", 0.21),) if key == "name_kana" else (),
        reader="prepared",
        source=Source.MACHINE,
        flags=frozenset({Flag.BOTH_MARKED}) if key == "q2" else frozenset(),
        box=form.field_of(key).box,
    )


def read_record(form: FormTemplate) -> Record:
    """The invented person's page."""
    fever = Issue(
        "temperature.fever", Severity.WARNING, ("body_temperature",), "体温が高めです", "Fever"
    )
    return Record(
        file="",
        page=1,
        template=form.key,
        version=form.version,
        state=DocumentState.NEEDS_REVIEW,
        registration=Registration(np.eye(3), 0.11, 180.4, 4, 0.98),
        fields=field_values(form),
        issues=(fever,),
    )


def unmatched_record() -> Record:
    """A page of some other form."""
    failure = Failure("page.unmatched", "fits none", ("mhlw-covid19@2021-05",))
    return Record("", 1, None, None, DocumentState.UNMATCHED, None, (), (), failure)


def view_jpeg(form: FormTemplate) -> bytes:
    """A white page with the outline of every field."""
    page = form.pages[0]
    size = (round(page.width_mm * PX_PER_MM), round(page.height_mm * PX_PER_MM))
    image = Image.new("L", size, 255)
    draw = ImageDraw.Draw(image)
    for spec in form.fields:
        draw.rectangle(spec.box.to_px(PX_PER_MM), outline=90)
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


def scan(name: str) -> bytes:
    """Bytes that pass for a JPEG and that the prepared reader tells apart by ``name``."""
    return b"\xff\xd8\xff" + name.encode()


@dataclass(frozen=True, slots=True)
class PreparedReader:
    """Answers by what the bytes contain: form, other form, or damage."""

    form: FormTemplate

    def count_pages(self, data: bytes) -> int:
        """One page, unless the file says that it is damaged."""
        if b"damaged" in data:
            raise DamagedFile("the file is cut off: send it again")
        if b"password" in data:
            raise UnsupportedFormat("not a file of pages")
        return 1

    def read(self, data: bytes, page_index: int, *, file: str, template: str | None) -> ReadPage:
        """The invented person's record, or a page that fits nothing."""
        del template
        if b"other" in data:
            record = replace(unmatched_record(), file=file, page=page_index + 1)
            return ReadPage(record, view_jpeg(self.form), 0.0, {})
        record = replace(read_record(self.form), file=file, page=page_index + 1)
        page = ReadPage(record, view_jpeg(self.form), PX_PER_MM, {"decode": 0.1})
        sided = _SIDED.search(data)
        return page if sided is None else _as_side(page, int(sided[1]), sided[2].decode())


def _as_side(page: ReadPage, number: int, code: str) -> ReadPage:
    """The page as one of a form with front and back."""
    fields = tuple(
        replace(f, value=code or None) if f.key == "voucher_number" else f
        for f in page.record.fields
    )
    side = Side(number, (1, 2), ("voucher_number",))
    return replace(page, record=replace(page.record, fields=fields), side=side)


@dataclass(slots=True)
class World:
    """An installation under test."""

    services: Services
    app: FastAPI
    form: FormTemplate
    _worker: Worker = field(init=False)

    def __post_init__(self) -> None:
        reader = PreparedReader(self.form)
        self._worker = Worker(
            db=self.services.db,
            blobs=self.services.blobs,
            bell=self.services.bell,
            reader=lambda: reader,
            terms=self.services.terms,
            name="worker:test",
            drain_for=timedelta(seconds=30),
        )

    def work(self) -> None:
        """Do everything that waits."""
        for lease in take(self._worker):
            work(self._worker, lease)

    def login_link(self) -> str:
        """Path of a fresh login link."""
        with self.services.db.writing() as uow:
            return f"/login/{accounts.issue_login(uow, accounts.ensure_admin(uow))}?next=/"

    @contextmanager
    def browser(self) -> Iterator[TestClient]:
        """A logged-in client that sends what browsers send."""
        headers = {"Sec-Fetch-Site": "same-origin"}
        with TestClient(self.app, headers=headers) as client:
            client.get(self.login_link())
            yield client


def make_world(folder: Path) -> World:
    """A fresh installation in ``folder``."""
    settings = Settings(data_dir=folder, sweep_seconds=3600)
    services = build_services(settings, bell=SilentBell(), clock=lambda: datetime.now(UTC))
    prepare(services)
    app = create_app(services)
    return World(services, app, template())


__all__ = ["World", "make_world", "scan"]
