"""Rules about the voucher: its numbers, its prints, and the handwriting beside it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from rapidfuzz.distance import Levenshtein

from ocr_service.domain.codes import municipality_code_valid
from ocr_service.domain.field import Flag
from ocr_service.domain.record import Severity
from ocr_service.validators.base import (
    Found,
    RuleParameter,
    Seen,
    ShippedRule,
    Text,
    by_machine,
)

_LENGTHS: Final = MappingProxyType(
    {"voucher_kind": 1, "voucher_dose": 1, "voucher_municipality_code": 6, "voucher_number": 10}
)
_MUNICIPALITY_SUFFIX = "municipality_code"
_VARIANTS: Final = str.maketrans(
    "邊邉澤髙﨑碕嵜齋齊斉濱濵廣櫻國眞惠嶋嶌德榮條瀧龍淺實壽佛曽寳槇桒冨圓塚增",
    "辺辺沢高崎崎崎斎斎斎浜浜広桜国真恵島島徳栄条滝竜浅実寿仏曾宝槙桑富円塚増",
)


def plain_person(name: str) -> str:
    """A person's name for comparing: width, spaces and common variants of kanji folded."""
    folded = unicodedata.normalize("NFKC", name).translate(_VARIANTS)
    return "".join(folded.split())


def _disagreement(seen: Seen) -> Iterator[Found]:
    """The prints of one code tell different numbers, and nobody has settled it."""
    for field in seen.context.template.fields:
        if field.kind != "code":
            continue
        doubted = tuple(
            key
            for key in field.record_keys
            if (found := seen.values.get(key)) is not None
            and by_machine(found)
            and Flag.DISAGREEMENT in found.flags
        )
        if doubted:
            yield Found(doubted)


def _format(seen: Seen) -> Iterator[Found]:
    """A number of another length, or with other signs than digits."""
    for role, length in _LENGTHS.items():
        text = seen.text(role)
        if text is not None and not (text.isascii() and text.isdigit() and len(text) == length):
            yield Found((seen.key(role),), {"length": length})


def _check_digit(seen: Seen) -> Iterator[Found]:
    """National municipality codes, by record keys that end in ``municipality_code``."""
    for key in seen.context.template.record_keys:
        found = seen.values.get(key) if key.endswith(_MUNICIPALITY_SUFFIX) else None
        if found is None or not isinstance(found.value, str) or not found.value:
            continue
        if not municipality_code_valid(found.value):
            yield Found((key,))


def _unknown(seen: Seen) -> Iterator[Found]:
    """A code that passes its check digit and is nobody's."""
    code = seen.text("voucher_municipality_code")
    if code is None or not seen.facts.places or not municipality_code_valid(code):
        return
    if seen.facts.places.of_code(code) is None:
        yield Found((seen.key("voucher_municipality_code"),))


def _address(seen: Seen) -> Iterator[Found]:
    """The voucher's municipality is not the one of the address."""
    code, address = seen.text("voucher_municipality_code"), seen.text("address")
    if code is None or address is None or seen.facts.places.of_code(code) is None:
        return
    named = seen.facts.places.in_address(address)
    if named and code[:5] not in named:
        yield Found((seen.key("voucher_municipality_code"), seen.key("address")))


def _name(seen: Seen) -> Iterator[Found]:
    """The name printed on the voucher is not the one written by hand."""
    prints = seen.facts.voucher
    printed = seen.text("voucher_name") or (prints.holder if prints else None)
    written = seen.text("name")
    if not printed or written is None:
        return
    allowed = int(seen.number("tolerance") or 0)
    if Levenshtein.distance(plain_person(printed), plain_person(written)) > allowed:
        yield Found((seen.key("name"), seen.key("voucher_name")))


def _written_numbers(seen: Seen) -> Iterator[Found]:
    """What is printed in words or written by hand beside the code differs from it."""
    prints = seen.facts.voucher
    for role, printed in (
        ("voucher_number", prints.number if prints else None),
        ("voucher_municipality_code", prints.municipality_code if prints else None),
    ):
        beside = seen.text(f"{role}_written") or printed
        code = seen.text(role)
        if beside and code is not None and beside != code:
            yield Found((seen.key(role), seen.key(f"{role}_written")))


def _kind(seen: Seen) -> Iterator[Found]:
    """A voucher for the shot on a deferral, or one for the interview only on a shot."""
    kind, judgement = seen.text("voucher_kind"), seen.text("judgement")
    fields = (seen.key("voucher_kind"), seen.key("judgement"))
    if kind == seen.parameters.get("interview_kind") and judgement == "ok":
        yield Found(fields, variant="interview")
    elif kind == seen.parameters.get("shot_kind") and judgement == "defer":
        yield Found(fields)


def _dose_and_answer(seen: Seen) -> Iterator[Found]:
    """First shot by the answer, later one by the voucher, or the other way round."""
    dose, first = seen.text("voucher_dose"), seen.text("first_dose")
    if dose is None or first not in {"yes", "no"} or not dose.isdecimal():
        return
    if (dose == "1") != (first == "yes"):
        yield Found((seen.key("voucher_dose"), seen.key("first_dose")))


def _other_municipality(seen: Seen) -> Iterator[Found]:
    """The person lives elsewhere by his own word."""
    if seen.text("same_municipality") == "no":
        yield Found((seen.key("same_municipality"), seen.key("voucher_municipality_code")))


