"""Scope: which articles the filters of a question let in."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Callable, Sequence

from rag.errors import UsageError
from rag.library_rows import Summary
from rag.types import Scope


def inside(kept: Sequence[Summary], scope: Scope) -> tuple[tuple[str, ...], int]:
    """The ids inside `scope`, and how many articles it left out only because they have no day.

    Outlets compare without case. Raises UsageError for an outlet or an article that is not among `kept`.
    """
    _known("article", scope.articles, {s.id: s.id for s in kept})
    _known("outlet", scope.outlets, {s.outlet.casefold(): s.outlet for s in kept if s.outlet}, str.casefold)
    outlets = {o.casefold() for o in scope.outlets}
    chosen = [
        s
        for s in kept
        if (not scope.articles or s.id in scope.articles) and (not outlets or (s.outlet or "").casefold() in outlets)
    ]
    if not (scope.since or scope.until):
        return tuple(s.id for s in chosen), 0
    since, until = scope.since or dt.date.min, scope.until or dt.date.max
    inside = tuple(s.id for s in chosen if s.published and since <= s.published <= until)
    return inside, sum(s.published is None for s in chosen)


def _known(
    what: str, wanted: Sequence[str], existing: dict[str, str], fold: Callable[[str], str] = lambda name: name
) -> None:
    for name in wanted:
        if fold(name) not in existing:
            raise UsageError(f"no {what} {name!r} in the library: {_offer(name, sorted(set(existing.values())))}")


def _offer(name: str, existing: Sequence[str], most: int = 8) -> str:
    if not existing:
        return "there is none"
    near = difflib.get_close_matches(name, existing, n=3, cutoff=0.6) if len(existing) > most else []
    shown = near or existing[:most]
    more = len(existing) - len(shown)
    return f"{'did you mean' if near else 'it has'} {', '.join(shown)}" + (f" (of {len(existing)})" if more else "")
