"""Evidence to candidate answers: which words answer, whose word it is, and the key by which answers are compared."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rag.asked import Asked, Day, times_in
from rag.attribution import Said, attribution_at
from rag.counted import counts, same_fate
from rag.quantities import Quantity, quantities
from rag.types import Attribution, Evidence, Span, Token
from rag.verdict import compared
from rag.words import STOP, content_words, names_in, stem, tokens, unify

SaidOf = Callable[[str, int], Sequence[Said]]
"""(article id, sentence number) → what is said by whom in it."""

BLAMING = frozenset("accuse blame charge condemn denounce fault".split())
WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
TIMELY = re.compile(
    r"\d|(?:day|week|month|year|night|morning|evening|noon)s?\b|\b(?:before|after|during|when)\b", re.IGNORECASE
)
SPEAKING = BLAMING | frozenset(
    "say claim tell report state announce declare argue warn insist add allege assert".split()
)
HELD = re.compile(r"\w?-(?:held|controlled|run|occupied)\b")  # says where: "rebel-held districts" did nothing
HOLDING = re.compile(r"\b(?:hold|held|control|run|rule|occup|own)", re.IGNORECASE)
PRONOUNS = frozenset("he she it they this that these those him her them his hers its their theirs such".split())


@dataclass(frozen=True, slots=True)
class Key:
    """What two answers are compared by. Empty where the answer has nothing of the kind."""

    text: str
    plain: str  # the same, a sentence's opening capital undone where it makes no name
    names: frozenset[str]  # roots of names, those of the question left out
    heads: frozenset[str]  # stems of the common nouns that head its phrases
    words: frozenset[str]  # stems of all content words, those of the question left out where others remain
    quantity: Quantity | None = None
    time: Day | None = None
    verdict: bool | None = None  # yes/no questions


@dataclass(frozen=True, slots=True)
class Candidate:
    evidence: Evidence
    start: int  # the answer's words, in article offsets
    end: int
    key: Key
    attribution: Attribution


def candidate(asked: Asked, evidence: Evidence, said_of: SaidOf) -> Candidate | None:
    """The sentence's answer, or None where it holds no answer of the kind that is asked for."""
    said = said_of(evidence.article.id, evidence.sentence.n)
    span = answer_span(asked, evidence, said)
    key = _key(asked, evidence, span) if span else None
    if span is None or key is None:
        return None
    return Candidate(evidence, span[0], span[1], key, _denial(said, span) or attribution_at(said, *span))


def _denial(said: Sequence[Said], span: tuple[int, int]) -> Attribution | None:
    """Where the answer names the one who denies, the position is their denial and not their deed."""
    denials = [s for s in said if s.attribution.stance == "denies" and s.speaker_span and _inside(span, s.speaker_span)]
    return denials[0].attribution if denials else None


# --- the answer's words -----------------------------------------------------------------------


def answer_span(asked: Asked, evidence: Evidence, said: Sequence[Said]) -> tuple[int, int] | None:
    """Article offsets. The one who speaks is not the answer, unless the question asks who speaks."""
    spans = evidence.reading.spans
    if asked.kind == "yesno":
        best = spans[0] if spans else None
        sentence = evidence.sentence
        return (best.start, best.end) if best else (sentence.start, sentence.end)
    if not spans:
        return None
    first = (spans[0].start, spans[0].end)
    if asked.kind in ("who", "what") and not asked.asks_speaker:
        speaking = _speaking(evidence, first, said)
        if speaking:
            told = _accused(evidence, speaking) or _other(spans, speaking)
            if told is None:
                return None  # who only speaks has done nothing
            first = told
    return _whole_list(evidence, first) if asked.kind == "who" else first


