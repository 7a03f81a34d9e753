"""Every error the service names, as one tree.

Each class carries how the three edges render it: ``code`` (stable, for programs),
``http_status`` (API), ``exit_code`` (commands) and ``retryable`` (queue). Messages say what an
operator can do; they never contain field values.

::

    OcrServiceError
    ├── InputError                the bytes cannot be read as pages
    │   ├── EmptyFile             file.empty
    │   ├── UnsupportedFormat     file.unsupported
    │   ├── DamagedFile           file.damaged
    │   ├── EncryptedPdf          file.encrypted
    │   ├── TooManyPages          file.too_many_pages
    │   ├── PageTooLarge          page.too_large
    │   └── FileTooLarge          file.too_large
    ├── PageUnmatched             page.unmatched (state unmatched, not a failure)
    │   └── BlankPage             page.blank
    ├── TemplateError             template.invalid
    │   └── TemplateUnknown       template.unknown
    ├── NotFound                  not_found
    ├── Conflict                  conflict
    │   ├── StaleVersion          conflict.stale
    │   ├── IllegalTransition     conflict.state
    │   └── HeldByOther           conflict.held
    ├── InvalidRequest            request.invalid
    │   └── PriceTableInvalid     price_table.invalid
    ├── AccessDenied              access.denied
    │   ├── SessionExpired        session.expired
    │   ├── LoginRefused          login.refused
    │   └── LoginThrottled        login.throttled
    ├── ModelMissing              model.missing
    └── ServiceUnavailable        service.unavailable
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar


class OcrServiceError(Exception):
    """Base of all named errors."""

    code: ClassVar[str] = "error"
    http_status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1
    retryable: ClassVar[bool] = False


class InputError(OcrServiceError):
    """The uploaded bytes cannot be read as pages."""

    code = "file.invalid"
    http_status = 415
    exit_code = 3


class EmptyFile(InputError):
    """The file has no bytes."""

    code = "file.empty"


class UnsupportedFormat(InputError):
    """Neither JPEG, PNG, TIFF nor PDF."""

    code = "file.unsupported"


class DamagedFile(InputError):
    """The format is known but the content is broken or cut off."""

    code = "file.damaged"


class EncryptedPdf(InputError):
    """The PDF asks for a password."""

    code = "file.encrypted"


class TooManyPages(InputError):
    """More pages in one file than the limit."""

    code = "file.too_many_pages"
    http_status = 413


class PageTooLarge(InputError):
    """A page has more pixels than the limit (decompression bomb)."""

    code = "page.too_large"
    http_status = 413


class FileTooLarge(InputError):
    """More bytes than the limit."""

    code = "file.too_large"
    http_status = 413


class PageUnmatched(OcrServiceError):
    """The page fits none of the templates; its document becomes ``unmatched``."""

    code = "page.unmatched"
    http_status = 422
    exit_code = 3


class BlankPage(PageUnmatched):
    """The page carries no ink to speak of."""

    code = "page.blank"


class TemplateError(OcrServiceError):
    """A template file breaks the schema or contradicts itself."""

    code = "template.invalid"
    http_status = 422
    exit_code = 2


class TemplateUnknown(TemplateError):
    """No template with this key and version."""

    code = "template.unknown"
    http_status = 404


class NotFound(OcrServiceError):
    """No such batch, document, field or export."""

    code = "not_found"
    http_status = 404


class Conflict(OcrServiceError):
    """The request contradicts what is stored."""

    code = "conflict"
    http_status = 409


class StaleVersion(Conflict):
    """Somebody changed the document after the caller saw it."""

    code = "conflict.stale"


class IllegalTransition(Conflict):
    """The document's state does not allow this step."""

    code = "conflict.state"


class HeldByOther(Conflict):
    """Somebody else has the document before him.

    Attributes:
        holder: user name.
        until: when it becomes free unless he goes on.
    """

    code = "conflict.held"

    def __init__(self, holder: str, until: datetime) -> None:
        super().__init__(f"{holder} is reviewing this document; ask, wait, or take it over")
        self.holder = holder
        self.until = until


class InvalidRequest(OcrServiceError):
    """A value in the request is outside what is allowed."""

    code = "request.invalid"
    http_status = 422
    exit_code = 2


class PriceTableInvalid(InvalidRequest):
    """A price table breaks its schema; the message names file, entry and fault."""

    code = "price_table.invalid"


class AccessDenied(OcrServiceError):
    """The token is missing, wrong or lacks the right."""

    code = "access.denied"
    http_status = 401


class SessionExpired(AccessDenied):
    """The session has ended; log in again and go on. Nothing that was sent is kept or lost."""

    code = "session.expired"


class LoginRefused(AccessDenied):
    """Name and password do not belong together, or the user is locked out."""

    code = "login.refused"


class LoginThrottled(AccessDenied):
    """Too many wrong guesses; even the right password is not heard for a while.

    Attributes:
        wait_s: seconds until it is.
    """

    code = "login.throttled"
    http_status = 429

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"too many wrong passwords; try again in {wait_s} seconds")
        self.wait_s = wait_s


class ModelMissing(OcrServiceError):
    """A weight file is absent or its sha256 is not the recorded one."""

    code = "model.missing"
    exit_code = 1


class ServiceUnavailable(OcrServiceError):
    """Database, queue or store cannot be reached, or the disk is full; try again."""

    code = "service.unavailable"
    http_status = 503
    retryable = True
