"""Readings kept by their exact input: an eval that runs again, or reads a little otherwise, pays for what is new.

A reading depends on the weights, the question and the window alone (each window runs alone), so a kept one is the one
that would be made. On disk a file per weights holds hashes and numbers, no text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from rag.types import Reading, Span

Window = tuple[str, int]


class Reader(Protocol):
    @property
    def name(self) -> str: ...
    def read(self, question: str, windows: Sequence[Window]) -> list[Reading]: ...


class KeptReader:
    """A reader that remembers, in memory and, where `folder` is given, on disk."""

    def __init__(self, reader: Reader, folder: Path | None = None) -> None:
        self.name, self._reader = reader.name, reader
        self._file = folder / f"{reader.name}.jsonl" if folder else None
        self._known: dict[str, Reading] = {}
        if self._file and self._file.is_file():
            self._known = dict(map(_parsed, _whole_lines(self._file)))
        self.made = 0

    def read(self, question: str, windows: Sequence[Window]) -> list[Reading]:
        keys = [_key(question, w) for w in windows]
        new = {k: w for k, w in zip(keys, windows, strict=True) if k not in self._known}
        if new:
            readings = dict(zip(new, self._reader.read(question, list(new.values())), strict=True))
            self._known |= readings
            self.made += len(readings)
            self._write(readings)
        return [self._known[k] for k in keys]

    def _write(self, readings: dict[str, Reading]) -> None:
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        lines = "".join(_line(k, r) for k, r in readings.items())
        with self._file.open("a", encoding="ascii") as file:
            file.write(lines)


def _key(question: str, window: Window) -> str:
    context, focus = window
    return hashlib.sha256(f"{focus}\n{question}\n{context}".encode()).hexdigest()[:32]


def _line(key: str, r: Reading) -> str:
    return json.dumps([key, r.answers, r.verdict, [[s.start, s.end, s.score] for s in r.spans]]) + "\n"


def _whole_lines(path: Path) -> list[str]:
    """Without the last, where a run was cut off while it wrote."""
    return [line for line in path.read_text(encoding="ascii").splitlines(keepends=True) if line.endswith("]]\n")]


def _parsed(line: str) -> tuple[str, Reading]:
    data: list[Any] = json.loads(line)
    key, answers, verdict, spans = data
    return key, Reading(answers, verdict, tuple(Span(*s) for s in spans))
