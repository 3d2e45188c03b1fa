"""Suites as they are read, answered and scored; SQuAD 2.0's two shares."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import scripted

import rag.cli as cli
from evals import items, squad
from evals.answering import Bench
from evals.metrics import plain
from rag.ask import ClosedTools
from rag.batch import Item
from rag.errors import UsageError

POST = scripted.HARBOUR["post.txt"]
ACCUSES = "The port authority accused striking dockers of locking the gates."
CLOSED = [
    {
        "id": "m1",
        "question": "When was the mill built?",
        "part": "test",
        "docs": [{"doc_id": "d1", "text": "The mill was built in 1840. It burned down once."}],
        "sides": [{"answer": "1840", "doc_ids": ["d1"]}],
        "answers": ["1840"],
        "answerable": True,
    },
    {
        "id": "m2",
        "question": "Who sold the wheel?",
        "part": "train",
        "docs": [{"doc_id": "d1", "text": "The mill stands by a brook."}],
        "sides": [],
        "answers": [],
        "answerable": False,
    },
]

EMPTY: dict[str, Any] = {"kind": "unanswerable", "positions": []}


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return path


def spans_suite(path: Path) -> Path:
    start = POST.index(ACCUSES)
    position = {"name": "dockers", "spans": {"post": [[start, start + len(ACCUSES)]]}}
    item = {"id": "h1", "question": "Who locked the gates?", "kind": "agreed", "positions": [position]}
    path.write_text(json.dumps({"items": [item]}), encoding="utf-8")
    return path


# --- suites -----------------------------------------------------------------------------------


def test_items_with_docs_are_a_closed_suite_and_a_part_can_be_taken(tmp_path: Path) -> None:
    path = written(tmp_path / "mills.jsonl", CLOSED)
    assert (items.load(path).closed, len(items.load(path).questions)) == (True, 2)
    assert [q.id for q in items.load(path, "test").questions] == ["m1"]
    with pytest.raises(UsageError, match="no item whose \"part\" is 'dev'"):
        items.load(path, "dev")


def test_open_and_closed_items_do_not_mix(tmp_path: Path) -> None:
    path = written(tmp_path / "mixed.jsonl", [CLOSED[0], {"id": "x", "question": "Who?", **EMPTY}])
    with pytest.raises(UsageError, match="make two files"):
        items.load(path)


def test_a_sample_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    rows = [CLOSED[0] | {"id": f"m{n}"} for n in range(30)]
    suite = items.load(written(tmp_path / "many.jsonl", rows))
    drawn = [[q.id for q in items.sample(suite, 5, seed).questions] for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert [r["id"] for r in items.sample(suite, 5, 1).references] == drawn[0]
    assert items.sample(suite, 30, 1) is suite


def test_agreeing_items_and_the_disputes_beside_them_are_one_suite() -> None:
    twins = Path(items.__file__).parent / "suites" / "yesno_twins.json"
    suite = items.load(twins)
    assert {len(r["sides"]) for r in suite.references} == {1, 2}


def test_a_question_keeps_the_ones_asked_before_it_and_not_what_it_means(tmp_path: Path) -> None:
    told = {"history": ["Who locked the gates?", "When?"], "standalone": "Why were the gates locked on Monday?"}
    rows = [{"id": "g1", "question": "Why?", **EMPTY, **told}, {"id": "g2", "question": "Who locked it?", **EMPTY}]
    asked = items.load(written(tmp_path / "gates.jsonl", rows)).questions
    assert asked == (Item("g1", "Why?", ("Who locked the gates?", "When?")), Item("g2", "Who locked it?"))


def test_closed_items_keep_their_history_beside_their_documents(tmp_path: Path) -> None:
    rows = [CLOSED[0] | {"history": ["Is there a mill?"]}]
    (asked,) = items.load(written(tmp_path / "mills.jsonl", rows)).questions
    assert (asked.history, asked.docs) == (("Is there a mill?",), (("d1", CLOSED[0]["docs"][0]["text"]),))


def test_spans_become_the_words_of_the_library(tmp_path: Path, harbour_index: Any) -> None:
    texts = items.texts_in(harbour_index.library)
    suite = items.with_quotes(items.load(spans_suite(tmp_path / "s.json")), texts)
    assert suite.references[0]["positions"] == [{"name": "dockers", "quotes": {"post": [ACCUSES]}}]
    stated = {"outcome": "answered", "positions": [{"citations": [{"article": "post", "quote": ACCUSES}]}]}
    rows = items.score(suite, [stated], {k: plain(t) for k, t in texts.items()})
    assert items.summarise(suite, rows)["position F1"].value == 1.0


# --- answering --------------------------------------------------------------------------------


def test_closed_items_are_answered_over_their_own_documents(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["eval", str(written(tmp_path / "mills.jsonl", CLOSED)), "--part", "test"]) == 0
    assert "| separated F1 | 1.000 | – | 1 | 0 |" in capsys.readouterr().out


def test_a_question_that_fails_is_told_and_is_no_abstention(tmp_path: Path, parser: Any) -> None:
    suite = items.load(written(tmp_path / "mills.jsonl", [CLOSED[0] | {"question": " "}]))
    answers = Bench(suite, {}, None, ClosedTools(parser, None, None)).answers()  # type: ignore[arg-type]
    assert "question is empty" in answers[0]["error"]
    assert items.summarise(suite, items.score(suite, answers, {}))["abstains: answerable"].value == 0.0


# --- SQuAD 2.0 --------------------------------------------------------------------------------


def quoting(*quotes: str) -> dict[str, Any]:
    return {"outcome": "answered", "positions": [{"citations": [{"article": "d1", "quote": q} for q in quotes]}]}


SILENT: dict[str, Any] = {"outcome": "unanswered", "positions": []}


def test_both_shares_are_counted_apart() -> None:
    yes, no = CLOSED
    pairs = [
        (yes, quoting("The mill was built in 1840.")),
        (yes, quoting("It burned down once.")),
        (yes, SILENT),
        (no, SILENT),
        (no, quoting("The mill stands by a brook.")),
        (no, {"id": "m2", "error": "the model is missing"}),
    ]
    counts = squad.count([item for item, _ in pairs], [a for _, a in pairs])
    assert counts == squad.Counts(unanswerable=3, silent=1, answerable=3, answered=2, held=1)
    assert "| unanswerable, left unanswered | 0.333 | 1 of 3 |" in squad.table(counts)


@pytest.mark.parametrize(
    ("quote", "reference", "held"),
    [
        ("It was “The Old Mill”, they say.", "the old mill", True),
        ("It cost 18400 crowns.", "1840", False),
        ("Its sign reads 水車.", "水車", True),
        ("Its sign reads nothing.", "水車", False),
    ],
)
def test_a_quote_holds_the_words_of_an_answer(quote: str, reference: str, held: bool) -> None:
    assert squad.quotes_hold(quoting("Another sentence.", quote), ["elsewhere", reference]) is held


def test_the_share_of_a_kind_that_is_not_there_is_a_dash() -> None:
    assert "| – | 0 of 0 |" in squad.table(squad.count([], []))


def test_squad_items_are_answered_and_others_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert squad.main([str(written(tmp_path / "mills.jsonl", CLOSED))]) == 0
    told = capsys.readouterr().out
    assert "mills: 1 questions" in told, "only the part named test, unless another is named"
    assert "| answerable, answered with a quote that holds a reference answer | 1.000 | 1 of 1 |" in told
    strange = [{k: v for k, v in CLOSED[0].items() if k != "answerable"}]
    assert squad.main([str(written(tmp_path / "strange.jsonl", strange))]) == 2
    assert "item m1 is no SQuAD 2.0 item" in capsys.readouterr().err
