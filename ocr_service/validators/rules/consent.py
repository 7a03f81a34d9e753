"""Rules about judgement, consent, signatures and whether they agree with the shot."""

from __future__ import annotations

from collections.abc import Iterator

from ocr_service.domain.dates import legal_age
from ocr_service.domain.record import Severity
from ocr_service.validators.base import Found, RuleParameter, Seen, ShippedRule, Text

_GUARDIAN_UNDER = 16
_SHOT = ("vaccine_name", "lot_number", "dose_ml")
_STICKER = ("vaccine_name", "lot_number")


def _traces(seen: Seen) -> tuple[str | None, ...]:
    """Keys that tell of a shot that was given."""
    return tuple(seen.key(role) for role in _SHOT if seen.is_set(role))


def _is_minor(seen: Seen) -> bool:
    """Whether a guardian has to sign; False where nothing is known of the age."""
    birth, day = seen.date("birth_date"), seen.day()
    under = seen.number("under") or _GUARDIAN_UNDER
    return birth is not None and day is not None and birth <= day and legal_age(birth, day) < under


def _judgement_missing(seen: Seen) -> Iterator[Found]:
    """The doctor marked neither possible nor defer."""
    if not seen.is_set("judgement"):
        yield Found((seen.key("judgement"),))


def _deferred_with_shot(seen: Seen) -> Iterator[Found]:
    """Deferred, and yet a sticker or an amount."""
    traces = _traces(seen)
    if seen.text("judgement") == "defer" and traces:
        yield Found((seen.key("judgement"), *traces))


def _ok_without_sticker(seen: Seen) -> Iterator[Found]:
    """Possible and wanted, but no sticker tells of a vaccine."""
    wanted = seen.text("judgement") == "ok" and seen.text("consent") != "no"
    if wanted and not any(seen.is_set(role) for role in _STICKER):
        yield Found((seen.key("judgement"), *(seen.key(role) for role in _STICKER)))


def _dose_missing(seen: Seen) -> Iterator[Found]:
    """A sticker, but no amount."""
    given = seen.text("judgement") == "ok" and any(seen.is_set(role) for role in _STICKER)
    if given and not seen.is_set("dose_ml"):
        yield Found((seen.key("dose_ml"),))


def _consent_missing(seen: Seen) -> Iterator[Found]:
    """Neither wanted nor refused."""
    if not seen.is_set("consent"):
        yield Found((seen.key("consent"),))


def _refused(seen: Seen) -> Iterator[Found]:
    """Refused, though the doctor says possible; nothing was given."""
    if seen.text("consent") == "no" and seen.text("judgement") == "ok" and not _traces(seen):
        yield Found((seen.key("consent"), seen.key("judgement")))


def _refused_with_shot(seen: Seen) -> Iterator[Found]:
    """Refused, and yet a sticker or an amount."""
    traces = _traces(seen)
    if seen.text("consent") == "no" and traces:
        yield Found((seen.key("consent"), *traces))


def _not_read(seen: Seen) -> Iterator[Found]:
    """Consent without having understood the leaflet."""
    if seen.text("leaflet_understood") == "no" and seen.text("consent") == "yes":
        yield Found((seen.key("leaflet_understood"), seen.key("consent")))


def _date_missing(seen: Seen) -> Iterator[Found]:
    """A consent without a day."""
    if seen.text("consent_date") is None and seen.text("consent") == "yes":
        yield Found((seen.key("consent_date"),))


def _doctor_unsigned(seen: Seen) -> Iterator[Found]:
    """No signature and no name with seal of the doctor."""
    if not seen.is_set("doctor_signature"):
        yield Found((seen.key("doctor_signature"),))


def _person_unsigned(seen: Seen) -> Iterator[Found]:
    """Nobody signed the consent; for children the guardian's rule tells it."""
    if not seen.is_set("consent_signature") and not _is_minor(seen):
        yield Found((seen.key("consent_signature"),))


def _guardian_unsigned(seen: Seen) -> Iterator[Found]:
    """Under 16 and no guardian signed, or the guardian's name is missing where the form asks it."""
    if not _is_minor(seen):
        return
    unsigned = seen.key("consent_signature") is not None and not seen.is_set("consent_signature")
    unnamed = seen.key("guardian_name") is not None and not seen.is_set("guardian_name")
    if unsigned or unnamed:
        fields = (
            seen.key("consent_signature") if unsigned else None,
            seen.key("guardian_name") if unnamed else None,
            seen.key("birth_date"),
        )
        yield Found(fields, {"under": seen.number("under") or _GUARDIAN_UNDER})


_MIX = "domain 4.2: possible, wanted, signed, sticker and date make a shot; deferred makes none; "

