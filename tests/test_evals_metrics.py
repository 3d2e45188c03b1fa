"""Each figure moves for its own defect and for no other; and they are the figures that others' scorers give."""

from __future__ import annotations

import importlib.util
import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals import metrics
from evals.metrics import CLOSED, OPEN, Row, plain, score_closed, score_open

BENCH = Path(__file__).parent.parent.parent / "shared" / "bench"

BRIDGE = "The council shut the bridge on Monday. Drivers say the river shut it. Nobody asked the ferryman about it."
FERRY = "Witnesses told us the flood closed the bridge. The ferry ran all the same. Tolls were raised in spring."
TEXTS = {"001": plain(BRIDGE), "ferry": plain(FERRY)}
COUNCIL, RIVER, FLOOD, OTHER = (
    "The council shut the bridge on Monday.",
    "Drivers say the river shut it.",
    "Witnesses told us the flood closed the bridge.",
    "Tolls were raised in spring.",
)
CONTESTED = {
    "id": "q1",
    "question": "Who or what shut the bridge?",
    "kind": "contested",
    "positions": [
        {"name": "the council", "quotes": {"001": [COUNCIL]}, "speakers": {}},
        {
            "name": "the water",
            "quotes": {"001": [RIVER], "ferry": [FLOOD]},
            "speakers": {
                "001": {RIVER: "Drivers"},
                "ferry": {FLOOD: {"speaker": "Witnesses", "via": ["Ferry Agency"]}},
            },
        },
    ],
}
AGREED = {
    "id": "q2",
    "question": "Did the ferry run?",
    "kind": "agreed",
    "positions": [{"name": "yes", "quotes": {"ferry": ["The ferry ran all the same."]}}],
}
EMPTY = {"id": "q3", "question": "Who owns the ferry?", "kind": "unanswerable", "positions": []}


SPOKEN: dict[str, Any] = {RIVER: {"speaker": "drivers"}, FLOOD: {"speaker": "The witnesses", "via": ["ferry agency"]}}


def answer(outcome: str, *positions: Sequence[tuple[str, str]], spoken: Mapping[str, Any] = SPOKEN) -> dict[str, Any]:
    made = [
        {"label": "", "citations": [{"article": a, "quote": q, **spoken.get(q, {})} for a, q in cited]}
        for cited in positions
    ]
    usage = {"prompt_tokens": 900, "completion_tokens": 100, "calls": 1, "cost": 0.5}
    return {"outcome": outcome, "positions": made, "timings_ms": {"total": 2000.0}, "usage": usage}


FOUND = (("001", COUNCIL), ("ferry", FLOOD), ("ferry", "The ferry ran all the same."))


RIGHT = {
    "q1": answer("disputed", [("001_bridge.txt", COUNCIL)], [("001_bridge.txt", RIVER), ("ferry", FLOOD)]),
    "q2": answer("answered", [("ferry", "The ferry ran all the same.")]),
    "q3": answer("unanswered"),
}
RIGHT["q4"] = RIGHT["q1"]


def open_figures(answers: Mapping[str, Any], found: Sequence[tuple[str, str]] = FOUND) -> dict[str, float | None]:
    items = (CONTESTED, AGREED, EMPTY, CONTESTED | {"id": "q4"})
    scored = [(item, score_open(item, answers[str(item["id"])], TEXTS)) for item in items]
    rows = [metrics.with_read(row, item, found, TEXTS) for item, row in scored]
    return {name: measure(rows).value for name, measure in OPEN.items()}


def moved(answers: Mapping[str, Any], found: Sequence[tuple[str, str]] = FOUND) -> set[str]:
    right, now = open_figures(RIGHT), open_figures(answers, found)
    return {name for name in right if right[name] != now[name]}


POSITION = {"position precision", "position recall", "position F1"}


def test_a_right_answer_has_every_figure_at_its_best() -> None:
    figures = open_figures(RIGHT)
    low = {"false disputes", "abstains: answerable"}
    assert {name: value for name, value in figures.items() if name in low} == dict.fromkeys(low, 0.0)
    spent = {"seconds": 2.0, "tokens": 1000.0, "cost": 0.5}
    assert {name: value for name, value in figures.items() if name in spent} == spent
    assert all(value == 1.0 for name, value in figures.items() if name not in {*low, *spent}), figures
    assert low | set(spent) == metrics.LOWER_IS_BETTER


