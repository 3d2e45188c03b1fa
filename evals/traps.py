"""How many false quotes pass where a quote is taken by its likeness to the text? Whosays takes the very words alone.

    python -m evals.traps [SUITE [ARTICLES ...]] [--map SPEC] [--show]

SUITE is a file of questions with reference answers over ARTICLES, folders or tables whose columns `--map` names as
`whosays ingest` does; without either, the bundled suite over the samples. From each reference quote, traps are made by
rule. A trap is words that its article does not say:

- *negation*: "was not cut" for "was cut", or the reverse. It needs a helping verb, so "cut" alone gives none; nor is
  anything denied where there is a "no" already, which a second would cancel;
- *actor*: one name for another of the same article; names are runs of capitalised words within a sentence;
- *number*: a figure with one digit changed, or a number word from two to ten with its neighbour in its place;
- *stitched*: the first half of one quote and the second half of another of the same article.

Where no rule applies a quote gives no trap of that kind, and a trap whose words do stand in the article, case and
punctuation aside, is none: the table counts both. So the *verbatim* column takes no trap by construction; what is
measured is how much the others take, and what each costs in true quotes.

- *verbatim* is `rag.quotes.occurrences`, the rule that `whosays check` holds a quote to: the same words, as a whole
  sentence or a clause that punctuation bounds. Reference quotes may be clauses that begin or end elsewhere ("said that
  | the gate was shut"); the rule refuses these, so a second table has the sentences that hold them in their place.
- *fuzzy T* takes a quote whose greatest likeness to a sentence, or to two that follow each other, is T or more.
  Likeness is `difflib`'s ratio (Ratcliff and Metzener, Dr. Dobb's Journal, July 1988): twice the matched characters
  over all characters, from 0 to 1. Quotation marks, dashes and white space count as one kind each.

The thresholds are others' defaults; their measures are near to this one and not the same:

- 0.50: LlamaIndex's fuzzy citation pack, `DEFAULT_THRESHOLD = 50` in llama_index/packs/fuzzy_citation/base.py, of the
  100 of `fuzz.ratio`, sentence against sentence.
- 0.75: LangExtract, `_FUZZY_ALIGNMENT_MIN_THRESHOLD = 0.75` in langextract/resolver.py: the share of an extraction's
  words that a stretch of the source must match, where an exact match was not found. It marks such a match as fuzzy.
- 0.90: nobody's default; a strict setting.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache, partial
from itertools import pairwise
from pathlib import Path

from evals import speakers
from evals.items import Suite, load, with_quotes
from evals.metrics import plain
from evals.script import guarded
from evals.speed import write
from rag.errors import ReadError, UsageError
from rag.quotes import occurrences
from rag.readers_rows import parse_map
from rag.split import split
from rag.types import Article, Sentence
from rag.words import ACRONYMS, CALENDAR, STOP, root

THRESHOLDS = (0.50, 0.75, 0.90)
BEGIN, END = "<!-- traps: written by python -m evals.traps --write -->", "<!-- /traps -->"
KINDS = ("negation", "actor", "number", "stitched")
TRUE, ALL = "true quotes", "all traps"
HALF = 2  # words that each half of a stitched trap has at least
_PART = re.compile(r"[^\W_]+")  # of a word: letters and digits

Quoted = tuple[str, str]  # article key, the words


@dataclass(frozen=True, slots=True)
class Told:
    """An article as matchers and rules see it."""

    article: Article
    sentences: tuple[Sentence, ...]
    windows: tuple[str, ...]  # each sentence, and each two that follow each other, plain
    words: str  # its words in lower case, a space before and after each
    names: tuple[str, ...]  # most frequent first


@dataclass(frozen=True, slots=True)
class Trap:
    """`text` None: no rule applied. `standing`: the article does say these words, so it is no trap."""

    kind: str
    article: str
    text: str | None
    standing: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one kind of quote: how many were judged, and how many each matcher accepted."""

    kind: str
    judged: int
    without: int  # quotes that no rule made one from
    standing: int  # made, but the article does say these words
    accepted: Mapping[str, int]  # matcher → count


