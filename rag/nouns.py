"""Claims without a verb of saying: nouns ("the claim that"), "according to", "in a poll", a headline's colon."""

from __future__ import annotations

from collections.abc import Iterable

from rag import cues
from rag.claim import Claim, runs
from rag.subjects import subject_of
from rag.tails import Tail, find_opening, name_head
from rag.trees import Tree

_ASIDES = frozenset({"relcl", "acl", "advcl", "pcomp", "amod"})
_NAMED = 6  # tokens before the colon of a headline that names who says it


def noun(tree: Tree, n: int) -> Iterable[Claim]:
    """ "X's claim that ...", "reports from X that ...", "X issued a statement that ..."."""
    if tree[n].lemma not in cues.NOUNS:
        return
    clause = next((k for k in tree.kids(n, ("acl", "ccomp", "relcl")) if _that(tree, k)), None)
    if clause is None and tree[n].dep == "nsubj" and tree[tree[n].head].lemma == "be":
        clause = tree.kid(tree[n].head, ("ccomp",))  # "the union's claim is that ..."
    if clause is None:
        return
    source = named_source(tree, n)
    if source is None:  # "a Reuters report", and "Lind claims that" where the parse took the verb for a noun
        source = next((k for k in tree.kids(n, ("compound", "nsubj")) if tree[k].pos == "PROPN"), None)
    if source is None and tree[n].lemma not in cues.HEARSAY and tree[n].dep == "dobj":
        source = subject_of(tree, tree[n].head)
    yield Claim(n, source, runs(tree, tree.subtree(clause)), "asserts" if source is not None else "reports")


def _that(tree: Tree, k: int) -> bool:
    return any(tree[m].lemma == "that" and tree[m].dep == "mark" for m in tree.kids(k))


def named_source(tree: Tree, n: int) -> int | None:
    """Who stands behind a noun: "X's report", "a report by X"."""
    poss = tree.kid(n, ("poss",))
    if poss is not None:
        return poss
    by = next((k for k in tree.kids(n, ("prep", "agent", "acl")) if tree[k].lemma in {"by", "from"}), None)
    return None if by is None else tree.kid(by, ("pobj",))


def according(tree: Tree, i: int) -> Iterable[Claim]:
    to = next((k for k in range(i + 1, min(i + 3, len(tree))) if tree[k].lemma == "to"), None)
    source = None if to is None else tree.kid(to, ("pobj", "pcomp"))
    if source is None:
        return
    named = _without_comma(tree, i, to)
    if named is not None:
        yield Claim(i, named.source, named.content, words=named.words)
        return
    own = tree.subtree(i) | tree.subtree(source) | {i, to or i}
    content = runs(tree, _scope(tree, i) - own)
    if content:
        yield Claim(i, source, content)
    else:
        yield from _up_to_comma(tree, i, to)


def _up_to_comma(tree: Tree, i: int, to: int | None) -> Iterable[Claim]:
    """ "According to the Port Authority, ..." where the parse hung all that follows on the name."""
    comma = next((k for k in range(i, len(tree)) if tree[k].text == ","), None)
    if to is not None and comma is not None and to + 1 < comma:
        words = to + 1, comma
        yield Claim(i, name_head(tree, *words), runs(tree, range(comma + 1, len(tree))), words=words)


def _without_comma(tree: Tree, i: int, to: int | None) -> Tail | None:
    """ "According to the Port Authority the crane fell": a new "the" begins what it says."""
    opens = all(tree[k].pos in {"PUNCT", "CCONJ", "ADV", "SPACE"} for k in range(i))
    return find_opening(tree, to + 1) if opens and to is not None else None


def in_the_view(tree: Tree, n: int) -> Iterable[Claim]:
    """ "in the union's view", "in his words"."""
    source, of = tree.kid(n, ("poss",)), tree[n].head
    if source is not None and tree[of].lemma in {"in", "by"}:
        yield Claim(n, source, runs(tree, _scope(tree, of) - tree.subtree(of)))


def in_a_poll(tree: Tree, n: int) -> Iterable[Claim]:
    """ "In a poll of dockers, 60 percent ...", "based on a survey": what it says is the poll's."""
    of = tree[n].head
    if tree[of].lemma not in {"in", "from", "on"} or (tree[of].lemma == "on" and tree[tree[of].head].lemma != "base"):
        return
    top = tree[of].head if tree[of].lemma == "on" else of
    opens = all(tree[k].pos in {"PUNCT", "CCONJ", "ADV", "SPACE"} for k in range(min(tree.subtree(top))))
    if opens:
        yield Claim(of, n, runs(tree, _scope(tree, top) - tree.subtree(top)))


def _scope(tree: Tree, i: int) -> set[int]:
    """What "according to" reaches: the sentence where it opens one or follows a comma, else its clause."""
    opens = all(tree[k].pos in {"PUNCT", "CCONJ", "ADV", "SPACE"} for k in range(i))
    if opens or tree[i - 1].text in {",", "”", "—", "–"}:
        return tree.subtree(tree.root())
    clauses = (a for a in tree.ancestors(i) if tree[a].pos in {"VERB", "AUX"} and tree[a].dep not in _ASIDES)
    return tree.subtree(next(clauses, tree.root()))


def headed(tree: Tree) -> Iterable[Claim]:
    """ "Harbour Master: The crane was empty", as headlines have it."""
    colon = next((i for i in range(min(_NAMED, len(tree))) if tree[i].text == ":"), None)
    if colon is None or colon == 0 or colon + 3 > len(tree):
        return
    if all(tree[i].pos in {"PROPN", "NOUN", "ADJ"} for i in range(colon)):
        head = tree[colon - 1]
        if head.ent in {"PERSON", "ORG"} or head.lemma in cues.DOCUMENTS:
            yield Claim(colon, colon - 1, ((colon + 1, len(tree)),), words=(0, colon))
