"""One parsed sentence → the claims in it: whose word covers which words. Knows nothing of the rest of the article.

Dependency rules over ClearNLP labels, in the manner of rule-based quotation attribution (Muzny and others, EACL 2017;
Newell and others, LREC 2018); the cue words are in `cues`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rag import cues
from rag.attitudes import attitudes
from rag.claim import Claim, runs, whole
from rag.nouns import according, headed, in_a_poll, in_the_view, noun
from rag.quoted import closing_a_quotation, take_quotations, unparsed
from rag.subjects import SUBJECTS, can_speak, listener_of, stance_of, subject_of
from rag.tails import FINITE, Tail, find_tail
from rag.trees import Tree

_IDIOMS = {("claim", "life"), ("claim", "victim"), ("claim", "gunfire"), ("charge", "fee")}
_ACCUSING = ({"of", "for", "as"}, {"of", "for", "as", "with"})  # the second with "charge"
_NEAR = 10  # tokens between "citing" and the verb that it stands beside
_OBJECTS = ("dobj", "oprd", "attr")
_CLAUSES = ("ccomp",)


def find_claims(tree: Tree, quoted: Sequence[tuple[int, int]] = ()) -> list[Claim]:
    """A sentence's claims in the order of their cues. `quoted` are its runs of quoted tokens, without the marks."""
    inside = {i for start, end in quoted for i in range(start, end)}
    found = [claim for i in range(len(tree)) for claim in _claims_at(tree, i, inside)]
    found += [claim for claim in headed(tree) if 0 not in inside]
    found = [closing_a_quotation(tree, claim, quoted) for claim in found]
    named = {claim.cue for claim in found}
    found += [c for v in range(len(tree)) if v not in inside | named for c in unparsed(tree, v, quoted)]
    found = _share_speakers(tree, take_quotations(tree, found, quoted, inside))
    found = [_untangled(tree, claim, found) for claim in found]
    found = [claim for claim in found if claim.content]
    cited = [c for i in range(len(tree)) if i not in inside for c in _cited(tree, i, found)]
    return [*sorted((c for c in found if c.cue not in {e.cue for e in cited}), key=lambda c: c.cue), *cited]


def _untangled(tree: Tree, claim: Claim, found: Sequence[Claim]) -> Claim:
    """ "He claimed that it was over, the agency reported.": who closes the sentence is no part of what he claimed."""
    for last in found if tree[claim.cue].lemma in cues.SAY else ():
        if last.source is None or last.cue <= claim.cue or not (claim.covers(last.cue) and last.covers(claim.cue)):
            continue
        cut = last.words[0] if last.words else min(tree.subtree(last.source))
        if cut > claim.cue:
            kept = {i for run in claim.content for i in range(*run) if i < cut}
            while kept and tree[max(kept)].pos == "PUNCT":
                kept.remove(max(kept))
            claim = replace(claim, content=runs(tree, kept))
    return claim


def _claims_at(tree: Tree, i: int, inside: set[int]) -> Iterable[Claim]:
    token = tree[i]
    if token.pos in {"VERB", "AUX"}:
        yield from _verb(tree, i, inside)
    elif token.pos == "NOUN":
        yield from noun(tree, i)
        yield from _held(tree, i)
    elif token.lemma in cues.HEDGES and token.pos == "ADV":
        yield Claim(i, None, whole(tree, tree.subtree(token.head)), "reports")
    if token.text.lower() in {"according", "accord"}:
        yield from according(tree, i)
    elif token.lemma in cues.VIEWS and token.dep == "pobj":
        yield from in_the_view(tree, i)
    elif token.lemma in cues.SURVEYS and token.dep == "pobj":
        yield from in_a_poll(tree, i)


# --- verbs ------------------------------------------------------------------------------------


