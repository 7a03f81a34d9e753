"""Who sends the claims and by which house rules: ``billing.toml`` of the installation."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ocr_service.billing.bills import BillingRules, UnknownHome
from ocr_service.billing.classify import Declined
from ocr_service.billing.facts import FormBilling
from ocr_service.domain.errors import InvalidRequest


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Bank(_Part):
    """Where the money goes."""

    bank: str
    branch: str
    kind: str = "普通"
    number: Annotated[str, Field(pattern=r"^\d{1,8}$")]
    holder: str


class Issuer(_Part):
    """The institution, or the firm that claims for it, as printed."""

    name: str
    postal_code: str = ""
    address: str
    representative: str
    phone: str = ""
    institution: Annotated[str, Field(pattern=r"^(\d{10})?$")] = ""
    registration: str = ""
    contact: str = ""
    bank: Bank | None = None


class Home(_Part):
    """An institution and the municipality that it lies in."""

    code: Annotated[str, Field(pattern=r"^\d{10}$")]
    municipality: Annotated[str, Field(pattern=r"^\d{6}$")]
    name: str = ""


class Rules(_Part):
    """House rules where public texts leave a choice."""

    declined: Declined = Declined.HOLD
    unknown_home: UnknownHome = UnknownHome.HOLD


class BillingFile(_Part):
    """The whole file. ``form`` says how forms are billed that are not shipped, or differently."""

    issuer: Issuer
    institution: tuple[Home, ...] = ()
    rules: Rules = Rules()
    form: dict[str, FormBilling] = {}

    @property
    def names(self) -> dict[str, str]:
        """Names of institutions by code, the issuer's own included."""
        known = {home.code: home.name for home in self.institution if home.name}
        own = {self.issuer.institution: self.issuer.name} if self.issuer.institution else {}
        return own | known

    @property
    def billing_rules(self) -> BillingRules:
        """As plain values."""
        return BillingRules(
            declined=self.rules.declined,
            unknown_home=self.rules.unknown_home,
            homes={home.code: home.municipality for home in self.institution},
        )


def read_billing_file(path: Path) -> BillingFile | None:
    """The installation's own file; None if there is none.

    Raises:
        InvalidRequest: it is broken; the message names file and entry.
    """
    if not path.is_file():
        return None
    try:
        return BillingFile.model_validate(tomllib.loads(path.read_text("utf-8-sig")))
    except tomllib.TOMLDecodeError as error:
        raise InvalidRequest(f"{path.name}: not TOML: {error}") from error
    except ValidationError as error:
        entry = error.errors()[0]
        where = ".".join(map(str, entry["loc"]))
        raise InvalidRequest(f"{path.name}: {where}: {entry['msg']}") from error


__all__ = ["Bank", "BillingFile", "Home", "Issuer", "Rules", "read_billing_file"]
