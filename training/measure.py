"""Measure a reader on questions it never saw: does it abstain, and do its words hold the answer?

    python -m training.measure --squad F [--part test] [--sample 400] [--threshold 0.5] [--card rag/weights/README.md]

F holds SQuAD 2.0 rows, each with its paragraph. Every sentence of the paragraph is read; the question counts as
answered where the surest sentence reaches the threshold. Needs no torch: it reads the ONNX file that ships.
"""

from __future__ import annotations

import argparse
import random
import re
from pathlib import Path
from typing import Any

from evals.speed import write
from rag.asked import understand
from rag.models import READER, OnnxReader, reader_weights
from rag.retrieve import certainty
from training.examples import cut, read_jsonl

BEGIN, END = "<!-- figures: written by python -m training.measure -->", "<!-- /figures -->"


def flat(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def read(row: dict[str, Any], reader: OnnxReader) -> tuple[float, str]:
    """The surest sentence's certainty and the words it answers with."""
    text = cut("", row["docs"][0]["text"])
    asked = understand(row["question"])
    readings = reader.read(row["question"], [text.view(n) for n in range(len(text.sentences))])
    best = max(range(len(readings)), key=lambda n: certainty(readings[n], asked))
    spans = readings[best].spans
    words = text.sentences[best].text[spans[0].start : spans[0].end] if spans else ""
    return certainty(readings[best], asked), words


def f1(words: str, answer: str) -> float:
    """Token F1 (Rajpurkar and others 2016)."""
    a, b = flat(words).split(), flat(answer).split()
    shared = sum(min(a.count(w), b.count(w)) for w in set(a))
    return 2 * shared / (len(a) + len(b)) if shared else 0.0


def share(hits: list[bool] | list[float]) -> str:
    return f"{sum(hits) / len(hits):.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--squad", type=Path, required=True)
    parser.add_argument("--part", default="test")
    parser.add_argument("--sample", type=int, default=400)
    parser.add_argument("--threshold", type=float, default=0.5)
    parser.add_argument("--card", type=Path)
    args = parser.parse_args()
    rows = [r for r in read_jsonl(args.squad) if r.get("part") == args.part]
    rows = random.Random(0).sample(rows, min(args.sample, len(rows)))
    reader = OnnxReader(reader_weights())
    told = [(row, *read(row, reader)) for row in rows]
    empty = [c < args.threshold for row, c, _ in told if not row["answerable"]]
    full = [(row, c, words) for row, c, words in told if row["answerable"]]
    table = "\n".join(
        [
            f"Reader {READER[:12]}, {len(rows)} SQuAD 2.0 questions, part {args.part}, threshold {args.threshold}:",
            "",
            "| | |",
            "|---|---|",
            f"| abstains where nothing answers ({len(empty)}) | {share(empty)} |",
            f"| answers where something does ({len(full)}) | {share([c >= args.threshold for _, c, _ in full])} |",
            f"| words of the surest sentence, token F1 | "
            f"{share([max(f1(words, a) for a in row['answers']) for row, _, words in full])} |",
        ]
    )
    print(table)  # noqa: T201
    if args.card:
        write(args.card, table, BEGIN, END)


if __name__ == "__main__":
    main()
