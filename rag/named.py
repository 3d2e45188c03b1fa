"""A question that names somebody or some place is not answered by an article that knows none of these names."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rag.asked import Asked
from rag.spelling import key
from rag.types import Article, Evidence
from rag.words import names_in

HEARD = 3  # consonants: of fewer, too many names sound alike


def of_its_names(asked: Asked, evidence: Sequence[Evidence], least: float = 0.0) -> list[Evidence]:
    """What stands in articles that hold one of the question's names; all where no more than the share `least` of the
    articles do: then these may well speak of it by another name, or by none."""
    articles = {e.article.id: e.article for e in evidence}
    asked_for = _heard(asked.names)
    knowing = {id_ for id_, article in articles.items() if asked_for & _names(article)}
    if len(knowing) <= least * len(articles):
        return list(evidence)
    return [e for e in evidence if e.article.id in knowing]


@lru_cache(maxsize=512)
def _names(article: Article) -> frozenset[str]:
    return _heard(frozenset(names_in(f"{article.title}\n{article.text}")))


def _heard(names: frozenset[str]) -> frozenset[str]:
    """The names, and the longer ones as they are heard: Kafr Zita is spelled Kfar Zeita too."""
    return names | {f"/{key(name)}" for name in names if len(key(name)) >= HEARD}
