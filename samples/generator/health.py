"""Answers to the questions: plausible rates and the words that people write beside them."""

from __future__ import annotations

from samples.generator.chance import Rng, chance, pick

Answers = dict[str, "str | tuple[str, ...] | None"]

UNDERLYING = (
    "高血圧", "糖尿病", "慢性心不全", "気管支喘息", "慢性腎臓病", "COPD", "関節リウマチ",
    "肝硬変", "慢性閉塞性肺疾患", "睡眠時無呼吸症候群", "高血圧、糖尿病", "肥満",
)  # fmt: skip
OTHER_DISEASES = (
    "高血圧", "糖尿病", "脂質異常症", "緑内障", "痛風", "甲状腺機能低下症", "不眠症", "花粉症",
    "骨粗しょう症", "前立腺肥大", "高血圧症", "ぜんそく", "逆流性食道炎", "片頭痛", "乳がん",
)  # fmt: skip
THINNERS = (
    "ワーファリン",
    "バイアスピリン",
    "エリキュース",
    "プラビックス",
    "イグザレルト",
    "リクシアナ",
)
OTHER_DRUGS = (
    "アムロジピン", "メトホルミン", "ロスバスタチン", "ステロイド", "インスリン", "血圧の薬",
    "漢方薬", "胃薬", "ユリノーム", "チラーヂン", "睡眠薬", "目薬",
)  # fmt: skip
RECENT_ILLNESS = ("かぜ", "発熱", "膀胱炎", "ぜんそく発作", "胃腸炎", "帯状疱疹", "扁桃炎", "風邪")
SYMPTOMS_TODAY = (
    "頭痛",
    "鼻水",
    "のどが痛い",
    "腰が痛い",
    "せきが少し",
    "寝不足",
    "下痢ぎみ",
    "めまい",
)
ALLERGENS = (
    "卵", "そば", "エビ・カニ", "ペニシリン", "造影剤", "ピーナッツ", "セフェム系の薬",
    "ロキソニン", "牛乳", "小麦", "ハチ", "キウイ", "解熱剤", "サバ",
)  # fmt: skip
VACCINES = (
    "インフルエンザ",
    "肺炎球菌",
    "日本脳炎",
    "B型肝炎",
    "水痘",
    "麻しん風しん",
    "帯状疱疹",
    "四種混合",
)
REACTIONS = (
    "発熱",
    "腕のはれ",
    "じんましん",
    "気分が悪くなった",
    "39度の熱",
    "赤くはれた",
    "頭痛",
    "だるさ",
)
DISEASES = ("heart", "kidney", "liver", "blood", "bleeding", "immune")

_CHILDBEARING_FROM, _CHILDBEARING_TO = 16, 46
_SENIOR, _PRE_SENIOR, _WORKING_FROM = 65, 60, 20


def invent_answers(rng: Rng, *, age: int, female: bool, first_dose: bool) -> Answers:
    """Keys ``q1`` to ``q13`` with their groups and details; None = not written."""
    answers: Answers = {"q1": "yes" if first_dose else "no"}
    answers["q2"] = "yes" if chance(rng, 0.98) else "no"
    answers["q3"] = "yes" if chance(rng, 0.985) else "no"
    answers |= _priority(rng, age)
    answers |= _treatment(rng, age)
    answers["q6"], answers["q6_detail"] = yes_with_detail(rng, 0.06, RECENT_ILLNESS)
    answers["q7"], answers["q7_detail"] = yes_with_detail(rng, 0.05, SYMPTOMS_TODAY)
    answers["q8"] = "yes" if chance(rng, 0.02) else "no"
    answers["q9"], answers["q9_detail"] = yes_with_detail(rng, 0.08, ALLERGENS)
    answers["q10"], answers["q10_vaccine"] = yes_with_detail(rng, 0.07, VACCINES)
    told = answers["q10"] == "yes" and chance(rng, 0.9)
    answers["q10_symptom"] = pick(rng, REACTIONS) if told else None
    may_bear = female and _CHILDBEARING_FROM <= age < _CHILDBEARING_TO
    answers["q11"] = "yes" if may_bear and chance(rng, 0.07) else "no"
    answers["q12"], answers["q12_vaccine"] = yes_with_detail(rng, 0.04, VACCINES)
    answers["q13"] = "yes" if chance(rng, 0.07) else "no"
    return answers


def yes_with_detail(rng: Rng, rate: float, words: tuple[str, ...]) -> tuple[str, str | None]:
    """An answer that is yes at a rate, with what most people then write beside it."""
    if not chance(rng, rate):
        return "no", None
    if chance(rng, 0.08):
        return "yes", None
    first = pick(rng, words)
    second = pick(rng, words)
    many = chance(rng, 0.15) and first != second
    return "yes", f"{first}、{second}" if many else first


def _priority(rng: Rng, age: int) -> Answers:
    groups = []
    if age >= _SENIOR and chance(rng, 0.95):
        groups.append("age65")
    elif _PRE_SENIOR <= age < _SENIOR and chance(rng, 0.9):
        groups.append("age60_64")
    if _WORKING_FROM <= age < _SENIOR:
        if chance(rng, 0.1):
            groups.append("medical_worker")
        elif chance(rng, 0.06):
            groups.append("care_worker")
    disease = None
    if chance(rng, 0.22 if age >= _PRE_SENIOR else 0.08):
        groups.append("underlying")
        disease = pick(rng, UNDERLYING) if chance(rng, 0.9) else None
    return {
        "q4": "yes" if groups else "no",
        "q4_groups": tuple(sorted(groups)) or None,
        "q4_disease": disease,
    }


def _treatment(rng: Rng, age: int) -> Answers:
    nothing: Answers = {
        "q5": "no",
        "q5_diseases": None,
        "q5_disease_other": None,
        "q5_drugs": None,
        "q5_drug_name": None,
    }
    if not chance(rng, min(0.7, 0.1 + age / 120)):
        return nothing
    diseases = {pick(rng, DISEASES)} if chance(rng, 0.4) else set()
    if chance(rng, 0.15):
        diseases.add(pick(rng, DISEASES))
    other = None
    if not diseases or chance(rng, 0.3):
        diseases.add("other")
        other = pick(rng, OTHER_DISEASES) if chance(rng, 0.92) else None
    drugs, names = _drugs(rng)
    return {
        "q5": "yes",
        "q5_diseases": tuple(sorted(diseases)) or None,
        "q5_disease_other": other,
        "q5_drugs": drugs,
        "q5_drug_name": names,
    }


def _drugs(rng: Rng) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    thinner = chance(rng, 0.25)
    other = chance(rng, 0.6)
    marked = tuple(k for k, on in (("blood_thinner", thinner), ("other", other)) if on)
    named_thinner = pick(rng, THINNERS) if thinner and chance(rng, 0.8) else ""
    named_other = pick(rng, OTHER_DRUGS) if other and chance(rng, 0.85) else ""
    return marked or None, (named_thinner, named_other) if marked else None


__all__ = ["Answers", "invent_answers", "yes_with_detail"]
