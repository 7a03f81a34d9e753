"""Why a record is not in a claim, in words that say what to do."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType


class Reason(StrEnum):
    """One thing that keeps a record out of a claim."""

    NOT_APPROVED = "not_approved"
    BLOCKING_ISSUE = "blocking_issue"
    UNDER_REVIEW_SINCE = "under_review_since"
    FORM_UNKNOWN = "form_unknown"
    NO_JUDGEMENT = "no_judgement"
    NO_DOCTOR_SIGNATURE = "no_doctor_signature"
    NO_PERSON_SIGNATURE = "no_person_signature"
    NO_CONSENT_ANSWER = "no_consent_answer"
    DECLINED = "declined"
    NO_LOT = "no_lot"
    LOT_BUT_DEFERRED = "lot_but_deferred"
    NO_DATE = "no_date"
    NO_MUNICIPALITY = "no_municipality"
    BAD_MUNICIPALITY = "bad_municipality"
    NO_INSTITUTION = "no_institution"
    HOME_UNKNOWN = "home_unknown"
    NO_PRICE = "no_price"
    AFTER_PERIOD = "after_period"
    RETURNED_SAME_MONTH = "returned_same_month"


WORDS: MappingProxyType[Reason, tuple[str, str]] = MappingProxyType(
    {
        Reason.NOT_APPROVED: ("承認されていません", "not approved yet"),
        Reason.BLOCKING_ISSUE: (
            "エラーの指摘が残っています",
            "it breaks a rule that nobody overrode",
        ),
        Reason.UNDER_REVIEW_SINCE: (
            "請求後に差し戻され、確認中です",
            "reopened since it was billed; approve it first",
        ),
        Reason.FORM_UNKNOWN: (
            "この様式の請求方法が決められていません",
            "nobody said how this form is billed (forms.toml)",
        ),
        Reason.NO_JUDGEMENT: ("医師の判定がありません", "the doctor's judgement is missing"),
        Reason.NO_DOCTOR_SIGNATURE: ("医師の署名がありません", "the doctor's signature is missing"),
        Reason.NO_PERSON_SIGNATURE: (
            "本人または保護者の自署がありません",
            "the signature of the person or guardian is missing",
        ),
        Reason.NO_CONSENT_ANSWER: ("接種希望の記入がありません", "the wish is not marked"),
        Reason.DECLINED: (
            "判定は可能ですが、接種を希望していません。予診のみとするかを確かめてください",
            "judged fit but declined; decide whether it counts as examination only",
        ),
        Reason.NO_LOT: (
            "接種とされていますが、ロット番号がありません",
            "counts as a shot but has no lot number",
        ),
        Reason.LOT_BUT_DEFERRED: (
            "見合わせとされていますが、ロット番号があります",
            "deferred, yet a lot number is there",
        ),
        Reason.NO_DATE: ("接種年月日がありません", "the date of vaccination is missing"),
        Reason.NO_MUNICIPALITY: ("請求先の市区町村番号がありません", "no municipality to bill"),
        Reason.BAD_MUNICIPALITY: (
            "市区町村番号の検査数字が合いません",
            "the municipality code fails its check digit",
        ),
        Reason.NO_INSTITUTION: ("医療機関等コードがありません", "no institution code"),
        Reason.HOME_UNKNOWN: (
            "医療機関の所在市区町村が登録されていないため、請求経路が決まりません",
            "the institution's own municipality is not registered, so the route is unknown",
        ),
        Reason.NO_PRICE: (
            "この日付・市区町村・区分の単価がありません",
            "no price for this date, municipality and kind",
        ),
        Reason.AFTER_PERIOD: (
            "接種日が今回の請求対象期間より後です",
            "vaccinated after the period of this claim",
        ),
        Reason.RETURNED_SAME_MONTH: (
            "返戻分は翌月以降の請求に載せます",
            "returned forms go into a later month's claim",
        ),
    }
)
"""(Japanese, English)."""

__all__ = ["WORDS", "Reason"]
