"""A question to evidence: words and vectors fused, the best sentences read, every source given its chance."""

from __future__ import annotations

import datetime as dt
import math
import re
import time
from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, zip_longest
from typing import Protocol, cast

from rag.asked import Asked, Day, times_in
from rag.quantities import quantities
from rag.shelf import Store
from rag.types import Article, Evidence, Passage, Reading, Retrieved, Scope, Sentence
from rag.window import window

FUSION_K = 60  # reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009)
SEARCHED = 60  # passages that each search brings
READ = 26  # sentences that the reader reads at first, and ...
ROUNDS = 2  # ... then, so often, ...
FIRST = 6  # of these are shown as soon as they are read, for whoever waits
FURTHER = 7  # ... so many where the reading so far points: together what a warm second affords
NEAR = 2  # sentences before and after that count as around
FAINT = 0.02  # nothing is looked for around a sentence that is no surer than this
SURE = 0.3  # from here on a sentence tells which event is meant, and ...
SAME_NEWS = dt.timedelta(days=10)  # ... articles within so many days of its own are likely to tell of it
PROMISING = 6  # among twice so many of the surest sentences, those worth reading around: ...
PROMISING_EACH = 2  # ... at most so many of one article
SENTENCES_A_PASSAGE = 1.7  # as they come out on average
ARTICLES = 12  # in a large library, the articles whose best passage is read before the rest compete
SPAN_WEIGHT = 0.25  # of the span's margin beside the answer logit
REPORTED_WITHIN = dt.timedelta(days=45)  # news of an event is published by then; later only where it names the time

YEARS_BACK = re.compile(r"\s+years?\s+(?:ago|before|earlier)\b", re.IGNORECASE)

Search = Callable[[str, int, Collection[str] | None], list[tuple[str, float]]]
"""(question, limit, article ids or None for all) → [(passage id, score)], best first."""


class SentenceReader(Protocol):
    def read(self, question: str, windows: Sequence[tuple[str, int]]) -> list[Reading]: ...


def retrieve(
    asked: Asked,
    scope: Scope,
    store: Store,
    searches: Sequence[Search],
    reader: SentenceReader,
    read: int = READ,
) -> Retrieved:
    """Evidence, best first, at most `read` sentences. Without `searches`, every sentence in scope is read."""
    steps = retrieving(asked, scope, store, searches, reader, read)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return cast(Retrieved, done.value)


def retrieving(
    asked: Asked,
    scope: Scope,
    store: Store,
    searches: Sequence[Search],
    reader: SentenceReader,
    read: int = READ,
) -> Generator[Sequence[Evidence], None, Retrieved]:
    """The same while it happens: the evidence so far, best first, whenever more has been read."""
    began = time.perf_counter()
    ids, undated = store.in_scope(scope)
    if searches:
        passages = passages_of(
            _with_all(asked, ids, _timely(asked, ids, scope, store, searches), store, searches), store
        )
    else:
        passages = [p for i in ids for p in store.passages(i)]
    picked = list(_pick(passages, None if not searches else read))
    picked = [(a, n) for a, n in picked if _fits(asked, store, a, n)]
    found = time.perf_counter()
    spoken = _spoken(asked, (store.article(a) for a, _ in picked))
    evidence = _read(asked, spoken, picked[:FIRST], store, reader)
    if picked[FIRST:]:
        yield _ranked(evidence)
        evidence += _read(asked, spoken, picked[FIRST:], store, reader)
    there = _of_those_days(asked, evidence, ids, store) if searches else ids
    if len(there) < len(ids):
        passages = passages_of(fused(asked.question, there, searches), store)
    for _ in range(ROUNDS if searches else 0):
        known = {(e.article.id, e.sentence.n) for e in evidence}
        further = (p for p in _further(evidence, passages, store) if p not in known)
        more = [p for p in further if _fits(asked, store, *p)][:FURTHER]
        yield _ranked(evidence)
        evidence += _read(asked, _spoken(asked, (store.article(a) for a, _ in more)), more, store, reader)
    evidence = _ranked(evidence)
    done = time.perf_counter()
    return Retrieved(
        evidence=tuple(evidence),
        considered=tuple(dict.fromkeys(e.article.id for e in evidence if e.article.id in there)),
        notes=(_undated(undated),) if undated else (),
        retrieve_ms=1000 * (found - began),
        rerank_ms=1000 * (done - found),
    )


def _undated(count: int) -> str:
    return f"{count} {'article' if count == 1 else 'articles'} without a day left out by the dates asked for"


# --- searching --------------------------------------------------------------------------------


