"""One parsed sentence → the claims in it: whose word covers which words. Knows nothing of the rest of the article.

Dependency rules over ClearNLP labels, in the manner of rule-based quotation attribution (Muzny and others, EACL 2017;
Newell and others, LREC 2018); the cue words are in `cues`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rag import cues
from rag.trees import Tree
from rag.types import Stance

_SUBJECTS = ("nsubj", "nsubjpass")
_INHERIT = frozenset({"conj", "advcl", "xcomp", "pcomp", "prep", "acl", "ccomp"})
_OBJECTS = ("dobj", "oprd", "attr")
_CLAUSES = ("ccomp",)


@dataclass(frozen=True, slots=True)
class Claim:
    """Tokens by index. `source` is the head of the words that name who says it, None where nobody is named."""

    cue: int
    source: int | None
    content: tuple[tuple[int, int], ...]  # half-open runs of tokens
    stance: Stance = "asserts"
    listener: int | None = None  # head of the words that name who was told

    def covers(self, i: int) -> bool:
        return any(start <= i < end for start, end in self.content)


def find_claims(tree: Tree, quoted: Sequence[tuple[int, int]] = ()) -> list[Claim]:
    """A sentence's claims in the order of their cues. `quoted` are its runs of quoted tokens, without the marks."""
    inside = {i for start, end in quoted for i in range(start, end)}
    found = [claim for i in range(len(tree)) for claim in _claims_at(tree, i, inside)]
    found = _take_quotations(tree, found, quoted, inside)
    return sorted((claim for claim in found if claim.content), key=lambda claim: claim.cue)


def _claims_at(tree: Tree, i: int, inside: set[int]) -> Iterable[Claim]:
    token = tree[i]
    if token.pos in {"VERB", "AUX"}:
        yield from _verb(tree, i, inside)
    elif token.pos == "NOUN" and token.lemma in cues.NOUNS:
        yield from _noun(tree, i)
    elif token.lemma in cues.HEDGES and token.pos == "ADV":
        yield Claim(i, None, _runs(tree, tree.subtree(token.head, without=(i,))), "reports")
    if token.text.lower() in {"according", "accord"}:
        yield from _according(tree, i)


def _runs(tree: Tree, indices: Iterable[int]) -> tuple[tuple[int, int], ...]:
    return tuple(tree.runs(indices))


# --- verbs ------------------------------------------------------------------------------------


def _verb(tree: Tree, v: int, inside: set[int]) -> Iterable[Claim]:
    lemma = tree[v].lemma
    if not (
        lemma in cues.SAY
        or lemma in cues.THINK
        or lemma in cues.OBJECT
        or lemma in cues.PLEDGE
        or lemma in cues.OBLIQUE
    ):
        return
    if tree.kid(v, ("auxpass",)) is not None or _reduced_passive(tree, v):
        yield from _passive(tree, v)
        return
    source = subject_of(tree, v)
    if source is None or (tree[source].lemma in cues.FIRST_PERSON and v in inside):
        return
    content = _content(tree, v)
    if not content and lemma in cues.SAY:
        content = _around(tree, v, source)
    yield Claim(v, source, _runs(tree, content), _stance(tree, v), _listener(tree, v))


def _reduced_passive(tree: Tree, v: int) -> bool:
    """ "the man accused of theft", "the plan announced on Monday"."""
    return tree[v].tag == "VBN" and tree[v].dep in {"acl", "amod"} and tree.kid(v, ("nsubj", "aux")) is None


def subject_of(tree: Tree, v: int, depth: int = 0) -> int | None:
    """The head of who does `v`: its own subject, or the one it shares with the verb or noun it hangs on."""
    own = tree.kid(v, _SUBJECTS)
    if own is not None:
        return own
    dep, head = tree[v].dep, tree[v].head
    if dep == "acl" and tree[head].pos in {"NOUN", "PROPN", "PRON"}:
        return head
    if dep == "relcl" or depth > 4 or dep not in _INHERIT:
        return _inverted(tree, v)
    if dep == "advcl" and tree[v].tag not in {"VBG", "VBN"}:
        return None
    if dep == "ccomp" and tree[v].tag != "VBG":
        return _inverted(tree, v)
    return subject_of(tree, head, depth + 1) if head != v else None


