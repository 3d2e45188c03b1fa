"""What happens between a question and its answer, in the order in which it can be shown."""

from __future__ import annotations

from dataclasses import dataclass

from rag.types import Answer, Citation, Position


@dataclass(frozen=True, slots=True)
class Understood:
    """The question as it is read: another than was asked only in a conversation."""

    standalone: str


@dataclass(frozen=True, slots=True)
class Quotes:
    """Checked quotes that come nearest, surest first: found, and not yet read for who says what."""

    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A language model is reading; said again and again while it does."""

    host: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Positions:
    """Checked positions, while the summary is still being written."""

    positions: tuple[Position, ...]


@dataclass(frozen=True, slots=True)
class Done:
    answer: Answer


Event = Understood | Quotes | Waiting | Positions | Done
