"""What one question has taken from the library: every article is fetched once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Protocol

from rag.types import Article, Passage, Scope, Sentence, Tokens


class Summary(Protocol):
    """An article without its text."""

    @property
    def id(self) -> str: ...
    @property
    def published(self) -> dt.date | None: ...


class Store(Protocol):
    """What a question asks of the library."""

    def article(self, id_: str) -> Article: ...
    def sentences(self, id_: str) -> list[Sentence]: ...
    def tokens(self, id_: str) -> list[Tokens]: ...
    def passages(self, id_: str) -> list[Passage]: ...
    def in_scope(self, scope: Scope) -> tuple[tuple[str, ...], int]: ...
    def summaries(self) -> Sequence[Summary]: ...
    def aliases(self) -> list[list[str]]: ...


class Shelf:
    """A Store that remembers. For one question: it does not see what is ingested meanwhile."""

    def __init__(self, store: Store) -> None:
        self.in_scope = store.in_scope
        self.article = lru_cache(None)(store.article)
        self.sentences = lru_cache(None)(store.sentences)
        self.tokens = lru_cache(None)(store.tokens)
        self.passages = lru_cache(None)(store.passages)
        self._store = store

    @cached_property
    def _summaries(self) -> Sequence[Summary]:
        return self._store.summaries()

    def summaries(self) -> Sequence[Summary]:
        return self._summaries

    def aliases(self) -> list[list[str]]:
        return self._store.aliases()
