"""Several things of one name are several answers and no dispute: "Ida Moen (rower)" is not "Ida Moen (union leader)".

Told by what stands in brackets behind the name where an article opens. Dates there tell nothing: sources that disagree
on a birth year speak of one person.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rag.asked import Asked
from rag.positions import Group
from rag.types import Article
from rag.words import content_words, root

OPENING = 120  # characters of the text, besides the title
QUALIFIED = re.compile(r"((?:[A-Z][\w’'.-]*\s+){0,4}[A-Z][\w’'.-]*)\s*\(\s*([^()]{3,60}?)\s*\)")


def other_subject(asked: Asked, a: Group, b: Group) -> bool:
    """Whether the articles of the two groups open with one name of the question, each with a qualifier of its own."""
    first = [_qualifier(m.evidence.article, asked.names) for m in a.members]
    second = [_qualifier(m.evidence.article, asked.names) for m in b.members]
    return all(first) and all(second) and not any(x & y for x in first for y in second)


@lru_cache(maxsize=512)
def _qualifier(article: Article, names: frozenset[str]) -> frozenset[str]:
    """Stems of the words in brackets behind a name of the question; empty where there are none."""
    for m in QUALIFIED.finditer(f"{article.title}\n{article.text[:OPENING]}"):
        if {root(w) for w in m[1].split()} & names:
            words = frozenset(w for w in content_words(m[2]) if not re.search(r"\d", w))
            if words - {"born", "die", "c"}:
                return words - {"born", "die", "c"}
    return frozenset()
