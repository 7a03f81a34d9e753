"""The page reader that commands without database or queue work with."""

from __future__ import annotations

from pathlib import Path

from ocr_service.pipeline.assemble import ReaderOptions, build_reader
from ocr_service.pipeline.calibrate import own_calibration_file
from ocr_service.pipeline.reader import EngineReader
from ocr_service.settings import Settings


def template_dirs(settings: Settings) -> tuple[Path, ...]:
    """Folders of templates beside the shipped ones; a later one wins."""
    return (*settings.template_dirs, settings.own_template_dir)


def reader_from_settings(
    settings: Settings, *, templates: Path | None = None, threads: int = 2
) -> EngineReader:
    """The shipped readers, with the operator's templates and blanks from the data folder.

    Args:
        settings: where the data folder and the template folders are.
        templates: one more folder of templates.
        threads: threads a model may use.
    """
    extra = () if templates is None else (templates,)
    return build_reader(
        ReaderOptions(
            template_folders=(*template_dirs(settings), *extra),
            blank_folder=settings.blank_dir,
            cache_folder=settings.data_dir.resolve() / "cache",
            threads=threads,
            own_calibration=own_calibration_file(settings.data_dir),
            own_lexicons=settings.data_dir.resolve() / "lexicons",
            rules_file=settings.rules_file,
        )
    )


__all__ = ["reader_from_settings", "template_dirs"]
