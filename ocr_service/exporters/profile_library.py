"""Profiles as files: parsed, hashed, found in folders."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import ClassVar

from pydantic import ValidationError

from ocr_service.domain.errors import OcrServiceError
from ocr_service.exporters.profile_model import Profile

MAX_PROFILE_BYTES = 200_000


class ProfileError(OcrServiceError):
    """A profile breaks the schema or contradicts itself."""

    code: ClassVar[str] = "profile.invalid"
    http_status: ClassVar[int] = 422
    exit_code: ClassVar[int] = 2


@dataclass(frozen=True, slots=True)
class LoadedProfile:
    """A profile with where it came from.

    Attributes:
        profile: the parsed file.
        text: the file itself.
        sha256: hex digest of its bytes; every export keeps it.
        origin: shipped, folder (the operator's) or own (saved on its page).
    """

    profile: Profile
    text: str
    sha256: str
    origin: str


def parse_profile(text: str, *, origin: str) -> LoadedProfile:
    """A profile from its TOML.

    Raises:
        ProfileError: too long, not TOML, or breaks the schema; the message says where.
    """
    data = text.encode("utf-8", errors="replace")
    if len(data) > MAX_PROFILE_BYTES:
        raise ProfileError(f"a profile has at most {MAX_PROFILE_BYTES} bytes")
    try:
        profile = Profile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"not TOML: {error}") from error
    except ValidationError as error:
        raise ProfileError("; ".join(_problems(error))) from error
    return LoadedProfile(profile, text, hashlib.sha256(data).hexdigest(), origin)


def load_profile(path: Path, *, origin: str) -> LoadedProfile:
    """A profile from its file.

    Raises:
        ProfileError: it cannot be read, or is broken.
    """
    try:
        text = path.read_bytes().decode("utf-8").replace("\r\n", "\n")
    except OSError as error:
        raise ProfileError(f"cannot read {path.name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ProfileError(f"{path.name} is not UTF-8") from error
    try:
        return parse_profile(text, origin=origin)
    except ProfileError as error:
        raise ProfileError(f"{path.name}: {error}") from error


def load_profiles(folders: Iterable[tuple[Path, str]]) -> dict[str, LoadedProfile]:
    """Profiles by name; one found in a later folder replaces its namesake.

    Args:
        folders: folders of ``*.toml`` with what their profiles' origin is called.

    Raises:
        ProfileError: a profile is broken.
    """
    found: dict[str, LoadedProfile] = {}
    for folder, origin in folders:
        for path in sorted(folder.glob("*.toml")):
            loaded = load_profile(path, origin=origin)
            found[loaded.profile.name] = loaded
    return found


def shipped_profiles_folder() -> Path:
    """The profiles that come with the product."""
    return Path(str(resources.files("ocr_service.exporters"))) / "profiles"


def _problems(error: ValidationError, limit: int = 5) -> list[str]:
    return [
        f"{_where(problem['loc'])}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_url=False)[:limit]
    ]


def _where(place: tuple[int | str, ...]) -> str:
    parts = [f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place]
    return "".join(parts).lstrip(".") or "profile"


__all__ = [
    "MAX_PROFILE_BYTES",
    "LoadedProfile",
    "ProfileError",
    "load_profile",
    "load_profiles",
    "parse_profile",
    "shipped_profiles_folder",
]
