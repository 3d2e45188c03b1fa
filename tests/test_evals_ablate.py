"""Parts of the engine switched off: what is kept gives the same answer, and what is off is off for that run alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import scripted

from evals import ablate, items
from evals.answering import Bench
from evals.evidence import record, remembering, replay
from evals.metrics import Figure, plain
from evals.parts import Part, Reranked, parts, word_overlap
from evals.readings import KeptReader
from rag.ask import ClosedTools, Tools
from rag.types import Reading, Span

ACCUSES = "The port authority accused striking dockers of locking the gates."
SUITE = {
    "items": [
        {
            "id": "h1",
            "question": "Who locked the harbour gates? In March 2021?",
            "kind": "agreed",
            "positions": [{"name": "dockers", "quotes": {"post": [ACCUSES]}}],
        },
        {"id": "h2", "question": "Who owns the moon?", "kind": "unanswerable", "positions": []},
        {"id": "h3", "question": "  ", "kind": "unanswerable", "positions": []},
    ]
}
SCRIPT = {"The port authority": 4.5, "striking dockers": 4.0, "private guards": 3.5, "workmen": 3.0}


class Accusing(scripted.ScriptedReader):
    """Finds first who speaks and then who is accused, as a reader may."""

    name = "scripted"

    def __init__(self) -> None:
        super().__init__(SCRIPT)
        self.windows: list[str] = []

    def read(self, question: str, windows: Sequence[tuple[str, int]]) -> list[Reading]:
        self.windows += [context for context, _ in windows]
        return super().read(question, windows) if "harbour" in question else [Reading(-9.0, 0.0, ()) for _ in windows]


class Unsure(scripted.ScriptedReader):
    """Its words beat nothing by no margin."""

    def read(self, question: str, windows: Sequence[tuple[str, int]]) -> list[Reading]:
        return [
            replace(r, spans=tuple(replace(s, score=0.0) for s in r.spans)) for r in super().read(question, windows)
        ]


@pytest.fixture
def reader() -> Accusing:
    return Accusing()


@pytest.fixture
def bench(harbour_index: Any, tmp_path: Path, reader: Accusing) -> Bench:
    path = tmp_path / "suite.json"
    path.write_text(json.dumps(SUITE), encoding="utf-8")
    tools = Tools(harbour_index, harbour_index.embedder, KeptReader(reader), None)  # type: ignore[arg-type]
    texts = {k: plain(t) for k, t in items.texts_in(harbour_index.library).items()}
    return Bench(items.load(path), texts, tools, None)


def named(name: str) -> Part:
    return next(p for p in parts() if p.name == name)


def shown(answer: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in answer.items() if k not in ("timings_ms", "library")}


# --- keeping ----------------------------------------------------------------------------------


def test_kept_evidence_gives_the_answer_that_the_engine_gave(bench: Bench, reader: Accusing) -> None:
    with remembering():
        answers, kept = record(bench)
        read = len(reader.windows)
        again = [replay(*each) for each in zip(bench.suite.questions, kept, answers, strict=True)]
    assert [shown(a) for a in again] == [shown(a) for a in answers]
    assert [a.get("outcome", "error" in a) for a in answers] == ["disputed", "unanswered", True]
    assert len(reader.windows) == read, "nothing was read again"


def test_a_kept_reading_is_not_made_again_and_outlives_the_process(tmp_path: Path) -> None:
    windows = [("Found [SEP]  [SEP] workmen came.", 17), ("It rained.", 0)]
    first = Accusing()
    made = KeptReader(first, tmp_path).read("Who locked the harbour?", windows)
    assert made == scripted.ScriptedReader(SCRIPT).read("Who locked the harbour?", windows)
    later = Accusing()
    kept = KeptReader(later, tmp_path)
    assert kept.read("Who locked the harbour?", windows[::-1]) == made[::-1]
    assert (later.windows, kept.made) == ([], 0)
    kept.read("Who else locked the harbour?", windows[:1])
    kept.read("Who locked the harbour?", [(windows[0][0], 0)])
    assert kept.made == 2, "another question and another focus are other readings"


def test_a_reading_that_was_cut_off_while_written_is_made_again(tmp_path: Path) -> None:
    windows = [("workmen", 0), ("guards", 0)]
    KeptReader(Accusing(), tmp_path).read("harbour?", windows)
    (file,) = tmp_path.iterdir()
    file.write_text(file.read_text(encoding="ascii")[:-9], encoding="ascii")
    kept = KeptReader(Accusing(), tmp_path)
    kept.read("harbour?", windows)
    assert kept.made == 1


# --- parts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", parts(), ids=lambda p: p.name)
def test_every_part_is_in_the_engine_and_there_again_afterwards(part: Part) -> None:
    def there(target: str) -> Any:
        module, name = target.rsplit(".", 1)
        return getattr(import_module(module), name)

    before = {target: there(target) for target, _ in part.patches}
    with part.off():
        assert all(there(target) is stand_in for target, stand_in in part.patches)
    assert {target: there(target) for target in before} == before


def labels(bench: Bench, part: Part) -> set[str]:
    with part.off():
        answer = bench.answers()[0]
    return {p["label"] for p in answer["positions"]}


NOTHING = Part("", "", "after", ())


def test_without_the_rule_the_speaker_is_the_answer(bench: Bench) -> None:
    assert "The port authority" not in " ".join(labels(bench, NOTHING))
    assert "The port authority" in labels(bench, named("the speaker is not the answer"))


def test_without_the_days_an_article_of_another_time_is_read(bench: Bench) -> None:
    both = named("articles of the time asked about"), named("sentences dated to another time")
    off = Part("both", "", "search", both[0].patches + both[1].patches)
    assert "workmen" not in labels(bench, NOTHING)
    assert "workmen" in labels(bench, off)


@pytest.mark.parametrize(
    ("name", "without"),
    [
        ("the title before a sentence", "Harbour gates found locked [SEP]"),
        ("the sentence before a sentence", "Tuesday"),
    ],
)
def test_without_its_context_a_sentence_is_read_alone(name: str, without: str, bench: Bench, reader: Accusing) -> None:
    def seen() -> str:
        reader.windows.clear()
        replaced = replace(bench.tools, reader=reader) if bench.tools else None
        replace(bench, tools=replaced).answers()
        return next(w for w in reader.windows if w.endswith(ACCUSES))

    assert without in seen()
    with named(name).off():
        assert without not in seen()


def test_without_the_limit_whatever_may_be_cited_answers(bench: Bench) -> None:
    unsure = replace(bench, tools=replace(bench.tools, reader=Unsure({"striking dockers": -0.5})))  # type: ignore[type-var]
    assert unsure.answers()[0]["outcome"] == "unanswered"
    assert labels(unsure, named("the limit to abstain")) == {"striking dockers"}


@pytest.mark.parametrize(
    ("a", "b", "share"),
    [("Turkish jets", "jets of Turkey", 0.5), ("the mayor", "the mayor's men", 1.0), ("", "the mayor", 0.0)],
)
def test_word_overlap_is_of_the_shorter(a: str, b: str, share: float) -> None:
    assert word_overlap(a, b) >= share
    assert word_overlap(a, b) == word_overlap(b, a)


def test_numbers_and_times_become_words(bench: Bench) -> None:
    found = scripted.evidence("Doctors treated 82 people.", "82 people")
    with named("quantities are numbers").off():
        answer = scripted.answer("How many people were treated?", found)
    assert answer is not None
    assert (answer.key.quantity, answer.key.words) == (None, frozenset({"82"}))
    kept = scripted.answer("How many people were treated?", found)
    assert kept is not None
    assert kept.key.quantity is not None


def test_a_reranker_scores_and_the_reader_keeps_its_words() -> None:
    class Scores:
        name = "scores"

        def read(self, question: str, windows: Sequence[tuple[str, int]]) -> list[Reading]:
            return [Reading(7.5, 0.0, ()) for _ in windows]

    (reading,) = Reranked(Accusing(), Scores()).read("harbour?", [("workmen", 0)])
    assert reading == Reading(7.5, 1.0, (Span(0, 7, 3.0),))


# --- the table --------------------------------------------------------------------------------


def test_each_part_costs_a_difference(bench: Bench) -> None:
    chosen = [named("the speaker is not the answer"), named("every article gets its turn")]
    whole, *costs = ablate.ablate(bench, chosen)
    assert (whole.part, [c.part for c in costs]) == (ablate.NOTHING, [p.name for p in chosen])
    assert costs[0].changed == 1
    assert ablate.header(whole.figures).startswith("| switched off | position F1 | citation precision |")
    assert ablate.line(whole, whole).startswith(f"| {ablate.NOTHING} | 0.")


def test_a_closed_suite_has_no_search_to_switch_off(tmp_path: Path, parser: Any, reader: Accusing) -> None:
    docs = [{"doc_id": "d1", "text": "Many say striking dockers did it."}]
    item = {"id": "c1", "question": "Who locked the harbour?", "docs": docs, "sides": []}
    path = tmp_path / "closed.json"
    path.write_text(json.dumps({"items": [item]}), encoding="utf-8")
    bench = Bench(items.load(path), {}, None, ClosedTools(parser, KeptReader(reader), None))  # type: ignore[arg-type]
    told = [c.part for c in ablate.ablate(bench, parts())]
    assert "reading around what answers" not in told
    assert "the title before a sentence" in told


@pytest.mark.parametrize(
    ("now", "was", "told"),
    [(0.5, 0.75, "−0.250"), (0.75, 0.5, "+0.250"), (0.5, 0.5004, "0"), (None, 0.5, "–")],
)
def test_differences_are_told_with_their_sign(now: float | None, was: float | None, told: str) -> None:
    figures = [{"position F1": Figure(v, 1, 0)} for v in (0.9 if was is None else was, now)]
    whole, cost = (ablate.Cost(n, f, 3) for n, f in zip("ab", figures, strict=True))
    assert ablate.line(cost, whole) == f"| b | {told} | 3 |"


def test_a_part_is_told_by_its_mean_over_the_suites() -> None:
    def cost(part: str, name: str, value: float, changed: int = 0) -> ablate.Cost:
        return ablate.Cost(part, {name: Figure(value, 1, 0)}, changed)

    suites = [
        [cost("whole", "position F1", 0.5), cost("turns", "position F1", 0.4, 3), cost("rules", "position F1", 0.5, 1)],
        [cost("whole", "separated F1", 0.8), cost("rules", "separated F1", 0.6, 4)],
    ]
    rows = ablate.together(suites).splitlines()[2:]
    assert rows == ["| turns | −0.100 | – | 1 | 3 |", "| rules | −0.100 | – | 2 | 5 |"]


def test_an_unknown_part_is_refused_with_the_names_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ablate.main(["--closed", str(tmp_path / "x.jsonl"), "--only", "magic"]) == 2
    assert "no part named 'magic': name one of every article" in capsys.readouterr().err
    assert ablate.main([]) == 2
    assert "no suite" in capsys.readouterr().err
