"""The trust boundary: nothing else makes a Quote, and a Quote holds `article.text[start:end] == text`.

What fails is named and refused. Nothing is repaired by likeness: a fuzzy match takes "did cut" for "did not cut".

Words are compared after one declared normalisation, and nothing else: any run of white space is one space; “ ” „ ‟ are
" and ‘ ’ ‚ ‛ are '; – — and the non-breaking hyphen are -. Case, accents and ligatures all count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rag.errors import QuoteError
from rag.types import (
    Article,
    Attribution,
    Citation,
    Draft,
    DraftCitation,
    DraftPosition,
    Evidence,
    Position,
    Quote,
    Rejected,
    Sentence,
)

_SAME: Final = str.maketrans("“”„‟‘’‚‛–—\u2011", "\"\"\"\"''''---")
_MARKS: Final = ',;:!?…—–()[]{}"“”„«»‘'  # full stops, hyphens and apostrophes need a closer look
_OPENERS: Final = "\"“„«‘'([{"
_JOINERS: Final = "'’-‐\u2011.,:/@&_"  # these hold a word or number together: don't, 5,000, 10:30, U.S
_SENTENCE_STOP = re.compile(r"(?<![^\W\d_])[^\W\d_]{3,}\.\Z")


@dataclass(frozen=True, slots=True)
class Verified:
    """What stood of a draft. Numbers run from 1 through the positions and then through `nearest`."""

    positions: tuple[Position, ...]
    nearest: tuple[Citation, ...]
    rejected: tuple[Rejected, ...]


# --- making a quote ---------------------------------------------------------------------------


def cut(article: Article, sentence: Sentence, clause: tuple[int, int] | None = None) -> Quote:
    """The whole sentence, or the clause of it at these article offsets, as a Quote. Raises QuoteError.

    A clause lies in the sentence, has no white space at its ends, holds a letter or digit, and takes words and numbers
    whole. It begins at the sentence's start, after punctuation, or with an opening quotation mark or bracket; it ends
    at the sentence's end, with punctuation, or before it. Punctuation is , ; : ! ? … – — brackets and double quotation
    marks; a hyphen between spaces; a full stop after a lower-case word of three letters or more that no digit follows
    ("Lt. Hale" and "Dec. 14" are not ends). Apostrophes never count, because they also mark possession.
    """
    _check_sentence(article, sentence)
    if clause is None:
        return Quote(article.id, sentence.start, sentence.end, sentence.text)
    start, end = clause
    reason = _clause_fault(article.text, sentence, start, end)
    if reason:
        raise QuoteError(f"clause {start}:{end} of article {article.id!r} {reason}")
    return Quote(article.id, start, end, article.text[start:end])


def _check_sentence(article: Article, sentence: Sentence) -> None:
    where = f"sentence {sentence.start}:{sentence.end}"
    if sentence.article != article.id:
        raise QuoteError(f"{where} belongs to article {sentence.article!r}, not {article.id!r}")
    if not 0 <= sentence.block < len(article.blocks):
        raise QuoteError(f"{where} names block {sentence.block}, which article {article.id!r} does not have")
    block = article.blocks[sentence.block]
    if block.kind == "furniture":
        raise QuoteError(f"{where} of article {article.id!r} is furniture and is never quoted")
    if sentence.start < block.start or sentence.end > block.end:
        raise QuoteError(f"{where} leaves block {block.start}:{block.end} of article {article.id!r}")
    if article.text[sentence.start : sentence.end] != sentence.text:
        raise QuoteError(f"{where} is not what article {article.id!r} says there: ingest the article again")


def _clause_fault(text: str, sentence: Sentence, start: int, end: int) -> str | None:
    if not sentence.start <= start < end <= sentence.end:
        return f"leaves its sentence {sentence.start}:{sentence.end}"
    if (start, end) == (sentence.start, sentence.end):
        return None
    clause = text[start:end]
    if clause != clause.strip():
        return "begins or ends with white space"
    if not any(c.isalnum() for c in clause):
        return "holds no word"
    if start > sentence.start and not _may_begin(text, sentence, start):
        return "does not begin at the sentence's start or after punctuation"
    if end < sentence.end and not _may_end(text, sentence, start, end):
        return "does not end at the sentence's end or at punctuation"
    return None


def _may_begin(text: str, sentence: Sentence, start: int) -> bool:
    if _inside_word(text, start):
        return False
    opens = text[start] in _OPENERS and text[start - 1].isspace() and not text[start + 1 : start + 2].isspace()
    at = start
    while at > sentence.start and text[at - 1].isspace():
        at -= 1
    return opens or (at > sentence.start and _is_mark(text, sentence, at - 1))


def _may_end(text: str, sentence: Sentence, start: int, end: int) -> bool:
    if _inside_word(text, end):
        return False
    at = end
    while at < sentence.end and text[at].isspace():
        at += 1
    return _is_mark(text, sentence, end - 1) or (at < sentence.end and _is_mark(text, sentence, at))


def _is_mark(text: str, sentence: Sentence, at: int) -> bool:
    """Whether the character at `at` is punctuation that may bound a clause."""
    mark = text[at]
    if mark == ".":
        if at + 1 == sentence.end or text[at + 1] in '"”':
            return True
        word = _SENTENCE_STOP.search(text, max(sentence.start, at - 40), at + 1)
        return bool(word and word[0].islower()) and not text[at + 1 : sentence.end].lstrip()[:1].isdigit()
    if mark == "-":
        return text[at - 1 : at].isspace() and text[at + 1 : at + 2].isspace()
    return mark in _MARKS


def _inside_word(text: str, at: int) -> bool:
    """Whether `at` falls within a word or number, as in don|'t, 5,|000, 10–|12 or a letter and its combining accent."""
    if not 0 < at < len(text):
        return False
    left, right = text[at - 1], text[at]
    if _is_wordy(left) and _is_wordy(right):
        return True
    if _is_wordy(left) and at + 1 < len(text):
        return _joins(left, right, text[at + 1])
    return _is_wordy(right) and at > 1 and _joins(text[at - 2], left, right)