def _whole_list(evidence: Evidence, span: tuple[int, int]) -> tuple[int, int]:
    """Names joined by "and" are one answer: the reader may have marked one of them."""
    tokens_, base = evidence.tokens, evidence.sentence.start
    named = {i for i in _tokens_in(evidence, *span) if tokens_[i].pos == "PROPN"}
    joined = set(named)
    for _ in range(3):  # a list of four is long enough
        for i, t in enumerate(tokens_):
            if t.dep == "conj" and t.pos == "PROPN" and tokens_[t.head].pos == "PROPN" and {i, t.head} & joined:
                joined |= {i, t.head}
    if joined == named:
        return span
    parts = [p for i in joined for p in noun_phrase(tokens_, i)]
    low, high = base + tokens_[min(parts)].start, base + tokens_[max(parts)].end
    return min(span[0], low), max(span[1], high)


def _speaking(evidence: Evidence, span: tuple[int, int], said: Sequence[Said]) -> list[tuple[int, int]]:
    """The places of those who speak in the sentence, if the span is one of them."""
    base = evidence.sentence.start
    places = [s.speaker_span for s in said if s.speaker_span and not s.attitude]
    for t in evidence.tokens:
        if t.dep == "nsubj" and evidence.tokens[t.head].lemma in SPEAKING:
            places.append((base + t.start, base + t.end))
    return places if any(_inside(span, p) or _inside(p, span) for p in places) else []


def _inside(span: tuple[int, int], other: tuple[int, int]) -> bool:
    """`span` lies mostly in `other`."""
    return min(span[1], other[1]) - max(span[0], other[0]) > 0.5 * (span[1] - span[0])


