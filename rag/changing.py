"""Changing the library while others ask: files, addresses and removals, each told of while it happens."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from rag import reports
from rag.additions import ADDED, FETCHED, let_go, take_in
from rag.errors import LibraryError, WhosaysError
from rag.index import Embedder, Index, Parser
from rag.parse import Parser as SpacyParser
from rag.readers_data import Problem

if TYPE_CHECKING:
    from rag.fetch import MayConnect
    from rag.ingest import IngestReport
    from rag.readers import ColumnMap


@dataclass(frozen=True, slots=True)
class Doing:
    """What is being done, how far it is, and of how much."""

    what: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of it: the whole in a line, a line for each thing that failed, and remarks."""

    tally: str
    failures: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


Step = Doing | Changed
_Tell = Callable[[str, int, int], None]


class Changes:
    """What changes the library of `folder`; one change at a time, by the library's own lock. Without `may_connect`
    addresses are fetched from hosts that the whole web can reach, and from no others.

    The parser is loaded once, with the first article that needs it.
    """

    def __init__(
        self,
        folder: Path,
        embedder: Embedder,
        may_connect: MayConnect | None = None,
        parser: Callable[[], Parser] = SpacyParser,
    ) -> None:
        self._folder, self._embedder, self._may_connect = folder, embedder, may_connect
        self._load = parser
        self._parser: Parser | None = None
        self._making = threading.Lock()

    def add(
        self, handed: Sequence[Path] = (), addresses: Sequence[str] = (), columns: ColumnMap | None = None
    ) -> Iterator[Step]:
        """Keep the files that were handed over and what stands at the addresses, and read them in."""
        return _told(lambda tell: self._add(handed, addresses, columns, tell))

    def read_again(self, ids: Collection[str]) -> Iterator[Step]:
        """Read the files of these articles again, of all where none is named."""
        return _told(lambda tell: self._read_again(ids, tell))

    def remove(self, ids: Collection[str]) -> Changed:
        """Take articles out, and with them the files that only the library has. Raises LibraryError where one is
        unknown; then none is removed."""
        with Index.open(self._folder, self._embedder, write=True) as index:
            paths = index.library.paths()
            index.remove(ids)
            left = index.library.paths()
            let_go([paths[id_] for id_ in ids], left.values(), self._folder)
        return Changed(f"{reports.articles(len(ids))} removed; the library holds {reports.articles(len(left))}")

    def _add(self, handed: Sequence[Path], addresses: Sequence[str], columns: ColumnMap | None, tell: _Tell) -> Changed:
        fetched, problems = self._fetched(addresses, tell)
        with Index.open(self._folder, self._embedder, create=True) as index:
            paths = [*take_in(handed, self._folder), *fetched]
            report = index.ingest(paths, columns, self._parse, tell)
            left = index.library.paths()
            let_go([str(path) for path in paths], left.values(), self._folder)
        return _changed(report, len(left), self._folder, problems)

    def _fetched(self, addresses: Sequence[str], tell: _Tell) -> tuple[list[Path], list[Problem]]:
        from rag.fetch import fetch, public

        kept, problems = [], []
        for n, address in enumerate(addresses):
            tell("fetching", n, len(addresses))
            try:
                kept.append(fetch(address, self._folder / FETCHED, self._may_connect or public))
            except WhosaysError as error:
                name, _, reason = str(error).partition(": ")  # the name holds no password, which an address may
                problems.append(Problem(name, None, reason))
        return kept, problems

    def _read_again(self, ids: Collection[str], tell: _Tell) -> Changed:
        with Index.open(self._folder, self._embedder, write=True) as index:
            paths = index.library.paths()
            if unknown := next((id_ for id_ in ids if id_ not in paths), None):
                raise LibraryError(f"no article {unknown!r} in the library any more: nothing was read again")
            again = dict.fromkeys(paths[id_] for id_ in ids or paths)
            report = index.ingest([Path(path) for path in again], None, self._parse, tell)
            return _changed(report, len(index.library.paths()), self._folder)

    def _parse(self) -> Parser:
        with self._making:
            self._parser = self._parser or self._load()
            return self._parser


def _changed(report: IngestReport, total: int, library: Path, problems: Sequence[Problem] = ()) -> Changed:
    """In the words of the terminal. Where the library keeps a file says nothing to whoever sent it."""
    own = re.compile(rf"{re.escape(str(library.resolve()))}/(?:{ADDED}|{FETCHED})/(?:[0-9a-f]{{12}}/)?")
    failures = [*map(reports.problem_line, problems), *reports.failures(report)]
    return Changed(
        reports.tally(report, total, len(problems)),
        tuple(own.sub("", line) for line in failures),
        tuple(own.sub("", line) for line in reports.remarks(report)),
    )


def _told(work: Callable[[_Tell], Changed]) -> Iterator[Step]:
    """What a piece of work tells while it runs in a thread of its own; what it raises is raised here, at the end."""
    steps: SimpleQueue[Step | BaseException] = SimpleQueue()

    def run() -> None:
        try:
            steps.put(work(lambda what, done, total: steps.put(Doing(what, done, total))))
        except BaseException as error:  # noqa: BLE001 - it is raised again where someone listens
            steps.put(error)

    threading.Thread(target=run, name="whosays-changing", daemon=True).start()
    while True:
        step = steps.get()
        if isinstance(step, BaseException):
            raise step
        yield step
        if isinstance(step, Changed):
            return
