"""Invented people's names: surnames and given names that are in common use, paired at random."""

from __future__ import annotations

from dataclasses import dataclass

from samples.generator.chance import Rng, chance, pick

_COMMON_SURNAMES = """
佐藤:サトウ 鈴木:スズキ 高橋:タカハシ 田中:タナカ 伊藤:イトウ 渡辺:ワタナベ 山本:ヤマモト
中村:ナカムラ 小林:コバヤシ 加藤:カトウ 吉田:ヨシダ 山田:ヤマダ 佐々木:ササキ 山口:ヤマグチ
松本:マツモト 井上:イノウエ 木村:キムラ 林:ハヤシ 斎藤:サイトウ 清水:シミズ 山崎:ヤマザキ
森:モリ 池田:イケダ 橋本:ハシモト 阿部:アベ 石川:イシカワ 山下:ヤマシタ 中島:ナカジマ
石井:イシイ 小川:オガワ 前田:マエダ 岡田:オカダ 長谷川:ハセガワ 藤田:フジタ 後藤:ゴトウ
近藤:コンドウ 村上:ムラカミ 遠藤:エンドウ 青木:アオキ 坂本:サカモト 福田:フクダ 太田:オオタ
西村:ニシムラ 藤井:フジイ 岡本:オカモト 藤原:フジワラ 三浦:ミウラ 金子:カネコ 中野:ナカノ
中川:ナカガワ 原田:ハラダ 松田:マツダ 竹内:タケウチ 小野:オノ 田村:タムラ 中山:ナカヤマ
和田:ワダ 石田:イシダ 森田:モリタ 上田:ウエダ 原:ハラ 内田:ウチダ 柴田:シバタ 酒井:サカイ
宮崎:ミヤザキ 横山:ヨコヤマ 高木:タカギ 安藤:アンドウ 宮本:ミヤモト 大野:オオノ 小島:コジマ
谷口:タニグチ 工藤:クドウ 今井:イマイ 高田:タカダ 増田:マスダ 丸山:マルヤマ 杉山:スギヤマ
村田:ムラタ 大塚:オオツカ 新井:アライ 小山:コヤマ 平野:ヒラノ 藤本:フジモト 河野:コウノ
上野:ウエノ 野口:ノグチ 武田:タケダ 松井:マツイ 千葉:チバ 菅原:スガワラ 岩崎:イワサキ
久保:クボ 木下:キノシタ 佐野:サノ 野村:ノムラ 松尾:マツオ 市川:イチカワ 菊地:キクチ
杉本:スギモト 古川:フルカワ 大西:オオニシ 島田:シマダ 水野:ミズノ 桜井:サクライ 渡部:ワタナベ
"""

_RARER_SURNAMES = """
髙橋:タカハシ 渡邉:ワタナベ 渡邊:ワタナベ 齋藤:サイトウ 齊藤:サイトウ 山﨑:ヤマザキ 濵田:ハマダ
長澤:ナガサワ 小澤:オザワ 廣瀬:ヒロセ 櫻井:サクライ 澤田:サワダ 國分:コクブン 鷲尾:ワシオ
鵜飼:ウカイ 蛭田:ヒルタ 鯨井:クジライ 躑躅森:ツツジモリ 薬師寺:ヤクシジ 勅使河原:テシガワラ
長宗我部:チョウソカベ 小鳥遊:タカナシ 五十嵐:イガラシ 東海林:ショウジ 服部:ハットリ 日下部:クサカベ
我孫子:アビコ 御子柴:ミコシバ 伊集院:イジュウイン 西園寺:サイオンジ 二階堂:ニカイドウ 喜屋武:キャン
比嘉:ヒガ 金城:キンジョウ 仲村渠:ナカンダカリ 島袋:シマブクロ 与那嶺:ヨナミネ 鬼塚:オニヅカ
鍋島:ナベシマ 釘宮:クギミヤ 轟:トドロキ 辻:ツジ 畑:ハタ 榊:サカキ 梶:カジ 蔦:ツタ 椿:ツバキ
鴨志田:カモシダ 檜山:ヒヤマ 槇原:マキハラ 蓑田:ミノダ 簗瀬:ヤナセ 樋口:ヒグチ 笹川:ササガワ
篠崎:シノザキ 蓮見:ハスミ 葛西:カサイ 蒲生:ガモウ 薗部:ソノベ 藪内:ヤブウチ 諏訪:スワ 讃岐:サヌキ
醍醐:ダイゴ 鎌倉:カマクラ 鎗田:ヤリタ 隈本:クマモト 雫石:シズクイシ 靏田:ツルタ 鞠子:マリコ
魚住:ウオズミ 鮫島:サメジマ 鰐淵:ワニブチ 鳩山:ハトヤマ 鶴岡:ツルオカ 鷹野:タカノ 黛:マユズミ
"""

