"""Ids: which source an article comes from, and so which id it has. An id is given once and never reassigned.

A source is its path and row. Rows move when a file is edited, so those of a file are found again by what they hold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from rag.library_file import Query, Run, sha
from rag.types import Article

Outcome = Literal["added", "replaced", "same", "duplicate"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What `put` would do with an article: under which id, and whether its text or blocks are new there."""

    id: str
    outcome: Outcome
    text_changed: bool


def plan(query: Query, article: Article, find: Callable[[str], Article]) -> Plan:
    """What is to be done with `article`; `find` gives a kept one by its id."""
    known = _source(query, article)
    if known is not None:
        kept = find(known) if query("SELECT 1 FROM articles WHERE id = ?", (known,)) else None
        return _compared(known, kept, article)
    repeated = _repeated(query, article)
    if repeated is not None:
        return Plan(repeated, "duplicate", False)
    return Plan(_free(query, article.id), "added", True)


def _source(query: Query, article: Article) -> str | None:
    """The id that was given to this source, also when its article was removed since."""
    rows = query(
        "SELECT id FROM sources WHERE path = ? AND row IS ? AND gone = 0 AND (row IS NULL OR wanted = ?)",
        (article.path, article.row, article.id),
    )
    return cast(str, rows[0][0]) if rows else None


def _compared(id_: str, kept: Article | None, article: Article) -> Plan:
    if kept is None:
        return Plan(id_, "added", True)
    text_changed = (kept.text, kept.blocks) != (article.text, article.blocks)
    same = not text_changed and _metadata(kept) == _metadata(article)
    return Plan(id_, "same" if same else "replaced", text_changed)


def _metadata(article: Article) -> tuple[object, ...]:
    return article.title, article.outlet, article.published, article.url


def _repeated(query: Query, article: Article) -> str | None:
    """The id of another row of the same file that wanted this id for this text."""
    if article.row is None:
        return None
    rows = query(
        "SELECT s.id FROM sources s JOIN articles a ON a.id = s.id WHERE s.path = ? AND s.wanted = ? AND a.sha = ?",
        (article.path, article.id, sha(article.text)),
    )
    return cast(str, rows[0][0]) if rows else None


def _free(query: Query, wanted: str) -> str:
    given, n = wanted, 1
    while query("SELECT 1 FROM sources WHERE id = ?", (given,)):
        n += 1
        given = f"{wanted}-{n}"
    return given


# --- rows of a file that have moved -----------------------------------------------------------


def settle(run: Run, path: str, rows: Sequence[Article]) -> list[str]:
    """Note down the row where each source of a file is now; the ids of kept articles whose row is gone."""
    stored = run(
        "SELECT s.id, s.row, s.wanted, a.sha, s.gone FROM sources s LEFT JOIN articles a ON a.id = s.id"
        " WHERE s.path = ? AND s.row IS NOT NULL ORDER BY a.key",
        (path,),
    ).fetchall()
    claims = _claims([(s[0], s[1], s[2], s[3]) for s in stored], [(a.row, a.id, sha(a.text)) for a in rows])
    for id_, row, _, _, gone in stored:
        change = (claims.get(id_, row), int(id_ not in claims))
        if change != (row, gone):
            run("UPDATE sources SET row = ?, gone = ? WHERE id = ?", (*change, id_))
    return [s[0] for s in stored if s[3] is not None and s[0] not in claims]


_Stored = tuple[str, str, str, str | None]  # id, row, wanted id, SHA-256 of the text
_New = tuple[str | None, str, str]  # row, wanted id, SHA-256 of the text


def _claims(stored: Sequence[_Stored], rows: Sequence[_New]) -> dict[str, str | None]:
    """Which row each stored source is found in now: {id: row}. A row is claimed once."""
    claims: dict[str, str | None] = {}
    free = list(rows)

    def claim(old: Callable[[_Stored], object], new: Callable[[_New], object]) -> None:
        waiting: dict[object, list[_New]] = {}
        for row in free:
            waiting.setdefault(new(row), []).append(row)
        for source in stored:
            if source[0] not in claims and waiting.get(old(source)):
                row = waiting[old(source)].pop(0)
                claims[source[0]] = row[0]
                free.remove(row)

    claim(lambda s: (s[1], s[2], s[3]), lambda r: r)
    claim(lambda s: (s[2], s[3]), lambda r: (r[1], r[2]))
    held = {(s[2], s[3]) for s in stored if s[0] in claims}
    free = [r for r in free if (r[1], r[2]) not in held]  # a repeated row is nobody's
    claim(lambda s: (s[1], s[2]), lambda r: (r[0], r[1]))
    claim(lambda s: s[2], lambda r: r[1])
    return claims
