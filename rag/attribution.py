"""An article's sentences → who says what in them: speaker, those between, stance. Pure over stored tokens.

Words that no `Said` covers are the outlet's own voice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag import cues
from rag.claim import Claim
from rag.claims import find_claims
from rag.nouns import named_source
from rag.quotations import Quotation, find_quotations, find_turns
from rag.speakers import Cast, Mention
from rag.subjects import subject_of
from rag.trees import Tree, mend
from rag.types import Attribution, Sentence, Stance, Tokens

OUTLET = Attribution()
_SHORT = 6  # words; a shorter quotation alone in its paragraph is more likely a heading
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
    attitude: bool = False  # wanted, backed or refused by the speaker, but told by the outlet: not their word


@dataclass(frozen=True, slots=True)
class Voice:
    """A claim with its speaker found."""

    claim: Claim
    mention: Mention | None
    listener: str | None


def attribute(sentences: Sequence[Sentence], tokens: Sequence[Tokens], outlet: str | None) -> list[tuple[Said, ...]]:
    """What is said by whom, sentence by sentence. `sentences` are a whole article's in order, `tokens` their parses."""
    if len(sentences) != len(tokens):
        raise ValueError(f"{len(sentences)} sentences with {len(tokens)} parses")
    trees = [Tree(mend(each, cues.SAY)) for each in tokens]
    quotations = find_quotations(sentences)
    cast = Cast(trees, [s.start for s in sentences], [s.text for s in sentences], quotations)
    found: list[list[Said]] = []
    last: Mention | None = None
    for n, (sentence, tree) in enumerate(zip(sentences, trees, strict=True)):
        quoted = _quoted_runs(sentence, tree, quotations)
        voices = _voices(cast, n, tree, quoted, last)
        found.append(_said(sentence, tree, voices, outlet))
        last = _last_speaker(voices, quoted) or last
    page = _Page(sentences, trees, cast, found)
    _carry(page, quotations)
    _carry_blocks(page)
    _take_turns(page)
    return [tuple(each) for each in found]


def attribution_at(said: Sequence[Said], start: int, end: int) -> Attribution:
    """Who says `start:end` (article offsets): the innermost content over it; the outlet itself where there is none.

    Attitudes do not count: that they want something is the outlet's word, or that of whoever speaks around it.
    """
    over = [s for s in said if not s.attitude and min(s.end, end) - max(s.start, start) >= _COVERED * (end - start)]
    if not over:
        return OUTLET
    return min(reversed(over), key=lambda s: s.end - s.start).attribution


# --- one sentence -----------------------------------------------------------------------------


