"""Words of the review screens: Japanese first, then English."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "review": ("確認", "Review"),
    "review.title": ("確認", "Review"),
    "review.fields": ("確認する項目", "Fields to check"),
    "review.scan": ("用紙", "Sheet"),
    "review.left": ("残り", "Left"),
    "review.all": ("全項目を表示", "Show all fields"),
    "review.approve": ("承認して次へ", "Approve, next"),
    "review.unapprove": ("前の承認を取り消す", "Take back the last approval"),
    "review.keys": ("キー操作", "Keys"),
    "review.close": ("閉じる", "Close"),
    "review.start": ("確認を始める", "Start reviewing"),
    "review.none": (
        "確認待ちの書類はありません。読み取りが終わると、ここから始められます。",
        "Nothing waits for review. Once pages are read, you can start here.",
    ),
    "review.none_left": ("確認待ちはこれで終わりです。", "That was the last one that waited."),
    "review.to_queue": ("確認待ちの一覧へ", "To the queue"),
    "review.not_open": (
        "この書類は確認待ちではありません。",
        "This document does not wait for review.",
    ),
    "review.no_fields": (
        "この書類には読み取った項目がありません。",
        "Nothing was read off this document.",
    ),
    "review.next_document": ("次の書類へ", "Next document"),
    "review.entry": ("入力", "Entry"),
    "review.picks": ("ほかの候補", "Other readings"),
    "review.page_issues": ("書類全体の注意", "About the whole page"),
    "review.likely": ("正しい確率", "Probability"),
    # status of a field: always a colour, a picture and a word together
    "desk.open": ("要確認", "Check"),
    "desk.broken": ("規則違反", "Rule broken"),
    "desk.accepted": ("確認不要", "Accepted"),
    "desk.empty": ("記入なし", "Empty"),
    "desk.human": ("確認済み", "Confirmed"),
    "desk.illegible": ("判読不能", "Illegible"),
    "desk.postponed": ("保留", "Put off"),
    "flag.illegible": ("判読不能", "Illegible"),
    # keys
    "key.enter": ("確定して次の項目", "Confirm, next field"),
    "key.type": (
        "打つと置き換え（空にすると記入なし）",
        "Typing replaces; empty = nothing written",
    ),
    "key.arrows": ("項目を移る", "Move between fields"),
    "key.digits": ("選択肢を選ぶ（0 は記入なし）", "Choose an option; 0 = nothing marked"),
    "key.alt": ("候補を選ぶ（文字の項目）", "Take a reading (text fields)"),
    "key.f2": ("次の候補", "Next reading"),
    "key.f4": ("判読不能", "Illegible"),
    "key.f6": ("この項目を保留", "Put this field off"),
    "key.shift_f6": ("書類ごと保留して次へ", "Put the document off, next"),
    "key.f8": ("全項目／要確認だけ", "All fields / doubtful only"),
    "key.f9": ("承認して次の書類", "Approve, next document"),
    "key.space": ("拡大／ページ全体（入力前）", "Zoom / whole page (before typing)"),
    "key.esc": ("入力を戻す／一つ取り消す", "Undo typing / undo one step"),
    "key.f1": ("キー一覧", "List of keys"),
    # short forms for the line that is always there
    "brief.enter": ("確定", "Confirm"),
    "brief.arrows": ("移動", "Move"),
    "brief.f2": ("候補", "Readings"),
    "brief.f4": ("判読不能", "Illegible"),
    "brief.f6": ("保留", "Put off"),
    "brief.f8": ("全項目", "All"),
    "brief.f9": ("承認→次", "Approve"),
    "brief.space": ("拡大", "Zoom"),
    "brief.esc": ("取消", "Undo"),
    "brief.f1": ("キー一覧", "Keys"),
    # why a field cannot hold what was typed
    "refusal.flag": ("「あり」か「なし」を選んでください。", "Choose yes or no."),
    "refusal.option": ("選択肢から一つ選んでください。", "Choose one of the options."),
    "refusal.options": ("選択肢から選んでください。", "Choose from the options."),
    "refusal.text": ("文字を入力してください。", "Type text."),
    "refusal.long": (
        "長すぎます。2,000 文字までです。貼り付けた内容を確かめてください。",
        "Too long: at most 2,000 characters. Look at what was pasted.",
    ),
    "refusal.characters": ("扱えない文字があります。", "There is something that is no character."),
    "refusal.date": (
        "日付として読めません。例: 19700312、S45.3.12、昭和45年3月12日",
        "Not a date. For example 19700312, S45.3.12 or 1970-03-12.",
    ),
    "refusal.digits": ("数字だけを入力してください。", "Digits only."),
    "refusal.decimal": ("36.5 のような数を入力してください。", "A number such as 36.5."),
    # what may happen meanwhile
    "net.offline": (
        "サーバーにつながりません。入力はこの端末に残してあり、つながり次第送ります。",
        "The server cannot be reached. What you typed is kept here and sent as soon as it can.",
    ),
    "net.expired": (
        "ログインの期限が切れました。入力は残っています。別のタブでログインすると続けられます。",
        "Your login ran out. Nothing typed is lost: log in in another tab and go on here.",
    ),
    "net.login": ("ログイン画面を開く", "Open the login page"),
    "net.refused": ("この操作はできません。", "This cannot be done."),
    "net.restored": ("送れなかった入力を戻しました。", "What could not be sent before is back."),
    "held.by": ("が確認中です", "is reviewing this"),
    "held.until": ("まで", "until"),
    "held.kept": ("入力した内容は残っています。", "What you typed is kept."),
    "held.take": ("引き継ぐ", "Take over"),
    "conflict.title": (
        "ほかの人がこの項目を変えました。どちらにしますか。",
        "Somebody else changed this field. Which one is it?",
    ),
    "conflict.yours": ("自分の入力", "Yours"),
    "conflict.theirs": ("保存されている値", "What is stored"),
    "reason.title": (
        "規則に反するところが残っています。このまま承認する理由を書いてください。",
        "Rules are still broken. Say why this may be approved all the same.",
    ),
    "reason.label": ("理由（氏名などは書かない）", "Reason (no personal data)"),
    "reason.approve": ("理由を付けて承認", "Approve with this reason"),
    "said.open": ("未確認の項目が残っています。", "There are fields left to check."),
    "said.postponed": (
        "保留の項目があるので承認せず、次の書類へ移りました。",
        "Some fields are put off, so it was not approved; here is the next.",
    ),
    "said.approved": ("承認しました。Esc で取り消せます。", "Approved. Esc takes it back."),
    "said.undone": ("取り消しました。", "Taken back."),
    "said.nothing": ("取り消すものはありません。", "There is nothing to take back."),
    "said.draft": ("前回の入力途中", "From last time"),
}

SCRIPT_WORDS = tuple(
    key
    for key in WORDS
    if key.startswith(("desk.", "refusal.", "net.", "held.", "conflict.", "reason.", "said."))
)
"""What the scripts of the review page say."""

__all__ = ["SCRIPT_WORDS", "WORDS"]