def _timely(asked: Asked, ids: Sequence[str], scope: Scope, store: Store, searches: Sequence[Search]) -> list[str]:
    """Passage ids, best first: of articles that could report on the time asked about, then of those that name it."""
    days = {s.id: s.published for s in store.summaries()}
    here = [i for i in ids if could_report(asked.times, days[i])]
    if len(here) == len(ids):
        return fused(asked.question, None if scope.empty else ids, searches)
    found = fused(asked.question, here, searches) if here else []
    elsewhere = [i for i in ids if not could_report(asked.times, days[i])]
    named: dict[str, bool] = {}
    for passage in fused(asked.question, elsewhere, searches)[:SEARCHED]:
        article = article_of(passage)
        if article not in named:
            named[article] = _names_time(asked.times, store.article(article))
        if named[article]:
            found.append(passage)
    return found


def _with_all(
    asked: Asked, ids: Sequence[str], found: list[str], store: Store, searches: Sequence[Search]
) -> list[str]:
    """In a small library, articles that others crowded out of the searches get one of their own."""
    days = {s.id: s.published for s in store.summaries()} if len(ids) <= ARTICLES else {}
    heard = {article_of(p) for p in found}
    missing = [i for i in days if i in ids and i not in heard and could_report(asked.times, days[i])]
    return found + [p for i in missing for p in fused(asked.question, [i], searches)[:1]]


def could_report(times: Sequence[Day], published: dt.date | None) -> bool:
    """No article reports what has not happened yet, and news is soon told. An unknown day could be any."""
    return not times or published is None or any(_within(t, published) for t in times)


def _within(time_: Day, published: dt.date) -> bool:
    years = [time_.year] if time_.year else [published.year, published.year - 1]
    for year in years:
        first = dt.date(year, time_.month or 1, 1)
        last = dt.date(year, time_.month or 12, 28) + dt.timedelta(days=3)
        if first <= published <= last + REPORTED_WITHIN:
            return True
    return False


def _names_time(times: Sequence[Day], article: Article) -> bool:
    named = times_in(article.text)
    return any(_agrees(t, n) for t in times for n in named)


def _agrees(asked: Day, named: Day) -> bool:
    """`named` is that time, as far as both say; what is asked must be said at its coarsest."""
    if asked.month and asked.month != named.month:
        return False
    return not (asked.year and named.year) or asked.year == named.year


def _fits(asked: Asked, store: Store, article: str, n: int) -> bool:
    """A sentence that dates what it tells to another month does not answer for this one; nor does one of an article of
    another year for the year asked about, unless it or the sentence before it says that it tells of that year."""
    sentences = store.sentences(article)
    months = {t.month for t in asked.times if t.month}
    named = {t.month for t in times_in(sentences[n].text) if t.month} if months else set()
    if named and not named & months:
        return False
    years = {t.year for t in asked.times if t.year}
    published = store.article(article).published
    if not years or published is None or {published.year, published.year - 1} & years:
        return True
    return any(_tells_of(years, s.text, published.year) for s in sentences[max(0, n - 1) : n + 1])


def _tells_of(years: Collection[int], sentence: str, written: int) -> bool:
    """It names one of the years, or counts back to it: "nine years ago", "eleven years before"."""
    if {int(y) for y in re.findall(r"\b(?:1[5-9]|20)\d\d\b", sentence)} & set(years):
        return True
    back = [q for q in quantities(sentence) if YEARS_BACK.match(sentence, q.end)]
    return any(q.low <= written - year <= q.high for q in back for year in years)


def fused(question: str, articles: Collection[str] | None, searches: Sequence[Search]) -> list[str]:
    """Reciprocal rank fusion of all searches: passage ids, best first."""
    if articles is not None and not articles:
        return []
    score: dict[str, float] = {}
    for search in searches:
        for rank, (passage, _) in enumerate(search(question, SEARCHED, articles)):
            score[passage] = score.get(passage, 0.0) + 1 / (FUSION_K + rank + 1)
    return sorted(score, key=lambda p: (-score[p], p))


def article_of(passage_id: str) -> str:
    return passage_id.rsplit("#", 1)[0]


def passages_of(ids: Iterable[str], store: Store) -> list[Passage]:
    by_article: dict[str, dict[str, Passage]] = {}
    out = []
    for i in ids:
        article = article_of(i)
        if article not in by_article:
            by_article[article] = {p.id: p for p in store.passages(article)}
        out.append(by_article[article][i])
    return out


def _pick(passages: Sequence[Passage], limit: int | None) -> Iterable[tuple[str, int]]:
    """(article, sentence) of the passages: the leading articles in turn, each with its best; then whatever is best.
    An article leads that has a passage among the first `limit`.

    Few articles have several turns: in a library of five, one that repeats the question must not fill the reading.
    """
    by_article: dict[str, list[Passage]] = {}
    for passage in passages:
        by_article.setdefault(passage.article, []).append(passage)
    near = dict.fromkeys(p.article for p in passages[:limit])
    leading = [by_article[article] for article in near][:ARTICLES]
    turns = max(1, round((limit or 0) / (SENTENCES_A_PASSAGE * len(leading)))) if leading else 0
    first = [own[turn] for turn in range(turns) for own in leading if turn < len(own)]
    order = dict.fromkeys([*first, *passages])
    sentences = ((p.article, n) for p in order for n in range(p.first, p.last + 1))
    return islice(sentences, limit)


