"""What each part of the engine is worth: switched off in turn, and what that costs on the suites given by path.

    python -m evals.ablate [--open SUITE LIBRARY ...] [--closed ITEMS ...] [--part test] [--only NAME ...]

The table, in Markdown, gives the engine as it is and, for each part, the difference without it: under F1 and citation
precision a minus says that the part helps. "changed" counts the answers that are not the same without it. Parts are
named, with what takes their place, in evals/parts.py.

A part that acts on what was read is measured on kept evidence; one that acts on searching or reading searches again and
pays for the windows that were not read before. With --kept DIR the next run finds them read.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from evals.answering import Bench, Given, bench, open_reader
from evals.evaluate import shown
from evals.evidence import Kept, record, remembering, replay
from evals.items import load, sample, summarise
from evals.metrics import Figure
from evals.parts import Part, parts
from evals.readings import KeptReader, Reader
from evals.script import arguments, guarded, with_library
from rag.errors import UsageError
from rag.settings import Settings, read_settings

COLUMNS = (
    "position F1",
    "separated F1",
    "citation precision",
    "disputes flagged",
    "false disputes",
    "abstains: unanswerable",
    "abstains: answerable",
)
F1 = ("position F1", "separated F1")
NOTHING = "(nothing)"


@dataclass(frozen=True, slots=True)
class Cost:
    """The figures without a part, and how many answers differ."""

    part: str
    figures: Mapping[str, Figure]
    changed: int


def ablate(on: Bench, chosen: Sequence[Part]) -> Iterator[Cost]:
    """The engine as it is, under the name NOTHING, then each part that has a say on this suite."""
    with remembering():
        answers, kept = record(on)
        yield Cost(NOTHING, summarise(on.suite, on.score(answers)), 0)
        for part in chosen:
            if part.stage == "search" and on.suite.closed:
                continue  # nothing is searched: every sentence is read
            without = _without(part, on, answers, kept)
            yield Cost(part.name, summarise(on.suite, on.score(without)), _changed(answers, without))


def _without(part: Part, on: Bench, answers: Sequence[Given], kept: Sequence[Kept | None]) -> list[Given]:
    with part.off():
        if part.stage == "after":
            return [replay(*each) for each in zip(on.suite.questions, kept, answers, strict=True)]
        return (_with_reader(on, part.reader) if part.reader else on).answers()


def _with_reader(on: Bench, wrap: Callable[[Reader], Reader]) -> Bench:
    def wrapped(tools: Any) -> Any:
        return replace(tools, reader=wrap(tools.reader)) if tools else None

    return replace(on, tools=wrapped(on.tools), closed=wrapped(on.closed))


def _changed(before: Sequence[Given], after: Sequence[Given]) -> int:
    def told(answer: Given) -> tuple[Any, ...]:
        positions = [
            (p["label"], p["relation"], [c["quote"] for c in p["citations"]]) for p in answer.get("positions", ())
        ]
        return answer.get("outcome"), answer.get("error"), positions

    return sum(told(a) != told(b) for a, b in zip(before, after, strict=True))


# --- the table --------------------------------------------------------------------------------


def header(figures: Mapping[str, Figure]) -> str:
    names = [name for name in COLUMNS if _known(name, figures)]
    return "| switched off | " + " | ".join([*names, "changed"]) + " |\n" + "|---" * (len(names) + 2) + "|"


def line(cost: Cost, whole: Cost) -> str:
    """A row: the values themselves for the whole engine, else the differences to it."""
    names = [name for name in COLUMNS if _known(name, whole.figures)]
    if cost is whole:
        cells = [shown(cost.figures[name].value) for name in names] + [""]
    else:
        cells = [_difference(cost.figures[n].value, whole.figures[n].value) for n in names] + [str(cost.changed)]
    return f"| {cost.part} | " + " | ".join(cells) + " |"


def together(suites: Sequence[Sequence[Cost]]) -> str:
    """Each part's mean difference over the suites where it has a say, a suite counting as one."""
    lines = ["| switched off | F1 | citation precision | suites | changed |", "|---|---|---|---|---|"]
    for name in dict.fromkeys(cost.part for costs in suites for cost in costs[1:]):
        pairs = [(cost, costs[0]) for costs in suites for cost in costs[1:] if cost.part == name]
        means = [_mean_difference(pairs, figures) for figures in (F1, ("citation precision",))]
        changed = sum(cost.changed for cost, _ in pairs)
        lines.append(f"| {name} | {means[0]} | {means[1]} | {len(pairs)} | {changed} |")
    return "\n".join(lines)