def _verb(tree: Tree, v: int, inside: set[int]) -> Iterable[Claim]:
    if tree.kid(v, ("auxpass",)) is not None or _reduced_passive(tree, v):
        claims = list(_passive(tree, v)) if tree[v].lemma in cues.SAY | cues.THINK | cues.OBJECT else []
        yield from claims if claims else [] if v in inside else _held(tree, v)
        return
    if any((tree[v].lemma, tree[k].lemma) in _IDIOMS for k in tree.kids(v, _OBJECTS)):
        return
    source = subject_of(tree, v)
    tail = find_tail(tree, v) if tree[v].lemma in cues.SAY and v not in inside else None
    content = _content(tree, v)
    if tail is not None and not _well_parsed(tree, source, content, tail):
        beside = {i for run in tail.content for i in range(*run)}
        content = beside | ({i for i in content if i > v} - set(range(*tail.words)))
        yield Claim(v, tail.source, runs(tree, content), stance_of(tree, v), listener_of(tree, v), tail.words)
        return
    if source is None or not can_speak(tree, source):
        return
    if v in inside and (tree[v].lemma not in cues.SAY or tree[source].lemma in cues.FIRST_PERSON):
        return
    if not content and (tree[v].lemma in cues.SAY or (tree[v].lemma in cues.THINK and tree[v].dep == "parataxis")):
        content = _around(tree, v, source)
    if tree[v].lemma == "put" and any(tree[k].lemma == "it" for k in tree.kids(v, ("dobj",))):
        content = tree.subtree(tree.root()) - tree.subtree(v)  # "as the mayor put it"
    if content:
        yield Claim(v, source, runs(tree, content), stance_of(tree, v), listener_of(tree, v))
    elif tree[v].lemma in cues.SAY:
        yield Claim(v, source, ())  # a quotation may stand beside it
        yield from _held(tree, v)
    else:
        yield from _held(tree, v)


def _well_parsed(tree: Tree, source: int | None, content: set[int], tail: Tail) -> bool:
    """Whether the parse can be believed beside the neighbours: same speaker and a clause, or a comma before it."""
    if source is None or not any(i < tail.content[0][1] for i in content):
        return False
    first = min(tree.subtree(source, without=tree.kids(source, ("relcl", "acl"))))
    return source in range(*tail.words) or (first > 0 and tree[first - 1].text in {",", "”", '"'})


def _held(tree: Tree, i: int) -> Iterable[Claim]:
    for source, about in attitudes(tree, i):
        yield Claim(i, source, runs(tree, about), attitude=True)


def _reduced_passive(tree: Tree, v: int) -> bool:
    """ "the man accused of theft", "the plan announced on Monday"."""
    if tree[v].tag not in {"VBN", "VBD"} or tree.kid(v, ("nsubj", "aux")) is not None:
        return False
    joined = tree[v].tag == "VBN" and tree[v].dep == "conj" and tree.kid(tree[v].head, ("auxpass",)) is not None
    by = tree[v].dep == "advcl" and tree.kid(v, ("agent",)) is not None  # "as reported by the union"
    return joined or by or tree[v].dep in {"acl", "amod"}


def _content(tree: Tree, v: int) -> set[int]:
    lemma = tree[v].lemma
    heads = tree.kids(v, _CLAUSES) if lemma in cues.SAY or lemma in cues.THINK else []
    if lemma == "make":
        return _made_clear(tree, v)
    if lemma in cues.COUNT:
        return _counted(tree, v)
    if lemma in cues.PLEDGE:
        heads += tree.kids(v, ("xcomp",))
    if lemma in cues.SAY and lemma not in cues.PLEDGE:
        clauses = [k for k in tree.kids(v, ("xcomp", "acomp", "advcl")) if not _adding(tree, k) and _clausal(tree, k)]
        heads += [k for k in clauses if lemma not in cues.COMMITS or tree.kid(k, ("aux",)) is None]
    subject = tree.kid(v, SUBJECTS)
    shows = lemma in {"show", "suggest", "find"} and subject is not None and tree[subject].lemma in cues.DOCUMENTS
    if lemma in cues.OBJECT or shows:
        heads += _objects(tree, v)
    if lemma in cues.NAME and (tree.kids(v, ("oprd", *_CLAUSES)) or _quotes(tree, v)):
        heads += tree.kids(v, ("dobj", "oprd", "ccomp"))
    heads += [k for k in tree.kids(v, ("prep", "agent")) if tree[k].lemma in cues.OBLIQUE.get(lemma, ())]
    heads = [k for k in heads if not _cut_off(tree, k, v)]
    adding = [i for i in range(v + 1, len(tree)) if tree[i].tag == "VBG" and _adds(tree, i)]
    found = {i for head in heads for i in tree.subtree(head, without=adding)}
    return found - _own_words(tree, v)