def _inverted(tree: Tree, v: int) -> int | None:
    """ "..., said the mayor": a parse that took the speaker for an object."""
    after = [k for k in tree.kids(v, ("dobj", "attr", "npadvmod", "oprd")) if k > v]
    clause = any(k < v for k in tree.kids(v, _CLAUSES))
    if tree[v].lemma == "say" and after and (clause or (v > 0 and tree[v - 1].pos == "PUNCT")):
        return after[0]
    return None


def _content(tree: Tree, v: int) -> set[int]:
    lemma = tree[v].lemma
    heads = tree.kids(v, _CLAUSES) if lemma in cues.SAY or lemma in cues.THINK else []
    if lemma in cues.PLEDGE:
        heads += tree.kids(v, ("xcomp",))
    if lemma in cues.SAY and lemma not in cues.PLEDGE:
        heads += [k for k in tree.kids(v, ("xcomp", "acomp", "advcl")) if _clausal(tree, k)]
    if lemma in cues.OBJECT:
        heads += _objects(tree, v)
    heads += [k for k in tree.kids(v, ("prep", "agent")) if tree[k].lemma in cues.OBLIQUE.get(lemma, ())]
    found = {i for head in heads for i in tree.subtree(head)}
    return found - _own_words(tree, v)


def _clausal(tree: Tree, k: int) -> bool:
    """A clause that the parse mislabelled: it has a subject of its own and no "as", "after", "while" before it."""
    if tree[k].dep != "advcl":
        return True
    mark = tree.kid(k, ("mark", "advmod"))
    return tree.kid(k, _SUBJECTS) is not None and (mark is None or tree[mark].lemma == "that")


def _objects(tree: Tree, v: int) -> list[int]:
    heads = tree.kids(v, _OBJECTS)
    if heads and tree[v].lemma in cues.BLAME | {"criticise", "praise", "cite", "describe", "portray"}:
        heads += [k for k in tree.kids(v, ("prep", "pcomp")) if tree[k].lemma in {"of", "for", "with", "as"}]
    return heads


def _own_words(tree: Tree, v: int) -> set[int]:
    """The verb with its subject and auxiliaries: never content, wherever the parse hung them."""
    subject = tree.kid(v, _SUBJECTS)
    own = tree.subtree(subject) if subject is not None and tree[subject].dep != "ccomp" else set()
    return own | {v} | set(tree.kids(v, ("aux", "auxpass", "neg")))


def _around(tree: Tree, v: int, source: int) -> set[int]:
    """Content of a cue that stands beside its clause: "The deal, he said, is dead." or "He said: ..."."""
    group = tree.subtree(v)
    if tree[v].dep in {"parataxis", "ccomp", "advcl", "dep"} and source in group:
        return tree.subtree(tree[v].head) - group
    after = range(v + 1, len(tree))
    colon = next((i for i in after if tree[i].text == ":"), None)
    if colon is not None and colon - v < 12:
        return set(range(colon + 1, len(tree)))
    first = min(v, min(tree.subtree(source)))
    if tree[v].head == v and first > 3 and tree[first - 1].text in {",", "”", '"', "’"}:
        return set(range(first))
    return set()


def _stance(tree: Tree, v: int) -> Stance:
    negated = tree.kid(v, ("neg",)) is not None
    if tree[v].lemma in cues.DENY:
        return "reports" if negated else "denies"
    if negated:
        return "denies" if tree[v].lemma in cues.THINK else "reports"
    return "asserts"


def _listener(tree: Tree, v: int) -> int | None:
    if tree[v].lemma == "tell":
        return tree.kid(v, ("dobj", "dative", "iobj"))
    to = next((k for k in tree.kids(v, ("prep", "dative")) if tree[k].lemma in {"to", "with"}), None)
    return None if to is None else tree.kid(to, ("pobj",))