def _mean_difference(pairs: Sequence[tuple[Cost, Cost]], figures: Sequence[str]) -> str:
    """Of the one figure of these that a suite has."""
    known = [
        (now.value, was.value)
        for cost, whole in pairs
        for f in figures
        if (now := cost.figures.get(f)) and (was := whole.figures.get(f))
        if now.value is not None and was.value is not None
    ]
    return _difference(sum(n - w for n, w in known) / len(known), 0.0) if known else "–"


def _known(name: str, figures: Mapping[str, Figure]) -> bool:
    return name in figures and figures[name].value is not None


def _difference(now: float | None, was: float | None) -> str:
    if now is None or was is None:
        return "–"
    return "0" if round(now - was, 3) == 0 else f"{now - was:+.3f}".replace("-", "−")


# --- the command ------------------------------------------------------------------------------


def _run(given: argparse.Namespace) -> int:
    settings = read_settings()
    reader = open_reader(settings, given.reader, given.kept)
    chosen = _chosen(given.only, partial(_keeping, given.kept))
    suites = [(Path(suite), Path(library)) for suite, library in given.open] + [(p, None) for p in given.closed]
    if not suites:
        raise UsageError("no suite: give --open SUITE LIBRARY, or --closed ITEMS")
    costs = [_one(path, library, settings, reader, chosen, given) for path, library in suites]
    if len(costs) > 1:
        sys.stdout.write(f"\n### The mean over {len(costs)} suites\n\n{together(costs)}\n")
    sys.stdout.write("\n" + "".join(f"- {p.name}: without it, {p.instead}\n" for p in chosen))
    return 0


def _keeping(folder: Path | None, reader: Reader) -> Reader:
    return KeptReader(reader, folder)


def _chosen(only: Sequence[str], kept: Callable[[Reader], Reader]) -> list[Part]:
    every = parts(kept)
    unknown = set(only) - {p.name for p in every}
    if unknown:
        raise UsageError(f"no part named {sorted(unknown)[0]!r}: name one of {'; '.join(p.name for p in every)}")
    return [p for p in every if not only or p.name in only]


def _one(
    path: Path,
    library: Path | None,
    settings: Settings,
    reader: KeptReader,
    chosen: Sequence[Part],
    given: argparse.Namespace,
) -> list[Cost]:
    """A suite's table, each row written as soon as it is known."""
    part = given.part if library is None else None
    suite = sample(load(path, part), given.sample, given.seed)
    if suite.closed != (library is None):
        raise UsageError(f"{path}: give --open with a library for open suites, --closed for items that bring docs")
    with bench(suite, with_library(settings, library), reader) as on:
        costs: list[Cost] = []
        for cost in ablate(on, chosen):
            costs.append(cost)
            if len(costs) == 1:
                sys.stdout.write(f"\n### {suite.name}, {len(suite.questions)} questions\n\n{header(cost.figures)}\n")
            sys.stdout.write(line(cost, costs[0]) + "\n")
            sys.stdout.flush()
    return costs


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="evals.ablate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--open", nargs=2, action="append", default=[], metavar=("SUITE", "LIBRARY"))
    parser.add_argument("--closed", nargs="+", type=Path, default=[], metavar="ITEMS")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="only these parts")
    given = arguments(parser).parse_args(argv)
    return guarded("ablate", lambda: _run(given))


if __name__ == "__main__":
    sys.exit(main())
