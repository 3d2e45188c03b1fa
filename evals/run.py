"""Answer a suite and score the answers.

    python -m evals.run SUITE --library DIR            an open suite over a library
    python -m evals.run SUITE --docs ARTICLES ...      ... or over articles, from which a library is made for the run
    python -m evals.run ITEMS.jsonl [--part test]      closed items, each over its own documents

What each figure means is said in evals/metrics.py. Exit code 1 when a question could not be answered for an error, 2
for wrong usage.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from evals.answering import bench, open_reader
from evals.items import load, sample, summarise
from evals.metrics import Figure
from rag.batch import write_rows
from rag.errors import UsageError, WhosaysError
from rag.settings import Settings, read_settings


def table(figures: Mapping[str, Figure]) -> str:
    """A Markdown table; a dash where nothing could be scored."""
    lines = ["| figure | value | scored over | left out |", "|---|---|---|---|"]
    return "\n".join(lines + [f"| {n} | {shown(f.value)} | {f.scored} | {f.left_out} |" for n, f in figures.items()])


def shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def arguments(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """What all scripts that answer questions take."""
    parser.add_argument("--part", help='only items with this "part", such as test')
    parser.add_argument("--sample", type=int, metavar="N", help="only N of the questions, drawn by --seed")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--reader", type=Path, metavar="FILE.onnx", help="other weights in the place of the reader's")
    parser.add_argument("--kept", type=Path, metavar="DIR", help="keep readings here, and use those that are there")
    return parser


def reporter(what: str) -> Callable[[int, int], None] | None:
    """Counts on the terminal, and stays quiet where the output goes elsewhere."""
    if not sys.stderr.isatty():
        return None

    def tell(done: int, total: int) -> None:
        sys.stderr.write(f"\r{what}: {done} of {total}" + ("\n" if done == total else ""))
        sys.stderr.flush()

    return tell


def guarded(name: str, work: Callable[[], int]) -> int:
    """The exit code of `work`; a failure that a user can mend is one line."""
    try:
        return work()
    except (WhosaysError, OSError) as error:
        sys.stderr.write(f"{name}: {error}\n")
        return 2 if isinstance(error, UsageError) else 1


def _run(given: argparse.Namespace) -> int:
    suite = sample(load(given.suite, given.part), given.sample, given.seed)
    settings = with_library(read_settings(), given.library)
    if not suite.closed and not given.library and not given.docs:
        raise UsageError(f"{given.suite}: its questions are asked of a library: give --library DIR, or --docs ARTICLES")
    with bench(suite, settings, open_reader(settings, given.reader, given.kept), given.docs) as on:
        answers = on.answers(reporter(suite.name))
        rows = on.score(answers)
    if given.answers:
        write_rows(given.answers, answers)
    failed = [a for a in answers if "error" in a]
    sys.stdout.write(f"{suite.name}: {len(answers)} questions\n\n{table(summarise(suite, rows))}\n")
    for answer in failed:
        sys.stderr.write(f"{answer['id']}: {answer['error']}\n")
    return 1 if failed else 0


def with_library(settings: Settings, library: Path | None) -> Settings:
    return replace(settings, library=library) if library else settings


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="evals.run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("suite", type=Path)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--library", type=Path, metavar="DIR")
    where.add_argument("--docs", type=Path, nargs="+", default=[], metavar="ARTICLES", help="files and folders")
    parser.add_argument("--answers", type=Path, metavar="OUT.jsonl", help="write the answers here too")
    given = arguments(parser).parse_args(argv)
    return guarded("run", lambda: _run(given))


if __name__ == "__main__":
    sys.exit(main())
