"""The conversation before a question. Only its questions count: an earlier answer is never evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rag.errors import UsageError
from rag.follow_up import standalone
from rag.words import content_words, names_in

LONGEST = 400  # characters of a question that a model made: more is no question


def earlier_questions(history: Iterable[Any]) -> tuple[str, ...]:
    """The questions of a conversation, oldest first. Its turns may be texts, {"question"} with or without its answer,
    or chat messages {"role", "content"}, of which the user's are taken. Raises UsageError for anything else."""
    return tuple(text for turn in history if (text := _question(turn)))


def _question(turn: Any) -> str:
    match turn:
        case str():
            return turn.strip()
        case {"standalone": str(text)} | {"question": str(text)}:
            return text.strip()
        case {"role": "user", "content": str(text)}:
            return text.strip()
        case {"role": str()}:
            return ""
        case [str(text), *_]:
            return text.strip()
    raise UsageError(f'a turn of the history is {str(turn)[:40]!r}: give texts, or {{"question": ...}}')


def by_rules(question: str, earlier: Sequence[str]) -> str:
    """The question as it would be asked alone; the earlier ones are first made so in turn."""
    alone: list[str] = []
    for before in earlier:
        alone.append(standalone(before, alone))
    return standalone(question, alone)


def faithful(made: str, question: str, earlier: Sequence[str]) -> bool:
    """Whether a model's question adds no name and no content word of its own, and keeps to the length of one."""
    said = " ".join([question, *earlier])
    added = set(content_words(made)) - set(content_words(said))
    return bool(made.strip()) and len(made) <= LONGEST and not added and set(names_in(made)) <= set(names_in(said))
