"""Words of accounts, rights and the login: Japanese first, then English."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "seconds": ("秒", "seconds"),
    "cancel": ("やめる", "Cancel"),
    # login
    "login.name": ("名前", "Name"),
    "login.password": ("パスワード", "Password"),
    "login.enter": ("ログイン", "Log in"),
    "login.without": ("パスワードがない・忘れたとき", "No password, or forgotten"),
    "login.refused": (
        "名前かパスワードが違います。",
        "Name and password do not belong together.",
    ),
    "login.throttled": (
        "まちがいが続いたため、しばらく受け付けません。時間をおいてください。",
        "Too many wrong passwords. Wait before the next try.",
    ),
    "login.ended": (
        "一定時間操作がなかったため、ログインが切れました。もう一度ログインすると続きから始められます。",
        "Your session has ended. Log in again to go on where you were.",
    ),
    "login.again": ("もう一度ログインしてください", "Log in again"),
    "login.kept": (
        "入力した内容はこの画面に残っています。ログインすると続けられます。",
        "What you typed is still on this page. Log in and go on.",
    ),
    # passwords
    "password.title": ("パスワードを変える", "Change the password"),
    "password.first": ("パスワードを決める", "Set a password"),
    "password.rule": (
        (
            "{least} 文字以上。記号や大文字は要りません。"
            "いくつかの言葉をつなげると覚えやすく、破られにくくなります。"
        ),
        "At least {least} characters. Several words in a row are easy to keep and hard to guess.",
    ),
    "password.old": ("今のパスワード", "Present password"),
    "password.new": ("新しいパスワード", "New password"),
    "password.again": ("新しいパスワード（もう一度）", "New password again"),
    "password.set": ("決定", "Set"),
    "password.later": ("あとで決める", "Later"),
    "password.changed": (
        "パスワードを変えました。ほかの端末のログインはすべて切れました。",
        "The password is changed. You were logged out everywhere else.",
    ),
    "password.differ": ("2 回の入力が一致しません。", "The two entries differ."),
    "password.wrong": ("今のパスワードが違います。", "The present password is wrong."),
    "password.short": ("短すぎます。", "It is too short."),
    "password.long": ("長すぎます（200 文字まで）。", "It is too long (200 characters at most)."),
    "password.easy": (
        "推測されやすいパスワードです。名前や単純な並びは使えません。",
        "It is too easy to guess: no names, no simple rows.",
    ),
    # account
    "account.title": ("自分のアカウント", "My account"),
    "account.has_password": ("設定済み", "set"),
    "account.no_password": ("未設定（リンクでのみログイン）", "none (login by link only)"),
    "sessions": ("ログイン中の端末", "Where you are logged in"),
    "sessions.end_all": ("すべてログアウト", "Log out everywhere"),
    "session.opened": ("ログイン", "Logged in"),
    "session.seen": ("最後の操作", "Last used"),
    "session.by": ("方法", "By"),
    "session.by.link": ("リンク", "link"),
    "session.by.password": ("パスワード", "password"),
    "session.by.session": ("リンク", "link"),
    "session.here": ("この端末", "this one"),
    "session.end": ("ログアウトさせる", "Log out"),
    # roles and rights
    "roles": ("役割", "Roles"),
    "role.scanner": ("取込担当", "Scanner"),
    "role.reviewer": ("確認担当", "Reviewer"),
    "role.approver": ("承認担当", "Approver"),
    "role.exporter": ("出力担当", "Exporter"),
    "role.admin": ("管理者", "Administrator"),
    "right.intake": ("取り込む", "send files"),
    "right.read": ("記録を見る", "see records"),
    "right.review": ("項目に答える", "answer fields"),
    "right.approve": ("承認する", "approve"),
    "right.export": ("出力する", "export"),
    "right.admin": ("管理する", "administrate"),
}

__all__ = ["WORDS"]
