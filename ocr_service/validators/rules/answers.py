"""Rules about questions and what is written beside them."""

from __future__ import annotations

from collections.abc import Iterator

from ocr_service.domain.field import Flag
from ocr_service.domain.record import Severity
from ocr_service.validators.base import Found, Seen, ShippedRule, Text, by_machine
from ocr_service.validators.roles import NO, YES, Asked

AMBIGUOUS = "ambiguous"
_UNDECIDED = frozenset({Flag.BOTH_MARKED, Flag.CORRECTED})


def _value(seen: Seen, key: str) -> object:
    found = seen.values.get(key)
    return None if found is None else found.value


def _is_filled(seen: Seen, asked: Asked) -> bool:
    """Whether something is written or ticked, be it that neither reader nor person can read it."""
    found = seen.values.get(asked.key)
    if found is None:
        return False
    unread = Flag.ILLEGIBLE in found.flags or (by_machine(found) and Flag.REJECTED in found.flags)
    return unread or found.value not in {None, "", (), False}


def _is_chosen(seen: Seen, asked: Asked) -> bool:
    """Whether the option that asks for the field is marked."""
    value = _value(seen, asked.by)
    chosen = value if isinstance(value, tuple) else (value,)
    if asked.option is None:
        return any(option not in {None, "", NO, AMBIGUOUS} for option in chosen)
    return asked.option in chosen


def _ambiguous(seen: Seen) -> Iterator[Found]:
    """Two marks, or a correction that a person must judge."""
    for field in seen.context.template.fields:
        found = seen.values.get(field.key) if field.kind == "choice" else None
        if found is None:
            continue
        undecided = by_machine(found) and bool(found.flags & _UNDECIDED)
        if found.value == AMBIGUOUS or undecided:
            yield Found((field.key,))


def _missing(seen: Seen) -> Iterator[Found]:
    """Neither yes nor no."""
    for field in seen.context.required_fields():
        if field.key in seen.context.parts.questions and not _value(seen, field.key):
            yield Found((field.key,))


def _written_with_no(seen: Seen) -> Iterator[Found]:
    """Something is written or ticked under a question that is answered by no."""
    for asked in seen.context.parts.asked:
        if asked.question is None or _value(seen, asked.question) != NO:
            continue
        if _is_filled(seen, asked):
            boxes = isinstance(_value(seen, asked.key), tuple)
            yield Found((asked.question, asked.key), variant="boxes" if boxes else "")


def _detail_missing(seen: Seen) -> Iterator[Found]:
    """Yes, or an option, without what it asks for."""
    for asked in seen.context.parts.asked:
        if not asked.expected or not _is_chosen(seen, asked) or _is_filled(seen, asked):
            continue
        if asked.question is None or _value(seen, asked.question) == YES:
            choice = seen.context.template.field_of(asked.key).kind == "choice"
            yield Found((asked.by, asked.key), variant="boxes" if choice else "")


def _option_missing(seen: Seen) -> Iterator[Found]:
    """A text whose option is not ticked, under a question that is answered by yes."""
    for asked in seen.context.parts.asked:
        if asked.by == asked.question or asked.question is None:
            continue
        written = _value(seen, asked.question) == YES and _is_filled(seen, asked)
        if written and not _is_chosen(seen, asked):
            yield Found((asked.by, asked.key))


def _recent_vaccination(seen: Seen) -> Iterator[Found]:
    """Vaccinated shortly before."""
    if seen.text("recent_vaccination") == YES:
        yield Found((seen.key("recent_vaccination"),))


RULES = (
    ShippedRule(
        code="answer.ambiguous",
        severity=Severity.WARNING,
        title=Text("どちらの答えか不明", "Unclear answer"),
        messages={
            "": Text(
                "どちらの答えか決められません。用紙を見て選んでください。",
                "It is not clear which answer is meant. Choose it from the paper.",
            )
        },
        source="domain 4.2: both of a yes/no pair marked, or a mark corrected",
        parameters=(),
        find=_ambiguous,
    ),
    ShippedRule(
        code="answer.missing",
        severity=Severity.WARNING,
        title=Text("質問に答えがない", "Question not answered"),
        messages={
            "": Text(
                "「はい」「いいえ」のどちらにも印がありません。用紙を確かめてください。",
                "Neither yes nor no is marked. Check the paper.",
            )
        },
        source="domain 4.2: neither of a yes/no pair marked",
        parameters=(),
        find=_missing,
    ),
    ShippedRule(
        code="answer.detail_with_no",
        severity=Severity.WARNING,
        title=Text("「いいえ」なのに記入がある", "Written although the answer is no"),
        messages={
            "": Text(
                "「いいえ」と答えていますが、内容が書かれています。"
                "どちらが正しいか確かめてください。",
                "The answer is no, yet something is written beside it. Check which is meant.",
            ),
            "boxes": Text(
                "「いいえ」と答えていますが、内訳に印があります。"
                "どちらが正しいか確かめてください。",
                "The answer is no, yet an option below is ticked. Check which is meant.",
            ),
        },
        source="domain 4.2: free text present with no",
        parameters=(),
        find=_written_with_no,
    ),
    ShippedRule(
        code="answer.detail_missing",
        severity=Severity.INFO,
        title=Text("内容の記入がない", "Detail missing"),
        messages={
            "": Text(
                "印がありますが、内容が書かれていません。",
                "It is marked, but what was asked for is not written.",
            ),
            "boxes": Text(
                "「はい」と答えていますが、内訳に印がありません。",
                "The answer is yes, but no option below is ticked.",
            ),
        },
        source="domain 4.2: yes with its text empty",
        parameters=(),
        find=_detail_missing,
    ),
    ShippedRule(
        code="answer.option_missing",
        severity=Severity.INFO,
        title=Text("内訳の印がない", "Option not ticked"),
        messages={
            "": Text(
                "内容が書かれていますが、その欄の印がありません。",
                "Something is written, but the option it belongs to is not ticked.",
            )
        },
        source="domain 4.2, the other way round: a text whose box is not ticked",
        parameters=(),
        find=_option_missing,
    ),
    ShippedRule(
        code="vaccination.recent",
        severity=Severity.INFO,
        title=Text("最近の予防接種", "Vaccinated recently"),
        messages={
            "": Text(
                "最近ほかの予防接種を受けています。間隔を確かめてください。",
                "Another vaccination was given recently. Check the interval.",
            )
        },
        source="domain 4.1: the form asks about vaccines within two weeks [V:S21]",
        parameters=(),
        find=_recent_vaccination,
        roles=("recent_vaccination",),
    ),
)

__all__ = ["AMBIGUOUS", "RULES"]
