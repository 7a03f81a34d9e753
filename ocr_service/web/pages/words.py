"""What the pages say, in both languages."""

from __future__ import annotations

from types import MappingProxyType

from ocr_service.web.pages.language import Language

# Japanese first, then English.
_WORDS = {
    "product": ("帳票読み取り", "Form reading"),
    "skip": ("本文へ", "Skip to content"),
    "batches": ("取り込み一覧", "Batches"),
    "logout": ("ログアウト", "Log out"),
    "language": ("English", "日本語"),
    # login
    "login.title": ("ログイン", "Log in"),
    "login.how": (
        (
            "1 回だけ使えるログイン用リンクが必要です。"
            "起動した画面に出たリンクを開くか、管理者に発行を頼んでください。"
        ),
        "You get in by a link that works once: shown at the start, or made by an administrator.",
    ),
    "login.command": ("管理者が発行するコマンド", "How an administrator makes one"),
    "login.expired": (
        "このリンクは使用済みか、期限が切れています。新しいリンクを発行してもらってください。",
        "This link was used or is too old. Ask for a new one.",
    ),
    # upload
    "upload.title": ("スキャンを読み取る", "Read scans"),
    "upload.drop": ("ここにファイルを落とす", "Drop files here"),
    "upload.or": ("または選ぶ", "or choose"),
    "upload.formats": (
        "JPEG・PNG・TIFF・PDF（複数ページ、複数ファイル可）",
        "JPEG, PNG, TIFF, PDF; several pages, several files",
    ),
    "upload.name": ("取り込みの名前（任意）", "Name of the batch (optional)"),
    "upload.send": ("読み取りを始める", "Start reading"),
    "upload.chosen": ("個のファイルを選択", "files chosen"),
    "upload.sending": ("送信中", "sending"),
    "upload.sent": ("受け取りました", "received"),
    "upload.duplicate": ("受け取り済みのファイルです", "received before"),
    "upload.refused": ("受け取れません", "refused"),
    "upload.lost": ("送れませんでした。もう一度お試しください", "could not be sent; try again"),
    "upload.open": ("この取り込みを開く", "Open this batch"),
    "upload.none": ("ファイルを選んでください。", "Choose files first."),
    # batches
    "batches.none": (
        "まだ何も読み取っていません。上の枠にスキャンを落とすと始まります。",
        "Nothing has been read yet. Drop scans above to begin.",
    ),
    "batch": ("取り込み", "Batch"),
    "batch.unnamed": ("名前なし", "unnamed"),
    "batch.created": ("受付", "Received"),
    "batch.by": ("担当", "By"),
    "batch.total": ("全件", "Total"),
    "batch.progress": ("進み具合", "Progress"),
    "batch.done": ("読み取りは終わりました", "Reading is finished"),
    "batch.busy": ("読み取り中です", "Reading"),
    "batch.csv": ("CSV を保存", "Save CSV"),
    "batch.csv_utf8": ("UTF-8", "UTF-8"),
    "batch.csv_cp932": ("CP932（Excel・既存システム向け）", "CP932 (Excel, older systems)"),
    "batch.documents": ("書類", "Documents"),
    "batch.empty": ("まだ書類がありません。", "This batch has no documents yet."),
    "older": ("前の取り込みへ", "Older batches"),
    "next": ("次の書類へ", "More documents"),
    "first": ("最初から", "From the start"),
    "all": ("すべて", "All"),
    # documents
    "document": ("書類", "Document"),
    "document.file": ("ファイル", "File"),
    "document.page": ("ページ", "Page"),
    "document.template": ("様式", "Form"),
    "document.state": ("状態", "State"),
    "document.scan": ("スキャン画像", "Scan"),
    "document.fields": ("読み取った値", "Values"),
    "document.no_picture": ("表示できる画像がありません。", "There is no picture to show."),
    "document.wait": (
        "読み取りを待っています。この画面は自動で変わります。",
        "Waiting to be read. This page changes by itself.",
    ),
    "document.only_review": ("要確認だけ表示", "Only those to review"),
    "document.zoom": ("画像を拡大", "Enlarge the scan"),
    "document.residual": ("位置合わせの誤差", "Registration error"),
    "document.reader": ("読み取り方式", "Reader"),
    "document.previous": ("前の書類", "Previous"),
    "document.following": ("次の書類", "Next"),
    "field": ("項目", "Field"),
    "field.picture": ("画像", "Picture"),
    "field.value": ("値", "Value"),
    "field.probability": ("正しい確率", "Probability"),
    "field.alternatives": ("ほかの候補", "Alternatives"),
    "field.blank": ("（記入なし）", "(nothing written)"),
    "field.present": ("あり", "yes"),
    "field.absent": ("なし", "no"),
    "field.ambiguous": ("どちらとも決められない", "ambiguous"),
    "issues": ("注意", "Issues"),
    "issues.none": ("規則に反するところはありません。", "No rule is broken."),
    "failure": ("読み取れませんでした", "Not read"),
    "failure.todo": ("どうすればよいか", "What to do"),
    "failure.nearest": ("近い様式", "Closest forms"),
    "failure.code": ("コード", "Code"),
    # errors
    "error.title": ("表示できません", "Cannot be shown"),
    "error.not_found": (
        "お探しの取り込みや書類はありません。",
        "There is no such batch or document.",
    ),
    "error.back": ("一覧へ戻る", "Back to the batches"),
    # states of documents
    "state.queued": ("待機中", "Queued"),
    "state.processing": ("読み取り中", "Reading"),
    "state.needs_review": ("要確認", "Needs review"),
    "state.approved": ("確認済み", "Approved"),
    "state.unmatched": ("様式不明", "Unmatched"),
    "state.failed": ("失敗", "Failed"),
    "state.exported": ("出力済み", "Exported"),
    "state.discarded": ("破棄", "Discarded"),
    # status of values
    "status.accepted": ("確認不要", "Accepted"),
    "status.review": ("要確認", "Review"),
    "status.human": ("人が入力", "By a person"),
    # severities
    "severity.error": ("誤り", "Error"),
    "severity.warning": ("警告", "Warning"),
    "severity.info": ("参考", "Note"),
    # flags
    "flag.both_marked": ("複数に印", "Several marked"),
    "flag.corrected": ("訂正あり", "Corrected"),
    "flag.faint": ("うすい", "Faint"),
    "flag.outside": ("はみ出し", "Outside the box"),
    "flag.disagreement": ("読み取り元が不一致", "Sources differ"),
    "flag.rejected": ("未知の形", "Unknown shape"),
    "flag.invalid": ("あり得ない値", "Impossible value"),
    "flag.unreadable": ("読めない", "Unreadable"),
    "flag.variant_kanji": ("異体字", "Variant kanji"),
}

WORDS = MappingProxyType(_WORDS)
"""Every word, as (Japanese, English)."""


def say(key: str, language: Language) -> str:
    """The words for ``key``.

    Raises:
        KeyError: there are none; a page asks for what nobody wrote.
    """
    japanese, english = WORDS[key]
    return japanese if language is Language.JA else english


__all__ = ["WORDS", "say"]
