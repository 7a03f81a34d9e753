"""Learning from answers: what counts, what is exported, and the way back."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ocr_service.bootstrap import build_services, prepare
from ocr_service.cli.calibrate import calibrate
from ocr_service.db.ids import DocumentId
from ocr_service.db.records import documents
from ocr_service.domain.errors import Conflict, InvalidRequest, NotFound
from ocr_service.domain.field import FieldValue, Flag, Status, Value
from ocr_service.domain.geometry import BoxMm
from ocr_service.forms.fields import TextField
from ocr_service.forms.library import TemplateLibrary, load_library, shipped_folder
from ocr_service.pipeline.calibrate import load_calibration
from ocr_service.service.learning import corrections
from ocr_service.service.learning.corrections import LEARNABLE, Correction
from ocr_service.service.learning.own_calibration import OwnCalibration
from ocr_service.service.review.editing import Edit, answer_field
from ocr_service.settings import Settings
from tests.service.fakes import FakeReader, Office, RememberingBell, jpeg, value_of

SHIPPED = load_library(shipped_folder())
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _sent(key: str, value: Value) -> FieldValue:
    return replace(value_of(key, value), flags=frozenset())


def _read(office: Office, number: int, *fields: FieldValue) -> DocumentId:
    """A document of which the machine read just these fields."""
    office.reader.fields = fields
    receipt = office.send(office.open_batch(), jpeg(number), f"{number}.jpg")
    office.work_off()
    return receipt.documents[0]


def _answer(office: Office, document: DocumentId, key: str, value: str | None) -> None:
    with office.db.writing() as uow:
        version = documents.get(uow, document).version
        edit = Edit(document, key, value, version, "clerk")
        answer_field(uow, edit, library=SHIPPED, check=None)


def _gathered(office: Office, library: TemplateLibrary = SHIPPED) -> tuple[Correction, ...]:
    with office.db.reading() as uow:
        return corrections.gather_corrections(uow, library)


def test_confirmed_and_corrected_values_are_told_apart(office: Office) -> None:
    """The same value from a person confirms, another one corrects; the newest answer counts."""
    document = _read(office, 1, _sent("place", "東医院"), _sent("doctor_name", "青木　鉄平"))
    _answer(office, document, "place", "西医院")
    _answer(office, document, "place", "東医院")
    _answer(office, document, "doctor_name", "青木　鉄兵")
    found = {c.machine.key: c for c in _gathered(office)}
    assert found["place"].is_right
    assert not found["doctor_name"].is_right
    assert found["doctor_name"].truth == "青木　鉄兵"
    assert all(c.counts for c in found.values())


def test_documents_reviewed_in_part_teach_no_probabilities(office: Office) -> None:
    """Who corrects errors and confirms nothing would make the machine look bad."""
    document = _read(office, 1, _sent("place", "東医院"), _sent("doctor_name", "青木　鉄平"))
    _answer(office, document, "place", "西医院")
    (found,) = _gathered(office)
    assert not found.counts


def test_accepted_values_teach_no_probabilities(office: Office) -> None:
    """Nobody looks at them: only those found wrong by chance are ever answered."""
    accepted = replace(_sent("place", "東医院"), status=Status.ACCEPTED)
    document = _read(office, 1, accepted, _sent("doctor_name", "青木　鉄平"))
    _answer(office, document, "place", "西医院")
    _answer(office, document, "doctor_name", "青木　鉄平")
    found = {c.machine.key: c.counts for c in _gathered(office)}
    assert found == {"place": False, "doctor_name": True}


def test_two_marks_are_no_answer_to_be_confirmed(office: Office) -> None:
    """The machine asked the person to decide; it was neither right nor wrong."""
    both = replace(_sent("q1", "ambiguous"), flags=frozenset({Flag.BOTH_MARKED}))
    document = _read(office, 1, both)
    _answer(office, document, "q1", "yes")
    assert [c.counts for c in _gathered(office)] == [False]


def test_words_are_learned_from_several_documents_and_only_where_the_form_says(
    office: Office,
) -> None:
    """Names of places are; a citizen's name never is, nor what stands on one document alone."""
    for number, place in enumerate(("東医院", "東医院", "一度医院")):
        document = _read(office, number, _sent("place", "x"), _sent("name", "試験　太郎"))
        _answer(office, document, "place", place)
        _answer(office, document, "name", "試験　太郎")
    assert corrections.confirmed_values(_gathered(office)) == {"places": {"東医院": 2}}


def test_no_shipped_form_learns_anything_about_citizens() -> None:
    """Word lists are kept for places and doctors alone."""
    texts = [f for t in SHIPPED.loaded for f in t.template.fields if isinstance(f, TextField)]
    assert {f.key for f in texts if f.lexicon in LEARNABLE} == {"place", "doctor_name"}


