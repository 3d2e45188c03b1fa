"""What stands beside an article's words: manifest.csv and aliases.csv in its folder, front matter atop its file."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from rag.dates import iso_day, parse_day
from rag.errors import ReadError
from rag.readers_data import Facts, Problem, listed, one_line, web_address
from rag.readers_decode import decode

MANIFEST: Final = "manifest.csv"
ALIASES: Final = "aliases.csv"
SIDECARS: Final = frozenset((MANIFEST, ALIASES))


@dataclass(frozen=True, slots=True)
class Entry:
    """A file's row in the manifest. `bad_day`: a published value that is not YYYY-MM-DD."""

    row: int
    facts: Facts
    bad_day: str | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """The manifest of one folder: entries by file name, and what is wrong with it."""

    path: str
    entries: Mapping[str, Entry] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def read_manifest(folder: Path) -> Manifest:
    """The manifest beside the articles of `folder`; an empty one where there is none or it cannot be used."""
    path = folder / MANIFEST
    if not path.exists():
        return Manifest(str(path))
    try:
        text = decode(path.read_bytes(), str(path)).text
    except OSError as error:
        return _unusable(path, error.strerror or type(error).__name__)
    except ReadError as error:
        return _unusable(path, str(error).removeprefix(f"{path}: "))
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline="")) if any(cell.strip() for cell in row)]
    except csv.Error as error:
        return _unusable(path, str(error))
    header = [cell.strip() for cell in rows[0]]
    if header.count("file") != 1:
        return _unusable(path, f"its first line must name the column file; it names {listed(header)}")
    return _entries(path, header, rows[1:])


def _unusable(path: Path, reason: str) -> Manifest:
    return Manifest(str(path), problems=(Problem(str(path), None, f"the manifest was not used: {reason}"),))


def _entries(path: Path, header: list[str], rows: list[list[str]]) -> Manifest:
    entries: dict[str, Entry] = {}
    problems: list[Problem] = []
    for number, row in enumerate(rows, 1):
        cells = dict(zip(header, (cell.strip() for cell in row), strict=False))
        name = cells.get("file", "")
        if len(row) != len(header) or not name:
            reason = "it names no file" if len(row) == len(header) else f"it has {len(row)} cells, not {len(header)}"
            problems.append(Problem(str(path), str(number), reason))
        elif name in entries:
            problems.append(Problem(str(path), str(number), f"{name} has a row already: the first one is used"))
        else:
            entries[name] = _entry(number, cells)
    return Manifest(str(path), entries, tuple(problems))


def _entry(number: int, cells: Mapping[str, str]) -> Entry:
    given = cells.get("published", "")
    day = iso_day(given)
    bad = given if given and day is None else None
    facts = Facts(
        title=one_line(cells.get("title")),
        outlet=one_line(cells.get("outlet")),
        published=day,
        url=web_address(cells.get("url")),
        day_refused=bad is not None,
    )
    return Entry(number, facts, bad)


# --- other names ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OtherNames:
    """The aliases.csv of one folder: for each line the names of one party, and what is wrong with the others."""

    path: str
    parties: tuple[tuple[str, ...], ...] = ()
    problems: tuple[Problem, ...] = ()


def read_aliases(folder: Path) -> OtherNames:
    """The names listed beside the articles of `folder`; none where there is no list or it cannot be used."""
    path = folder / ALIASES
    if not path.exists():
        return OtherNames(str(path))
    try:
        text = decode(path.read_bytes(), str(path)).text
        reader = csv.reader(io.StringIO(text, newline=""))
        rows = [(reader.line_num, [name for cell in row if (name := one_line(cell))]) for row in reader]
    except OSError as error:
        return _no_names(path, error.strerror or type(error).__name__)
    except ReadError as error:
        return _no_names(path, str(error).removeprefix(f"{path}: "))
    except csv.Error as error:
        return _no_names(path, str(error))
    return _other_names(path, [row for row in rows if row[1]])


def _no_names(path: Path, reason: str) -> OtherNames:
    return OtherNames(str(path), problems=(Problem(str(path), None, f"the list was not used: {reason}"),))


def _other_names(path: Path, rows: list[tuple[int, list[str]]]) -> OtherNames:
    parties: list[tuple[str, ...]] = []
    problems: list[Problem] = []
    line_of: dict[str, int] = {}
    for line, names in rows:
        if fault := _fault(names, line_of):
            problems.append(Problem(str(path), str(line), fault))
            continue
        line_of.update((name.casefold(), line) for name in names)
        parties.append(tuple(dict.fromkeys(names)))
    return OtherNames(str(path), tuple(parties), tuple(problems))


def _fault(names: list[str], line_of: Mapping[str, int]) -> str | None:
    """Why a line cannot be used. A name in two lines would make two parties one."""
    if len({name.casefold() for name in names}) < 2:
        return f"it gives no other name for {listed(names[:1])}: write name,alias,alias"
    for name in names:
        if not any(c.isalpha() for c in name):
            return f"{listed([name])} is no name: write name,alias,alias"
        if name.casefold() in line_of:
            return f"{listed([name])} stands in row {line_of[name.casefold()]} already: the first is used"
    return None


# --- front matter -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """`end` is where the article's own text begins; `trouble` says what in the block could not be used."""

    end: int = 0
    facts: Facts = field(default_factory=Facts)
    trouble: str | None = None


def read_front_matter(text: str) -> FrontMatter:
    """The YAML block between two lines of dashes at the top of `text`. Without one, `end` is 0."""
    if not text.startswith("---"):
        return FrontMatter()
    import yaml  # type: ignore[import-untyped]
    from frontmatter.default_handlers import YAMLHandler

    handler = YAMLHandler()
    try:
        block, content = handler.split(text) if handler.detect(text) else ("", text)
    except ValueError:  # one line of dashes and no other: a rule, not front matter
        return FrontMatter()
    try:
        found = handler.load(block, Loader=yaml.BaseLoader) if block.strip() else None  # plain strings, nothing made
    except (yaml.YAMLError, ValueError, RecursionError):
        return FrontMatter(trouble="the block between --- lines at its top is not YAML and was read as text")
    if not isinstance(found, dict):
        return FrontMatter()
    return _front_facts(len(text) - len(content), found)


def _front_facts(end: int, found: Mapping[Any, Any]) -> FrontMatter:
    given = one_line(found.get("published")) or one_line(found.get("date"))
    day = parse_day(given) if given else None
    bad = given is not None and day is None
    facts = Facts(
        title=one_line(found.get("title")),
        outlet=one_line(found.get("outlet")),
        published=day,
        url=web_address(found.get("url")),
        day_refused=bad,
    )
    return FrontMatter(end, facts, f"front matter: published is {given!r}: write YYYY-MM-DD" if bad else None)
