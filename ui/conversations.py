"""Conversations as text that a browser keeps, newest first, and back. An answer is kept whole, in the contract's form
with its own quotes: what the library becomes afterwards blanks nothing."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from rag.contract import from_dict, to_dict
from rag.errors import UsageError
from ui.asking import Shown, Turns
from ui.turns import Turn, Verdict, error_html

MOST = 20  # conversations; a browser's storage is small
TITLE = 60  # characters

Kept = list[dict[str, Any]]


def new_id() -> str:
    return uuid.uuid4().hex


def from_text(text: str | None) -> Kept:
    """What the browser kept; nothing where that is no list of conversations."""
    try:
        rows = json.loads(text or "[]")
    except ValueError:
        return []
    return [row for row in rows if isinstance(row, dict) and row.get("id")] if isinstance(rows, list) else []


def to_text(kept: Kept) -> str:
    return json.dumps(kept, separators=(",", ":"))


def keep(kept: Sequence[Mapping[str, Any]], id_: str, turns: Turns) -> Kept:
    """The conversations with this one first, as it is now; without it where it has no question left."""
    others = [dict(c) for c in kept if c.get("id") != id_]
    if not turns:
        return others[:MOST]
    rows = [_row(t) for t in turns]
    return [{"id": id_, "title": turns[0].question[:TITLE], "turns": rows}, *others][:MOST]


def _row(turn: Turn) -> dict[str, Any]:
    verdict = {"helpful": turn.verdict.helpful, "note": turn.verdict.note} if turn.verdict else None
    return {"question": turn.question, "answer": to_dict(turn.answer) if turn.answer else None, "verdict": verdict}


def reopened(conversation: Mapping[str, Any], shown: Shown) -> Turns:
    """Its turns. One that was kept by another version, or was never answered, says so and is no answer."""
    made: list[Turn] = []
    for row in conversation.get("turns", ()):
        made.append(_turn(row, len(made), shown))
    return tuple(made)


def _turn(row: Mapping[str, Any], at: int, shown: Shown) -> Turn:
    question = str(row.get("question", ""))
    if not row.get("answer"):
        return Turn(question, error_html("This question was not answered."))
    try:
        answer = from_dict(row["answer"])
    except (UsageError, TypeError, AttributeError):
        return Turn(question, error_html("This answer was kept by another version and cannot be shown: ask again."))
    return Turn(question, shown(answer, at), answer, _verdict(row.get("verdict")))


def _verdict(kept: object) -> Verdict | None:
    if not isinstance(kept, Mapping):
        return None
    return Verdict(bool(kept.get("helpful")), str(kept.get("note", "")))
