"""Files into an index: what is new or changed is split, parsed and kept; everything else is told of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rag import readers, split
from rag.errors import ReadError
from rag.library import Library
from rag.library_ids import Plan
from rag.readers import ColumnMap, Problem
from rag.readers_sidecars import Manifest, read_aliases, read_manifest
from rag.reports import other_names
from rag.types import Article, Tokens

if TYPE_CHECKING:
    from rag.index import Index, Parser, Progress

BATCH = 64  # passages that may be owed before they are embedded


@dataclass(frozen=True, slots=True)
class Entry:
    """One article of a report: its id, its source, and what is to be said of it."""

    id: str
    path: str
    row: str | None
    detail: str

    def line(self) -> str:
        return f"{self.id}: {self.detail} ({self.path}{f', row {self.row}' if self.row else ''})"


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What became of each source. `copies` are among `added`, `replaced` and `same` too."""

    added: tuple[Entry, ...]
    replaced: tuple[Entry, ...]
    same: tuple[Entry, ...]
    duplicates: tuple[Entry, ...]  # rows that repeat another row of their file; not kept
    copies: tuple[Entry, ...]  # kept, with the same text as an earlier article
    vanished: tuple[Entry, ...]  # the source is gone; the article is kept until removed
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Tally:
    """The report while it is being made."""

    outcomes: dict[str, list[Entry]] = field(
        default_factory=lambda: {"added": [], "replaced": [], "same": [], "duplicate": []}
    )
    copies: list[Entry] = field(default_factory=list)
    vanished: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def report(self) -> IngestReport:
        return IngestReport(
            added=tuple(self.outcomes["added"]),
            replaced=tuple(self.outcomes["replaced"]),
            same=tuple(self.outcomes["same"]),
            duplicates=tuple(self.outcomes["duplicate"]),
            copies=tuple(self.copies),
            vanished=tuple(self.vanished),
            problems=tuple(self.problems),
            notes=tuple(self.notes),
        )


@dataclass(frozen=True, slots=True)
class _Source:
    """An article as read, with the column map that it was read with."""

    article: Article
    columns: str | None


def ingest(
    index: Index,
    paths: Sequence[Path],
    columns: ColumnMap | None,
    parser: Callable[[], Parser],
    progress: Progress | None = None,
) -> IngestReport:
    """See `Index.ingest`. All files are read before the first article is kept, so that the work ahead can be told."""
    tally = _Tally()
    if index.cut_off:
        tally.notes.append("the last run was cut off: the vectors are made again from the library")
    tell = progress or _nobody
    sources = _read(index.library, paths, columns, tally, tell)
    parse = _Parsing(parser, index.library, tally)
    for n, source in enumerate(sources, start=1):
        _add(index.library, source, parse, tally)
        index.carry_out(at_least=BATCH)
        tell("adding", n, len(sources))
    index.carry_out(progress)
    _note_copies(index.library, tally)
    _note_vanished(index.library, paths, tally)
    return tally.report()


def _nobody(stage: str, done: int, total: int) -> None:
    """Nobody wants to know."""


# --- reading ----------------------------------------------------------------------------------


def _read(
    library: Library, paths: Sequence[Path], columns: ColumnMap | None, tally: _Tally, tell: Progress
) -> list[_Source]:
    files, problems = readers.find_files(paths)
    tally.problems += problems
    manifests: dict[Path, Manifest] = {}
    sources: list[_Source] = []
    for n, path in enumerate(files, start=1):
        if path.parent not in manifests:
            manifests[path.parent] = read_manifest(path.parent)
        sources += _read_file(library, path, columns, manifests[path.parent], tally)
        tell("reading", n, len(files))
    given = (folder for path in paths if (folder := path.expanduser().resolve()).is_dir())
    _keep_aliases(library, (*manifests, *given), tally)
    return sources


def _keep_aliases(library: Library, folders: Iterable[Path], tally: _Tally) -> None:
    """In the library, so that they stay with it when the folder moves."""
    for folder in dict.fromkeys(folders):
        listed = read_aliases(folder)
        tally.problems += listed.problems
        if library.keep_aliases(str(folder), listed.parties):
            tally.notes.append(f"{listed.path}: {other_names(len(listed.parties))}")


