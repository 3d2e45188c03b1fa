"""The quotes of exported answers, checked again: each stands, moved, or vanished. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.contract import root
from rag.fields import Field
from rag.quotes import occurrences
from rag.types import Article, Sentence

Verdict = Literal["stands", "moved", "vanished"]
Find = Callable[[str], tuple[Article, Sequence[Sentence]] | None]
"""An article by its id, with its sentences; None where there is none."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation as it was exported: what it says of itself, which nothing has checked."""

    n: int
    article: str
    quote: str
    start: int
    end: int
    question: int | None = None  # its question's number, from 1, where a whole conversation was exported


@dataclass(frozen=True, slots=True)
class Checked:
    """A citation looked up again. `now` is the span where its words are, None when they vanished."""

    cited: Cited
    verdict: Verdict
    now: tuple[int, int] | None
    note: str = ""


def read_cited(answer: object) -> tuple[Cited, ...]:
    """Every citation of an answer in its JSON form, in order; all else of the answer may be missing.

    Raises UsageError naming the field that is missing or wrong.
    """
    top = root(answer)
    positions = top.of("positions").many(lambda position: position.of("citations").many(_cited))
    return (*(c for citations in positions for c in citations), *top.of("nearest").many(_cited))


def _cited(at: Field) -> Cited:
    quote = at.of("quote")
    if not quote.text().strip():
        raise quote.wrong("the words quoted")
    return Cited(
        n=at.of("n").whole(),
        article=at.of("article").text(),
        quote=quote.text(),
        start=at.of("start").whole(),
        end=at.of("end").whole(),
    )


def recheck(cited: Iterable[Cited], find: Find) -> list[Checked]:
    """Each citation looked up in the article that `find` gives.

    stands: the same words at the same offsets. moved: the same words elsewhere in that article, again as a whole
    sentence or a clause, quotation marks, dashes and white space aside. vanished: neither, or `find` gave None; the
    note says which.
    """
    return [_checked(c, find(c.article)) for c in cited]


def _checked(cited: Cited, found: tuple[Article, Sequence[Sentence]] | None) -> Checked:
    if found is None:
        return Checked(cited, "vanished", None, f"article {cited.article!r} is not there any more")
    article, sentences = found
    then = (cited.start, cited.end)
    quotes = list(occurrences(article, cited.quote, sentences))
    if article.text[cited.start : cited.end] == cited.quote:
        whole = any((q.start, q.end) == then for q in quotes)
        note = "" if whole else "the words are there, but not as a sentence or a clause of one"
        return Checked(cited, "stands", then, note)
    if not quotes:
        return Checked(cited, "vanished", None, f"article {cited.article!r} does not say these words any more")
    best = min(quotes, key=lambda q: (q.text != cited.quote, abs(q.start - cited.start)))
    note = f"from {cited.start}:{cited.end} to {best.start}:{best.end}"
    if best.text != cited.quote:
        note += ", with other quotation marks, dashes or white space"
    return Checked(cited, "moved", (best.start, best.end), note)