def _quoted_runs(sentence: Sentence, tree: Tree, quotations: Sequence[Quotation]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for start, end in quotations:
        if start >= sentence.end or end <= sentence.start:
            continue
        inside = [
            i for i, t in enumerate(tree.tokens) if start <= sentence.start + t.start and sentence.start + t.end <= end
        ]
        if inside:
            runs.append((inside[0], inside[-1] + 1))
    return runs


def _voices(cast: Cast, n: int, tree: Tree, quoted: Sequence[tuple[int, int]], last: Mention | None) -> list[Voice]:
    voices: list[Voice] = []
    for claim in find_claims(tree, quoted):
        in_quote = any(start <= claim.cue < end for start, end in quoted)
        if claim.source is None:
            voices.append(Voice(claim, None, None))
            continue
        source = _behind(tree, claim.source)
        if tree[source].text.lower() in cues.FIRST_PERSON:
            if not in_quote:  # the writer: the outlet's own voice, and no statement that it passes on
                voices.append(Voice(replace(claim, attitude=True), cast.mention(n, source), None))
            continue
        words = claim.words if source == claim.source else None
        around = _speaking_before(claim, voices, quoted) if in_quote else _speaking_around(claim, voices)
        before = around or (None if in_quote else _in_this_sentence(tree, source, voices) or last)
        mention = cast.mention(n, source, before, words, nested=around is not None)
        if in_quote and mention.name is None:
            continue  # the quotation's own speaker is nearer the truth than nobody
        if source != claim.source and not in_quote:  # "a poll by X found": both words name who says it
            said_by = cast.mention(n, claim.source)
            first, last_word = min(said_by.start, mention.start), max(said_by.end, mention.end)
            mention = replace(mention, start=first, end=last_word)
        through = None if claim.through is None else cast.mention(n, claim.through, last).name
        voices.append(Voice(claim, mention, through or _press(cast, n, claim.listener)))
    return voices


def _in_this_sentence(tree: Tree, source: int, voices: Sequence[Voice]) -> Mention | None:
    """ "The Front calls it a tale, it says": the one that a pronoun means has spoken in the same sentence."""
    if tree[source].text.lower() not in cues.NEUTER | cues.PLURAL:
        return None
    named = [
        v.mention for v in voices if v.mention and v.mention.name and v.claim.cue < source and not v.claim.attitude
    ]
    return named[-1] if named else None


def _speaking_around(claim: Claim, voices: Sequence[Voice]) -> Mention | None:
    """ "X said he thought ...": the speaker inside whose claim this one stands."""
    around = [v.mention for v in voices if v.mention is not None and v.mention.name and v.claim.covers(claim.cue)]
    return around[-1] if around else None


def _speaking_before(claim: Claim, voices: Sequence[Voice], quoted: Sequence[tuple[int, int]]) -> Mention | None:
    """The last to speak inside the quotation that the claim stands in."""
    start = next(start for start, end in quoted if start <= claim.cue < end)
    before = [v.mention for v in voices if v.mention is not None and start <= v.claim.cue < claim.cue]
    return before[-1] if before else None


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


def _last_speaker(voices: Sequence[Voice], quoted: Sequence[tuple[int, int]]) -> Mention | None:
    outside = [
        voice.mention
        for voice in voices
        if voice.mention is not None
        and voice.mention.name is not None
        and not voice.claim.attitude
        and not any(start <= voice.claim.cue < end for start, end in quoted)
    ]
    return outside[-1] if outside else None


def _said(sentence: Sentence, tree: Tree, voices: Sequence[Voice], outlet: str | None) -> list[Said]:
    found = []
    for voice in voices:
        attribution = resolve(voice, voices, outlet)
        if attribution == OUTLET:
            continue
        span = None if voice.mention is None else (voice.mention.start, voice.mention.end)
        for start, end in voice.claim.content:
            at, to = sentence.start + tree[start].start, sentence.start + tree[end - 1].end
            found.append(Said(at, to, attribution, tree[voice.claim.cue].text, span, voice.claim.attitude))
    return found


def resolve(voice: Voice, voices: Sequence[Voice], outlet: str | None) -> Attribution:
    around = _enclosing(voice, voices)
    if voice.mention is None or (
        voice.mention.name is None and around is not None
    ):  # hearsay is the word of whoever passes it on
        passing = resolve(around, voices, outlet) if around is not None else OUTLET
        return Attribution(passing.speaker, passing.via, "reports")
    chain = [voice.mention.name, voice.listener]
    while around is not None:
        chain += [around.mention.name if around.mention else None, around.listener]
        around = _enclosing(around, voices)
    names = [name for k, name in enumerate(chain) if name and name not in chain[:k]]
    speaker = names[0] if names and names[0] == voice.mention.name else None
    others = tuple(name for name in names if name != speaker and _somebody(name) and not same_outlet(name, outlet))
    if speaker is not None and same_outlet(speaker, outlet):
        return Attribution(others[0], others[1:], voice.claim.stance) if others else OUTLET
    return Attribution(speaker, others, _stance(voice))


def _somebody(name: str) -> bool:
    """Whether a name can pass words on: "preliminary data" cannot."""
    return any(word[:1].isupper() for word in name.split()) or cues.is_press(name.capitalize())


def _stance(voice: Voice) -> Stance:
    if voice.claim.stance == "asserts" and (voice.mention is None or voice.mention.unnamed):
        return "reports"
    return voice.claim.stance


def _enclosing(voice: Voice, voices: Sequence[Voice]) -> Voice | None:
    """The claim inside which this one is made: the smallest larger one whose content holds its cue.

    Hearsay encloses nobody: it has no name to give, and two claims that hold each other's cues would never end.
    """
    size = -1 if voice.mention is None else _size(voice.claim)
    over = [
        v
        for v in voices
        if v is not voice and v.mention is not None and not v.claim.attitude and v.claim.stance != "denies"
        if v.claim.covers(voice.claim.cue) and _size(v.claim) > size
    ]
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


@dataclass(frozen=True, slots=True)
class _Page:
    """What is known of an article while quotations are given their speakers."""

    sentences: Sequence[Sentence]
    trees: Sequence[Tree]
    cast: Cast
    found: list[list[Said]]

    def over(self, start: int, end: int) -> list[int]:
        return [n for n, s in enumerate(self.sentences) if s.start < end and s.end > start]


def _carry(page: _Page, quotations: Sequence[Quotation]) -> None:
    """Give the rest of a quotation the speaker of the part that names one, or of the sentence beside it."""
    for start, end in quotations:
        over = page.over(start, end)
        outside = [s for n in over for s in page.found[n] if not _inside(s, start, end)]
        speaking = [s for s in outside if s.start < end and s.end > start and not s.attitude]
        owner = max(speaking, key=lambda s: (min(s.end, end) - max(s.start, start), s.start - s.end), default=None)
        if owner is None and over and _only_quotation(page.sentences, over, start, end):
            owner = _beside(page, over)
        if owner is not None:
            _give(page, owner, start, end)


def _give(page: _Page, owner: Said, start: int, end: int) -> None:
    """Lay `owner` under everything in `start:end`; who speaks inside it already now speaks through the owner."""
    for n in page.over(start, end):
        at, to = max(start, page.sentences[n].start), min(end, page.sentences[n].end)
        inner = [s for s in page.found[n] if _inside(s, start, end)]
        rest = [s for s in page.found[n] if not _inside(s, start, end)]
        if not any(s.start < to and s.end > at and s.speaker_span == owner.speaker_span for s in rest):
            rest.append(Said(at, to, owner.attribution, owner.cue, owner.speaker_span))
        page.found[n][:] = rest + [replace(s, attribution=_through(s.attribution, owner.attribution)) for s in inner]


def _inside(said: Said, start: int, end: int) -> bool:
    """Whether the quotation itself hands the voice over: its speaker is named there, or nobody is."""
    at = said.start if said.speaker_span is None else said.speaker_span[0]
    return start <= at < end


def _through(inner: Attribution, outer: Attribution) -> Attribution:
    if inner.speaker is None:
        return Attribution(outer.speaker, outer.via, inner.stance)
    chain = [name for name in (outer.speaker, *outer.via) if name and name not in (inner.speaker, *inner.via)]
    return Attribution(inner.speaker, (*inner.via, *chain), inner.stance)


def _only_quotation(sentences: Sequence[Sentence], over: Sequence[int], start: int, end: int) -> bool:
    whole = sum(sentences[n].end - sentences[n].start for n in over)
    return min(end, sentences[over[-1]].end) - max(start, sentences[over[0]].start) >= 0.85 * whole


def _beside(page: _Page, over: Sequence[int]) -> Said | None:
    before, after = over[0] - 1, over[-1] + 1
    block = page.sentences[over[0]].block
    words = sum(len(page.sentences[n].text.split()) for n in over)
    if before >= 0 and (page.sentences[before].block == block or words >= _SHORT):
        said = _last_voice(page.found[before]) or _statement(page, before)
        if said is not None:
            return said
    if after < len(page.sentences) and page.sentences[after].block == block:
        return next((s for s in page.found[after] if s.speaker_span is not None and not s.attitude), None)
    return None


def _last_voice(found: Sequence[Said]) -> Said | None:
    """The last speaker of a sentence who does not speak inside somebody else's words."""
    speaking = [s for s in found if s.speaker_span is not None and not s.attitude]
    outer = [s for s in speaking if not any(_inside(s, o.start, o.end) for o in speaking if o is not s)]
    return outer[-1] if outer else None


def _statement(page: _Page, n: int) -> Said | None:
    """ "X issued a statement." before a quotation that stands alone."""
    sentence, tree = page.sentences[n], page.trees[n]
    root = tree.root()
    subject = subject_of(tree, root)
    if subject is None or tree[root].lemma not in _STATING | cues.SAY or tree[subject].pos == "PRON":
        return None
    mention = page.cast.mention(n, subject, None)
    stance: Stance = "reports" if mention.unnamed else "asserts"
    attribution = Attribution(mention.name, (), stance)
    return Said(sentence.start, sentence.end, attribution, tree[root].text, (mention.start, mention.end))


def _carry_blocks(page: _Page) -> None:
    """ "He added:" at the end of a paragraph hands over the whole next one."""
    for n, sentence in enumerate(page.sentences[:-1]):
        following = page.sentences[n + 1]
        if not sentence.text.endswith(":") or following.block == sentence.block:
            continue
        said = _last_voice(page.found[n]) or _statement(page, n)
        last = max(s.end for s in page.sentences if s.block == following.block)
        if said is not None and not any(s.speaker_span and not s.attitude for s in page.found[n + 1]):
            _give(page, said, following.start, last)
    _carry_labels(page)


def _carry_labels(page: _Page) -> None:
    """ "Harbour Master: ..." opens a paragraph that is all theirs."""
    for n, sentence in enumerate(page.sentences):
        label = next((s for s in page.found[n] if s.cue == ":" and s.speaker_span), None)
        opens = n == 0 or page.sentences[n - 1].block != sentence.block
        if label is not None and opens:
            last = max(s.end for s in page.sentences if s.block == sentence.block)
            _give(page, label, label.start, last)


def _take_turns(page: _Page) -> None:
    for (start, end), words in find_turns(page.sentences):
        n = page.over(start, end)[0]
        sentence = page.sentences[n]
        name = page.cast.full(sentence.text[start - sentence.start : end - sentence.start])
        _give(page, Said(*words, Attribution(name), ":", (start, end)), *words)
