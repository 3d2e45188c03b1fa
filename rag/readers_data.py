"""What readers hand to each other: problems, readings, and the facts about an article that stand beside its text."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from rag.types import Article

FIELDS: Final = ("id", "title", "text", "outlet", "published", "url")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that was left out or could not be used, and why. `harmless`: worth saying, but nothing failed."""

    path: str
    row: str | None
    reason: str
    harmless: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file gave. `notes` say how it was read where that was a choice."""

    articles: tuple[Article, ...]
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about an article from one place. `day_refused`: a day was given there and cannot be used."""

    title: str | None = None
    outlet: str | None = None
    published: dt.date | None = None
    url: str | None = None
    day_refused: bool = False

    def over(self, other: Facts) -> Facts:
        """These facts, with gaps filled from `other`. A refused day is not filled: another would be a guess."""
        return Facts(
            title=self.title or other.title,
            outlet=self.outlet or other.outlet,
            published=self.published if self.published or self.day_refused else other.published,
            url=self.url or other.url,
            day_refused=self.day_refused or (self.published is None and other.day_refused),
        )


def one_line(value: object) -> str | None:
    """Text with its white space collapsed; None for None, for what is not plain text or a number, and for blank."""
    if value is None or isinstance(value, bool | list | tuple | dict):
        return None
    words = " ".join(str(value).split())
    return words if words and storable(words) else None


def web_address(value: object) -> str | None:
    """An http or https address, else None: other schemes must never become a link."""
    words = one_line(value)
    if words is None or re.search(r"[\s<>\"\x00-\x1f]", words):
        return None
    try:
        parts = urlsplit(words)
    except ValueError:
        return None
    return words if parts.scheme in ("http", "https") and parts.netloc else None


def listed(names: Sequence[str]) -> str:
    """Names from a file, fit for a one-line message: printable, and not too many."""
    shown = [name[:60] if name.isprintable() else ascii(name[:60]) for name in names[:30]]
    return ", ".join(shown) + (f" and {len(names) - 30} more" if len(names) > 30 else "")


def storable(text: str) -> bool:
    """Whether the text can be written as UTF-8 and read back whole: no NUL, no half of a surrogate pair."""
    return not re.search(r"[\x00\ud800-\udfff]", text)


def lf(text: str) -> str:
    """The text with LF line ends and without a byte order mark at its start."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
