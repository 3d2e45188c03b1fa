"""A question read by a language model while someone waits: what happens is told, and whoever stops listening stops the
model."""

from __future__ import annotations

import dataclasses
import queue
import time
from collections.abc import Callable, Coroutine, Generator, Sequence
from concurrent.futures import CancelledError, Future, wait
from typing import TYPE_CHECKING, Any, Final, TypeVar

from rag import llm_reader, llm_reply
from rag.answers import SaidOf
from rag.conversation import faithful
from rag.errors import ReplyError, StoppedError
from rag.events import Event, Positions, Waiting
from rag.extractive import nearest, spoken_by
from rag.llm_reply import Read
from rag.quotes import verify
from rag.spent import Spent
from rag.types import Attribution, Draft, Evidence, Position

if TYPE_CHECKING:
    from rag.llm import Model

T = TypeVar("T")
TICK: Final = 0.25  # seconds between two words on the wait


def standalone(question: str, earlier: Sequence[str], model: Model, spent: Spent) -> Generator[Event, None, str]:
    """The question as it would be asked alone. Raises ModelError; ReplyError where the model's adds words of its
    own."""
    made = yield from _waited(model, llm_reader.standalone(question, earlier, model, spent))
    if not faithful(made, question, earlier):
        raise ReplyError("it made another question of it")
    return made


def read(
    question: str, evidence: Sequence[Evidence], said_of: SaidOf, model: Model, spent: Spent, live: bool
) -> Generator[Event, None, Draft]:
    """`live`: the reply comes in pieces, and positions are told before the summary is written. Raises ModelError."""
    begun: queue.SimpleQueue[Read] = queue.SimpleQueue()

    def rules(e: Evidence) -> Attribution:
        return spoken_by(e, said_of)

    def so_far() -> tuple[Position, ...]:
        return verify(llm_reply.draft(begun.get_nowait(), evidence, question, rules), evidence).positions

    work = llm_reader.read(question, evidence, model, rules, spent, begun.put if live else None)
    draft = yield from _waited(model, work, lambda: so_far() if not begun.empty() else ())
    if draft.outcome == "unanswered" and not draft.nearest:
        surest = sorted(evidence, key=lambda e: -e.score)
        return dataclasses.replace(draft, nearest=nearest(surest, said_of))
    return draft


def _waited(
    model: Model, work: Coroutine[Any, Any, T], so_far: Callable[[], tuple[Position, ...]] = tuple
) -> Generator[Event, None, T]:
    """The work's result. Between two ticks it tells of positions, or that it waits; closed early, it cancels the
    work."""
    began = time.perf_counter()
    future: Future[T] = model.start(work)
    try:
        while True:
            done = _done(future)
            if positions := so_far():
                yield Positions(positions)
            elif not done:
                yield Waiting(model.host, time.perf_counter() - began)
            if done:
                return future.result()
    except CancelledError:
        raise StoppedError("the reading was stopped") from None
    finally:
        future.cancel()


def _done(future: Future[T]) -> bool:
    """Whether it is done within a tick."""
    wait([future], TICK)
    return future.done()