def _joins(left: str, between: str, right: str) -> bool:
    if between in "–—":
        return left.isdigit() and right.isdigit()
    return between in _JOINERS and _is_wordy(left) and _is_wordy(right)


def _is_wordy(c: str) -> bool:
    return c.isalnum() or c == "_" or unicodedata.category(c).startswith("M")


# --- finding words ----------------------------------------------------------------------------


def occurrences(article: Article, words: str, sentences: Sequence[Sentence]) -> Iterator[Quote]:
    """Where the article says exactly these words, as a whole sentence or a clause that `cut` allows, in order.

    Words are compared after the normalisation declared above; each Quote is the article's own slice. Raises QuoteError
    for a sentence that `cut` would refuse.
    """
    needle = _normal(words).strip()
    if not needle:
        return
    for sentence in sentences:
        _check_sentence(article, sentence)
        hay, offsets = _mapped(sentence.text)
        at = hay.find(needle)
        while at >= 0:
            start = sentence.start + offsets[at]
            end = sentence.start + offsets[at + len(needle) - 1] + 1
            if not _clause_fault(article.text, sentence, start, end):
                yield Quote(article.id, start, end, article.text[start:end])
            at = hay.find(needle, at + 1)


def _normal(text: str) -> str:
    return re.sub(r"\s+", " ", text.translate(_SAME))


def _mapped(text: str) -> tuple[str, list[int]]:
    """The normalised text, and for each of its characters the index in `text` that it came from."""
    chars: list[str] = []
    offsets: list[int] = []
    for index, char in enumerate(text.translate(_SAME)):
        if char.isspace():
            if chars and chars[-1] == " ":
                continue
            char = " "
        chars.append(char)
        offsets.append(index)
    return "".join(chars), offsets


def _names(text: str, name: str) -> bool:
    """Whether the normalised text names it, with no letter or digit directly before or after."""
    needle = _normal(name).strip()
    at = text.find(needle) if needle else -1
    while at >= 0:
        end = at + len(needle)
        if not (at and _is_wordy(text[at - 1])) and not (end < len(text) and _is_wordy(text[end])):
            return True
        at = text.find(needle, at + 1)
    return False


