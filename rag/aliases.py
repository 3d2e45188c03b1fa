"""Which names stand for one party: by what the articles at hand say, by how names are spelled, and by the user's list.

Worked out from a question's own articles and kept by text, not stored at ingest: it always fits what is read, it holds
for documents that come with a question too, and a page costs a fraction of a millisecond. What two articles far apart
say of names never meets by chance. Only the user's list is kept in the library.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from rag.parties import Name, party, same_name
from rag.spelling import plain_name, spelled_alike
from rag.stated import Stated, stated
from rag.words import STOP, WORD, fold, is_acronym, root, unify

_SET_AGAINST = (
    r"(?:(?:and|or|nor|against|versus|vs\.?|from|between)|(?:has |have |had )?(?:accus|blam|fight|fought|battl|attack"
    r"|bomb|oppos|besieg|expel|defeat|fir|shell|clash|denounc|condemn|kill)\w*(?: (?:on|at|with|by|against|out))?)"
)


@dataclass(frozen=True, slots=True)
class Aliases:
    """What is known of other names for one question. Symmetric; says nothing of names it does not know."""

    links: Mapping[Name, frozenset[Name]] = field(default_factory=dict)
    rewritten: tuple[tuple[str, str], ...] = ()  # names with "and" inside, which else look like two
    texts: tuple[str, ...] = ()  # without accents: who stands beside whom

    def same(self, a: Name, b: Name) -> bool:
        """Whether the two names are said to be one party's, each perhaps in a short form."""
        return any(_names(b, other) for name in self.links if _names(a, name) for other in self.links[name])

    def phrases(self, a: str, b: str) -> bool:
        """The same for whole phrases that need not be names: "the civil defence", "the Norsund president"."""
        if not self.links:
            return False
        x, y = _forms(a), _forms(b)
        return any(
            _form_is(f, name) and any(_form_is(g, other) for g in y for other in self.links[name])
            for f in x
            for name in self.links
        )

    def in_one_form(self, a: str, b: str) -> tuple[str, str]:
        """The two phrases with a name that they spell differently spelled one way."""
        a, b = self._short(fold(a)), self._short(fold(b))
        for v in _capitals(a):
            for w in _capitals(b):
                if v != w and self.one_spelling(v, w):
                    one = min(v, w)
                    a, b = re.sub(rf"\b{v}\b", one, a), re.sub(rf"\b{w}\b", one, b)
        return a, b

    def one_spelling(self, a: str, b: str) -> bool:
        """Two spellings of one name: not where an article has both, or knows either as a common word."""
        return spelled_alike(a, b) and not any(
            (a in text and b in text) or _common(a, text) or _common(b, text) for text in self.texts
        )

    def _short(self, text: str) -> str:
        for long, short in self.rewritten:
            text = text.replace(long, short)
        return text


def gather(texts: Iterable[str], listed: Sequence[Sequence[str]] = ()) -> Aliases:
    """The aliases of a question, from the texts of its articles and lines of names that a user wrote."""
    plain = tuple(fold(t) for t in dict.fromkeys(texts))
    said = [s for text in plain for t in stated(text) for s in (t, *_short_forms(t))]
    edges = _sure([(_name(s), _other(s), s) for s in said], plain)
    links = _closed(edges, [[_key(n) for n in line] for line in listed])
    rewritten = ((s.name, s.other) for s in said if " and " in s.name and " and " not in s.other)
    return Aliases(links, tuple(sorted(set(rewritten), key=lambda r: -len(r[0]))), plain)


def _short_forms(s: Stated) -> Iterator[Stated]:
    """A holder of an office by the surname, and "the Observatory" of an "Observatory for Harbours"."""
    if s.kind == "role":
        yield Stated(s.name, re.split(r"[ -]", s.name)[-1], "role")
    elif head := re.search(r" ([A-Z]\w+) for ", s.name):
        yield Stated(s.name, head[1], "role")


Edge = tuple[Name, Name, Stated]


def _sure(edges: Sequence[Edge], texts: Sequence[str]) -> list[Edge]:
    """Without offices that two hold in these articles, and without all that would join two who are set against each
    other in any of them."""
    holders: dict[Name, list[Name]] = {}
    for name, other, s in edges:
        if s.kind == "role":
            holders.setdefault(other, []).append(name)
    several = {o for o, names in holders.items() if any(not _names(a, b) for a, b in combinations(names, 2))}
    people = {name for names in holders.values() for name in names}
    kept = [
        e
        for e in edges
        if e[0] and e[1] and e[0] != e[1] and not (e[2].kind == "role" and (e[1] in several or _runs_on(e[0], people)))
    ]
    doubtful = _doubtful(kept, "\n".join(texts))
    return [e for e in kept if not {e[0], e[1]} & doubtful]


