"""A file of questions with reference answers → a Suite: what to ask, and what to hold the answers against.

Three shapes are read: spans suites (evals/suites/README.md), which need the texts of their articles; the same with
quotes in the place of spans (`python -m evals.materialize`); and closed items, a .json or .jsonl file whose items bring
their own `docs`, with `sides` or, for SQuAD 2.0, `answers`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evals import metrics
from evals.materialize import materialize
from evals.metrics import Figure, Measure, Row
from rag.batch import Item, read_items
from rag.errors import UsageError
from rag.library import Library


@dataclass(frozen=True, slots=True)
class Suite:
    """`references` and `questions` are the same items in the same order."""

    name: str
    references: tuple[Mapping[str, Any], ...]
    questions: tuple[Item, ...]
    closed: bool  # its items bring their own documents

    @property
    def figures(self) -> dict[str, Measure]:
        return metrics.CLOSED if self.closed else metrics.OPEN


def load(path: Path, part: str | None = None) -> Suite:
    """Raises ReadError or UsageError, naming the item, where `path` is no such file or has no item of that part."""
    read_items(path)  # refuses what is malformed, with the item's place in the file
    kept = [row for row in _rows(path) if part is None or row.get("part") == part]
    if not kept:
        raise UsageError(f'{path}: no item whose "part" is {part!r}: leave --part out, or name another')
    closed = {row.get("docs") is not None for row in kept}
    if len(closed) > 1:
        raise UsageError(f"{path}: some items bring docs and some do not: make two files of it")
    return Suite(path.stem, tuple(kept), tuple(map(_question, kept)), closed.pop())


def _rows(path: Path) -> list[dict[str, Any]]:
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        return [json.loads(line) for line in text.split("\n") if line.strip()]
    data = json.loads(text)
    return [*data["items"], *data.get("disputes", ())]


def _question(row: Mapping[str, Any]) -> Item:
    docs = row.get("docs")
    return Item(row["id"], row["question"], docs=tuple((d["doc_id"], d["text"]) for d in docs) if docs else None)


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


def texts_in(library: Library) -> dict[str, str]:
    """The library's articles by the keys that suites give them."""
    return {metrics.article_key(s.id): library.article(s.id).text for s in library.summaries()}


def with_quotes(suite: Suite, texts: Mapping[str, str]) -> Suite:
    """The suite with words where it had spans. Raises ReadError for a span that is not in the article."""
    spans = [i for i in suite.references if any("spans" in p for p in i["positions"])]
    if not spans:
        return suite
    made = {item["id"]: item for item in materialize({"items": spans}, texts)["items"]}
    return replace(suite, references=tuple(made.get(item["id"], item) for item in suite.references))


def score(suite: Suite, answers: Sequence[Mapping[str, Any]], texts: Mapping[str, str]) -> list[Row]:
    """A Row an item; `answers` in the order of the items, `texts` plain (`metrics.plain`) and unused when closed."""
    pairs = zip(suite.references, answers, strict=True)
    if suite.closed:
        return [metrics.score_closed(item, answer) for item, answer in pairs]
    return [metrics.score_open(item, answer, texts) for item, answer in pairs]


def summarise(suite: Suite, rows: Sequence[Row]) -> dict[str, Figure]:
    return {name: measure(rows) for name, measure in suite.figures.items()}
