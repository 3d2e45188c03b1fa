"""A Result as a JSON file, to keep, to plot, and to compare a later one with."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rag
from evals.answering import Given
from evals.evaluate import Result
from evals.judge import Judgement
from evals.metrics import Figure, Row
from evals.peers import Contender
from rag.errors import UsageError
from rag.models import READER

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a file holds of a run: its rows and answers by question id, in their order."""

    suite: str
    rows: Mapping[str, Row]
    answers: Mapping[str, Given]


def to_dict(result: Result, contenders: Sequence[Contender] = (), judged: Judgement | None = None) -> dict[str, Any]:
    first = next((a for a in result.answers if "error" not in a), {})
    return {
        "schema": SCHEMA,
        "whosays": rag.__version__,
        "reader": READER,
        "suite": result.suite.name,
        "closed": result.suite.closed,
        "engine": first.get("engine"),
        "model": first.get("model"),
        "library": None if result.suite.closed else first.get("library"),
        "figures": _figures(result),
        "peers": {c.name: _figures(c.result) if c.result else {"not run": c.why} for c in contenders[1:]},
        "judge": _judge(judged) if judged else None,
        "floors": dict(result.suite.floors),
        "missed": result.missed,
        "items": [
            {"row": dataclasses.asdict(row), "answer": answer}
            for row, answer in zip(result.rows, result.answers, strict=True)
        ],
    }


def _figures(result: Result) -> dict[str, Any]:
    return {name: {**_figure(f), "interval": result.intervals[name]} for name, f in result.figures.items()}


def _figure(figure: Figure) -> dict[str, Any]:
    return {"value": figure.value, "scored": figure.scored, "left_out": figure.left_out}


def _judge(judged: Judgement) -> dict[str, Any]:
    return {**{name: _figure(f) for name, f in judged.figures.items()}, "kappa": judged.kappa}


def write(path: Path, result: Result, contenders: Sequence[Contender] = (), judged: Judgement | None = None) -> None:
    path.write_text(
        json.dumps(to_dict(result, contenders, judged), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


def read(path: Path) -> Earlier:
    """Raises UsageError where `path` is no such file, or one of another schema."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["schema"] != SCHEMA:
            raise UsageError(f"{path}: schema {data['schema']}, and this version reads {SCHEMA}: run the suite again")
        rows = [_row(item["row"]) for item in data["items"]]
        answers = [item["answer"] for item in data["items"]]
    except OSError as err:
        raise UsageError(f"{path}: cannot read the earlier run ({err.strerror}): give the .json of one") from err
    except (ValueError, KeyError, TypeError) as err:
        raise UsageError(f"{path}: is no result of an eval run ({err!r}): give the .json of one") from err
    return Earlier(data["suite"], {r.id: r for r in rows}, {r.id: a for r, a in zip(rows, answers, strict=True)})


def _row(data: Mapping[str, Any]) -> Row:
    read_ = data.get("read")  # JSON knows no whole numbers as keys
    return Row(**{**data, "read": {int(k): n for k, n in read_.items()} if read_ else None})
