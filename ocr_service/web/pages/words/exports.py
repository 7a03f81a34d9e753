"""Words of exports and their profiles: Japanese first, then English."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "exports": ("出力", "Exports"),
    "batch.export": ("出力する", "Export"),
    "exports.title": ("データを出力する", "Export data"),
    "exports.how": (
        (
            "確認済みの書類を、選んだ形式のファイルにします。同じ形式で二度出ることはなく、"
            "出力後に直したものは訂正として次の出力に入ります。"
        ),
        (
            "Writes approved documents into a file of the chosen layout. None goes out twice in"
            " one layout; what was corrected afterwards goes out once more, as an amendment."
        ),
    ),
    "exports.profile": ("形式", "Layout"),
    "exports.from": ("受付日（から）", "Taken in from"),
    "exports.to": ("受付日（まで）", "until"),
    "exports.form": ("様式", "Form"),
    "exports.any_form": ("すべての様式", "All forms"),
    "exports.batches": ("取り込み（選ばなければすべて）", "Batches (none chosen: all)"),
    "exports.ready": ("確認済み", "approved"),
    "exports.dry_run": ("内容を確かめる", "Look at it first"),
    "exports.past": ("これまでの出力", "Past exports"),
    "exports.none": ("まだ何も出力していません。", "Nothing was exported yet."),
    "exports.older": ("前の出力へ", "Older exports"),
    "exports.number": ("番号", "Number"),
    "exports.made": ("出力日時", "Made"),
    "exports.by": ("担当", "By"),
    "exports.documents": ("書類", "Documents"),
    "exports.rows": ("行", "Rows"),
    "exports.held": ("保留", "Held back"),
    "exports.amends": ("訂正を含む", "holds amendments"),
    "exports.profiles": ("形式を見る・直す", "See and change layouts"),
    # dry run
    "export.preview": ("出力の内容", "What would go out"),
    "export.goes": ("出力する書類", "Documents that go"),
    "export.held": ("保留する書類", "Documents held back"),
    "export.already": ("この形式で出力済み", "Out in this layout already"),
    "export.waiting": ("未確認", "Not approved yet"),
    "export.other": ("この形式の対象でない様式", "Of forms this layout is not for"),
    "export.make": ("この内容で出力する", "Export this"),
    "export.back": ("条件を変える", "Change the choice"),
    "export.nothing": (
        "出力できる書類がありません。保留の理由を確かめるか、条件を変えてください。",
        "Nothing would go out. See why documents are held back, or change the choice.",
    ),
    "export.refuses": (
        (
            "この形式は、文字コードにない文字が一つでもあると出力しません。"
            "下の書類を直すか、形式の設定を変えてください。"
        ),
        (
            "This layout refuses any character that its encoding lacks. Correct the documents"
            " below, or change the layout."
        ),
    ),
    "export.reasons": ("保留の理由", "Why they are held back"),
    "export.replaced": ("置き換え・切り詰めた文字", "Characters replaced or cut"),
    "export.first_rows": ("先頭の行", "First rows"),
    "export.files": ("ファイル", "Files"),
    "export.shown_only": ("先頭だけを表示しています。", "Only the first are shown."),
    "export.document": ("書類", "Document"),
    "export.column": ("列", "Column"),
    "export.reason": ("理由", "Reason"),
    "export.detail": ("詳細", "Detail"),
    "export.several_forms": (
        (
            "この形式は様式ごとに列が変わります。書類に複数の様式があるため、"
            "「様式」を選んでからもう一度確かめてください。"
        ),
        "The columns of this layout follow the form. Choose one form and look again.",
    ),
    # one export
    "export": ("出力", "Export"),
    "export.download": ("保存する", "Save"),
    "export.download_all": ("まとめて保存（ZIP）", "Save all (ZIP)"),
    "export.manifest": ("送付票（JSON）を保存", "Save the manifest (JSON)"),
    "export.sha256": ("SHA-256", "SHA-256"),
    "export.size": ("大きさ", "Size"),
    "export.name": ("ファイル名", "File name"),
    "export.new": ("新規", "New"),
    "export.correct": ("訂正", "Corrected"),
    "export.cancel": ("取消", "Cancelled"),
    "export.sums": ("合計", "Sums"),
    "export.all_go": ("保留した書類はありません。", "No document was held back."),
    "export.contents": ("含まれる書類", "Documents in it"),
    "export.version": ("版", "Version"),
    "export.change": ("区分", "Change"),
    # profiles
    "profiles": ("出力の形式", "Layouts"),
    "profiles.how": (
        (
            "形式は TOML のファイルです。配布されたものを元に、"
            "取り込み先のシステムに合わせた版を保存できます。"
        ),
        "Layouts are TOML files. Start from a shipped one and save a version that fits.",
    ),
    "profile.broken": ("フォルダーの定義に誤りがあり、使えません:", "A file cannot be used:"),
    "profile.origin": ("種類", "Origin"),
    "profile.origin.shipped": ("標準", "shipped"),
    "profile.origin.folder": ("フォルダー", "folder"),
    "profile.origin.own": ("保存した版", "saved here"),
    "profile.status": ("状況", "Status"),
    "profile.status.current": ("現行", "current"),
    "profile.status.provisional": ("暫定", "provisional"),
    "profile.status.legacy": ("旧", "legacy"),
    "profile.version": ("版", "Version"),
    "profile.format": ("ファイル", "File"),
    "profile.text": ("形式の定義（TOML）", "Definition (TOML)"),
    "profile.batch": ("見本にする取り込み", "Batch to look at"),
    "profile.no_batch": ("取り込みを選ぶと見本が出ます", "Choose a batch to see its records"),
    "profile.preview": ("見本", "Preview"),
    "profile.look": ("見本を更新", "Refresh"),
    "profile.save": ("新しい版として保存", "Save as a new version"),
    "profile.undo": ("最後に保存した版を取り消す", "Take the last saved version back"),
    "profile.save_hint": (
        "version を変えてから保存します。name を変えると別の形式になります。",
        "Change version before saving; another name makes another layout.",
    ),
    "profile.no_right": ("保存できるのは管理者です。", "Administrators can save."),
    "profile.saved": ("保存しました。", "Saved."),
    "profile.undone": ("取り消しました。", "Taken back."),
    "profile.history": ("保存した版", "Saved versions"),
    "profile.withdrawn": ("取り消し済み", "taken back"),
    "profile.faultless": ("定義に誤りはありません。", "The definition has no mistakes."),
    "profile.lint": ("定義の誤り", "Mistakes in the definition"),
    "profile.where": ("場所", "Place"),
    "profile.message": ("内容", "Message"),
    "profile.fatal": ("誤り", "Error"),
    "profile.hint": ("注意", "Note"),
    "profile.no_records": ("この取り込みに対象の書類がありません。", "No record to show."),
    "profile.as_file": ("ファイルの中身", "As a file"),
    "profile.check": ("見本ファイルと照合", "Hold against a sample"),
    "profile.check_how": (
        "取り込み先のシステムが受け付けるファイルと、行・列ごとに違いを調べます。",
        "Tells line and column of each difference from a file that the receiving system takes.",
    ),
    "profile.check_file": ("取り込み先の見本ファイル", "Sample file"),
    "profile.check_run": ("照合する", "Compare"),
    "profile.fits": ("違いはありません。", "It fits."),
    "profile.line": ("行", "Line"),
    # findings
    "finding.value.missing": ("必須の値がありません", "a required value is missing"),
    "finding.value.too_long": ("桁数を超えています", "too long for its column"),
    "finding.value.cut": ("桁数に合わせて切り詰めました", "cut to the width of its column"),
    "finding.value.not_digits": ("数字ではありません", "not digits"),
    "finding.value.not_number": ("数値ではありません", "not a number"),
    "finding.value.not_date": ("日付ではありません", "not a date"),
    "finding.value.not_a_date": ("日付ではありません", "not a date"),
    "finding.value.not_flag": ("1・0 ではありません", "neither 1 nor 0"),
    "finding.value.not_a_number": ("数値ではありません", "not a number"),
    "finding.value.not_an_age": ("年齢が計算できません", "no age follows from the dates"),
    "finding.value.no_era": ("和暦にできない日付です", "a date before any era"),
    "finding.value.no_code": ("コード表にない値です", "not in the code table"),
    "finding.value.line_break": ("改行などの制御文字があります", "a line break in a fixed column"),
    "finding.value.not_quotable": (
        "区切り文字があり、引用符を使わない形式では書けません",
        "holds the delimiter, and nothing is quoted",
    ),
    "finding.characters.missing": ("文字コードにない文字", "characters the encoding lacks"),
    "finding.characters.replaced": ("文字を置き換えました", "characters were replaced"),
    "finding.national_id.found": (
        "個人番号（マイナンバー）らしい番号があります",
        "a national identity number seems to stand there",
    ),
    "finding.block.unknown": ("接種回数が列の範囲にありません", "no block for this dose"),
    "finding.block.duplicate": (
        "同じ人の同じ回数がもう一件あります",
        "the same dose of the same person is there already",
    ),
    "finding.cancel.unknown": (
        "出力後に破棄されましたが、この形式では取消を伝えられません",
        "discarded after export, and this layout cannot cancel",
    ),
    "finding.fhir.invalid": ("FHIR の必須項目を満たしません", "lacks what FHIR demands"),
    "finding.issue": ("規則の誤りが残っています", "a rule is broken"),
}

__all__ = ["WORDS"]
