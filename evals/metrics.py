"""What an answer earns against reference positions: one definition a figure, no model, the standard library only.

`score_open` scores an answer to a question over articles whose reference positions name the passages that state them;
`score_closed` one over an item's own documents, whose sides name an answer and the documents that assert it. Both give
a Row of counts, and every figure is a function of rows. OPEN and CLOSED name the figures of a table, in its order.

A citation counts when its quote stands in what it cites. In one position, what an article's quotes spend past MAX_WORDS
words counts neither for nor against, except its first quote: whoever cites everything must not win by it. A given
position *can match* a reference when at least half of its counted citations support it, so one heap of everything
matches nothing; the *matching* is the largest one-to-one matching among those that can (Kuhn 1955).
"""

from __future__ import annotations

import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

Item = Mapping[str, Any]
Answered = Mapping[str, Any]  # the JSON form of an answer; one with an "error" has no outcome and no position
Kind = Literal["contested", "agreed", "unanswerable", "namesakes", "noise"]
Supports = Callable[[str, str], frozenset[int]]
"""(article, plain quote) → the references that a citation of it supports."""

MAX_WORDS = 60
AT = (8, 20)  # sentences: about a screen of a cited-answer program, and what a careful reader would look through
ENOUGH = 0.5  # of the shorter of two overlapping passages; of a position's citations
SAME_SENTENCE = 4  # words from which on a quote can be told by its words alone
ALIKE = str.maketrans("‘’“”–—\u00a0", "''\"\"-- ")


