"""An address → a file that the readers read: one page, at a person's word.

The file lies in a folder of its own, named by the address, with a manifest.csv that gives the article its address as
`url`; what the page says of its title, outlet and day is left to the readers. The manifest stands over a page's own
metadata, so the address that was asked for is kept also where the page calls another one canonical or the server led
on to another: who asks for the same address again gets the same article. Corrections written into that manifest (an
outlet, a day) stay through every fetching.
"""

from __future__ import annotations

import codecs
import hashlib
import re
import tempfile
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import httpx

from rag import __version__, readers
from rag.connect import BY_HAND, Answer, Errand, MayConnect, anywhere, get, public
from rag.errors import FetchError, ReadError
from rag.manifest_file import note_address, replace_file
from rag.readers_data import listed, web_address

__all__ = ["MayConnect", "anywhere", "fetch", "public"]

SECONDS: Final = 30.0  # for all of it, redirects included
MOST: Final = 10_000_000  # bytes, unpacked
REDIRECTS: Final = 5
SLUG: Final = 60  # characters of a file's name before its ending

_ENDINGS: Final = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/x-markdown": ".md",
    "text/csv": ".csv",
    "application/csv": ".csv",
    "application/jsonl": ".jsonl",
    "application/x-jsonl": ".jsonl",
    "application/jsonlines": ".jsonl",
    "application/x-jsonlines": ".jsonl",
    "application/x-ndjson": ".jsonl",
    "application/ndjson": ".jsonl",
}
_HEADERS: Final = {
    "User-Agent": f"Whosays/{__version__}",
    "Accept": "text/html,application/xhtml+xml,text/plain;q=0.9,text/markdown;q=0.9,text/csv;q=0.9,*/*;q=0.1",
    "Accept-Encoding": "gzip",  # the one that is unpacked with a limit, see _unpacked
    "Connection": "close",
}
_MARKS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
# Python knows other "encodings" (unicode_escape, idna, undefined) that no page is written in.
_CHARSETS: Final = re.compile(
    r"(?:x-)?(?:utf-?(?:8|16|32)(?:-?[bl]e)?|(?:iso|windows|cp|koi8|gb|big5|shift|s-?jis|euc|mac|tis|ks_c|latin)[\w:-]*"
    r"|(?:us-)?ascii)",
    re.IGNORECASE,
)
_LATIN: Final = frozenset(("iso8859-1", "ascii"))  # Python's names for what browsers read as Windows-1252


@dataclass(frozen=True, slots=True)
class _Page:
    """What came: the file's ending, and its bytes as they are kept."""

    ending: str
    content: bytes


def fetch(address: str, folder: Path, may_connect: MayConnect = public, seconds: float = SECONDS) -> Path:
    """The file, under `folder`, that now holds the page of an http or https address; the same one for the same address.

    `may_connect` is asked about every number that is connected to, after each redirect too. At most `seconds` in all,
    MOST bytes, REDIRECTS redirects. Raises FetchError in one line that begins with the address as it was given (without
    a name and password in it); what an earlier fetch has kept then stays as it was. Nothing is kept of a page in which
    the readers find no article. May run in several threads and processes at once.
    """
    name, url = _understood(address)
    errand = Errand(name, may_connect, seconds, time.monotonic() + seconds)
    page = _arrived(url, errand)
    _check_words(page, name)
    return _kept(page, folder, url, name)


# --- addresses --------------------------------------------------------------------------------


def _understood(address: str) -> tuple[str, httpx.URL]:
    """What to call the address, and what it is: without its fragment, which is never sent. Raises FetchError."""
    name = _shown(address.strip())
    try:
        url = httpx.URL(address.strip()).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError) as error:
        name = re.sub(r"//.*@", "//", name)  # where its parts cannot be told, a password may hold a slash
        raise FetchError(f"{name}: no address that can be read: check its spelling") from error
    if url.userinfo:
        raise FetchError(f"{name}: a name and password stand in the address, and none are sent: {BY_HAND}")
    if url.scheme not in ("http", "https"):
        raise FetchError(f"{name}: only http and https addresses are fetched: {BY_HAND}")
    if not url.host or web_address(str(url)) is None or (url.port or 1) not in range(1, 2**16):
        raise FetchError(f"{name}: no whole address: write it as https://host/page")
    return name, url


def _shown(address: str) -> str:
    """An address as it may be repeated: on one line, and without a name and password."""
    line = address if address.isprintable() else ascii(address)[1:-1]
    return re.sub(r"\A([^/?#]*//)?[^/?#]*@", r"\1", line)


def _address(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode('ascii')}{url.raw_path.decode('ascii')}"


def _place(url: httpx.URL, ending: str) -> Path:
    """Where a page is kept: a folder by the whole address, in it a name to know it by, which becomes the article's id.

    The name is host and path in small ASCII letters, digits and hyphens: fit for every file system, and never one of
    the names that some systems keep for themselves, for those hold no hyphen.
    """
    folder = hashlib.sha256(_address(url).encode()).hexdigest()[:12]
    host = _slug(url.raw_host.decode("ascii").removeprefix("www."))[:30].strip("-")
    words = _slug(re.sub(r"\.\w{1,5}\Z", "", unquote(url.path).rstrip("/")))[-(SLUG - 1 - len(host)) :].strip("-")
    return Path(folder, f"{host or 'page'}-{words or 'page'}{ending}")


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


# --- what the server sends --------------------------------------------------------------------


def _arrived(url: httpx.URL, errand: Errand) -> _Page:
    for _ in range(REDIRECTS + 1):
        with get(url, _HEADERS, errand) as answer:
            onward = _onward(url, answer, errand)
            if onward is None:
                return _page(url, answer, errand.name)
        url = onward
    raise FetchError(f"{errand.name}: it leads on more than {REDIRECTS} times: {BY_HAND}")


