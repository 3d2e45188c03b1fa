"""Around a verb: who does it (its own subject, a shared one, or one that the parse mistook), and who is told."""

from __future__ import annotations

from rag import cues
from rag.trees import Tree
from rag.types import Stance

SUBJECTS = ("nsubj", "nsubjpass")
_INHERIT = frozenset({"conj", "advcl", "xcomp", "acomp", "pcomp", "prep", "acl", "ccomp"})


def subject_of(tree: Tree, v: int, depth: int = 0) -> int | None:
    """The head of who does `v`: its own subject, or the one it shares with the verb or noun it hangs on."""
    own = tree.kids(v, SUBJECTS)
    if own and all(tree[k].lemma in cues.EVENTS for k in own) and tree[v].dep == "ccomp" and depth < 5:
        return subject_of(tree, tree[v].head, depth + 1)  # "who saw [the attack said]": it is the seer who said
    if own:
        return _nearer(tree, own, v)
    if v and tree[v].tag in {"VBD", "VBZ"} and tree[v - 1].tag in {"MD", "IN"} and tree[v - 1].text[:1].isupper():
        return v - 1  # "Will wrote": a name that is also a little word
    clause = tree.kid(v, ("csubj",))
    if clause is not None:  # "voters going to the polls said": the parse made a clause of the subject
        return tree.kid(clause, SUBJECTS)
    dep, head = tree[v].dep, tree[v].head
    if dep == "acl":
        return _bearer(tree, v, head)
    if dep == "relcl" or depth > 4 or dep not in _INHERIT:
        return _inverted(tree, v)
    if dep == "advcl" and tree[v].tag not in {"VBG", "VBN"}:
        return None
    if dep == "ccomp" and tree[v].tag != "VBG":
        return _inverted(tree, v)
    return subject_of(tree, head, depth + 1) if head != v else None


def _nearer(tree: Tree, own: list[int], v: int) -> int:
    """Of two subjects the nearer ("militias who they say oppose it"), unless a list lies between them."""
    before = [k for k in own if k < v]
    listed = any(tree[i].text == "," for i in range(before[0], before[-1])) if before else False
    return own[0] if listed or not before else before[-1]


def _bearer(tree: Tree, v: int, noun: int) -> int | None:
    """Who does a verb that hangs on a noun: "a man claiming ...", but "met the press, claiming ..."."""
    if tree[v].tag == "VB":
        return None  # "an attempt to deny"
    speaks = tree[noun].ent in {"PERSON", "ORG", "NORP", "GPE"} or tree[noun].lemma in cues.DOCUMENTS
    governor = next((a for a in tree.ancestors(noun) if tree[a].pos in {"VERB", "AUX"}), None)
    if speaks or governor is None or tree[noun].dep in SUBJECTS:
        return noun
    return tree.kid(governor, SUBJECTS) or noun


def _inverted(tree: Tree, v: int) -> int | None:
    """ "..., said the mayor": a parse that took the speaker for an object."""
    after = [k for k in tree.kids(v, ("dobj", "attr", "npadvmod", "oprd")) if k > v]
    clause = any(k < v for k in tree.kids(v, ("ccomp",)))
    if tree[v].lemma == "say" and after and (clause or (v > 0 and tree[v - 1].pos == "PUNCT")):
        return after[0]
    return None


def can_speak(tree: Tree, source: int) -> bool:
    """Not "what", "there", "this": they stand for no one. "Who" and a relative "that" stand for somebody."""
    token = tree[source]
    if token.lemma == "that":
        return any(tree[a].dep == "relcl" for a in tree.ancestors(source))
    if any(tree[k].lemma == "no" for k in tree.kids(source, ("det",))):
        return False
    return token.lemma not in cues.NOBODY


def stance_of(tree: Tree, v: int) -> Stance:
    negated = tree.kid(v, ("neg",)) is not None
    if tree[v].lemma in cues.DENY:
        return "reports" if negated else "denies"
    if negated:
        return "denies" if tree[v].lemma in cues.THINK else "reports"
    return "asserts"


def listener_of(tree: Tree, v: int) -> int | None:
    """Who is told: by the verb itself, by the speaker "who spoke to" them, or "in an interview with" them."""
    source = subject_of(tree, v)
    own = told_by(tree, v)
    if own is not None or source is None:
        return own
    spoken = [k for k in tree.kids(source, ("relcl",)) if k != v] + [a for a in tree.ancestors(source) if a != v][:1]
    spoken += [k for k in range(len(tree)) if tree[k].lemma == "interview" and tree[k].pos == "NOUN"]
    found = (told_by(tree, k) for k in spoken if tree[k].lemma in {"speak", "talk", "interview"})
    return next((k for k in found if k is not None), None)


def told_by(tree: Tree, v: int) -> int | None:
    if tree[v].lemma == "tell":
        return tree.kid(v, ("dobj", "dative", "iobj"))
    to = next((k for k in tree.kids(v, ("prep", "dative")) if tree[k].lemma in {"to", "with"}), None)
    return None if to is None else tree.kid(to, ("pobj",))