def test_the_exported_set_has_pictures_and_labels_for_its_owner_alone(
    office: Office, tmp_path: Path
) -> None:
    """Nobody else of the machine can read it, and the audit log says that it was taken."""
    box = BoxMm(20, 20, 30, 10)
    document = _read(office, 1, replace(_sent("place", "東医院"), box=box))
    _answer(office, document, "place", "西医院")
    folder = tmp_path / "set"
    found = _gathered(office)
    count = corrections.export_corrections(office.db, office.blobs, found, folder, actor="operator")
    assert count == 1
    label = json.loads((folder / "labels.jsonl").read_text(encoding="utf-8"))
    assert (label["truth"], label["read"], label["right"]) == ("西医院", "東医院", False)
    assert (folder / label["picture"]).read_bytes().startswith(b"\x89PNG")
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())]
    assert modes == [0o700, 0o600, 0o600]
    with pytest.raises(Conflict):
        corrections.export_corrections(office.db, office.blobs, found, folder, actor="operator")


def _snapshot(folder: Path) -> dict[str, bytes]:
    """Everything in force, without its history."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "history" not in str(path)
    }


def test_undo_restores_every_byte_step_by_step(tmp_path: Path) -> None:
    """Back through two changes to the untouched state, and no further."""
    own = OwnCalibration(tmp_path)
    states = [_snapshot(tmp_path)]
    for step, words in enumerate(({"東医院": 2}, {"西医院": 3, "東\t医院": 1})):
        own.apply(f'{{"step": {step}}}', {"places": words}, now=NOW + timedelta(hours=step))
        states.append(_snapshot(tmp_path))
    assert states[2]["lexicons/places.tsv"].decode() == "西医院\t3\n東 医院\t1\n"
    own.undo(now=NOW + timedelta(hours=5))
    assert _snapshot(tmp_path) == states[1]
    own.undo(now=NOW + timedelta(hours=6))
    assert _snapshot(tmp_path) == states[0]
    with pytest.raises(NotFound):
        own.undo(now=NOW + timedelta(hours=7))


def test_a_change_after_an_undo_can_be_undone(tmp_path: Path) -> None:
    """The way back leads to the state before, not to one that was given up."""
    own = OwnCalibration(tmp_path)
    for hour, text in enumerate(("a", "b")):
        own.apply(text, {}, now=NOW + timedelta(hours=hour))
    own.undo(now=NOW + timedelta(hours=2))
    own.apply("c", {}, now=NOW + timedelta(hours=3))
    own.undo(now=NOW + timedelta(hours=4))
    assert _snapshot(tmp_path) == {"calibration.json": b"a"}


def test_the_calibration_of_a_moment_is_found_again(tmp_path: Path) -> None:
    """Stored probabilities are those of their time, undone states included."""
    own = OwnCalibration(tmp_path)
    own.apply("a", {}, now=NOW + timedelta(hours=1))
    own.apply("b", {}, now=NOW + timedelta(hours=2))
    own.undo(now=NOW + timedelta(hours=3))
    found = [own.in_force_at(NOW + timedelta(hours=h, minutes=30)) for h in range(4)]
    texts = [None if path is None else path.read_text() for path in found]
    assert texts == [None, "a", "b", "a"]


def _raw_chances(count: int) -> list[float]:
    """Chances spread over what goes to review."""
    return [0.2 + 0.75 * n / count for n in range(count)]


def test_the_command_fits_puts_in_force_and_goes_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An installation whose people find the machine worse than it says gets smaller chances."""
    data = tmp_path / "data"
    data.mkdir()
    services = build_services(Settings(data_dir=data), bell=RememberingBell())
    prepare(services)
    office = Office(services.db, services.blobs, RememberingBell(), FakeReader())
    reader = "text-1/test"
    for number, chance in enumerate(_raw_chances(72)):
        seen = replace(_sent("place", "東医院"), probability=chance, reader=reader)
        document = _read(office, number, seen)
        _answer(office, document, "place", "西医院" if number % 3 else "東医院")
    services.close()
    before = _snapshot(data)
    calibrate(data=data, apply=True)
    own = load_calibration(data / "calibration.json")
    group = f"text.text.filled@{reader}"
    shipped = load_calibration()
    assert own.chance_of(group, 0.9) < shipped.chance_of(group, 0.9)
    assert own.thresholds == shipped.thresholds
    assert (data / "lexicons" / "places.tsv").read_text("utf-8") == "西医院\t48\n東医院\t24\n"
    calibrate(data=data, undo=True)
    after = {name: content for name, content in _snapshot(data).items() if "sqlite" not in name}
    assert after == {name: content for name, content in before.items() if "sqlite" not in name}
    said = capsys.readouterr().out
    assert "72 answers of people on 72 documents" in said
    assert "東医院" not in said


def test_the_command_wants_one_thing_at_a_time(tmp_path: Path) -> None:
    """Putting in force and going back exclude each other; a wrong folder is named."""
    with pytest.raises(InvalidRequest):
        calibrate(data=tmp_path, apply=True, undo=True)
    with pytest.raises(InvalidRequest):
        calibrate(data=tmp_path / "none")
