"""Puts the shipped readers together into an engine; loading the models takes a few seconds."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import cv2

from ocr_service.forms.library import load_library, shipped_folder
from ocr_service.imaging.decode import DecodeLimits
from ocr_service.masters.municipalities import municipalities
from ocr_service.pipeline.blanks import BlankStore
from ocr_service.pipeline.calibrate import DEFAULT_FILE, load_calibration
from ocr_service.pipeline.confirmed import load_confirmed
from ocr_service.pipeline.engine import Engine
from ocr_service.pipeline.lexicons import shipped_lexicons
from ocr_service.pipeline.reader import EngineReader
from ocr_service.recognizers.base import Recognizer
from ocr_service.recognizers.codes.reader import CodeReader
from ocr_service.recognizers.digits.reader import DigitReader
from ocr_service.recognizers.marks.reader import MarkReader
from ocr_service.recognizers.presence.reader import PresenceReader
from ocr_service.recognizers.sticker.reader import StickerReader
from ocr_service.recognizers.text.labelled import LabelledPrintReader
from ocr_service.recognizers.text.reader import Lexicon, PaddleLineReader, TextReader
from ocr_service.recognizers.text.weights import PP_OCR_V5_MOBILE, PP_OCR_V6_SMALL
from ocr_service.validators.dated import own_settings
from ocr_service.validators.facts import Facts
from ocr_service.validators.places import Place, Places


@dataclass(frozen=True, slots=True)
class ReaderOptions:
    """Where an engine finds its things and how much of the machine it takes.

    Attributes:
        template_folders: looked through after the shipped templates; a later one wins.
        blank_folder: registered blank originals.
        cache_folder: unpacked weights; written once.
        threads: threads a model may use; 1 where several workers share the machine.
        limits: what a file may hold.
        own_calibration: fitted in this installation; used instead of the shipped one if it is
            there.
        own_lexicons: folder of word lists that this installation learned; need not exist.
        rules_file: this installation's dated settings of the rules; they win over those shipped.
    """

    template_folders: tuple[Path, ...]
    blank_folder: Path
    cache_folder: Path
    threads: int = 1
    limits: DecodeLimits = field(default_factory=DecodeLimits)
    own_calibration: Path | None = None
    own_lexicons: Path | None = None
    rules_file: Path | None = None

    @property
    def calibration_file(self) -> Path:
        """The calibration in force."""
        own = self.own_calibration
        return own if own is not None and own.is_file() else DEFAULT_FILE


def build_reader(options: ReaderOptions) -> EngineReader:
    """The engine with all shipped readers.

    Raises:
        TemplateError: a template is broken.
        ModelMissing: weights are absent or not the recorded ones.
        InvalidRequest: ``rules_file`` cannot be used.
    """
    settings = own_settings(options.rules_file)  # before the models, which take their time
    cv2.setNumThreads(options.threads)
    engine = Engine(
        library=load_library(shipped_folder(), *options.template_folders),
        recognizers=shipped_recognizers(options),
        calibration=load_calibration(options.calibration_file),
        blank=BlankStore(options.blank_folder).get,
        limits=options.limits,
        clock=time.thread_time,
        today=lambda: dt.datetime.now(tz=JAPAN).date(),
        facts=Facts(places=_places()),
        rule_settings=settings,
    )
    return EngineReader(engine)


def shipped_recognizers(options: ReaderOptions) -> Mapping[str, Recognizer]:
    """The shipped readers by field kind."""
    networks = (PP_OCR_V6_SMALL, PP_OCR_V5_MOBILE)
    lines = PaddleLineReader(
        options.cache_folder, threads=options.threads, models=networks, own=True
    )
    marks, lexicons = MarkReader(), _lexicons(options)
    return {
        "text": TextReader(lines, lexicons=lexicons),
        "print": LabelledPrintReader(lines.first(), lexicons=lexicons),
        "digits": DigitReader(threads=options.threads),
        "choice": marks,
        "flag": marks,
        "presence": PresenceReader(),
        "code": CodeReader(lines.first()),
        "sticker": StickerReader(lines.first()),
    }


def _places() -> Places:
    """The municipalities of the postal code table."""
    known = municipalities().items()
    return Places(Place(code, found.prefecture, found.city) for code, found in known)


def _lexicons(options: ReaderOptions) -> Mapping[str, Lexicon]:
    """What is known of text fields, by the name that their template gives."""
    shipped = shipped_lexicons()
    return load_confirmed(options.own_lexicons, shipped) if options.own_lexicons else shipped


JAPAN = dt.timezone(dt.timedelta(hours=9), "JST")

__all__ = ["JAPAN", "ReaderOptions", "build_reader", "shipped_recognizers"]
