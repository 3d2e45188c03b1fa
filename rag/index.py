"""The index: articles in, articles out, with library and vectors kept equal.

SQLite is the truth. A passage is committed as not yet indexed, embedded, upserted to the vectors, then marked; one
that goes is noted as to be forgotten in the same transaction. So whatever stops a writer, the next one carries out what
is owed. While the vectors are being written they are marked unsafe, for a torn file of Chroma's ends the process that
loads it: found so marked, they are made again from the library, and questions are answered from the library meanwhile.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np
import numpy.typing as npt

from rag.errors import LibraryError
from rag.library import Library
from rag.library_rows import Pending
from rag.lock import VectorsLock, WriterLock
from rag.types import Tokens
from rag.vectors import FOLDER, Vectors, nearest

if TYPE_CHECKING:
    from rag.doctor import DoctorReport
    from rag.ingest import IngestReport
    from rag.readers import ColumnMap

BATCH = 64  # passages embedded and upserted at a time: what a crash can cost
EXACT_UP_TO = 2_000  # passages whose vectors are compared one by one: quicker than Chroma takes to import, and exact
PATIENCE = 30.0  # seconds that a writer waits for readers to finish their searches

Vector = npt.NDArray[np.float32]
Progress = Callable[[str, int, int], None]  # (stage, done, total)


class Embedder(Protocol):
    """Texts to vectors: float32, L2-normalised. `name` tells it from every other model and version."""

    @property
    def name(self) -> str: ...
    def embed_passage(self, text: str) -> Vector: ...


class Parser(Protocol):
    """Sentences to their words, one result a text. `name` tells model and version."""

    @property
    def name(self) -> str: ...
    def parse(self, texts: Sequence[str]) -> list[Tokens]: ...


class Index:
    """A library and its vectors. Searches may come from any thread; one writer at a time, in this or any process."""

    def __init__(self, folder: Path, library: Library, embedder: Embedder, writer: WriterLock | None) -> None:
        self.folder = folder
        self.library = library
        self.embedder = embedder
        self._writer = writer
        self._vectors = Vectors(self._vectors_folder())
        self._vectors_lock = VectorsLock(folder)
        self._threads = threading.Lock()
        self._writing = False
        self._torn = False
        self._seen: str | None = None  # the generation of the vectors that are open

    @classmethod
    def open(cls, folder: Path, embedder: Embedder, write: bool = False, create: bool = False) -> Self:
        """The index in `folder`; with `create` it is made, with `write` (or `create`) it may be changed.

        Raises LibraryError where there is none or another embedder made it, LockedError where another process writes.
        """
        if not (write or create):
            return cls._checked(folder, Library.open(folder), embedder, None)
        if not create:
            Library.open(folder).close()  # before a lock file is laid in a folder that is no library
        else:
            Library.create(folder).close()
        writer = WriterLock(folder)
        writer.acquire()
        try:
            return cls._checked(folder, Library.open(folder), embedder, writer)
        except BaseException:
            writer.release()
            raise

    @classmethod
    def _checked(cls, folder: Path, library: Library, embedder: Embedder, writer: WriterLock | None) -> Self:
        made_by = library.get("embedder")
        if made_by is None and writer is not None:
            library.set("embedder", embedder.name)
        elif made_by not in (None, embedder.name):
            library.close()
            raise LibraryError(
                f"library {folder} was made with embedder {made_by}, this is {embedder.name}: "
                "choose that embedder again, or make another library with --library"
            )
        return cls(folder, library, embedder, writer)

    def close(self) -> None:
        """Let go of everything. Vectors that were written to the end are marked safe to load."""
        with self._threads:
            self._vectors.close()
            if self._writing and not self._torn:
                self.library.set("writing", "0")
            self._writing = False
            self._vectors_lock.release()
        self.library.close()
        if self._writer:
            self._writer.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    # --- searching

    def search_words(self, query: str, limit: int, articles: Collection[str] | None = None) -> list[tuple[str, float]]:
        """As Library.search_words."""
        return self.library.search_words(query, limit, articles)

    def search_vectors(
        self, vector: Vector, limit: int, articles: Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        """Up to `limit` (passage id, cosine similarity), best first, inside `articles` where given.

        Raises LibraryError where the vectors are missing or damaged. In a small library, while the vectors are being
        written, and where Chroma's approximate search comes back short, the answer is the exact one, from the library.
        """
        inside = self._narrowing(articles)
        wanted = min(limit, self.library.embedded_count(inside))
        if wanted < 1:
            return []
        if self.library.embedded_count() <= EXACT_UP_TO:
            return self._exact(vector, wanted, inside)
        hits = self._searched(vector, wanted, inside)
        if hits is not None:
            known = {p.id for p in self.library.passages_by_id([id_ for id_, _ in hits])}
            hits = [hit for hit in hits if hit[0] in known]
        return hits if hits is not None and len(hits) == wanted else self._exact(vector, wanted, inside)

    def _narrowing(self, articles: Collection[str] | None) -> Collection[str] | None:
        if articles is None:
            return None
        inside = set(articles)
        return None if inside.issuperset(self.library.paths()) else sorted(inside)

    def _searched(self, vector: Vector, limit: int, articles: Collection[str] | None) -> list[tuple[str, float]] | None:
        """Chroma's answer; None while another process, or another Index in this one, is at the files."""
        with self._threads:
            if self._writing:
                return self._vectors.search(_rows(vector), limit, articles)[0]
            with self._vectors_lock.held() as free:
                if not free or self.library.get("writing") == "1":
                    return None
                self._refresh()
                return self._vectors.search(_rows(vector), limit, articles)[0]

    def _refresh(self) -> None:
        """Open the vectors again where they were written since: Chroma does not see what another process adds."""
        generation = self.library.get("generation")
        if generation != self._seen:
            self._vectors.close()
            self._vectors = Vectors(self._vectors_folder())
            self._seen = generation

    def _vectors_folder(self) -> Path:
        """A folder that is rebuilt gets a new number: whoever still has the old one open is not pulled from under."""
        return self.folder / FOLDER / (self.library.get("vectors") or "1")

    def _exact(self, vector: Vector, limit: int, articles: Collection[str] | None) -> list[tuple[str, float]]:
        held = self.library.vectors(articles)
        if not held:
            return []
        matrix = np.stack([_from_bytes(blob) for _, blob in held])
        return [(held[row][0], score) for row, score in nearest(_rows(vector)[0], matrix, limit)]

    # --- changing

    def ingest(
        self,
        paths: Sequence[Path],
        columns: ColumnMap | None,
        parser: Callable[[], Parser],
        progress: Progress | None = None,
    ) -> IngestReport:
        """Read `paths` (files and folders) into the library; `parser` is called once there is something to parse.

        A file that cannot be read is reported and does not stop the others. What is unchanged is not embedded again.
        `progress` is told ("reading", file, of), ("adding", article, of) and ("embedding", passage, of).
        """
        from rag.ingest import ingest  # the readers cost half a second, which a question need not pay

        self._needs_writer()
        return ingest(self, paths, columns, parser, progress)

    def remove(self, ids: Collection[str]) -> None:
        """Take articles out. Raises LibraryError, and removes nothing, where an id is unknown."""
        self._needs_writer()
        self.library.remove(ids)
        self.carry_out()

    def carry_out(self, progress: Progress | None = None, at_least: int = 1) -> None:
        """Bring the vectors up to the library: forget what was dropped, embed and add what is pending.

        With `at_least`, only once that many passages are pending. Does nothing, at no cost, when nothing is owed.
        """
        self._needs_writer()
        self._mend()
        total = self.library.pending_count()
        dropped = self.library.dropped()
        if not dropped and total < at_least:
            return
        with self._threads:
            self._begin()
            try:
                self._vectors.delete(dropped)
                self.library.forget_dropped(dropped)
                self._add_pending(total, progress)
            except LibraryError:
                self._torn = True  # it stays marked as unsafe, and is made again by the next writer
                raise

    def _add_pending(self, total: int, progress: Progress | None) -> None:
        done = 0
        while batch := self.library.pending(BATCH):
            vectors: list[Vector] = []
            for passage in batch:
                vectors.append(self._embedded(passage))
                done += 1
                if progress:
                    progress("embedding", done, max(total, done))
            digests = [digest(p.title, p.text) for p in batch]
            self._vectors.upsert([p.id for p in batch], np.stack(vectors), [p.article for p in batch], digests)
            self.library.mark_indexed((p.id, v.tobytes()) for p, v in zip(batch, vectors, strict=True))

    def _embedded(self, passage: Pending) -> Vector:
        if passage.vector is not None:
            return _from_bytes(passage.vector)
        return np.asarray(self.embedder.embed_passage(embedded_text(passage.title, passage.text)), dtype="<f4")

    def _needs_writer(self) -> None:
        if self._writer is None:
            raise LibraryError(f"library {self.folder} was opened for reading: open it with write=True to change it")

    def _begin(self) -> None:
        """Keep readers off the vectors, and mark them unsafe, until this index is closed."""
        if self._writing:
            return
        self._vectors_lock.acquire(PATIENCE)
        self.library.set("generation", str(int(self.library.get("generation") or 0) + 1))
        self.library.set("writing", "1")
        self._writing = True
        self._refresh()

    @property
    def cut_off(self) -> bool:
        """Whether a writer was stopped while it wrote the vectors, so that they cannot be trusted."""
        return not self._writing and self.library.get("writing") == "1"

    def _mend(self) -> None:
        if self.cut_off:
            self.rebuild()

    def rebuild(self) -> None:
        """Throw the vectors away; `carry_out` makes them again from those kept in the library."""
        self._needs_writer()
        with self._threads:
            self._begin()
            old = self._vectors
            self.library.unmark_indexed()
            self.library.set("vectors", str(int(old.folder.name) + 1))
            self._vectors = Vectors(self._vectors_folder())
            old.discard()
            self._torn = False

    # --- health

    def doctor(self, repair: bool = False, probe: bool = True) -> DoctorReport:
        """Check that library and vectors are sound and equal, by searching for every passage.

        With `repair` (the index must be open for writing) the word index and the vectors are made again from the
        library where they are not, and checked again. `probe` tries first, in a process of its own, whether the
        vectors can be loaded: a torn file ends the process that does. Raises LockedError while another process writes.
        """
        from rag.doctor import examine

        with self._at_rest() as vectors:
            found = examine(self.library, vectors, self.cut_off, probe)
        if not repair or found.equal:
            return found
        self._needs_writer()
        if found.words:
            self.library.repair()
        if found.vectors:
            self.rebuild()
        self.carry_out()
        with self._at_rest() as vectors:
            return replace(examine(self.library, vectors, self.cut_off, probe=False), repaired=found.lines())

    @contextmanager
    def _at_rest(self) -> Iterator[Vectors]:
        """The vectors, while nobody else is at them."""
        with self._threads:
            if self._writing:
                yield self._vectors
                return
            self._vectors_lock.acquire(PATIENCE if self._writer else 0)
            try:
                self._refresh()
                yield self._vectors
            finally:
                self._vectors_lock.release()


def embedded_text(title: str, text: str) -> str:
    """What is embedded for a passage: a paragraph of a news article often leaves its subject to the title."""
    return f"{title}\n{text}"


def digest(title: str, text: str) -> str:
    """Tells whether a vector was made from this very text."""
    return hashlib.sha256(embedded_text(title, text).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _rows(vector: Vector) -> Vector:
    return np.asarray(vector, dtype=np.float32).reshape(1, -1)


def _from_bytes(blob: bytes) -> Vector:
    return np.frombuffer(blob, dtype="<f4")
