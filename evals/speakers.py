"""Whether the speaker and those between are right: scored on clauses of real articles that were marked by hand.

    python -m evals.speakers SUITE.json PATH... [--map SPEC] [--errors]

A PATH is a folder of articles (with its manifest.csv, which names the outlets) or a table, whose columns `--map` names
as `whosays ingest` does (for FA-KES: "id=unit_id,text=article_content,outlet=source"). The suite holds offsets, so it
needs the articles that it was marked over, and articles that it does not mention are not read.

- *speaker right*: the mark and the program name the same one. A longer form of one name is the same name; a joined name
  ("Russia and the army") is only the same as the like of it. Where the mark has nobody, the outlet speaks.
- *chain right*: those between the speaker and the outlet are the same, in order; nobody where the mark has nobody.
- *stance right*: asserts, denies or reports.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.materialize import article_key
from evals.metrics import same_chain, same_name
from rag.attribution import attribute, attribution_at
from rag.errors import ReadError, WhosaysError
from rag.parse import Parser
from rag.readers import find_files, read
from rag.readers_rows import ColumnMap, parse_map
from rag.split import split
from rag.types import Article, Attribution

BARS = {"speaker": 0.85, "chain": 0.80}


@dataclass(frozen=True, slots=True)
class Marked:
    """One marked clause (article offsets), who says it as marked, and who as the program has it."""

    article: str
    start: int
    end: int
    marked: Attribution
    given: Attribution

    @property
    def speaker_right(self) -> bool:
        return same_name(self.marked.speaker, self.given.speaker)

    @property
    def chain_right(self) -> bool:
        return same_chain(self.marked.via, self.given.via)


# --- reading ----------------------------------------------------------------------------------


def articles(paths: Sequence[Path], columns: ColumnMap | None, wanted: Iterable[str]) -> dict[str, Article]:
    """The wanted articles by their key in the suite. Raises ReadError where one is missing."""
    files, _ = find_files(paths)
    tables = (".csv", ".jsonl")
    found = {
        article_key(article.id): article
        for path in files
        for article in read(path, columns if path.suffix.lower() in tables else None).articles
    }
    missing = sorted(set(wanted) - set(found))
    if missing:
        raise ReadError(f"article {missing[0]}: not among the {len(found)} that were read: give its folder or table")
    return {key: found[key] for key in wanted}


def score(items: Sequence[Mapping[str, Any]], texts: Mapping[str, Article], parser: Parser) -> list[Marked]:
    """Every item with what the program gives for it, in order."""
    return [
        marked for key in texts for marked in _article(texts[key], [i for i in items if i["article"] == key], parser)
    ]


def _article(article: Article, items: Sequence[Mapping[str, Any]], parser: Parser) -> list[Marked]:
    sentences, _ = split(article)
    said = attribute(sentences, parser.parse([s.text for s in sentences]), article.outlet)
    found = []
    for item in items:
        start, end = item["start"], item["end"]
        near = max(sentences, key=lambda s: min(s.end, end) - max(s.start, start))
        marked = Attribution(item["speaker"], tuple(item["via"]), item["stance"])
        given = attribution_at(said[near.n], max(start, near.start), min(end, near.end))
        found.append(Marked(item["article"], start, end, marked, given))
    return found


# --- the report -------------------------------------------------------------------------------


def report(found: Sequence[Marked]) -> str:
    speaker, chain, stance = (
        sum(right) / max(1, len(found))
        for right in (
            [m.speaker_right for m in found],
            [m.chain_right for m in found],
            [m.marked.stance == m.given.stance for m in found],
        )
    )
    chained = [m for m in found if m.marked.via]
    lines = [
        f"{len(found)} clauses",
        f"speaker right  {speaker:.3f}  (bar {BARS['speaker']:.2f})",
        f"chain right    {chain:.3f}  (bar {BARS['chain']:.2f})",
        f"  where marked {sum(m.chain_right for m in chained) / max(1, len(chained)):.3f}  of {len(chained)}",
        f"stance right   {stance:.3f}",
    ]
    return "\n".join([*lines, *_confusion(found)])


def _confusion(found: Sequence[Marked]) -> list[str]:
    """What was given for what was marked, counted."""
    speakers = Counter((_kind(m.marked.speaker), _verdict(m.speaker_right, m.given.speaker)) for m in found)
    chains = Counter((_kind(m.marked.via), _verdict(m.chain_right, m.given.via)) for m in found)
    stances = Counter((m.marked.stance, m.given.stance) for m in found)
    lines = []
    for title, counts in (("speaker", speakers), ("chain", chains), ("stance", stances)):
        lines.append(f"\n{title}: marked → given")
        lines += [f"{count:5d}  {marked} → {given}" for (marked, given), count in sorted(counts.items())]
    return lines


def _kind(marked: object) -> str:
    return "somebody" if marked else "nobody"


def _verdict(right: bool, given: object) -> str:
    return "right" if right else "another" if given else "nobody"


def errors(found: Sequence[Marked], texts: Mapping[str, Article]) -> str:
    """Every miss with its words: for the eyes of whoever has the articles, and not to be kept."""
    lines = []
    for m in found:
        if not (m.speaker_right and m.chain_right and m.marked.stance == m.given.stance):
            words = texts[m.article].text[m.start : m.end]
            lines.append(f"\n{m.article} {m.start}:{m.end} “{words}”\n  marked {m.marked}\n  given  {m.given}")
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(prog="python -m evals.speakers", description="Score speakers and chains.")
    options.add_argument("suite", type=Path)
    options.add_argument("paths", type=Path, nargs="+", help="folders of articles, or tables")
    options.add_argument("--map", help="a table's columns: id=COLUMN,text=COLUMN,outlet=COLUMN")
    options.add_argument("--errors", action="store_true", help="print what is wrong, with the articles' own words")
    args = options.parse_args(argv)
    try:
        items = json.loads(args.suite.read_text(encoding="utf-8"))["items"]
        wanted = list(dict.fromkeys(item["article"] for item in items))
        texts = articles(args.paths, parse_map(args.map) if args.map else None, wanted)
    except (WhosaysError, OSError) as error:
        sys.stderr.write(f"speakers: {error}\n")
        return 1
    found = score(items, texts, Parser())
    sys.stdout.write(report(found) + "\n")
    if args.errors:
        sys.stdout.write(errors(found, texts) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
