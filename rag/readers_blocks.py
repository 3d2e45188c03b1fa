"""Plain text and Markdown → blocks with exact offsets, and what kind each block is."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from rag.dates import is_day_line, published_day
from rag.readers_furniture import is_byline, is_caption, is_chrome
from rag.types import Block, BlockKind

_STRIP: Final = (
    " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000\u200b\u2060\ufeff"
    + "".join(map(chr, range(0x2000, 0x200B)))
)
_ENDS = re.compile(r"[.!?…。！？؟।][\"'”’»›)\]]*\Z")
_ASKS = re.compile(r"[?!؟？！][\"'”’»›)\]]*\Z")
_INNER_END = re.compile(r"[.!?…][\"'”’»›)\]]*\s")
_INITIALS = re.compile(r"\b(?:[A-Z]\.){2,}\Z")  # a headline may end in "U.N."
_TEASER = re.compile(r"\s*(?:\[(?:…|\.{3})\]|(?:…|\.{3})(?:\s*(?:continue reading|read more)\W*)?)\s*\Z", re.IGNORECASE)
_HEADING = re.compile(r"[ ]{0,3}#{1,6}[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*\Z")
_ITEM = re.compile(r"[ \t]*(?:[-*+•‣▪–]|\d{1,3}[.)]|>+)[ \t]+(?=\S)")
_UNDERLINE = re.compile(r"[ ]{0,3}(?:={2,}|-{2,})[ \t]*\Z")

TITLE_WORDS: Final = 25
HEADING_WORDS: Final = 10
PROSE_WORDS: Final = 8
NEAR: Final = 40  # blocks: how far below a teaser the words are that it cuts short
WRAPPED: Final = range(45, 131)  # lengths of a line that an editor may have wrapped
SLACK: Final = 0.85  # a line wrapped by hand may stop this much short of the widest


@dataclass(frozen=True, slots=True)
class Span:
    """A block before its kind is decided. `start`:`end` has no white space at its ends."""

    start: int
    end: int
    kind: BlockKind | None = None  # where the source's own marks say it
    heading: bool = False  # marked as a heading by the source
    glued: bool = False  # the next block follows without a blank line


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    heading: bool = False
    item: bool = False


# --- text → spans -----------------------------------------------------------------------------


def text_spans(text: str, *, markdown: bool = False, start: int = 0) -> list[Span]:
    """The paragraphs of `text` from `start` on.

    A line is a block. Lines are joined when they were wrapped: in Markdown always, as it is defined; in plain text
    when `_wrapped` says so. Marks of headings, list items and quotations stay outside the block.
    """
    spans: list[Span] = []
    for run in _runs(text, markdown, start):
        groups = list(_groups(text, run, markdown))
        for index, group in enumerate(groups):
            glued = index + 1 < len(groups)
            spans.append(Span(group[0].start, group[-1].end, heading=group[0].heading, glued=glued))
    return spans


def _runs(text: str, markdown: bool, start: int) -> Iterator[list[_Line]]:
    """Lines between blank lines."""
    run: list[_Line] = []
    at = start
    for raw in text[start:].split("\n"):
        line = _line(raw, at, markdown)
        if line is not None:
            run.append(line)
        elif run:
            yield run
            run = []
        at += len(raw) + 1
    if run:
        yield run


def _line(raw: str, at: int, markdown: bool) -> _Line | None:
    marks, heading, item = 0, None, None
    if markdown:
        heading = _HEADING.match(raw)
        item = None if heading else _ITEM.match(raw)
        marks = heading.start(1) if heading else item.end() if item else 0
    elif (found := _ITEM.match(raw)) and not raw[found.end()].islower():
        item = found  # in plain text the mark stays, and before lower case a dash goes on with the line above
    words = raw[marks : heading.end(1)] if heading else raw[marks:]
    if not words.strip(_STRIP):
        return None
    lead = len(words) - len(words.lstrip(_STRIP))
    first = at + marks + lead
    return _Line(first, first + len(words.strip(_STRIP)), heading is not None, item is not None)


def _groups(text: str, run: Sequence[_Line], markdown: bool) -> Iterator[list[_Line]]:
    """The run's lines, joined where one goes on in the next."""
    wrapped = markdown or _wrapped(text, run)
    width = max(line.end - line.start for line in run)
    group: list[_Line] = [run[0]]
    for line, after in pairwise(run):
        if markdown and _UNDERLINE.fullmatch(text[after.start : after.end]) and len(group) == 1:
            group = [_Line(line.start, line.end, heading=True)]
        if wrapped and _goes_on(text, line, after, width, markdown):
            group.append(after)
        else:
            yield group
            group = [after]
    yield group


