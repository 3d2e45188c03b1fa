"""The check-up: is the library sound, and are its vectors equal to it? It searches; it does not count."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag.errors import LibraryError
from rag.index import digest
from rag.library import Library
from rag.vectors import Matrix, Vectors

SEARCHED = 20_000  # passages that are searched for; of more, as many at random: ten seconds
TOLERANCE = 1e-3  # in cosine similarity, between a vector and itself
SHOWN = 5  # ids in a line


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """What the check-up found. Ids are passage ids."""

    articles: int
    passages: int
    searched: int  # passages that were searched for with their own vector
    library: tuple[str, ...] = ()  # what is wrong with the file itself, a line each: cannot be repaired from within
    words: bool = False  # the word index does not fit the passages
    unusable: str | None = None  # why the vectors could not be looked at
    missing: tuple[str, ...] = ()  # no vector is found
    extra: tuple[str, ...] = ()  # a vector without a passage
    stale: tuple[str, ...] = ()  # a vector that was made from another text, or belongs to another article
    pending: int = 0  # passages that an ingest has still to add
    repaired: tuple[str, ...] = ()  # the lines of the report before the repair

    @property
    def vectors(self) -> bool:
        """Whether the vectors must be made again."""
        return bool(self.unusable or self.missing or self.extra or self.stale)

    @property
    def equal(self) -> bool:
        """Whether all is well."""
        return not (self.library or self.words or self.vectors or self.pending)

    def lines(self) -> tuple[str, ...]:
        """What is wrong, a line each; nothing when all is well."""
        lists = ((self.missing, "no vector"), (self.extra, "a vector but no passage"), (self.stale, "a stale vector"))
        return (
            *self.library,
            *(("the word index does not fit the passages",) if self.words else ()),
            *((self.unusable,) if self.unusable else ()),
            *(f"{len(ids)} with {what}: {_some(ids)}" for ids, what in lists if ids),
            *((f"{self.pending} passages are not indexed yet: run whosays ingest again",) if self.pending else ()),
        )


def examine(library: Library, vectors: Vectors, cut_off: bool, probe: bool = True) -> DoctorReport:
    """The report on a library and its vectors; nothing is changed.

    `cut_off` says that a writer was stopped at the vectors: then they are not loaded, for torn files end the process.
    With `probe` they are first loaded in a process of its own, which costs seconds, for the same reason.
    """
    passages = {id_: (article, digest(title, text)) for id_, article, title, text in library.to_embed()}
    pending = library.pending_count()
    unusable = _unusable(vectors, cut_off, needed=pending < len(passages), probe=probe)
    held = library.vectors()
    sample = held if len(held) <= SEARCHED else random.Random(0).sample(held, SEARCHED)
    unusable, entries, lost, off = (unusable, {}, set(), set()) if unusable else _looked_at(vectors, passages, sample)
    expected = passages.keys() - ({p.id for p in library.pending(pending)} if pending else set())
    stale = {id_ for id_ in expected & entries.keys() if entries[id_] != passages[id_]}
    if unusable:
        expected = set()
    return DoctorReport(
        articles=len(library.paths()),
        passages=len(passages),
        searched=0 if unusable else len(sample),
        library=tuple(library.check()),
        words=not library.words_fit(),
        unusable=unusable,
        missing=_sorted((expected - entries.keys()) | (lost & expected)),
        extra=_sorted(entries.keys() - passages.keys() - set(library.dropped())),
        stale=_sorted(stale | (off & expected)),
        pending=pending,
    )


_Looked = tuple[str | None, dict[str, tuple[str, str]], set[str], set[str]]


def _unusable(vectors: Vectors, cut_off: bool, needed: bool, probe: bool) -> str | None:
    """Why the vectors may not be loaded. Not to be there is no fault where nothing was indexed yet."""
    if cut_off:
        return "the vectors were being written when that was cut off"
    if not vectors.folder.exists():
        return f"the vectors at {vectors.folder} are missing" if needed else None
    return vectors.probe() if probe else None


def _looked_at(vectors: Vectors, passages: dict[str, tuple[str, str]], sample: Sequence[tuple[str, bytes]]) -> _Looked:
    """Why the vectors are unusable; else what they claim to hold, and which of `sample` are lost or off."""
    if not vectors.folder.exists():
        return None, {}, set(), set()
    try:
        return None, vectors.entries(), *_searched(vectors, passages, sample)
    except LibraryError as error:
        return str(error), {}, set(), set()


def _searched(
    vectors: Vectors, passages: dict[str, tuple[str, str]], sample: Sequence[tuple[str, bytes]]
) -> tuple[set[str], set[str]]:
    """Which passages a search with their own vector does not bring, and which it brings with another vector."""
    if not sample:
        return set(), set()
    own = np.stack([np.frombuffer(blob, dtype="<f4") for _, blob in sample])
    lost, off = set(), set()
    for (id_, _), vector, hits in zip(sample, own, vectors.search(own, 1), strict=True):
        if hits and hits[0][0] == id_ and hits[0][1] > 1 - TOLERANCE:
            continue
        # A copy with the same vector may come first: look among the passages of its own article.
        similarity = _alone(vectors, id_, vector, passages[id_][0])
        if similarity is None:
            lost.add(id_)
        elif similarity < 1 - TOLERANCE:
            off.add(id_)
    return lost, off


def _alone(vectors: Vectors, id_: str, vector: Matrix, article: str) -> float | None:
    hits = dict(vectors.search(vector.reshape(1, -1), 1_000, [article])[0])
    return hits.get(id_)


def _sorted(ids: set[str]) -> tuple[str, ...]:
    return tuple(sorted(ids))


def _some(ids: Sequence[str]) -> str:
    return ", ".join(ids[:SHOWN]) + (" ..." if len(ids) > SHOWN else "")
