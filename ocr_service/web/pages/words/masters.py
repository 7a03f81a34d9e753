"""Words of masters, residents and dose histories: Japanese first, then English."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "masters": ("マスタ", "Masters"),
    "masters.how": (
        "検査規則と照合が参照する一覧です。取り込む前に内容を確かめ、取り込みは一件ずつ取り消せます。",
        "Lists that rules and matching look things up in. Look before you import; undo at will.",
    ),
    "masters.in_force": ("使用中の一覧", "In force"),
    "masters.kind": ("種類", "Kind"),
    "masters.kind.institutions": ("医療機関", "Institutions"),
    "masters.kind.vaccines": ("ワクチン", "Vaccines"),
    "masters.kind.lots": ("ロット", "Lots"),
    "masters.kind.residents": ("住民（宛名）", "Residents"),
    "masters.kind.ledger": ("接種台帳", "Ledger of doses"),
    "masters.use": ("用途", "For"),
    "masters.use.institutions": (
        "存在しないコード・廃止された機関の検出、名称の照合",
        "codes that do not exist, closed institutions",
    ),
    "masters.use.vaccines": (
        "接種量・間隔・ロット書式の検査",
        "doses, intervals, patterns of lots",
    ),
    "masters.use.lots": ("製品とロットの照合、有効期限", "product and lot, expiry"),
    "masters.use.residents": (
        "氏名・カナ・住所・生年月日の照合",
        "name, kana, address and date of birth",
    ),
    "masters.use.ledger": ("過去の接種との間隔・回数", "interval and number of earlier doses"),
    "masters.rows": ("件数", "Rows"),
    "masters.newest": ("最新の取り込み", "Newest import"),
    "masters.off": ("使用しない設定", "Switched off"),
    "masters.off_how": (
        (
            "住民と接種台帳は、設定 OCR_PERSONAL_MASTERS=true で使えるようになります。"
            "暗号化して保存します。"
        ),
        "Residents and ledger need OCR_PERSONAL_MASTERS=true. They are kept encrypted.",
    ),
    "masters.import": ("ファイルを取り込む", "Import a file"),
    "masters.file": ("ファイル", "File"),
    "masters.prefecture": ("都道府県（医療機関）", "Prefecture (institutions)"),
    "masters.from_file": ("ファイルの記載に従う", "As the file says"),
    "masters.options": ("指定", "Options"),
    "masters.whole": ("全件の一覧（載っていない行は終了）", "Whole list: rows it leaves out end"),
    "masters.dental": ("歯科の一覧", "List of dentists"),
    "masters.look": ("内容を確かめる", "Look at it"),
    "masters.formats": (
        (
            "CSV（UTF-8、Shift_JIS・外字可）または Excel（.xlsx）。"
            "見出しの上に表題があってもかまいません。この時点では何も取り込まれません。"
        ),
        "CSV (UTF-8, Shift_JIS) or Excel (.xlsx), titles or not. Nothing is imported yet.",
    ),
    "masters.history": ("取り込みの記録", "Imports"),
    "masters.number": ("取り込み", "Import"),
    "masters.at": ("日時", "At"),
    "masters.none": ("まだ取り込みがありません。", "Nothing was imported yet."),
    "masters.undo": ("取り消す", "Undo"),
    "masters.state.staged": ("確認待ち", "Waiting"),
    "masters.state.applied": ("取り込み済み", "Imported"),
    "masters.state.undone": ("取り消し済み", "Undone"),
    "masters.state.dropped": ("中止", "Dropped"),
    "masters.does": ("取り込むとこうなります", "What the import would do"),
    "masters.did": ("取り込みの結果", "What the import did"),
    "masters.count.added": ("追加", "New"),
    "masters.count.changed": ("変更", "Changed"),
    "masters.count.unchanged": ("変更なし", "As before"),
    "masters.count.ended": ("終了", "Ended"),
    "masters.count.rejected": ("取り込めない行", "Rejected"),
    "masters.skip": ("取り込めない行を除いて取り込む", "Import without the rejected lines"),
    "masters.apply": ("取り込む", "Import"),
    "masters.drop": ("やめる", "Put it away"),
    "masters.staged_how": (
        "決めるまでファイルは暗号化して預かり、1 日ほどで自動的に消去します。",
        "Until you decide the file waits encrypted; after about a day it is removed.",
    ),
    "masters.problems": ("確認が必要な行", "Lines to look at"),
    "masters.no_problem": (
        "取り込めない行はありません。",
        "No line is rejected.",
    ),
    "masters.line": ("行", "Line"),
    "masters.column": ("列", "Column"),
    "masters.reason": ("理由", "Reason"),
    "masters.rejected": ("取り込めない", "Rejected"),
    "masters.noted": ("注意のみ", "Note only"),
    "masters.back": ("マスタの一覧へ", "Back to the masters"),
    "masters.problem.missing": ("必須の列が空欄", "A needed cell is empty"),
    "masters.problem.bad_date": ("暦にない日付・読めない書き方", "No such day, or unreadable"),
    "masters.problem.bad_digits": (
        "桁数が違う（表計算で先頭の 0 が落ちた可能性）",
        "Wrong number of digits; leading zeros may be lost",
    ),
    "masters.problem.bad_number": ("数値が範囲外", "No number, or out of range"),
    "masters.problem.bad_choice": ("使えない語", "None of the words allowed"),
    "masters.problem.bad_pattern": ("使えない書式", "A pattern that is not allowed"),
    "masters.problem.check_digit": ("検査数字が合わない", "Check digit does not fit"),
    "masters.problem.unknown": ("該当する市区町村がない", "No such municipality"),
    "masters.problem.order": ("終わりが始まりより前", "Ends before it begins"),
    "masters.problem.duplicate": ("前の行と同じキー", "Same key as an earlier line"),
    "masters.problem.too_long": ("長すぎる", "Too long"),
    "masters.problem.unreadable": ("読めない文字（文字化け）", "Unreadable characters"),
    "masters.problem.gaiji": ("外字を含む（そのまま保存）", "Has characters of your own; kept"),
    "masters.fault": ("このファイルは取り込めません", "This file cannot be imported"),
    "masters.fault.empty": ("ファイルが空です。", "The file is empty."),
    "masters.fault.old_excel": (
        "古い Excel 形式（.xls）です。.xlsx か CSV で保存し直してください。",
        "It is an old Excel file (.xls). Save it as .xlsx or CSV.",
    ),
    "masters.fault.workbook": (
        "Excel ファイルが壊れています。保存し直してください。",
        "The workbook is damaged. Save it again.",
    ),
    "masters.fault.too_large": (
        "Excel ファイルが大きすぎます。CSV で保存してください。",
        "The workbook is too large. Save it as CSV.",
    ),
    "masters.fault.encoding": (
        "文字コードが UTF-8 でも Shift_JIS でもありません。",
        "It is neither UTF-8 nor Shift_JIS.",
    ),
    "masters.fault.quotation": (
        "引用符が閉じていない行があります。行番号:",
        "A quotation mark is left open. Line:",
    ),
    "masters.fault.columns": (
        "必要な列が見つかりません。種類の選び間違いか、見出しの違いです。足りない列:",
        "Columns are missing: another kind of list, or other headers. Missing:",
    ),
}

__all__ = ["WORDS"]