Matcher = Callable[[str, Told], bool]


def told(article: Article) -> Told:
    """The article with its sentences, windows, words and names."""
    sentences = tuple(split(article)[0])
    flat = [plain(s.text) for s in sentences]
    windows = (*flat, *(f"{a} {b}" for a, b in pairwise(flat)))
    return Told(article, sentences, windows, _words(article.text), _names(article, sentences))


def _words(text: str) -> str:
    return f" {' '.join(_PART.findall(plain(text).casefold()))} "


# --- matchers ---------------------------------------------------------------------------------


def verbatim(quote: str, source: Told) -> bool:
    """Whether the article says exactly this, as a whole sentence or a clause that `rag.quotes.cut` allows."""
    return next(occurrences(source.article, quote, source.sentences), None) is not None


def fuzzy(threshold: float) -> Matcher:
    """A matcher that takes what is at least this like (0 to 1) a sentence, or two that follow each other."""
    return lambda quote, source: alike(plain(quote), source.windows, threshold)


def alike(quote: str, windows: tuple[str, ...], threshold: float) -> bool:
    """Whether the ratio of the quote with one of the windows is the threshold or more."""
    for bound, window in _bounds(quote, windows):
        if bound < threshold:
            return False
        if _ratio(quote, window) >= threshold:
            return True
    return False


@lru_cache(maxsize=16)  # the matchers of several thresholds ask for the same one after the other
def _bounds(quote: str, windows: tuple[str, ...]) -> list[tuple[float, str]]:
    """What no ratio exceeds, since it minds no order, with the window that it belongs to; greatest first."""
    own = Counter(quote)
    return sorted(
        ((2 * (own & _letters(w)).total() / max(1, len(quote) + len(w)), w) for w in windows),
        reverse=True,
    )


@lru_cache(maxsize=4096)
def _letters(window: str) -> Counter[str]:
    return Counter(window)


@lru_cache(maxsize=4096)
def _ratio(quote: str, window: str) -> float:
    # Without autojunk=False, frequent letters would count for nothing from 200 characters on.
    return SequenceMatcher(None, window, quote, autojunk=False).ratio()


def matchers() -> dict[str, Matcher]:
    return {"verbatim": verbatim} | {f"fuzzy {t:.2f}": fuzzy(t) for t in THRESHOLDS}


# --- rule: negation ---------------------------------------------------------------------------

_HELPING = "was|were|is|are|has|have|had|will|would|can|could|did|does|do|should|must|might|may|shall"
_HELD_BACK = r"(?!\s+(?:only|just|merely|simply|until|even|least|so|all)\b)"  # "not only": no denial to undo
_DENIED = re.compile(
    rf"\b(?P<verb>{_HELPING})(?:\s+(?:not|never)\b{_HELD_BACK}|n[’']t\b)|\b(?P<can>can)(?:not|[’']t)\b"
    r"|\b(?P<will>w)on[’']t\b",
    re.IGNORECASE,
)
_ALREADY = re.compile(r"\b(?:no|not|never|none|nobody|nothing|nowhere|neither|nor|without|hardly)\b|n[’']t\b", re.I)
_OWNED = (  # after these "had" and "did" help no verb: "had a plan", "had to go", "did so"
    "an?|the|to|so|its|his|her|their|our|my|your|some|many|few|much|more|less|[0-9]+|"
    "one|two|three|four|five|six|seven|eight|nine|ten"
)
_STATED = re.compile(
    r"(?<!\bto )(?<!\bmust )(?<!\bmay )(?<!\bmight )(?<!\bshould )(?<!\bwould )(?<!\bcould )(?<!\bwill )(?<!\bshall )"
    r"\b(?:(?:was|were|is|are|will|would|can|could)"
    rf"|(?:has|have|had|did|does)(?!\s+(?:{_OWNED})\b))\b(?=\s+(?!(?:I|he|she|it|they|we|you|there|this|that)\b)\w)",
    re.IGNORECASE,
)