def _goes_on(text: str, line: _Line, after: _Line, width: int, markdown: bool) -> bool:
    if line.heading or after.heading or after.item:
        return False
    if markdown:
        words = (text[line.start : line.end], text[after.start : after.end])
        return not any(is_chrome(each) or _UNDERLINE.fullmatch(each) for each in words)
    return _fills(text, line, after, width)


def _wrapped(text: str, run: Sequence[_Line]) -> bool:
    """Whether an editor broke these lines: each is too full to have taken the next line's first word.

    Besides, few of them may end a sentence by chance, none may be long, and where there are only two lines the second
    must begin in lower case, for a headline and the line under it look the same.
    """
    links = list(pairwise(run))
    width = max(line.end - line.start for line in run)
    if not links or width not in WRAPPED:
        return False
    if len(links) == 1 and not text[run[1].start].islower():
        return False
    filled = sum(_fills(text, line, after, width) for line, after in links)
    ended = sum(bool(_ENDS.search(text[line.start : line.end])) for line, _ in links)
    return filled * 4 >= len(links) * 3 and ended * 2 < len(links) + 1


def _fills(text: str, line: _Line, after: _Line, width: int) -> bool:
    first = text[after.start : after.end].split(maxsplit=1)[0]
    return line.end - line.start + 1 + len(first) > width * SLACK


# --- spans → blocks ---------------------------------------------------------------------------


def mark(text: str, spans: Sequence[Span], title: str | None = None) -> tuple[Block, ...]:
    """The spans as blocks with their kinds. `title`: the article's title, where it is known already.

    Furniture is decided by the line alone, by what it repeats, or, before the first paragraph, by what a page puts
    there. Of the rest the first headline-like line before that paragraph is the title; headings count as titles too.
    """
    furniture = _furniture(text, spans)
    prose = next((i for i, s in enumerate(spans) if i not in furniture and _is_prose(text, s)), len(spans))
    furniture |= _head_furniture(text, spans[:prose], furniture)
    titles = _titles(text, spans, furniture, prose, _flat(title or ""))
    kinds: list[BlockKind] = [
        "furniture" if i in furniture else "title" if i in titles else "body" for i in range(len(spans))
    ]
    if "body" not in kinds:  # headings alone are all that the article says
        kinds = ["body" if kind == "title" else kind for kind in kinds]
    return tuple(Block(s.start, s.end, kind) for s, kind in zip(spans, kinds, strict=True))


def first_title(text: str, blocks: Sequence[Block]) -> str | None:
    """The words of the first title block."""
    return next((" ".join(text[b.start : b.end].split()) for b in blocks if b.kind == "title"), None)


def published_in(text: str, blocks: Sequence[Block]) -> dt.date | None:
    """The day that a line before the first paragraph calls that of publication; None where two disagree."""
    days: set[dt.date | None] = set()
    for block in blocks:
        words = text[block.start : block.end]
        if block.kind == "body" and _is_prose(text, Span(block.start, block.end)):
            break
        days.add(published_day(words))
    days.discard(None)
    return days.pop() if len(days) == 1 else None