def _made_clear(tree: Tree, v: int) -> set[int]:
    """ "made it clear that ..."."""
    near = [i for i in range(v + 1, min(v + 7, len(tree))) if tree[i].lemma == "clear"]
    that = next((i for k in near for i in range(k + 1, len(tree)) if tree[i].dep == "mark"), None)
    return set(tree.subtree(tree[that].head)) if that is not None else set()


def _counted(tree: Tree, v: int) -> set[int]:
    """ "counted 97 dead", "put the toll at 41": what follows, where a number is in it."""
    after = {i for i in tree.subtree(v) if i > v}
    counts = any(tree[i].pos == "NUM" and tree[i].ent not in {"DATE", "TIME"} for i in after)
    at = tree[v].lemma != "put" or any(tree[i].lemma == "at" for i in after)
    return after if counts and at else set()


def _quotes(tree: Tree, v: int) -> bool:
    """ "called the plan a “trap”": whatever the parse makes of it, the word is the speaker's."""
    after = tree.tokens[v + 1 : v + 8]
    return any(token.text in {"“", '"'} for token in after) and tree[v].lemma == "call"


def _adds(tree: Tree, i: int) -> bool:
    """ "denied the charge, saying ...": a claim of its own, not what is denied."""
    return tree[i].lemma in cues.SAY and tree[i].dep in {"acl", "advcl"} and tree[tree[i].head].pos != "VERB"


def _cut_off(tree: Tree, k: int, v: int) -> bool:
    """A clause before the cue and beyond a dash is a statement of its own: "Both deny it — Turkey blames Iran"."""
    return k < v and any(tree[i].text in {"—", "–", "--", ";"} for i in range(k, v))


def _adding(tree: Tree, k: int) -> bool:
    """ "said, adding that" makes two claims; "denied taking it" makes one."""
    return tree[k].tag == "VBG" and tree[k].lemma in cues.SAY


def _clausal(tree: Tree, k: int) -> bool:
    """A clause that the parse mislabelled: it has a subject of its own and no "as", "after", "while" before it."""
    if tree[k].dep != "advcl":
        return True
    mark = tree.kid(k, ("mark", "advmod"))
    return tree.kid(k, SUBJECTS) is not None and (mark is None or tree[mark].lemma == "that")


def _objects(tree: Tree, v: int) -> list[int]:
    heads = tree.kids(v, _OBJECTS)
    if heads and tree[v].lemma in cues.BLAME | {"criticise", "praise", "cite", "describe", "portray"}:
        heads += [k for k in tree.kids(v, ("prep", "pcomp")) if tree[k].lemma in _ACCUSING[tree[v].lemma == "charge"]]
    return heads


def _own_words(tree: Tree, v: int) -> set[int]:
    """The verb with its subject and auxiliaries: never content, wherever the parse hung them."""
    subject = tree.kid(v, SUBJECTS)
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


