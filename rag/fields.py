"""Fields of JSON data that came from outside: each knows where it stands, so that an error can name it."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, get_args

from rag.errors import UsageError

ROOT = "the answer"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Field:
    """A value of an exported answer and its path there. Reading it as what it is not raises UsageError."""

    value: Any
    path: str

    def wrong(self, expected: str) -> UsageError:
        shown = json.dumps(self.value, ensure_ascii=True, default=str)
        shown = shown if len(shown) <= 60 else shown[:57] + "..."
        return UsageError(f"not an answer: {self.path} is {shown}: expected {expected}")

    def of(self, name: str) -> Field:
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        path = name if self.path == ROOT else f"{self.path}.{name}"
        if name not in self.value:
            raise UsageError(f"not an answer: {path} is missing: export the answer again with --json")
        return Field(self.value[name], path)

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self.wrong("text")
        return self.value

    def whole(self) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool) or self.value < 0:
            raise self.wrong("a whole number, 0 or more")
        return self.value

    def number(self) -> float:
        if not isinstance(self.value, int | float) or isinstance(self.value, bool):
            raise self.wrong("a number")
        try:
            number = float(self.value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise self.wrong("a finite number")
        return number

    def day(self) -> dt.date:
        try:
            return dt.date.fromisoformat(self.text())
        except ValueError:
            raise self.wrong("a day, YYYY-MM-DD") from None

    def word(self, allowed: Any) -> Any:
        words = get_args(allowed)
        if self.value not in words:
            raise self.wrong("one of " + ", ".join(words))
        return self.value

    def maybe(self, read: Callable[[Field], T]) -> T | None:
        return None if self.value is None else read(self)

    def many(self, read: Callable[[Field], T]) -> tuple[T, ...]:
        if not isinstance(self.value, list):
            raise self.wrong("a list")
        return tuple(read(Field(v, f"{self.path}[{i}]")) for i, v in enumerate(self.value))
