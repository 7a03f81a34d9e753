"""Characters that look the same, or nearly, and so share their evidence."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

DASHES: Final = frozenset("-‐‑‒–—―−─━ーｰ－﹣")
"""Everything drawn as one horizontal stroke, except the kanji for one."""

SMALL_MARKS: Final = frozenset("・･.,、。'`´゛゜ﾞﾟ|~:;_“”\"")
"""Specks and printed rules that a reader takes for punctuation."""

DIGIT_TWINS: Final = MappingProxyType(
    {
        **dict.fromkeys("OoQD○〇◯口ロ回°", ("0", 0.9)),
        **dict.fromkeys("lI|!丨亅J」", ("1", 0.9)),
        **dict.fromkeys("Zz乙己て", ("2", 0.7)),
        **dict.fromkeys("ろョヨз", ("3", 0.7)),
        **dict.fromkeys("Yyりソ千キ", ("4", 0.4)),
        **dict.fromkeys("Ssち与", ("5", 0.7)),
        **dict.fromkeys("bGもし", ("6", 0.6)),
        **dict.fromkeys("クフワ勺T?>", ("7", 0.6)),
        **dict.fromkeys("B&日る", ("8", 0.4)),
        **dict.fromkeys("gq々a", ("9", 0.7)),
    }
)
"""What stands for a digit where only digits can stand, with how much it counts."""

KATAKANA_TWINS: Final = MappingProxyType(
    {
        **dict.fromkeys("二", ("ニ", 1.0)),
        **dict.fromkeys("口囗□", ("ロ", 1.0)),
        **dict.fromkeys("力", ("カ", 1.0)),
        **dict.fromkeys("八", ("ハ", 1.0)),
        **dict.fromkeys("工", ("エ", 1.0)),
        **dict.fromkeys("夕", ("タ", 1.0)),
        **dict.fromkeys("卜", ("ト", 1.0)),
        **dict.fromkeys("三", ("ミ", 0.9)),
        **dict.fromkeys("千干", ("チ", 0.9)),
        **dict.fromkeys("于子手", ("チ", 0.6)),
        **dict.fromkeys("才", ("オ", 0.9)),
        **dict.fromkeys("又", ("ヌ", 0.9)),
        **dict.fromkeys("丿/", ("ノ", 0.9)),
        **dict.fromkeys("亻仁", ("イ", 0.9)),
        **dict.fromkeys("匕比", ("ヒ", 0.7)),
        **dict.fromkeys("七", ("セ", 0.5)),
        **dict.fromkeys("十×xX乂", ("メ", 0.7)),
        **dict.fromkeys("木", ("ホ", 0.7)),
        **dict.fromkeys("厶4", ("ム", 0.7)),
        **dict.fromkeys("儿几", ("ル", 0.7)),
        **dict.fromkeys("乚L", ("レ", 0.8)),
        **dict.fromkeys("氵冫", ("シ", 0.8)),
        **dict.fromkeys("7", ("フ", 0.7)),
        **dict.fromkeys("冖", ("ワ", 0.7)),
        **dict.fromkeys("彐", ("コ", 0.6)),
        **dict.fromkeys("井廾艹", ("サ", 0.7)),
        **dict.fromkeys("礻", ("ネ", 0.9)),
        **dict.fromkeys("巾", ("ケ", 0.4)),
        **dict.fromkeys("亍丁", ("テ", 0.4)),
        **dict.fromkeys("Tt大", ("ナ", 0.3)),
        **dict.fromkeys("毛", ("モ", 0.7)),
        **dict.fromkeys("也", ("ヤ", 0.6)),
        **dict.fromkeys("马", ("ラ", 0.4)),
        **dict.fromkeys("y丫", ("ソ", 0.5)),
        **dict.fromkeys("久", ("ク", 0.7)),
    }
)
"""Kanji, Latin and digits that stand for katakana where only katakana can stand."""

_PAIRS: Final = (
    "边辺 泽沢 户戸 齐斉 滨浜 县県 东東 冈岡 龙竜 马馬 鸟鳥 长長 见見 贵貴 桥橋 岛島 张張 远遠 "
    "荣栄 义義 实実 绘絵 爱愛 纯純 红紅 纪紀 绫綾 结結 宽寛 胜勝 亚亜 樱桜 濑瀬 关関 铃鈴 须須 "
    "贤賢 谦謙 诚誠 课課 宫宮 业業 团団 图図 园園 场場 圆円 处処 备備 头頭 夹夾 审審 对対 导導 "
    "尔爾 层層 币幣 师師 帐帳 带帯 帮幇 库庫 应応 开開 异異 弹弾 归帰 录録 忆憶 态態 总総 恼悩 "
    "惯慣 战戦 扩拡 扫掃 护護 报報 拥擁 择択 换換 摄摂 时時 晓暁 显顕 术術 杂雑 权権 极極 构構 "
    "枪槍 栋棟 树樹 样様 检検 欢歓 步歩 岁歳 历歴 汉漢 汤湯 沟溝 泷滝 洁潔 测測 济済 浓濃 涩渋 "
    "润潤 满満 灵霊 炼錬 热熱 焕煥 爷爺 牵牽 猎猟 环環 现現 玺璽 畅暢 疗療 疯瘋 盐塩 监監 盘盤 "
    "矿鉱 码碼 础礎 确確 祯禎 离離 种種 积積 稳穏 穷窮 笔筆 笃篤 签簽 简簡 篮籃 类類 紧緊 纤繊 "
    "约約 级級 纲綱 纳納 纵縦 纸紙 纹紋 线線 组組 细細 织織 终終 绍紹 经経 给給 绝絶 统統 绢絹 "
    "继継 续続 绪緒 绳縄 维維 绵綿 综総 绿緑 缘縁 编編 缟縞 罗羅 罚罰 职職 联聯 肃粛 肠腸 肤膚 "
    "肾腎 肿腫 胁脅 脏臓 脑脳 腊臘 腾騰 舰艦 艺芸 节節 苏蘇 苍蒼 茧繭 荫蔭 药薬 莲蓮 获獲 莹瑩 "
    "营営 萨薩 蓝藍 虑慮 虾蝦 蚁蟻 补補 观観 规規 视視 览覧 觉覚 计計 订訂 认認 讨討 让譲 训訓 "
    "记記 讲講 许許 论論 设設 访訪 证証 评評 识識 诊診 词詞 译訳 试試 诗詩 话話 诞誕 详詳 语語 "
    "误誤 说説 请請 诸諸 读読 谁誰 调調 谈談 谊誼 谢謝 贝貝 贞貞 负負 财財 责責 败敗 货貨 质質 "
    "贩販 购購 费費 贺賀 资資 赖頼 赛賽 赞賛 车車 转転 轮輪 软軟 轻軽 载載 较較 辅輔 辉輝 输輸 "
    "达達 过過 运運 还還 这這 进進 连連 迟遅 适適 选選 遗遺 邮郵 邻隣 郑鄭 酱醤 释釈 鉴鑑 针針 "
    "钉釘 钓釣 钟鐘 钢鋼 钥鑰 钱銭 铁鉄 银銀 铜銅 铭銘 链鏈 锅鍋 锋鋒 锐鋭 错錯 锦錦 键鍵 锻鍛 "
    "镇鎮 镜鏡 镰鎌 门門 闭閉 问問 间間 闲閑 闻聞 阁閣 队隊 阳陽 阴陰 阵陣 阶階 际際 陆陸 陈陳 "
    "险険 隐隠 难難 雾霧 韩韓 页頁 顶頂 项項 顺順 顾顧 顿頓 预預 领領 频頻 题題 颜顔 额額 风風 "
    "飞飛 饭飯 饮飲 饰飾 饱飽 馆館 驱駆 驹駒 驻駐 骏駿 骑騎 验験 鱼魚 鲁魯 鲇鮎 鲜鮮 鲤鯉 鲸鯨 "
    "鸡鶏 鸣鳴 鸭鴨 鸿鴻 鹈鵜 鹤鶴 鹫鷲 鹰鷹 齿歯 龄齢 发発 单単 卖売 厅庁 压圧 厉厲 变変 启啓 "
    "员員 吕呂 唤喚 丰豊 临臨 丽麗 举挙 乐楽 习習 乡郷 书書 买買 亲親 亿億 仓倉 仪儀 们們 众衆 "
    "优優 伟偉 传伝 伤傷 侧側 侦偵 俭倹 债債 倾傾 储儲 兰蘭 兴興 养養 军軍 农農 净浄 减減 凑湊 "
    "凤鳳 刘劉 则則 刚剛 创創 别別 剑剣 剧劇 劝勧 办弁 务務 动動 劳労 势勢 华華 协協 卢盧 卫衛 "
    "叠畳 吴呉 坚堅 坛壇 坟墳 垒塁 壶壷 复復 奖奨 妇婦 妈媽 娱娯 孙孫 宁寧 宪憲 宾賓 尧尭 屿嶼 "
    "岗岡 岭嶺 巩鞏 强強 悬懸 惊驚 "
)

SIMPLIFIED: Final = MappingProxyType({pair[0]: pair[1] for pair in _PAIRS.split()})
"""Simplified characters, which nobody writes on a Japanese form, to the shape that is meant."""

_SHAPES: Final = (
    "高髙 崎﨑 辺邊邉 斎斉齋齊 沢澤 浜濱濵 広廣 桜櫻 国國 島嶋嶌 富冨 曽曾 豊豐 凛凜 真眞 "
    "恵惠 栄榮 関關 滝瀧 円圓 万萬 条條 実實 静靜 徳德 桧檜 薮藪 祇祗 鴎鷗 彦彥 緑綠 黒黑 "
    "瀬瀨 横橫 清淸 穣穰 巌巖 遥遙 尭堯 槙槇 弥彌 竜龍 亀龜 礼禮 寿壽 晃晄 鶴靏 渕淵 峰峯 "
    "蔵藏 館舘 郎郞 吉𠮷 薫薰 "
)
VARIANTS: Final = MappingProxyType(
    {ord(shape): group[0] for group in _SHAPES.split() for shape in group[1:]}
)
"""Shapes of one kanji that only the person's register tells apart, to the usual one."""

__all__ = ["DASHES", "DIGIT_TWINS", "KATAKANA_TWINS", "SIMPLIFIED", "SMALL_MARKS", "VARIANTS"]
