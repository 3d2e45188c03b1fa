"""Training examples from the data files: question, window, the answer's span in the focus sentence, verdict."""

from __future__ import annotations

import csv
import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.split import split
from rag.types import Article, Block, Sentence
from rag.window import window


@dataclass(frozen=True, slots=True)
class Example:
    question: str
    context: str
    focus: int  # where the focus sentence begins in the context
    answers: bool
    span: tuple[int, int] | None  # in the context; None: unknown where it answers, nothing where it does not
    verdict: bool | None  # yes/no questions that are answered
    source: str


@dataclass(frozen=True, slots=True)
class Text:
    """A document cut into sentences."""

    title: str
    text: str
    sentences: tuple[Sentence, ...]

    def view(self, n: int) -> tuple[str, int]:
        before = self.sentences[n - 1].text if n else ""
        return window(self.title, before, self.sentences[n].text)

    def at(self, offset: int) -> int | None:
        """The sentence that holds an offset."""
        return next((s.n for s in self.sentences if s.start <= offset < s.end), None)


def cut(title: str, text: str) -> Text:
    spans = [(m.start(), m.end()) for m in re.finditer(r"[^\n]+", text)]
    blocks = tuple(Block(a, b) for a, b in spans if text[a:b].strip())
    sentences, _ = split(Article(id="x", title=title, text=text, blocks=blocks))
    return Text(title, text, tuple(sentences))


def example(
    question: str, text: Text, n: int, span: tuple[int, int] | None, answers: bool, verdict: bool | None, source: str
) -> Example:
    context, focus = text.view(n)
    placed = None
    if span is not None:
        shift = focus - text.sentences[n].start
        placed = (span[0] + shift, min(span[1] + shift, len(context)))
    return Example(question, context, focus, answers, placed, verdict, source)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def _nearest(question: str, text: Text, among: Iterable[int], chance: random.Random) -> list[int]:
    asked = _words(question)
    keyed = {n: len(asked & _words(text.sentences[n].text)) + 0.01 * chance.random() for n in among}
    return sorted(keyed, key=lambda n: -keyed[n])


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def squad(rows: Iterable[dict[str, Any]], chance: random.Random) -> Iterator[Example]:
    """SQuAD 2.0: the sentence that holds the answer; near ones that do not; the sentence after it, which must not."""
    cache: dict[str, Text] = {}
    for row in rows:
        doc = row["docs"][0]
        title = doc["doc_id"].rsplit("-", 1)[0].replace("_", " ") if chance.random() < 0.6 else ""
        if doc["doc_id"] not in cache:
            cache[doc["doc_id"]] = cut("", doc["text"])
        text = Text(title, doc["text"], cache[doc["doc_id"]].sentences)
        asked = row["question"]
        if not row["answerable"]:
            near = _nearest(asked, text, range(len(text.sentences)), chance)
            yield from (
                example(asked, text, n, None, False, None, "squad") for n in near[: 1 + (chance.random() < 0.3)]
            )
            continue
        answer = min(row["answers"], key=len)
        holding = {text.at(m.start()): m.start() for m in re.finditer(re.escape(answer), text.text)}
        places = [n for n in holding if n is not None and holding[n] + len(answer) <= text.sentences[n].end]
        if not places:
            continue
        best = _nearest(asked, text, places, chance)[0]
        start = holding[best]
        yield example(asked, text, best, (start, start + len(answer)), True, None, "squad")
        others = [n for n in range(len(text.sentences)) if n not in places]
        if chance.random() < 0.4:
            continue
        if best + 1 in others and chance.random() < 0.4:
            yield example(asked, text, best + 1, None, False, None, "squad")
        elif near := _nearest(asked, text, others, chance):
            yield example(asked, text, near[0], None, False, None, "squad")