@pytest.mark.parametrize(
    ("defect", "question", "given", "figures"),
    [
        (
            "a quote that no article holds",
            "q2",
            answer("answered", [("ferry", "The ferry ran all the same."), ("ferry", "The ferry was sunk.")]),
            {"quote fidelity"},
        ),
        (
            "two positions merged",
            "q1",
            answer("disputed", [("001", COUNCIL), ("001", RIVER), ("ferry", FLOOD)]),
            {"position recall", "position F1", "all positions of the contested"},
        ),
        (
            "a position given twice",
            "q1",
            answer("disputed", [("001", COUNCIL)], [("001", RIVER)], [("ferry", FLOOD)]),
            {"position precision", "position F1"},
        ),
        (
            "a citation that says nothing on it",
            "q1",
            answer("disputed", [("001", COUNCIL)], [("001", RIVER), ("ferry", FLOOD), ("ferry", OTHER)]),
            {"citation precision"},
        ),
        (
            "a source of a position left out",
            "q1",
            answer("disputed", [("001", COUNCIL)], [("ferry", FLOOD)]),
            {"source recall"},
        ),
        (
            "a dispute missed",
            "q1",
            RIGHT["q1"] | {"outcome": "answered"},
            {"disputes flagged"},
        ),
        (
            "a dispute made up",
            "q2",
            RIGHT["q2"] | {"outcome": "disputed"},
            {"false disputes", "dispute precision"},
        ),
        (
            "a speaker swapped",
            "q1",
            answer(
                "disputed",
                [("001", COUNCIL)],
                [("001", RIVER), ("ferry", FLOOD)],
                spoken=SPOKEN | {RIVER: {"speaker": "the council"}},
            ),
            {"speaker accuracy"},
        ),
        (
            "the outlet's own words given to somebody",
            "q1",
            answer(
                "disputed",
                [("001", COUNCIL)],
                [("001", RIVER), ("ferry", FLOOD)],
                spoken=SPOKEN | {COUNCIL: {"speaker": "the council"}},
            ),
            {"speaker accuracy"},
        ),
        (
            "one between speaker and outlet left out",
            "q1",
            answer(
                "disputed",
                [("001", COUNCIL)],
                [("001", RIVER), ("ferry", FLOOD)],
                spoken=SPOKEN | {FLOOD: {"speaker": "Witnesses"}},
            ),
            {"chain accuracy"},
        ),
        ("a slow answer", "q1", RIGHT["q1"] | {"timings_ms": {"total": 9e9}}, set()),
        (
            "a long prompt",
            "q1",
            RIGHT["q1"] | {"usage": {"prompt_tokens": 9000, "completion_tokens": 100, "cost": 0.5}},
            {"tokens"},
        ),
        (
            "a dear answer",
            "q1",
            RIGHT["q1"] | {"usage": {"prompt_tokens": 900, "completion_tokens": 100, "cost": 9.0}},
            {"cost"},
        ),
        (
            "an answer to the unanswerable",
            "q3",
            answer("answered", [("ferry", OTHER)]),
            {"abstains: unanswerable"},
        ),
        (
            "silence where something answers",
            "q2",
            answer("unanswered"),
            {"abstains: answerable", "source recall", "citation precision", "citation recall"} | POSITION,
        ),
    ],
)
def test_a_defect_moves_its_figures_and_no_other(
    defect: str, question: str, given: dict[str, Any], figures: set[str]
) -> None:
    assert moved(RIGHT | {question: given}) == figures, defect


def test_what_is_not_read_or_read_late_moves_only_what_was_read() -> None:
    assert moved(RIGHT, FOUND[:2]) == {"sides read at 8", "sides read at 20"}
    assert moved(RIGHT, [("ferry", OTHER)] * 8 + list(FOUND)) == {"sides read at 8"}
    assert open_figures(RIGHT, ())["sides read at 8"] == 0.0


def test_half_of_slow_answers_move_the_seconds() -> None:
    slow = {name: given | {"timings_ms": {"total": 9000.0}} for name, given in RIGHT.items()}
    assert moved(slow) == {"seconds"}


def test_one_heap_of_everything_matches_nothing() -> None:
    heap = answer("answered", [("001", COUNCIL), ("001", RIVER), ("ferry", OTHER), ("ferry", "The ferry ran all")])
    row = score_open(CONTESTED, heap, TEXTS)
    assert (row.matched, row.stated, row.given) == (0, 2, 1)


def test_quotes_past_sixty_words_of_an_article_count_neither_way() -> None:
    long = " ".join(f"word{n}" for n in range(55)) + "."
    texts = {"001": plain(f"{long} {BRIDGE}")}
    row = score_open(CONTESTED, answer("disputed", [("001", long), ("001", COUNCIL), ("001", RIVER)]), texts)
    assert (row.quotes, row.verbatim, row.counted, row.useful) == (3, 3, 1, 0)
    first = score_open(CONTESTED, answer("disputed", [("001", f"{long} {BRIDGE}")]), texts)
    assert first.counted == 1, "an article's first quote counts, however long"


