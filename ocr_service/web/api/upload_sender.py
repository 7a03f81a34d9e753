"""Who sends a file, and how an answer of the intake looks in HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header
from fastapi.responses import JSONResponse

from ocr_service.service.intake.receiving import Answer, Sender
from ocr_service.web.deps import CorrelationDep
from ocr_service.web.errors import problem
from ocr_service.web.security import IntakeUser


def sender_of(
    user: IntakeUser,
    correlation: CorrelationDep,
    key: Annotated[
        str | None,
        Header(alias="Idempotency-Key", description="the same key is answered the same way"),
    ] = None,
) -> Sender:
    """Who sends.

    Raises:
        InvalidRequest: the key is empty or too long.
    """
    return Sender(user.name, correlation, key)


SenderDep = Annotated[Sender, Depends(sender_of)]


def rendered(answer: Answer) -> JSONResponse:
    """An answer, or the problem that it is."""
    if answer.is_error:
        return problem(answer.status, code=answer.body["code"], detail=answer.body["detail"])
    return JSONResponse(answer.body, answer.status)


__all__ = ["SenderDep", "rendered", "sender_of"]
