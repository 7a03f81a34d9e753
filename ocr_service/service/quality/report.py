"""How right the accepted fields are, as the samples show it, against what was promised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ocr_service.db.quality import quality
from ocr_service.db.quality import raises as quality_raises
from ocr_service.db.quality.raises import Raise, Recall
from ocr_service.db.uow import UnitOfWork
from ocr_service.domain.quality import KindRate, Stratum, Verdict, rate_of
from ocr_service.forms.library import TemplateLibrary
from ocr_service.service.quality.raising import keys_of


@dataclass(frozen=True, slots=True)
class RaisedWithRecalls:
    """A raised threshold with the batches it calls back."""

    raised: Raise
    recalls: tuple[Recall, ...]


@dataclass(frozen=True, slots=True)
class QualityReport:
    """All that is known.

    Attributes:
        overall: all kinds together, weighted by their sizes.
        kinds: each kind.
        strata: each kind and band.
        samples: how many stand where.
        raises: thresholds raised so far, the newest first.
    """

    overall: KindRate
    kinds: tuple[KindRate, ...]
    strata: tuple[Stratum, ...]
    samples: Mapping[Verdict, int]
    raises: tuple[RaisedWithRecalls, ...]


def quality_report(uow: UnitOfWork, library: TemplateLibrary) -> QualityReport:
    """How right the accepted fields are."""
    strata = quality.strata(uow)
    kinds = sorted({stratum.kind for stratum in strata})
    raises = quality_raises.everything(uow)
    return QualityReport(
        overall=rate_of("", strata),
        kinds=tuple(rate_of(kind, [s for s in strata if s.kind == kind]) for kind in kinds),
        strata=tuple(strata),
        samples=quality.verdicts(uow),
        raises=tuple(RaisedWithRecalls(one, _recalls(uow, one, library)) for one in raises),
    )


def _recalls(uow: UnitOfWork, raised: Raise, library: TemplateLibrary) -> tuple[Recall, ...]:
    if raised.undone_at is not None:
        return ()
    return tuple(quality_raises.recalls(uow, raised, keys_of(raised.kind, library)))


__all__ = ["QualityReport", "RaisedWithRecalls", "quality_report"]