def _read_file(
    library: Library, path: Path, columns: ColumnMap | None, manifest: Manifest, tally: _Tally
) -> list[_Source]:
    """Without `columns`, a table is read with the map that was given the last time."""
    kept = library.columns(str(path)) if columns is None else None
    if kept is not None:
        columns = readers.parse_map(kept)
        tally.notes.append(f"{path}: read with the columns given before: {kept}")
    try:
        reading = readers.read(path, columns, manifest)
    except ReadError as error:
        tally.problems.append(Problem(str(path), None, str(error).removeprefix(f"{path}: ")))
        return []
    tally.problems += reading.problems
    tally.notes += reading.notes
    rows = [article for article in reading.articles if article.row is not None]
    if rows:
        _note_gone(library, library.settle_rows(str(path), rows), tally)
    used = columns.to_string() if columns is not None and rows else None
    return [_Source(article, used) for article in reading.articles]


def _note_gone(library: Library, ids: Sequence[str], tally: _Tally) -> None:
    gone = set(ids)
    for kept in library.summaries() if gone else ():
        if kept.id in gone:
            tally.vanished.append(Entry(kept.id, kept.path, kept.row, "its row is gone; the article is kept"))


# --- keeping ----------------------------------------------------------------------------------


class _Parsing:
    """The parser, made when the first sentence needs it."""

    def __init__(self, make: Callable[[], Parser], library: Library, tally: _Tally) -> None:
        self._make = make
        self._library = library
        self._tally = tally
        self._parser: Parser | None = None

    def __call__(self, texts: Sequence[str]) -> list[Tokens]:
        if not texts:
            return []
        if self._parser is None:
            self._parser = self._make()
            before = self._library.get("parser")
            if before not in (None, self._parser.name):
                self._tally.notes.append(f"parsed with {self._parser.name}; earlier articles with {before}")
            self._library.set("parser", self._parser.name)
        return self._parser.parse(texts)


def _add(library: Library, source: _Source, parse: _Parsing, tally: _Tally) -> None:
    article = source.article
    plan = library.plan(article)
    detail = _detail(library, plan, article)
    if plan.text_changed:
        sentences, passages = split.split(article)
        library.put(article, sentences, passages, parse([s.text for s in sentences]), source.columns)
    elif plan.outcome == "replaced":
        library.put(article, (), (), (), source.columns)
    tally.outcomes[plan.outcome].append(Entry(plan.id, article.path, article.row, detail))


def _detail(library: Library, plan: Plan, article: Article) -> str:
    if plan.outcome == "duplicate":
        return "the row repeats this article and is skipped"
    if plan.outcome == "same":
        return "unchanged"
    if plan.outcome == "added":
        return "added" if plan.id == article.id else f"added; the id {article.id} belongs to another source"
    if plan.text_changed:
        return "its text changed"
    kept = library.article(plan.id)
    names = ("title", "outlet", "published", "url")
    return f"its {', '.join(n for n in names if getattr(kept, n) != getattr(article, n))} changed"


def _note_copies(library: Library, tally: _Tally) -> None:
    seen = {entry.id for kind in ("added", "replaced", "same") for entry in tally.outcomes[kind]}
    for kept in library.summaries():
        if kept.copy_of and kept.id in seen:
            tally.copies.append(Entry(kept.id, kept.path, kept.row, f"the same text as {kept.copy_of}"))


def _note_vanished(library: Library, paths: Sequence[Path], tally: _Tally) -> None:
    """Articles whose file was in a place that was ingested and is not there any more."""
    places = {path.expanduser().resolve() for path in paths}
    for kept in library.summaries():
        path = Path(kept.path)
        if not places.isdisjoint((path, *path.parents)) and not path.exists():
            tally.vanished.append(Entry(kept.id, kept.path, kept.row, "its file is gone; the article is kept"))
