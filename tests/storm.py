"""A storm told in forty tides, an article that is a trap, and an engine that answers by a script: for the page's tests.

All texts here were written for the tests.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from types import SimpleNamespace
from typing import Any

import scripted

from rag.errors import LibraryError, UsageError
from rag.library import Library
from rag.settings import Settings
from rag.types import Answer, Article, Attribution, Block, Citation, Position, Quote, Silent

PAYLOAD = '<img src=x onerror="window.harmed=1"><script>window.harmed=2</script>'

# --- articles and answers ---------------------------------------------------------------------

TIDES = [f"Day {n} of the storm brought tide {n * 7}, and the keeper of the light wrote it down." for n in range(1, 41)]
STORM = scripted.article("storm", *TIDES, outlet="Light Gazette", published=dt.date(2020, 2, 3))
TRAP = Article(
    id="trap",
    title=f"A title {PAYLOAD}",
    text=f"The vicar said {PAYLOAD} and left.\n\nShare this {PAYLOAD}",
    blocks=(Block(0, 19 + len(PAYLOAD) + 6), Block(19 + len(PAYLOAD) + 8, 19 + 2 * len(PAYLOAD) + 19, "furniture")),
    outlet=f"The {PAYLOAD} Bell",
    url='javascript:window.harmed=3//"onmouseover=window.harmed=4',
    path="trap.html",
)


def cite(n: int, article: Article, words: str, speaker: str | None = None) -> Citation:
    start = article.text.index(words)
    quote = Quote(article.id, start, start + len(words), words)
    said = Attribution(speaker, (), "asserts")
    return Citation(n, quote, article.title, article.outlet, article.published, article.url, None, said)


def answer(question: str, *positions: Position, silent: tuple[Silent, ...] = ()) -> Answer:
    outcome = "disputed" if len(positions) > 1 else "answered"
    numbers = "".join(f"[{c.n}]" for p in positions for c in p.citations)
    return Answer(question, question, outcome, f"It depends {numbers}.", positions=positions, silent=silent)


def stormy(question: str = "When was the tide highest?") -> Answer:
    first, second = cite(1, STORM, TIDES[2], "the keeper"), cite(2, STORM, TIDES[35])
    silent = (Silent("trap", "2 of its sentences were read and none answers"),)
    return answer(
        question,
        Position("early", "disputes", (), (first,)),
        Position("late", "disputes", (), (second,)),
        silent=silent,
    )


def trapped(question: str) -> Answer:
    words = f"The vicar said {PAYLOAD} and left."
    return answer(question, Position(f"left {PAYLOAD}", "agrees", (), (cite(1, TRAP, words, f"vicar {PAYLOAD}"),)))


def scripted_ask(question: str, tools: object) -> Answer:
    """Stands for the engine: which answer depends on a word of the question."""
    if not question.strip():
        raise UsageError("the question is empty: ask something")
    if "broken" in question:
        raise LibraryError("/there: the library is gone: make it again")
    if "bug" in question:
        raise ZeroDivisionError("a fault of ours")
    time.sleep(0.3)  # long enough to see that the page says what it is doing
    if "vicar" in question:
        return trapped(question)
    if "cost" in question:
        return dataclasses.replace(
            stormy(question), outcome="unanswered", positions=(), silent=(), nearest=(cite(1, STORM, TIDES[9]),)
        )
    return stormy(question)


def fake_tools(library: Library) -> Any:
    return SimpleNamespace(index=SimpleNamespace(library=library), settings=Settings())
