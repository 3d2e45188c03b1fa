"""What a reader thinks of an answer: kept in the library, where `whosays cases` makes reference questions of it."""

from __future__ import annotations

from dataclasses import replace

from rag.judged import judge, key_of
from rag.library import Library
from ui.asking import Turns
from ui.turns import Verdict


def judged(turns: Turns, at: int, verdict: Verdict | None, library: Library) -> Turns:
    """The conversation with this verdict on the answer at `at` (from 0), none where it is taken back.

    Raises UsageError for a note that is too long, LibraryError where the library cannot be written to.
    """
    answer = turns[at].answer if 0 <= at < len(turns) else None
    if answer is None:
        return turns
    if verdict is None:
        library.forget_judged(key_of(answer))
    else:
        earlier = [t.answer.standalone for t in turns[:at] if t.answer]
        library.keep_judged(judge(answer, verdict.helpful, verdict.note, earlier))
    return (*turns[:at], replace(turns[at], verdict=verdict), *turns[at + 1 :])


def pressed(turns: Turns, at: int, helpful: bool, library: Library) -> Turns:
    """A thumb was pressed: the other one keeps the note, the same one takes all back."""
    before = turns[at].verdict if 0 <= at < len(turns) else None
    if before and before.helpful == helpful:
        return judged(turns, at, None, library)
    return judged(turns, at, Verdict(helpful, before.note if before else ""), library)


def noted(turns: Turns, at: int, note: str, library: Library) -> Turns:
    """A note to a verdict that is there."""
    before = turns[at].verdict if 0 <= at < len(turns) else None
    return judged(turns, at, replace(before, note=note.strip()), library) if before else turns
