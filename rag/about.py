"""Whether an article speaks of what a question names: a raid on another town is no answer, however alike it reads."""

from __future__ import annotations

from functools import lru_cache

from rag.asked import Asked
from rag.spelling import key, plain_name
from rag.types import Article
from rag.words import CALENDAR, WORD, root, unify


def share_named(asked: Asked, article: Article) -> float:
    """Of the names in the question, the share that the article has in some spelling; 1 where the question has none."""
    wanted = _names(asked.timeless)
    if not wanted:
        return 1.0
    here = _forms(f"{article.title}\n{article.text}")
    return sum(bool(forms & here) for forms in wanted) / len(wanted)


@lru_cache(maxsize=64)
def _names(question: str) -> tuple[frozenset[str], ...]:
    """The forms of each name; the question's first word is none."""
    words = WORD.findall(plain_name(unify(question)))[1:]
    named = dict.fromkeys(w for w in words if w[0].isupper() and w.lower() not in CALENDAR)
    return tuple(_of(w) for w in named)


@lru_cache(maxsize=512)
def _forms(text: str) -> frozenset[str]:
    return frozenset(f for w in set(WORD.findall(plain_name(unify(text)))) if w[0].isupper() for f in _of(w))


def _of(word: str) -> frozenset[str]:
    """Its root, and what its spellings have in common where that is enough to know it by."""
    sound = key(word)
    return frozenset((root(word), f"~{sound}")) if len(sound) >= 3 else frozenset((root(word),))
