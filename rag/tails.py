"""Reading a cue by its neighbours, for sentences whose parse went astray: long ones, and news stripped of its commas.

"... killed four people the Observatory said on Monday" and "... killed four people said the Observatory".
"""

from __future__ import annotations

from dataclasses import dataclass

from rag import cues
from rag.trees import Tree

_NOMINAL = frozenset({"NOUN", "PROPN", "ADJ", "NUM"})
_JOINS = frozenset({"of", "for"})
_TIMES = frozenset({"DATE", "TIME"})
FINITE = frozenset({"VBD", "VBZ", "VBP", "MD"})
_PEOPLE = cues.UNNAMED | {"doctor", "medic", "member", "official", "rebel"}
_LONGEST = 14  # words in the name of a source


@dataclass(frozen=True, slots=True)
class Tail:
    """Who says it, by the head of the name and its words; and what, as runs of tokens (half open)."""

    source: int
    words: tuple[int, int]
    content: tuple[tuple[int, int], ...]


def find_tail(tree: Tree, v: int) -> Tail | None:
    """The speaker right after or right before the speech verb `v`, where the verb closes the sentence; or None."""
    if tree[v].tag not in FINITE:
        return None
    after = _after(tree, v) if tree[v].lemma == "say" else None
    if after is not None and _closes(tree, after[1]) and _states(tree, v):
        return Tail(name_head(tree, *after), after, ((0, v),))
    if after is not None and tree[v - 1].text == "," and after[1] < len(tree) and tree[after[1]].text == ",":
        return Tail(name_head(tree, *after), after, ((0, v), (after[1], len(tree))))
    before = _before(tree, v)
    if before is not None and _closes(tree, v + 1) and _states(tree, before[0]):
        return Tail(name_head(tree, *before), before, ((0, before[0]),))
    return None


def find_name(tree: Tree, start: int, v: int) -> tuple[int, int] | None:
    """The words from `start` to the verb `v`, where they can be nothing but who says it: its name, up to a comma."""
    comma = next((i for i in range(start, v) if tree[i].text in {",", "("}), v)
    if comma != v and not (tree[v - 1].text in {",", ")"} or tree[v - 1].pos == "ADV"):
        return None
    end = comma
    while end > start and tree[end - 1].pos in {"ADV", "AUX"}:
        end -= 1
    if end == start + 1 and tree[start].tag == "PRP":
        return start, end
    plain = all(
        tree[i].pos in _NOMINAL | {"DET", "ADP", "CCONJ", "PART"} or tree[i].text == "-" for i in range(start, end)
    )
    named = any(tree[i].pos in {"NOUN", "PROPN"} for i in range(start, end)) or (end == start + 1 < v + 1 and plain)
    return (start, end) if start < end <= start + _LONGEST and plain and named else None


def find_opening(tree: Tree, start: int) -> Tail | None:
    """The name from `start` on, where a new determiner right after it begins what it says."""
    end = start
    while end < min(len(tree), start + _LONGEST) and _in_name(tree, end, first=end == start):
        end += 1
    if not start < end < len(tree) or tree[end].pos != "DET" or tree[end - 1].lemma in _JOINS:
        return None
    said = any(tree[i].pos in {"VERB", "AUX"} for i in range(end, len(tree)))
    return Tail(name_head(tree, start, end), (start, end), ((end, len(tree)),)) if said else None


def _closes(tree: Tree, at: int) -> bool:
    """Whether no new statement follows: nothing, a day, a place, or "adding that ..."."""
    if _takes_object(tree, at):
        return False
    for i in range(at, len(tree)):
        if tree[i].tag == "VBG" or tree[i].text == ",":
            return True
        if tree[i].tag in FINITE or tree[i].lemma == "that" or tree[i].text in {":", '"', "“", "”"}:
            return False
    return True


def _takes_object(tree: Tree, at: int) -> bool:
    """ "accused the army": what follows the verb right away is what it is about. One tells somebody, though."""
    verb, nominal = tree[at - 1], at < len(tree) and tree[at].pos in {"DET", "NOUN", "PROPN", "PRON"}
    return nominal and tree[at].ent not in _TIMES and verb.tag in FINITE and verb.lemma not in {"tell", "say"}


def _states(tree: Tree, end: int) -> bool:
    whole = end > 2 and tree[end - 1].text in {".", "!", "?", ";"}  # a sentence of its own stands before
    return end > 2 and not whole and any(tree[i].tag in FINITE for i in range(end))


