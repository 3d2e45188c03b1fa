"""The vectors: Chroma, in one folder, keyed by passage id. All that it holds can be made again from the library.

What was seen with Chroma 1.5.9, embedded: two processes that write lose vectors while `count()` says otherwise; a
process that loads the index while another writes it, or loads a torn one, dies by SIGSEGV; a process that has it
loaded does not see what others add. So whoever comes here holds the lock (`rag.lock`), and trust is by searching.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.errors import LibraryError

FOLDER = "vectors"
NAME = "passages"
MOST_ARTICLES = 5_000  # in one filter: each is an SQL variable, and Chroma's SQLite takes 32,766
MOST_QUERIES = 200
MOST_ENTRIES = 5_000

Matrix = npt.NDArray[np.float32]
Hits = list[tuple[str, float]]


class Vectors:
    """A Chroma collection with cosine distance. Opened on first use; the caller holds the lock whenever it is open."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._client: Any = None
        self._collection: Any = None

    def upsert(self, ids: Sequence[str], vectors: Matrix, articles: Sequence[str], digests: Sequence[str]) -> None:
        """Keep vectors (n, d), each with its article's id and a digest of the text that was embedded."""
        details = [{"article": a, "digest": d} for a, d in zip(articles, digests, strict=True)]
        with self._guard():
            # Never add(): for an id that is there already it silently keeps the old vector.
            self._open(write=True).upsert(ids=list(ids), embeddings=vectors, metadatas=details)

    def delete(self, ids: Sequence[str]) -> None:
        """Forget them; one that is not there is no error."""
        with self._guard():
            for at in range(0, len(ids), MOST_ENTRIES):
                self._open(write=True).delete(ids=list(ids[at : at + MOST_ENTRIES]))

    def search(self, vectors: Matrix, limit: int, articles: Collection[str] | None = None) -> list[Hits]:
        """For each of vectors (n, d): up to `limit` (passage id, cosine similarity), best first, inside `articles`."""
        with self._guard():
            found: list[Hits] = [[] for _ in vectors]
            for where in _filters(articles):
                for at in range(0, len(vectors), MOST_QUERIES):
                    part = self._query(vectors[at : at + MOST_QUERIES], limit, where)
                    for n, hits in enumerate(part, start=at):
                        found[n] += hits
        return [sorted(hits, key=lambda hit: -hit[1])[:limit] for hits in found]

    def _query(self, vectors: Matrix, limit: int, where: dict[str, Any] | None) -> list[Hits]:
        answer = self._open().query(query_embeddings=vectors, n_results=limit, where=where, include=["distances"])
        return [
            [(id_, 1.0 - float(distance)) for id_, distance in zip(ids, distances, strict=True)]
            for ids, distances in zip(answer["ids"], answer["distances"], strict=True)
        ]

    def entries(self) -> dict[str, tuple[str, str]]:
        """Every id that the collection claims to hold, with its (article id, digest). A claim: only a search proves."""
        with self._guard():
            held: dict[str, tuple[str, str]] = {}
            while True:
                page = self._open().get(limit=MOST_ENTRIES, offset=len(held), include=["metadatas"])
                if not page["ids"]:
                    return held
                for id_, details in zip(page["ids"], page["metadatas"], strict=True):
                    details = details or {}
                    held[id_] = (str(details.get("article")), str(details.get("digest")))

    def discard(self) -> None:
        """Remove the folder without loading it. What cannot be removed stays behind; nobody will look there again."""
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def probe(self) -> str | None:
        """What goes wrong when the vectors are loaded, in one line; tried in a process of its own, which may crash."""
        self.close()
        argv = [sys.executable, "-c", _PROBE, str(Path(__file__).parent.parent), str(self.folder)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return None
        lines = done.stdout.strip().splitlines()
        return lines[-1] if lines else f"loading the vectors ends the process (exit code {done.returncode})"

    def load(self) -> None:
        """Search once, which is what reads the files."""
        with self._guard():
            held = self._open().get(limit=1, include=["embeddings"])
            if held["ids"]:
                self._open().query(query_embeddings=held["embeddings"], n_results=1)

    def close(self) -> None:
        """Let go of the files."""
        if self._client is not None:
            client, self._client, self._collection = self._client, None, None
            with self._guard():
                client.close()

    def _open(self, write: bool = False) -> Any:
        """The collection. Chroma would make an empty one for a reader and find nothing in it: that is refused."""
        if self._collection is None:
            if not write and not self.folder.is_dir():
                raise LibraryError(f"the vectors at {self.folder} are missing: run whosays doctor --repair")
            import chromadb  # 1 s: paid by those who search

            settings = chromadb.config.Settings(anonymized_telemetry=False)
            self._client = chromadb.PersistentClient(path=str(self.folder), settings=settings)
            if write:
                self._collection = self._client.get_or_create_collection(
                    NAME, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
                )
            else:
                self._collection = self._client.get_collection(NAME, embedding_function=None)
        return self._collection

    @contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except LibraryError:
            raise
        except Exception as error:
            what = (str(error).splitlines() or [type(error).__name__])[0][:160]
            raise LibraryError(
                f"the vectors at {self.folder} cannot be used ({what}): run whosays doctor --repair"
            ) from error


_PROBE = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from rag.errors import LibraryError
from rag.vectors import Vectors
try:
    Vectors(Path(sys.argv[2])).load()
except LibraryError as error:
    print(error)
    sys.exit(1)
"""


def _filters(articles: Collection[str] | None) -> Iterator[dict[str, Any] | None]:
    if articles is None:
        yield None
        return
    ids = list(articles)
    for at in range(0, len(ids), MOST_ARTICLES):
        yield {"article": {"$in": ids[at : at + MOST_ARTICLES]}}


def nearest(query: Matrix, vectors: Matrix, limit: int) -> list[tuple[int, float]]:
    """The exact search: (row, cosine similarity) of the `limit` nearest of vectors (n, d), best first."""
    scores = vectors @ query
    return [(int(row), float(scores[row])) for row in np.argsort(-scores, kind="stable")[:limit]]
