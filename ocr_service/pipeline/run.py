"""The conductor: the only place that knows the order of the stages.

decode → separator sheet? → identify and register → crop → read → interpret → combine →
corroborate → calibrate → rules → triage
"""

from __future__ import annotations

from dataclasses import dataclass

from ocr_service.domain.arrays import Gray
from ocr_service.domain.errors import InputError
from ocr_service.domain.field import FieldValue
from ocr_service.domain.geometry import CANVAS_PX_PER_MM
from ocr_service.domain.lifecycle import DocumentState
from ocr_service.domain.page import Page
from ocr_service.domain.record import Failure, Record
from ocr_service.domain.triage import record_state
from ocr_service.forms.fields import FieldSpec
from ocr_service.imaging.decode import decode_page
from ocr_service.pipeline.combine import combine
from ocr_service.pipeline.corroborate import corroborate
from ocr_service.pipeline.crop import crop_field, mask_page
from ocr_service.pipeline.engine import Engine
from ocr_service.pipeline.identify import Identified, Unmatched, identify
from ocr_service.pipeline.interpret import interpret
from ocr_service.pipeline.result import ReadPage
from ocr_service.pipeline.sheets import SEPARATOR, find_separator
from ocr_service.pipeline.stopwatch import Stopwatch
from ocr_service.pipeline.view import encode_canvas, encode_scan
from ocr_service.validators.run import RuleContext, run_rules


@dataclass(frozen=True, slots=True)
class Source:
    """Where a page comes from.

    Attributes:
        file: name of the file.
        page_index: 0-based position in it.
    """

    file: str
    page_index: int


def read_page(data: bytes, source: Source, *, engine: Engine, template: str | None) -> ReadPage:
    """Read one page of a file; bad input becomes a record with ``failure``.

    Args:
        data: the file's bytes.
        source: its name and the page wanted.
        engine: readers and knowledge.
        template: ``KEY[@VERSION]``, or None to find the template that fits.

    Raises:
        TemplateUnknown: ``template`` names none.
    """
    wanted = engine.library if template is None else engine.library.only(template)
    watch = Stopwatch(engine.clock)
    try:
        with watch.stage("decode"):
            page = decode_page(data, source.page_index, engine.limits)
    except InputError as error:
        failed = _without_fields(source, DocumentState.FAILED, Failure(error.code, str(error)))
        return ReadPage(failed, b"", 0.0, watch.seconds)
    with watch.stage("separator"):
        separator = find_separator(page.gray)
    if separator is not None:
        record = _without_fields(source, DocumentState.UNMATCHED, SEPARATOR)
        return ReadPage(record, encode_scan(page.gray), 0.0, watch.seconds, separator)
    with watch.stage("register"):
        found = identify(page, wanted.loaded)
    if isinstance(found, Unmatched):
        failure = Failure(found.code, found.message, found.nearest)
        record = _without_fields(source, DocumentState.UNMATCHED, failure)
        return ReadPage(record, encode_scan(page.gray), 0.0, watch.seconds)
    # From here on nobody sees what the template masks, neither readers nor people.
    registered, _ = mask_page(found.registered, page.gray, found.loaded.template)
    found = Identified(found.loaded, registered)
    record = _read_registered(page, source, found, engine, watch)
    with watch.stage("view"):
        view, px_per_mm = encode_canvas(registered.gray, CANVAS_PX_PER_MM)
    side = found.loaded.template.side(registered.template_page + 1)
    return ReadPage(record, view, px_per_mm, watch.seconds, side=side)


def _read_registered(
    page: Page, source: Source, found: Identified, engine: Engine, watch: Stopwatch
) -> Record:
    loaded = found.loaded
    template = loaded.template
    blank = engine.blank(loaded, found.registered.template_page)
    values: list[FieldValue] = []
    for spec in template.fields:
        if spec.page == found.registered.template_page + 1 and spec.kind != "mask":
            values.extend(_read_field(found, spec, blank, engine, watch))
    values = corroborate(combine(values, template), template)
    values = engine.calibration.judge(values, template)
    with watch.stage("rules"):
        context = RuleContext(
            template=template,
            today=engine.today(),
            facts=engine.facts,
            settings=engine.rule_settings,
        )
        issues = run_rules(template.rules, {v.key: v for v in values}, context)
    state = record_state(values, issues, straight_through=template.triage.straight_through)
    return Record(
        file=source.file,
        page=page.index + 1,
        template=template.key,
        version=template.version,
        state=state,
        registration=found.registered.registration,
        fields=tuple(values),
        issues=issues,
    )


def _read_field(
    found: Identified, spec: FieldSpec, blank: Gray | None, engine: Engine, watch: Stopwatch
) -> tuple[FieldValue, ...]:
    with watch.stage("crop"):
        crop = crop_field(found.registered, spec, blank)
    with watch.stage(spec.kind):
        reading = engine.recognizer_for(spec).read(crop)
    # Raw scores until all values of the page are put together; calibration then judges them.
    accept_at = found.loaded.template.accept_at(spec)
    return interpret(spec, reading, box=crop.box, accept_at=accept_at)


def _without_fields(source: Source, state: DocumentState, failure: Failure) -> Record:
    return Record(
        file=source.file,
        page=source.page_index + 1,
        template=None,
        version=None,
        state=state,
        registration=None,
        fields=(),
        issues=(),
        failure=failure,
    )


__all__ = ["Source", "read_page"]
