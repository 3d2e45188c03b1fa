"""Are answers that are one put together, and those that differ kept apart? Measured on judgements by hand.

    python -m evals.grouping [--labelled training/data/labelled.jsonl --library DIR] [--sets training/data/sets.jsonl]
                             [--parts]

Each question of these files (training/data/README.md) has the words that answer it, and a letter for which answer they
give. The engine is handed exactly these, all equally sure: nothing hangs on the trained reader here, only on the
rules that group answers and tell a dispute. DIR is a library of FA-KES whose articles have its unit_ids; without it,
only the sets are measured. `--parts` switches off each part of the engine in turn (`evals/parts.py`).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import Any

from evals.parts import parts
from evals.script import guarded
from rag import extractive
from rag.ask import attributions
from rag.asked import understand
from rag.dates import parse_day
from rag.errors import UsageError
from rag.library import Library
from rag.parse import Parser
from rag.shelf import Shelf
from rag.types import Article, Block, Evidence, Reading, Sentence, Span

SURE = 0.9  # of every judged answer: a reading that no limit turns away
LIMIT = "the limit to abstain"  # every answer here is as sure as the next
VERDICT = {"yes": 5.0, "no": -5.0}  # log odds


@dataclass(frozen=True, slots=True)
class Judged:
    """A question, the sentences that answer it with what they answer, and whether these answers contradict."""

    question: str
    dispute: bool | None
    evidence: tuple[Evidence, ...]
    letters: tuple[str, ...]
    shelf: Shelf


@dataclass(slots=True)
class Tally:
    answers: int = 0
    lost: int = 0  # answers that the engine put nowhere
    pairs: Counter[tuple[bool, bool]] = field(default_factory=Counter)  # (one answer, one position)
    disputes: Counter[tuple[bool, bool]] = field(default_factory=Counter)  # (a dispute, called one)


def labelled(rows: Iterable[Mapping[str, Any]], library: Library) -> Iterator[Judged]:
    """Places in the library's articles: [article, start, end, answer start, answer end, letter]."""
    shelf = Shelf(library)
    for row in rows:
        found = [(x[0], x[3], x[4], x[5]) for x in row["read"] if len(x) > 3]
        yield _judged(row, found, shelf)


def sets(rows: Iterable[Mapping[str, Any]], parser: Parser) -> Iterator[Judged]:
    """Small libraries, each with its own questions: {"article:sentence": [words, letter]}."""
    for row in rows:
        with Library.memory() as library:
            starts = {a["id"]: _put(library, a, parser) for a in row["articles"]}
            shelf = Shelf(library)
            for question in row["questions"]:
                found = []
                for at, (words, letter) in question["answers"].items():
                    id_, n = at.split(":")
                    start = shelf.article(id_).text.index(words, starts[id_][int(n)])
                    found.append((id_, start, start + len(words), letter))
                yield _judged(question, found, shelf)


def _put(library: Library, row: Mapping[str, Any], parser: Parser) -> list[int]:
    """Where its sentences begin."""
    text = " ".join(row["sentences"])
    day = parse_day(row.get("published") or "")
    article = Article(
        id=row["id"],
        title=row["title"],
        text=text,
        blocks=(Block(0, len(text)),),
        path=row["id"],
        outlet=row.get("outlet"),
        published=day,
    )
    sentences, at = [], 0
    for n, told in enumerate(row["sentences"]):
        sentences.append(Sentence(row["id"], n, at, at + len(told), told, 0))
        at += len(told) + 1
    library.put(article, sentences, [], parser.parse(row["sentences"]))
    return [s.start for s in sentences]


def _judged(row: Mapping[str, Any], found: Sequence[tuple[str, int, int, str]], shelf: Shelf) -> Judged:
    evidence, letters = [], []
    for id_, start, end, letter in found:
        sentences = shelf.sentences(id_)
        s = next((s for s in sentences if s.start <= start < s.end), None)
        if s is None:
            continue
        reading = Reading(3.0, VERDICT.get(letter, 0.0), (Span(start, min(end, s.end), 5.0),))
        before = sentences[s.n - 1] if s.n else None
        evidence.append(
            Evidence(len(evidence) + 1, shelf.article(id_), s, before, shelf.tokens(id_)[s.n], SURE, reading)
        )
        letters.append(letter)
    return Judged(row["question"], row["dispute"], tuple(evidence), tuple(letters), shelf)


