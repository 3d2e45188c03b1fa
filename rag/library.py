"""The library: one SQLite file that holds the truth. Articles, their sentences and passages, words, and what is owed.

Vectors are kept here too, one blob a passage, so that the vector index can be rebuilt in seconds without a model,
and so that a question can be answered exactly while that index is being written. The file uses one connection
behind a lock: it may be shared by any number of threads, and WAL lets other processes read while one writes.
"""

from __future__ import annotations

import datetime as dt
import difflib
import hashlib
import json
import re
import sqlite3
import threading
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, cast

from rag.errors import LibraryError, UsageError
from rag.types import Article, Block, BlockKind, Passage, Scope, Sentence, Token, Tokens

FILE = "library.db"
SCHEMA = 1
MAX_WORDS = 128  # of a question, for the word search: more only slows it down

Outcome = Literal["added", "replaced", "same", "duplicate"]
Row = tuple[Any, ...]

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE sources (      -- every id ever given, and the source it belongs to; a row stays when its article goes
    id TEXT PRIMARY KEY, path TEXT NOT NULL, row TEXT, wanted TEXT NOT NULL, map TEXT, at TEXT NOT NULL,
    gone INTEGER NOT NULL DEFAULT 0);
CREATE INDEX sources_path ON sources (path, row);
CREATE TABLE articles (
    key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE REFERENCES sources (id), title TEXT NOT NULL, outlet TEXT,
    published TEXT, url TEXT, text TEXT NOT NULL, sha TEXT NOT NULL, words INTEGER NOT NULL);
CREATE INDEX articles_sha ON articles (sha);
CREATE TABLE blocks (
    article INTEGER NOT NULL REFERENCES articles (key) ON DELETE CASCADE, n INTEGER NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (article, n)) WITHOUT ROWID;
CREATE TABLE sentences (    -- their words are the article's: text[start:end]
    article INTEGER NOT NULL REFERENCES articles (key) ON DELETE CASCADE, n INTEGER NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, block INTEGER NOT NULL, PRIMARY KEY (article, n)) WITHOUT ROWID;
CREATE TABLE parses (article INTEGER PRIMARY KEY REFERENCES articles (key) ON DELETE CASCADE, tokens BLOB NOT NULL);
CREATE TABLE passages (
    key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
    article INTEGER NOT NULL REFERENCES articles (key) ON DELETE CASCADE, n INTEGER NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, text TEXT NOT NULL,
    indexed INTEGER NOT NULL DEFAULT 0);        -- 1 when the vector index holds it
CREATE INDEX passages_article ON passages (article);
CREATE INDEX passages_pending ON passages (indexed) WHERE indexed = 0;
CREATE TABLE vectors (      -- float32, little endian
    passage INTEGER PRIMARY KEY REFERENCES passages (key) ON DELETE CASCADE, vector BLOB NOT NULL);
CREATE TABLE dropped (id TEXT PRIMARY KEY);     -- passages that the vector index must still forget
CREATE VIRTUAL TABLE terms USING fts5 (
    text, content = 'passages', content_rowid = 'key', tokenize = 'porter unicode61 remove_diacritics 2');
CREATE TRIGGER passages_in AFTER INSERT ON passages BEGIN
    INSERT INTO terms (rowid, text) VALUES (new.key, new.text); END;
CREATE TRIGGER passages_out AFTER DELETE ON passages BEGIN
    INSERT INTO terms (terms, rowid, text) VALUES ('delete', old.key, old.text); END;
"""

_STOP = frozenset(
    """a an and are as at be been but by did do does for from had has have he her his how i if in into is it its me more
    no not of on or s say says she so t than that the their them there they this to was we were what when where
    which who whom whose why will with you your""".split()
)


@dataclass(frozen=True, slots=True)
class Summary:
    """An article as a list shows it, without its text. `words` are runs of non-space."""

    id: str
    title: str
    outlet: str | None
    published: dt.date | None
    words: int
    copy_of: str | None
    path: str
    row: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What `put` would do with an article: under which id, and whether its text or blocks are new there."""

    id: str
    outcome: Outcome
    text_changed: bool


@dataclass(frozen=True, slots=True)
class Pending:
    """A passage that the vector index does not hold yet. `vector` is set where it was embedded before."""

    id: str
    article: str
    title: str
    text: str
    vector: bytes | None


