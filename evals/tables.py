"""Write the tables of evals/README.md: Whosays beside its peers, from results that `whosays eval --peers --out DIR`
wrote.

    python -m evals.tables evals/README.md DIR/bundled.json [DIR/RAMDOCS.json ...]

Each result becomes one table, headed by its suite, its questions and the reader; nothing in them is typed by hand.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from evals.peers import FIGURES
from evals.script import guarded
from evals.speed import write
from rag.errors import UsageError

BEGIN, END = "<!-- peers: written by python -m evals.tables -->", "<!-- /peers -->"
DIGITS = 12  # of the reader's SHA-256
LEFT_OUT = ("seconds",)  # of this machine, and noisy

Figures = Mapping[str, Any]  # name → {"value", "interval"}, or {"not run": why}


def table(result: Mapping[str, Any]) -> str:
    """One result file's contents as Markdown. Raises UsageError where it was made without --peers."""
    if not result.get("peers"):
        raise UsageError(f"the result of {result.get('suite')!r} has no peers: run whosays eval with --peers --out DIR")
    contenders: dict[str, Figures] = {"Whosays": result["figures"], **result["peers"]}
    names = [n for n in FIGURES if n not in LEFT_OUT and any(_value(f, n) is not None for f in contenders.values())]
    reader = result["model"] or f"the built-in reader {result['reader'][:DIGITS]}"
    lines = [
        f"**{result['suite']}**, {len(result['items'])} questions, read with {reader}:",
        "",
        f"| | {' | '.join(names)} |",
        f"|---|{'---|' * len(names)}",
        *(_line(name, figures, names) for name, figures in contenders.items()),
    ]
    absent = [f"{name}: not run, {f['not run']}." for name, f in contenders.items() if "not run" in f]
    return "\n".join([*lines, *(["", *absent] if absent else [])])


def _value(figures: Figures, name: str) -> float | None:
    value: float | None = figures.get(name, {}).get("value") if "not run" not in figures else None
    return value


def _line(contender: str, figures: Figures, names: Sequence[str]) -> str:
    if "not run" in figures:
        return f"| {contender} | not run |{' |' * (len(names) - 1)}"
    return f"| {contender} | {' | '.join(_cell(figures, n) for n in names)} |"


def _cell(figures: Figures, name: str) -> str:
    value, interval = _value(figures, name), figures.get(name, {}).get("interval")
    if value is None:
        return "–"
    return f"{value:.2f} ({interval[0]:.2f} to {interval[1]:.2f})" if interval else f"{value:.2f}"


def tables(results: Iterable[Path]) -> str:
    """Raises UsageError for a file that is no result."""
    return "\n\n".join(table(_read(path)) for path in results)


def _read(path: Path) -> dict[str, Any]:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return {key: held[key] for key in ("suite", "items", "figures", "peers", "model", "reader")}
    except (OSError, ValueError, KeyError, TypeError) as err:
        raise UsageError(f"{path}: is no result of whosays eval --peers ({err!r})") from err


def main(argv: Sequence[str] | None = None) -> int:
    given = sys.argv[1:] if argv is None else argv
    if len(given) < 2:
        sys.stderr.write(f"{__doc__}\n")
        return 2

    def run() -> int:
        write(Path(given[0]), tables(map(Path, given[1:])), BEGIN, END)
        return 0

    return guarded("tables", run)


if __name__ == "__main__":
    sys.exit(main())
