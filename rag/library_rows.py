"""What the library keeps, as rows and back: articles, their sentences and passages, and how they were parsed."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.library_file import Row, Run, sha
from rag.types import Article, Block, Passage, Sentence, Token, Tokens

# The first with a text is the original, whichever came or changed since.
SUMMARY = """a.id, a.title, a.outlet, a.published, a.words,
    (SELECT b.id FROM articles b WHERE b.sha = a.sha AND b.key < a.key ORDER BY b.key LIMIT 1), s.path, s.row
    FROM articles a JOIN sources s ON s.id = a.id"""

PASSAGE = """SELECT a.id, p.n, p.start, p.end, p.text, p.first, p.last
    FROM passages p JOIN articles a ON a.key = p.article"""


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
class Pending:
    """A passage that the vector index does not hold yet. `vector` is set where it was embedded before."""

    id: str
    article: str
    title: str
    text: str
    vector: bytes | None


# --- rows to data -----------------------------------------------------------------------------


def to_summary(row: Row) -> Summary:
    id_, title, outlet, published, words, copy_of, path, at = row
    day = dt.date.fromisoformat(published) if published else None
    return Summary(id_, title, outlet, day, words, copy_of, path, at)


def to_article(text: str, url: str | None, of: Summary, blocks: Iterable[Block]) -> Article:
    return Article(of.id, of.title, text, tuple(blocks), of.outlet, of.published, url, of.path, of.row, of.copy_of)


def to_tokens(blob: bytes) -> list[Tokens]:
    """Those of each sentence, in order."""
    rows = json.loads(zlib.decompress(blob).decode("utf-8", "surrogatepass"))
    return [tuple(Token(*token) for token in each) for each in rows]


# --- data to rows -----------------------------------------------------------------------------


def keep(run: Run, article: Article, wanted: str, columns: str | None) -> None:
    """Keep the article and its source. A new title is owed new vectors, for passages are embedded with it."""
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


def keep_parts(
    run: Run,
    id_: str,
    blocks: Sequence[Block],
    sentences: Sequence[Sentence],
    passages: Sequence[Passage],
    tokens: Sequence[Tokens],
) -> None:
    """The parts of a text that is new under its id, in place of those of the text before."""
    drop_passages(run, id_)
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


def drop_passages(run: Run, id_: str) -> None:
    """Off with an article's passages; what the vector index may hold of them is noted down in the same transaction."""
    of = "article = (SELECT key FROM articles WHERE id = ?)"
    run(f"INSERT OR IGNORE INTO dropped SELECT id FROM passages WHERE {of}", (id_,))
    run(f"DELETE FROM passages WHERE {of}", (id_,))


def check_fit(
    article: Article, sentences: Sequence[Sentence], passages: Sequence[Passage], tokens: Sequence[Tokens]
) -> None:
    """Raises ValueError where a sentence or passage is not in the article's text, or a sentence has no tokens."""
    if len(tokens) != len(sentences):
        raise ValueError(f"article {article.id}: {len(sentences)} sentences, but tokens for {len(tokens)}")
    parts: list[Sentence | Passage] = [*sentences, *passages]
    for part in parts:
        if article.text[part.start : part.end] != part.text:
            raise ValueError(f"article {article.id}: the text at {part.start}:{part.end} is not the one given")


def _pack(tokens: Sequence[Tokens]) -> bytes:
    rows = [[(t.start, t.end, t.text, t.lemma, t.pos, t.tag, t.dep, t.head, t.ent) for t in each] for each in tokens]
    return zlib.compress(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))
