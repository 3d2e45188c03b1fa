"""The library's file: its tables, the one connection to it, transactions, what it remembers of itself, its health.

One connection behind a lock may be shared by any number of threads, and WAL lets other processes read while one writes.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

from rag.errors import LibraryError

FILE = "library.db"
SCHEMA = 1

Row = tuple[Any, ...]
Query = Callable[[str, Sequence[object]], list[Row]]
"""SQL and its values, to rows."""
Run = Callable[[str, Sequence[object]], sqlite3.Cursor]
"""SQL and its values, inside a transaction."""

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

# Not among the tables that a library begins with: made at the first write, so that libraries of earlier versions get it
# too, and earlier versions, which pass over it, open the file as before. Note, earlier and answer are JSON.
JUDGED_TABLE = """CREATE TABLE IF NOT EXISTS judged (
    key TEXT PRIMARY KEY, at TEXT NOT NULL, helpful INTEGER NOT NULL, note TEXT NOT NULL, earlier TEXT NOT NULL,
    answer TEXT NOT NULL)"""


class LibraryFile:
    """One SQLite file. Any thread may use it; a transaction is all of it, or nothing.

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
        return cls._checked(folder, make=True)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The library in `folder`. Raises LibraryError when there is none, or it is damaged or newer than this code."""
        file = folder / FILE
        if not file.is_file() or not file.stat().st_size:
            raise LibraryError(f"no library at {folder}: make one with: whosays ingest PATH")
        return cls._checked(folder, make=False)

    @classmethod
    def _checked(cls, folder: Path, make: bool) -> Self:
        library = cls(_connect(folder / FILE), str(folder))
        try:
            if make and not library._rows("SELECT 1 FROM sqlite_master LIMIT 1"):
                library._make()
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
    def _write(self) -> Iterator[Run]:
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
