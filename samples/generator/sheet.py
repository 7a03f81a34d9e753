"""One invented filled form: what stands on the paper, and the record that follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Value = str | bool | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark on one option of a choice.

    Attributes:
        key: field key.
        option: option value; "" for a flag.
        struck: the person crossed the mark out again.
    """

    key: str
    option: str
    struck: bool = False


@dataclass(frozen=True, slots=True)
class Voucher:
    """The printed voucher sticker.

    Attributes:
        code: 18 digits: kind, dose, municipality code, number.
        municipality: name of the issuing city.
        holder: the person's name as printed.
    """

    code: str
    municipality: str
    holder: str

    @property
    def number(self) -> str:
        """The last ten digits."""
        return self.code[8:]

    @property
    def municipality_code(self) -> str:
        """Digits three to eight."""
        return self.code[2:8]


@dataclass(frozen=True, slots=True)
class VaccineSticker:
    """The lot sticker.

    Attributes:
        product: product name.
        maker: company as printed.
        lot: lot number.
        expiry: ``2021.11`` or ``2021.11.30``.
        dose_ml: amount as printed, ``0.3``.
    """

    product: str
    maker: str
    lot: str
    expiry: str
    dose_ml: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything on one filled form.

    Attributes:
        values: canonical record, one entry for every record key.
        writing: per text field one string for each segment, per digits field one string whose
            characters go into the cells ("" and " " = nothing written there).
        marks: marks on choices and flags.
        voucher: None where no sticker was put on.
        vaccine: None where no sticker was put on.
        stamped: text fields that the clinic fills with a rubber stamp.
        signer: who signs the consent; "" = not signed.
        asides: writing that belongs to no field, by area.
        doctor: who signs as a doctor; "" = not signed.
    """

    values: Mapping[str, Value]
    writing: Mapping[str, tuple[str, ...]]
    marks: tuple[Mark, ...]
    voucher: Voucher | None
    vaccine: VaccineSticker | None
    stamped: frozenset[str]
    asides: Mapping[str, str]
    signer: str
    doctor: str


__all__ = ["Mark", "Sheet", "VaccineSticker", "Value", "Voucher"]
