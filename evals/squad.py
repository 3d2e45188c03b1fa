"""Does it keep silent when nothing answers? SQuAD 2.0's questions (Rajpurkar, Jia and Liang 2018) as closed items.

    python -m evals.squad ITEMS.jsonl [--part test] [--sample N] [--seed N]

ITEMS holds one question a line: {id, question, docs: [{doc_id, text}], answers: [text, ...], answerable}. An
unanswerable one is right when it is left unanswered; an answerable one when some quote of the answer holds a reference
answer, word for word whatever the case and punctuation. Quotes are whole sentences: this measures silence, not how
short an answer is.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.answering import bench, open_reader
from evals.items import load, sample
from evals.metrics import holds, plain
from evals.script import arguments, guarded, reporter
from rag.errors import UsageError
from rag.settings import read_settings


@dataclass(frozen=True, slots=True)
class Counts:
    unanswerable: int
    silent: int  # of the unanswerable, left unanswered
    answerable: int
    answered: int  # of the answerable, at all
    held: int  # of the answerable, with a quote that holds a reference answer


def count(items: Sequence[Mapping[str, Any]], answers: Sequence[Mapping[str, Any]]) -> Counts:
    """`answers` in the order of the items, in their JSON form; one with an error answers nothing and is not silent."""
    pairs = list(zip(items, answers, strict=True))
    without = [a for item, a in pairs if not item["answerable"]]
    given = [(item, a) for item, a in pairs if item["answerable"]]
    return Counts(
        unanswerable=len(without),
        silent=sum(a.get("outcome") == "unanswered" for a in without),
        answerable=len(given),
        answered=sum(bool(a.get("positions")) for _, a in given),
        held=sum(quotes_hold(a, item["answers"]) for item, a in given),
    )


def quotes_hold(answer: Mapping[str, Any], references: Sequence[str]) -> bool:
    quotes = [c["quote"] for p in answer.get("positions", ()) for c in p["citations"]]
    return any(_in(reference, quote) for reference in references for quote in quotes)


def _in(reference: str, quote: str) -> bool:
    """An answer without a Latin letter or digit is looked for as it is written."""
    return holds(quote, reference) or (not holds(reference, reference) and plain(reference) in plain(quote))


def table(c: Counts) -> str:
    return "\n".join(
        [
            "| | share | count |",
            "|---|---|---|",
            _line("unanswerable, left unanswered", c.silent, c.unanswerable),
            _line("answerable, answered with a quote that holds a reference answer", c.held, c.answerable),
            _line("answerable, answered at all", c.answered, c.answerable),
        ]
    )


def _line(name: str, part: int, whole: int) -> str:
    return f"| {name} | {part / whole:.3f} | {part} of {whole} |" if whole else f"| {name} | – | 0 of 0 |"


def _run(given: argparse.Namespace) -> int:
    suite = sample(load(given.items, given.part), given.sample, given.seed)
    strange = [item["id"] for item in suite.references if not suite.closed or "answerable" not in item]
    if strange:
        raise UsageError(f"{given.items}: item {strange[0]} is no SQuAD 2.0 item: give docs, answers and answerable")
    settings = read_settings()
    with bench(suite, settings, open_reader(settings, given.reader, given.kept)) as on:
        answers = on.answers(reporter(suite.name))
    failed = [a for a in answers if "error" in a]
    sys.stdout.write(f"{suite.name}: {len(answers)} questions\n\n{table(count(suite.references, answers))}\n")
    for answer in failed:
        sys.stderr.write(f"{answer['id']}: {answer['error']}\n")
    return 1 if failed else 0


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="evals.squad", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("items", type=Path)
    parser.set_defaults(part="test")
    given = arguments(parser).parse_args(argv)
    return guarded("squad", lambda: _run(given))


if __name__ == "__main__":
    sys.exit(main())
