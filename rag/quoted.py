"""Which claim a sentence's quotations belong to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rag import cues
from rag.claim import Claim, runs
from rag.subjects import SUBJECTS, stance_of, told_by
from rag.tails import FINITE, find_name, name_head
from rag.trees import OPENERS, Tree


def take_quotations(tree: Tree, found: list[Claim], quoted: Sequence[tuple[int, int]], inside: set[int]) -> list[Claim]:
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
            found[found.index(continued)] = replace(continued, content=runs(tree, grown))
            continue
        if words < 4 and not set_off:
            continue
        if not speakers and set_off:
            speakers = _any_verb(tree, start, end, inside)
            found.extend(speakers)
        if speakers:
            nearest = min(speakers, key=lambda c: (min(abs(c.cue - start), abs(c.cue - end)), c.cue))
            grown = {i for a, b in (*nearest.content, (start, end)) for i in range(a, b)}
            found[found.index(nearest)] = replace(nearest, content=runs(tree, grown))
    return found


def _set_off(tree: Tree, start: int, end: int) -> bool:
    """Whether a quotation stands as speech: after a comma or colon, or closed by one ("We stay," she shrugs)."""
    before = next((tree[i].text for i in range(start - 1, -1, -1) if tree[i].text not in OPENERS), "")
    spoken = start > 1 and tree[start - 2].lemma in cues.SAY and tree[start - 2].pos == "VERB"
    return spoken or before in {",", ":"} or (end < len(tree) - 2 and tree[end - 1].text in {",", "?", "!"})


def _to_its_end(tree: Tree, claim: Claim, start: int, end: int) -> Claim:
    """A claim that reaches into a quotation from before it holds all of it."""
    halves = any(a < start < b < end for a, b in claim.content)
    if not halves or start <= claim.cue < end or claim.attitude:
        return claim
    return replace(claim, content=runs(tree, {i for a, b in (*claim.content, (start, end)) for i in range(a, b)}))


def closing_a_quotation(tree: Tree, claim: Claim, quoted: Sequence[tuple[int, int]]) -> Claim:
    """ "...," the harbour master of Oslo said: who stands between the closing mark and the verb has said it."""
    words = _between(tree, claim.cue, quoted)
    if words is None or claim.source is None or words[0] <= claim.source < claim.cue or claim.attitude:
        return claim
    return replace(claim, source=name_head(tree, *words), words=words)


def unparsed(tree: Tree, v: int, quoted: Sequence[tuple[int, int]]) -> Iterable[Claim]:
    """The same where the parse gave the verb no subject at all."""
    words = _between(tree, v, quoted)
    if words is not None:
        before = tuple(run for run in quoted if run[1] <= words[0])
        yield Claim(v, name_head(tree, *words), before[-1:], stance_of(tree, v), told_by(tree, v), words)


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
