"""One parsed sentence → the claims in it: whose word covers which words. Knows nothing of the rest of the article.

Dependency rules over ClearNLP labels, in the manner of rule-based quotation attribution (Muzny and others, EACL 2017;
Newell and others, LREC 2018); the cue words are in `cues`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rag import cues
from rag.attitudes import attitudes
from rag.subjects import SUBJECTS, can_speak, subject_of
from rag.tails import FINITE, Tail, find_name, find_opening, find_tail, name_head
from rag.trees import OPENERS, Tree
from rag.types import Stance

_ASIDES = frozenset({"relcl", "acl", "advcl", "pcomp", "amod"})
_IDIOMS = {("claim", "life"), ("claim", "victim"), ("claim", "gunfire"), ("charge", "fee")}
_ACCUSING = ({"of", "for", "as"}, {"of", "for", "as", "with"})  # the second with "charge"
_NEAR = 10  # tokens between "citing" and the verb that it stands beside
_NAMED = 6  # tokens before the colon of a headline that names who says it
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
    words: tuple[int, int] | None = None  # all words of the source, where the parse cannot be trusted for them
    through: int | None = None  # head of the words that name who passes it on, where the verb says so itself
    attitude: bool = False  # not said by the source: the outlet tells what they want, back or refuse

    def covers(self, i: int) -> bool:
        return any(start <= i < end for start, end in self.content)


def find_claims(tree: Tree, quoted: Sequence[tuple[int, int]] = ()) -> list[Claim]:
    """A sentence's claims in the order of their cues. `quoted` are its runs of quoted tokens, without the marks."""
    inside = {i for start, end in quoted for i in range(start, end)}
    found = [claim for i in range(len(tree)) for claim in _claims_at(tree, i, inside)]
    found += [claim for claim in _headed(tree) if not found or 0 not in inside]
    found = [_closing_a_quotation(tree, claim, quoted) for claim in found]
    named = {claim.cue for claim in found}
    found += [c for v in range(len(tree)) if v not in inside | named for c in _unparsed(tree, v, quoted)]
    found = _share_speakers(tree, _take_quotations(tree, found, quoted, inside))
    found = [claim for claim in found if claim.content]
    cited = [c for i in range(len(tree)) if i not in inside for c in _cited(tree, i, found)]
    return [*sorted((c for c in found if c.cue not in {e.cue for e in cited}), key=lambda c: c.cue), *cited]


def _claims_at(tree: Tree, i: int, inside: set[int]) -> Iterable[Claim]:
    token = tree[i]
    if token.pos in {"VERB", "AUX"}:
        yield from _verb(tree, i, inside)
    elif token.pos == "NOUN":
        yield from _noun(tree, i)
        yield from _held(tree, i)
    elif token.lemma in cues.HEDGES and token.pos == "ADV":
        yield Claim(i, None, _whole(tree, tree.subtree(token.head)), "reports")
    if token.text.lower() in {"according", "accord"}:
        yield from _according(tree, i)
    elif token.lemma in cues.VIEWS and token.dep == "pobj":
        yield from _in_the_view(tree, i)


def _runs(tree: Tree, indices: Iterable[int]) -> tuple[tuple[int, int], ...]:
    return tuple(tree.runs(indices))


