"""Which articles of a library are nearly the same text: one agency story, printed by six outlets with small edits.

Texts are compared by their runs of five words (Broder 1997, "On the resemblance and containment of documents"), and
exactly: an index of runs needs seconds for ten thousand articles, while datasketch, the maintained library for this,
finds likely candidates by MinHash, brings SciPy, and leaves the comparing to do.

What is told is containment, one way: how much of this article stands in the other. A paper that prints the first third
of an agency's story is all in that story; the story, of which most stands nowhere else, is no copy of the paper.
"""

from __future__ import annotations

import unicodedata
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain
from threading import Lock
from typing import Protocol

from rag.errors import LibraryError
from rag.types import Article

NEAR = 0.5  # of an article's words stand in the other
TELLING = 0.4  # and of the words that are left without the phrases of articles that are otherwise not alike
WHOLE = 0.75  # of an article's words: so much of it is what it tells, whoever else has it
WORDS = 5  # in a run
CHARACTERS = 8  # in a run of a script without spaces
COMMON = 10  # articles: phrases of more are a page's and not a story's, if there are ...
FEW = 100  # ... no more than so many words of them in an article
MANY = 200  # articles: phrases of more say nothing in any case
MOST = 100  # near-copies told of one article
REMEMBERED = 4  # libraries
QUICKLY = 2000  # articles: near-copies among so many are found in a second or two

