"""A file → articles. The only door to files of articles; what cannot be used is named, never dropped in silence."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from rag.errors import ReadError
from rag.readers_blocks import first_title, mark, published_in, text_spans
from rag.readers_data import Facts, Problem, Reading
from rag.readers_decode import Decoded, decode
from rag.readers_html import read_page
from rag.readers_rows import ColumnMap, Row, Table, parse_map, read_csv, read_jsonl
from rag.readers_sidecars import SIDECARS, Manifest, read_front_matter, read_manifest
from rag.types import Article, Block

__all__ = ["ColumnMap", "Problem", "Reading", "find_files", "parse_map", "read"]

TEXT_ENDINGS: Final = frozenset((".txt", ".md"))
PAGE_ENDINGS: Final = frozenset((".html", ".htm"))
ROW_ENDINGS: Final = frozenset((".csv", ".jsonl"))
ENDINGS: Final = TEXT_ENDINGS | PAGE_ENDINGS | ROW_ENDINGS
_KINDS: Final = ".txt, .md, .html, .csv and .jsonl"


# --- finding ----------------------------------------------------------------------------------


def find_files(paths: Sequence[Path]) -> tuple[list[Path], list[Problem]]:
    """The files to read, absolute, each once: those named, and those in the named folders in sorted order.

    Left out of folders: hidden files, sidecars, and other endings, which are told of once a folder (`harmless`).
    The manifests of the folders are checked here, once, so that `read` need not repeat it for every file.
    """
    files: dict[Path, None] = {}
    problems: list[Problem] = []
    for given in paths:
        path = _absolute(given.expanduser())
        if path.is_dir():
            found, trouble = _in_folder(path)
        else:
            found, trouble = _named(path)
        files.update(dict.fromkeys(found))
        problems.extend(trouble)
    for folder in dict.fromkeys(file.parent for file in files):
        problems.extend(_manifest_problems(folder))
    return list(files), problems


def _absolute(path: Path) -> Path:
    """The path with its folder resolved and its own name kept: a link's name is the article's id."""
    if path.name in ("", ".", ".."):
        return path.resolve()
    try:
        return path.parent.resolve() / path.name
    except (OSError, RuntimeError):  # a loop of links
        return path.absolute()


def _named(path: Path) -> tuple[list[Path], list[Problem]]:
    if not path.exists() and not path.is_symlink():
        return [], [Problem(str(path), None, "there is no such file or folder")]
    if path.name in SIDECARS:
        return [], [Problem(str(path), None, "skipped: it describes articles and is not one", harmless=True)]
    if path.suffix.lower() not in ENDINGS:
        return [], [Problem(str(path), None, f"its ending is not one that is read: {_KINDS}")]
    return [path], []


def _in_folder(folder: Path) -> tuple[list[Path], list[Problem]]:
    errors: list[OSError] = []
    files: list[Path] = []
    for at, folders, names in os.walk(folder, onerror=errors.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files += [Path(at, name) for name in sorted(names) if not name.startswith(".") and name not in SIDECARS]
    problems = [Problem(str(e.filename), None, f"cannot be opened: {e.strerror}") for e in errors]
    others = Counter(file.suffix.lower() or "no ending" for file in files if file.suffix.lower() not in ENDINGS)
    if others:
        listed = ", ".join(f"{count} {ending}" for ending, count in sorted(others.items()))
        problems.append(Problem(str(folder), None, f"skipped {listed}: only {_KINDS} are read", harmless=True))
    return [file for file in files if file.suffix.lower() in ENDINGS], problems


def _manifest_problems(folder: Path) -> Iterator[Problem]:
    manifest = read_manifest(folder)
    yield from manifest.problems
    for name, entry in manifest.entries.items():
        if not (folder / name).exists():
            yield Problem(manifest.path, str(entry.row), f"it names {name}, which is not there", harmless=True)


# --- reading ----------------------------------------------------------------------------------


def read(path: Path, columns: ColumnMap | None = None, manifest: Manifest | None = None) -> Reading:
    """The articles of one file. `columns` is for .csv and .jsonl and ignored by the others.

    Titles, outlets, days and addresses come from front matter, then the manifest (read from the file's folder unless
    given), then a page's metadata, then the text. An id is the one wanted (stem, mapped id, stem-row): clashes are the
    library's. In a table the manifest fills an outlet, day or address that the row leaves open.
    Raises ReadError, one line with file and reason, where the whole file gives no article.
    """
    path = _absolute(path)
    name = str(path)
    if not _is_utf8(name):
        raise ReadError(f"{name!a}: its name is not valid UTF-8: rename it")
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise ReadError(f"{name}: its ending is not one that is read: {_KINDS}")
    decoded = decode(_bytes(path), name, html=ending in PAGE_ENDINGS, rows=ending in ROW_ENDINGS)
    facts, problems = _from_manifest(path, manifest or read_manifest(path.parent))
    if ending in ROW_ENDINGS:
        reading = _read_rows(path, decoded, columns, facts)
    elif ending in PAGE_ENDINGS:
        reading = _read_html(path, decoded, facts)
    else:
        reading = _read_text(path, decoded, facts)
    notes = (decoded.note, *reading.notes) if decoded.note else reading.notes
    return Reading(reading.articles, problems + reading.problems, notes)


def _is_utf8(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _bytes(path: Path) -> bytes:
    if path.is_dir():
        raise ReadError(f"{path}: is a folder")
    if path.is_symlink() and not path.exists():
        raise ReadError(f"{path}: is a link to a file that is not there")
    if path.exists() and not path.is_file():  # a pipe would never end
        raise ReadError(f"{path}: is not a regular file")
    try:
        return path.read_bytes()
    except OSError as error:
        raise ReadError(f"{path}: cannot be read: {error.strerror or type(error).__name__}") from error


def _from_manifest(path: Path, manifest: Manifest) -> tuple[Facts, tuple[Problem, ...]]:
    entry = manifest.entries.get(path.name)
    if entry is None:
        return Facts(), ()
    if entry.bad_day is None:
        return entry.facts, ()
    reason = f"published of {path.name} is {entry.bad_day[:60]!r}: write YYYY-MM-DD"
    return entry.facts, (Problem(manifest.path, str(entry.row), reason),)


def _read_text(path: Path, decoded: Decoded, beside: Facts) -> Reading:
    text = decoded.text
    front = read_front_matter(text)
    known = front.facts.over(beside)
    markdown = path.suffix.lower() == ".md"
    blocks = mark(text, text_spans(text, markdown=markdown, start=front.end), known.title)
    facts = known.over(Facts(title=first_title(text, blocks), published=published_in(text, blocks)))
    if front.end:
        blocks = (Block(0, len(text[: front.end].rstrip()), "furniture"), *blocks)
    article = _article(path, path.stem, None, text, blocks, facts)
    trouble = (Problem(str(path), None, front.trouble),) if front.trouble else ()
    return Reading((article,), trouble)


def _read_html(path: Path, decoded: Decoded, beside: Facts) -> Reading:
    page = read_page(decoded.text, str(path))
    if page is None:
        raise ReadError(f"{path}: empty: the page shows no text")
    known = beside.over(page.facts)
    blocks = mark(page.text, page.spans, known.title)
    facts = known.over(Facts(title=first_title(page.text, blocks), published=published_in(page.text, blocks)))
    return Reading((_article(path, path.stem, None, page.text, blocks, facts),), (), page.notes)


def _read_rows(path: Path, decoded: Decoded, columns: ColumnMap | None, beside: Facts) -> Reading:
    reader = read_csv if path.suffix.lower() == ".csv" else read_jsonl
    table: Table = reader(decoded.text, str(path), columns)
    whole = Facts(outlet=beside.outlet, published=beside.published, url=beside.url)
    articles: list[Article] = []
    problems = list(table.problems)
    for row in table.rows:
        try:
            articles.append(_row_article(path, row, whole))
        except ReadError as error:
            problems.append(Problem(str(path), str(row.number), str(error).removeprefix(f"{path}: ")))
    if not articles and not problems:
        raise ReadError(f"{path}: empty: it has a header and no rows")
    return Reading(tuple(articles), tuple(problems), table.notes)


def _row_article(path: Path, row: Row, whole: Facts) -> Article:
    known = row.facts.over(whole)
    blocks = mark(row.text, text_spans(row.text), known.title)
    facts = known.over(Facts(title=first_title(row.text, blocks)))
    return _article(path, row.id or f"{path.stem}-{row.number}", str(row.number), row.text, blocks, facts)


def _article(path: Path, id: str, row: str | None, text: str, blocks: tuple[Block, ...], facts: Facts) -> Article:
    if all(block.kind == "furniture" for block in blocks):
        raise ReadError(f"{path}: empty: it holds no words of an article, only page furniture")
    return Article(
        id=id,
        title=facts.title or id,
        text=text,
        blocks=blocks,
        outlet=facts.outlet,
        published=facts.published,
        url=facts.url,
        path=str(path),
        row=row,
    )