# --- reading ----------------------------------------------------------------------------------


def _read(
    asked: Asked, spoken: str, picked: Sequence[tuple[str, int]], store: Store, reader: SentenceReader
) -> list[Evidence]:
    candidates = [unread(store, article, n) for article, n in picked]
    windows = [window(c.article.title, c.before.text if c.before else "", c.sentence.text) for c in candidates]
    readings = reader.read(spoken, windows)
    return [
        replace(c, score=certainty(r, asked), reading=_placed(r, c.sentence))
        for c, r in zip(candidates, readings, strict=True)
    ]


def _spoken(asked: Asked, articles: Iterable[Article]) -> str:
    """The question as it is read. Where days of publication have answered for its time, the time only gets in the way:
    few sentences of a news article name the month they tell of. A day in a yes/no question may be what is asked."""
    dated = any(a.published for a in articles)
    own = asked.kind == "when" or (asked.kind == "yesno" and any(t.day for t in asked.times))
    return asked.timeless if dated and not own else asked.question


def _ranked(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Surest first, numbered from 1."""
    order = sorted(evidence, key=lambda e: (-e.score, e.article.id, e.sentence.n))
    return [replace(e, n=i) for i, e in enumerate(order, 1)]


def _around(evidence: Iterable[Evidence], store: Store) -> list[tuple[str, int]]:
    """The sentences around those that seem to answer, surest first: beside one side's word often stands the other's."""
    found: dict[tuple[str, int], None] = {}
    for e in _promising(evidence):
        sentences = store.sentences(e.article.id)
        for n in range(max(0, e.sentence.n - NEAR), min(len(sentences), e.sentence.n + NEAR + 1)):
            if e.article.blocks[sentences[n].block].kind == "body":
                found[e.article.id, n] = None
    return list(found)


def _of_those_days(asked: Asked, evidence: Sequence[Evidence], ids: Sequence[str], store: Store) -> Sequence[str]:
    """The articles of the days of the event, where something read is sure enough to tell which event; else all."""
    surest = max(evidence, key=lambda e: e.score, default=None)
    day = surest.article.published if surest and surest.score >= SURE else None
    if day is None:
        return ids
    days = {s.id: s.published for s in store.summaries()}
    timely = [i for i in ids if could_report(asked.times, days[i])]
    return [i for i in timely if (published := days[i]) is None or abs(published - day) <= SAME_NEWS]


def _further(evidence: Sequence[Evidence], passages: Sequence[Passage], store: Store) -> Iterable[tuple[str, int]]:
    """Where to read on: around what seems to answer in the articles of `passages`, then these, each article in turn."""
    articles = {p.article for p in passages}
    known = {(e.article.id, e.sentence.n) for e in evidence}
    unread = (p for p in passages if (p.article, p.first) not in known)
    return dict.fromkeys([*_around((e for e in evidence if e.article.id in articles), store), *_in_turn(unread)])


def _in_turn(passages: Iterable[Passage]) -> Iterator[tuple[str, int]]:
    """Their sentences: each article's first passage, then each one's second ..."""
    own: dict[str, list[Passage]] = {}
    for passage in passages:
        own.setdefault(passage.article, []).append(passage)
    turns = (passage for turn in zip_longest(*own.values()) for passage in turn if passage)
    return ((p.article, n) for p in turns for n in range(p.first, p.last + 1))


def _promising(evidence: Iterable[Evidence]) -> Iterable[Evidence]:
    each: Counter[str] = Counter()
    for e in _ranked(evidence):
        each[e.article.id] += 1
        if e.score > FAINT and each[e.article.id] <= PROMISING_EACH and sum(each.values()) <= 2 * PROMISING:
            yield e


def unread(store: Store, article_id: str, n: int) -> Evidence:
    """Sentence `n` as evidence that no reader has read yet."""
    article, sentences = store.article(article_id), store.sentences(article_id)
    before = sentences[n - 1] if n and article.blocks[sentences[n - 1].block].kind == "body" else None
    nothing = Reading(0.0, 0.0, ())
    return Evidence(0, article, sentences[n], before, store.tokens(article_id)[n], 0.0, nothing)


def _placed(reading: Reading, sentence: Sentence) -> Reading:
    """Spans in article offsets."""
    spans = tuple(
        replace(s, start=s.start + sentence.start, end=min(s.end + sentence.start, sentence.end))
        for s in reading.spans
        if s.start + sentence.start < sentence.end
    )
    return replace(reading, spans=spans)


def certainty(reading: Reading, asked: Asked) -> float:
    """0 to 1. A yes/no question has no answer words to find, so only the answer logit counts."""
    margin = reading.spans[0].score if reading.spans and asked.kind != "yesno" else 0.0
    logit = reading.answers + SPAN_WEIGHT * max(-20.0, min(20.0, margin))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))
