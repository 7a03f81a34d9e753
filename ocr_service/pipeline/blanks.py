"""Blank originals that an operator registered: canvases in the data folder, one PNG a page.

They never enter the repository: a ministry's or city's form stays where its user put it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from ocr_service.domain.arrays import Gray
from ocr_service.domain.errors import PageUnmatched
from ocr_service.forms.library import LoadedTemplate
from ocr_service.imaging.decode import DecodeLimits, count_pages, decode_page
from ocr_service.pipeline.identify import Unmatched, identify


@dataclass(frozen=True, slots=True)
class BlankStore:
    """Registered blanks under one folder; each is loaded once.

    Attributes:
        folder: holds ``<key>/<version>/page-<n>.png``.
    """

    folder: Path
    _loaded: dict[Path, Gray | None] = field(default_factory=dict)

    def get(self, loaded: LoadedTemplate, template_page: int) -> Gray | None:
        """The blank canvas of a template page (0-based), None where none was registered."""
        path = self._path(loaded, template_page)
        if path not in self._loaded:
            # OpenCV warns about files that are not there; most installations have no blanks.
            known = path.is_file()
            self._loaded[path] = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) if known else None
        return self._loaded[path]

    def register(self, loaded: LoadedTemplate, data: bytes, limits: DecodeLimits) -> list[Path]:
        """Lay every page of a blank original on the template and keep it.

        Returns:
            The files written.

        Raises:
            InputError: ``data`` cannot be read.
            PageUnmatched: a page is not this form.
        """
        canvases: list[tuple[Path, Gray]] = []
        for index in range(count_pages(data, limits)):
            page = decode_page(data, index, limits)
            found = identify(page, (loaded,))
            if isinstance(found, Unmatched):
                raise PageUnmatched(
                    f"page {index + 1} is not {loaded.template.key}: {found.message}"
                )
            path = self._path(loaded, found.registered.template_page)
            canvases.append((path, found.registered.gray))
        for path, canvas in canvases:
            _write_png(path, canvas)
            self._loaded.pop(path, None)
        return [path for path, _ in canvases]

    def _path(self, loaded: LoadedTemplate, template_page: int) -> Path:
        template = loaded.template
        return self.folder / template.key / template.version / f"page-{template_page + 1}.png"


def _write_png(path: Path, canvas: Gray) -> None:
    """Write beside the place and move: a killed command leaves no half picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    done, encoded = cv2.imencode(".png", canvas)
    if not done:
        raise ValueError("the canvas has no pixels")
    beside = path.with_suffix(".part")
    beside.write_bytes(np.asarray(encoded, dtype=np.uint8).tobytes())
    beside.replace(path)


__all__ = ["BlankStore"]