RULES = (
    ShippedRule(
        code="judgement.missing",
        severity=Severity.WARNING,
        title=Text("判定の記入がない", "Judgement missing"),
        messages={
            "": Text(
                "医師の判定（可能・見合わせる）に印がありません。このまま請求すると返戻されます。",
                "The doctor's judgement is not marked. A claim with this form is sent back.",
            )
        },
        source="domain 4.2: without a judgement the form is sent back and its cost "
        "deducted [V:S15b]",
        parameters=(),
        find=_judgement_missing,
        roles=("judgement",),
    ),
    ShippedRule(
        code="judgement.deferred_with_shot",
        severity=Severity.WARNING,
        title=Text("見合わせなのに接種の記録", "Deferred and yet given"),
        messages={
            "": Text(
                "判定は「見合わせる」ですが、ワクチンのシールや接種量があります。"
                "予診のみか接種か確かめてください。",
                "The judgement is defer, yet there is a sticker or an amount. Check "
                "whether it was given.",
            )
        },
        source=_MIX + "a deferral has no lot sticker",
        parameters=(),
        find=_deferred_with_shot,
        roles=("judgement",),
    ),
    ShippedRule(
        code="judgement.ok_without_sticker",
        severity=Severity.WARNING,
        title=Text("可能なのにシールがない", "Possible without sticker"),
        messages={
            "": Text(
                "判定は「可能」ですが、ワクチン名とロット番号がありません。",
                "The judgement is possible, but vaccine and lot are missing.",
            )
        },
        source=_MIX + "any other mix needs a person",
        parameters=(),
        find=_ok_without_sticker,
        roles=("judgement", "vaccine_name"),
    ),
    ShippedRule(
        code="dose.missing",
        severity=Severity.WARNING,
        title=Text("接種量の記入がない", "Amount missing"),
        messages={
            "": Text(
                "接種していますが、接種量が書かれていません。",
                "A shot was given, but the amount is not written.",
            )
        },
        source="domain 1.4: the ministry lists the amount among the recorded items [V:S12]",
        parameters=(),
        find=_dose_missing,
        roles=("judgement", "dose_ml"),
    ),
    ShippedRule(
        code="consent.missing",
        severity=Severity.WARNING,
        title=Text("接種希望の記入がない", "Consent missing"),
        messages={
            "": Text(
                "接種を希望するかどうかに印がありません。",
                "It is not marked whether the person wants the shot.",
            )
        },
        source=_MIX + "consent belongs to it",
        parameters=(),
        find=_consent_missing,
        roles=("consent",),
    ),
    ShippedRule(
        code="consent.refused",
        severity=Severity.WARNING,
        title=Text("希望しない", "Refused"),
        messages={
            "": Text(
                "判定は「可能」ですが、接種を希望していません。予診のみの扱いか確かめてください。",
                "The judgement is possible, but the shot is not wanted. Check how to bill it.",
            )
        },
        source=_MIX + "any other mix needs a person",
        parameters=(),
        find=_refused,
        roles=("consent", "judgement"),
    ),
    ShippedRule(
        code="consent.refused_with_shot",
        severity=Severity.ERROR,
        title=Text("希望しないのに接種の記録", "Refused and yet given"),
        messages={
            "": Text(
                "接種を「希望しない」とありますが、ワクチンのシールや接種量があります。"
                "医療機関に確かめてください。",
                "The shot is not wanted, yet there is a sticker or an amount. Ask the institution.",
            )
        },
        source=_MIX + "a shot against the will must not be registered unseen",
        parameters=(),
        find=_refused_with_shot,
        roles=("consent",),
    ),
    ShippedRule(
        code="consent.leaflet",
        severity=Severity.WARNING,
        title=Text("説明を読んでいない", "Leaflet not understood"),
        messages={
            "": Text(
                "説明書を読んで理解したかに「いいえ」とありますが、接種を希望しています。",
                "The leaflet was not understood, yet the shot is wanted.",
            )
        },
        source="domain 2.3: question 3, the unremarkable answer is yes [V:S21]",
        parameters=(),
        find=_not_read,
        roles=("leaflet_understood", "consent"),
    ),
    ShippedRule(
        code="consent.date_missing",
        severity=Severity.INFO,
        title=Text("同意日の記入がない", "Date of consent missing"),
        messages={
            "": Text("同意した日が書かれていません。", "The day of the consent is not written.")
        },
        source="domain 2.3: the consent block asks for a date [V:S21]",
        parameters=(),
        find=_date_missing,
        roles=("consent_date", "consent"),
    ),
    ShippedRule(
        code="signature.doctor",
        severity=Severity.WARNING,
        title=Text("医師の署名がない", "Doctor's signature missing"),
        messages={
            "": Text(
                "医師の署名または記名押印がありません。このまま請求すると返戻されます。",
                "The doctor's signature or seal is missing. A claim with this form is sent back.",
            )
        },
        source="domain 4.2: sent back by the municipality and its cost deducted [V:S15b]",
        parameters=(),
        find=_doctor_unsigned,
        roles=("doctor_signature",),
    ),
    ShippedRule(
        code="signature.consent",
        severity=Severity.WARNING,
        title=Text("自署がない", "Signature missing"),
        messages={
            "": Text(
                "被接種者（または代筆者）の署名がありません。このまま請求すると返戻されます。",
                "The person's signature is missing. A claim with this form is sent back.",
            )
        },
        source="domain 4.2: sent back by the municipality and its cost deducted [V:S15b]",
        parameters=(
            RuleParameter("under", 16, Text("保護者が署名する年齢", "younger: a guardian signs")),
        ),
        find=_person_unsigned,
        roles=("consent_signature",),
    ),
    ShippedRule(
        code="signature.guardian",
        severity=Severity.WARNING,
        title=Text("保護者の署名がない", "Guardian's signature missing"),
        messages={
            "": Text(
                "{under}歳未満ですが、保護者の署名がありません。",
                "The person is under {under}, and the guardian's signature is missing.",
            )
        },
        source="domain 4.2: a guardian signs for persons under 16 [V:S21]; legal age",
        parameters=(
            RuleParameter("under", 16, Text("保護者が署名する年齢", "younger: a guardian signs")),
        ),
        find=_guardian_unsigned,
        roles=("birth_date",),
    ),
)

__all__ = ["RULES"]