_SPACELESS = ("CJK UNIFIED", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")
_FIRST_SPACELESS = "\u0e00"


@dataclass(frozen=True, slots=True)
class Near:
    """Another article, and how much of this one's words stand in it too: 0.5 to 1."""

    article: str
    share: float

    @property
    def told(self) -> str:
        """The share for people: "all", or whole per cent."""
        return "all" if self.share >= 0.995 else f"{self.share:.0%}"


class Summary(Protocol):
    @property
    def id(self) -> str: ...


class Kept(Protocol):
    """What is asked of a library."""

    def article(self, article_id: str, /) -> Article: ...
    def summaries(self) -> Sequence[Summary]: ...
    def fingerprint(self) -> str: ...


# --- of texts ---------------------------------------------------------------------------------


def near_copies(texts: Iterable[tuple[str, str]]) -> dict[str, tuple[Near, ...]]:
    """Of (id, text) pairs, each id's near-copies, best first, up to `MOST`; ids that have none are left out.

    An id's near-copies are the texts in which at least `NEAR` of its words stand, in runs of `WORDS` or more; case,
    accents and punctuation do not count. Phrases of articles that are otherwise not alike (a background paragraph, the
    foot of a page) make no near-copy. The order of `texts` does not matter; ids must differ.
    """
    same: dict[_Text, list[str]] = {}
    fold = _Fold()
    for id_, text in texts:
        if words := text.translate(fold).split():
            same.setdefault(_runs_of(words), []).append(id_)
    near, ids = _Compared(list(same)).near(), list(same.values())
    return dict(chain.from_iterable(_told(each, near.get(n, {}), ids) for n, each in enumerate(ids)))


def body(article: Article) -> str:
    """Its words without title and furniture, which are the page's and the outlet's own."""
    return "\n".join(article.text[b.start : b.end] for b in article.blocks if b.kind == "body")


def _told(
    same: Sequence[str], near: Mapping[int, float], ids: Sequence[Sequence[str]]
) -> Iterator[tuple[str, tuple[Near, ...]]]:
    """Of each id of one text. Those with the same words, which were compared as one, are each other's."""
    found = [Near(id_, 1.0) for id_ in same]
    found += [Near(id_, share) for n, share in near.items() for id_ in ids[n]]
    found.sort(key=lambda other: (-other.share, other.article))
    if len(found) > 1:
        for id_ in same:
            yield id_, tuple([other for other in found[: MOST + 1] if other.article != id_][:MOST])


# --- words ------------------------------------------------------------------------------------


class _Fold(dict[int, str]):
    """For `str.translate`: lower case without accents, all between words a space, characters without spaces apart."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _folded(chr(code))
        return folded


def _folded(char: str) -> str:
    if unicodedata.category(char)[0] == "M" or unicodedata.category(char) == "Cf":
        return ""
    plain = "".join(filter(str.isalnum, unicodedata.normalize("NFKD", char).casefold()))
    return f" {plain} " if not plain or unicodedata.name(char, "").startswith(_SPACELESS) else plain


@dataclass(frozen=True, slots=True)
class _Text:
    """A text as the hashes of its runs of words: one from each word on, each of `size` words."""

    words: int
    size: int
    packed: bytes

    @property
    def runs(self) -> memoryview[int]:
        return memoryview(self.packed).cast("q")


def _runs_of(words: Sequence[str]) -> _Text:
    """A text of fewer words than a run has is one run."""
    spaceless = 0
    if max(words) >= _FIRST_SPACELESS:
        spaceless = sum(len(word) == 1 and word >= _FIRST_SPACELESS for word in words)
    size = min(CHARACTERS if spaceless * 2 > len(words) else WORDS, len(words))
    runs = map(hash, zip(*(words[n:] for n in range(size)), strict=False))
    return _Text(len(words), size, array("q", runs).tobytes())


def _chosen(runs: Iterable[int]) -> int:
    """Some of a text's runs, given as a 1 or 0 for each: a number with a byte for each, for `_covered`."""
    return int.from_bytes(bytes(runs), "little")


def _covered(chosen: int, size: int) -> int:
    """How many words stand in the chosen runs."""
    for _ in range(size - 1):
        chosen |= chosen << 8
    return chosen.bit_count()


# --- texts compared ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Telling:
    """The runs of a text that tell whose it is, and those common to many; whether it sets these aside."""

    runs: int
    common: int
    aside: bool


class _Compared:
    """Texts that all differ, each with each. They go by their numbers."""

    def __init__(self, texts: Sequence[_Text]) -> None:
        self._texts = texts
        shared = _shared(texts)
        self._where = {run: where for run, where in shared.items() if len(where) <= MANY}
        self._everywhere = shared.keys() - self._where.keys()

    def near(self) -> dict[int, dict[int, float]]:
        """The near-copies of each text, with its share in them."""
        halves = {n: half for n in range(len(self._texts)) if (half := self._half(n))}
        passing = {run for run, where in self._where.items() if not _of_alike(where, halves)}
        telling = {n: self._telling(n, passing) for n in set(chain(halves, *halves.values()))}
        return {n: dict(self._near(n, half, telling)) for n, half in halves.items()}

    def _half(self, n: int) -> dict[int, int]:
        """The texts in which `NEAR` of this one's words or more stand, and its runs that do."""
        text = self._texts[n]
        where = [self._where.get(run, ()) for run in text.runs]
        counts = Counter(chain.from_iterable(where))
        del counts[n]
        least = NEAR * self._own(n)
        # The count bounds the words: most texts are passed over without a look at where the runs are.
        found = {other: bytearray(len(where)) for other, count in counts.items() if count * text.size >= least}
        for at, others in enumerate(where if found else ()):
            for other in found.keys() & others:
                found[other][at] = 1
        chosen = {other: _chosen(runs) for other, runs in found.items()}
        return {other: runs for other, runs in chosen.items() if _covered(runs, text.size) >= least}

    def _own(self, n: int) -> int:
        """How many of its words count: all, but for those that stand only in what stands everywhere."""
        text = self._texts[n]
        if self._everywhere.isdisjoint(text.runs):
            return text.words
        return _covered(_chosen(run not in self._everywhere for run in text.runs), text.size)

    def _telling(self, n: int, passing: AbstractSet[int]) -> _Telling:
        text = self._texts[n]
        runs = _chosen(run not in passing and run not in self._everywhere for run in text.runs)
        common = _chosen(len(self._where.get(run, ())) > COMMON for run in text.runs)
        aside = _covered(runs & common, text.size) <= min(FEW, WHOLE * self._own(n))
        return _Telling(runs & ~common if aside else runs, common, aside)

    def _near(self, n: int, half: Mapping[int, int], telling: Mapping[int, _Telling]) -> Iterator[tuple[int, float]]:
        this, size, own = telling[n], self._texts[n].size, self._own(n)
        least = max(1, TELLING * _covered(this.runs, size))
        for other, runs in half.items():
            told = runs & this.runs
            if telling[other].aside:
                told &= ~this.common
            share = _covered(runs, size) / own
            if share >= WHOLE or _covered(told, size) >= least:
                yield other, share


def _of_alike(where: Sequence[int], halves: Mapping[int, Mapping[int, int]]) -> bool:
    """Whether these texts, on average, stand half in at least half of the others. Two need no third."""
    if len(where) < 3:
        return True
    these = halves.keys() & where
    alike = sum(len(halves[n].keys() & where) for n in these)
    return alike * 2 >= len(where) * (len(where) - 1)


def _shared(texts: Sequence[_Text]) -> dict[int, list[int]]:
    """In which texts each run stands, of those that stand in two or more.

    Most runs stand in one text alone. A table in which few runs meet by chance tells these first, so that not each
    needs a list.
    """
    table = bytearray(1 << (8 * sum(len(text.runs) for text in texts)).bit_length())
    last = len(table) - 1
    again: set[int] = set()
    for text in texts:
        slots = {run & last for run in text.runs}
        again.update(filter(table.__getitem__, slots))
        for slot in slots:
            table[slot] = 1
    where: dict[int, list[int]] = {}
    for n, text in enumerate(texts):
        for run in {run for run in text.runs if run & last in again}:
            where.setdefault(run, []).append(n)
    return {run: found for run, found in where.items() if len(found) > 1}


# --- of a library -----------------------------------------------------------------------------


class _Memory:
    """What was found of the last few libraries, by fingerprint."""

    def __init__(self) -> None:
        self._found: dict[str, Mapping[str, tuple[Near, ...]]] = {}
        self._finding = Lock()  # who asks meanwhile waits, rather than to find the same again

    def of(self, library: Kept) -> Mapping[str, tuple[Near, ...]]:
        with self._finding:
            fingerprint = library.fingerprint()
            if fingerprint in self._found:
                self._found[fingerprint] = self._found.pop(fingerprint)
                return self._found[fingerprint]
            found = near_copies(_bodies(library, fingerprint))
            if library.fingerprint() == fingerprint:  # else it changed while it was read
                self._found[fingerprint] = found
                for oldest in list(self._found)[:-REMEMBERED]:
                    del self._found[oldest]
            return found


_MEMORY = _Memory()


def near_copies_of(library: Kept) -> Mapping[str, tuple[Near, ...]]:
    """The near-copies of each article of `library` by their bodies, as `near_copies` tells them.

    Found once for each state of a library, then remembered; any thread may ask. Raises LibraryError where it cannot be
    read.
    """
    return _MEMORY.of(library)


def _bodies(library: Kept, fingerprint: str) -> Iterator[tuple[str, str]]:
    for summary in library.summaries():
        try:
            yield summary.id, body(library.article(summary.id))
        except LibraryError:
            if library.fingerprint() == fingerprint:
                raise
            # else it was removed between the two looks
