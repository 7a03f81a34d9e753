"""One record as FHIR resources: Immunization, Patient, Practitioner, Location, Organization.

The mapping follows JP Core Immunization (jami-fhir-jp-wg/jp-core-v1x, 2025-07): manufacturer and
institution are organizations, the doctor is a performer with function AP, amounts are in UCUM mL.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final

PROFILE_BASE: Final = "http://jpfhir.jp/fhir/core/StructureDefinition/"
INSTITUTION_SYSTEM: Final = "http://jpfhir.jp/fhir/core/CodeSystem/insurance-medical-institution-no"
ELEMENTS: Final = (
    "id",
    "change",
    "status",
    "status_reason",
    "vaccine_system",
    "vaccine_code",
    "vaccine_text",
    "occurrence",
    "recorded",
    "lot_number",
    "expiration",
    "dose_ml",
    "manufacturer",
    "place",
    "doctor",
    "institution_code",
    "institution",
    "patient_id_system",
    "patient_id",
    "name",
    "kana",
    "birth_date",
    "sex",
    "address",
    "phone",
    "disease_system",
    "disease_code",
    "disease",
    "dose_number",
)
"""Headers that the columns of a FHIR profile may have."""

_NAMESPACE: Final = uuid.UUID("6f0b2c7e-2f5f-5c0e-9a53-0f3f3c1a7d11")
_PERFORMER_FUNCTION: Final = "http://terminology.hl7.org/CodeSystem/v2-0443"
_REPRESENTATION: Final = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation"
_TAKEN_BACK: Final = "cancel"

Resource = dict[str, Any]


def resources_of(cells: Mapping[str, str]) -> list[Resource]:
    """The resources of one record, the Immunization first; empty cells give no element.

    Args:
        cells: by the names in ``ELEMENTS``.
    """
    one = {name: cells.get(name, "") for name in ELEMENTS}
    patient = _patient(one)
    shot = _immunization(one, patient)
    found = [shot, patient]
    if one["doctor"]:
        found.append(_attach_doctor(one, shot))
    if one["place"]:
        place = _made("Location", one, name=one["place"])
        shot["location"] = _reference(place)
        found.append(place)
    if one["manufacturer"]:
        maker = _made("Organization", one, kind="maker", name=one["manufacturer"])
        shot["manufacturer"] = _reference(maker)
        found.append(maker)
    if one["institution_code"]:
        found.append(_attach_institution(one, shot))
    return found


def address_of(resource: Resource) -> str:
    """The address by which resources of a bundle name each other."""
    return f"urn:uuid:{resource['id']}"


def _made(resource_type: str, one: Mapping[str, str], *, kind: str = "", **more: Any) -> Resource:
    identity = uuid.uuid5(_NAMESPACE, f"{resource_type}{kind}/{one['id']}")
    return {
        "resourceType": resource_type,
        "id": str(identity),
        "meta": {"profile": [f"{PROFILE_BASE}JP_{resource_type}"]},
        **more,
    }


def _reference(resource: Resource) -> Resource:
    return {"reference": address_of(resource)}


def _patient(one: Mapping[str, str]) -> Resource:
    names = [
        _name(one[key], representation)
        for key, representation in (("name", "IDE"), ("kana", "SYL"))
        if one[key]
    ]
    more: Resource = {}
    if one["patient_id"]:
        system = {"system": one["patient_id_system"]} if one["patient_id_system"] else {}
        more["identifier"] = [{**system, "value": one["patient_id"]}]
    if names:
        more["name"] = names
    if one["phone"]:
        more["telecom"] = [{"system": "phone", "value": one["phone"]}]
    if one["sex"]:
        more["gender"] = one["sex"]
    if one["birth_date"]:
        more["birthDate"] = one["birth_date"]
    if one["address"]:
        more["address"] = [{"text": one["address"]}]
    return _made("Patient", one, **more)


def _name(text: str, representation: str) -> Resource:
    family, _, given = text.replace("\u3000", " ").partition(" ")
    name: Resource = {
        "extension": [{"url": _REPRESENTATION, "valueCode": representation}],
        "use": "official",
        "text": text,
        "family": family,
    }
    return {**name, "given": [given]} if given else name


def _immunization(one: Mapping[str, str], patient: Resource) -> Resource:
    status = "entered-in-error" if one["change"] == _TAKEN_BACK else one["status"]
    shot = _made("Immunization", one, identifier=[{"value": one["id"]}], status=status)
    if one["status_reason"] and status == "not-done":
        shot["statusReason"] = {"text": one["status_reason"]}
    shot["vaccineCode"] = _coded(one, "vaccine_system", "vaccine_code", "vaccine_text")
    shot["patient"] = _reference(patient)
    shot["occurrenceDateTime"] = one["occurrence"]
    for element, key in (
        ("recorded", "recorded"),
        ("lotNumber", "lot_number"),
        ("expirationDate", "expiration"),
    ):
        if one[key]:
            shot[element] = one[key]
    if one["dose_ml"]:
        amount = float(one["dose_ml"]) if _is_number(one["dose_ml"]) else one["dose_ml"]
        unit = {"unit": "mL", "system": "http://unitsofmeasure.org", "code": "mL"}
        shot["doseQuantity"] = {"value": amount, **unit}
    if one["dose_number"]:
        number = int(one["dose_number"]) if one["dose_number"].isdecimal() else one["dose_number"]
        disease = _coded(one, "disease_system", "disease_code", "disease")
        target = {"targetDisease": [disease]} if disease else {}
        shot["protocolApplied"] = [{**target, "doseNumberPositiveInt": number}]
    return shot


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal() and text.isascii()


def _coded(one: Mapping[str, str], system: str, code: str, text: str) -> Resource:
    found: Resource = {}
    if one[code]:
        coding = {"system": one[system]} if one[system] else {}
        found["coding"] = [{**coding, "code": one[code]}]
    if one[text]:
        found["text"] = one[text]
    return found


def _attach_doctor(one: Mapping[str, str], shot: Resource) -> Resource:
    doctor = _made("Practitioner", one, name=[{"text": one["doctor"]}])
    function = {"coding": [{"system": _PERFORMER_FUNCTION, "code": "AP"}]}
    shot.setdefault("performer", []).append({"function": function, "actor": _reference(doctor)})
    return doctor


def _attach_institution(one: Mapping[str, str], shot: Resource) -> Resource:
    identifier = [{"system": INSTITUTION_SYSTEM, "value": one["institution_code"]}]
    name = {"name": one["institution"]} if one["institution"] else {}
    clinic = _made("Organization", one, kind="clinic", identifier=identifier, **name)
    shot.setdefault("performer", []).append({"actor": _reference(clinic)})
    return clinic


__all__ = [
    "ELEMENTS",
    "INSTITUTION_SYSTEM",
    "PROFILE_BASE",
    "Resource",
    "address_of",
    "resources_of",
]