def _onward(url: httpx.URL, answer: Answer, errand: Errand) -> httpx.URL | None:
    """Where a redirect leads, None where the answer is none. Nothing but an address that could be given is followed."""
    to = answer.headers.get("location")
    if answer.status not in (301, 302, 303, 307, 308) or not to:
        return None
    try:
        return _understood(str(url.join(to)))[1]
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchError(f"{errand.name}: it leads on to an address that cannot be read: {BY_HAND}") from error
    except FetchError as error:
        raise FetchError(f"{errand.name}: it leads on to {error}") from error


def _page(url: httpx.URL, answer: Answer, name: str) -> _Page:
    if not 200 <= answer.status < 300:
        raise FetchError(f"{name}: {_status(answer.status)}")
    given = answer.headers.get("content-type", "")
    ending = _ending(url, given.partition(";")[0].strip().lower(), name)
    found = re.search(r";\s*charset\s*=\s*[\"']?([^\s\"';]+)", given, re.IGNORECASE)
    return _Page(ending, _in_utf8(_body(answer, name), found.group(1) if found else ""))


def _status(status: int) -> str:
    said = " ".join([str(status), *(known.phrase for known in HTTPStatus if known == status)])
    match status:
        case 404 | 410:
            return f"there is no such page ({said}): check the address"
        case 401 | 402 | 403 | 407 | 451:
            return f"the server refuses it ({said}): {BY_HAND}"
        case 429 | 503:
            return f"the server takes no more readers now ({said}): try again later"
        case _ if status >= 500:
            return f"the server failed ({said}): try again later"
        case _:
            return f"the server answered {said}, not with a page: {BY_HAND}"


def _ending(url: httpx.URL, kind: str, name: str) -> str:
    """The file's ending by what the server calls the page. Many call all text plain: then the address tells more."""
    if kind == "text/plain":
        stated = Path(url.path).suffix.lower()
        return stated if stated in (".md", ".csv", ".jsonl") else ".txt"
    if kind not in _ENDINGS:
        what = listed([kind]) if kind else "of no stated type"
        raise FetchError(f"{name}: it is {what}; HTML, text, Markdown, CSV and JSONL are read: save it as one of these")
    return _ENDINGS[kind]


def _body(answer: Answer, name: str) -> bytes:
    packed = answer.headers.get("content-encoding", "identity").lower()
    if packed not in ("identity", "", "gzip", "x-gzip"):
        raise FetchError(f"{name}: it comes packed as {listed([packed])}, which was not asked for: {BY_HAND}")
    parts = _unpacked(answer.parts, name) if "gzip" in packed else answer.parts
    body = bytearray()
    for part in parts:
        body += part
        if len(body) > MOST:
            raise FetchError(f"{name}: it is larger than {MOST // 1_000_000} MB: {BY_HAND}, without its pictures")
    return bytes(body)


def _unpacked(parts: Iterator[bytes], name: str) -> Iterator[bytes]:
    """The parts of a gzip stream. None is larger than one byte more than may come in all: a small packet can hold a
    thousand times its size, and must not be unpacked before it is counted."""
    unpack = zlib.decompressobj(wbits=31)
    try:
        for part in parts:
            while part:
                if unpack.eof:
                    unpack = zlib.decompressobj(wbits=31)
                yield unpack.decompress(part, MOST + 1)
                part = unpack.unused_data  # what follows the end of one stream is another
    except zlib.error as error:
        raise FetchError(f"{name}: it cannot be unpacked ({error}): try again, or {BY_HAND}") from error
    if not unpack.eof:
        raise FetchError(f"{name}: the server broke off its answer: try again, or {BY_HAND}")


def _in_utf8(content: bytes, charset: str) -> bytes:
    """The page, so written that the readers take it as the header says, whatever else it states of itself.

    The header stands over what the page states, under a byte order mark (the order of the HTML standard). But a page of
    valid UTF-8 beyond ASCII is UTF-8, whatever is said of it, as with files; and where the header is wrong, the page
    is left to the readers.
    """
    if not _CHARSETS.fullmatch(charset) or content.startswith(_MARKS):
        return content
    try:
        encoding = codecs.lookup(charset).name
        if not content.isascii() and _is_utf8(content):
            encoding = "utf-8"
        return codecs.BOM_UTF8 + content.decode("cp1252" if encoding in _LATIN else encoding).encode("utf-8")
    except (LookupError, UnicodeError):
        return content


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


# --- keeping it -------------------------------------------------------------------------------


def _check_words(page: _Page, name: str) -> None:
    """Raises FetchError where the readers will find no article: a page made of scripts must not replace a good one.

    Tables are left to them: which column is the text is said when they are read.
    """
    if page.ending in readers.ROW_ENDINGS:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder).resolve() / f"page{page.ending}"
        path.write_bytes(page.content)
        try:
            readers.read(path)
        except ReadError as error:
            raise FetchError(f"{name}: {str(error).removeprefix(f'{path}: ')}: {BY_HAND}") from error


def _kept(page: _Page, folder: Path, url: httpx.URL, name: str) -> Path:
    path = folder.expanduser().resolve() / _place(url, page.ending)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        note_address(path.parent, path.name, _address(url))  # first: a page without its address is worse than none
        replace_file(path, page.content)
    except OSError as error:
        raise FetchError(f"{name}: it cannot be kept in {path.parent} ({error.strerror}): make room there") from error
    except ReadError as error:
        raise FetchError(f"{name}: {error}") from error
    return path