def _furniture(text: str, spans: Sequence[Span]) -> set[int]:
    lines = [text[s.start : s.end] for s in spans]
    flats = [_flat(line) for line in lines]
    found = {
        i for i, (span, line) in enumerate(zip(spans, lines, strict=True))
        if span.kind == "furniture" or (span.kind is None and (is_chrome(line) or is_caption(line)))
    }  # fmt: skip
    found |= _teasers(lines, flats)
    seen: set[str] = set()
    for i, flat in enumerate(flats):
        if i in found:
            continue
        if flat in seen:
            found.add(i)
        seen.add(flat)
    return found


def _teasers(lines: Sequence[str], flats: Sequence[str]) -> set[int]:
    """Lines cut short with "[…]" or "..." whose words a later line begins with."""
    found: set[int] = set()
    for i, line in enumerate(lines):
        cut = _TEASER.search(line[-60:])
        if not cut:
            continue
        begun = _flat(line[: len(line) - (min(60, len(line)) - cut.start())])
        if len(begun.split()) >= 4 and any(
            later != begun and later.startswith(begun) for later in flats[i + 1 : i + NEAR]
        ):
            found.add(i)
    return found


def _head_furniture(text: str, head: Sequence[Span], known: set[int]) -> set[int]:
    """Before the first paragraph: lines that are only a day, bylines, and the site's name.

    A few words right over a day, at the very top, are the site's name when a headline still follows.
    """
    lines = [text[span.start : span.end] for span in head]
    found = {i for i, line in enumerate(lines) if is_day_line(line) or is_byline(line)}
    follows = bool(set(range(2, len(head))) - found - known)
    if follows and head[0].glued and is_day_line(lines[1]) and _is_name(lines[0]):
        found.add(0)
    return found


def _is_name(line: str) -> bool:
    return len(line.split()) <= 5 and not _ENDS.search(line)


def _titles(text: str, spans: Sequence[Span], furniture: set[int], prose: int, known: str) -> set[int]:
    left = [i for i in range(len(spans)) if i not in furniture]
    found = {i for i in left if spans[i].heading or (known and i <= prose and _flat_span(text, spans[i]) == known)}
    if prose < len(spans) and not any(i < prose for i in found):
        first = next((i for i in left if i < prose), None)
        if first is not None and _is_headline(text, spans[first]):
            found.add(first)
    for before, i, after in zip([None, *left], left, left[1:], strict=False):
        if i not in found and _is_subheading(text, spans, before, i, after):
            found.add(i)
    return found


def _is_headline(text: str, span: Span) -> bool:
    line = text[span.start : span.end]
    return (
        "\n" not in line
        and len(line.split()) in range(2, TITLE_WORDS + 1)
        and not line[:1].islower()
        and not re.search(r"[:;,]\Z", line)
        and bool(not _ENDS.search(line) or _INITIALS.search(line) or _ASKS.search(line))
    )


def _is_subheading(text: str, spans: Sequence[Span], before: int | None, i: int, after: int) -> bool:
    """A few words on a line of their own between paragraphs, that do not end as a sentence does."""
    line = text[spans[i].start : spans[i].end]
    alone = not spans[i].glued and (i == 0 or not spans[i - 1].glued)
    opened = before is not None and text[spans[before].end - 1] in ":,;—-"
    return (
        alone
        and not opened
        and len(line.split()) <= HEADING_WORDS
        and _is_headline(text, spans[i])
        and _is_prose(text, spans[after])
    )


def _is_prose(text: str, span: Span) -> bool:
    if span.heading or span.kind == "furniture":
        return False
    line = text[span.start : span.end]
    words = len(line.split())
    if words > TITLE_WORDS or ("。" in line and len(line) >= 30):  # or a script without spaces
        return True
    question = _ASKS.search(line) and not _INNER_END.search(line)  # headlines ask and exclaim too
    return words >= PROSE_WORDS and bool(_ENDS.search(line)) and not question


def _flat(line: str) -> str:
    return " ".join(line.split()).casefold()


def _flat_span(text: str, span: Span) -> str:
    return _flat(text[span.start : span.end])