def test_quote_marks_dashes_and_white_space_do_not_make_another_quote() -> None:
    texts = {"001": plain("“It’s shut – for good,” the council\n said on Monday of the bridge.")}
    item = {"id": 1, "kind": "agreed", "positions": [{"quotes": {"001": ["It's shut - for good"]}}]}
    assert score_open(item, answer("answered", [("001", '"It\'s shut — for good," the council said')]), texts).useful


def test_what_cannot_be_scored_is_none_and_counted() -> None:
    rows = [score_open(EMPTY, RIGHT["q3"], TEXTS)]
    for name in ("quote fidelity", "position F1", "citation precision", "disputes flagged"):
        assert OPEN[name](rows).value is None, name
    assert OPEN["position recall"](rows).left_out == 1
    assert OPEN["position F1"]([]).value is None


def test_an_error_answers_nothing_and_is_no_abstention() -> None:
    row = score_open(EMPTY, {"id": "q3", "error": "the library is gone"}, TEXTS)
    assert row.outcome is None
    assert metrics.abstained_unanswerable([row]).value == 0.0


@settings(deadline=None)  # the check tries every matching: how long that takes says nothing of ours
@given(st.lists(st.frozensets(st.integers(0, 5), max_size=4), max_size=6))
def test_the_matching_is_the_largest_there_is(can_match: list[frozenset[int]]) -> None:
    def best(row: int, taken: frozenset[int]) -> int:
        if row == len(can_match):
            return 0
        return max([best(row + 1, taken)] + [1 + best(row + 1, taken | {n}) for n in can_match[row] - taken])

    assert metrics.matched(can_match) == best(0, frozenset())


# --- closed items -----------------------------------------------------------------------------


CLOSED_ITEM = {
    "id": "c1",
    "question": "When was the mill built?",
    "docs": [
        {"doc_id": "d1", "text": "The mill was built in 1840. It burned down once."},
        {"doc_id": "d2", "text": "The mill was built in 1861, they say. Its wheel is gone."},
        {"doc_id": "d3", "text": "Mills like 1840 of them were lost."},
    ],
    "sides": [{"answer": "1840", "doc_ids": ["d1"]}, {"answer": "in 1861", "doc_ids": ["d2"]}],
}


def test_closed_items_separate_the_sides() -> None:
    apart = answer("disputed", [("d1", "The mill was built in 1840.")], [("d2", "The mill was built in 1861")])
    together = answer("answered", [("d1", "The mill was built in 1840."), ("d2", "The mill was built in 1861")])
    elsewhere = answer("disputed", [("d3", "Mills like 1840 of them were lost.")])
    rows = [score_closed(CLOSED_ITEM, a) for a in (apart, together, elsewhere)]
    assert [(r.stated, r.matched, r.useful) for r in rows] == [(2, 2, 2), (2, 1, 2), (0, 0, 0)]
    assert [r.kind for r in rows] == ["contested"] * 3


def test_a_quote_may_carry_a_side_by_its_evidence_sentence() -> None:
    side = {"answer": "yes", "doc_ids": ["d1"], "evidence": ["The mill stood until the flood of that spring."]}
    assert metrics.carries("The mill stood until the flood", side)
    assert not metrics.carries("The mill burned", side), "three words tell nothing"
    assert not metrics.carries("Its wheel was sold to a man from town", side)


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({}, "contested"),
        ({"gold_answers": ["1840", "in 1861"], "wrong_answers": []}, "namesakes"),
        ({"gold_answers": ["1840"], "wrong_answers": ["in 1861"]}, "contested"),
        ({"sides": CLOSED_ITEM["sides"][:1]}, "agreed"),
        ({"sides": []}, "noise"),
    ],
)
def test_what_kind_a_closed_item_is(more: dict[str, Any], kind: str) -> None:
    item = CLOSED_ITEM | more
    row = score_closed(item, answer("disputed", [("d1", "The mill was built in 1840.")]))
    assert row.kind == kind
    flagged = {"contested": "disputes flagged", "namesakes": "namesakes flagged"}.get(kind, "false disputes")
    counted = {name for name in CLOSED if "flagged" in name or "false" in name if CLOSED[name]([row]).value == 1.0}
    assert counted == {flagged}


# --- another program's figures ----------------------------------------------------------------