def negated(quote: str) -> str | None:
    """With its first denial undone, else with its first helping verb denied; None where neither can be done."""
    denied = _DENIED.search(quote)
    if denied:
        verb = denied["verb"] or denied["can"] or denied["will"] + "ill"
        return quote[: denied.start()] + verb + quote[denied.end() :]
    stated = None if _ALREADY.search(quote) else _STATED.search(quote)
    return f"{quote[: stated.end()]} not{quote[stated.end() :]}" if stated else None


# --- rule: actor ------------------------------------------------------------------------------

_WORD = re.compile(r"[^\W\d_][\w-]*")
_OPENS = re.compile(r"(?:\A|[\"“”„«‘(\[:;.!?…—–]|(?<!\w)['’])\s*\Z")  # any word here may have a capital


def _names(article: Article, sentences: Iterable[Sentence]) -> tuple[str, ...]:
    """Headlines give none: all their words may have capitals."""
    counts = Counter(
        text[start:end]
        for text in (_unwrapped(s.text) for s in sentences if article.blocks[s.block].kind == "body")
        for start, end in _runs(text)
        if not _OPENS.search(text[:start]) and all(map(_may_name, text[start:end].split()))
    )
    return tuple(name for name, _ in counts.most_common())


def _runs(text: str) -> Iterator[tuple[int, int]]:
    """Where capitalised words follow each other, with one space between."""
    start = end = -1
    for m in _WORD.finditer(text):
        if not m[0][0].isupper():
            continue
        if end >= 0 and text[end : m.start()] == " ":
            end = m.end()
            continue
        if end >= 0:
            yield start, end
        start, end = m.span()
    if end >= 0:
        yield start, end


def _unwrapped(text: str) -> str:
    return " ".join(text.split())


def _may_name(word: str) -> bool:
    return len(word) > 1 and word.lower() not in CALENDAR and (word in ACRONYMS or word.lower() not in STOP)


def other_actor(quote: str, names: Sequence[str]) -> str | None:
    """With its first run of capitals that is a known name replaced by another of `names`, which are in order of choice.

    The other shares no root with a word of the quote; one of as many words comes first. "The" and the like before a
    name stay. None where the quote has no known name, or there is no other.
    """
    taken = _roots(quote)
    free = [name for name in names if not taken & _roots(name)]
    found = next(
        (place for place in map(partial(_bare_run, quote), _runs(quote)) if quote[slice(*place)] in names), None
    )
    if not found or not free:
        return None
    start, end = found
    size = len(quote[start:end].split())
    other = next((name for name in free if len(name.split()) == size), free[0])
    return quote[:start] + other + quote[end:]


def _bare_run(text: str, run: tuple[int, int]) -> tuple[int, int]:
    """The run without a first word that only begins a sentence, as in "But Russia"."""
    start, end = run
    first, _, rest = text[start:end].partition(" ")
    return (end - len(rest), end) if rest and first.lower() in STOP else run


def _roots(text: str) -> set[str]:
    return {root(word) for word in _PART.findall(text)}


# --- rule: number -----------------------------------------------------------------------------

_NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBER = re.compile(rf"(?<!\w)[0-9]+(?:[.,:][0-9]+)*|\b(?:{'|'.join(_NUMBERS)})\b", re.IGNORECASE)


def other_number(quote: str) -> str | None:
    """With another value in the place of its first figure or number word from two to ten; None where it has none."""
    found = _NUMBER.search(quote)
    if not found:
        return None
    number = found[0]
    other = _next_word(number) if number[0].isalpha() else _other_figure(number)
    return quote[: found.start()] + other + quote[found.end() :]


