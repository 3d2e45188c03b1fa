"""An answer that somebody judged: helpful or not, with a note. Kept whole, so that it outlives the library it was given
over; `whosays cases` makes reference questions of what was kept."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rag.contract import from_dict, to_dict
from rag.errors import LibraryError, UsageError
from rag.types import Answer

LONGEST = 2_000  # characters of a note
SPENT = ("usage", "timings_ms")  # what an answer cost: the same answer costs another time each time

Kept = tuple[str, str, int, str, str, str]
"""A row of the library: key, day and time, helpful, and as JSON note, earlier questions and answer."""


@dataclass(frozen=True, slots=True)
class Judged:
    """`earlier` are the questions of the conversation before it, each as asked alone, oldest first."""

    key: str
    at: dt.datetime  # UTC
    helpful: bool
    note: str
    earlier: tuple[str, ...]
    answer: Answer


def key_of(answer: Answer) -> str:
    """16 hex digits that tell this answer from every other: of all that it says, without what it cost. The same answer
    to the same question, exported and read again or asked for again, has the same key."""
    said = {name: value for name, value in to_dict(answer).items() if name not in SPENT}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode("ascii")).hexdigest()[:16]


def judge(
    answer: Answer,
    helpful: bool,
    note: str = "",
    earlier: Sequence[str] = (),
    key: str | None = None,
    at: dt.datetime | None = None,
) -> Judged:
    """The judgement, to be kept with `Library.keep_judged`; its key is `key_of(answer)` and its time is now, where none
    are given. Raises UsageError for a note of more than LONGEST characters, and for a key that is none."""
    if len(note) > LONGEST:
        raise UsageError(f"the note has {len(note):,} characters: keep it to {LONGEST:,}")
    if key is not None and not re.fullmatch(r"[0-9A-Za-z_-]{1,64}", key):
        raise UsageError(f"{key[:80]!r} is no key of a judged answer: give up to 64 of a-z, A-Z, 0-9, _ and -")
    now = at or dt.datetime.now(dt.UTC)
    return Judged(key or key_of(answer), now.astimezone(dt.UTC), helpful, note, tuple(earlier), answer)


# --- as a row, and back -----------------------------------------------------------------------


def to_row(judged: Judged) -> Kept:
    """JSON in ASCII holds any text, also one that fits no UTF-8. Raises UsageError for an answer that is not data."""
    try:
        answer = json.dumps(to_dict(judged.answer), allow_nan=False)
    except ValueError as err:
        raise UsageError(f"this answer cannot be kept ({err}): ask again") from err
    at = judged.at.isoformat(timespec="microseconds")
    return judged.key, at, int(judged.helpful), json.dumps(judged.note), json.dumps(judged.earlier), answer


def from_row(row: Sequence[Any]) -> Judged:
    """Raises LibraryError, naming the key, where another version kept it or it is damaged."""
    key, at, helpful, note, earlier, answer = row
    try:
        when = dt.datetime.fromisoformat(at)
        return Judged(
            key, when, bool(helpful), json.loads(note), tuple(json.loads(earlier)), from_dict(json.loads(answer))
        )
    except (UsageError, ValueError, TypeError, OverflowError) as err:
        raise LibraryError(f"the judged answer {key} cannot be read ({err}): judge it again on the page") from err