def _whole(tree: Tree, indices: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """One run from the first of `indices` to the last: the words that hedge stand amid what they hedge."""
    found = sorted(indices)
    return tuple(tree.runs(range(found[0], found[-1] + 1))) if found else ()


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
        yield Claim(v, tail.source, _runs(tree, content), _stance(tree, v), _listener(tree, v), tail.words)
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
        yield Claim(v, source, _runs(tree, content), _stance(tree, v), _listener(tree, v))
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
        yield Claim(i, source, _runs(tree, about), attitude=True)


def _reduced_passive(tree: Tree, v: int) -> bool:
    """ "the man accused of theft", "the plan announced on Monday"."""
    if tree[v].tag not in {"VBN", "VBD"} or tree.kid(v, ("nsubj", "aux")) is not None:
        return False
    joined = tree[v].tag == "VBN" and tree[v].dep == "conj" and tree.kid(tree[v].head, ("auxpass",)) is not None
    return joined or tree[v].dep in {"acl", "amod"}


def _content(tree: Tree, v: int) -> set[int]:
    lemma = tree[v].lemma
    heads = tree.kids(v, _CLAUSES) if lemma in cues.SAY or lemma in cues.THINK else []
    if lemma == "make":
        return _made_clear(tree, v)
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


def _stance(tree: Tree, v: int) -> Stance:
    negated = tree.kid(v, ("neg",)) is not None
    if tree[v].lemma in cues.DENY:
        return "reports" if negated else "denies"
    if negated:
        return "denies" if tree[v].lemma in cues.THINK else "reports"
    return "asserts"


def _listener(tree: Tree, v: int) -> int | None:
    """Who is told: by the verb itself, by the speaker "who spoke to" them, or "in an interview with" them."""
    source = subject_of(tree, v)
    own = _told(tree, v)
    if own is not None or source is None:
        return own
    spoken = [k for k in tree.kids(source, ("relcl",)) if k != v] + [a for a in tree.ancestors(source) if a != v][:1]
    spoken += [k for k in range(len(tree)) if tree[k].lemma == "interview" and tree[k].pos == "NOUN"]
    found = (_told(tree, k) for k in spoken if tree[k].lemma in {"speak", "talk", "interview"})
    return next((k for k in found if k is not None), None)


def _told(tree: Tree, v: int) -> int | None:
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
        yield Claim(v, None, _whole(tree, found), "reports")
    else:
        yield Claim(v, source, _runs(tree, found), "denies" if lemma in cues.DENY else "asserts")


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
    holding = [c for c in beside if not c.covers(i) and tree[c.cue].lemma in cues.SAY and abs(c.cue - i) <= _NEAR]
    saying = next((c for c in holding if i < c.cue and c.source in {None, subject_of(tree, i)} | tree.subtree(i)), None)
    claim = saying or min(holding, key=lambda c: abs(c.cue - i), default=None)
    if claim is not None and (tree[i].tag == "VBG" or claim is saying):
        through = claim.source if claim.source not in tree.subtree(cited) else subject_of(tree, i)
        yield Claim(claim.cue, cited, claim.content, claim.stance, through=through)


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


# --- nouns, and "according to" ----------------------------------------------------------------


def _noun(tree: Tree, n: int) -> Iterable[Claim]:
    """ "X's claim that ...", "reports from X that ...", "X issued a statement that ..."."""
    if tree[n].lemma not in cues.NOUNS:
        return
    clause = next((k for k in tree.kids(n, ("acl", "ccomp", "relcl")) if _that(tree, k)), None)
    if clause is None and tree[n].dep == "nsubj" and tree[tree[n].head].lemma == "be":
        clause = tree.kid(tree[n].head, _CLAUSES)  # "the union's claim is that ..."
    if clause is None:
        return
    source = named_source(tree, n)
    if source is None:  # "a Reuters report", and "Lind claims that" where the parse took the verb for a noun
        source = next((k for k in tree.kids(n, ("compound", "nsubj")) if tree[k].pos == "PROPN"), None)
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
    named = _without_comma(tree, i, to)
    if named is not None:
        yield Claim(i, named.source, named.content, words=named.words)
        return
    own = tree.subtree(i) | tree.subtree(source) | {i, to or i}
    yield Claim(i, source, _runs(tree, _scope(tree, i) - own))


def _headed(tree: Tree) -> Iterable[Claim]:
    """ "Harbour Master: The crane was empty", as headlines have it."""
    colon = next((i for i in range(min(_NAMED, len(tree))) if tree[i].text == ":"), None)
    if colon is None or colon == 0 or colon + 3 > len(tree):
        return
    if all(tree[i].pos in {"PROPN", "NOUN", "ADJ"} for i in range(colon)):
        head = tree[colon - 1]
        if head.ent in {"PERSON", "ORG"} or head.lemma in cues.DOCUMENTS:
            yield Claim(colon, colon - 1, ((colon + 1, len(tree)),), words=(0, colon))


def _without_comma(tree: Tree, i: int, to: int | None) -> Tail | None:
    """ "According to the Port Authority the crane fell": a new "the" begins what it says."""
    opens = all(tree[k].pos in {"PUNCT", "CCONJ", "ADV", "SPACE"} for k in range(i))
    return find_opening(tree, to + 1) if opens and to is not None else None


def _in_the_view(tree: Tree, n: int) -> Iterable[Claim]:
    """ "in the union's view", "in his words"."""
    source, of = tree.kid(n, ("poss",)), tree[n].head
    if source is not None and tree[of].lemma in {"in", "by"}:
        yield Claim(n, source, _runs(tree, _scope(tree, of) - tree.subtree(of)))


def _scope(tree: Tree, i: int) -> set[int]:
    """What "according to" reaches: the sentence where it opens one or follows a comma, else its clause."""
    opens = all(tree[k].pos in {"PUNCT", "CCONJ", "ADV", "SPACE"} for k in range(i))
    if opens or tree[i - 1].text in {",", "”", "—", "–"}:
        return tree.subtree(tree.root())
    clauses = (a for a in tree.ancestors(i) if tree[a].pos in {"VERB", "AUX"} and tree[a].dep not in _ASIDES)
    return tree.subtree(next(clauses, tree.root()))


# --- quotations -------------------------------------------------------------------------------


def _set_off(tree: Tree, start: int, end: int) -> bool:
    """Whether a quotation stands as speech: after a comma or colon, or closed by one ("We stay," she shrugs)."""
    before = next((tree[i].text for i in range(start - 1, -1, -1) if tree[i].text not in OPENERS), "")
    spoken = start > 1 and tree[start - 2].lemma in cues.SAY and tree[start - 2].pos == "VERB"
    return spoken or before in {",", ":"} or (end < len(tree) - 2 and tree[end - 1].text in {",", "?", "!"})


def _take_quotations(
    tree: Tree, found: list[Claim], quoted: Sequence[tuple[int, int]], inside: set[int]
) -> list[Claim]:
    """Give every quotation of some length that no claim covers to the nearest speaking verb outside it."""
    for start, end in quoted:
        found = [_to_its_end(tree, claim, start, end) for claim in found]
        words = sum(tree[i].pos not in {"PUNCT", "SPACE"} for i in range(start, end))
        speakers = [c for c in found if c.cue not in inside and c.source is not None and _speaks(tree, c.cue)]
        if any(c.covers((start + end) // 2) for c in speakers):
            continue
        continued = next((c for c in found if any(start - 2 <= b <= start for _, b in c.content)), None)
        set_off = _set_off(tree, start, end)
        if continued is not None and not set_off:
            grown = {i for a, b in (*continued.content, (start, end)) for i in range(a, b)}
            found[found.index(continued)] = replace(continued, content=_runs(tree, grown))
            continue
        if words < 4 and not set_off:
            continue
        if not speakers and set_off:
            speakers = _any_verb(tree, start, end, inside)
            found.extend(speakers)
        if speakers:
            nearest = min(speakers, key=lambda c: (min(abs(c.cue - start), abs(c.cue - end)), c.cue))
            grown = {i for a, b in (*nearest.content, (start, end)) for i in range(a, b)}
            found[found.index(nearest)] = replace(nearest, content=_runs(tree, grown))
    return found


def _to_its_end(tree: Tree, claim: Claim, start: int, end: int) -> Claim:
    """A claim that reaches into a quotation from before it holds all of it."""
    halves = any(a < start < b < end for a, b in claim.content)
    if not halves or start <= claim.cue < end or claim.attitude:
        return claim
    return replace(claim, content=_runs(tree, {i for a, b in (*claim.content, (start, end)) for i in range(a, b)}))


def _closing_a_quotation(tree: Tree, claim: Claim, quoted: Sequence[tuple[int, int]]) -> Claim:
    """ "...," the harbour master of Oslo said: who stands between the closing mark and the verb has said it."""
    words = _between(tree, claim.cue, quoted)
    if words is None or claim.source is None or words[0] <= claim.source < claim.cue or claim.attitude:
        return claim
    return replace(claim, source=name_head(tree, *words), words=words)


def _unparsed(tree: Tree, v: int, quoted: Sequence[tuple[int, int]]) -> Iterable[Claim]:
    """The same where the parse gave the verb no subject at all."""
    words = _between(tree, v, quoted)
    if words is not None:
        before = tuple(run for run in quoted if run[1] <= words[0])
        yield Claim(v, name_head(tree, *words), before[-1:], _stance(tree, v), _told(tree, v), words)


def _between(tree: Tree, v: int, quoted: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """The name between a closing mark and the speech verb `v`."""
    closed = [run for run in quoted if run[1] < v]
    if not closed or tree[v].lemma not in cues.SAY or tree[v].tag not in FINITE or tree[v].pos != "VERB":
        return None
    start = closed[-1][1]
    while start < v and tree[start].pos in {"PUNCT", "SPACE"}:
        start += 1
    long_enough = closed[-1][1] - closed[-1][0] > 4 or tree[closed[-1][1] - 1].text in {",", "!", "?"}
    return find_name(tree, start, v) if long_enough and start > closed[-1][1] else None


def _any_verb(tree: Tree, start: int, end: int, inside: set[int]) -> list[Claim]:
    """The verb right beside a quotation that is set off speaks it, whatever the verb: "We stay," she shrugs."""
    for v in range(len(tree)):
        subject = tree.kid(v, SUBJECTS) if tree[v].pos == "VERB" and v not in inside else None
        if subject is None or subject in inside or tree[subject].lemma in cues.FIRST_PERSON:
            continue
        before = v < start and start - v <= 8 and tree[start - 2].text in {",", ":"}
        after = end <= v < end + 10 and min(v, *tree.subtree(subject)) <= end + 2
        if before or after:
            return [Claim(v, subject, ())]
    return []


def _speaks(tree: Tree, i: int) -> bool:
    return tree[i].lemma in cues.SAY or tree[i].lemma in cues.OBJECT or tree[i].text.lower() == "according"
