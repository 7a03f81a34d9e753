"""Why a page could not be read and what a clerk can do, by error code."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from ocr_service.web.pages.language import Language


@dataclass(frozen=True, slots=True)
class Advice:
    """One failure, told to a clerk.

    Attributes:
        reason: what happened.
        remedy: what to do about it.
    """

    reason: str
    remedy: str


# Reason and remedy in Japanese, then in English.
_ADVICE = {
    "page.unmatched": (
        "登録されているどの様式にも合いませんでした。",
        (
            "別の帳票が混ざっていないか、用紙の四隅が写っているかを確かめてください。"
            "新しい様式なら、テンプレートを加えてから読み直します。"
        ),
        "The page fits none of the known forms.",
        "Is it another form, or is a corner missing? For a new form add a template, then reread.",
    ),
    "page.blank": (
        "ほとんど何も書かれていないページです。",
        "白紙や裏面なら破棄してかまいません。薄く写った帳票なら、濃度を上げてスキャンし直してください。",
        "There is next to nothing on this page.",
        "A blank sheet or back can be discarded. If it is a faint form, scan it darker.",
    ),
    "page.too_large": (
        "画像の画素数が多すぎます。",
        "300 dpi でスキャンし直してください。",
        "The picture has too many pixels.",
        "Scan it again at 300 dpi.",
    ),
    "page.crashed": (
        "このページを読むたびに読み取り処理が止まりました。",
        "スキャンし直してください。だめなら手で入力します。",
        "Reading this page stopped the reader every time.",
        "Scan it again, or key it by hand.",
    ),
    "page.separator": (
        "仕切り紙です。後ろのページは新しい取り込みに入りました。",
        "することはありません。",
        "A separator sheet: the pages behind it went into a new batch.",
        "Nothing needs to be done.",
    ),
    "file.archive": (
        "ZIP ファイルです。中のファイルは一つずつ取り込みました。",
        "することはありません。取り込めなかったファイルは受領書で確かめられます。",
        "A ZIP file: what is in it was taken in file by file.",
        "Nothing needs to be done. The receipt names files that were refused.",
    ),
    "master.file": (
        "マスタとして読めないファイルです。",
        "画面に出た理由を直してから、もう一度取り込んでください。",
        "The file is no list of this kind.",
        "Mend what the page names, then import it again.",
    ),
    "archive.nested": (
        "ZIP の中に ZIP があります。",
        "中の ZIP を展開してから送ってください。",
        "There is a ZIP inside the ZIP.",
        "Unpack the inner one and send its files.",
    ),
    "archive.too_large": (
        "ZIP を展開すると上限を超えます。",
        "いくつかに分けて送ってください。",
        "Unpacked, the ZIP is larger than the limit.",
        "Split it into several.",
    ),
    "file.empty": (
        "ファイルの中身が空です。",
        "もう一度送ってください。続くときはスキャナーの空き容量を確かめてください。",
        "The file is empty.",
        "Send it again. If it happens again, look at the scanner's disk.",
    ),
    "file.unsupported": (
        "JPEG・PNG・TIFF・PDF のいずれでもありません。",
        "スキャナーの保存形式を変えて、もう一度読み取ってください。",
        "It is neither JPEG, PNG, TIFF nor PDF.",
        "Choose one of these formats at the scanner and scan again.",
    ),
    "file.damaged": (
        "ファイルが壊れているか、途中で切れています。",
        "もう一度送るか、スキャンし直してください。",
        "The file is broken or cut off.",
        "Send it or scan it again.",
    ),
    "file.encrypted": (
        "パスワードの付いた PDF です。",
        "パスワードを外して保存し直したものを送ってください。",
        "The PDF asks for a password.",
        "Save it without a password and send that.",
    ),
    "file.too_many_pages": (
        "1 つのファイルのページ数が上限を超えています。",
        "ファイルを分けて送ってください。",
        "The file has more pages than allowed.",
        "Send it in parts.",
    ),
    "file.too_large": (
        "ファイルが大きすぎます。",
        "分けて送るか、300 dpi でスキャンし直してください。",
        "The file is too large.",
        "Send it in parts, or scan it at 300 dpi.",
    ),
    "template.unknown": (
        "指定された様式が見つかりません。",
        "様式の名前と版を確かめて、もう一度指定してください。",
        "The form asked for is not known.",
        "Look at its name and version and choose again.",
    ),
    "service.unavailable": (
        "読み取りに必要な部品が応答しませんでした。",
        "少し待って読み直してください。続くときは管理者に知らせてください。",
        "A part that reading needs did not answer.",
        "Wait a little and read it again. If it happens again, tell an administrator.",
    ),
}

_UNNAMED = (
    "このページは読み取れませんでした。",
    "スキャンし直してください。続くときは、下のコードを管理者に知らせてください。",
    "This page could not be read.",
    "Scan it again. If it happens again, tell an administrator the code below.",
)

ADVICE_CODES = frozenset(MappingProxyType(_ADVICE))
"""Codes with words of their own."""


def advise(code: str, language: Language) -> Advice:
    """What to tell the clerk about a failure; general words for codes without their own."""
    reason_ja, remedy_ja, reason_en, remedy_en = _ADVICE.get(code, _UNNAMED)
    if language is Language.JA:
        return Advice(reason_ja, remedy_ja)
    return Advice(reason_en, remedy_en)


def reasons(language: Language) -> dict[str, str]:
    """What happened, by error code; for scripts that tell it themselves."""
    return {code: advise(code, language).reason for code in _ADVICE}


__all__ = ["ADVICE_CODES", "Advice", "advise", "reasons"]