def measure(judged: Iterable[Judged]) -> dict[str, Tally]:
    """A Tally for each kind of question, and "all"."""
    out: dict[str, Tally] = {}
    limits = replace(extractive.Limits(), per_article=99)
    for j in judged:
        if not j.evidence:
            continue
        asked = understand(j.question)
        draft = extractive.read(asked, j.evidence, attributions(j.shelf), limits)
        placed = {c.evidence: n for n, p in enumerate(draft.positions) for c in p.citations}
        put = [(letter, placed.get(e.n)) for e, letter in zip(j.evidence, j.letters, strict=True)]
        for name in (asked.kind, "all"):
            _count(out.setdefault(name, Tally()), put, j.dispute, draft.outcome == "disputed")
    return out


def _count(t: Tally, put: Sequence[tuple[str, int | None]], dispute: bool | None, called: bool) -> None:
    t.answers += len(put)
    t.lost += sum(where is None for _, where in put)
    kept = [(letter, where) for letter, where in put if where is not None]
    t.pairs.update((a == b, x == y) for (a, x), (b, y) in combinations(kept, 2))
    if dispute is not None:
        t.disputes[(dispute, called)] += 1


def table(tallies: Mapping[str, Tally]) -> str:
    lines = [
        "| questions | answers | lost | one answer, together | other answers, merged | disputes flagged | false |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, t in sorted(tallies.items()):
        cells = (_share(t.pairs, True, True), _share(t.pairs, False, True))
        told = (_share(t.disputes, True, True), _share(t.disputes, False, True))
        lines.append(f"| {name} | {t.answers} | {t.lost} | {' | '.join((*cells, *told))} |")
    return "\n".join(lines)


def without_each(judged: Sequence[Judged]) -> str:
    """What each part that acts after reading changes when it is switched off, over all kinds of question."""
    lines = [
        "| switched off | answers lost | one answer, together | other answers, merged | disputes flagged | false |",
        "|---|---|---|---|---|---|",
        _row("(nothing)", measure(judged)["all"]),
    ]
    for part in parts():
        if part.stage == "after" and part.name != LIMIT:
            with part.off():
                lines.append(_row(part.name, measure(judged)["all"]))
    return "\n".join(lines)


def _row(name: str, t: Tally) -> str:
    cells = [_share(of, so, True) for of in (t.pairs, t.disputes) for so in (True, False)]
    return f"| {name} | {t.lost} | {' | '.join(cells)} |"


def _share(of: Counter[tuple[bool, bool]], so: bool, called: bool) -> str:
    whole = of[(so, True)] + of[(so, False)]
    return f"{of[(so, called)] / whole:.2f} of {whole}" if whole else "–"


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


def _run(given: argparse.Namespace) -> int:
    if not given.parts:
        sys.stdout.write(f"{given.sets.stem}\n\n{table(measure(sets(_rows(given.sets), Parser())))}\n")
    if given.library:
        with closing(Library.open(given.library)) as library:
            judged = list(labelled(_rows(given.labelled), library))
            found = without_each(judged) if given.parts else table(measure(judged))
        sys.stdout.write(f"\n{given.labelled.stem}\n\n{found}\n")
    elif given.parts:
        raise UsageError("--parts measures the labelled answers: give their library with --library")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="evals.grouping", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    data = Path(__file__).parents[1] / "training" / "data"
    parser.add_argument("--sets", type=Path, default=data / "sets.jsonl")
    parser.add_argument("--labelled", type=Path, default=data / "labelled.jsonl")
    parser.add_argument("--library", type=Path, metavar="DIR", help="a library of FA-KES")
    parser.add_argument("--parts", action="store_true", help="over the library, with each part switched off in turn")
    given = parser.parse_args(argv)
    return guarded("grouping", lambda: _run(given))


if __name__ == "__main__":
    sys.exit(main())
