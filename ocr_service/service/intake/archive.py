"""Looks into ZIP archives of scans without trusting anything they say of themselves.

Nothing is ever written under a member's name, so a name cannot lead out of a folder.
"""

from __future__ import annotations

import errno
import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from ocr_service.domain.errors import (
    DamagedFile,
    EncryptedPdf,
    InputError,
    ServiceUnavailable,
    UnsupportedFormat,
)

_READABLE = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_UTF8_FLAG = 0x800
_ENCRYPTED_FLAG = 0x1
_FIRST_CJK = "\u3000"
_DIRECTORY_BYTES_PER_ENTRY = 1024
_SMALL_BYTES = 100_000_000
_MAX_NAME = 255
_NOISE = ("__MACOSX/",)
_NOISE_NAMES = frozenset({"Thumbs.db", "desktop.ini"})

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    struct.error,
    ValueError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
)
"""What ``zipfile`` raises for bytes that are no archive, or a damaged one.

``NotImplementedError`` is its own word for a way of packing that it does not know.
"""


class ArchiveTooLarge(InputError):
    """The archive has too many members, or would unpack to too many bytes."""

    code = "archive.too_large"
    http_status = 413


class NestedArchive(InputError):
    """A member of the archive is an archive itself."""

    code = "archive.nested"


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What an archive may hold.

    Attributes:
        max_member_bytes: of one member, unpacked.
        max_members: files and folders together.
        max_total_bytes: of all members, unpacked.
        max_ratio: unpacked to packed, of an archive that unpacks to more than 100 MB.
    """

    max_member_bytes: int = 100_000_000
    max_members: int = 10_000
    max_total_bytes: int = 10_000_000_000
    max_ratio: int = 100


DEFAULT_LIMITS = ArchiveLimits()
"""What ``docs/reference/limits.md`` names."""


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """A file in an archive.

    Attributes:
        index: 0-based position in the archive's directory.
        name: decoded, with ``/`` between folders, without anything that leads upwards.
        info: for ``zipfile``.
    """

    index: int
    name: str
    info: zipfile.ZipInfo


@dataclass(frozen=True, slots=True)
class Archive:
    """An open archive: its members in the order of their names, folders and noise left out."""

    members: tuple[ArchiveMember, ...]
    zip: zipfile.ZipFile

    @contextmanager
    def reading(self, member: ArchiveMember) -> Iterator[IO[bytes]]:
        """The unpacked bytes of a member, checked against its checksum at their end.

        Raises:
            EncryptedPdf: it asks for a password.
            UnsupportedFormat: a link, or packed in a way that we do not unpack.
            DamagedFile: broken.
        """
        info = member.info
        if info.flag_bits & _ENCRYPTED_FLAG:
            raise EncryptedPdf("this member of the ZIP asks for a password: pack it without one")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise UnsupportedFormat("this member of the ZIP is a link: pack the file itself")
        if info.compress_type not in _READABLE:
            raise UnsupportedFormat("this member is packed in an unusual way: pack it as plain ZIP")
        try:
            with self.zip.open(info) as stream:
                yield stream
        except BROKEN as error:
            raise DamagedFile("this member of the ZIP is damaged: pack it again") from error
        except OSError as error:
            raise _of_offset(error) from error


@contextmanager
def open_archive(stream: IO[bytes], limits: ArchiveLimits) -> Iterator[Archive]:
    """Open an archive and look at its directory.

    Args:
        stream: seekable, the whole archive.
        limits: what it may hold.

    Raises:
        DamagedFile: not a ZIP, or cut off.
        ArchiveTooLarge: beyond ``limits``; found before anything is unpacked.
    """
    try:
        size = stream.seek(0, 2)
        _check_directory(stream, size, limits)
        stream.seek(0)
        opened = zipfile.ZipFile(stream)
    except BROKEN as error:
        raise DamagedFile("the ZIP is damaged or cut off: send it again") from error
    except OSError as error:
        raise _of_offset(error) from error
    with opened:
        infos = opened.infolist()
        _check_totals(infos, size, limits)
        members = [
            ArchiveMember(index, decoded_name(info), info)
            for index, info in enumerate(infos)
            if not info.is_dir()
        ]
        shown = [member for member in members if not _is_noise(member.name)]
        shown.sort(key=lambda member: (member.name, member.index))
        yield Archive(tuple(shown), opened)


def decoded_name(info: zipfile.ZipInfo) -> str:
    """A member's name as people wrote it.

    Without the UTF-8 flag the bytes are what the packing program thought of as the system's code
    page: Japanese Windows writes code page 932; macOS writes UTF-8 and forgets the flag.
    """
    name = info.orig_filename
    if not info.flag_bits & _UTF8_FLAG:
        name = _guessed(name.encode("cp437"))
    parts = name.partition("\0")[0].replace("\\", "/").split("/")
    kept = [_printable(part) for part in parts if part not in {"", ".", ".."}]
    return "/".join(kept)[-_MAX_NAME:] or "unnamed"


def _guessed(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    # Half-width kana of code page 932 can be valid UTF-8 of Latin letters, but not of kana.
    if raw.isascii() or any(char >= _FIRST_CJK for char in text):
        return text
    try:
        return raw.decode("cp932")
    except UnicodeDecodeError:
        return text or raw.decode("cp437")


def _printable(part: str) -> str:
    return "".join(char for char in part if char.isprintable()).strip()


def _is_noise(name: str) -> bool:
    last = name.rpartition("/")[2]
    return name.startswith(_NOISE) or last in _NOISE_NAMES or last.startswith(".")


def _check_totals(infos: list[zipfile.ZipInfo], size: int, limits: ArchiveLimits) -> None:
    if len(infos) > limits.max_members:
        raise _too_many(len(infos), limits)
    total = sum(info.file_size for info in infos)
    if total > limits.max_total_bytes:
        raise ArchiveTooLarge(
            f"the ZIP would unpack to more than {limits.max_total_bytes} bytes: send it in parts"
        )
    # Members that share packed bytes are a trick of bombs; together they are longer than the file.
    packed = sum(info.compress_size for info in infos)
    if packed > size or (total > _SMALL_BYTES and total > limits.max_ratio * size):
        raise ArchiveTooLarge("the ZIP unpacks to far more than it holds: send the scans as files")


def _check_directory(stream: IO[bytes], size: int, limits: ArchiveLimits) -> None:
    """Look at the length of the directory before ``zipfile`` reads it into memory."""
    tail_at = max(0, size - 65_557)
    stream.seek(tail_at)
    tail = stream.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise zipfile.BadZipFile("no directory")
    entries, length = struct.unpack_from("<HL", tail, at + 10)
    locator = tail[max(0, at - 20) : at]
    if locator[:4] == b"PK\x06\x07":
        (record_at,) = struct.unpack_from("<Q", locator, 8)
        stream.seek(record_at)
        record = stream.read(56)
        entries, length = struct.unpack_from("<QQ", record, 32)
    if entries > limits.max_members or length > limits.max_members * _DIRECTORY_BYTES_PER_ENTRY:
        raise _too_many(entries, limits)


def _of_offset(error: OSError) -> Exception:
    """A damaged archive points before its own start; any other trouble is the disk's."""
    if error.errno == errno.EINVAL:
        return DamagedFile("the ZIP is damaged: pack it again")
    return ServiceUnavailable("the archive cannot be read at the moment; try again")


def _too_many(found: int, limits: ArchiveLimits) -> ArchiveTooLarge:
    return ArchiveTooLarge(
        f"the ZIP has {found} members, the limit is {limits.max_members}: send it in parts"
    )


__all__ = [
    "BROKEN",
    "DEFAULT_LIMITS",
    "Archive",
    "ArchiveLimits",
    "ArchiveMember",
    "ArchiveTooLarge",
    "NestedArchive",
    "decoded_name",
    "open_archive",
]
