"""Bytes → text. A file that is not text is refused rather than guessed at."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

from rag.errors import ReadError
from rag.readers_data import lf

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_META_WITHIN: Final = 4096  # bytes from the start of the page
# Only these: Python knows other "encodings" (unicode_escape, idna, undefined) that no page is written in.
_CHARSETS = re.compile(
    r"iso-?8859-?\d{1,2}|latin-?1|us-ascii|ascii|windows-\d{3,4}|cp\d{3,4}|koi8-[ru]|gb2312|gbk|gb18030|big5"
    r"|shift[_-]?jis|euc-(?:jp|kr)|iso-2022-jp|macintosh|utf-?8",
    re.IGNORECASE,
)
_LATIN = re.compile(r"iso-?8859-?1|latin-?1|us-ascii|ascii", re.IGNORECASE)  # browsers read these as Windows-1252
_CONTROLS = re.compile(r"[\x01-\x08\x0b\x0e-\x1f\x7f]")
_TYPOGRAPHY: Final = frozenset("‘’‚“”„–—…•‹›«»€£¥©®™°§±·´\xa0¿¡½¼¾²³¹ªº×")
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with LF line ends, and a note where the encoding was not certain."""

    text: str
    note: str | None = None


def decode(data: bytes, name: str, *, html: bool = False, rows: bool = False) -> Decoded:
    """The text of a file's bytes. Raises ReadError with `name` when it is binary, empty, or in no encoding we read.

    In `rows` a few NULs are let through, so that a table loses the row that holds one and not all of them.
    """
    if not data.strip():
        raise ReadError(f"{name}: empty")
    text, note = _text(data, name, html)
    text = lf(text)
    nuls, controls = text.count("\0"), len(_CONTROLS.findall(text))
    if nuls * 10 > (len(text) if rows else 0) or controls * 50 > len(text):
        raise ReadError(f"{name}: binary, not text")
    if not text.strip():
        raise ReadError(f"{name}: empty")
    return Decoded(text, note)


def _text(data: bytes, name: str, html: bool) -> tuple[str, str | None]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return data.decode(encoding), None
            except UnicodeDecodeError as error:
                raise ReadError(f"{name}: begins as {encoding[:6].upper()} but is not: {error.reason}") from error
    declared = _declared(data) if html else None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _not_utf8(data, name, declared, error)
    # A page of ASCII bytes can still be ISO-2022-JP; one with valid UTF-8 beyond ASCII is UTF-8, whatever it declares.
    if declared and text.isascii() and (other := _try(data, declared)) is not None:
        return other, None
    return text, None


def _declared(data: bytes) -> str | None:
    found = _META.search(data[:_META_WITHIN])
    label = found.group(1).decode("ascii") if found else ""
    if not _CHARSETS.fullmatch(label):
        return None
    return "cp1252" if _LATIN.fullmatch(label) else label


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _not_utf8(data: bytes, name: str, declared: str | None, error: UnicodeDecodeError) -> tuple[str, str | None]:
    if b"\0" in data:
        raise ReadError(f"{name}: binary, not text") from error
    if declared and (text := _try(data, declared)) is not None:
        return text, None
    high = sum(byte > 127 for byte in data)
    if sum(len(found) for found in _MULTIBYTE.findall(data)) * 2 > high:
        raise ReadError(f"{name}: damaged UTF-8 at byte {error.start}: save it again as UTF-8") from error
    western = _try(data, "cp1252")
    if western is None or not _plausible(western):
        raise ReadError(f"{name}: binary, or in an encoding that is not read: save it as UTF-8") from error
    return western, f"{name}: not UTF-8, read as Windows-1252"


def _plausible(text: str) -> bool:
    """Whether Windows-1252 gave words: few characters beyond ASCII, nearly all of them letters or typography."""
    beyond = [char for char in text if ord(char) > 127]
    fitting = sum(char.isalpha() or char in _TYPOGRAPHY for char in beyond)
    plain = sum(char.isascii() and (char.isalnum() or char.isspace()) for char in text)
    return fitting * 10 >= len(beyond) * 9 and len(beyond) * 3 <= plain and not _CONTROLS.search(text)
