"""What became of an ingest, and what is known of articles, in words and as JSON data. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.ingest import IngestReport
    from rag.library_rows import Summary
    from rag.near_copies import Near
    from rag.readers_data import Problem
    from rag.types import Article


def problem_line(problem: Problem) -> str:
    """File, row and reason."""
    return f"{problem.path}{f', row {problem.row}' if problem.row else ''}: {problem.reason}"


def failures(report: IngestReport) -> list[str]:
    """What failed, a line each."""
    return [problem_line(p) for p in report.problems if not p.harmless]


def remarks(report: IngestReport) -> Iterator[str]:
    """What is worth saying though nothing failed, a line each."""
    yield from report.notes
    yield from (problem_line(p) for p in report.problems if p.harmless)
    yield from (entry.line() for entry in (*report.duplicates, *report.copies, *report.vanished))


def tally(report: IngestReport, total: int, unread: int = 0) -> str:
    """The whole in one line; `total` is how many articles the library holds now, `unread` how many sources failed
    before there was a file to read."""
    counts = {
        "added": len(report.added),
        "replaced": len(report.replaced),
        "unchanged": len(report.same),
        "repeated and skipped": len(report.duplicates),
        "vanished": len(report.vanished),
        "failed": len(failures(report)) + unread,
    }
    told = ", ".join(f"{n} {what}" for what, n in counts.items() if n)
    return f"{told or 'nothing found'}; the library holds {articles(total)}"


def articles(n: int) -> str:
    """1 article, 2 articles."""
    return count(n, "article")


def count(n: int, noun: str) -> str:
    """A number with its noun, whose plural takes an s."""
    return f"{n} {noun}{'' if n == 1 else 's'}"


def other_names(parties: int) -> str:
    """How many parties have other names in an aliases.csv."""
    return f"other names of {parties} {'party' if parties == 1 else 'parties'}"


def source_data(source: Summary, near: Sequence[Near] | None = None) -> dict[str, Any]:
    """An article of a list as JSON data, with its near-copies where these were looked for."""
    data = {
        "id": source.id,
        "title": source.title,
        "outlet": source.outlet,
        "published": source.published.isoformat() if source.published else None,
        "words": source.words,
        "copy_of": source.copy_of,
        "path": source.path,
        "row": source.row,
    }
    if near is None:
        return data
    return data | {"near_copies": [{"id": other.article, "share": round(other.share, 3)} for other in near]}


def article_data(article: Article) -> dict[str, Any]:
    """A whole article as JSON data; blocks count code points of its text."""
    return {
        "id": article.id,
        "title": article.title,
        "outlet": article.outlet,
        "published": article.published.isoformat() if article.published else None,
        "url": article.url,
        "copy_of": article.copy_of,
        "path": article.path,
        "row": article.row,
        "text": article.text,
        "blocks": [{"start": b.start, "end": b.end, "kind": b.kind} for b in article.blocks],
    }
