"""Whether the speaker is right: scored on PolNeAR-shaped articles (Newell and others, LREC 2018).

    python -m evals.attribution FILE.jsonl [--half even|odd] [--errors N]

One article a line: `text`, and `attributions`, each with `source`, `cue` and `content` as lists of character spans.
Sentences come from `rag.split`, parses from `rag.parse`; nothing of the human's marks is given to the program.

- A sentence is *attributed* where it overlaps a marked content span; one whose marks all lack a source is left out.
- *speaker right*: of the attributed sentences, those where the speaker that the program gives to most of the marked
  content has the head word of that mark's source. Both sides are the words in the text: "he" is right where "he" is
  marked, whatever name it was resolved to (the file does not resolve pronouns). A name is also right where the program
  resolved a pronoun or a role to the marked name.
- *reporting word*: the same over marks whose cue holds a reporting word, as the program's own inventory has them.
- *any speaker right*: the same, where any speaker in the sentence may be that of any mark over it.
- *none invented*: of the sentences without a mark, those where the program gives no speaker.

The marks go further than words: "the union backs the deal" is marked as the union's. The program finds such attitudes
but never shows them as speech, so every figure is given twice: with attitudes, and for what it would show. The bar
counts every marked sentence, as the marks do, and so it is held against the first.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rag import cues
from rag.attribution import Said, attribute
from rag.parse import Parser
from rag.split import split
from rag.trees import Tree
from rag.types import Article, Block, Sentence, Tokens

BARS = {"speaker right": 0.80, "none invented": 0.85}


@dataclass(frozen=True, slots=True)
class Mark:
    """One human-marked attribution, in article offsets. `head` is the source's head word, None without a source."""

    head: tuple[int, int] | None
    source: str
    cue: str
    reporting: bool  # whether its cue holds a word of the program's own inventory of reporting words
    content: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Parsed:
    text: str
    sentences: Sequence[Sentence]
    tokens: Sequence[Tokens]
    marks: Sequence[Mark]


@dataclass(slots=True)
class Score:
    counts: Counter[str] = field(default_factory=Counter)
    errors: list[tuple[str, str, str, str]] = field(default_factory=list)  # kind, sentence, marked, given

    def share(self, part: str, whole: str) -> float:
        return self.counts[part] / self.counts[whole] if self.counts[whole] else 0.0


# --- reading ----------------------------------------------------------------------------------


def read(path: Path, parser: Parser, keep: Sequence[int] = (0, 1)) -> Iterator[Parsed]:
    """The file's articles, parsed; `keep` picks even (0) and odd (1) lines."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        if number % 2 in keep:
            yield parsed(json.loads(line), parser)


def parsed(item: dict, parser: Parser) -> Parsed:  # type: ignore[type-arg]
    text = item["text"]
    sentences, _ = split(Article("x", "x", text, tuple(_blocks(text))))
    tokens = parser.parse([sentence.text for sentence in sentences])
    return Parsed(text, sentences, tokens, [_mark(a, text, sentences, tokens) for a in item["attributions"]])


def _blocks(text: str) -> Iterator[Block]:
    at = 0
    for line in text.split("\n"):
        if line.strip():
            yield Block(at, at + len(line))
        at += len(line) + 1


def _mark(item: dict, text: str, sentences: Sequence[Sentence], tokens: Sequence[Tokens]) -> Mark:  # type: ignore[type-arg]
    content = tuple((span["start"], span["end"]) for span in item["content"])
    if not item["source"]:
        return Mark(None, "", "", False, content)
    start, end = item["source"][0]["start"], item["source"][-1]["end"]
    reporting = any(_reports(span["start"], span["end"], sentences, tokens) for span in item["cue"])
    cue = " … ".join(text[span["start"] : span["end"]] for span in item["cue"])
    return Mark(head_word(start, end, sentences, tokens), text[start:end], cue, reporting, content)


def _reports(start: int, end: int, sentences: Sequence[Sentence], tokens: Sequence[Tokens]) -> bool:
    """Whether a cue says or thinks ("said", "according to", "claim that") rather than wants, backs or does."""
    inventory = cues.SAY | cues.THINK | cues.OBJECT | cues.NOUNS | {"accord", "according"}
    near = [(s, t) for s, t in zip(sentences, tokens, strict=True) if s.start < end and s.end > start]
    return any(w.lemma in inventory for s, t in near for w in t if s.start + w.start < end and s.start + w.end > start)


def head_word(start: int, end: int, sentences: Sequence[Sentence], tokens: Sequence[Tokens]) -> tuple[int, int] | None:
    """The word among article offsets `start:end` that the others there hang on."""
    for sentence, words in zip(sentences, tokens, strict=True):
        over = [i for i, t in enumerate(words) if sentence.start + t.start < end and sentence.start + t.end > start]
        if over:
            head = words[Tree(words).head_of(over[0], over[-1] + 1)]
            return sentence.start + head.start, sentence.start + head.end
    return None


# --- scoring ----------------------------------------------------------------------------------


def score(articles: Sequence[Parsed], attitudes: bool = True) -> Score:
    """Scores what the program finds; without `attitudes`, only what it would show as somebody's words."""
    result = Score()
    for article in articles:
        given = attribute(article.sentences, article.tokens, None)
        for sentence, said in zip(article.sentences, given, strict=True):
            _score_sentence(article, sentence, [s for s in said if attitudes or not s.attitude], result)
    return result


