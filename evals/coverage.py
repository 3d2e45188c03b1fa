"""How much of what the reference answers with is among the sentences that retrieval brings.

    python -m evals.coverage QUESTIONS.json --library DIR [--read 16 24 32 48]

QUESTIONS.json holds items with positions of verbatim quotes by article key (`python -m evals.materialize` makes one
from a suite); DIR is a library of the articles they were written over. No reading is done: what is counted
is whether a sentence that overlaps a reference quote would be read.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rag import retrieve
from rag.ask import Tools, open_tools
from rag.asked import understand
from rag.settings import Settings
from rag.types import Evidence, Reading, Scope


class Silent:
    """A reader that finds nothing, so that only the search is measured."""

    def read(self, question: str, windows: Sequence[tuple[str, int]]) -> list[Reading]:
        return [Reading(0.0, 0.0, ()) for _ in windows]


def brought(question: str, tools: Tools, read: int) -> tuple[Evidence, ...]:
    def vectors(text: str, limit: int, articles: Any) -> list[tuple[str, float]]:
        return tools.index.search_vectors(tools.embedder.embed_query(text), limit, articles)

    searches = (tools.index.search_words, vectors)
    found = retrieve.retrieve(understand(question), Scope(), tools.index.library, searches, Silent(), read)
    return found.evidence


def key(article: str) -> str:
    """The key that a suite gives an article: the digits before the first underscore, else its id."""
    return article.split("_", 1)[0] if re.match(r"\d{3}_", article) else article


def flat(text: str) -> str:
    return " ".join(text.split())


def covered(quotes: Iterable[str], sentences: Sequence[str]) -> bool:
    """A sentence holds a quote, or a quote holds a sentence."""
    return any(flat(q) in s or s in flat(q) for q in quotes for s in sentences)


def coverage(items: Sequence[dict[str, Any]], tools: Tools, read: int) -> tuple[float, float]:
    """The share of (position, source) pairs and of positions with a stating sentence among `read`."""
    sources, positions = [], []
    for item in items:
        sentences: dict[str, list[str]] = {}
        for e in brought(item["question"], tools, read):
            sentences.setdefault(key(e.article.id), []).append(flat(e.sentence.text))
        for position in item["positions"]:
            hits = [covered(quotes, sentences.get(a, [])) for a, quotes in position["quotes"].items()]
            sources += hits
            positions.append(any(hits))
    return sum(sources) / len(sources), sum(positions) / len(positions)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--read", type=int, nargs="+", default=[16, 24, 32, 48])
    args = parser.parse_args()
    items = [i for i in json.loads(args.questions.read_text(encoding="utf-8"))["items"] if i["positions"]]
    tools = open_tools(Settings(library=args.library))
    print("| sentences read | sources covered | positions covered |\n|---|---|---|")  # noqa: T201
    for read in args.read:
        source, position = coverage(items, tools, read)
        print(f"| {read} | {source:.2f} | {position:.2f} |", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