class Library:
    """Articles in one SQLite file. Every method may be called from any thread; writes are one transaction each.

    Raises LibraryError, in one line, whenever SQLite cannot do what was asked.
    """

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self.name = name
        self._connection = connection
        self._lock = threading.RLock()

    # --- opening and closing

    @classmethod
    def create(cls, folder: Path) -> Self:
        """The library in `folder`, made if there is none."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryError(f"no library can be made at {folder} ({error.strerror}): name another folder") from error
        library = cls(_connect(folder / FILE), str(folder))
        try:
            if not library._rows("SELECT 1 FROM sqlite_master LIMIT 1"):
                library._make()
            library._check_schema()
        except LibraryError:
            library.close()
            raise
        return library

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The library in `folder`. Raises LibraryError when there is none, or it is damaged or newer than this code."""
        missing = f"no library at {folder}: make one with: whosays ingest PATH"
        if not (folder / FILE).is_file() or not (folder / FILE).stat().st_size:
            raise LibraryError(missing)
        library = cls(_connect(folder / FILE), str(folder))
        try:
            library._check_schema()
        except LibraryError:
            library.close()
            raise
        return library

    @classmethod
    def memory(cls) -> Self:
        """A library that lives as long as this object, for articles that come with a question."""
        library = cls(_connect(":memory:"), "in memory")
        library._make()
        return library

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _make(self) -> None:
        with self._write() as run:
            for statement in _statements(_TABLES):
                run(statement, ())
            run("INSERT INTO meta VALUES ('schema', ?)", (str(SCHEMA),))

    def _check_schema(self) -> None:
        made = int(self.get("schema") or 0)
        if made > SCHEMA:
            raise LibraryError(f"library {self.name} has schema {made}, this program knows {SCHEMA}: update whosays")
        if made < SCHEMA:
            raise LibraryError(f"{self.name}/{FILE} is not a Whosays library: name another folder with --library")

    # --- running SQL

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """One statement at a time on the one connection; what SQLite raises becomes one line."""
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                raise LibraryError(f"library {self.name} cannot be used ({error}): run whosays doctor") from error

    def _rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        with self._guard():
            return self._connection.execute(sql, values).fetchall()

    @contextmanager
    def _write(self) -> Iterator[Callable[[str, Sequence[object]], sqlite3.Cursor]]:
        """A transaction: all of it, or nothing."""
        with self._guard():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection.execute
            except BaseException:
                self._connection.rollback()
                raise
            self._connection.commit()

    # --- meta

    def get(self, key: str) -> str | None:
        """A remembered value, such as the embedder's name."""
        rows = self._rows("SELECT value FROM meta WHERE key = ?", (key,))
        return cast(str, rows[0][0]) if rows else None

    def set(self, key: str, value: str) -> None:
        with self._write() as run:
            run("INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value))

    # --- articles in and out

    def plan(self, article: Article) -> Plan:
        """What `put` would do with `article`; nothing is changed."""
        known = self._source(article)
        if known is not None:
            return self._planned(known, article)
        repeated = self._repeated(article)
        if repeated is not None:
            return Plan(repeated, "duplicate", False)
        return Plan(self._free(article.id), "added", True)

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
                    _fit(article, sentences, passages, tokens)
                with self._write() as run:
                    _keep(run, replace(article, id=plan.id), article.id, columns)
                    if plan.text_changed:
                        _keep_parts(run, plan.id, article.blocks, sentences, passages, tokens)
            return self.article(plan.id), plan.outcome

    def remove(self, ids: Collection[str]) -> None:
        """Take articles out. Their ids stay theirs. Raises LibraryError, and removes nothing, where one is unknown."""
        with self._guard():
            for id_ in ids:
                self._key(id_)
            with self._write() as run:
                for id_ in ids:
                    _drop_passages(run, id_)
                    run("DELETE FROM articles WHERE id = ?", (id_,))

    def settle_rows(self, path: str, rows: Sequence[Article]) -> list[str]:
        """Before the rows of one file are put: find each known source again where rows have moved.

        A source is sought by row, id and text, then by id and text, by row and id, by id alone. Returns the ids of kept
        articles whose row is gone from the file; they stay until removed.
        """
        with self._write() as run:
            stored = run(
                "SELECT s.id, s.row, s.wanted, a.sha, s.gone FROM sources s LEFT JOIN articles a ON a.id = s.id"
                " WHERE s.path = ? AND s.row IS NOT NULL ORDER BY a.key",
                (path,),
            ).fetchall()
            claims = _claims([(s[0], s[1], s[2], s[3]) for s in stored], [(a.row, a.id, sha(a.text)) for a in rows])
            for id_, row, _, _, gone in stored:
                if (claims.get(id_, row), int(id_ not in claims)) != (row, gone):
                    change = (claims.get(id_, row), int(id_ not in claims), id_)
                    run("UPDATE sources SET row = ?, gone = ? WHERE id = ?", change)
        return [s[0] for s in stored if s[3] is not None and s[0] not in claims]

    def _source(self, article: Article) -> str | None:
        """The id that was given to this source, also when its article was removed since."""
        rows = self._rows(
            "SELECT id FROM sources WHERE path = ? AND row IS ? AND gone = 0 AND (row IS NULL OR wanted = ?)",
            (article.path, article.row, article.id),
        )
        return cast(str, rows[0][0]) if rows else None

    def _planned(self, id_: str, article: Article) -> Plan:
        if not self._rows("SELECT 1 FROM articles WHERE id = ?", (id_,)):
            return Plan(id_, "added", True)
        kept = self.article(id_)
        text_changed = (kept.text, kept.blocks) != (article.text, article.blocks)
        same = not text_changed and _metadata(kept) == _metadata(article)
        return Plan(id_, "same" if same else "replaced", text_changed)

    def _repeated(self, article: Article) -> str | None:
        if article.row is None:
            return None
        rows = self._rows(
            "SELECT s.id FROM sources s JOIN articles a ON a.id = s.id WHERE s.path = ? AND s.wanted = ? AND a.sha = ?",
            (article.path, article.id, sha(article.text)),
        )
        return cast(str, rows[0][0]) if rows else None

    def _free(self, wanted: str) -> str:
        given, n = wanted, 1
        while self._rows("SELECT 1 FROM sources WHERE id = ?", (given,)):
            n += 1
            given = f"{wanted}-{n}"
        return given

    # --- articles

    def article(self, article_id: str) -> Article:
        """Raises LibraryError where there is no such article."""
        key = self._key(article_id)
        return self._articles("WHERE a.key = ?", (key,))[0]

    def articles(self) -> list[Article]:
        """All of them, in the order in which they came."""
        return self._articles("", ())

    def _articles(self, where: str, values: Sequence[object]) -> list[Article]:
        with self._guard():
            blocks: dict[int, list[Block]] = {}
            clause = where.replace("a.key", "article")
            for key, start, end, kind in self._rows(
                f"SELECT article, start, end, kind FROM blocks {clause} ORDER BY article, n", values
            ):
                blocks.setdefault(key, []).append(Block(start, end, cast(BlockKind, kind)))
            rows = self._rows(f"SELECT a.key, a.text, a.url, {_SUMMARY} {where} ORDER BY a.key", values)
        return [_article(text, url, _summary(rest), blocks.get(key, [])) for key, text, url, *rest in rows]

    def summaries(self) -> list[Summary]:
        """All articles without their texts, in the order in which they came."""
        return [_summary(row) for row in self._rows(f"SELECT {_SUMMARY} ORDER BY a.key")]

    def in_scope(self, scope: Scope) -> tuple[tuple[str, ...], int]:
        """The ids inside `scope`, and how many articles it left out only because they have no day.

        Outlets compare without case. Raises UsageError for an outlet or an article that the library does not have.
        """
        kept = self.summaries()
        _known("article", scope.articles, {s.id: s.id for s in kept})
        _known("outlet", scope.outlets, {s.outlet.casefold(): s.outlet for s in kept if s.outlet}, str.casefold)
        outlets = {o.casefold() for o in scope.outlets}
        chosen = [
            s
            for s in kept
            if (not scope.articles or s.id in scope.articles)
            and (not outlets or (s.outlet or "").casefold() in outlets)
        ]
        if not (scope.since or scope.until):
            return tuple(s.id for s in chosen), 0
        since, until = scope.since or dt.date.min, scope.until or dt.date.max
        inside = tuple(s.id for s in chosen if s.published and since <= s.published <= until)
        return inside, sum(s.published is None for s in chosen)

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
        return _unpack(rows[0][0]) if rows else []

    def passages(self, article_id: str) -> list[Passage]:
        """In order. Raises LibraryError where there is no such article."""
        return [
            _passage(row)
            for row in self._rows(f"{_PASSAGE} WHERE p.article = ? ORDER BY p.n", (self._key(article_id),))
        ]

    def passages_by_id(self, ids: Sequence[str]) -> list[Passage]:
        """The passages of `ids`, in that order; those that the library does not hold (any more) are left out."""
        rows = self._rows(f"{_PASSAGE} WHERE p.id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),))
        found = {passage.id: passage for passage in map(_passage, rows)}
        return [found[id_] for id_ in ids if id_ in found]

    def passage_count(self) -> int:
        """How many passages there are, embedded or not."""
        return cast(int, self._rows("SELECT count(*) FROM passages")[0][0])

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

    # --- health

    def check(self) -> list[str]:
        """What is wrong with the file itself, a line each; nothing when all is well."""
        problems = [f"SQLite: {row[0]}" for row in self._rows("PRAGMA integrity_check(5)") if row[0] != "ok"]
        problems += [f"SQLite: a row of {row[0]} belongs to nothing" for row in self._rows("PRAGMA foreign_key_check")]
        for id_, text, kept in self._rows("SELECT id, text, sha FROM articles"):
            if sha(text) != kept:
                problems.append(f"article {id_}: the text is not the one that was kept")
        return problems

    def repair(self) -> None:
        """Make the word index again from the passages."""
        with self._write() as run:
            run("INSERT INTO terms (terms) VALUES ('rebuild')", ())

    def words_fit(self) -> bool:
        """Whether the word index is sound and fits the passages (rank 1: sqlite.org/fts5.html, 6.5)."""
        with self._lock:
            try:
                self._connection.execute("INSERT INTO terms (terms, rank) VALUES ('integrity-check', 1)")
            except sqlite3.DatabaseError:
                return False
            return True


def sha(text: str) -> str:
    """The SHA-256 of a text, in hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


# --- rows to data -----------------------------------------------------------------------------

# The first with a text is the original, whichever came or changed since.
_SUMMARY = """a.id, a.title, a.outlet, a.published, a.words,
    (SELECT b.id FROM articles b WHERE b.sha = a.sha AND b.key < a.key ORDER BY b.key LIMIT 1), s.path, s.row
    FROM articles a JOIN sources s ON s.id = a.id"""

_PASSAGE = """SELECT a.id, p.n, p.start, p.end, p.text, p.first, p.last
    FROM passages p JOIN articles a ON a.key = p.article"""


def _summary(row: Sequence[Any]) -> Summary:
    id_, title, outlet, published, words, copy_of, path, at = row
    day = dt.date.fromisoformat(published) if published else None
    return Summary(id_, title, outlet, day, words, copy_of, path, at)


def _article(text: str, url: str | None, of: Summary, blocks: Sequence[Block]) -> Article:
    return Article(of.id, of.title, text, tuple(blocks), of.outlet, of.published, url, of.path, of.row, of.copy_of)


def _passage(row: Row) -> Passage:
    return Passage(*row)


def _metadata(article: Article) -> tuple[object, ...]:
    return article.title, article.outlet, article.published, article.url


# --- data to rows -----------------------------------------------------------------------------

_Run = Callable[[str, Sequence[object]], sqlite3.Cursor]


def _keep(run: _Run, article: Article, wanted: str, columns: str | None) -> None:
    """The article and its source. A new title is owed new vectors, for passages are embedded with it."""
    now = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
    run(
        "INSERT INTO sources (id, path, row, wanted, map, at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET map = excluded.map, at = excluded.at",
        (article.id, article.path, article.row, wanted, columns, now),
    )
    retitled = run("SELECT 1 FROM articles WHERE id = ? AND title <> ?", (article.id, article.title)).fetchall()
    day = article.published.isoformat() if article.published else None
    run(
        "INSERT INTO articles (id, title, outlet, published, url, text, sha, words) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET title = excluded.title, outlet = excluded.outlet, url = excluded.url,"
        " published = excluded.published, text = excluded.text, sha = excluded.sha, words = excluded.words",
        (article.id, article.title, article.outlet, day, article.url, article.text, sha(article.text),
         len(article.text.split())),
    )  # fmt: skip
    if retitled:
        of = "(SELECT p.key FROM passages p JOIN articles a ON a.key = p.article WHERE a.id = ?)"
        run(f"DELETE FROM vectors WHERE passage IN {of}", (article.id,))
        run(f"UPDATE passages SET indexed = 0 WHERE key IN {of}", (article.id,))


def _keep_parts(
    run: _Run,
    id_: str,
    blocks: Sequence[Block],
    sentences: Sequence[Sentence],
    passages: Sequence[Passage],
    tokens: Sequence[Tokens],
) -> None:
    _drop_passages(run, id_)
    key = run("SELECT key FROM articles WHERE id = ?", (id_,)).fetchone()[0]
    for table in ("blocks", "sentences", "parses"):
        run(f"DELETE FROM {table} WHERE article = ?", (key,))
    for n, block in enumerate(blocks):
        run("INSERT INTO blocks VALUES (?, ?, ?, ?, ?)", (key, n, block.start, block.end, block.kind))
    for s in sentences:
        run("INSERT INTO sentences VALUES (?, ?, ?, ?, ?)", (key, s.n, s.start, s.end, s.block))
    run("INSERT INTO parses VALUES (?, ?)", (key, _pack(tokens)))
    for p in passages:
        named = f"{id_}#{p.n}"
        run(
            "INSERT INTO passages (id, article, n, start, end, first, last, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (named, key, p.n, p.start, p.end, p.first, p.last, p.text),
        )
        run("DELETE FROM dropped WHERE id = ?", (named,))


def _drop_passages(run: _Run, id_: str) -> None:
    """Off with an article's passages; what the vector index may hold of them is noted down in the same transaction."""
    of = "article = (SELECT key FROM articles WHERE id = ?)"
    run(f"INSERT OR IGNORE INTO dropped SELECT id FROM passages WHERE {of}", (id_,))
    run(f"DELETE FROM passages WHERE {of}", (id_,))


def _fit(
    article: Article, sentences: Sequence[Sentence], passages: Sequence[Passage], tokens: Sequence[Tokens]
) -> None:
    if len(tokens) != len(sentences):
        raise ValueError(f"article {article.id}: {len(sentences)} sentences, but tokens for {len(tokens)}")
    parts: list[Sentence | Passage] = [*sentences, *passages]
    for part in parts:
        if article.text[part.start : part.end] != part.text:
            raise ValueError(f"article {article.id}: the text at {part.start}:{part.end} is not the one given")


def _pack(tokens: Sequence[Tokens]) -> bytes:
    rows = [[(t.start, t.end, t.text, t.lemma, t.pos, t.tag, t.dep, t.head, t.ent) for t in each] for each in tokens]
    return zlib.compress(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))


def _unpack(blob: bytes) -> list[Tokens]:
    rows = json.loads(zlib.decompress(blob).decode("utf-8", "surrogatepass"))
    return [tuple(Token(*token) for token in each) for each in rows]


# --- rows of a file that have moved -----------------------------------------------------------

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


# --- queries ----------------------------------------------------------------------------------


def _within(articles: Collection[str] | None, glue: str = " WHERE ") -> tuple[str, tuple[str, ...]]:
    """The clause that holds a query to `articles`, as one value however many they are."""
    if articles is None:
        return "", ()
    return f"{glue}a.id IN (SELECT value FROM json_each(?))", (json.dumps(list(articles)),)


def _match(query: str) -> str:
    """An FTS5 query: any of the words. Each is quoted and made of letters and digits, so none can be syntax."""
    words = list(dict.fromkeys(re.findall(r"[^\W_]+", query.casefold())))
    telling = [word for word in words if word not in _STOP] or words
    return " OR ".join(f'"{word}"' for word in telling[:MAX_WORDS])


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


# --- connections ------------------------------------------------------------------------------


def _connect(path: Path | str) -> sqlite3.Connection:
    """One connection for all threads: SQLite is built serialized, and Library holds a lock around each use."""
    try:
        connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise LibraryError(f"{path} cannot be opened ({error}): name another folder with --library") from error
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.Error as error:
        connection.close()
        raise LibraryError(
            f"{path} is not a Whosays library or is damaged ({error}): restore it or make another"
        ) from error
    return connection


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: executescript would commit each on its own."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