def _after(tree: Tree, v: int) -> tuple[int, int] | None:
    i = v + 1
    if i < len(tree) and tree[i].pos == "ADP":
        return None  # "said of the plan"
    while i < min(len(tree), v + _LONGEST) and _in_name(tree, i, first=i == v + 1):
        i += 1
    return _checked(tree, v + 1, i)


def _before(tree: Tree, v: int) -> tuple[int, int] | None:
    end = v
    while end > 0 and tree[end - 1].pos in {"ADV", "AUX"}:
        end -= 1
    if end > 0 and tree[end - 1].tag == "PRP":
        return end - 1, end
    comma = next((k for k in range(end - 1, max(0, end - _LONGEST), -1) if tree[k].text == ","), None)
    if comma is not None and _plain_name(tree, comma + 1, end):
        return _checked(tree, comma + 1, end)
    i = end
    while i > max(0, end - _LONGEST) and (_in_name(tree, i - 1) or tree[i - 1].pos == "DET"):
        i -= 1
        if tree[i].pos == "DET" and tree[i - 1].lemma not in _JOINS:
            break
        if _two_names(tree, i):
            break
    return _checked(tree, _further(tree, i), end)


def _further(tree: Tree, i: int) -> int:
    """Where the name really begins: "Ada Lind | a spokeswoman", without its comma, and "activists in | the town"."""
    if i > 1 and tree[i].pos == "DET" and tree[i - 1].ent == "PERSON":
        while i > 0 and tree[i - 1].pos == "PROPN":
            i -= 1
        return i
    if i > 1 and tree[i - 1].pos == "ADP" and tree[i - 2].tag in {"NNS", "NN"} and tree[i - 2].lemma in _PEOPLE:
        i -= 2
        return i - 1 if tree[i - 1].pos == "ADJ" else i
    return i


def _plain_name(tree: Tree, start: int, end: int) -> bool:
    """Whether the words after a comma can all name one source: "sources inside the town"."""
    return all(
        tree[i].pos in _NOMINAL | {"DET", "ADP", "CCONJ", "PART"} or tree[i].dep == "amod" for i in range(start, end)
    )


def _in_name(tree: Tree, i: int, first: bool = False) -> bool:
    token = tree[i]
    if token.ent in _TIMES:
        return False
    if token.pos in _NOMINAL or token.tag == "POS" or token.lemma in _JOINS or token.dep == "amod":
        return True  # "the besieged districts": a participle too
    if token.pos == "DET":
        return first or tree[i - 1].lemma in _JOINS
    hyphen = token.text == "-" and 0 < i < len(tree) - 1 and tree[i - 1].end == token.start
    return hyphen or (token.pos == "CCONJ" and 0 < i < len(tree) - 1 and tree[i + 1].pos in _NOMINAL)


def _two_names(tree: Tree, i: int) -> bool:
    """ "in Syria | Russia's ministry": a place and then another name."""
    nation = tree[i].pos == "ADJ" and tree[i].text[:1].isupper()  # "... the attack | Turkish sources"
    if i > 0 and nation and tree[i - 1].pos == "NOUN":
        return True
    return i > 0 and tree[i - 1].ent == "GPE" and tree[i].ent in {"ORG", "PERSON"}


def _checked(tree: Tree, start: int, end: int) -> tuple[int, int] | None:
    while start < end and (tree[start].pos in {"CCONJ", "NUM", "PUNCT"} or tree[start].lemma in _JOINS):
        start += 1
    while start < end and (tree[end - 1].pos in {"CCONJ", "DET", "PUNCT"} or tree[end - 1].lemma in _JOINS):
        end -= 1
    named = any(tree[i].pos in {"NOUN", "PROPN"} for i in range(start, end))
    anchored = start < end and (
        tree[start - 1].text == ","
        or tree[start].pos in {"DET", "PROPN"}
        or tree[start].text[:1].isupper()
        or tree[start].lemma in _PEOPLE
    )
    return (start, end) if named and (anchored or end - start <= 3) else None


def name_head(tree: Tree, start: int, end: int) -> int:
    """The last noun before any preposition, or before an "and" that a noun precedes."""
    stop = next((i for i in range(start + 1, end) if tree[i].pos == "ADP" or _and(tree, i)), end)
    return next((i for i in range(stop - 1, start - 1, -1) if tree[i].pos in {"NOUN", "PROPN", "PRON"}), end - 1)


def _and(tree: Tree, i: int) -> bool:
    return tree[i].pos == "CCONJ" and tree[i - 1].tag in {"NNS", "NNP", "NNPS"}
