"""Whether resources have what FHIR R4 and JP Core Immunization demand of every record.

Not a full validator: it holds the elements that must be there, the kinds of values, and that every
reference names a resource of the bundle. An operator with the official validator may run it too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ocr_service.exporters.fhir_immunization import PROFILE_BASE, Resource, address_of

_STATUSES: Final = frozenset({"completed", "entered-in-error", "not-done"})
_GENDERS: Final = frozenset({"male", "female", "other", "unknown"})
_DATE: Final = re.compile(r"\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2}))?)?)?")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_ID: Final = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_REFERENCES: Final = {
    "patient": {"Patient"},
    "location": {"Location"},
    "manufacturer": {"Organization"},
}


@dataclass(frozen=True, slots=True)
class FhirProblem:
    """What is wrong with a resource.

    Attributes:
        path: the element, for example ``Immunization.status``.
        message: what should be there; never the value.
    """

    path: str
    message: str


def check_resources(resources: Sequence[Resource]) -> list[FhirProblem]:
    """Everything that is wrong with the resources of one record."""
    kinds = {address_of(one): str(one.get("resourceType")) for one in resources}
    return [problem for one in resources for problem in _problems(one, kinds)]


def _problems(one: Resource, kinds: dict[str, str]) -> Iterator[FhirProblem]:
    kind = str(one.get("resourceType"))
    if not _ID.fullmatch(str(one.get("id", ""))):
        yield FhirProblem(f"{kind}.id", "1 to 64 letters, digits, - or .")
    if f"{PROFILE_BASE}JP_{kind}" not in one.get("meta", {}).get("profile", []):
        yield FhirProblem(f"{kind}.meta.profile", f"names the JP Core profile of {kind}")
    if kind == "Immunization":
        yield from _immunization(one, kinds)
    if kind == "Patient":
        yield from _patient(one)


def _immunization(one: Resource, kinds: dict[str, str]) -> Iterator[FhirProblem]:
    if one.get("status") not in _STATUSES:
        yield FhirProblem("Immunization.status", "completed, not-done or entered-in-error")
    vaccine = one.get("vaccineCode") or {}
    if not (vaccine.get("text") or vaccine.get("coding")):
        yield FhirProblem("Immunization.vaccineCode", "a code or a text")
    if not _DATE.fullmatch(str(one.get("occurrenceDateTime", ""))):
        yield FhirProblem("Immunization.occurrence", "a date, or a moment with its zone")
    yield from _amounts(one)
    if not isinstance(one.get("patient"), dict):
        yield FhirProblem("Immunization.patient", "a reference")
    yield from _references(one, kinds)


def _references(one: Resource, kinds: dict[str, str]) -> Iterator[FhirProblem]:
    for name, wanted in _REFERENCES.items():
        if name in one and kinds.get(_target(one[name])) not in wanted:
            yield FhirProblem(f"Immunization.{name}", "names a resource of this bundle")
    for performer in one.get("performer", []):
        if kinds.get(_target(performer.get("actor"))) not in {"Practitioner", "Organization"}:
            yield FhirProblem("Immunization.performer.actor", "names a resource of this bundle")


def _amounts(one: Resource) -> Iterator[FhirProblem]:
    if "recorded" in one and not _DATE.fullmatch(str(one["recorded"])):
        yield FhirProblem("Immunization.recorded", "a date, or a moment with its zone")
    if "expirationDate" in one and not _DAY.fullmatch(str(one["expirationDate"])):
        yield FhirProblem("Immunization.expirationDate", "a day")
    dose = one.get("doseQuantity")
    if dose is not None and not (isinstance(dose.get("value"), float) and dose.get("code") == "mL"):
        yield FhirProblem("Immunization.doseQuantity", "a number of mL")
    for protocol in one.get("protocolApplied", []):
        number = protocol.get("doseNumberPositiveInt")
        if not (isinstance(number, int) and number > 0):
            yield FhirProblem("Immunization.protocolApplied.doseNumber", "a number from 1 on")


def _patient(one: Resource) -> Iterator[FhirProblem]:
    if "gender" in one and one["gender"] not in _GENDERS:
        yield FhirProblem("Patient.gender", "male, female, other or unknown")
    if "birthDate" in one and not _DAY.fullmatch(str(one["birthDate"])):
        yield FhirProblem("Patient.birthDate", "a day")


def _target(reference: Any) -> str:
    return str(reference.get("reference", "")) if isinstance(reference, dict) else ""


__all__ = ["FhirProblem", "check_resources"]
