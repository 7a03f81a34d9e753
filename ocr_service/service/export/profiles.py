"""The layouts an export can have: shipped, in the operator's folder, or saved on their page."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ocr_service.db.audit import AuditEntry
from ocr_service.db.export import profiles as export_profiles
from ocr_service.db.export.profiles import StoredProfile
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.errors import NotFound
from ocr_service.exporters.profile_library import (
    LoadedProfile,
    ProfileError,
    load_profile,
    load_profiles,
    parse_profile,
    shipped_profiles_folder,
)
from ocr_service.exporters.profile_lint import require_faultless
from ocr_service.forms.library import TemplateLibrary

Signature = tuple[tuple[str, int, int], ...]


@dataclass(slots=True)
class ProfileFolder:
    """Profiles as files; read again when a file there has changed.

    Attributes:
        folder: the operator's; may not be there.
    """

    folder: Path
    _seen: Signature | None = None
    _found: dict[str, LoadedProfile] = field(default_factory=dict)
    _broken: dict[str, str] = field(default_factory=dict)

    def broken(self) -> dict[str, str]:
        """Files of the operator that cannot be used, by name without ending, and why."""
        self.all()
        return self._broken

    def all(self) -> dict[str, LoadedProfile]:
        """Profiles by name; the operator's replace shipped ones of the same name.

        A broken file takes none but its own name out of use.
        """
        signature = tuple(
            (str(path), path.stat().st_size, path.stat().st_mtime_ns)
            for path in sorted(self.folder.glob("*.toml"))
        )
        if signature != self._seen:
            self._found = load_profiles([(shipped_profiles_folder(), "shipped")])
            self._broken = {}
            for path in sorted(self.folder.glob("*.toml")):
                self._take(path)
            self._seen = signature
        return self._found

    def _take(self, path: Path) -> None:
        try:
            loaded = load_profile(path, origin="folder")
        except ProfileError as error:
            self._broken[path.stem] = str(error)
            self._found.pop(path.stem, None)
        else:
            self._found[loaded.profile.name] = loaded


def all_profiles(uow: UnitOfWork, folder: ProfileFolder) -> dict[str, LoadedProfile]:
    """The layouts in force, by name: what people saved replaces files of the same name."""
    found = dict(folder.all())
    for stored in export_profiles.versions(uow):
        if stored.withdrawn_at is None:
            found[stored.name] = parse_profile(stored.text, origin="own")
    return dict(sorted(found.items()))


def profile_named(uow: UnitOfWork, folder: ProfileFolder, name: str) -> LoadedProfile:
    """The layout called ``NAME``, or one of its saved versions as ``NAME@VERSION``.

    Raises:
        NotFound: there is none.
        ProfileError: a file is broken.
    """
    key, _, version = name.partition("@")
    known = all_profiles(uow, folder)
    found = known.get(key)
    if found is None and key in folder.broken():
        raise ProfileError(folder.broken()[key])
    if found is not None and version in {"", found.profile.version}:
        return found
    for stored in export_profiles.versions(uow, key):
        if stored.version == version:
            return parse_profile(stored.text, origin="own")
    file = folder.all().get(key)
    if file is not None and file.profile.version == version:
        return file
    raise NotFound(f"no export profile {name}; known: {', '.join(known)}")


def save_profile(
    uow: UnitOfWork, text: str, *, library: TemplateLibrary, name: str, actor: str
) -> LoadedProfile:
    """Keep a layout as a new version, in force from now on.

    Args:
        uow: open unit of work.
        text: its TOML.
        library: the templates, for lint.
        name: what the layout must be called.
        actor: user name.

    Raises:
        ProfileError: it is broken or lint finds an error, or it has another name.
        Conflict: this version is there already.
    """
    text = text.replace("\r\n", "\n")
    loaded = parse_profile(text, origin="own")
    profile = loaded.profile
    if profile.name != name:
        raise ProfileError(f"name: this is {name}, the file says {profile.name}")
    require_faultless(profile, library)
    stored = export_profiles.insert(
        uow,
        name=name,
        version=profile.version,
        text=text,
        sha256=loaded.sha256,
        created_by=actor,
    )
    detail = {"name": name, "version": profile.version, "sha256": loaded.sha256}
    uow.log(AuditEntry(actor, "export_profile.saved", "export_profile", stored, detail))
    return loaded


def undo_profile(uow: UnitOfWork, folder: ProfileFolder, name: str, *, actor: str) -> LoadedProfile:
    """Withdraw the newest saved version; what was before it is in force again.

    Raises:
        NotFound: nothing was saved under this name.
    """
    saved = [one for one in export_profiles.versions(uow, name) if one.withdrawn_at is None]
    if not saved:
        raise NotFound(f"no version of {name} was saved here; there is nothing to undo")
    newest = saved[-1]
    export_profiles.withdraw(uow, newest.id)
    detail = {"name": name, "version": newest.version}
    uow.log(AuditEntry(actor, "export_profile.withdrawn", "export_profile", newest.id, detail))
    if len(saved) == 1 and name not in folder.all():
        return parse_profile(newest.text, origin="own")
    return profile_named(uow, folder, name)


def saved_versions(uow: UnitOfWork, name: str) -> list[StoredProfile]:
    """All versions of a layout that people saved, newest first."""
    return export_profiles.versions(uow, name)[::-1]


__all__ = [
    "ProfileFolder",
    "all_profiles",
    "profile_named",
    "save_profile",
    "saved_versions",
    "undo_profile",
]
