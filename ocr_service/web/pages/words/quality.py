"""Words of the dashboard and the samples of accepted fields: Japanese first, then English."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    # blind samples
    "quality.sample": ("抜き取り確認", "Blind sample"),
    "quality.waiting": ("残り", "Waiting"),
    "quality.blind": (
        (
            "機械の答えは伏せてあります。画像に見えるものをそのまま入れてください。"
            "二人の答えが機械とちがうときだけ、誤りとして数えます。"
        ),
        (
            "What the machine read is hidden. Enter what you see. An error counts only if two "
            "people see the same other value."
        ),
    ),
    "quality.wrong": (
        "この項目には入らない値です。もう一度確かめてください。",
        "This field cannot hold that value. Look again.",
    ),
    "quality.crop": ("確認する欄の画像", "Picture of the field"),
    "quality.marked": ("どこに印がありますか", "What is marked?"),
    "quality.see": ("何と書いてありますか", "What is written?"),
    "quality.empty": (
        "何も書かれていなければ空のまま Enter。",
        "Nothing written: leave it empty and press Enter.",
    ),
    "quality.blank": ("印なし", "nothing"),
    "quality.enter": ("次へ", "Next"),
    "quality.illegible": ("読めない", "Illegible"),
    "quality.none": (
        "今、見てもらう項目はありません。新しい抜き取りは確認済みの書類から 1 分ごとに選ばれます。",
        "Nothing waits for you. New samples are drawn from approved documents every minute.",
    ),
    "quality.hint.date": ("日付は 2021-07-31 の形で。", "Dates like 2021-07-31."),
    "quality.hint.kana": ("カタカナで。", "In katakana."),
    "quality.hint.decimal": ("36.5 の形で。", "Like 36.5."),
    # report
    "quality.report": ("見逃しの測定", "Errors that escape"),
    "quality.go": ("抜き取り確認をする", "Look at samples"),
    "quality.what": (
        (
            "人が見ずに通した値から抜き取り、伏せて確かめた誤り率です。"
            "棒は 95% の区間、点線は様式の約束（target_error）です。"
        ),
        (
            "Error rates among values nobody looked at, from blind samples. Bars are 95 % "
            "intervals, dashes what the form promises (target_error)."
        ),
    ),
    "quality.kind": ("種類", "Kind"),
    "quality.judged": ("抜き取り", "Samples"),
    "quality.escaped": ("誤り", "Errors"),
    "quality.rate": ("誤り率（95% 区間）", "Error rate (95 %)"),
    "quality.promise": ("約束", "Promise"),
    "quality.broken": ("約束を超過", "broken"),
    "quality.population": ("母数", "Fields"),
    "quality.strata": ("層ごとに見る", "By stratum"),
    "quality.unseen": (
        "母数の {share} % はまだ抜き取りのない層にあり、この率には入っていません。",
        "{share} % of the fields are in strata without a sample and are not in these rates.",
    ),
    "quality.unknown": (
        "まだ確かめた抜き取りがありません。誤り率は分かりません。",
        "No sample was looked at yet, so nothing is known of the error rate.",
    ),
    "quality.breach": ("約束した誤り率を超えています", "The promised error rate is exceeded"),
    "quality.breach.facts": (
        "{judged} 件中 {escaped} 件が誤り。区間の下限 {low} % が約束 {promise} % を上回りました。",
        "{escaped} of {judged} were wrong; at least {low} %, where {promise} % was promised.",
    ),
    "quality.breach.threshold": ("新しいしきい値", "New threshold"),
    "quality.breach.applying": ("保存済みの書類に適用中", "being applied to stored documents"),
    "quality.recall": (
        "次の取り込みには、出力済みで新しいしきい値に届かない値があります。回収を検討してください。",
        "These batches hold exported values below the new threshold. Consider recalling them:",
    ),
    "quality.documents": ("件の書類", "documents"),
    "quality.undo": ("しきい値を元に戻す", "Take the threshold back"),
    "quality.undone": ("取り消し:", "taken back:"),
    "quality.in_force": ("有効", "in force"),
    "quality.never": ("すべて人が確認", "everything is reviewed"),
    "quality.raises": ("しきい値の引き上げ", "Raised thresholds"),
    "quality.plan": ("抜き取りの計画", "Plan"),
    "quality.share": ("抜き取る割合", "Share sampled"),
    "quality.share.set": ("変える", "Change"),
    "quality.needed": (
        "誤りなしで約束を示すのに要る件数:",
        "Samples without an error that show a promise:",
    ),
    "kind.all": ("全体", "All"),
    "kind.text": ("文字", "Text"),
    "kind.digits": ("数字枠", "Digits"),
    "kind.choice": ("選択", "Choices"),
    "kind.flag": ("チェック", "Check boxes"),
    "kind.presence": ("署名・押印", "Signatures"),
    "kind.code": ("コード", "Codes"),
    "kind.sticker": ("シール", "Stickers"),
    # dashboard
    "dashboard": ("状況", "Dashboard"),
    "dashboard.hint": (
        "班全体の数字です。個人別には集計しません。",
        "Figures of the whole team; nobody is shown alone.",
    ),
    "dashboard.period": ("期間", "Period"),
    "dashboard.days": ("日間", "days"),
    "dashboard.batch": ("取り込みの番号", "Batch number"),
    "dashboard.show": ("表示", "Show"),
    "dashboard.csv": ("CSV を保存", "Save CSV"),
    "dashboard.read": ("読み取ったページ", "Pages read"),
    "dashboard.approved": ("確認済みにした書類", "Documents approved"),
    "dashboard.acceptance": ("確認不要だった値", "Values accepted"),
    "dashboard.seconds_page": ("1 ページの確認時間", "Review time a page"),
    "dashboard.keys_page": ("1 ページのキー操作", "Keys a page"),
    "dashboard.waiting": ("確認待ち", "Waiting for review"),
    "dashboard.oldest": ("最も古い確認待ち", "Oldest waiting"),
    "dashboard.escaped": ("見逃しの率", "Escaped errors"),
    "dashboard.unknown": ("未測定", "not measured"),
    "dashboard.by_day": ("日ごと", "By day"),
    "dashboard.day": ("日", "Day"),
    "dashboard.by_field": ("項目ごとの修正", "Corrections by field"),
    "dashboard.answers": ("確認", "Answers"),
    "dashboard.corrected": ("修正", "Corrected"),
    "dashboard.corrected_share": ("修正率", "Share"),
    "dashboard.seconds": ("秒／項目", "s a field"),
    "dashboard.keys": ("キー／項目", "keys a field"),
    "dashboard.by_batch": ("取り込みごと", "By batch"),
    "dashboard.pages": ("ページ", "Pages"),
    "dashboard.no_review": (
        "この期間に確認された項目はありません。",
        "No field was reviewed in this period.",
    ),
    "dashboard.hours": ("時間", "h"),
    "dashboard.minutes": ("分", "min"),
}

__all__ = ["WORDS"]
