"""A file of reference questions → its rows: JSON, JSON Lines, YAML, or a table with a quote a row.

    items:
      - id: gate
        question: Who shut the gate?
        kind: contested
        positions:
          - name: the dockers
            quotes: {post: ["Dockers shut it."]}
            speakers: {post: {"Dockers shut it.": a guard}}
    floors: {position F1: 0.6}

    id,question,kind,position,article,quote,speaker
    gate,Who shut the gate?,contested,the dockers,post,Dockers shut it.,a guard
    gate,,,the owner,courier,The owner shut it.,
    toll,What is the toll?,unanswerable,,,,

A table's row adds a quote to its item's position; question and kind stand in the item's first row.
An item with the key `draft` waits for a person: it needs an id and a question, and nothing else of it is read.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from rag.batch import items_of
from rag.errors import ReadError, UsageError

KINDS = ("contested", "agreed", "unanswerable")
COLUMNS = ("id", "question", "kind", "position", "article", "quote", "speaker")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SuiteFile:
    """`drafts` are the items that wait for a person; `rows` all others."""

    rows: tuple[Row, ...]
    floors: Mapping[str, float] = field(default_factory=dict)
    drafts: tuple[Row, ...] = ()


def read_suite(path: Path) -> SuiteFile:
    """Raises ReadError where the file cannot be read, UsageError naming the item where one is malformed."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as err:
        why = err.strerror if isinstance(err, OSError) else str(err)
        raise ReadError(f"{path}: cannot read the questions ({why}): give a UTF-8 file") from err
    rows, floors = _parsed(path, text)
    if not rows:
        raise UsageError(f"{path}: holds no question: give at least one item with an id and a question")
    items_of(path, rows)
    drafts = tuple(row for _, row in rows if row.get("draft"))
    whole = [(where, row) for where, row in rows if not row.get("draft")]
    for where, row in whole:
        if row.get("docs") is None:
            _check_open(where, row)
    return SuiteFile(tuple(row for _, row in whole), _floors(path, floors), drafts)


def _parsed(path: Path, text: str) -> tuple[list[tuple[str, Any]], Any]:
    kind = path.suffix.lower()
    try:
        if kind in (".jsonl", ".ndjson"):  # only LF ends a line: JSON strings may hold others
            lines = [(f"{path}, line {n}", line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
            return [(where, json.loads(line)) for where, line in lines], {}
        if kind == ".csv":
            return list(_from_table(path, text)), {}
        data = yaml.safe_load(text) if kind in (".yaml", ".yml") else json.loads(text)
    except (ValueError, RecursionError, yaml.YAMLError) as err:
        told = " ".join(str(err).split())
        raise UsageError(f"{path}: cannot be read as {kind or 'JSON'} ({told}): correct it there") from err
    if not isinstance(data, dict) or not isinstance(data.get("items"), list):
        raise UsageError(f'{path}: no list "items": give items, each with an id and a question')
    rows = [*data["items"], *data.get("disputes", ())]
    return [(f"{path}, item {n}", row) for n, row in enumerate(rows, 1)], data.get("floors") or {}


def _from_table(path: Path, text: str) -> Iterator[tuple[str, Row]]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [c for c in COLUMNS[:6] if c not in (reader.fieldnames or ())]
    if missing:
        raise UsageError(f"{path}: no column {missing[0]!r}: the first line must name {','.join(COLUMNS)}")
    items: dict[str, tuple[str, Row]] = {}
    for row in reader:
        where, key = f"{path}, line {reader.line_num}", (row["id"] or "").strip()
        if key not in items:
            items[key] = (where, {"id": key, "question": row["question"], "kind": row["kind"], "positions": []})
        if row["quote"]:
            _add_quote(where, items[key][1]["positions"], row)
    yield from items.values()


def _add_quote(where: str, positions: list[Row], row: Mapping[str, str | None]) -> None:
    name, article, quote = row["position"], row["article"], row["quote"]
    if not name or not article:
        raise UsageError(f"{where}: a quote without its position or its article: fill in both")
    position = next((p for p in positions if p["name"] == name), None)
    if position is None:
        position = {"name": name, "quotes": {}, "speakers": {}}
        positions.append(position)
    position["quotes"].setdefault(article, []).append(quote)
    if row.get("speaker"):
        position["speakers"].setdefault(article, {})[quote] = row["speaker"]


def _check_open(where: str, row: Row) -> None:
    if row.get("kind") not in KINDS:
        raise UsageError(f"{where} (id {row['id']}): its kind is {row.get('kind')!r}: give one of {', '.join(KINDS)}")
    positions = row.get("positions")
    if not isinstance(positions, list) or not all(map(_stated, positions)):
        raise UsageError(f"{where} (id {row['id']}): its positions are not a list of names with quotes by article")
    if bool(positions) == (row["kind"] == "unanswerable"):
        need = "no position" if positions else "at least one position"
        raise UsageError(f"{where} (id {row['id']}): {row['kind']} wants {need}")


def _stated(position: Any) -> bool:
    """Whether it has words, or spans, by article."""
    by_article = isinstance(position, dict) and (position.get("quotes") or position.get("spans"))
    return isinstance(by_article, dict) and all(
        isinstance(places, Sequence) and not isinstance(places, str) and len(places) > 0
        for places in by_article.values()
    )


def _floors(path: Path, floors: Any) -> dict[str, float]:
    if not isinstance(floors, dict) or not all(
        isinstance(v, int | float) and not isinstance(v, bool) for v in floors.values()
    ):
        raise UsageError(f"{path}: its floors are {floors!r}: give a number for each figure, as in position F1: 0.6")
    return {str(name): float(value) for name, value in floors.items()}
