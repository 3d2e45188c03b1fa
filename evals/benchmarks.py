"""Public benchmarks as they are published → closed items, one a line, that `whosays eval` reads.

    python -m evals.benchmarks --list
    python -m evals.benchmarks NAME PUBLISHED_FILE OUT.jsonl

`--list` says where each is published and what a figure on it does not show. Nothing is fetched; give the file itself.
Every row is held against the shape below, and the first that does not fit ends the run. Where `part` is given, `train`
marks what the reader that ships was trained on (`rag/weights/README.md`) and `test` all else.

- *ramdocs*: a JSON object a line, {question, documents: [{text, type: correct, misinfo or noise, answer}],
  disambig_entity, gold_answers, wrong_answers}, as its publishers' card says. Documents with one answer are one side.
  `gold_answers` and `wrong_answers` stay as published, also where no document gives such an answer.
- *wikicontradict*: a table with question, context1, context2, answer1, answer2, contradictType, samepassage and more,
  or the same as JSON Lines. The names are those that several public programs read; the publishers' card was not at
  hand. Their older WikiContradict_dataset.json is not read: its shape could not be verified.
  Each context is a document, and, since no sentence of it is marked, also the evidence of its side.
- *squad*: the official JSON of SQuAD 2.0, {data: [{title, paragraphs: [{context, qas: [{id, question, answers,
  is_impossible}]}]}]}. For `python -m evals.squad`; the one side has the shortest reference answer.
- *natconfqa*: {ContraQA: [{question_id, question, question_type, paragraphs, evidences: [{text, paragraph_id}],
  answers: [{answer: text, true or false, evidence_ids}], conflicting_answer_pairs}]}. That is the publishers' own code,
  which writes and reads the file; the file itself was not at hand. A side's documents are the paragraphs of its
  evidence and those that hold the same words: some abstracts stand there twice. Contested where some pair conflicts;
  Neutral questions have no answer, and what honestly answers them is silence (kind noise).
- *conflicts*: a JSON object a line, {question, conflict_type, correct_answer, search_results: [{short_text, snippet,
  response_str}]}. Fields and the five types are those that several public programs read; neither the file nor a
  description by its publishers was at hand, so neither is certain. A result's text is its `short_text`, else its
  `snippet`, else its `response_str` (the whole page). What the annotators had before them could not be verified.

The items of the last two carry `kind`, what an honest answer is: `sides` alone do not tell. Those of conflicts have no
sides, so positions and citations cannot be scored, only whether an answer is called disputed, or not given.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from evals.metrics import bare, holds, plain
from evals.script import guarded
from rag.batch import items_of, write_rows
from rag.errors import ReadError, UsageError

Row = dict[str, Any]

YES_OR_NO = {True: "yes", False: "no"}
CONFLICT_KINDS = MappingProxyType(
    {
        "no conflict": "agreed",
        "complementary information": "agreed",  # answers that hold together
        "conflicting opinions and research outcomes": "contested",
        "conflicting opinions or research outcomes": "contested",  # the paper's wording
        "conflict due to outdated information": "contested",
        "conflict due to misinformation": "contested",
    }
)
# What the reader that ships was trained on: articles of SQuAD 2.0's dev file, and RAMDocs' questions, by the first
# eight digits of their SHA-256, since no text of a benchmark is kept here.
TRAINED_ARTICLES = frozenset(
    "1973_oil_crisis European_Union_law Force French_and_Indian_War Immune_system Imperialism Normans "
    "Packet_switching Scottish_Parliament Warsaw Yuan_dynasty".split()
)
TRAINED_QUESTIONS = frozenset(
    """
    05f4a986 068859d5 0afde972 13e42a6f 1434736f 17b8770e 1f41320f 1fbb6efe 2290b238 24624423 2641b489 29081c64
    29b1a8ef 29f5e6ff 2fdeaaf1 30efe7ae 356e2b36 36ae64a3 3ad756db 3b692cd5 3c11cba0 403142cc 408b6571 417ffc5a
    42f12fd9 46c1ae9c 47bcb831 49187420 4e06cdf3 4ef5a503 50715a16 525240fe 530a17b2 5345c9ee 5429bc78 5612d5d5
    564a1ef6 56a67f50 582a9be8 5bc493a7 5bd76a4f 610fc5a8 61e4c392 62157f39 626372f7 6286cd4f 66031241 68a0ab4a
    69fc7790 70ee675e 736f1fe6 787500ca 787771af 79007962 7b033688 7c917f2b 826a2c37 82a6c1e3 8a3df916 9471cb86
    94f8caee 960730f8 9c6f98fa a2125225 b0de1b62 b3372c1e b3e65693 b87a1082 b8c4b9b2 bbd7a362 be9811c4 c0315527
    c38a597a c98d528f caca15ee cb8d27dc cbfc0eaf ccf8faac d1c69931 d384050a d39ee783 d6b270ce dcde3203 dfb48354
    e65e3fb7 e7d976fc ebe7966f ec4d44d1 f082b10a f4fe61a1 f6eb6da4 fff2cdae
    """.split()
)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """`published` is where its file is, in words; `trap` what a figure on it does not show. `read` makes its items."""

    name: str
    published: str
    trap: str
    read: Callable[[Path], list[Row]]


def read(name: str, path: Path) -> list[Row]:
    """The closed items of the benchmark `name` from its published file, in the order of the file.

    Raises UsageError for an unknown name and for a file of another shape, naming the place, the field and where the
    right file is; ReadError where the file cannot be read."""
    benchmark = BENCHMARKS.get(name.strip().lower())
    if benchmark is None:
        raise UsageError(f"no benchmark {name!r}: name one of {', '.join(BENCHMARKS)}")
    try:
        rows = benchmark.read(path)
        items_of(path, [(f"{path}, question {n}", row) for n, row in enumerate(rows, 1)])
        if not rows:
            raise UsageError(f"{path}: holds no question")
    except UsageError as err:
        raise UsageError(f"{err}. The file that {benchmark.name} reads is {benchmark.published}") from err
    return rows


# --- files ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Record:
    """An object of a published file, and where it stands. Reading a field as what it is not raises UsageError."""

    where: str
    fields: Mapping[str, Any]

    def wrong(self, field: str, expected: str) -> UsageError:
        if field not in self.fields:
            return UsageError(f'{self.where}: no "{field}", which should be {expected}')
        shown = json.dumps(self.fields[field], ensure_ascii=False, default=str)
        shown = shown if len(shown) <= 40 else shown[:37] + "..."
        return UsageError(f'{self.where}: its "{field}" is {shown}, and should be {expected}')

    def text(self, field: str) -> str:
        value = self.fields.get(field)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(field, "text")
        return value

    def optional(self, field: str) -> str:
        """Its text; empty where it is not given."""
        value = self.fields.get(field)
        if value is not None and not isinstance(value, str):
            raise self.wrong(field, "text or nothing")
        return value if value and value.strip() else ""

    def word(self, field: str, allowed: Sequence[str]) -> str:
        value = self.fields.get(field)
        if not isinstance(value, str) or value not in allowed:
            raise self.wrong(field, f"one of {', '.join(allowed)}")
        return value

    def truth(self, field: str) -> bool:
        value = self.fields.get(field)
        if not isinstance(value, bool):
            raise self.wrong(field, "true or false")
        return value

    def whole(self, field: str, below: int) -> int:
        value = self.fields.get(field)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < below:
            raise self.wrong(field, f"a whole number from 0, and below {below}")
        return value

    def texts(self, field: str) -> list[str]:
        return self._list(field, lambda v: isinstance(v, str) and bool(v.strip()), "a list of texts")

    def numbers(self, field: str) -> list[int]:
        return self._list(field, _is_whole, "a list of whole numbers")

    def records(self, field: str) -> list[_Record]:
        found = self._list(field, lambda v: isinstance(v, dict), "a list of objects")
        return [_Record(f"{self.where}, {field} {n}", value) for n, value in enumerate(found, 1)]

    def _list(self, field: str, fits: Callable[[Any], bool], expected: str) -> list[Any]:
        value = self.fields.get(field)
        if not isinstance(value, list) or not all(map(fits, value)):
            raise self.wrong(field, expected)
        return value


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _decoded(path: Path) -> str:
    try:
        data = path.read_bytes()
        if data.startswith(b"PAR1"):
            raise UsageError(f"{path}: is a parquet file: export it as JSON Lines, a row a line")
        return data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as err:
        why = err.strerror if isinstance(err, OSError) else str(err)
        raise ReadError(f"{path}: cannot be read ({why}): give the published file, in UTF-8") from err


def _parsed(where: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as err:
        raise UsageError(f"{where}: is not JSON ({err})") from err


def _rows(path: Path) -> list[_Record]:
    """The rows of a table (.csv), of JSON Lines, or of one JSON list."""
    text = _decoded(path)
    if path.suffix.lower() == ".csv":
        return list(_table(path, text))
    if text.lstrip().startswith("["):
        return _objects([(f"{path}, row {n}", value) for n, value in enumerate(_parsed(str(path), text), 1)])
    # Only LF ends a line: JSON strings may hold others.
    lines = [(f"{path}, line {n}", line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
    return _objects([(where, _parsed(where, line)) for where, line in lines])


def _objects(values: Sequence[tuple[str, Any]]) -> list[_Record]:
    for where, value in values:
        if not isinstance(value, dict):
            raise UsageError(f"{where}: is not an object with fields")
    return [_Record(where, value) for where, value in values]


def _table(path: Path, text: str) -> Iterator[_Record]:
    reader, begun = csv.DictReader(io.StringIO(text, newline=""), restval=""), 2
    try:
        for row in reader:
            yield _Record(f"{path}, line {begun}", row)
            begun = reader.line_num + 1
    except csv.Error as err:
        raise UsageError(f"{path}, line {begun}: is no row of a table ({err})") from err


def _listed(path: Path, field: str) -> list[_Record]:
    """The objects in the list `field` of a file that is one JSON object."""
    whole = _objects([(str(path), _parsed(str(path), _decoded(path)))])
    return whole[0].records(field)


# --- RAMDocs ----------------------------------------------------------------------------------


def _ramdocs(path: Path) -> list[Row]:
    return [_ramdocs_item(n, row) for n, row in enumerate(_rows(path))]


def _ramdocs_item(number: int, row: _Record) -> Row:
    question, documents = row.text("question"), row.records("documents")
    sides: dict[str, Row] = {}
    noise = []
    for n, document in enumerate(documents):
        kind = document.word("type", ("correct", "misinfo", "noise"))
        if kind == "noise":
            noise.append(f"d{n}")
            continue
        answer = document.text("answer")
        side = sides.setdefault(plain(answer).casefold(), {"answer": answer, "doc_ids": [], "kind": kind})
        side["doc_ids"].append(f"d{n}")
    return {
        "id": f"ramdocs-{number}",
        "question": question,
        "docs": _docs("d", [d.text("text") for d in documents]),
        "sides": list(sides.values()),
        "noise_doc_ids": noise,
        "gold_answers": row.texts("gold_answers"),
        "wrong_answers": row.texts("wrong_answers"),
        "disambig_entity": row.texts("disambig_entity"),
        "part": _part(hashlib.sha256(question.encode()).hexdigest()[:8] in TRAINED_QUESTIONS),
    }


def _docs(prefix: str, texts: Sequence[str], first: int = 0) -> list[Row]:
    return [{"doc_id": f"{prefix}{n}", "text": text} for n, text in enumerate(texts, first)]


def _part(trained: bool) -> str:
    return "train" if trained else "test"


# --- WikiContradict ---------------------------------------------------------------------------


def _wikicontradict(path: Path) -> list[Row]:
    return [_wikicontradict_item(n, row) for n, row in enumerate(_rows(path))]


def _wikicontradict_item(number: int, row: _Record) -> Row:
    docs = _docs("p", [row.text("context1"), row.text("context2")], first=1)
    answers = [row.text("answer1"), row.text("answer2")]
    return {
        "id": f"wikicontradict-{number}",
        "question": row.text("question"),
        "docs": docs,
        "sides": [
            {"answer": answer, "doc_ids": [doc["doc_id"]], "evidence": [doc["text"]]}
            for answer, doc in zip(answers, docs, strict=True)
        ],
        "contradiction_type": row.text("contradictType"),
        "same_passage": row.text("samepassage").strip().lower().startswith("same"),
        "yes_no": all(bare(answer) in YES_OR_NO.values() for answer in answers),
    }


# --- SQuAD 2.0 --------------------------------------------------------------------------------


def _squad(path: Path) -> list[Row]:
    return [
        _squad_item(article.text("title"), n, paragraph.text("context"), question)
        for article in _listed(path, "data")
        for n, paragraph in enumerate(article.records("paragraphs"))
        for question in paragraph.records("qas")
    ]


def _squad_item(title: str, paragraph: int, context: str, question: _Record) -> Row:
    doc = f"{title}-{paragraph}"
    answerable = not question.truth("is_impossible")
    answers = list(dict.fromkeys(a.text("text") for a in question.records("answers")))
    if bool(answers) != answerable:
        expected = "at least one answer" if answerable else "empty, since the question is impossible"
        raise question.wrong("answers", expected)
    return {
        "id": question.text("id"),
        "question": question.text("question"),
        "docs": [{"doc_id": doc, "text": context}],
        "sides": [{"answer": min(answers, key=len), "doc_ids": [doc]}] if answers else [],
        "answers": answers,
        "answerable": answerable,
        "part": _part(title in TRAINED_ARTICLES),
    }


# --- NatConfQA --------------------------------------------------------------------------------


def _natconfqa(path: Path) -> list[Row]:
    return [_natconfqa_item(row) for row in _listed(path, "ContraQA")]


def _natconfqa_item(row: _Record) -> Row:
    docs = _docs("p", row.texts("paragraphs"))
    evidence = [(e.text("text"), docs[e.whole("paragraph_id", len(docs))]["doc_id"]) for e in row.records("evidences")]
    answers = row.records("answers")
    pairs = _pairs(row, len(answers))
    return {
        "id": row.text("question_id"),
        "question": row.text("question"),
        "docs": docs,
        "sides": [_stated(answer, evidence, docs) for answer in answers],
        "kind": "contested" if pairs else "agreed" if answers else "noise",
        "conflicting_pairs": pairs,
        "question_type": row.text("question_type"),
        "evidence_missing": sum(not 0 <= n < len(evidence) for a in answers for n in a.numbers("evidence_ids")),
    }


def _stated(answer: _Record, evidence: Sequence[tuple[str, str]], docs: Sequence[Row]) -> Row:
    """A side. Numbers of evidence that the file does not hold are left out here, and counted in the item."""
    marked = [evidence[n] for n in answer.numbers("evidence_ids") if 0 <= n < len(evidence)]
    if not marked:
        raise answer.wrong("evidence_ids", "numbers of the evidences, from 0")
    said = answer.fields.get("answer")
    stating = {doc for _, doc in marked} | {d["doc_id"] for d in docs if any(holds(d["text"], e) for e, _ in marked)}
    return {
        "answer": YES_OR_NO[said] if isinstance(said, bool) else answer.text("answer"),
        "doc_ids": [d["doc_id"] for d in docs if d["doc_id"] in stating],
        "evidence": [text for text, _ in marked],
    }


def _pairs(row: _Record, answers: int) -> list[list[int]]:
    """The pairs of numbers of answers that conflict."""
    field = "conflicting_answer_pairs"
    pairs = row.fields.get(field)
    fits = isinstance(pairs, list) and all(
        isinstance(p, list) and len(p) == 2 and all(_is_whole(n) and 0 <= n < answers for n in p) for p in pairs
    )
    if not isinstance(pairs, list) or not fits:
        raise row.wrong(field, "a list of pairs of numbers of its answers, from 0")
    return pairs


# --- CONFLICTS --------------------------------------------------------------------------------


def _conflicts(path: Path) -> list[Row]:
    return [_conflicts_item(n, row) for n, row in enumerate(_rows(path))]


def _conflicts_item(number: int, row: _Record) -> Row:
    kind = CONFLICT_KINDS.get(plain(row.text("conflict_type")).lower())
    if kind is None:
        raise row.wrong("conflict_type", f"one of {', '.join(CONFLICT_KINDS)}")
    answer = row.optional("correct_answer")
    return {
        "id": f"conflicts-{number}",
        "question": row.text("question"),
        "docs": _docs("r", [_told(result) for result in row.records("search_results")]),
        "sides": [],
        "kind": kind,
        "conflict_type": row.text("conflict_type"),
        "answers": [answer] if answer else [],
    }


def _told(result: _Record) -> str:
    return result.optional("short_text") or result.optional("snippet") or result.text("response_str")


# --- all of them ------------------------------------------------------------------------------

BENCHMARKS: Mapping[str, Benchmark] = MappingProxyType(
    {
        b.name: b
        for b in (
            Benchmark(
                "ramdocs",
                "RAMDocs_test.jsonl on the Hugging Face hub, HanNight/RAMDocs, MIT",
                "Exact match, its paper's figure, is beaten by dumping every document: read separated F1, beside what "
                "dumping reaches and beside its ceiling, what the reference sides themselves reach. The reader that "
                "ships was trained on 92 of the questions, so only part test says anything of others.",
                _ramdocs,
            ),
            Benchmark(
                "wikicontradict",
                "WikiContradict_dataset_v1_rag_qa.csv on the Hugging Face hub, "
                "ibm-research/Wikipedia_contradict_benchmark (once ibm/...), MIT, its passages CC BY-SA",
                "Looking for the answer's words in a quote does not measure it: most answers are yes, no or free text, "
                "so a quote counts that shares half of the words with its passage, and any sentence of the passage "
                "may. All items are contradictions of two passages, often of one passage given twice: citing both is "
                "easy, and how often agreement is called a dispute is not seen.",
                _wikicontradict,
            ),
            Benchmark(
                "squad",
                "dev-v2.0.json on the page of the Stanford Question Answering Dataset, CC BY-SA 4.0",
                "Its unanswerable questions were written to look answerable from the one paragraph that is given: "
                "silence here is not silence over a library, where search comes first. Quotes are whole sentences, so "
                "nothing here stands beside published exact match and F1; and the reader that ships was trained on "
                "eleven of the articles, so read part test.",
                _squad,
            ),
            Benchmark(
                "natconfqa",
                "data/v1.0/ContraQA.json in EN555/ContraQA on GitHub, no licence stated",
                "Its answers are annotators' words, or yes and no, on Covid-19 and the climate: a quote counts that "
                "shares half of the words with a marked sentence, and not every sentence that says the same is "
                "marked, so what counts as wrong may be right. Several questions share one claim's paragraphs: they "
                "are not independent, and intervals over them come out too narrow.",
                _natconfqa,
            ),
            Benchmark(
                "conflicts",
                "conflicts.jsonl in google-research-datasets/rag_conflicts on GitHub, Apache-2.0 by others' account",
                "It marks what kind of conflict a question's search results hold, not which result says what: a right "
                "flag may stand on wrong positions and nothing here would show it. Calling everything disputed is "
                "right for all that is contested, so read false disputes beside it; what newer sources settle counts "
                "as contested.",
                _conflicts,
            ),
        )
    }
)


def _catalogue() -> str:
    def lines(text: str) -> str:
        return textwrap.fill(text, 110, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)

    return "\n\n".join(f"{b.name}\n{lines(b.published)}\n{lines(b.trap)}" for b in BENCHMARKS.values())


def _summary(name: str, rows: Sequence[Row], out: Path) -> str:
    parts = Counter(row["part"] for row in rows if "part" in row)
    counts = f" ({', '.join(f'{n} of part {part}' for part, n in sorted(parts.items()))})" if parts else ""
    missing = sum(row.get("evidence_missing", 0) for row in rows)
    said = [f"{out}: {len(rows)} questions{counts}, {sum(len(row['docs']) for row in rows)} documents"]
    if missing:
        said.append(f"{missing} numbers of evidence point at none in the file and were left out")
    return "\n".join([*said, textwrap.fill(BENCHMARKS[name].trap, 110)])


def _run(given: argparse.Namespace) -> int:
    if given.list:
        sys.stdout.write(f"{_catalogue()}\n")
        return 0
    if given.out is None:
        raise UsageError("give NAME PUBLISHED_FILE OUT.jsonl, or --list")
    if given.out.suffix.lower() not in (".jsonl", ".ndjson"):
        raise UsageError(f"{given.out}: give OUT a name that ends in .jsonl: by that name it is read again")
    rows = read(given.name, given.file)
    write_rows(given.out, rows)
    sys.stdout.write(f"{_summary(given.name.strip().lower(), rows, given.out)}\n")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="evals.benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("file", nargs="?", type=Path, metavar="PUBLISHED_FILE")
    parser.add_argument("out", nargs="?", type=Path, metavar="OUT.jsonl")
    parser.add_argument("--list", action="store_true", help="where each is published, and its trap")
    given = parser.parse_args(argv)
    return guarded("benchmarks", lambda: _run(given))


if __name__ == "__main__":
    sys.exit(main())