def ramdocs(rows: Iterable[dict[str, Any]], chance: random.Random) -> Iterator[Example]:
    """RAMDocs: of each document the sentence nearest the question that holds its side's answer; sentences of the same
    document, and of noise, that share no word or figure with any answer."""
    for row in rows:
        given = set().union(*(_words(s["answer"]) for s in row["sides"])) if row["sides"] else set()
        for doc in row["docs"]:
            text = cut("", doc["text"])
            sides = [s for s in row["sides"] if doc["doc_id"] in s["doc_ids"]]
            found = {}
            for s in text.sentences:
                for side in sides:
                    if (at := s.text.lower().find(side["answer"].lower())) >= 0:
                        found[s.n] = (s.start + at, s.start + at + len(side["answer"]))
            if found:
                n = _nearest(row["question"], text, found, chance)[0]
                yield example(row["question"], text, n, found[n], True, None, "ramdocs")
            elif sides:
                continue  # told in other words: who knows where
            silent = [s.n for s in text.sentences if not given & _words(s.text)]
            near = _nearest(row["question"], text, silent, chance)
            for n in near[:2] + chance.sample(near[2:], min(1, len(near[2:]))):
                yield example(row["question"], text, n, None, False, None, "ramdocs")


AUXILIARY = re.compile(r"^(.+?) (is|was|are|were|has|have|had|can|could|will|would|did|does|do)( not)? (.+?) ?\.$")


def fever(rows: Sequence[dict[str, Any]], chance: random.Random) -> Iterator[Example]:
    """FEVER-symmetric: claims with an auxiliary, turned into yes/no questions. The deciding words are not marked."""
    for row in rows:
        claim = re.match(AUXILIARY, row["claim"].strip())
        if not claim or len(claim[1].split()) > 5:
            continue
        subject, verb, negated, rest = claim.groups()
        verdict = row["label"] == "SUPPORTS"
        evidence = _untokenise(row["evidence"])
        text = Text("", evidence, cut("", evidence).sentences)
        if not text.sentences:
            continue
        n = _nearest(row["claim"], text, range(len(text.sentences)), chance)[0]
        asked = _untokenise(f"{verb.capitalize()} {subject} {rest}").rstrip(" .") + "?"
        yield example(asked, text, n, None, True, verdict != bool(negated), "fever")
        if chance.random() < 0.4:
            other = {"text": _untokenise(chance.choice(rows)["evidence"])}
            yield _elsewhere(asked, [other], evidence, chance, "fever")


def _untokenise(text: str) -> str:
    text = text.replace("-LRB-", "(").replace("-RRB-", ")").replace("``", '"').replace("''", '"').replace(" -- ", " – ")
    text = re.sub(r" ([,.;:?!)])", r"\1", text)
    return re.sub(r"\( ", "(", text.replace(" 's", "'s"))


def _elsewhere(
    question: str, rows: Sequence[dict[str, Any]], not_this: str, chance: random.Random, source: str
) -> Example:
    """A sentence on another subject, which cannot answer."""
    told = next((r for _ in range(20) if (r := chance.choice(rows))["text"] != not_this), rows[0])
    text = cut("", told["text"])
    return example(question, text, chance.randrange(len(text.sentences)), None, False, None, source)


def written(rows: Sequence[dict[str, Any]], chance: random.Random) -> Iterator[Example]:
    """Our own passages. A negative is taken at the sentence nearest the question."""
    for row in rows:
        text = cut("", row["text"])
        verdict = {"yes": True, "no": False}.get(row.get("verdict") or "")
        if row["start"] is None:
            n = _nearest(row["question"], text, range(len(text.sentences)), chance)[0]
            yield example(row["question"], text, n, None, False, None, "written")
        elif (n_ := text.at(row["start"])) is not None:
            end = min(row["end"], text.sentences[n_].end)
            yield example(row["question"], text, n_, (row["start"], end), True, verdict, "written")
            others = [n for n in range(len(text.sentences)) if n != n_]
            if others and verdict is None and chance.random() < 0.5:
                yield example(row["question"], text, others[0], None, False, None, "written")
            elif verdict is not None and chance.random() < 0.5:
                yield _elsewhere(row["question"], rows, row["text"], chance, "written")


OTHERS = 12  # sentences that do not answer, seen of each labelled question in a pass
NEAREST = 3  # ... and of each question of a set: the nearest teach most; one of the rest is a taste of them