def _score_sentence(article: Parsed, sentence: Sentence, said: Sequence[Said], result: Score) -> None:
    marks = [m for m in article.marks if _overlap(m, sentence.start, sentence.end)]
    if not marks:
        result.counts["unmarked"] += 1
        result.counts["unmarked, speaker given" if said else "unmarked, none given"] += 1
        if said:
            result.errors.append(("invented", sentence.text, "", _shown(article, said)))
        return
    named = [m for m in marks if m.head is not None]
    if not named:
        result.counts["marked without a source, left out"] += 1
        return
    main = max(named, key=lambda m: _overlap(m, sentence.start, sentence.end))
    verdict = _verdict(article, sentence, main, said)
    result.counts["marked"] += 1
    result.counts[verdict] += 1
    kind = "quoted" if sum(sentence.text.count(mark) for mark in '“”"') else "unquoted"
    result.counts[f"marked, {kind}"] += 1
    result.counts[f"marked, {kind}, right"] += verdict == "right"
    if main.reporting:
        result.counts["marked, reporting word"] += 1
        result.counts["marked, reporting word, right"] += verdict == "right"
    result.counts["any right"] += any(_same(article, m, s) for m in named for s in said)
    if verdict != "right":
        result.errors.append((verdict, sentence.text, f"{main.source} <{main.cue}>", _shown(article, said)))


def _overlap(mark: Mark, start: int, end: int) -> int:
    return sum(max(0, min(b, end) - max(a, start)) for a, b in mark.content)


def _verdict(article: Parsed, sentence: Sentence, main: Mark, said: Sequence[Said]) -> str:
    """`right`, `wrong` or `silent`: the speaker over most of the mark's content, the tighter span where they tie."""
    if not said:
        return "silent"
    clipped = Mark(
        None, "", "", False, tuple((max(a, sentence.start), min(b, sentence.end)) for a, b in main.content if b > a)
    )
    best = max(said, key=lambda s: (_overlap(clipped, s.start, s.end), s.start - s.end))
    ties = [s for s in said if _overlap(clipped, s.start, s.end) == _overlap(clipped, best.start, best.end)]
    if _same(article, main, best):
        return "right"
    return (
        "right" if any(_same(article, main, s) for s in ties if s.end - s.start == best.end - best.start) else "wrong"
    )


def _same(article: Parsed, mark: Mark, said: Said) -> bool:
    if mark.head is None:
        return False
    marked = _plain(article.text[slice(*mark.head)])
    return marked in _heads(article, said)


def _heads(article: Parsed, said: Said) -> set[str]:
    """The head word of the speaker as it stands there, and the last word of the name that it was resolved to."""
    found = set()
    if said.speaker_span is not None:
        head = head_word(*said.speaker_span, article.sentences, article.tokens)
        if head is not None:
            found.add(_plain(article.text[slice(*head)]))
    if said.attribution.speaker is not None:
        found.add(_plain(said.attribution.speaker.split()[-1]))
    return found


def _plain(word: str) -> str:
    return word.casefold().strip(".,'’“”\"")


def _shown(article: Parsed, said: Sequence[Said]) -> str:
    return " | ".join(f"{s.attribution.speaker} <{s.cue}> {article.text[s.start : s.end][:60]}" for s in said)


# --- the report -------------------------------------------------------------------------------


def report(result: Score) -> str:
    lines = [
        f"speaker right      {result.share('right', 'marked'):.3f}  (bar {BARS['speaker right']:.2f})",
        f"any speaker right  {result.share('any right', 'marked'):.3f}",
        f"  with quote marks {result.share('marked, quoted, right', 'marked, quoted'):.3f}",
        f"  without          {result.share('marked, unquoted, right', 'marked, unquoted'):.3f}",
        f"  reporting word   {result.share('marked, reporting word, right', 'marked, reporting word'):.3f}",
        f"right where given  {result.counts['right'] / max(1, result.counts['right'] + result.counts['wrong']):.3f}",
        f"none invented      {result.share('unmarked, none given', 'unmarked'):.3f}  (bar {BARS['none invented']:.2f})",
    ]
    return "\n".join(lines + [f"{count:7d}  {name}" for name, count in sorted(result.counts.items())])


def main(argv: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(
        prog="python -m evals.attribution", description="Score the speakers that are found."
    )
    options.add_argument("file", type=Path)
    options.add_argument("--half", choices=["even", "odd"], help="only every other article")
    options.add_argument("--errors", type=int, default=0, help="print this many errors, spread over the file")
    args = options.parse_args(argv)
    keep = {"even": (0,), "odd": (1,), None: (0, 1)}[args.half]
    articles = list(read(args.file, Parser(), keep))
    result = score(articles)
    sys.stdout.write(f"with attitudes\n{report(result)}\n\n")
    sys.stdout.write(f"only what is shown as speech\n{report(score(articles, attitudes=False))}\n")
    step = max(1, len(result.errors) // args.errors) if args.errors else 1
    for kind, sentence, marked, given in result.errors[::step][: args.errors]:
        sys.stdout.write(f"\n{kind}: {sentence}\n  marked: {marked}\n  given:  {given}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
