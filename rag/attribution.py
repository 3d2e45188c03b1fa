"""An article's sentences → who says what in them: speaker, those between, stance. Pure over stored tokens.

Words that no `Said` covers are the outlet's own voice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag import cues
from rag.claims import Claim, find_claims, named_source, subject_of
from rag.quotations import Quotation, find_quotations
from rag.speakers import Cast, Mention
from rag.trees import Tree
from rag.types import Attribution, Sentence, Stance, Tokens

OUTLET = Attribution()
_COVERED = 0.6  # share of a span that a content must cover to be its source
_STATING = frozenset("issue discuss release record speak talk post give address put deliver hold".split())


@dataclass(frozen=True, slots=True)
class Said:
    """One stretch of somebody's words or of what they are said to hold. All offsets are the article's."""

    start: int
    end: int
    attribution: Attribution
    cue: str  # the word that hands the voice over, as it stands
    speaker_span: tuple[int, int] | None  # the words that name the speaker there: a name, "he", "who"


@dataclass(frozen=True, slots=True)
class _Voice:
    """A claim with its speaker found."""

    claim: Claim
    mention: Mention | None
    listener: str | None


def attribute(sentences: Sequence[Sentence], tokens: Sequence[Tokens], outlet: str | None) -> list[tuple[Said, ...]]:
    """What is said by whom, sentence by sentence. `sentences` are a whole article's in order, `tokens` their parses."""
    if len(sentences) != len(tokens):
        raise ValueError(f"{len(sentences)} sentences with {len(tokens)} parses")
    trees = [Tree(each) for each in tokens]
    cast = Cast(trees, [s.start for s in sentences], [s.text for s in sentences])
    quotations = find_quotations(sentences)
    found: list[list[Said]] = []
    last: Mention | None = None
    for n, (sentence, tree) in enumerate(zip(sentences, trees, strict=True)):
        quoted = _quoted_runs(sentence, tree, quotations)
        voices = _voices(cast, n, tree, quoted, last)
        found.append(_said(sentence, tree, voices, outlet))
        last = _last_speaker(voices, quoted) or last
    _carry(sentences, trees, cast, quotations, found)
    return [tuple(each) for each in found]


def attribution_at(said: Sequence[Said], start: int, end: int) -> Attribution:
    """Who says `start:end` (article offsets): the innermost content over it; the outlet itself where there is none."""
    over = [s for s in said if min(s.end, end) - max(s.start, start) >= _COVERED * (end - start)]
    if not over:
        return OUTLET
    return min(reversed(over), key=lambda s: s.end - s.start).attribution


# --- one sentence -----------------------------------------------------------------------------