def labelled(rows: Iterable[dict[str, Any]], texts: Texts, chance: random.Random) -> Iterator[Example]:
    """Questions with every sentence judged that the program would read: what answers, and a draw of the rest."""
    for row in rows:
        answers = [r for r in row["read"] if len(r) > 3]
        others = [r for r in row["read"] if len(r) == 3]
        for article, first, last, *found in answers + chance.sample(others, min(len(others), OTHERS)):
            text = texts[article]
            n = text.at((first + last) // 2)
            if n is None or (found and found[0] < text.sentences[n].start):
                continue
            span = (found[0], min(found[1], text.sentences[n].end)) if found else None
            verdict = {"yes": True, "no": False}.get(found[2]) if found else None
            yield example(row["question"], text, n, span, bool(found), verdict, "labelled")


def sets(rows: Iterable[dict[str, Any]], chance: random.Random) -> Iterator[Example]:
    """Small libraries written for this: each question is judged at every sentence of its articles."""
    for row in rows:
        texts = {a["id"]: joined(a["title"], a["sentences"]) for a in row["articles"]}
        for question in row["questions"]:
            answers = {tuple(k.split(":")): v for k, v in question["answers"].items()}
            silent = [(a, n) for a, t in texts.items() for n in range(len(t.sentences)) if (a, str(n)) not in answers]
            asked = _words(question["question"])
            near = sorted(silent, key=lambda at: -len(asked & _words(texts[at[0]].sentences[at[1]].text)))
            drawn = near[:NEAREST] + chance.sample(near[NEAREST:], min(1, len(near[NEAREST:])))
            for a, n in drawn:
                yield example(question["question"], texts[a], n, None, False, None, "sets")
            for (a, at), (words, answer) in answers.items():
                sentence = texts[a].sentences[int(at)]
                start = sentence.start + sentence.text.index(words)
                verdict = {"yes": True, "no": False}.get(answer)
                yield example(
                    question["question"], texts[a], int(at), (start, start + len(words)), True, verdict, "sets"
                )


def contrast(rows: Iterable[dict[str, Any]], chance: random.Random) -> Iterator[Example]:
    """Passages written for this, each with questions that it affirms, denies and leaves open."""
    for row in rows:
        text = cut("", row["text"])
        for verdict, told in ((True, row["yes"]), (False, row["no"])):
            for question, words in told:
                start = row["text"].index(words)
                if (n := text.at(start)) is not None:
                    span = (start, min(start + len(words), text.sentences[n].end))
                    yield example(question, text, n, span, True, verdict, "contrast")
        for question in row["none"]:
            n = _nearest(question, text, range(len(text.sentences)), chance)[0]
            yield example(question, text, n, None, False, None, "contrast")


def joined(title: str, sentences: Sequence[str]) -> Text:
    """A text whose sentences are given."""
    cut_, at = [], 0
    for n, sentence in enumerate(sentences):
        cut_.append(Sentence("", n, at, at + len(sentence), sentence, 0))
        at += len(sentence) + 1
    return Text(title, " ".join(sentences), tuple(cut_))


class Texts(dict[str, Text]):
    """FA-KES articles by their unit_id, cut when asked for. The project holds ids and offsets, the user's table the
    text."""

    def __init__(self, table: Path) -> None:
        with table.open(encoding="utf-8", newline="") as file:
            self.rows = {r["unit_id"]: r for r in csv.DictReader(file)}

    def __missing__(self, article: str) -> Text:
        row = self.rows[article]
        self[article] = cut(row["article_title"], row["article_content"].replace("\r\n", "\n"))
        return self[article]


def fakes(rows: Iterable[dict[str, Any]], texts: Texts, chance: random.Random) -> Iterator[Example]:
    """Our own questions over FA-KES, each with the one place that answers it or does not."""
    for row in rows:
        text = texts[row["article"]]
        verdict = {"yes": True, "no": False}.get(row.get("verdict") or "")
        if row["start"] is None:
            middle = (row["sentence"][0] + row["sentence"][1]) // 2
            if (n := text.at(middle)) is not None:
                yield example(row["question"], text, n, None, False, None, "fakes")
            continue
        if (n_ := text.at(row["start"])) is None:
            continue
        span = (row["start"], min(row["end"], text.sentences[n_].end))
        yield example(row["question"], text, n_, span, True, verdict, "fakes")
        # Sentences of the same story that share the question's words and do not answer it. The nearest are passed over,
        # since a story often tells a thing twice. Yes/no and why want more: there, anything on the topic looks right.
        others = _nearest(row["question"], text, [n for n in range(len(text.sentences)) if abs(n - n_) > 1], chance)
        some = others[1:5] if len(others) > 4 else []
        for n in chance.sample(some, min(len(some), 2 if row["kind"] in ("yesno", "why") else 1)):
            yield example(row["question"], text, n, None, False, None, "fakes")