def _passive(tree: Tree, v: int) -> Iterable[Claim]:
    """ "Rebels were accused by the army of looting", "it was reported that ...", "he is said to have left"."""
    lemma = tree[v].lemma
    agent = tree.kid(v, ("agent",))
    source = None if agent is None else tree.kid(agent, ("pobj",))
    if source is None and (tree[v].dep in {"acl", "amod"} or lemma in cues.TELL or lemma == "call"):
        return
    subject = tree.kid(v, _SUBJECTS)
    heads = tree.kids(v, ("ccomp", "xcomp", "oprd"))
    heads += [k for k in tree.kids(v, ("prep",)) if lemma in cues.BLAME and tree[k].lemma in {"of", "for", "with"}]
    if not heads and source is None:
        return
    found = {i for head in heads for i in tree.subtree(head)}
    if subject is not None and tree[subject].lemma != "it":
        found |= tree.subtree(subject)
    elif subject is None and tree[v].dep == "acl":
        found.add(tree[v].head)
    yield Claim(v, source, _runs(tree, found), "denies" if lemma in cues.DENY else "asserts" if source else "reports")


# --- nouns, and "according to" ----------------------------------------------------------------


def _noun(tree: Tree, n: int) -> Iterable[Claim]:
    """ "X's claim that ...", "reports from X that ...", "X issued a statement that ..."."""
    clause = next((k for k in tree.kids(n, ("acl", "ccomp", "relcl")) if _that(tree, k)), None)
    if clause is None:
        return
    source = named_source(tree, n)
    if source is None and tree[n].lemma not in cues.HEARSAY and tree[n].dep == "dobj":
        source = subject_of(tree, tree[n].head)
    yield Claim(n, source, _runs(tree, tree.subtree(clause)), "asserts" if source is not None else "reports")


def _that(tree: Tree, k: int) -> bool:
    return any(tree[m].lemma == "that" and tree[m].dep == "mark" for m in tree.kids(k))


def named_source(tree: Tree, n: int) -> int | None:
    """Who stands behind a noun: "X's report", "a report by X"."""
    poss = tree.kid(n, ("poss",))
    if poss is not None:
        return poss
    by = next((k for k in tree.kids(n, ("prep", "agent", "acl")) if tree[k].lemma in {"by", "from"}), None)
    return None if by is None else tree.kid(by, ("pobj",))


def _according(tree: Tree, i: int) -> Iterable[Claim]:
    to = next((k for k in range(i + 1, min(i + 3, len(tree))) if tree[k].lemma == "to"), None)
    source = None if to is None else tree.kid(to, ("pobj", "pcomp"))
    if source is None:
        return
    own = tree.subtree(i) | tree.subtree(source) | {i, to or i}
    yield Claim(i, source, _runs(tree, _scope(tree, i) - own))


def _scope(tree: Tree, i: int) -> set[int]:
    """What "according to" reaches: the sentence where it opens one or follows a comma, else its clause."""
    opens = all(tree[k].pos in {"PUNCT", "CCONJ", "ADV", "SPACE"} for k in range(i))
    if opens or tree[i - 1].text in {",", "”", "—", "–"}:
        return tree.subtree(tree.root())
    return tree.subtree(next((a for a in tree.ancestors(i) if tree[a].pos in {"VERB", "AUX"}), tree.root()))


# --- quotations -------------------------------------------------------------------------------


def _take_quotations(
    tree: Tree, found: list[Claim], quoted: Sequence[tuple[int, int]], inside: set[int]
) -> list[Claim]:
    """Give every quotation of some length that no claim covers to the nearest speaking verb outside it."""
    for start, end in quoted:
        words = sum(tree[i].pos not in {"PUNCT", "SPACE"} for i in range(start, end))
        speakers = [c for c in found if c.cue not in inside and c.source is not None and _speaks(tree, c.cue)]
        if words < 4 or not speakers or any(c.covers((start + end) // 2) for c in speakers):
            continue
        nearest = min(speakers, key=lambda c: (min(abs(c.cue - start), abs(c.cue - end)), c.cue))
        grown = {i for a, b in (*nearest.content, (start, end)) for i in range(a, b)}
        found[found.index(nearest)] = replace(nearest, content=_runs(tree, grown))
    return found


def _speaks(tree: Tree, i: int) -> bool:
    return tree[i].lemma in cues.SAY or tree[i].lemma in cues.OBJECT or tree[i].text.lower() == "according"