def as_written(text: str, name: str) -> str | None:
    """The name as `text` writes it: whole words, in any case, a leading "the" left out where only that is strange. None
    where it does not stand there."""
    hay, offsets = _mapped(text)
    for words in (name, re.sub(r"^(?:the|a|an)\s+", "", name, flags=re.IGNORECASE)):
        for flags in (re.NOFLAG, re.IGNORECASE):
            found = re.search(rf"(?<!\w){re.escape(_normal(words).strip())}(?!\w)", hay, flags) if words else None
            if found and found[0]:
                return text[offsets[found.start()] : offsets[found.end() - 1] + 1]
    return None


# --- verifying a draft ------------------------------------------------------------------------


def verify(draft: Draft, evidence: Sequence[Evidence]) -> Verified:
    """The draft with its evidence numbers turned into checked quotes, numbered through; and what was refused, and why.

    Refused: an unknown number, a sentence or clause that `cut` refuses, a sentence cited twice in one position, a
    citation whose speaker or via does not occur in its article (a wrong speaker spoils the quote, so none is shown),
    an origin that neither occurs in an article cited there nor is its outlet, a position left without citations.
    """
    known = {e.n: e for e in evidence}
    rejected: list[Rejected] = []
    positions: list[Position] = []
    for position in draft.positions:
        citations = _citations(position.citations, known, rejected)
        if citations:
            positions.append(_position(position, citations, known, rejected))
        else:
            rejected.append(Rejected(position.label, "the position has no citation that could be checked"))
    nearest = _citations(draft.nearest, known, rejected)
    return _numbered(positions, nearest, rejected)


def _citations(
    drafts: Iterable[DraftCitation], known: Mapping[int, Evidence], rejected: list[Rejected]
) -> list[Citation]:
    citations: list[Citation] = []
    seen: set[tuple[str, int, int]] = set()
    for draft in drafts:
        found = known.get(draft.evidence)
        if found is None:
            rejected.append(Rejected(f"evidence {draft.evidence}", "no evidence was offered under this number"))
            continue
        key = (found.article.id, found.sentence.start, found.sentence.end)
        try:
            if key in seen:
                raise QuoteError("the same sentence is already cited here")
            citations.append(_citation(draft, found))
            seen.add(key)
        except QuoteError as error:
            rejected.append(Rejected(found.sentence.text, str(error)))
    return citations


def _citation(draft: DraftCitation, found: Evidence) -> Citation:
    article = found.article
    quote = cut(article, found.sentence, draft.clause)
    _check_names(article, draft.attribution)
    context = None
    if draft.needs_context and found.before is not None:
        before = cut(article, found.before)
        context = (before.start, before.end)
    return Citation(
        n=0,
        quote=quote,
        title=article.title,
        outlet=article.outlet,
        published=article.published,
        url=article.url,
        context=context,
        attribution=draft.attribution,
    )


def _check_names(article: Article, attribution: Attribution) -> None:
    if attribution.speaker is None and not attribution.via:
        return
    text = _normal(article.text)
    if attribution.speaker is not None and not _names(text, attribution.speaker):
        raise QuoteError(f"the speaker {attribution.speaker!r} does not occur in article {article.id!r}")
    for name in attribution.via:
        if not _names(text, name):
            raise QuoteError(f"via {name!r} does not occur in article {article.id!r}")


def _position(
    draft: DraftPosition, citations: Sequence[Citation], known: Mapping[int, Evidence], rejected: list[Rejected]
) -> Position:
    cited = {c.quote.article for c in citations}
    articles = {e.article.id: e.article for e in known.values() if e.article.id in cited}
    texts = [_normal(a.text) for a in articles.values()] if draft.origins else []
    outlets = {a.outlet for a in articles.values()}
    origins = []
    for origin in dict.fromkeys(draft.origins):
        if origin in outlets or any(_names(text, origin) for text in texts):
            origins.append(origin)
        else:
            rejected.append(Rejected(origin, f"this origin occurs in no article cited for {draft.label!r}"))
    return Position(draft.label, draft.relation, tuple(origins), tuple(citations))


def _numbered(positions: Sequence[Position], nearest: Sequence[Citation], rejected: Sequence[Rejected]) -> Verified:
    n = 0

    def number(citations: Sequence[Citation]) -> tuple[Citation, ...]:
        nonlocal n
        n += len(citations)
        return tuple(replace(c, n=n - len(citations) + i) for i, c in enumerate(citations, start=1))

    numbered = tuple(replace(p, citations=number(p.citations)) for p in positions)
    return Verified(numbered, number(nearest), tuple(rejected))
