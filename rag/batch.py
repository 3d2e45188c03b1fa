"""Many questions in one process: items in, answers out in the same order, the output replaced only when complete."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.contract import to_dict
from rag.conversation import earlier_questions
from rag.errors import ReadError, UsageError, WhosaysError
from rag.types import Answer

ItemId = str | int


@dataclass(frozen=True, slots=True)
class Item:
    """One question. `docs` None asks the library; otherwise (doc_id, text) pairs, the only sources of its answer."""

    id: ItemId
    question: str
    history: tuple[str, ...] = ()  # the questions of the conversation before it
    docs: tuple[tuple[str, str], ...] | None = None


def read_items(path: Path) -> list[Item]:
    """The items of a JSON file `{"items": [...]}` or of a .jsonl file, one a line.

    Raises ReadError where the file cannot be read, UsageError naming the item where one is malformed or repeated."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as err:
        raise ReadError(f"{path}: cannot read the questions ({_why(err)}): give a UTF-8 .json or .jsonl file") from err
    rows = list(_lines(path, text)) if path.suffix.lower() in (".jsonl", ".ndjson") else _list(path, text)
    if not rows:
        raise UsageError(f"{path}: holds no question: give at least one item with an id and a question")
    return items_of(path, rows)


def items_of(path: Path, rows: Iterable[tuple[str, Any]]) -> list[Item]:
    """The items of `rows`: (where it stands, what stands there). Raises UsageError naming the item."""
    items = [_item(where, row) for where, row in rows]
    _refuse_repeats(path, [item.id for item in items])
    return items


def _why(err: Exception) -> str:
    return err.strerror or str(err) if isinstance(err, OSError) else str(err)


def _lines(path: Path, text: str) -> Iterator[tuple[str, Any]]:
    # Only LF ends a line: JSON strings may hold U+2028 and other ends that splitlines() knows.
    for n, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield f"{path}, line {n}", _json(f"{path}, line {n}", line)


def _list(path: Path, text: str) -> list[tuple[str, Any]]:
    data = _json(str(path), text)
    rows = data.get("items") if isinstance(data, dict) else None
    if not isinstance(rows, list):
        raise UsageError(f'{path}: no list "items": give {{"items": [{{"id": ..., "question": ...}}]}}')
    return [(f"{path}, item {n}", row) for n, row in enumerate(rows, 1)]


def _json(where: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as err:
        raise UsageError(f"{where}: not JSON ({err}): correct it, or name the file .jsonl if each line is one") from err


def _item(where: str, row: Any) -> Item:
    if not isinstance(row, dict):
        raise UsageError(f'{where}: not an object: give {{"id": ..., "question": ...}}')
    key, question, history = row.get("id"), row.get("question"), row.get("history")
    if not isinstance(key, str | int) or isinstance(key, bool) or key == "":
        raise UsageError(f"{where}: its id is {_shown(key)}: give text or a whole number")
    if not isinstance(question, str):
        raise UsageError(f"{where} (id {_shown(key)}): its question is {_shown(question)}: give text")
    if history is not None and not isinstance(history, list):
        raise UsageError(f"{where} (id {_shown(key)}): its history is {_shown(history)}: give a list")
    docs = None if row.get("docs") is None else _docs(f"{where} (id {_shown(key)})", row["docs"])
    try:
        return Item(key, question, earlier_questions(history or ()), docs)
    except UsageError as err:
        raise UsageError(f"{where} (id {_shown(key)}): {err}") from err


def _docs(where: str, docs: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(docs, list):
        raise UsageError(f'{where}: its docs are {_shown(docs)}: give [{{"doc_id": ..., "text": ...}}]')
    pairs = []
    for n, doc in enumerate(docs, 1):
        fields = (doc.get("doc_id"), doc.get("text")) if isinstance(doc, dict) else (None, None)
        if not isinstance(fields[0], str) or not fields[0] or not isinstance(fields[1], str):
            raise UsageError(f'{where}: its document {n} is not {{"doc_id": text, "text": text}}: correct it')
        pairs.append((fields[0], fields[1]))
    _refuse_repeats(where, [key for key, _ in pairs])
    return tuple(pairs)


def _refuse_repeats(where: object, keys: Iterable[ItemId]) -> None:
    seen: set[ItemId] = set()
    for key in keys:
        if key in seen:
            raise UsageError(f"{where}: the id {_shown(key)} stands there twice: give each its own")
        seen.add(key)


def _shown(value: Any) -> str:
    shown = json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= 40 else shown[:37] + "..."


# --- answering --------------------------------------------------------------------------------


def answer_item(item: Item, answer: Callable[[Item], Answer]) -> dict[str, Any]:
    """The row for `item`: the Answer's data with the id first, or the id, the question and the error in one line."""
    try:
        given = answer(item)
    except WhosaysError as err:
        return {"id": item.id, "question": item.question, "error": str(err)}
    return {"id": item.id, **to_dict(given)}


def write_rows(out: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write `rows` as JSON Lines to `out` and return how many hold an error.

    `out` is replaced only when every row is there: an interrupted run leaves what stood before."""
    out, errors = out.resolve(), 0
    if out.exists() and not out.is_file():
        raise UsageError(f"{out}: is not a file: give --out a new name, or a file to replace")
    try:
        handle = tempfile.NamedTemporaryFile(  # noqa: SIM115 - closed below, and kept under the name of `out`
            "w", encoding="utf-8", errors="backslashreplace", newline="\n",
            dir=out.parent, prefix=f".{out.name}.", suffix=".part", delete=False,
        )  # fmt: skip
    except OSError as err:
        raise UsageError(f"{out}: cannot write there ({err.strerror}): give --out a file in a folder of yours") from err
    part = Path(handle.name)
    try:
        with handle:
            for row in rows:
                errors += "error" in row
                handle.write(json.dumps(row, ensure_ascii=False) + "\n")
            handle.flush()
            os.fsync(handle.fileno())
        part.chmod(_mode())
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return errors


def _mode() -> int:
    """What a plainly opened new file would get; a temporary file is made for its owner alone."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
