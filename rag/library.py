"""The library: the truth in one SQLite file. Articles, their sentences and passages, words, and what is owed.

Vectors are kept here too, one blob a passage, so that the vector index can be rebuilt in seconds without a model,
and so that a question can be answered exactly while that index is being written.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import cast

from rag import library_ids
from rag.errors import LibraryError
from rag.judged import Judged, from_row, to_row
from rag.library_file import JUDGED_TABLE, LibraryFile, Row
from rag.library_ids import Outcome, Plan
from rag.library_rows import (
    PASSAGE,
    SUMMARY,
    Pending,
    Summary,
    check_fit,
    drop_passages,
    keep,
    keep_parts,
    to_article,
    to_summary,
    to_tokens,
)
from rag.scope import inside
from rag.types import Article, Block, BlockKind, Passage, Scope, Sentence, Tokens

MAX_WORDS = 128  # of a question, for the word search: more only slows it down

_STOP = frozenset(
    """a an and are as at be been but by did do does for from had has have he her his how i if in into is it its me more
    no not of on or s say says she so t than that the their them there they this to was we were what when where
    which who whom whose why will with you your""".split()
)


class Library(LibraryFile):
    """Articles in one SQLite file. Every method may be called from any thread; writes are one transaction each."""

    # --- articles in and out

    def plan(self, article: Article) -> Plan:
        """What `put` would do with `article`; nothing is changed."""
        return library_ids.plan(self._rows, article, self.article)

    def put(
        self,
        article: Article,
        sentences: Sequence[Sentence],
        passages: Sequence[Passage],
        tokens: Sequence[Tokens],
        columns: str | None = None,
    ) -> tuple[Article, Outcome]:
        """Keep `article` and return it as it is kept (its id may be new), with what that took.

        A source is its path and row. Known with the same text: "same", or "replaced" where title, outlet, day or
        address differ (sentences, passages and tokens are then not looked at). Known with another text or other blocks:
        "replaced" under the same id. Unknown: "added" under its id, or "-2", "-3"... where that was ever given.
        A row that repeats the id and the text of another row of its file: "duplicate", not kept.
        `columns` is the column map that it was read with. Raises ValueError where sentences do not fit the text.
        """
        with self._guard():
            plan = self.plan(article)
            if plan.outcome in ("added", "replaced"):
                if plan.text_changed:
                    check_fit(article, sentences, passages, tokens)
                with self._write() as run:
                    keep(run, replace(article, id=plan.id), article.id, columns)
                    if plan.text_changed:
                        keep_parts(run, plan.id, article.blocks, sentences, passages, tokens)
            return self.article(plan.id), plan.outcome

    def remove(self, ids: Collection[str]) -> None:
        """Take articles out. Their ids stay theirs. Raises LibraryError, and removes nothing, where one is unknown."""
        with self._guard():
            for id_ in ids:
                self._key(id_)
            with self._write() as run:
                for id_ in ids:
                    drop_passages(run, id_)
                    run("DELETE FROM articles WHERE id = ?", (id_,))

    def settle_rows(self, path: str, rows: Sequence[Article]) -> list[str]:
        """Before the rows of one file are put: find each known source again where rows have moved.

        A source is sought by row, id and text, then by id and text, by row and id, by id alone. Returns the ids of kept
        articles whose row is gone from the file; they stay until removed.
        """
        with self._write() as run:
            return library_ids.settle(run, path, rows)

    # --- articles

    def article(self, article_id: str) -> Article:
        """Raises LibraryError where there is no such article."""
        with self._guard():
            key = self._key(article_id)
            spans = self._rows("SELECT start, end, kind FROM blocks WHERE article = ? ORDER BY n", (key,))
            text, url, *rest = self._rows(f"SELECT a.text, a.url, {SUMMARY} WHERE a.key = ?", (key,))[0]
        blocks = (Block(start, end, cast(BlockKind, kind)) for start, end, kind in spans)
        return to_article(text, url, to_summary(tuple(rest)), blocks)

    def summaries(self) -> list[Summary]:
        """All articles without their texts, in the order in which they came."""
        return [to_summary(row) for row in self._rows(f"SELECT {SUMMARY} ORDER BY a.key")]

    def in_scope(self, scope: Scope) -> tuple[tuple[str, ...], int]:
        """The ids inside `scope`, and how many articles it left out only because they have no day.

        Outlets compare without case. Raises UsageError for an outlet or an article that the library does not have.
        """
        return inside(self.summaries(), scope)

    def fingerprint(self) -> str:
        """SHA-256 over the sorted (id, SHA-256 of text), a line each: the same articles give the same fingerprint."""
        rows = sorted(self._rows("SELECT id, sha FROM articles"))
        return hashlib.sha256("".join(f"{id_} {text}\n" for id_, text in rows).encode()).hexdigest()

    def paths(self) -> dict[str, str]:
        """The id of every kept article, with the path of the file that it came from."""
        return dict(self._rows("SELECT a.id, s.path FROM articles a JOIN sources s ON s.id = a.id ORDER BY a.key"))

    def columns(self, path: str) -> str | None:
        """The column map that the rows of `path` were last read with."""
        rows = self._rows(
            "SELECT map FROM sources WHERE path = ? AND map IS NOT NULL ORDER BY at DESC LIMIT 1", (path,)
        )
        return cast(str, rows[0][0]) if rows else None

    def aliases(self) -> list[list[str]]:
        """The user's lists of names, one a party, of all folders."""
        return [names for parties in self._aliases().values() for names in parties]

    def keep_aliases(self, folder: str, parties: Sequence[Sequence[str]]) -> bool:
        """Keep what is listed beside the articles of `folder` instead of what was; whether that changed anything."""
        kept = self._aliases()
        new = {**kept, folder: [list(names) for names in parties]}
        if not parties:
            del new[folder]
        if new != kept:
            self.set("aliases", json.dumps(new, ensure_ascii=False))
        return new != kept

    def _aliases(self) -> dict[str, list[list[str]]]:
        return cast(dict[str, list[list[str]]], json.loads(self.get("aliases") or "{}"))

    # --- answers that were judged; they hold their own quotes, and stay when an article goes

    def keep_judged(self, judged: Judged) -> None:
        """Keep it, in the place of what was kept under its key. Raises UsageError for an answer that is not data."""
        row = to_row(judged)
        with self._write() as run:
            run(JUDGED_TABLE, ())
            run(
                "INSERT OR REPLACE INTO judged (key, at, helpful, note, earlier, answer) VALUES (?, ?, ?, ?, ?, ?)", row
            )

    def forget_judged(self, key: str) -> bool:
        """Whether there was one under `key`; now there is none."""
        if not self._has_judged():
            return False
        with self._write() as run:
            return run("DELETE FROM judged WHERE key = ?", (key,)).rowcount > 0

    def judged(self, key: str) -> Judged | None:
        """What is kept under `key`. Raises LibraryError where it cannot be read."""
        rows = self._judged("WHERE key = ?", (key,))
        return from_row(rows[0]) if rows else None

    def all_judged(self) -> tuple[list[Judged], list[str]]:
        """All, in the order in which they were judged, and a line for each that cannot be read."""
        kept: list[Judged] = []
        failures: list[str] = []
        for row in self._judged("ORDER BY at, key"):
            try:
                kept.append(from_row(row))
            except LibraryError as err:
                failures.append(str(err))
        return kept, failures

    def _judged(self, which: str, values: Sequence[str] = ()) -> list[Row]:
        if not self._has_judged():
            return []
        return self._rows(f"SELECT key, at, helpful, note, earlier, answer FROM judged {which}", values)

    def _has_judged(self) -> bool:
        return bool(self._rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'judged'"))

    # --- parts of articles

    def sentences(self, article_id: str) -> list[Sentence]:
        """In order. Raises LibraryError where there is no such article."""
        with self._guard():
            key = self._key(article_id)
            text: str = self._rows("SELECT text FROM articles WHERE key = ?", (key,))[0][0]
            rows = self._rows("SELECT n, start, end, block FROM sentences WHERE article = ? ORDER BY n", (key,))
        return [Sentence(article_id, n, start, end, text[start:end], block) for n, start, end, block in rows]

    def tokens(self, article_id: str) -> list[Tokens]:
        """Those of each sentence, in order. Raises LibraryError where there is no such article."""
        rows = self._rows("SELECT tokens FROM parses WHERE article = ?", (self._key(article_id),))
        return to_tokens(rows[0][0]) if rows else []

    def passages(self, article_id: str) -> list[Passage]:
        """In order. Raises LibraryError where there is no such article."""
        rows = self._rows(f"{PASSAGE} WHERE p.article = ? ORDER BY p.n", (self._key(article_id),))
        return [Passage(*row) for row in rows]

    def passages_by_id(self, ids: Sequence[str]) -> list[Passage]:
        """The passages of `ids`, in that order; those that the library does not hold (any more) are left out."""
        rows = self._rows(f"{PASSAGE} WHERE p.id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),))
        found = {passage.id: passage for passage in [Passage(*row) for row in rows]}
        return [found[id_] for id_ in ids if id_ in found]

    def search_words(self, query: str, limit: int, articles: Collection[str] | None = None) -> list[tuple[str, float]]:
        """Passage ids with their BM25 scores, best first (higher is better), inside `articles` where given.

        Any of the query's words will do, in any form of it; the very common ones count only where there is no other.
        """
        match = _match(query)
        if not match or limit < 1:
            return []
        where, values = _within(articles, " AND ")
        return self._rows(
            "SELECT p.id, -terms.rank AS score FROM terms JOIN passages p ON p.key = terms.rowid"
            f" JOIN articles a ON a.key = p.article WHERE terms MATCH ?{where} ORDER BY terms.rank, p.key LIMIT ?",
            (match, *values, limit),
        )

    def articles_with(self, query: str) -> set[str]:
        """The ids of articles whose passages hold every word of `query`, the last also as the beginning of one."""
        words = re.findall(r"[^\W_]+", query.casefold())[:MAX_WORDS]
        found: list[set[str]] = []
        for n, word in enumerate(words, 1):
            term = f'"{word}"*' if n == len(words) else f'"{word}"'
            rows = self._rows(
                "SELECT DISTINCT a.id FROM terms JOIN passages p ON p.key = terms.rowid"
                " JOIN articles a ON a.key = p.article WHERE terms MATCH ?",
                (term,),
            )
            found.append({row[0] for row in rows})
        return set.intersection(*found) if found else set()

    def _key(self, id_: str) -> int:
        rows = self._rows("SELECT key FROM articles WHERE id = ?", (id_,))
        if not rows:
            raise LibraryError(f"no article {id_!r} in library {self.name}: list them with: whosays sources")
        return cast(int, rows[0][0])

    # --- what the vector index is owed

    def pending(self, limit: int) -> list[Pending]:
        """Up to `limit` passages that the vector index does not hold."""
        rows = self._rows(
            "SELECT p.id, a.id, a.title, p.text, v.vector FROM passages p JOIN articles a ON a.key = p.article"
            " LEFT JOIN vectors v ON v.passage = p.key WHERE p.indexed = 0 ORDER BY p.key LIMIT ?",
            (limit,),
        )
        return [Pending(*row) for row in rows]

    def pending_count(self) -> int:
        return cast(int, self._rows("SELECT count(*) FROM passages WHERE indexed = 0")[0][0])

    def mark_indexed(self, vectors: Iterable[tuple[str, bytes]]) -> None:
        """(passage id, float32 vector) pairs that the vector index now holds."""
        with self._write() as run:
            for id_, vector in vectors:
                run("INSERT OR REPLACE INTO vectors SELECT key, ? FROM passages WHERE id = ?", (vector, id_))
                run("UPDATE passages SET indexed = 1 WHERE id = ?", (id_,))

    def unmark_indexed(self) -> None:
        """The vector index was thrown away: it is owed every passage, and has nothing to forget."""
        with self._write() as run:
            run("UPDATE passages SET indexed = 0", ())
            run("DELETE FROM dropped", ())

    def dropped(self) -> list[str]:
        """Passage ids that the vector index must still forget."""
        return [row[0] for row in self._rows("SELECT id FROM dropped")]

    def forget_dropped(self, ids: Collection[str]) -> None:
        with self._write() as run:
            run("DELETE FROM dropped WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),))

    def vectors(self, articles: Collection[str] | None = None) -> list[tuple[str, bytes]]:
        """(passage id, float32 vector) of every embedded passage, in all or in `articles`."""
        where, values = _within(articles)
        return self._rows(
            "SELECT p.id, v.vector FROM vectors v JOIN passages p ON p.key = v.passage"
            f" JOIN articles a ON a.key = p.article{where} ORDER BY p.key",
            values,
        )

    def embedded_count(self, articles: Collection[str] | None = None) -> int:
        """How many passages have a vector, in all or in `articles`."""
        where, values = _within(articles)
        rows = self._rows(
            "SELECT count(*) FROM vectors v JOIN passages p ON p.key = v.passage"
            f" JOIN articles a ON a.key = p.article{where}",
            values,
        )
        return cast(int, rows[0][0])

    def to_embed(self) -> list[tuple[str, str, str, str]]:
        """(passage id, article id, title, text) of every passage that the vector index should hold."""
        return self._rows(
            "SELECT p.id, a.id, a.title, p.text FROM passages p JOIN articles a ON a.key = p.article ORDER BY p.key"
        )


def _within(articles: Collection[str] | None, glue: str = " WHERE ") -> tuple[str, tuple[str, ...]]:
    """The clause that holds a query to `articles`, as one value however many they are."""
    if articles is None:
        return "", ()
    return f"{glue}a.id IN (SELECT value FROM json_each(?))", (json.dumps(list(articles)),)


def _match(query: str) -> str:
    """An FTS5 query: any of the words. Each is quoted and made of letters and digits, so none can be syntax."""
    words = list(dict.fromkeys(re.findall(r"[^\W_]+", query.casefold())))
    telling = [word for word in words if word not in _STOP] or words
    # FTS5's stemmer keeps "buses" and "bus" apart.
    forms = dict.fromkeys(form for word in telling[:MAX_WORDS] for form in (word, *_singulars(word)))
    return " OR ".join(f'"{form}"' for form in forms)


def _singulars(word: str) -> list[str]:
    return [word[:-2]] if len(word) > 4 and word.endswith(("ses", "xes", "zes", "ches", "shes")) else []