RULES = (
    ShippedRule(
        code="voucher.disagreement",
        severity=Severity.WARNING,
        title=Text("接種券の番号が一致しない", "Prints of the voucher differ"),
        messages={
            "": Text(
                "QR、バーコード、印字の番号が一致しません。接種券を見て確かめてください。",
                "QR, bar code and printed number differ. Check the voucher.",
            )
        },
        source="domain 2.1: the voucher carries its number up to four times [V:S2,S25]",
        parameters=(),
        find=_disagreement,
    ),
    ShippedRule(
        code="voucher.format",
        severity=Severity.ERROR,
        title=Text("接種券の番号の桁数", "Length of the voucher's numbers"),
        messages={
            "": Text(
                "接種券の番号が{length}桁の数字ではありません。",
                "This number of the voucher is not of {length} digits.",
            )
        },
        source="domain 2.1: kind 1, dose 1, municipality 6, number 10 digits [V:S2]",
        parameters=(),
        find=_format,
    ),
    ShippedRule(
        code="municipality_code.check_digit",
        severity=Severity.WARNING,
        title=Text("市町村コードの検査数字", "Check digit of the municipality"),
        messages={
            "": Text(
                "市町村コードの検査数字が合いません。接種券と見比べてください。",
                "The municipality code fails its check digit. Compare it with the voucher.",
            )
        },
        source="domain 3.6: weights 6 5 4 3 2, modulus 11 [V:S57]",
        parameters=(),
        find=_check_digit,
    ),
    ShippedRule(
        code="voucher.municipality_unknown",
        severity=Severity.WARNING,
        title=Text("存在しない市町村コード", "No such municipality"),
        messages={
            "": Text(
                "この市町村コードの市町村はありません。接種券と見比べてください。",
                "No municipality has this code. Compare it with the voucher.",
            )
        },
        source="domain 3.6: 1.8 % of misread digits pass the check digit [M], so look it up",
        parameters=(),
        find=_unknown,
        roles=("voucher_municipality_code",),
    ),
    ShippedRule(
        code="voucher.address",
        severity=Severity.WARNING,
        title=Text("接種券と住所の市町村", "Municipality of voucher and address"),
        messages={
            "": Text(
                "接種券の市町村と住所の市町村が違います。住所地外接種か、"
                "転居後か確かめてください。",
                "Voucher and address name different municipalities. Check where the person lives.",
            )
        },
        source="domain 4.2 and 4.5: municipality of the voucher and of the address",
        parameters=(),
        find=_address,
        roles=("voucher_municipality_code", "address"),
    ),
    ShippedRule(
        code="voucher.name",
        severity=Severity.WARNING,
        title=Text("接種券と氏名", "Name on the voucher"),
        messages={
            "": Text(
                "接種券に印字された氏名と書かれた氏名が違います。別人の接種券かもしれません。",
                "The name on the voucher is not the one written. It may be another person's.",
            )
        },
        source="domain 4.2: printed and written name, by edit distance",
        parameters=(
            RuleParameter("tolerance", 0, Text("違ってよい文字数", "letters that may differ")),
        ),
        find=_name,
        roles=("name",),
    ),
    ShippedRule(
        code="voucher.number_written",
        severity=Severity.WARNING,
        title=Text("接種券の番号と記入", "Number beside the code"),
        messages={
            "": Text(
                "接種券のコードと、そばに印字または記入された番号が違います。",
                "The voucher's code differs from the number printed or written beside it.",
            )
        },
        source="domain 2.1 and 4.2: printed numbers repeat those of the code",
        parameters=(),
        find=_written_numbers,
    ),
    ShippedRule(
        code="voucher.kind",
        severity=Severity.WARNING,
        title=Text("券種と判定", "Kind of voucher and judgement"),
        messages={
            "": Text(
                "見合わせですが、接種用の接種券が貼られています。予診のみの券か確かめてください。",
                "Deferred, but with a voucher for the shot. Check whether it is for the interview.",
            ),
            "interview": Text(
                "接種可能ですが、予診のみの接種券が貼られています。",
                "Judged possible, but with a voucher for the interview only.",
            ),
        },
        source="domain 2.1: separate vouchers for the interview only [V:S4,S9b]; digits [R]",
        parameters=(
            RuleParameter("shot_kind", "2", Text("接種の券種", "kind for the shot")),
            RuleParameter("interview_kind", "1", Text("予診のみの券種", "for the interview only")),
        ),
        find=_kind,
        roles=("voucher_kind", "judgement"),
    ),
    ShippedRule(
        code="voucher.dose",
        severity=Severity.WARNING,
        title=Text("接種券の回数と答え", "Dose of the voucher and answer"),
        messages={
            "": Text(
                "接種券の回数と「初めての接種か」の答えが合いません。",
                "The dose of the voucher contradicts the answer on the first shot.",
            )
        },
        source="domain 2.1 and 2.3: dose digit of the voucher, question 1 [V:S2,S21]",
        parameters=(),
        find=_dose_and_answer,
        roles=("voucher_dose", "first_dose"),
    ),
    ShippedRule(
        code="voucher.residence",
        severity=Severity.WARNING,
        title=Text("住民票と接種券の市町村", "Residence elsewhere"),
        messages={
            "": Text(
                "住民票のある市町村と接種券の市町村が違うと答えています。"
                "請求先を確かめてください。",
                "By the answer the person's residence is elsewhere. Check whom to bill.",
            )
        },
        source="domain 4.2: question 2 answered by no",
        parameters=(),
        find=_other_municipality,
        roles=("same_municipality",),
    ),
)

__all__ = ["RULES", "plain_person"]