@dataclass(frozen=True, slots=True)
class Row:
    """What one answer earned, as counts. `kind` says what an honest answer to the item is."""

    id: str
    kind: Kind
    outcome: str | None  # None: no answer came
    quotes: int  # citations given
    verbatim: int  # of them, those whose quote stands in the article
    counted: int  # of those, within MAX_WORDS
    useful: int  # of those, supporting some reference
    given: int  # positions in the answer
    wanted: int  # reference positions
    matched: int  # of either, one to one
    stated: int  # reference positions that some citation supports, wherever it stands
    sources: int  # (reference position, article) pairs
    sources_found: int
    speakers: int = 0  # useful citations whose speaker is marked
    speakers_right: int = 0
    chains: int = 0  # ... and those whose chain is marked
    chains_right: int = 0
    backed: int = 0  # positions in the answer of which some counted citation supports a reference
    read: Mapping[int, int] | None = None  # k → reference positions stated in the k surest sentences read
    seconds: float | None = None
    tokens: int | None = None  # None: no model was asked
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` None: nothing could be scored. `scored` and `left_out` count answers (quotes, for quote fidelity)."""

    value: float | None
    scored: int
    left_out: int


Measure = Callable[[Sequence[Row]], Figure]


# --- texts ------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """Unicode's compatibility form (NFKC), quotes and dashes made one kind, runs of white space one space."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(ALIKE).split())


def bare(text: str) -> str:
    """Lower-case ASCII letters and digits, one space between."""
    return " ".join(re.findall(r"[0-9a-z]+", plain(text).lower()))


def holds(quote: str, answer: str) -> bool:
    """The answer's words stand in the quote one after the other, whatever their case and punctuation."""
    return bool(bare(answer)) and f" {bare(answer)} " in f" {bare(quote)} "


def _places(text: str, part: str) -> list[tuple[int, int]]:
    """Every place of `part`, also where two overlap. An empty part has none."""
    return [(m.start(), m.start() + len(part)) for m in re.finditer(f"(?={re.escape(part)})", text)] if part else []


def overlap(text: str, quote: str, wanted: str) -> bool:
    """In some place of each, they share at least half of the shorter. All three are plain."""
    enough = ENOUGH * min(len(quote), len(wanted))
    wanted_at = _places(text, wanted)
    return any(min(b, d) - max(a, c) >= enough for a, b in _places(text, quote) for c, d in wanted_at)


# --- one answer -------------------------------------------------------------------------------


def score_open(item: Item, answer: Answered, texts: Mapping[str, str]) -> Row:
    """`item` has positions with quotes by article key; `texts` are the plain articles by the same keys.

    A citation supports a position when its quote overlaps one of the position's quotes in that article."""
    pairs = frozenset((i, key) for i, p in enumerate(item["positions"]) for key in p["quotes"])
    supports = supports_open(item, texts)
    row = _score(item, item["kind"], answer, texts, article_key, supports, len(item["positions"]), pairs)
    n = _speaking(item, answer, texts)
    return replace(
        row, speakers=n["marked"], speakers_right=n["right"], chains=n["chained"], chains_right=n["chain right"]
    )


def supports_open(item: Item, texts: Mapping[str, str]) -> Supports:
    wanted = [{key: [plain(q) for q in quotes] for key, quotes in p["quotes"].items()} for p in item["positions"]]

    def supports(article: str, quote: str) -> frozenset[int]:
        text = texts[article]
        return frozenset(i for i, w in enumerate(wanted) if any(overlap(text, quote, q) for q in w.get(article, ())))

    return supports


def with_read(row: Row, item: Item, sentences: Sequence[tuple[str, str]], texts: Mapping[str, str]) -> Row:
    """The row with what was read for it: (article, sentence) pairs, surest first."""
    told = [(article_key(article), plain(sentence)) for article, sentence in sentences]

    def rank(position: Mapping[str, Any]) -> int:
        """How many sentences come before the first that states it."""
        wanted = {key: [plain(q) for q in quotes] for key, quotes in position["quotes"].items()}
        stating = (any(overlap(texts.get(k, ""), s, q) for q in wanted.get(k, ())) for k, s in told)
        return next((n for n, states in enumerate(stating) if states), len(told))

    ranks = [rank(p) for p in item["positions"]]
    return replace(row, read={k: sum(r < min(k, len(told)) for r in ranks) for k in AT})


def _speaking(item: Item, answer: Answered, texts: Mapping[str, str]) -> Counter[str]:
    """How many citations have a marked speaker or chain, and how many of these give it. A position's "speakers" are
    {article key: {quote: name, or {"speaker": name, "via": [name]}}}; one of its quotes without is the outlet's own."""
    counts = Counter[str]()
    for position in answer.get("positions", ()):
        for c in position.get("citations", ()):
            key, quote = article_key(str(c["article"])), plain(str(c["quote"]))
            marks = _marks(item, key, quote, texts.get(key, ""))
            if not marks:
                continue
            given, via = c.get("speaker"), c.get("via") or []
            counts["marked"] += 1
            counts["right"] += any(same_name(m.get("speaker"), given) for m in marks)
            chains = [m["via"] for m in marks if "via" in m]
            counts["chained"] += bool(chains)
            counts["chain right"] += any(same_chain(chain, via) for chain in chains)
    return counts


def _marks(item: Item, key: str, quote: str, text: str) -> list[Mapping[str, Any]]:
    """Who says the passages that a quote overlaps; none where the item does not mark it."""
    found: list[Mapping[str, Any]] = []
    for position in item["positions"]:
        marked = position.get("speakers")
        if marked is None:
            continue
        for wanted in position["quotes"].get(key, ()):
            if overlap(text, quote, plain(wanted)):
                mark = marked.get(key, {}).get(wanted, {})
                found.append({"speaker": mark} if isinstance(mark, str) else mark)
    return found


def same_name(marked: str | None, given: str | None) -> bool:
    """Whether two names mean one: all words of the one are in the other, and both are joined by "and" or neither."""
    if not marked or not given:
        return bool(marked) is bool(given)
    one, other = _name(marked), _name(given)
    return (one <= other or other <= one) and ("and" in one) == ("and" in other)


def _name(name: str) -> set[str]:
    return {word.strip(".,'’“”\"").casefold().replace("-", "") for word in name.split()} - {"the", "a", "an"}


def same_chain(marked: Sequence[str], given: Sequence[str]) -> bool:
    """The same ones between the speaker and the outlet, in order."""
    return len(marked) == len(given) and all(map(same_name, marked, given))


def score_closed(item: Item, answer: Answered) -> Row:
    """`item` has docs [{doc_id, text}] and sides [{answer, doc_ids, evidence?}]; `carries` says what supports
    one."""
    texts = {d["doc_id"]: plain(d["text"]) for d in item["docs"]}
    return _score(item, closed_kind(item), answer, texts, str, supports_closed(item), len(item["sides"]), frozenset())


def supports_closed(item: Item) -> Supports:
    def supports(doc: str, quote: str) -> frozenset[int]:
        return frozenset(i for i, s in enumerate(item["sides"]) if doc in s["doc_ids"] and carries(quote, s))

    return supports


def carries(quote: str, side: Mapping[str, Any]) -> bool:
    """The quote holds the side's answer; or is, by half of the words of the shorter, one of its evidence sentences; or,
    where the side has no such sentences, holds all figures of its answer."""
    words = set(bare(quote).split())
    figures = set(re.findall(r"\d+", bare(side["answer"])))
    evidence = [set(bare(e).split()) for e in side.get("evidence") or ()]
    if holds(quote, side["answer"]) or (figures and not evidence and figures <= words):
        return True
    if len(words) < SAME_SENTENCE:
        return False
    return any(e and len(words & e) >= ENOUGH * min(len(words), len(e)) for e in evidence)


def closed_kind(item: Item) -> Kind:
    """As the item says. Else contested where the sides cannot all be right; namesakes where all are right, about things
    of one name."""
    if item.get("kind"):
        return item["kind"]
    if len(item["sides"]) < 2:
        return "agreed" if item["sides"] else "noise"
    return "namesakes" if "gold_answers" in item and not item.get("wrong_answers") else "contested"


def article_key(article: str) -> str:
    """How suites name an article: its file's name without folder and .txt; only the digits, where three and "_" begin
    it."""
    stem = article.rsplit("/", 1)[-1].removesuffix(".txt")
    return stem[: stem.index("_")] if re.match(r"\d{3}_", stem) else stem


def _score(
    item: Item,
    kind: Kind,
    answer: Answered,
    texts: Mapping[str, str],
    key: Callable[[str], str],
    supports: Supports,
    wanted: int,
    pairs: frozenset[tuple[int, str]],
) -> Row:
    quotes = verbatim = 0
    scored: list[
        list[tuple[str, frozenset[int]]]
    ] = []  # a position each: its counted citations, with what they support
    for position in answer.get("positions", ()):
        cited = [(key(str(c["article"])), plain(str(c["quote"]))) for c in position.get("citations", ())]
        true = [(article, quote) for article, quote in cited if quote and quote in texts.get(article, "")]
        quotes, verbatim = quotes + len(cited), verbatim + len(true)
        scored.append([(article, supports(article, quote)) for article, quote in _within(true)])
    flat = [c for position in scored for c in position]
    usage = answer.get("usage") or {}
    return Row(
        id=str(item["id"]), kind=kind, outcome=answer.get("outcome"),
        quotes=quotes, verbatim=verbatim, counted=len(flat), useful=sum(bool(found) for _, found in flat),
        given=len(scored), wanted=wanted, matched=matched([_can_match(p) for p in scored]),
        stated=len({i for _, found in flat for i in found}),
        backed=sum(any(found for _, found in position) for position in scored),
        sources=len(pairs), sources_found=len(pairs & {(i, article) for article, found in flat for i in found}),
        seconds=answer["timings_ms"]["total"] / 1000 if answer.get("timings_ms") else None,
        tokens=usage.get("prompt_tokens", 0) + usage.get("completion_tokens", 0) if usage else None,
        cost=usage.get("cost"),
    )  # fmt: skip


def _within(cited: Sequence[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    """Those that come before their article has spent its words, and each article's first."""
    spent: Counter[str] = Counter()
    for article, quote in cited:
        first = not spent[article]
        spent[article] += len(quote.split())
        if first or spent[article] <= MAX_WORDS:
            yield article, quote


def _can_match(citations: Sequence[tuple[str, frozenset[int]]]) -> frozenset[int]:
    counts = Counter(i for _, found in citations for i in found)
    return frozenset(i for i, n in counts.items() if n >= ENOUGH * len(citations))


def matched(can_match: Sequence[frozenset[int]]) -> int:
    """The size of the largest one-to-one matching of rows with the numbers that each can match."""
    taken: dict[int, int] = {}  # number → row

    def seat(row: int, tried: set[int]) -> bool:
        """Give `row` a number, moving others to another of theirs where that makes room."""
        for number in sorted(can_match[row] - tried):
            tried.add(number)
            holder = taken.get(number)
            if holder is None or seat(holder, tried):
                taken[number] = row
                return True
        return False

    return sum(seat(row, set()) for row in range(len(can_match)))


# --- figures ----------------------------------------------------------------------------------


def _mean(values: Iterable[float | None]) -> Figure:
    every = list(values)
    known = [v for v in every if v is not None]
    return Figure(statistics.fmean(known) if known else None, len(known), len(every) - len(known))


def _share(rows: Iterable[Row], kinds: Iterable[Kind], outcome: str) -> Figure:
    asked = set(kinds)
    return _mean(float(r.outcome == outcome) if r.kind in asked else None for r in rows)


def _of(part: int, whole: int, asked: int) -> float | None:
    """part / whole, 0 of nothing given, None where nothing was asked for."""
    return (part / whole if whole else 0.0) if asked else None


def quote_fidelity(rows: Sequence[Row]) -> Figure:
    """The share of all quotes that stand in the article they cite, word for word after `plain`. Ours: must be 1."""
    quotes = sum(r.quotes for r in rows)
    return Figure(sum(r.verbatim for r in rows) / quotes if quotes else None, quotes, 0)


def position_recall(rows: Sequence[Row]) -> Figure:
    """Matched reference positions of all there are, by answer (macro). One-to-one matching as in CEAF (Luo 2005), so
    a position given twice earns once. Over items with a reference position. On closed items: separated recall."""
    return _mean(_of(r.matched, r.wanted, r.wanted) for r in rows)


def position_precision(rows: Sequence[Row]) -> Figure:
    """Matched positions of all that the answer gives, by answer; 0 where it gives none. Over the same items."""
    return _mean(_of(r.matched, r.given, r.wanted) for r in rows)


def position_f1(rows: Sequence[Row]) -> Figure:
    """The harmonic mean of position recall and position precision (van Rijsbergen 1979), of the means and not by
    item. On closed items: separated F1."""
    recall, precision = position_recall(rows), position_precision(rows)
    if recall.value is None or precision.value is None:
        return recall
    both = recall.value + precision.value
    return Figure(2 * recall.value * precision.value / both if both else 0.0, recall.scored, recall.left_out)


def all_positions(rows: Sequence[Row]) -> Figure:
    """The share of contested questions whose every reference position is matched: half a dispute misleads. Ours."""
    return _mean(float(r.matched == r.wanted) if r.kind == "contested" and r.wanted else None for r in rows)


def all_separated(rows: Sequence[Row]) -> Figure:
    """The share of items whose every side is matched by a position of its own, of all items with a side. Ours, over
    RAMDocs (Wang and others 2025) and WikiContradict (Hou and others 2024)."""
    return _mean(float(r.matched == r.wanted) if r.wanted else None for r in rows)


def source_recall(rows: Sequence[Row]) -> Figure:
    """Of the (reference position, article) pairs, those that some citation supports, by answer. Ours."""
    return _mean(_of(r.sources_found, r.sources, r.sources) for r in rows)


def side_recall(rows: Sequence[Row]) -> Figure:
    """Of the sides, those that some citation supports, wherever in the answer it stands. Ours; beside separated recall
    it shows how much is found and then thrown together."""
    return _mean(_of(r.stated, r.wanted, r.wanted) for r in rows)


def citation_precision(rows: Sequence[Row]) -> Figure:
    """Of the counted citations, those that support some reference position, by answer; 0 where there is none. After
    ALCE (Gao and others 2023), with a human's spans in the place of its entailment model."""
    return _mean(_of(r.useful, r.counted, r.wanted) for r in rows)


def citation_recall(rows: Sequence[Row]) -> Figure:
    """Of the positions that the answer gives, those that some counted citation backs, by answer; 0 where it gives none.
    After ALCE (Gao and others 2023), where each statement must be supported by what it cites; with a human's spans in
    the place of its entailment model."""
    return _mean(_of(r.backed, r.given, r.wanted) for r in rows)


def dispute_recall(rows: Sequence[Row]) -> Figure:
    """Of the contested items, those that are called disputed. Ours; after the conflict awareness of WikiContradict."""
    return _share(rows, ("contested",), "disputed")


def false_dispute(rows: Sequence[Row]) -> Figure:
    """Of the items whose sources do not disagree, those that are called disputed. The unanswerable of an open suite are
    left to abstention."""
    return _share(rows, ("agreed", "noise"), "disputed")


def dispute_precision(rows: Sequence[Row]) -> Figure:
    """Of the answers that are called disputed, those to contested items. Ours. Namesakes are left out: there, either is
    right."""
    called = (r.outcome == "disputed" and r.kind != "namesakes" for r in rows)
    return _mean(float(r.kind == "contested") if c else None for r, c in zip(rows, called, strict=True))


def namesakes_flagged(rows: Sequence[Row]) -> Figure:
    """Of RAMDocs' items with several right answers about different things, those called disputed: neither right nor
    wrong, so it stands alone."""
    return _share(rows, ("namesakes",), "disputed")


def abstained_unanswerable(rows: Sequence[Row]) -> Figure:
    """Of the unanswerable, those left unanswered: the higher the better (the no-answer side of SQuAD 2.0, Rajpurkar and
    others 2018)."""
    return _share(rows, ("unanswerable",), "unanswered")


def abstained_answerable(rows: Sequence[Row]) -> Figure:
    """Of those that have an answer, those left unanswered: the lower the better."""
    return _share(rows, ("contested", "agreed", "namesakes"), "unanswered")


def speaker_accuracy(rows: Sequence[Row]) -> Figure:
    """Of the citations that support a position and whose speaker is marked, those that name the same one, or nobody
    where the outlet itself speaks. Over citations (micro). Ours."""
    return _pooled((r.speakers_right, r.speakers) for r in rows)


def chain_accuracy(rows: Sequence[Row]) -> Figure:
    """The same for those between the speaker and the outlet, where they are marked: all of them, in order. Ours."""
    return _pooled((r.chains_right, r.chains) for r in rows)


def _pooled(pairs: Iterable[tuple[int, int]]) -> Figure:
    counts = list(pairs)
    whole = sum(n for _, n in counts)
    return Figure(sum(n for n, _ in counts) / whole if whole else None, whole, 0)


def sides_read(k: int) -> Measure:
    """Of the reference positions, those stated in one of the `k` surest sentences that were read: what a position needs
    to be found at all. Recall at k by sides, as in RAMDocs' and CONFLICTS' retrieval settings. By answer."""

    def measure(rows: Sequence[Row]) -> Figure:
        return _mean(_of(r.read[k], r.wanted, r.wanted) if r.read is not None and k in r.read else None for r in rows)

    return measure


def seconds(rows: Sequence[Row]) -> Figure:
    """The median answer's seconds, from the question to the checked answer."""
    known = [r.seconds for r in rows if r.seconds is not None]
    return Figure(statistics.median(known) if known else None, len(known), len(rows) - len(known))


def tokens(rows: Sequence[Row]) -> Figure:
    """A model's tokens, read and written, by answer. Nothing where no model was asked."""
    return _mean(None if r.tokens is None else float(r.tokens) for r in rows)


def cost(rows: Sequence[Row]) -> Figure:
    """What a model's service charges, by answer, in its currency, where it says so."""
    return _mean(r.cost for r in rows)


SPENT: dict[str, Measure] = {"seconds": seconds, "tokens": tokens, "cost": cost}
OPEN: dict[str, Measure] = {
    "quote fidelity": quote_fidelity,
    "position recall": position_recall,
    "position precision": position_precision,
    "position F1": position_f1,
    "all positions of the contested": all_positions,
    "source recall": source_recall,
    **{f"sides read at {k}": sides_read(k) for k in AT},
    "citation precision": citation_precision,
    "citation recall": citation_recall,
    "speaker accuracy": speaker_accuracy,
    "chain accuracy": chain_accuracy,
    "disputes flagged": dispute_recall,
    "dispute precision": dispute_precision,
    "false disputes": false_dispute,
    "abstains: unanswerable": abstained_unanswerable,
    "abstains: answerable": abstained_answerable,
    **SPENT,
}
CLOSED: dict[str, Measure] = {
    "quote fidelity": quote_fidelity,
    "side recall": side_recall,
    "separated recall": position_recall,
    "separated precision": position_precision,
    "separated F1": position_f1,
    "all separated": all_separated,
    "citation precision": citation_precision,
    "citation recall": citation_recall,
    "disputes flagged": dispute_recall,
    "dispute precision": dispute_precision,
    "false disputes": false_dispute,
    "namesakes flagged": namesakes_flagged,
    "abstains: answerable": abstained_answerable,
    **SPENT,
}
LOWER_IS_BETTER = frozenset({"false disputes", "abstains: answerable", *SPENT})
