"""Rules about what was given: product, lot, amount."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from ocr_service.domain.record import Severity
from ocr_service.validators.base import Found, Seen, ShippedRule, Text
from ocr_service.validators.facts import DoseAmount, ProductFacts
from ocr_service.validators.rules.ages import ages_of

_ANY_LOT = "[0-9A-Z-]{3,20}"
_NOT_A_LETTER = re.compile(r"[\s・･()（）]+")


def product_of(seen: Seen) -> ProductFacts | None:
    """What is known of the product on the sticker: the installation's own word before ours."""
    name = seen.text("vaccine_name")
    return None if name is None else _known(seen, name)


def _known(seen: Seen, name: str) -> ProductFacts | None:
    for products in (seen.facts.products, seen.context.settings.products):
        found = products.get(name)
        if found is not None:
            return found
        plain = plain_name(name)
        for known, facts in products.items():
            if plain in {plain_name(known), *(plain_name(a) for a in facts.aliases)}:
                return facts
    return None


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """A product's name without what prints vary in."""
    return _NOT_A_LETTER.sub("", unicodedata.normalize("NFKC", name)).casefold()


def _unknown_product(seen: Seen) -> Iterator[Found]:
    """A product nobody knows; often a misreading."""
    if seen.text("vaccine_name") is not None and product_of(seen) is None:
        yield Found((seen.key("vaccine_name"),))


def _other_programme(seen: Seen) -> Iterator[Found]:
    """A vaccine against something else than the form is for."""
    product, wanted = product_of(seen), seen.parameters.get("disease")
    if product is None or not product.disease or not isinstance(wanted, str):
        return
    if product.disease != wanted:
        yield Found((seen.key("vaccine_name"),))


def _has_pattern(lot: str, patterns: tuple[str, ...]) -> bool:
    return any(re.fullmatch(pattern, lot, re.ASCII) is not None for pattern in patterns)


def _pattern(seen: Seen) -> Iterator[Found]:
    """A lot number of a shape that its maker does not use, nor another maker of the disease."""
    lot, product = seen.text("lot_number"), product_of(seen)
    if lot is None or (seen.facts.lot is not None):
        return
    own = product.lots if product is not None and product.lots else (_ANY_LOT,)
    if not _has_pattern(lot, own) and _owner_by_pattern(seen, lot, product) is None:
        yield Found((seen.key("lot_number"), seen.key("vaccine_name")))


def _owner_by_pattern(seen: Seen, lot: str, product: ProductFacts | None) -> ProductFacts | None:
    """Another product of the disease whose maker's lots look like this one."""
    if product is None or not product.lots or _has_pattern(lot, product.lots):
        return None
    for other in seen.context.settings.products.values():
        rival = other.disease == product.disease and other.name != product.name
        if rival and _has_pattern(lot, other.lots):
            return other
    return None


def _other_product(seen: Seen) -> Iterator[Found]:
    """The lot belongs to another product, by the list of lots or else by its shape."""
    lot, product = seen.text("lot_number"), product_of(seen)
    if lot is None or product is None:
        return
    fields = (seen.key("lot_number"), seen.key("vaccine_name"))
    if seen.facts.lot is not None:
        owner = _known(seen, seen.facts.lot.product)
        if owner is not None and owner.name != product.name:
            yield Found(fields)
    elif _owner_by_pattern(seen, lot, product) is not None:
        yield Found(fields)


def _unknown_lot(seen: Seen) -> Iterator[Found]:
    """Not on the installation's list of lots."""
    known = seen.facts.lots_known and seen.text("lot_number") is not None
    if known and seen.facts.lot is None:
        yield Found((seen.key("lot_number"),))


def _expired(seen: Seen) -> Iterator[Found]:
    """Used after its last day. The list knows of prolongations; the sticker does not."""
    day = seen.date("vaccination_date")
    lot = seen.facts.lot
    known = lot.expires if lot is not None else None
    expires = known or seen.date("lot_expiry")
    if day is not None and expires is not None and day > expires:
        keys = (seen.key("lot_number"), None if known else seen.key("lot_expiry"))
        yield Found((*keys, seen.key("vaccination_date")))


def _amount(seen: Seen) -> Iterator[Found]:
    """Another amount than the product's for that age, dose and day."""
    product, written = product_of(seen), seen.text("dose_ml")
    if product is None or written is None:
        return
    fitting = [a for a in product.amounts if _fits(seen, a)]
    right = {ml for amount in fitting for ml in amount.ml}
    if right and seen.decimal("dose_ml") not in right:
        shown = {"ml": "・".join(str(ml) for ml in sorted(right))}
        yield Found((seen.key("dose_ml"), seen.key("vaccine_name")), shown)


