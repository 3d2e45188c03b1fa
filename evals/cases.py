"""Answers that people judged → reference questions.

A helpful answer becomes a whole question, as long as its quotes still stand. Of one that was not helpful nobody knows
what is right: it becomes a draft, which `whosays eval` passes over, with what the program said beside it and not in the
place of the truth. So does a helpful one whose quotes are not all there any more, or that a suite cannot ask again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from evals.metrics import article_key
from evals.suite_file import Row
from rag.judged import Judged
from rag.library import Library
from rag.recheck import Checked, Cited, recheck
from rag.render import scope_line
from rag.types import Answer, Article, Citation, Position, Sentence

KINDS = {"disputed": "contested", "answered": "agreed", "unanswered": "unanswerable"}
SHOWN = 80  # characters of a quote that is named


@dataclass(frozen=True, slots=True)
class Case:
    """`row` is the item of a suite; `draft` says why a person must finish it, and is empty where it is whole."""

    row: Row
    draft: str
    older: bool  # articles came or went since it was answered, and may say more
    asks: str  # the same for judgements on one question

    @property
    def id(self) -> str:
        return str(self.row["id"])


def cases(judged: Iterable[Judged], library: Library) -> list[Case]:
    """One each, in order. Raises LibraryError."""
    now, check = library.fingerprint(), _Check(library)
    return [_case(each, check, each.answer.library != now) for each in judged]


def asks(question: str) -> str:
    """The same for questions that differ in case and white space alone."""
    return " ".join(question.casefold().split())


def _case(judged: Judged, check: _Check, older: bool) -> Case:
    answer = judged.answer
    words, lost = check(answer)
    reasons = (*(lost if judged.helpful else ("judged not helpful",)), *_unaskable(answer))
    follows = answer.standalone != answer.question
    row = {
        "id": f"judged-{judged.key}",
        **({"draft": "; ".join(reasons)} if reasons else {}),
        "question": answer.question,
        **({"history": list(judged.earlier)} if follows and judged.earlier else {}),
        **({"standalone": answer.standalone} if follows else {}),
        **({"note": judged.note} if judged.note else {}),
        **(_to_fill_in(answer) if reasons else _whole(answer, words)),
        "judged": "helpful" if judged.helpful else "not helpful",
    }
    return Case(row, "; ".join(reasons), older, f"{asks(answer.standalone)} {scope_line(answer.scope)}".strip())


def _unaskable(answer: Answer) -> tuple[str, ...]:
    """A suite asks the whole library."""
    filters = scope_line(answer.scope)
    return (f"asked with filters, which a suite does not have ({filters.rstrip('.')})",) if filters else ()


def _whole(answer: Answer, words: Mapping[int, str]) -> Row:
    return {
        "kind": KINDS[answer.outcome],
        "positions": [_position(p, words) for p in answer.positions],
        **_silent(answer),
    }


def _to_fill_in(answer: Answer) -> Row:
    """Empty places for what is right, and under `said`, which is never read, what the program answered."""
    said: Row = {"kind": KINDS[answer.outcome], "positions": [_position(p, {}) for p in answer.positions]}
    if answer.nearest:
        said["nearest"] = _quotes(answer.nearest, {})
    return {"kind": None, "positions": [], "said": {**said, **_silent(answer)}}


def _silent(answer: Answer) -> Row:
    return {"silent": tuple(article_key(s.article) for s in answer.silent)} if answer.silent else {}


def _position(position: Position, words: Mapping[int, str]) -> Row:
    speakers: dict[str, dict[str, Any]] = {}
    for c in position.citations:
        if c.attribution.speaker or c.attribution.via:
            mark = {"speaker": c.attribution.speaker, "via": c.attribution.via}
            speakers.setdefault(article_key(c.quote.article), {}).setdefault(_words(c, words), mark)
    return {"name": position.label, "quotes": _quotes(position.citations, words), "speakers": speakers}


def _quotes(citations: Sequence[Citation], words: Mapping[int, str]) -> dict[str, list[str]]:
    quotes: dict[str, list[str]] = {}
    for c in citations:
        said = quotes.setdefault(article_key(c.quote.article), [])
        if _words(c, words) not in said:
            said.append(_words(c, words))
    return quotes


def _words(citation: Citation, words: Mapping[int, str]) -> str:
    """On one line: a scorer takes any white space for one space."""
    return " ".join(words.get(citation.n, citation.quote.text).split())


# --- do the quotes still stand? ---------------------------------------------------------------


class _Check:
    """An answer → the words of its quotes as they stand now, by number, and a line for each that is lost."""

    def __init__(self, library: Library) -> None:
        known = library.paths()
        self._sharing = Counter(map(article_key, known))

        @cache
        def find(id_: str) -> tuple[Article, Sequence[Sentence]] | None:
            return (library.article(id_), library.sentences(id_)) if id_ in known else None

        self.find = find

    def __call__(self, answer: Answer) -> tuple[dict[int, str], tuple[str, ...]]:
        quotes = [(c.n, c.quote) for p in answer.positions for c in p.citations]
        checked = recheck((Cited(n, q.article, q.text, q.start, q.end) for n, q in quotes), self.find)
        lost = tuple(f"{why}: “{_short(c.cited.quote)}”" for c in checked if (why := self._lost(c)))
        return {c.cited.n: self._now(c) for c in checked if c.now}, lost

    def _now(self, checked: Checked) -> str:
        found = self.find(checked.cited.article)
        return found[0].text[slice(*checked.now)] if found and checked.now else checked.cited.quote

    def _lost(self, checked: Checked) -> str:
        """Why a quote cannot be a reference; empty where it can."""
        article = checked.cited.article
        if checked.verdict == "vanished" or (checked.verdict == "stands" and checked.note):
            return checked.note
        shared = self._sharing[article_key(article)] > 1
        return f"article {article!r} is not the only one that suites know as {article_key(article)!r}" if shared else ""


def _short(quote: str) -> str:
    plain = " ".join(quote.split())
    return plain if len(plain) <= SHOWN else f"{plain[: SHOWN - 3]}..."