def _passive(tree: Tree, v: int) -> Iterable[Claim]:
    """ "Rebels were accused by the army of looting", "it was reported that ...", "he is said to have left"."""
    lemma = tree[v].lemma
    agent = tree.kid(v, ("agent",))
    source = None if agent is None else tree.kid(agent, ("pobj",))
    if source is None and (tree[v].dep in {"acl", "amod"} or lemma in cues.TELL or lemma == "call"):
        return
    if source is not None and tree[v].dep == "advcl":
        yield Claim(v, source, runs(tree, tree.subtree(tree[v].head) - tree.subtree(v)))
        return
    subject = tree.kid(v, SUBJECTS)
    if subject is None and tree[v].dep == "conj":
        subject = tree.kid(tree[v].head, SUBJECTS)
    heads = tree.kids(v, ("ccomp", "xcomp", "oprd"))
    beside = tree.kids(v, ("prep",)) + (tree.kids(source, ("prep",)) if source is not None else [])
    heads += [k for k in beside if lemma in cues.BLAME and tree[k].lemma in {"of", "for", "with"}]
    if not heads and source is None:
        return
    found = {i for head in heads for i in tree.subtree(head)}
    if subject is not None and tree[subject].lemma != "it":
        found |= tree.subtree(subject)
    elif subject is None and tree[v].dep == "acl":
        found.add(tree[v].head)
    if source is None:
        yield Claim(v, None, whole(tree, found), "reports")
    else:
        yield Claim(v, source, runs(tree, found), "denies" if lemma in cues.DENY else "asserts")


def _cited(tree: Tree, i: int, found: Sequence[Claim]) -> Iterable[Claim]:
    """ "SANA said, citing residents" and "TASS quoted the minister as saying": those cited speak, through the other."""
    if tree[i].lemma not in cues.CITE or tree[i].pos != "VERB":
        return
    if tree.kid(i, ("auxpass",)) is not None:
        by = next((k for k in tree.subtree(i) if tree[k].lemma == "by" and tree[k].dep in {"agent", "prep"}), None)
        through = None if by is None else tree.kid(by, ("pobj",))
        yield from (replace(c, through=through) for c in found if c.cue in tree.subtree(i) and c.cue > i)
        return
    cited = tree.kid(i, ("dobj",)) or _object_after(tree, i)
    if cited is None or not can_speak(tree, cited):
        return
    beside = [c for c in found if c.cue != i and c.source is not None and not c.attitude and c.source != cited]
    holding = [c for c in beside if not c.covers(i) and tree[c.cue].lemma in cues.SAY and _near(tree, c.cue, i)]
    saying = next((c for c in holding if i < c.cue and c.source in {None, subject_of(tree, i)} | tree.subtree(i)), None)
    claim = saying or min(holding, key=lambda c: abs(c.cue - i), default=None)
    if claim is not None and (tree[i].tag == "VBG" or claim is saying):
        through = claim.source if claim.source not in tree.subtree(cited) else subject_of(tree, i)
        yield Claim(claim.cue, cited, claim.content, claim.stance, through=through)


def _near(tree: Tree, cue: int, i: int) -> bool:
    """ "quoted a doctor, whom it did not name, as saying": however far."""
    return abs(cue - i) <= _NEAR or (cue > i and tree[cue].text == "saying" and tree[cue - 1].text == "as")


def _object_after(tree: Tree, i: int) -> int | None:
    """The noun right after a verb, whatever the parse made of it."""
    return next((k for k in range(i + 1, min(i + 4, len(tree))) if tree[k].tag in {"NNS", "NNP", "NNPS"}), None)


def _share_speakers(tree: Tree, found: list[Claim]) -> list[Claim]:
    """ "Four died, a doctor said, adding that ...": the doctor adds, whatever "adding" hangs on."""
    cued = {c.cue for c in found}
    shared = []
    for claim in found:
        earlier = [c for c in found if c.cue < claim.cue and c.source is not None and tree[c.cue].tag in FINITE]
        governor = next((a for a in tree.ancestors(claim.cue) if tree[a].pos in {"VERB", "AUX"}), None)
        floats = tree[claim.cue].tag == "VBG" and tree[claim.cue].lemma in cues.SAY and governor not in cued
        if floats and earlier and tree.kid(claim.cue, SUBJECTS) is None:
            claim = replace(claim, source=earlier[-1].source, words=earlier[-1].words)
        shared.append(claim)
    return shared