def _fits(seen: Seen, amount: DoseAmount) -> bool:
    """Whether the amount may hold; what is not known of the record rules nothing out."""
    ages, day = ages_of(seen), seen.day()
    number = seen.text("voucher_dose") or ""
    if ages is not None and (
        max(ages) < amount.from_age or (amount.to_age is not None and min(ages) >= amount.to_age)
    ):
        return False
    if day is not None and not amount.valid_from <= day <= amount.valid_to:
        return False
    return not (amount.doses and number.isdecimal() and int(number) not in amount.doses)


RULES = (
    ShippedRule(
        code="product.unknown",
        severity=Severity.WARNING,
        title=Text("知らないワクチン名", "Unknown vaccine"),
        messages={
            "": Text(
                "登録のないワクチン名です。シールを見て確かめてください。",
                "This vaccine is not known. Check the sticker.",
            )
        },
        source="the installation's vaccines and the products below [V:S34]",
        parameters=(),
        find=_unknown_product,
        roles=("vaccine_name",),
    ),
    ShippedRule(
        code="product.programme",
        severity=Severity.ERROR,
        title=Text("別の予防接種のワクチン", "Vaccine of another programme"),
        messages={
            "": Text(
                "この予診票の予防接種に使うワクチンではありません。接種間違いか、"
                "用紙の取り違えかもしれません。",
                "This vaccine is not for what the form is for. A wrong shot, or the wrong form.",
            )
        },
        source="one form for each vaccine, domain 2.6 [V:S29]",
        parameters=(),
        find=_other_programme,
        roles=("vaccine_name",),
    ),
    ShippedRule(
        code="lot.pattern",
        severity=Severity.WARNING,
        title=Text("ロット番号の形", "Shape of the lot number"),
        messages={
            "": Text(
                "ロット番号の形がこのワクチンのものではありません。0とO、"
                "1とIなどの読み違いかもしれません。",
                "Lots of this vaccine look otherwise. 0 and O, 1 and I may be misread.",
            )
        },
        source="domain 4.3: two letters and four digits (Pfizer), seven digits or six and a letter "
        "(Moderna) [V:S62,S63]; others 3 to 20 letters, digits and hyphens [R]",
        parameters=(),
        find=_pattern,
        roles=("lot_number",),
    ),
    ShippedRule(
        code="lot.product",
        severity=Severity.WARNING,
        title=Text("ロットとワクチンの不一致", "Lot of another vaccine"),
        messages={
            "": Text(
                "ロット番号が別のワクチンのものです。シールを見て確かめてください。",
                "The lot belongs to another vaccine. Check the sticker.",
            )
        },
        source="domain 4.3: by the list of lots, else by the makers' patterns",
        parameters=(),
        find=_other_product,
        roles=("lot_number", "vaccine_name"),
    ),
    ShippedRule(
        code="lot.unknown",
        severity=Severity.WARNING,
        title=Text("知らないロット番号", "Unknown lot"),
        messages={
            "": Text(
                "ロットの一覧にない番号です。シールを見て確かめてください。",
                "This number is not on the list of lots. Check the sticker.",
            )
        },
        source="domain 4.3: prefer a master of lots",
        parameters=(),
        find=_unknown_lot,
        roles=("lot_number",),
    ),
    ShippedRule(
        code="lot.expired",
        severity=Severity.WARNING,
        title=Text("有効期限切れ", "Expired"),
        messages={
            "": Text(
                "接種日がワクチンの有効期限を過ぎています。期限の延長がないか確かめてください。",
                "The vaccine was used after its last day. Check whether that was prolonged.",
            )
        },
        source="domain 4.3: printed expiry can be earlier than the valid one, so a warning "
        "[V:S62,S63,S64]",
        parameters=(),
        find=_expired,
        roles=("vaccination_date",),
    ),
    ShippedRule(
        code="dose.amount",
        severity=Severity.WARNING,
        title=Text("接種量", "Amount"),
        messages={
            "": Text(
                "接種量がこのワクチンと年齢の量（{ml} mL）と違います。",
                "The amount is not that of this vaccine and age ({ml} ml).",
            )
        },
        source="domain 4.1: pre-set for each product [V:S60]; see the products below",
        parameters=(),
        find=_amount,
        roles=("dose_ml", "vaccine_name"),
    ),
)

__all__ = ["RULES", "plain_name", "product_of"]
