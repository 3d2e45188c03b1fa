"""How long an answer takes: cold, warm, and against the bare models on the same inputs.

    python -m evals.speed [ARTICLES] [--library DIR] [--questions N] [--write README.md]

Cold is a whole `whosays ask` process, from the shell's start to its end. Warm is the question alone, in a process that
has answered before. Bare is what the embedder and the reader take for the very inputs of the warm question. With
--write, the table replaces what stands between the marks in that file.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from rag.ask import Tools, ask, open_tools, steps
from rag.events import Done, Quotes
from rag.settings import Settings
from rag.types import Reading

HERE = Path(__file__).parent
QUESTIONS = (
    "Who blocked the buses?",
    "Who arranged the truce?",
    "How many people were wounded?",
    "When was the evacuation to begin?",
    "Why did the agreement fail?",
    "Did the rebels break the ceasefire?",
)
BEGIN, END = "<!-- speed: written by python -m evals.speed --write -->", "<!-- /speed -->"


class Recorder:
    """A model that remembers what it was given, so that the same can be timed bare."""

    def __init__(self, reader: Any) -> None:
        self.reader, self.calls = reader, []  # type: ignore[var-annotated]

    def read(self, question: str, windows: Sequence[tuple[str, int]]) -> list[Reading]:
        self.calls.append((question, list(windows)))
        return self.reader.read(question, windows)  # type: ignore[no-any-return]


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def cold(library: Path, runs: int) -> list[float]:
    command = [sys.executable, "-m", "rag.cli", "--library", str(library), "ask", QUESTIONS[0]]
    return [seconds(lambda: subprocess.run(command, check=True, capture_output=True)) for _ in range(runs)]


def warm(tools: Tools, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds a question, and the bare model seconds of the same question right after it."""
    recorder = Recorder(tools.reader)
    recorded = Tools(tools.index, tools.embedder, recorder, tools.settings)  # type: ignore[arg-type]
    ask(QUESTIONS[0], recorded)
    whole, bare = [], []
    for question in QUESTIONS * rounds:
        recorder.calls.clear()
        whole.append(seconds(lambda q=question: ask(q, recorded)))  # type: ignore[misc]
        calls = list(recorder.calls)
        bare.append(
            seconds(lambda q=question: tools.embedder.embed_query(q))  # type: ignore[misc]
            + sum(seconds(lambda c=c: tools.reader.read(*c)) for c in calls)  # type: ignore[misc]
        )
    return whole, bare


def first(tools: Tools, rounds: int) -> list[float]:
    """Seconds until a warm question shows its first quotes, before it is known who says what."""
    return [seconds(lambda q=question: _first(q, tools)) for question in QUESTIONS * rounds]  # type: ignore[misc]


def _first(question: str, tools: Tools) -> None:
    with closing(steps(question, tools)) as events:
        next(event for event in events if (isinstance(event, Quotes) and event.citations) or isinstance(event, Done))


def table(
    cold_s: Sequence[float], first_s: Sequence[float], warm_s: Sequence[float], bare_s: Sequence[float], articles: int
) -> str:
    ratio = [w / b for w, b in zip(warm_s, bare_s, strict=True)]
    row = lambda name, xs, unit: (  # noqa: E731
        f"| {name} | {statistics.median(xs):.2f}{unit} | {min(xs):.2f}–{max(xs):.2f}{unit} |"
    )
    return "\n".join(
        [
            f"| over {articles} articles | median | range |",
            "|---|---|---|",
            row("`whosays ask`, cold: a whole process", cold_s, " s"),
            row("a warm question, until the page has quotes", first_s, " s"),
            row("a warm question, whole", warm_s, " s"),
            row("the bare models on the same inputs", bare_s, " s"),
            row("warm ÷ bare", ratio, "×"),
        ]
    )


def write(path: Path, text: str, begin: str = BEGIN, end: str = END) -> None:
    """Put `text` between the two marks of a file. SystemExit where it has none."""
    page = path.read_text(encoding="utf-8")
    if begin not in page or end not in page:
        raise SystemExit(f"{path} has no marks {begin} … {end} to write between")
    before, after = page.split(begin, 1)[0], page.split(end, 1)[1]
    path.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", nargs="?", type=Path, default=HERE.parent / "corpus")
    parser.add_argument("--library", type=Path, help="an existing library instead of a fresh one of ARTICLES")
    parser.add_argument("--runs", type=int, default=5, help="cold processes")
    parser.add_argument("--rounds", type=int, default=3, help="of the warm questions")
    parser.add_argument("--write", type=Path, metavar="FILE")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        library = args.library or Path(folder) / "library"
        if not args.library:
            ingest = [sys.executable, "-m", "rag.cli", "--library", str(library), "ingest", str(args.articles)]
            subprocess.run(ingest, check=True, capture_output=True)
        tools = open_tools(Settings(library=library))
        count = len(tools.index.library.summaries())
        whole, bare = warm(tools, args.rounds)
        text = table(cold(library, args.runs), first(tools, args.rounds), whole, bare, count)
    print(text)  # noqa: T201
    if args.write:
        write(args.write, text)


if __name__ == "__main__":
    main()
