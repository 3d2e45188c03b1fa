"""What a language model is given to read: whole articles where they fit, so that "they" and "the deal" can be
understood, those that come nearest to the question first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from rag.asked import Asked
from rag.retrieve import FAINT, SAME_NEWS, SURE, Search, could_report, fused, passages_of, unread
from rag.shelf import Store
from rag.types import Evidence, Retrieved, Scope

WHOLE = 6  # of the nearest articles, so many are given whole, ...
LARGEST_SHARE = 4  # ... unless one would take more than this part of all that fits
AROUND = 2  # of the others, sentences on either side of what comes near


def widen(
    asked: Asked, found: Retrieved, scope: Scope, store: Store, searches: Sequence[Search], chars: int
) -> tuple[Evidence, ...]:
    """Sentences of at most `chars` characters, numbered from 1 in the order in which they are read: article after
    article, each in its own order. Everything in scope where that fits, or where there are no `searches`."""
    ids, _ = store.in_scope(scope)
    read = {(e.article.id, e.sentence.n): e for e in found.evidence}

    def whole(article: str) -> list[Evidence]:
        return [read.get((article, n)) or unread(store, article, n) for n in body(store, article)]

    if not searches or _fits(ids, store, chars):
        chosen = [e for article in _nearest_first(ids, found) for e in whole(article)]
    else:
        chosen = list(_filled(whole, _near(asked, found, ids, store, searches), chars))
    return tuple(replace(e, n=n) for n, e in enumerate(chosen, 1))


def _filled(
    whole: Callable[[str], Sequence[Evidence]], near: Mapping[str, Sequence[int]], chars: int
) -> Iterator[Evidence]:
    room = chars
    for rank, (article, sentences) in enumerate(near.items()):
        every = whole(article)
        if rank < WHOLE and length(every) <= min(room, chars // LARGEST_SHARE):
            part = every
        else:
            part = around(every, sentences, min(room, chars // LARGEST_SHARE))
        room -= length(part)
        yield from part


def body(store: Store, article: str) -> list[int]:
    """The sentences that may be quoted."""
    blocks = store.article(article).blocks
    return [s.n for s in store.sentences(article) if blocks[s.block].kind == "body"]


def length(evidence: Iterable[Evidence]) -> int:
    return sum(len(e.sentence.text) for e in evidence)


def around(every: Sequence[Evidence], near: Sequence[int], room: int) -> list[Evidence]:
    """The sentences near those numbers, the first first, while there is room; in their order."""
    taken: dict[int, Evidence] = {}
    for n in near:
        more = [e for e in every if abs(e.sentence.n - n) <= AROUND and e.sentence.n not in taken]
        if length([*taken.values(), *more]) > room:
            break
        taken |= {e.sentence.n: e for e in more}
    return [e for e in every if e.sentence.n in taken]


def _fits(ids: Sequence[str], store: Store, chars: int) -> bool:
    room = chars
    for article in ids:
        room -= len(store.article(article).text)
        if room < 0:
            return False
    return True


def _nearest_first(ids: Sequence[str], found: Retrieved) -> list[str]:
    surest = {e.article.id: -e.score for e in reversed(found.evidence)}
    return sorted(ids, key=lambda i: surest.get(i, 0.0))


def _near(
    asked: Asked, found: Retrieved, ids: Sequence[str], store: Store, searches: Sequence[Search]
) -> dict[str, list[int]]:
    """Articles, nearest first, each with its sentences that come near the question, nearest first: those that were
    read and seem to answer, of the event's days before others; then what the searches bring."""
    days = {s.id: s.published for s in store.summaries()}
    timely = [i for i in ids if could_report(asked.times, days[i])]
    event = _event(asked, found)
    then = [i for i in timely if _of_those_days(days[i], event)]
    near: dict[str, dict[int, None]] = {}
    surest = [e for e in found.evidence if e.score > FAINT]
    for e in sorted(surest, key=lambda e: (e.article.id not in then, -e.score)):
        near.setdefault(e.article.id, {})[e.sentence.n] = None
    for some in (then, timely):
        for passage in passages_of(fused(asked.question, some, searches), store):
            near.setdefault(passage.article, {}).update(dict.fromkeys(range(passage.first, passage.last + 1)))
    return {article: list(sentences) for article, sentences in near.items() if article in timely}


def _event(asked: Asked, found: Retrieved) -> dt.date | None:
    """The day that the question names; else that of the article which seems to answer."""
    for t in asked.times:
        if t.year and t.month and t.day:
            return _day(t.year, t.month, t.day)
    first = max(found.evidence, key=lambda e: e.score, default=None)
    return first.article.published if first and first.score >= SURE else None


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:  # the 31st of April
        return None


def _of_those_days(day: dt.date | None, event: dt.date | None) -> bool:
    return event is None or day is None or abs(day - event) <= SAME_NEWS