def _next_word(number: str) -> str:
    at = _NUMBERS.index(number.lower())
    other = _NUMBERS[at + 1 if at + 1 < len(_NUMBERS) else at - 1]
    return other.capitalize() if number[0].isupper() else other


def _other_figure(figure: str) -> str:
    """Its last digit that is not 0 is lowered by one: 5,000 is 4,000. A 1 that leads is raised, so that none is 0."""
    at = max((i for i, c in enumerate(figure) if c in "123456789"), default=len(figure) - 1)
    leads = not any(c in "123456789" for c in figure[:at])
    digit = int(figure[at]) + (1 if leads and figure[at] in "01" else -1)
    return f"{figure[:at]}{digit}{figure[at + 1 :]}"


# --- rule: stitched ---------------------------------------------------------------------------


def stitched(quote: str, others: Iterable[str]) -> str | None:
    """Its first half and the second half of the first other that neither holds it nor stands in it."""
    words = quote.split()
    if len(words) < 2 * HALF:
        return None
    for other in others:
        tail = other.split()
        if len(tail) >= 2 * HALF and _words(quote) not in _words(other) and _words(other) not in _words(quote):
            return " ".join([*words[: len(words) // 2], *tail[len(tail) // 2 :]])
    return None


# --- measuring --------------------------------------------------------------------------------


def traps(quotes: Sequence[Quoted], sources: Mapping[str, Told]) -> list[Trap]:
    """One of each kind for each quote, in order; what could not be made says so."""
    made: list[Trap] = []
    by_article: dict[str, list[str]] = {}
    for key, quote in quotes:
        by_article.setdefault(key, []).append(_unwrapped(quote))
    for key, of_article in by_article.items():
        for n, quote in enumerate(of_article):
            others = [*of_article[n + 1 :], *of_article[:n]]
            rules = (negated(quote), other_actor(quote, sources[key].names), other_number(quote))
            for kind, text in zip(KINDS, (*rules, stitched(quote, others)), strict=True):
                made.append(Trap(kind, key, text, text is not None and _words(text) in sources[key].words))
    return made


def measure(quotes: Iterable[Quoted], articles: Mapping[str, Article]) -> list[Row]:
    """A Row for the true quotes, for each kind of trap, and for all traps. A quote given twice counts once.

    `quotes` are (article key, words that the article says); raises ReadError for a key that `articles` has not.
    """
    once = list(dict.fromkeys(quotes))
    sources = {key: told(_article(key, articles)) for key in dict.fromkeys(key for key, _ in once)}
    made = traps(once, sources)
    rows = [_row(TRUE, [Trap(TRUE, key, quote) for key, quote in once], sources)]
    rows += [_row(kind, [t for t in made if t.kind == kind], sources) for kind in KINDS]
    return [*rows, _sum(rows[1:])]


def _sum(rows: Sequence[Row]) -> Row:
    accepted = {name: sum(r.accepted[name] for r in rows) for name in rows[0].accepted}
    return Row(ALL, sum(r.judged for r in rows), sum(r.without for r in rows), sum(r.standing for r in rows), accepted)


def _article(key: str, articles: Mapping[str, Article]) -> Article:
    if key not in articles:
        raise ReadError(f"article {key}: not among the {len(articles)} articles: give the whole collection")
    return articles[key]


def _row(kind: str, given: Sequence[Trap], sources: Mapping[str, Told]) -> Row:
    judged = [(t.text, sources[t.article]) for t in given if t.text is not None and not t.standing]
    takers = matchers()
    accepted = dict.fromkeys(takers, 0)
    for text, source in judged:
        for name, accepts in takers.items():
            accepted[name] += accepts(text, source)
    without = sum(t.text is None for t in given)
    return Row(kind, len(judged), without, sum(t.standing for t in given), accepted)


def whole(quotes: Iterable[Quoted], articles: Mapping[str, Article]) -> tuple[list[Quoted], int]:
    """The sentences that hold the quotes, each once, and how many quotes lie in no single sentence."""
    sentences: dict[str, list[tuple[str, str]]] = {}
    found: dict[Quoted, None] = {}
    lost = 0
    for key, quote in quotes:
        if key not in sentences:
            sentences[key] = [(s.text, plain(s.text)) for s in split(_article(key, articles))[0]]
        holder = next((text for text, flat in sentences[key] if plain(quote) in flat), None)
        if holder is None:
            lost += 1
        else:
            found[key, holder] = None
    return list(found), lost


# --- the report -------------------------------------------------------------------------------


def table(rows: Sequence[Row]) -> str:
    """The rows in Markdown: for each matcher the share that it accepts, and in brackets how many."""
    names = list(rows[0].accepted) if rows else []
    lines = [
        f"| quotes | judged | no rule applies | stands there | {' | '.join(names)} |",
        "|---" * (4 + len(names)) + "|",
    ]
    for row in rows:
        cells = [f"{n / row.judged:.2f} ({n})" if row.judged else "–" for n in row.accepted.values()]
        lines.append(f"| {row.kind} | {row.judged} | {row.without} | {row.standing} | {' | '.join(cells)} |")
    return "\n".join(lines)


def reference_quotes(suite: Suite) -> list[Quoted]:
    """The quotes of a suite that has words where it had spans (`evals.items.with_quotes`), each once."""
    return list(
        dict.fromkeys(
            (key, quote)
            for item in suite.references
            for position in item["positions"]
            for key, words in position["quotes"].items()
            for quote in words
        )
    )


def _keys(suite: Suite) -> list[str]:
    """The articles that its positions cite."""
    positions = [p for item in suite.references for p in item["positions"]]
    return list(dict.fromkeys(key for p in positions for key in p.get("quotes") or p["spans"]))


def _run(given: argparse.Namespace) -> int:
    suite = load(given.suite)
    if suite.closed:
        raise UsageError(f"{given.suite}: its items bring their own documents: give a suite over articles")
    columns = parse_map(given.map) if given.map else None
    articles = speakers.articles(given.articles, columns, _keys(suite))
    suite = with_quotes(suite, {key: article.text for key, article in articles.items()})
    quotes = reference_quotes(suite)
    sentences, lost = whole(quotes, articles)
    sys.stdout.write(f"{len(quotes)} reference quotes of {len(articles)} articles, as they are\n\n")
    sys.stdout.write(f"{table(measure(quotes, articles))}\n\n")
    sys.stdout.write(f"The {len(sentences)} sentences that hold them (in no single sentence: {lost})\n\n")
    sys.stdout.write(f"{table(measure(sentences, articles))}\n")
    if given.write:
        write(given.write, table(measure(sentences, articles)), BEGIN, END)
    if given.show:
        _show(sentences, articles)
    return 0


def _show(quotes: Sequence[Quoted], articles: Mapping[str, Article]) -> None:
    sources = {key: told(articles[key]) for key in dict.fromkeys(key for key, _ in quotes)}
    for trap in traps(quotes, sources):
        if trap.text is not None and not trap.standing:
            sys.stdout.write(f"\n{trap.kind}, {trap.article}: {plain(trap.text)}")
    sys.stdout.write("\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 0 when done, 1 when the suite or its articles cannot be read, 2 for wrong usage."""
    here = Path(__file__).parent
    parser = argparse.ArgumentParser(
        prog="evals.traps", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("suite", type=Path, nargs="?", default=here / "suites" / "bundled.json")
    parser.add_argument("articles", type=Path, nargs="*", default=[here.parent / "corpus"])
    parser.add_argument("--map", metavar="SPEC", help="a table's columns: id=unit_id,text=article_content")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table of the sentences into this document")
    parser.add_argument("--show", action="store_true", help="print each trap of the sentences too")
    given = parser.parse_args(argv)
    return guarded("traps", lambda: _run(given))


if __name__ == "__main__":
    sys.exit(main())
