"""Templates found on disk, by key and version."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from ocr_service.domain.errors import TemplateError, TemplateUnknown
from ocr_service.forms.model import FormTemplate

TEMPLATE_FILE = "template.toml"


@dataclass(frozen=True, slots=True)
class LoadedTemplate:
    """A template with where it came from.

    Attributes:
        template: the parsed file.
        folder: the folder it stands in; ``blank.toml`` and tests lie beside it.
        sha256: hex digest of the file's bytes, stored with every reading.
    """

    template: FormTemplate
    folder: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class TemplateLibrary:
    """All templates the service knows, in the order they were found."""

    loaded: tuple[LoadedTemplate, ...]

    def get(self, name: str) -> LoadedTemplate:
        """The template called ``KEY`` (its newest version) or ``KEY@VERSION``.

        Raises:
            TemplateUnknown: there is none.
        """
        key, _, version = name.partition("@")
        found = [t for t in self.loaded if t.template.key == key]
        if version:
            found = [t for t in found if t.template.version == version]
        if not found:
            known = ", ".join(f"{t.template.key}@{t.template.version}" for t in self.loaded)
            raise TemplateUnknown(f"no template {name}; known: {known or 'none'}")
        return max(found, key=lambda t: t.template.version)

    def only(self, name: str) -> TemplateLibrary:
        """A library of nothing but ``KEY`` (its newest version) or ``KEY@VERSION``.

        Raises:
            TemplateUnknown: there is none.
        """
        return TemplateLibrary((self.get(name),))


def shipped_folder() -> Path:
    """The templates that come with the product, in a checkout or in the wheel."""
    packaged = Path(str(resources.files("ocr_service"))) / "_form_templates"
    if packaged.is_dir():
        return packaged
    return Path(__file__).resolve().parents[2] / "form_templates"


def load_template(path: Path) -> LoadedTemplate:
    """Parse one template file.

    Raises:
        TemplateError: not TOML, or breaks the schema; the message says where.
    """
    try:
        data = path.read_bytes()
        parsed = tomllib.loads(data.decode("utf-8"))
        template = FormTemplate.model_validate(parsed)
    except OSError as error:
        raise TemplateError(f"cannot read {path.name}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TemplateError(f"{path.name} is not a TOML file in UTF-8: {error}") from error
    except ValidationError as error:
        raise TemplateError(f"{path.name}: {_first_problems(error)}") from error
    return LoadedTemplate(template, path.parent, hashlib.sha256(data).hexdigest())


def _first_problems(error: ValidationError, limit: int = 5) -> str:
    lines = []
    for problem in error.errors(include_input=False, include_url=False)[:limit]:
        where = ".".join(str(part) for part in problem["loc"])
        lines.append(f"{where}: {problem['msg']}")
    return "; ".join(lines)


def load_library(*folders: Path) -> TemplateLibrary:
    """All templates under ``folders`` (``<key>/<version>/template.toml``).

    A template found in a later folder replaces the same key and version of an earlier one.

    Raises:
        TemplateError: a template file is broken.
    """
    by_name: dict[tuple[str, str], LoadedTemplate] = {}
    for folder in folders:
        for path in sorted(folder.glob(f"*/*/{TEMPLATE_FILE}")):
            loaded = load_template(path)
            by_name[loaded.template.key, loaded.template.version] = loaded
    return TemplateLibrary(tuple(by_name.values()))


__all__ = [
    "TEMPLATE_FILE",
    "LoadedTemplate",
    "TemplateLibrary",
    "load_library",
    "load_template",
    "shipped_folder",
]
