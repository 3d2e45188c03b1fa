"""A question of the conversation while it is answered: what the page shows from one moment to the next."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from typing import cast

from rag.errors import StoppedError, WhosaysError
from rag.events import Done, Event, Positions, Quotes, Understood, Waiting
from rag.types import Answer, Citation, Position
from ui.turns import Turn, error_html, meanwhile_html

Shown = Callable[[Answer, int], str]
"""An answer as HTML, at its place in the conversation (from 0)."""
Happening = Callable[[str, Sequence[str]], Iterable[Event]]
"""(question, earlier standalone questions) → what happens."""
Turns = tuple[Turn, ...]

STOPPED = "Stopped: the question was not answered."

_log = logging.getLogger(__name__)


def answering(question: str, turns: Turns, happening: Happening, shown: Shown) -> Iterator[Turns]:
    """The conversation with the question being read, again whenever there is more to see, at last with its answer.

    Ended early (`close`), it stops the reading."""
    earlier = [t.answer.standalone for t in turns if t.answer]
    meanwhile = _Meanwhile(question)
    yield (*turns, Turn(question, meanwhile.html()))
    try:
        with closing(cast(Generator[Event, None, None], iter(happening(question, earlier)))) as events:
            for event in events:
                if isinstance(event, Done):
                    yield (*turns, Turn(question, shown(event.answer, len(turns)), event.answer))
                    return
                if meanwhile.take(event):
                    yield (*turns, Turn(question, meanwhile.html()))
    except StoppedError:
        yield (*turns, Turn(question, error_html(STOPPED)))
    except WhosaysError as err:
        yield (*turns, Turn(question, error_html(str(err))))
    except Exception as err:  # noqa: BLE001 - the last stop: the page must not wait for ever, and says what failed
        _log.exception("the question %r failed", question)
        said = f"unexpected {type(err).__name__}: {err} (the server's log has the rest)"
        yield (*turns, Turn(question, error_html(said)))


class _Meanwhile:
    """What is known before there is an answer."""

    def __init__(self, question: str) -> None:
        self.question, self.standalone = question, question
        self.quotes: tuple[Citation, ...] = ()
        self.positions: tuple[Position, ...] = ()
        self.host, self.seconds = "", 0

    def take(self, event: Event) -> bool:
        """Whether there is something new to show."""
        match event:
            case Understood(standalone):
                self.standalone = standalone
                return standalone != self.question
            case Quotes(citations):
                self.quotes = citations
            case Positions(positions):
                self.positions = positions
            case Waiting(host, seconds):
                new = (host, int(seconds)) != (self.host, self.seconds)
                self.host, self.seconds = host, int(seconds)
                return new
        return True

    def html(self) -> str:
        standalone = self.standalone if self.standalone != self.question else ""
        return meanwhile_html(standalone, self.quotes, self.positions, self.host, self.seconds)