def bench_module(name: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    if not (BENCH / f"{name}.py").is_file():
        pytest.skip("the benchmarks and their scorers are not beside this checkout")
    monkeypatch.syspath_prepend(str(BENCH))
    spec = importlib.util.spec_from_file_location(name, BENCH / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (BENCH / name).read_text(encoding="utf-8").splitlines() if line.strip()]


def drawn(chance: random.Random, true: Sequence[Sequence[tuple[str, str]]], texts: Mapping[str, str]) -> dict[str, Any]:
    """An answer that is right here and wrong there: references kept, merged, split, lost; other sentences and false
    quotes mixed in; any outcome."""
    positions: list[list[tuple[str, str]]] = []
    for cited in true:
        kept = [c for c in cited if chance.random() < 0.8]
        where = chance.choice(["own", "own", "merged", "split"])
        if where == "merged" and positions:
            positions[-1] += kept
        elif where == "split":
            positions += [[c] for c in kept]
        else:
            positions.append(kept)
    for position in positions:
        for _ in range(chance.choice([0, 0, 1, 2])):
            article = chance.choice(sorted(texts))
            words = texts[article].split(" ")
            at = chance.randrange(len(words))
            quote = " ".join(words[at : at + chance.randint(1, 45)])
            position.insert(0, (article, quote if chance.random() < 0.8 else quote + " or not"))
    kept_positions = [p for p in positions if p and chance.random() < 0.95]
    return answer(chance.choice(["answered", "disputed", "unanswered"]), *kept_positions)


SAME = {
    "quote_fidelity": "quote fidelity",
    "position_recall": "position recall",
    "position_f1": "position F1",
    "all_positions_contested": "all positions of the contested",
    "source_recall": "source recall",
    "citation_precision": "citation precision",
    "disputed_flagged": "disputes flagged",
    "false_dispute": "false disputes",
    "abstained_when_unanswerable": "abstains: unanswerable",
    "abstained_when_answerable": "abstains: answerable",
}


@pytest.mark.parametrize("seed", range(5))
def test_open_figures_are_those_of_the_scorer_beside_the_benchmarks(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = bench_module("score", monkeypatch)
    items = json.loads((BENCH / "aleppo_dev.json").read_text(encoding="utf-8"))["items"]
    articles = BENCH.parent / "corpus" / "aleppo"
    texts = {metrics.article_key(p.name): plain(p.read_text(encoding="utf-8")) for p in articles.glob("*.txt")}
    assert texts == theirs.load_articles(str(articles))
    chance = random.Random(seed)
    rows, expected = [], []
    for item in items:
        true = [[(a, q) for a, quotes in p["quotes"].items() for q in quotes] for p in item["positions"]]
        given_ = drawn(chance, true, texts)
        rows.append(score_open(item, given_, texts))
        expected.append(theirs.score_item(item, given_, texts))
    figures = theirs.summarise(expected)
    for name, ours in (SAME | {"position_precision": "position precision"}).items():
        assert OPEN[ours](rows).value == pytest.approx(figures[name], abs=2e-4), name
    assert 0 < figures["position_f1"] < 1, "the drawn answers tell nothing apart"


@pytest.mark.parametrize("name", ["ramdocs_dev.jsonl", "wikicontradict_dev.jsonl"])
def test_closed_figures_are_those_of_the_scorer_beside_the_benchmarks(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = bench_module("score_sides", monkeypatch)
    chance = random.Random(name)
    for item in lines(name):
        texts = {d["doc_id"]: plain(d["text"]) for d in item["docs"] if plain(d["text"])}
        given_ = drawn(chance, [_stating(side, texts) for side in item["sides"]], texts)
        row, expected = score_closed(item, given_), theirs.score_item(item, given_)
        assert _as_theirs(row) == pytest.approx({k: expected[k] for k in _as_theirs(row)}), item["id"]


def _stating(side: Mapping[str, Any], texts: Mapping[str, str]) -> list[tuple[str, str]]:
    """Words around the side's answer, or its evidence, in each of its documents."""
    found = []
    for doc in side["doc_ids"]:
        wanted = [plain(w) for w in (side["answer"], *(side.get("evidence") or ()))]
        at = [texts[doc].find(w) for w in wanted if doc in texts]
        found += [(doc, texts[doc][max(0, i - 40) : i + 90].strip()) for i in at if i >= 0]
    return found


def _as_theirs(row: Row) -> dict[str, Any]:
    return {
        "quotes": row.quotes,
        "not_verbatim": row.quotes - row.verbatim,
        "side_recall": metrics.side_recall([row]).value,
        "separated_recall": metrics.position_recall([row]).value,
        "all_separated": metrics.all_separated([row]).value,
        "position_precision": metrics.position_precision([row]).value,
        "citation_precision": metrics.citation_precision([row]).value,
        "dispute": {"contested": True, "agreed": False, "noise": False, "namesakes": None}[row.kind],
        "flag": row.outcome == "disputed",
        "abstained": row.outcome == "unanswered",
    }
