"""Article → sentences and passages with exact offsets.

pysbd proposes where sentences end; its own character spans are not used, because they come from searching the text
and are wrong where text repeats. Its sentences are laid over the text one after the other instead, and only the places
where they end are kept. A sentence is what lies between two ends, so nothing can be lost, doubled or reordered.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from rag.types import Article, Passage, Sentence

Segment = Callable[[str], list[str]]  # a text in, its sentences out, perhaps changed

MAX_SENTENCES: Final = 2  # in a passage
MAX_WORDS: Final = 32  # in a passage; a longer single sentence is a passage alone
MAX_LEANING: Final = 3  # sentences in a passage whose later ones lean on the first
MAX_LEANING_WORDS: Final = 90
LONG: Final = 450  # code points; a longer sentence is looked at again with the plain rule
WINDOW: Final = 2000  # code points given to pysbd at once: some of its patterns take quadratic time
MARGIN: Final = 200  # an end this near to the window's edge is left to the next window, which sees what follows

# A sentence whose subject is a pronoun is found by what it answers only together with the one before it.
LEANS: Final = re.compile(
    r"[\"“‘'(]?(?:(?:But|And|So|Yet|Then|However|Instead|Still|Later|Soon),?\s+)?"
    r"(?:he|she|they|it|this|these|those|that|both|all|none|one|others?|neither)\b",
    re.IGNORECASE,
)

ENDS: Final = ".!?…。！？．"
UNSPACED_ENDS: Final = "。！？．"  # these end a sentence without white space after them
CLOSERS: Final = "\"'”’»›)]}"
QUOTES: Final = "\"'“”‘’„‚«»‹›"

_PLAIN_END = re.compile(rf"[{ENDS}]+[{re.escape(CLOSERS)}]*(?=\s|\Z)|[{UNSPACED_ENDS}]+[{re.escape(CLOSERS)}]*")
_GLUED = re.compile(r"(?<=[a-z]{3})[.!?](?=[A-Z][a-z]+[\s,])")  # "the gate.The others": the scraper lost a space
_QUOTES_MEET = re.compile(r"[.!?…][\"”](?=\s+[\"“])")  # one quotation ends and the next begins: pysbd reads on
_BRACKET_ENDS = re.compile(r"(?<=[a-z]{3})[.!?…][\"”]?[)\]](?=\s+[\"“‘(\[]?[A-Z])")  # likewise behind "(They left.)"
_TAIL = re.compile(rf"([{ENDS}]+)([{re.escape(QUOTES + CLOSERS)}\s]*)\Z")
_LAST_WORD = re.compile(r"([^\s\"'“”‘’„«»()\[\]{}]{1,40})\.\Z")
_NEXT_WORD = re.compile(rf"[\s{re.escape(QUOTES)}(\[{{]{{0,9}}([^\s,;:.!?]{{0,40}})")

# Never the last word of a sentence: a name, a rank or a number follows.
_BEFORE_NAME: Final = frozenset(
    "mr mrs ms dr prof rev hon st fr sr adm amb atty brig capt cmdr col cpl det dist gen gov insp lt maj pfc pres pvt "
    "rep reps sen sens sgt spc supt vs messrs mt ft".split()
)
_BEFORE_NUMBER: Final = frozenset(
    "jan feb mar apr jun jul aug sep sept oct nov dec no nos vol p pp art sec ch fig approx ca".split()
)
_BEFORE_TIME: Final = frozenset(
    "local est edt et gmt utc cet eet bst eastern central pacific mountain "
    "monday tuesday wednesday thursday friday saturday sunday".split()
)


def split(article: Article) -> tuple[list[Sentence], list[Passage]]:
    """The article's sentences in order, and the passages that its body sentences make.

    Every character of a title or body block that is not white space is in exactly one sentence; no sentence crosses a
    block; `article.text[s.start:s.end] == s.text`. Furniture gives none. Never raises for any Unicode text.
    """
    sentences: list[Sentence] = []
    segment = _segmenter()
    for index, block in enumerate(article.blocks):
        if block.kind == "furniture":
            continue
        for start, end in _spans(article.text[block.start : block.end], segment):
            start, end = block.start + start, block.start + end
            sentences.append(Sentence(article.id, len(sentences), start, end, article.text[start:end], index))
    return sentences, _passages(article, sentences)


def _segmenter() -> Segment:
    """pysbd's rules for English, imported here because answering a question never splits anything."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pysbd's own source has invalid escapes, told of where it is first compiled
        import pysbd
    segmenter = pysbd.Segmenter(language="en", clean=False)
    return lambda text: list(segmenter.processor(text).process())


# --- sentences --------------------------------------------------------------------------------


def _spans(text: str, segment: Segment) -> Iterator[tuple[int, int]]:
    """The sentences of one block, without white space at either end."""
    at = 0
    for end in [*_ends(text, segment), len(text)]:
        piece = text[at:end]
        words = piece.strip()
        if words:
            start = at + len(piece) - len(piece.lstrip())
            yield start, start + len(words)
        at = end


def _ends(text: str, segment: Segment) -> list[int]:
    flat = re.sub(r"\s", " ", text)  # pysbd takes a line end for a sentence end, and lines are wrapped anywhere
    missed = [m.end() for pattern in (_GLUED, _QUOTES_MEET, _BRACKET_ENDS) for m in pattern.finditer(flat)]
    ends = _repaired(flat, sorted({*_proposed(flat, segment), *missed}))
    edges = [0, *ends, len(flat)]
    for start, end in pairwise(edges):
        if end - start > LONG:  # an unclosed quotation mark or bracket made pysbd swallow what follows
            ends += [start + e for e in _repaired(flat[start:end], _plain(flat[start:end]))]
    return sorted(set(ends))


