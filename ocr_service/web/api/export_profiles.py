"""Layouts of exports: listed, read, checked, saved as a version, taken back."""

from __future__ import annotations

from fastapi import APIRouter

from ocr_service.exporters.profile_library import ProfileError, parse_profile
from ocr_service.exporters.profile_lint import lint_profile
from ocr_service.service.export.profiles import (
    all_profiles,
    profile_named,
    save_profile,
    saved_versions,
    undo_profile,
)
from ocr_service.web.api.export_schemas import (
    LintOut,
    LintsOut,
    ProfileOut,
    ProfilesOut,
    ProfileText,
    ProfileTextOut,
    ProfileVersionOut,
)
from ocr_service.web.deps import ReadUnit, ServicesDep, WriteUnit
from ocr_service.web.security import AdminUser, ExporterUser

router = APIRouter(tags=["exports"])


@router.get("/export-profiles")
def list_profiles(_user: ExporterUser, services: ServicesDep, uow: ReadUnit) -> ProfilesOut:
    """The layouts in force."""
    found = all_profiles(uow, services.profiles)
    return ProfilesOut(profiles=[ProfileOut.of(one) for one in found.values()])


@router.post("/export-profiles/lint")
def lint(new: ProfileText, _user: ExporterUser, services: ServicesDep) -> LintsOut:
    """Everything that is wrong with a layout; nothing is kept."""
    try:
        loaded = parse_profile(new.text, origin="own")
    except ProfileError as error:
        return LintsOut(findings=[LintOut(where="profile", message=str(error), fatal=True)])
    found = lint_profile(loaded.profile, services.shelf.library())
    return LintsOut(findings=[LintOut.of(one) for one in found])


@router.get("/export-profiles/{name}")
def show_profile(
    name: str, _user: ExporterUser, services: ServicesDep, uow: ReadUnit
) -> ProfileTextOut:
    """A layout with its file; ``NAME@VERSION`` gives a saved version."""
    loaded = profile_named(uow, services.profiles, name)
    saved = saved_versions(uow, loaded.profile.name)
    return ProfileTextOut(
        **ProfileOut.of(loaded).model_dump(),
        text=loaded.text,
        versions=[ProfileVersionOut.of(one) for one in saved],
    )


@router.put("/export-profiles/{name}")
def put_profile(
    name: str, new: ProfileText, user: AdminUser, services: ServicesDep, uow: WriteUnit
) -> ProfileOut:
    """Save a layout as a new version, in force from now on."""
    library = services.shelf.library()
    return ProfileOut.of(save_profile(uow, new.text, library=library, name=name, actor=user.name))


@router.post("/export-profiles/{name}/undo")
def undo(name: str, user: AdminUser, services: ServicesDep, uow: WriteUnit) -> ProfileOut:
    """Take the newest saved version back."""
    return ProfileOut.of(undo_profile(uow, services.profiles, name, actor=user.name))


__all__ = ["router"]
