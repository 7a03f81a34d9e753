"""Our own networks' files: compared with the record beside them before they are used."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from ocr_service.domain.errors import ModelMissing

WEIGHTS_FOLDER = Path(__file__).parent / "weights"


def recorded_weights(path: Path) -> bytes:
    """The bytes of an ONNX file whose record (``.json``: sha256) lies beside it.

    Raises:
        ModelMissing: file or record is absent, or they do not belong together.
    """
    record_path = path.with_suffix(".json")
    try:
        data = path.read_bytes()
        record = json.loads(record_path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelMissing(f"{path.name} or its record is missing; install again") from error
    except ValueError as error:
        raise ModelMissing(f"{record_path.name} is not a record; install again") from error
    if hashlib.sha256(data).hexdigest() != record.get("sha256"):
        raise ModelMissing(f"{path.name} is not the recorded file (sha256); install again")
    return data


__all__ = ["WEIGHTS_FOLDER", "recorded_weights"]
