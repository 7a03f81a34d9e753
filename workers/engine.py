"""The full page reader from the settings; importing this loads OpenCV."""

from __future__ import annotations

from ocr_service.imaging.decode import DecodeLimits
from ocr_service.pipeline.assemble import ReaderOptions, build_reader
from ocr_service.pipeline.calibrate import own_calibration_file
from ocr_service.pipeline.result import PageReader
from ocr_service.settings import Settings


def full_reader(settings: Settings) -> PageReader:
    """Registration, recognizers and rules, with the operator's templates and blanks.

    Raises:
        TemplateError: a template is broken.
        ModelMissing: weights are absent or not the recorded ones.
        InvalidRequest: the file of the rules' settings cannot be used.
    """
    options = ReaderOptions(
        template_folders=(*settings.template_dirs, settings.own_template_dir),
        blank_folder=settings.blank_dir,
        cache_folder=settings.data_dir.resolve() / "cache",
        threads=settings.threads,
        limits=DecodeLimits(max_pages=settings.max_pages),
        own_calibration=own_calibration_file(settings.data_dir),
        own_lexicons=settings.data_dir.resolve() / "lexicons",
        rules_file=settings.rules_file,
    )
    return build_reader(options)


__all__ = ["full_reader"]
