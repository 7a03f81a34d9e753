"""Settings of the rules that hold from one day to another: parameters and products.

Shipped in ``dated.toml`` beside this module; an operator's own file of the same form is read after
it and wins. What counts is the day of vaccination.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ocr_service.domain.errors import InvalidRequest
from ocr_service.forms.model import Parameter
from ocr_service.validators.facts import DoseAmount, Interval, ProductFacts

SHIPPED_FILE: Final = Path(__file__).with_name("dated.toml")


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Dated(_Model):
    valid_from: dt.date = dt.date.min
    valid_to: dt.date = dt.date.max
    source: str = ""


class _RuleEntry(_Dated):
    code: str = Field(min_length=1)
    template: str | None = Field(default=None, description="KEY of the form; all without")
    parameters: dict[str, Parameter]


class _AmountEntry(_Dated):
    ml: tuple[Decimal, ...] = Field(min_length=1)
    from_age: int = Field(default=0, ge=0)
    to_age: int | None = Field(default=None, ge=1)
    doses: tuple[int, ...] = ()


class _IntervalEntry(_Dated):
    doses: tuple[int, ...] = ()
    days: int = Field(default=0, ge=0)
    months: int = Field(default=0, ge=0)


class _ProductEntry(_Model):
    name: str = Field(min_length=1)
    maker: str = ""
    disease: str = ""
    aliases: tuple[str, ...] = ()
    lots: tuple[str, ...] = ()
    live: bool | None = None
    injected: bool = True
    amounts: tuple[_AmountEntry, ...] = ()
    intervals: tuple[_IntervalEntry, ...] = ()
    source: str = ""


class _File(_Model):
    rule: tuple[_RuleEntry, ...] = ()
    product: tuple[_ProductEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class DatedParameters:
    """Parameters of a rule that hold for some days.

    Attributes:
        code: the rule.
        template: key of the form they hold for; None = all.
        valid_from: first day of vaccination.
        valid_to: last day.
        values: parameters by name.
        source: where the fact is from.
    """

    code: str
    template: str | None
    valid_from: dt.date
    valid_to: dt.date
    values: Mapping[str, Parameter]
    source: str


@dataclass(frozen=True, slots=True)
class DatedSettings:
    """All dated settings; later entries win.

    Attributes:
        parameters: by order of the files.
        products: by every name they bear.
        sources: where the facts on a product are from, by product name.
    """

    parameters: tuple[DatedParameters, ...]
    products: Mapping[str, ProductFacts]
    sources: Mapping[str, str]

    def values_on(self, code: str, template: str, day: dt.date) -> Mapping[str, Parameter]:
        """The parameters of a rule for a form on a day; empty where nothing is set."""
        found: dict[str, Parameter] = {}
        for entry in self.parameters:
            fits = entry.code == code and entry.template in {None, template}
            if fits and entry.valid_from <= day <= entry.valid_to:
                found |= entry.values
        return found


def read_settings(*files: Path) -> DatedSettings:
    """The settings of the shipped file and then of ``files``.

    Raises:
        InvalidRequest: a file is no TOML or breaks the form; the message says where.
    """
    rules: list[DatedParameters] = []
    products: dict[str, ProductFacts] = {}
    sources: dict[str, str] = {}
    for path in (SHIPPED_FILE, *files):
        content = _read(path)
        rules.extend(_parameters(rule) for rule in content.rule)
        for entry in content.product:
            product = _product(entry)
            products |= dict.fromkeys((product.name, *product.aliases), product)
            sources[product.name] = entry.source
    return DatedSettings(tuple(rules), MappingProxyType(products), MappingProxyType(sources))


def own_settings(file: Path | None) -> DatedSettings:
    """What the rules of an installation go by: shipped, then the operator's file if it has one.

    Raises:
        InvalidRequest: the file is no TOML or breaks the form.
    """
    return shipped_settings() if file is None else read_settings(file)


@lru_cache(maxsize=1)
def shipped_settings() -> DatedSettings:
    """The settings without an operator's file, read once."""
    return read_settings()


def _read(path: Path) -> _File:
    try:
        return _File.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidRequest(f"{path.name}: cannot be read as TOML ({error})") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidRequest(f"{path.name}: {where}: {first['msg']}") from error


def _parameters(entry: _RuleEntry) -> DatedParameters:
    values = MappingProxyType(dict(entry.parameters))
    return DatedParameters(
        entry.code, entry.template, entry.valid_from, entry.valid_to, values, entry.source
    )


def _product(entry: _ProductEntry) -> ProductFacts:
    return ProductFacts(
        name=entry.name,
        maker=entry.maker,
        disease=entry.disease,
        aliases=entry.aliases,
        lots=entry.lots,
        live=entry.live,
        injected=entry.injected,
        amounts=tuple(
            DoseAmount(a.ml, a.from_age, a.to_age, a.doses, a.valid_from, a.valid_to)
            for a in entry.amounts
        ),
        intervals=tuple(
            Interval(i.doses, i.days, i.months, i.valid_from, i.valid_to) for i in entry.intervals
        ),
    )


__all__ = [
    "SHIPPED_FILE",
    "DatedParameters",
    "DatedSettings",
    "own_settings",
    "read_settings",
    "shipped_settings",
]
