"""What a question's reading brought, kept, so that all that comes after it can be done again for next to nothing.

`Recorder` stands around the engine while it answers: it keeps what `retrieve` returned and the store it took it from.
`replay` then answers the same question by the engine's own code from there on.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from unittest.mock import patch

from evals.answering import Bench, Given
from rag import ask
from rag.batch import Item, answer_item
from rag.parse import Parser
from rag.shelf import Shelf
from rag.types import Answer, Article, Retrieved, Scope, Sentence, Tokens

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kept:
    """A question's evidence, and the articles it came from (a Shelf: what was read of them is still there)."""

    found: Retrieved
    shelf: Shelf
    searches: tuple[Any, ...]  # none where the documents came with the question
    aliases: list[list[str]]  # that the library held


class _Articles(Shelf):
    """A kept shelf in the place of a library."""

    def __init__(self, kept: Kept) -> None:
        super().__init__(kept.shelf)
        self._aliases = kept.aliases

    def fingerprint(self) -> str:
        return "kept"

    def aliases(self) -> list[list[str]]:
        return self._aliases


def record(bench: Bench, tell: Callable[[int, int], None] | None = None) -> tuple[list[Given], list[Kept | None]]:
    """The answers, and what was kept of each question; None where it failed."""
    kept: list[Kept | None] = []
    answers = []
    real = ask.retrieving
    for item in bench.suite.questions:
        held: list[Kept] = []

        def retrieving(
            asked: Any, scope: Any, store: Shelf, *rest: Any, held: list[Kept] = held
        ) -> Generator[Any, None, Retrieved]:
            found = yield from real(asked, scope, store, *rest)
            held.append(Kept(found, store, tuple(rest[0]), store.aliases()))
            return found

        with patch.object(ask, "retrieving", retrieving):
            answers.append(answer_item(item, bench.answer))
        kept.append(held[-1] if held else None)
        if tell:
            tell(len(answers), len(bench.suite.questions))
    return answers, kept


def replay(item: Item, kept: Kept | None, was: Given) -> Given:
    """The answer from the kept evidence on, by the code as it is now; what failed before reading stays as it `was`."""
    if kept is None:
        return was

    def answer(item: Item) -> Answer:
        return ask.answer_over(item.question, _Articles(kept), kept.searches, None, Scope(), "auto")  # type: ignore[arg-type]

    def retrieving(*_: Any) -> Generator[Any, None, Retrieved]:
        yield from ()
        return kept.found

    with patch.object(ask, "retrieving", retrieving):
        return answer_item(item, answer)


# --- what stays the same between two runs -----------------------------------------------------


def _remembered(work: Callable[..., T], key: Callable[..., Hashable]) -> Callable[..., T]:
    known: dict[Hashable, T] = {}

    def remembering(*args: Any) -> T:
        asked = key(*args)
        if asked not in known:
            known[asked] = work(*args)
        return known[asked]

    return remembering


@contextmanager
def remembering() -> Iterator[None]:
    """While it stands, an article is split, parsed and attributed once: no part that is switched off changes these."""

    def texts(sentences: Sequence[Sentence]) -> tuple[str, ...]:
        return tuple(s.text for s in sentences)

    def attributed(sentences: Sequence[Sentence], _: Sequence[Tokens], outlet: str | None) -> Hashable:
        return texts(sentences), outlet

    def article(given: Article) -> Hashable:
        return given

    with ExitStack() as stack:
        stack.enter_context(patch.object(ask, "attribute", _remembered(ask.attribute, attributed)))
        stack.enter_context(patch.object(ask, "split", _remembered(ask.split, article)))
        parse = _remembered(Parser.parse, lambda _, sentences: tuple(sentences))
        stack.enter_context(patch.object(Parser, "parse", parse))
        yield