def _proposed(flat: str, segment: Segment) -> list[int]:
    """Sentence ends by pysbd, a window at a time so that the time grows with the length and no faster."""
    found: list[int] = []
    at = 0
    while at < len(flat):
        window = flat[at : at + WINDOW]
        ends = _window_ends(window, segment)
        if at + WINDOW >= len(flat):
            return found + [at + e for e in ends]
        ends = [e for e in ends if e <= WINDOW - MARGIN]
        found += [at + e for e in ends]
        at += ends[-1] if ends else max(window.rfind(" ", MARGIN), WINDOW - MARGIN)
    return found


def _window_ends(window: str, segment: Segment) -> list[int]:
    if not window.strip():
        return []
    try:
        pieces = segment(window)
    except (re.error, LookupError, ValueError, TypeError, AttributeError):  # it builds patterns from the text itself
        return _plain(window)
    ends = _laid_over(window, pieces)
    return _plain(window) if ends is None else ends


def _laid_over(window: str, pieces: Sequence[str]) -> list[int] | None:
    """Where each piece ends in the window; None when pysbd changed the text (its place holders are real characters)."""
    ends: list[int] = []
    at = 0
    for piece in (p.strip() for p in pieces):
        start = window.find(piece, at)
        if start < 0 or window[at:start].strip():
            return None
        at = start + len(piece)
        ends.append(at)
    return None if window[at:].strip() else ends


def _plain(text: str) -> list[int]:
    return [m.end() for m in _PLAIN_END.finditer(text)]


# --- repairs ----------------------------------------------------------------------------------


def _repaired(flat: str, ends: Sequence[int]) -> list[int]:
    """The ends that stand, each moved behind the quotation marks and brackets that close its sentence."""
    kept: list[int] = []
    start = 0
    for end in ends:
        if end <= start:
            continue
        end = _behind_closers(flat, start, end)
        if _is_end(flat, start, end):
            kept.append(end)
            start = end
    return kept


def _behind_closers(flat: str, start: int, end: int) -> int:
    while True:
        at = end
        while at < len(flat) and flat[at] == " " and at - end < 3:
            at += 1
        if at == len(flat) or not _closes(flat, start, end, at):
            return end
        end = at + 1


def _closes(flat: str, start: int, end: int, at: int) -> bool:
    """Whether the mark at `at` belongs to the sentence that ended at `end`."""
    mark = flat[at]
    last = at + 1 == len(flat) or flat[at + 1] == " "
    if mark in ")]}”»›":
        return at == end or last or mark != "»"
    if mark in ENDS + ",;:":
        return at == end
    if mark not in QUOTES:
        return False
    if at > end and mark in "\"'":
        return last and flat.count(mark, start, end) % 2 == 1
    return last or (at == end and mark in "\"'’" and flat.count(mark, start, end) % 2 == 1)


def _is_end(flat: str, start: int, end: int) -> bool:
    tail = _TAIL.search(flat, max(start, end - 40), end)
    if not tail:
        return False  # pysbd also ends a sentence at list marks: "(a) the army (b) the rebels"
    if end < len(flat) and flat[end] != " " and tail[1][-1] not in UNSPACED_ENDS and not _GLUED.match(flat, end - 1):
        return False
    after = _NEXT_WORD.match(flat, end)
    following = after[1] if after else ""
    if following[:1].islower():
        return _ends_plainly(flat[max(start, end - 42) : end], tail)
    return not _abbreviates(flat[max(start, end - 42) : end], following)


def _ends_plainly(text: str, tail: re.Match[str]) -> bool:
    """Whether a lower-case word may begin the next sentence: only after a full stop behind an ordinary word."""
    word = _LAST_WORD.search(text)
    if tail[1] != "." or tail[2] or not word:
        return False
    return word[1].isalpha() and len(word[1]) > 1 and word[1].lower() not in _BEFORE_NAME | _BEFORE_NUMBER


def _abbreviates(text: str, following: str) -> bool:
    """Whether the full stop at the end of `text` only shortens its last word."""
    word = _LAST_WORD.search(text)
    if not word:
        return False
    last = word[1].lower()
    if last in ("a.m", "p.m"):
        return following.lower() in _BEFORE_TIME
    return last in _BEFORE_NAME or (last in _BEFORE_NUMBER and following[:1].isdigit())


# --- passages ---------------------------------------------------------------------------------


def _passages(article: Article, sentences: Sequence[Sentence]) -> list[Passage]:
    """Greedy: a sentence joins the passage before it while both are short, or where it leans on it ("But they ...")."""
    groups: list[list[Sentence]] = []
    for sentence in sentences:
        if article.blocks[sentence.block].kind != "body":
            continue
        if groups and _joins(article, groups[-1], sentence):
            groups[-1].append(sentence)
        else:
            groups.append([sentence])
    return [_passage(article, n, group) for n, group in enumerate(groups)]


def _joins(article: Article, group: Sequence[Sentence], sentence: Sentence) -> bool:
    if not _adjacent(article, group[-1], sentence):
        return False
    words = sum(len(s.text.split()) for s in (*group, sentence))
    if LEANS.match(sentence.text):
        return len(group) < MAX_LEANING and words <= MAX_LEANING_WORDS
    return sentence.block == group[-1].block and len(group) < MAX_SENTENCES and words <= MAX_WORDS


def _adjacent(article: Article, left: Sentence, right: Sentence) -> bool:
    return not article.text[left.end : right.start].strip()


def _passage(article: Article, n: int, group: Sequence[Sentence]) -> Passage:
    start, end = group[0].start, group[-1].end
    return Passage(article.id, n, start, end, article.text[start:end], group[0].n, group[-1].n)