def _doubtful(edges: Sequence[Edge], text: str) -> set[Name]:
    """The names of all who would be one party with somebody whom `text` sets against them."""
    links = _closed(edges, ())
    written: dict[Name, set[str]] = {}
    for name, other, s in edges:
        written.setdefault(name, set()).add(s.name)
        written.setdefault(other, set()).add(s.other)
    found: set[Name] = set()
    for name in links:
        for other in links[name]:
            if name < other and _opposed(written[name], written[other], text):
                found |= {name, other, *links[name], *links[other]}
    return found


def _runs_on(name: Name, people: Iterable[Name]) -> bool:
    """A name that begins with a person's and goes on: the next words were taken for a part of it."""
    return any(1 < len(p) < len(name) and name[: len(p)] == p for p in people)


def _opposed(a: Iterable[str], b: Iterable[str], text: str) -> bool:
    """Whether a text has the two in a list, or one against the other."""
    pairs = [p for v in a for w in b for p in ((v, w), (w, v)) if v in text and w in text]
    return any(re.search(rf"{re.escape(v)},? {_SET_AGAINST} (?:the )?{re.escape(w)}\b", text) for v, w in pairs)


def _closed(edges: Sequence[Edge], listed: Sequence[Sequence[Name]]) -> dict[Name, frozenset[Name]]:
    """Who is linked to whom, through others too; but not through letters that stand for two names."""
    near: dict[Name, set[Name]] = {}
    pairs = [(a, b) for a, b, _ in edges] + [p for line in listed for p in combinations(line, 2)]
    for a, b in pairs:
        if a and b and a != b:
            near.setdefault(a, set()).add(b)
            near.setdefault(b, set()).add(a)
    letters = {b for _, b, s in edges if s.kind == "letters"}
    forked = {b for b in letters if any(not _names(m, n) for m, n in combinations(near.get(b, ()), 2))}
    return {name: frozenset(_reached(name, near, forked)) for name in near}


def _reached(start: Name, near: Mapping[Name, set[Name]], forked: set[Name]) -> Iterator[Name]:
    seen, waiting = {start}, [start]
    while waiting:
        at = waiting.pop()
        for name in near[at] - seen if at == start or at not in forked else ():
            seen.add(name)
            waiting.append(name)
            yield name


# --- names ------------------------------------------------------------------------------------


def _name(s: Stated) -> Name:
    return _key(s.name)


def _other(s: Stated) -> Name:
    return _words(s.other) if s.kind == "role" else _key(s.other)


def _key(text: str) -> Name:
    """The roots of a name without titles; of a phrase that is no name, those of its words."""
    found = party(text)
    return found.names[0] if len(found.names) == 1 and not found.kinds else _words(text)


def _words(text: str) -> Name:
    plain = plain_name(unify(text))
    return tuple(root(w) for w in WORD.findall(plain) if w.lower() not in STOP or is_acronym(w, text))


def _forms(text: str) -> list[tuple[Name, bool]]:
    """Ways to look a phrase up, with whether a short form of a name will do."""
    found = party(text)
    named = [(found.names[0], True)] if len(found.names) == 1 and not found.kinds else []
    return [*named, (_words(text), False)] if len(found.names) < 2 else []


def _form_is(form: tuple[Name, bool], name: Name) -> bool:
    return _names(form[0], name) if form[1] else set(form[0]) == set(name)


def _names(a: Name, b: Name) -> bool:
    """As `same_name` for names of two words and more. One word is too little: "Syria" is no short form of ISIS."""
    return bool(a) and (set(a) == set(b) or (min(len(set(a)), len(set(b))) > 1 and same_name(a, b)))


def _capitals(text: str) -> list[str]:
    return [w for w in re.findall(r"\b[A-Z][A-Za-z]{2,}\b", text) if w.lower() not in STOP]


def _common(word: str, text: str) -> bool:
    lower = word.lower()
    return lower in text and bool(re.search(rf"(?<![\w-]){lower}\b", text))
