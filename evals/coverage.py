"""How much of what the reference answers with is among the sentences that retrieval brings.

    python -m evals.coverage QUESTIONS.json --library DIR [--read 16 24 32 48] [--given 24000 48000]

QUESTIONS.json holds items with positions of verbatim quotes by article key (`python -m evals.materialize` makes one
from a suite); DIR is a library of the articles they were written over. `--given` counts among what a language model is
given, of so many characters: that follows the trained reader's first look. Else no reading is done: what is counted
is whether a sentence that overlaps a reference quote would be read.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rag import retrieve
from rag.ask import Tools, open_tools
from rag.asked import understand
from rag.settings import Settings
from rag.shelf import Shelf
from rag.types import Evidence, Reading, Scope
from rag.widen import widen


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


def coverage(items: Sequence[dict[str, Any]], seen: Callable[[str], Sequence[Evidence]]) -> tuple[float, float, float]:
    """The shares of quotes, of (position, source) pairs and of positions with a stating sentence among those seen."""
    spans, sources, positions = [], [], []
    for item in items:
        sentences: dict[str, list[str]] = {}
        for e in seen(item["question"]):
            sentences.setdefault(key(e.article.id), []).append(flat(e.sentence.text))
        for position in item["positions"]:
            quoted = position["quotes"].items()
            spans += [covered([q], sentences.get(a, [])) for a, quotes in quoted for q in quotes]
            hits = [covered(quotes, sentences.get(a, [])) for a, quotes in quoted]
            sources += hits
            positions.append(any(hits))
    return tuple(sum(held) / len(held) for held in (spans, sources, positions))  # type: ignore[return-value]


def given(question: str, tools: Tools, chars: int) -> tuple[Evidence, ...]:
    """What a language model would see."""

    def vectors(text: str, limit: int, articles: Any) -> list[tuple[str, float]]:
        return tools.index.search_vectors(tools.embedder.embed_query(text), limit, articles)

    searches, asked, shelf = (tools.index.search_words, vectors), understand(question), Shelf(tools.index.library)
    found = retrieve.retrieve(asked, Scope(), shelf, searches, tools.reader)
    return widen(asked, found, Scope(), shelf, searches, chars)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--read", type=int, nargs="+", default=[16, 24, 32, 48])
    parser.add_argument("--given", type=int, nargs="*", default=[], metavar="CHARS")
    args = parser.parse_args()
    items = [i for i in json.loads(args.questions.read_text(encoding="utf-8"))["items"] if i["positions"]]
    tools = open_tools(Settings(library=args.library))
    print("| seen | reference quotes | sources | positions |\n|---|---|---|---|")  # noqa: T201
    ways = [(f"{n} sentences, by the search", partial(brought, tools=tools, read=n)) for n in args.read]
    ways += [(f"{n} characters, given to a model", partial(given, tools=tools, chars=n)) for n in args.given]
    for name, seen in ways:
        shares = (f"{share:.2f}" for share in coverage(items, seen))
        print(f"| {name} | {' | '.join(shares)} |", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
