"""A file of questions with reference answers → a Suite: what to ask, and what to hold the answers against.

Three shapes are read: suites with spans (evals/suites/README.md), which need the texts of their articles; the same with
quotes in the place of spans, as people write them; and closed items, which bring their own `docs`, with `sides` or, for
SQuAD 2.0, `answers`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from evals import metrics
from evals.materialize import materialize
from evals.metrics import Figure, Measure, Row
from evals.pooled import documents, pooled
from evals.suite_file import read_suite
from rag.batch import Item
from rag.errors import ReadError, UsageError
from rag.library import Library

SHOWN = 8  # ids in a line


@dataclass(frozen=True, slots=True)
class Suite:
    """`references` and `questions` are the same items in the same order."""

    name: str
    references: tuple[Mapping[str, Any], ...]
    questions: tuple[Item, ...]
    closed: bool  # its items bring their own documents
    floors: Mapping[str, float] = field(
        default_factory=dict
    )  # figure → what it must reach; at most, where lower is better
    waiting: tuple[str | int, ...] = ()  # ids of drafts, which are not asked

    @property
    def figures(self) -> dict[str, Measure]:
        return metrics.CLOSED if self.closed else metrics.OPEN


def load(path: Path, part: str | None = None) -> Suite:
    """Raises ReadError or UsageError, naming the item, where `path` is no such file or has no item of that part, or
    none that is finished."""
    held = read_suite(path)
    kept, drafts = ([row for row in rows if part in (None, row.get("part"))] for rows in (held.rows, held.drafts))
    waiting = tuple(row["id"] for row in drafts)
    if not kept and waiting:
        raise UsageError(f"{path}: {waits(waiting)}: finish one, and take its draft line out")
    if not kept:
        raise UsageError(f'{path}: no item whose "part" is {part!r}: leave --part out, or name another')
    closed = {row.get("docs") is not None for row in kept}
    if len(closed) > 1:
        raise UsageError(f"{path}: some items bring docs and some do not: make two files of it")
    suite = Suite(path.stem, tuple(kept), tuple(map(_question, kept)), closed.pop(), held.floors, waiting)
    unknown = sorted(set(suite.floors) - set(suite.figures))
    if unknown:
        raise UsageError(f"{path}: a floor for {unknown[0]!r}: the figures are {', '.join(suite.figures)}")
    return suite


def waits(ids: Sequence[str | int]) -> str:
    """In words, which questions are drafts."""
    return f"{'1 question waits' if len(ids) == 1 else f'{len(ids)} questions wait'} for their positions ({some(ids)})"


def some(ids: Sequence[str | int]) -> str:
    """The first of them, with dots where there are more."""
    return ", ".join(map(str, ids[:SHOWN])) + (" ..." if len(ids) > SHOWN else "")


def _question(row: Mapping[str, Any]) -> Item:
    docs = row.get("docs")
    pairs = tuple((d["doc_id"], d["text"]) for d in docs) if docs else None
    return Item(row["id"], row["question"], tuple(row.get("history") or ()), pairs)


def sample(suite: Suite, count: int | None, seed: int) -> Suite:
    """`count` of its items, drawn by `seed`, in the order of the file; all where `count` is None or no less."""
    total = len(suite.questions)
    if count is None or count >= total:
        return suite
    drawn = sorted(random.Random(seed).sample(range(total), count))
    return replace(
        suite,
        references=tuple(suite.references[i] for i in drawn),
        questions=tuple(suite.questions[i] for i in drawn),
    )


def as_pooled(suite: Suite) -> Suite:
    """Closed items as questions over one library of all their documents. An item's `docs` become the whole collection,
    which its quotes are looked up in; its sides stay its own documents. Raises UsageError for an open suite."""
    items, _ = pooled(suite.references)
    every = [{"doc_id": d["id"], "text": d["text"]} for d in documents(items)]
    return replace(
        suite,
        name=f"{suite.name}-pooled",
        references=tuple({**item, "docs": every} for item in items),
        questions=tuple(replace(q, docs=None) for q in suite.questions),
    )


def texts_in(library: Library) -> dict[str, str]:
    """The library's articles by the keys that suites give them."""
    return {metrics.article_key(s.id): library.article(s.id).text for s in library.summaries()}


def with_quotes(suite: Suite, texts: Mapping[str, str]) -> Suite:
    """The suite with words where it had spans. Raises ReadError for a span or a quote that is not in the article."""
    spans = [i for i in suite.references if any("spans" in p for p in i["positions"])]
    made = {item["id"]: item for item in materialize({"items": spans}, texts)["items"]} if spans else {}
    suite = replace(suite, references=tuple(made.get(item["id"], item) for item in suite.references))
    plain = {key: metrics.plain(text) for key, text in texts.items()}
    for item in suite.references:
        for position in item["positions"]:
            _check_quotes(item["id"], position["quotes"], plain)
    return suite


def _check_quotes(item: object, quotes: Mapping[str, Sequence[str]], texts: Mapping[str, str]) -> None:
    for key, words in quotes.items():
        if key not in texts:
            raise ReadError(f"item {item}: no article {key!r} in the library: `whosays sources` lists their ids")
        for quote in words:
            if metrics.plain(quote) not in texts[key]:
                short = quote if len(quote) <= 60 else quote[:57] + "..."
                raise ReadError(f"item {item}: article {key} does not hold “{short}”: copy the words from the article")


def score(suite: Suite, answers: Sequence[Mapping[str, Any]], texts: Mapping[str, str]) -> list[Row]:
    """A Row an item; `answers` in the order of the items, `texts` plain (`metrics.plain`) and unused when closed."""
    pairs = zip(suite.references, answers, strict=True)
    if suite.closed:
        return [metrics.score_closed(item, answer) for item, answer in pairs]
    return [metrics.score_open(item, answer, texts) for item, answer in pairs]


def summarise(suite: Suite, rows: Sequence[Row]) -> dict[str, Figure]:
    return {name: measure(rows) for name, measure in suite.figures.items()}