def _accused(evidence: Evidence, speaking: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """Whom the speaker accuses: the object of the verb, without what is said about it."""
    base = evidence.sentence.start
    after = min(end for _, end in speaking) - base
    for verb, token in enumerate(evidence.tokens):
        if token.lemma not in BLAMING or token.start < after:
            continue
        objects = [i for i, t in enumerate(evidence.tokens) if t.head == verb and t.dep in ("dobj", "obj")]
        if objects:
            phrase = noun_phrase(evidence.tokens, objects[0])
            return base + evidence.tokens[phrase[0]].start, base + evidence.tokens[phrase[-1]].end
    return None


def _other(spans: Sequence[Span], speaking: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """The next span that does not speak."""
    for span in spans[1:]:
        at = (span.start, span.end)
        if span.score > -4 and not any(_inside(at, place) for place in speaking):
            return at
    return None


def noun_phrase(tokens_: Sequence[Token], head: int) -> list[int]:
    """The head with what stands before it in its phrase, and names joined by and."""
    kept = {head}
    frontier = [head]
    while frontier:
        at = frontier.pop()
        for i, t in enumerate(tokens_):
            near = t.dep in ("det", "compound", "amod", "poss", "case", "nmod", "nummod", "punct", "npadvmod", "advmod")
            joined = t.dep in ("conj", "cc") and at == head
            if t.head == at and i not in kept and i != at and ((near and i < head) or joined):
                kept.add(i)
                frontier.append(i)
    low, high = min(kept), max(kept)
    while low < high and tokens_[low].pos == "PUNCT":
        low += 1
    return list(range(low, high + 1))


def _tokens_in(evidence: Evidence, start: int, end: int) -> list[int]:
    base = evidence.sentence.start
    return [i for i, t in enumerate(evidence.tokens) if base + t.start < end and base + t.end > start]


# --- the key ----------------------------------------------------------------------------------


def _key(asked: Asked, evidence: Evidence, span: tuple[int, int]) -> Key | None:
    text = evidence.article.text[span[0] : span[1]]
    own = [w for w in content_words(unify(text)) if not w.isdigit()]
    new = frozenset(own) - asked.words
    names = frozenset(names_in(text)) - asked.names
    base = Key(
        text=text,
        plain=_plain(evidence, span, text),
        names=names or (frozenset(names_in(text)) if not new else frozenset()),
        heads=_heads(evidence, span),
        words=new or frozenset(own),
    )
    if asked.kind == "yesno":
        return replace(base, verdict=_verdict(asked, evidence, span))
    if asked.kind == "number":
        if (time := _time(evidence, span)) and asked.lasting:
            return replace(base, time=time)  # "until 1 June" is how long, and 1 is not how many
        quantity = _quantity(asked, evidence, span)
        return replace(base, quantity=quantity) if quantity else None
    if asked.kind == "when":
        time = _time(evidence, span)
        return replace(base, time=time) if time or TIMELY.search(text) else None
    if (asked.kind == "who" and not (base.names or base.words)) or _only_pronoun(text):
        return None
    whole = evidence.article.text[span[0] : span[1] + 12]
    if asked.kind == "who" and HELD.match(whole, max(0, len(text) - 1)) and not HOLDING.search(asked.question):
        return None
    if not new and not names and not re.search(r"\d", text):
        return None  # it only says the question again
    return replace(base, quantity=_only_number(asked, text)) if asked.kind == "what" else base


def _only_number(asked: Asked, text: str) -> Quantity | None:
    """The number, where an answer is no more than it: "three hundred", or "300 passengers" if these are asked of."""
    found = quantities(text)
    if len(found) != 1 or times_in(text):
        return None
    rest = text[: found[0].start] + " " + text[found[0].end :]
    return found[0] if not frozenset(content_words(unify(rest))) - asked.words else None


def _verdict(asked: Asked, evidence: Evidence, span: tuple[int, int]) -> bool:
    at, dated = evidence.sentence.start, evidence.article.published is not None
    told = compared(asked, evidence.sentence.text, span[0] - at, span[1] - at, dated)
    return evidence.reading.verdict > 0 if told is None else told


def _plain(evidence: Evidence, span: tuple[int, int], text: str) -> str:
    inside = _tokens_in(evidence, *span)
    opens = bool(inside) and all(t.pos in ("PUNCT", "DET", "SPACE") for t in evidence.tokens[: inside[0]])
    if opens and not any(evidence.tokens[i].ent for i in inside):
        return text[:1].lower() + text[1:]
    return text


def _only_pronoun(text: str) -> bool:
    return all(w.lower() in PRONOUNS or w.lower() in STOP for w in tokens(unify(text)))


def _heads(evidence: Evidence, span: tuple[int, int]) -> frozenset[str]:
    """Common nouns in the span that no other noun of the span is built on: "militias" of "pro-government militias"."""
    inside = _tokens_in(evidence, *span)
    out = set()
    for i in inside:
        t = evidence.tokens[i]
        if t.pos == "NOUN" and t.dep not in ("compound", "npadvmod", "nmod", "amod"):
            out.add(stem(t.text))
    return frozenset(out)


def _quantity(asked: Asked, evidence: Evidence, span: tuple[int, int]) -> Quantity | None:
    """The number in the span; else the one nearest to it, if it is near."""
    sentence = evidence.sentence
    a, b = span[0] - sentence.start, span[1] - sentence.start
    tokens_ = evidence.tokens
    found = [
        q
        for q in quantities(sentence.text)
        if counts(asked.counted, q, sentence.text, tokens_) and same_fate(asked.words, q, tokens_)
    ]
    inside = [q for q in found if q.start < b and q.end > a]
    if inside:
        return inside[0]
    near = [q for q in found if min(abs(q.start - b), abs(a - q.end)) < 25]
    return near[0] if near else None


def _time(evidence: Evidence, span: tuple[int, int]) -> Day | None:
    """The time in the span; a weekday counts back from the day of publication."""
    text = evidence.article.text[span[0] : span[1]]
    named = times_in(text)
    if named:
        return named[0]
    if year := re.search(r"\b(1[0-9]\d\d|20\d\d)\b", text):
        return Day(year=int(year[1]))
    day = re.search(r"\b(" + "|".join(WEEKDAYS) + r")\b", text, re.IGNORECASE)
    published = evidence.article.published
    if day and published:
        back = (published.weekday() - WEEKDAYS.index(day[1].lower())) % 7
        then = published - dt.timedelta(days=back)
        return Day(then.year, then.month, then.day)
    return None