_FEMALE = """
陽子:ヨウコ 和子:カズコ 幸子:サチコ 節子:セツコ 久美子:クミコ 恵子:ケイコ 由美子:ユミコ 真由美:マユミ
直美:ナオミ 裕子:ユウコ 智子:トモコ 明美:アケミ 美咲:ミサキ 愛:アイ 彩:アヤ 葵:アオイ 陽菜:ヒナ
結衣:ユイ 結菜:ユナ 美羽:ミウ 莉子:リコ 凜:リン 芽依:メイ 紬:ツムギ 詩:ウタ 澪:ミオ 杏:アン
千代:チヨ キヨ:キヨ ハナ:ハナ フミ:フミ 静江:シズエ 文子:フミコ 光子:ミツコ 敏子:トシコ 清美:キヨミ
典子:ノリコ 京子:キョウコ 洋子:ヨウコ 美穂:ミホ 麻衣:マイ 沙織:サオリ 友美:トモミ 遥:ハルカ
萌:モエ 楓:カエデ さくら:サクラ ひかり:ヒカリ みどり:ミドリ かおり:カオリ 瑞穂:ミズホ 雅美:マサミ
佳乃:ヨシノ 綾香:アヤカ 茜:アカネ 薫:カオル 桃花:モモカ 花音:カノン 優奈:ユウナ 心春:コハル
琴音:コトネ 瑠璃:ルリ 翠:ミドリ 蘭:ラン 藍:アイ 鈴:スズ 露子:ツユコ 鶴代:ツルヨ 驪子:レイコ
貴美江:キミエ 登志子:トシコ 多恵:タエ 寿々:スズ 喜久枝:キクエ ヨシ子:ヨシコ トメ:トメ 千鶴:チヅル
百合:ユリ 菫:スミレ
"""

_MALE = """
誠:マコト 浩:ヒロシ 茂:シゲル 清:キヨシ 勇:イサム 弘:ヒロシ 進:ススム 隆:タカシ 博:ヒロシ 勝:マサル
実:ミノル 修:オサム 豊:ユタカ 正:タダシ 昭:アキラ 健一:ケンイチ 達也:タツヤ 和也:カズヤ 哲也:テツヤ
大輔:ダイスケ 健太:ケンタ 翔太:ショウタ 拓也:タクヤ 直樹:ナオキ 翔:ショウ 蓮:レン 湊:ミナト 陽翔:ハルト
悠真:ユウマ 颯太:ソウタ 樹:イツキ 大翔:ヒロト 律:リツ 朝陽:アサヒ 蒼:アオイ 新:アラタ 碧:アオ 暖:ダン
一郎:イチロウ 次郎:ジロウ 三郎:サブロウ 義雄:ヨシオ 正雄:マサオ 武:タケシ 利夫:トシオ 幸雄:ユキオ
秀樹:ヒデキ 英樹:ヒデキ 裕之:ヒロユキ 俊介:シュンスケ 慎吾:シンゴ 雄大:ユウダイ 亮:リョウ 駿:シュン
龍之介:リュウノスケ 虎太郎:コタロウ 鉄平:テッペイ 鷹也:タカヤ 麟太郎:リンタロウ 瑛太:エイタ 煌:コウ
禎一:テイイチ 彌太郎:ヤタロウ 廣志:ヒロシ 巖:イワオ 榮治:エイジ 重藏:ジュウゾウ 穣:ミノル 馨:カオル
眞一:シンイチ 敦:アツシ 潤:ジュン 徹:トオル 聡:サトシ 毅:タケシ 篤志:アツシ 晃司:コウジ 勘太郎:カンタロウ
善次:ゼンジ 惣一:ソウイチ
"""

_RARE_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name and its reading in full-width katakana."""

    family: str
    given: str
    family_kana: str
    given_kana: str

    @property
    def canonical(self) -> str:
        """Family, ideographic space, given."""
        return f"{self.family}　{self.given}"

    @property
    def canonical_kana(self) -> str:
        """The reading in the same form."""
        return f"{self.family_kana}　{self.given_kana}"


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    written = (pair.partition(":") for pair in text.split())
    return tuple((name, kana) for name, _, kana in written)


COMMON_SURNAMES = _pairs(_COMMON_SURNAMES)
RARER_SURNAMES = _pairs(_RARER_SURNAMES)
FEMALE = _pairs(_FEMALE)
MALE = _pairs(_MALE)


def invent_name(rng: Rng, *, female: bool) -> PersonName:
    """A surname and a given name that have nothing to do with each other."""
    surnames = RARER_SURNAMES if chance(rng, _RARE_SHARE) else COMMON_SURNAMES
    family, family_kana = pick(rng, surnames)
    given, given_kana = pick(rng, FEMALE if female else MALE)
    return PersonName(family, given, family_kana, given_kana)


__all__ = [
    "COMMON_SURNAMES",
    "FEMALE",
    "MALE",
    "RARER_SURNAMES",
    "PersonName",
    "invent_name",
]
