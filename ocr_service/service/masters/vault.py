"""The key of citizens' rows, read when it is first needed and made at the first import."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from ocr_service.domain.errors import Conflict
from ocr_service.masters.importing.model import PERSONAL, MasterKind
from ocr_service.masters.sealing import Seal, seal_from


class PersonalMastersOff(Conflict):
    """This installation keeps no lists of citizens."""

    code: ClassVar[str] = "master.personal_off"


@dataclass(slots=True)
class Vault:
    """Whether an installation keeps lists of citizens, and under which key.

    Attributes:
        path: the key file; made, readable by its owner alone, when it is first needed.
        enabled: off unless the operator switches it on.
    """

    path: Path
    enabled: bool = False
    _seal: Seal | None = field(default=None, repr=False)

    @property
    def seal(self) -> Seal:
        """The key.

        Raises:
            WrongMasterKey: the file holds none.
        """
        if self._seal is None:
            self._seal = seal_from(self.path)
        return self._seal

    def allow(self, kind: MasterKind) -> None:
        """Go on only where this kind may be kept.

        Raises:
            PersonalMastersOff: it is about citizens and the installation keeps none.
        """
        if kind in PERSONAL and not self.enabled:
            raise PersonalMastersOff(
                "lists of citizens are switched off; set OCR_PERSONAL_MASTERS=true to keep them"
            )


__all__ = ["PersonalMastersOff", "Vault"]