def _quoted_runs(sentence: Sentence, tree: Tree, quotations: Sequence[Quotation]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for start, end in quotations:
        inside = [
            i for i, t in enumerate(tree.tokens) if start <= sentence.start + t.start and sentence.start + t.end <= end
        ]
        if inside and start < sentence.end and end > sentence.start:
            runs.append((inside[0], inside[-1] + 1))
    return runs


def _voices(cast: Cast, n: int, tree: Tree, quoted: Sequence[tuple[int, int]], last: Mention | None) -> list[_Voice]:
    voices: list[_Voice] = []
    for claim in find_claims(tree, quoted):
        in_quote = any(start <= claim.cue < end for start, end in quoted)
        if claim.source is None:
            voices.append(_Voice(claim, None, None))
            continue
        source = _behind(tree, claim.source)
        if tree[source].text.lower() in cues.FIRST_PERSON or tree[source].text.lower() == "you":
            continue
        mention = cast.mention(n, source, last)
        if in_quote and mention.name is None:
            continue  # the quotation's own speaker is nearer the truth than nobody
        voices.append(_Voice(claim, mention, _press(cast, n, claim.listener)))
    return voices


def _behind(tree: Tree, source: int) -> int:
    """ "a statement by X said": X. What has nobody behind it ("the report said") speaks for itself."""
    if tree[source].lemma not in cues.DOCUMENTS:
        return source
    named = named_source(tree, source)
    return source if named is None or tree[named].pos == "PRON" else named


def _press(cast: Cast, n: int, listener: int | None) -> str | None:
    if listener is None:
        return None
    name = cast.mention(n, listener, None).name
    return name if name is not None and cues.is_press(name) else None


def _last_speaker(voices: Sequence[_Voice], quoted: Sequence[tuple[int, int]]) -> Mention | None:
    outside = [
        voice.mention
        for voice in voices
        if voice.mention is not None
        and voice.mention.name is not None
        and not any(start <= voice.claim.cue < end for start, end in quoted)
    ]
    return outside[-1] if outside else None


def _said(sentence: Sentence, tree: Tree, voices: Sequence[_Voice], outlet: str | None) -> list[Said]:
    found = []
    for voice in voices:
        attribution = _attribution(voice, voices, outlet)
        if attribution == OUTLET:
            continue
        span = None if voice.mention is None else (voice.mention.start, voice.mention.end)
        for start, end in voice.claim.content:
            at, to = sentence.start + tree[start].start, sentence.start + tree[end - 1].end
            found.append(Said(at, to, attribution, tree[voice.claim.cue].text, span))
    return found


def _attribution(voice: _Voice, voices: Sequence[_Voice], outlet: str | None) -> Attribution:
    around = _enclosing(voice, voices)
    if voice.mention is None:  # hearsay is the word of whoever passes it on
        passing = _attribution(around, voices, outlet) if around is not None else OUTLET
        return Attribution(passing.speaker, passing.via, voice.claim.stance)
    chain = [voice.mention.name, voice.listener]
    while around is not None:
        chain += [around.mention.name if around.mention else None, around.listener]
        around = _enclosing(around, voices)
    names = [name for k, name in enumerate(chain) if name and name not in chain[:k]]
    speaker = names[0] if names and names[0] == voice.mention.name else None
    others = tuple(name for name in names if name != speaker and not same_outlet(name, outlet))
    if speaker is not None and same_outlet(speaker, outlet):
        return Attribution(others[0], others[1:], voice.claim.stance) if others else OUTLET
    return Attribution(speaker, others, _stance(voice))


def _stance(voice: _Voice) -> Stance:
    if voice.claim.stance == "asserts" and (voice.mention is None or voice.mention.unnamed):
        return "reports"
    return voice.claim.stance


def _enclosing(voice: _Voice, voices: Sequence[_Voice]) -> _Voice | None:
    """The claim inside which this one is made: the smallest larger one whose content holds its cue."""
    size = _size(voice.claim)
    over = [v for v in voices if v is not voice and v.claim.covers(voice.claim.cue) and _size(v.claim) > size]
    return min(over, key=lambda v: _size(v.claim), default=None)


def _size(claim: Claim) -> int:
    return sum(end - start for start, end in claim.content)


def same_outlet(name: str, outlet: str | None) -> bool:
    """Whether a name means the article's own outlet: "AP" is "The News (AP)", and so is "Associated Press"."""
    if outlet is None:
        return False
    own = {_plain(part) for part in [outlet, *outlet.replace(")", "(").split("(")] if part.strip()}
    initials = "".join(word[0] for word in name.removeprefix("the ").split() if word[:1].isupper()).lower()
    return _plain(name) in own or (len(initials) > 1 and " " in name and initials in own)


def _plain(name: str) -> str:
    return name.lower().strip().removeprefix("the ")


# --- quotations over several sentences --------------------------------------------------------


def _carry(
    sentences: Sequence[Sentence],
    trees: Sequence[Tree],
    cast: Cast,
    quotations: Sequence[Quotation],
    found: list[list[Said]],
) -> None:
    """Give the rest of a quotation the speaker of the part that names one, or of the sentence beside it."""
    for start, end in quotations:
        over = [n for n, s in enumerate(sentences) if s.start < end and s.end > start]
        if not over:
            continue
        bare = [n for n in over if not any(said.start < end and said.end > start for said in found[n])]
        owner = _owner(start, end, [said for n in over for said in found[n]])
        if owner is None and len(bare) == len(over) and _only_quotation(sentences, over, start, end):
            owner = _beside(sentences, trees, cast, found, over)
        if owner is not None:
            for n in bare:
                at, to = max(start, sentences[n].start), min(end, sentences[n].end)
                found[n].append(Said(at, to, owner.attribution, owner.cue, owner.speaker_span))


def _owner(start: int, end: int, said: Sequence[Said]) -> Said | None:
    outside = [s for s in said if s.speaker_span is not None and not start <= s.speaker_span[0] < end]
    return next((s for s in outside if s.start < end and s.end > start), None)


def _only_quotation(sentences: Sequence[Sentence], over: Sequence[int], start: int, end: int) -> bool:
    whole = sum(sentences[n].end - sentences[n].start for n in over)
    return min(end, sentences[over[-1]].end) - max(start, sentences[over[0]].start) >= 0.85 * whole


def _beside(
    sentences: Sequence[Sentence],
    trees: Sequence[Tree],
    cast: Cast,
    found: Sequence[Sequence[Said]],
    over: Sequence[int],
) -> Said | None:
    before, after = over[0] - 1, over[-1] + 1
    if before >= 0 and (said := _last_named(found[before])) is not None:
        return said
    if before >= 0 and (said := _statement(sentences[before], trees[before], cast, before)) is not None:
        return said
    if after < len(sentences) and sentences[after].block == sentences[over[0]].block:
        return next((s for s in found[after] if s.speaker_span is not None), None)
    return None


def _last_named(said: Sequence[Said]) -> Said | None:
    return next((s for s in reversed(said) if s.speaker_span is not None), None)


def _statement(sentence: Sentence, tree: Tree, cast: Cast, n: int) -> Said | None:
    """ "X issued a statement." before a quotation that stands alone."""
    root = tree.root()
    subject = subject_of(tree, root)
    if subject is None or tree[root].lemma not in _STATING | cues.SAY:
        return None
    mention = cast.mention(n, subject, None)
    if mention.name is None or tree[subject].pos == "PRON":
        return None
    stance: Stance = "reports" if mention.unnamed else "asserts"
    attribution = Attribution(mention.name, (), stance)
    return Said(sentence.start, sentence.end, attribution, tree[root].text, (mention.start, mention.end))
