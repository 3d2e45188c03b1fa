"""Published benchmark files become closed items; one of another shape is refused, with the place and the field."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals import benchmarks, items
from evals.benchmarks import BENCHMARKS, read
from evals.metrics import Kind, closed_kind, plain
from evals.pooled import documents, pooled
from rag.errors import ReadError, UsageError

Row = dict[str, Any]

MILL = "The mill at Orrey was built in 1840. A brook drives its wheel."
LATER = "Orrey's mill dates from 1852, the parish book says."
BREAD = "Bakers in the town want lower tolls."


def ramdocs_row() -> Row:
    return {
        "question": "When was the mill at Orrey built?",
        "documents": [
            {"text": BREAD, "type": "noise", "answer": "unknown"},
            {"text": MILL, "type": "correct", "answer": "1840"},
            {"text": LATER, "type": "misinfo", "answer": "1852"},
            {"text": "In 1840 the Orrey mill opened.", "type": "correct", "answer": "1840 "},
        ],
        "disambig_entity": ["Orrey mill"],
        "gold_answers": ["1840"],
        "wrong_answers": ["1852", "1899"],
    }


def wikicontradict_row() -> Row:
    return {
        "question_ID": "7",
        "question": "Was the mill at Orrey built before 1850?",
        "context1": MILL,
        "context2": LATER,
        "answer1": "Yes.",
        "answer2": "No",
        "contradictType": "Implicit (reasoning required)",
        "samepassage": "Different",
        "merged_context": f"{MILL} {LATER}",
        "ref_answer": "Yes|No",
        "WikipediaArticleTitle": "Orrey",
        "url": "",
    }


def squad_file() -> Row:
    asked = {"question": "When was it built?", "id": "q1", "is_impossible": False}
    unasked = {"question": "Who sold it?", "id": "q2", "is_impossible": True, "answers": []}
    unasked["plausible_answers"] = [{"text": "Orrey", "answer_start": 12}]
    answers = [{"text": text, "answer_start": 26} for text in ("in 1840", "1840", "1840")]
    paragraphs = [{"context": BREAD, "qas": []}, {"context": MILL, "qas": [{**asked, "answers": answers}, unasked]}]
    return {"version": "v2.0", "data": [{"title": "Orrey_Mill", "paragraphs": paragraphs}]}


def natconfqa_row() -> Row:
    return {
        "question_id": "orrey.2",
        "topic_id": "orrey",
        "question": "Does the new wheel save water?",
        "paragraphs": [
            "On wheels. The new wheel saved a third of the water.",
            "The new wheel used more water than the old one.",
            "On wheels.\nThe new wheel saved a third of the water!",
            BREAD,
        ],
        "evidences": [
            {"text": "The new wheel used more water than the old one.", "label": "Refutes", "paragraph_id": 1},
            {"text": "The new wheel saved a third of the water.", "label": "Supports", "paragraph_id": 0},
        ],
        "answer_type": "Conflict",
        "answers": [{"answer": True, "evidence_ids": [1]}, {"answer": False, "evidence_ids": [0, 9]}],
        "conflicting_answer_pairs": [[0, 1]],
        "question_type": "boolean",
        "is_presupposition": None,
        "raw_sample": {},
    }


def conflicts_row(conflict: str = "Conflict due to outdated information") -> Row:
    return {
        "source": "invented",
        "question": "What is the toll at the Orrey bridge?",
        "conflict_type": conflict,
        "correct_answer": "two pence",
        "search_results": [
            {"title": "Tolls", "url": "", "snippet": "A penny ...", "date": "NA", "short_text": "The toll is a penny."},
            {"title": "News", "url": "", "snippet": "The toll is now two pence.", "date": None, "short_text": ""},
            {"title": "Page", "url": "", "snippet": None, "short_text": None, "response_str": "Tolls rose to 2d."},
        ],
    }


def lines(path: Path, rows: list[Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def one(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def table(path: Path, rows: list[Row]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def files(folder: Path) -> dict[str, Path]:
    """A file of each benchmark, in its published form."""
    return {
        "ramdocs": lines(folder / "ramdocs.jsonl", [ramdocs_row()]),
        "wikicontradict": table(folder / "wiki.csv", [wikicontradict_row()]),
        "squad": one(folder / "squad.json", squad_file()),
        "natconfqa": one(folder / "natconfqa.json", {"version": "v1.0", "ContraQA": [natconfqa_row()]}),
        "conflicts": lines(folder / "conflicts.jsonl", [conflicts_row()]),
    }


# --- what becomes of a row --------------------------------------------------------------------


def test_documents_that_give_one_answer_are_one_side_and_noise_is_none(tmp_path: Path) -> None:
    (item,) = read("ramdocs", files(tmp_path)["ramdocs"])
    assert item["id"] == "ramdocs-0"
    assert [d["doc_id"] for d in item["docs"]] == ["d0", "d1", "d2", "d3"]
    assert item["docs"][2]["text"] == LATER
    assert item["sides"] == [
        {"answer": "1840", "doc_ids": ["d1", "d3"], "kind": "correct"},
        {"answer": "1852", "doc_ids": ["d2"], "kind": "misinfo"},
    ]
    assert (item["noise_doc_ids"], item["part"], closed_kind(item)) == (["d0"], "test", "contested")
    assert (item["gold_answers"], item["wrong_answers"]) == (["1840"], ["1852", "1899"])


@given(st.lists(st.tuples(st.sampled_from(["correct", "misinfo", "noise"]), st.sampled_from(["1840", "1852"]))))
def test_every_document_stands_on_one_side_or_is_noise(drawn: list[tuple[str, str]]) -> None:
    told = [{"text": f"{n}: {answer}.", "type": kind, "answer": answer} for n, (kind, answer) in enumerate(drawn)]
    item = benchmarks._ramdocs_item(0, benchmarks._Record("here", ramdocs_row() | {"documents": told}))
    placed = [key for side in item["sides"] for key in side["doc_ids"]] + item["noise_doc_ids"]
    assert sorted(placed) == sorted(doc["doc_id"] for doc in item["docs"])


def test_a_question_that_the_reader_was_trained_on_is_marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = hashlib.sha256(ramdocs_row()["question"].encode()).hexdigest()[:8]
    monkeypatch.setattr(benchmarks, "TRAINED_QUESTIONS", frozenset({seen}))
    other = ramdocs_row() | {"question": "Who built the mill at Orrey?"}
    rows = read("ramdocs", lines(tmp_path / "r.jsonl", [ramdocs_row(), other]))
    assert [row["part"] for row in rows] == ["train", "test"]
    articles = squad_file()["data"] + [squad_file()["data"][0] | {"title": "Normans"}]
    articles[1]["paragraphs"] = [{"context": MILL, "qas": [squad_file()["data"][0]["paragraphs"][1]["qas"][1]]}]
    articles[1]["paragraphs"][0]["qas"][0]["id"] = "q3"
    rows = read("squad", one(tmp_path / "s.json", {"data": articles}))
    assert [row["part"] for row in rows] == ["test", "test", "train"]


def test_the_marks_of_what_was_trained_on_are_hashes_and_none_is_missing() -> None:
    assert len(benchmarks.TRAINED_QUESTIONS) == 92
    assert all(len(mark) == 8 and int(mark, 16) >= 0 for mark in benchmarks.TRAINED_QUESTIONS)
    assert len(benchmarks.TRAINED_ARTICLES) == 11


def test_two_passages_that_contradict_are_two_documents_with_a_side_each(tmp_path: Path) -> None:
    (item,) = read("wikicontradict", files(tmp_path)["wikicontradict"])
    assert item["sides"] == [
        {"answer": "Yes.", "doc_ids": ["p1"], "evidence": [MILL]},
        {"answer": "No", "doc_ids": ["p2"], "evidence": [LATER]},
    ]
    assert (item["yes_no"], item["same_passage"], closed_kind(item)) == (True, False, "contested")
    assert item["contradiction_type"] == "Implicit (reasoning required)"


def test_a_table_a_list_and_lines_say_the_same(tmp_path: Path) -> None:
    rows = [wikicontradict_row(), wikicontradict_row() | {"context1": 'Two\nlines, and "quotes".', "answer1": "1840"}]
    found = read("WikiContradict", table(tmp_path / "w.csv", rows))
    assert found == read("wikicontradict", lines(tmp_path / "w.jsonl", rows))
    assert found == read("wikicontradict", one(tmp_path / "w.json", rows))
    assert [row["yes_no"] for row in found] == [True, False]


def test_a_squad_question_keeps_its_answers_once_and_an_impossible_one_has_none(tmp_path: Path) -> None:
    asked, impossible = read("squad", files(tmp_path)["squad"])
    assert asked["docs"] == [{"doc_id": "Orrey_Mill-1", "text": MILL}]
    assert (asked["answers"], asked["answerable"]) == (["in 1840", "1840"], True)
    assert asked["sides"] == [{"answer": "1840", "doc_ids": ["Orrey_Mill-1"]}]
    assert (impossible["answers"], impossible["answerable"], impossible["sides"]) == ([], False, [])


def test_an_answer_stands_in_every_paragraph_that_holds_its_evidence(tmp_path: Path) -> None:
    (item,) = read("natconfqa", files(tmp_path)["natconfqa"])
    assert [(side["answer"], side["doc_ids"]) for side in item["sides"]] == [("yes", ["p0", "p2"]), ("no", ["p1"])]
    assert item["sides"][0]["evidence"] == ["The new wheel saved a third of the water."]
    assert (item["kind"], item["conflicting_pairs"]) == ("contested", [[0, 1]])
    assert item["evidence_missing"] == 1  # answer "no" names evidence 9


def test_answers_without_a_conflict_agree_and_a_question_without_answers_has_no_side(tmp_path: Path) -> None:
    listed = natconfqa_row() | {"conflicting_answer_pairs": [], "answer_type": "Support"}
    listed["answers"] = [{"answer": "a third", "evidence_ids": [1]}, {"answer": "more", "evidence_ids": [0]}]
    neutral = listed | {"question_id": "orrey.3", "answers": [], "answer_type": "Neutral"}
    agreed, silent = read("natconfqa", one(tmp_path / "n.json", {"ContraQA": [listed, neutral]}))
    assert (agreed["kind"], [side["answer"] for side in agreed["sides"]]) == ("agreed", ["a third", "more"])
    assert (silent["kind"], silent["sides"]) == ("noise", [])


@pytest.mark.parametrize(
    ("conflict", "kind"),
    [
        ("No conflict", "agreed"),
        ("Complementary information", "agreed"),
        ("Conflicting opinions and research outcomes", "contested"),
        ("Conflicting Opinions or Research Outcomes", "contested"),
        ("Conflict due to outdated information", "contested"),
        ("Conflict due to misinformation", "contested"),
    ],
)
def test_the_type_of_conflict_gives_the_kind_and_no_sides(tmp_path: Path, conflict: str, kind: str) -> None:
    (item,) = read("conflicts", lines(tmp_path / "c.jsonl", [conflicts_row(conflict)]))
    assert (item["kind"], item["sides"], item["conflict_type"]) == (kind, [], conflict)
    assert item["kind"] in get_args(Kind)


def test_a_search_result_is_read_by_its_passage_then_its_snippet_then_its_page(tmp_path: Path) -> None:
    (item,) = read("conflicts", files(tmp_path)["conflicts"])
    assert [doc["text"] for doc in item["docs"]] == [
        "The toll is a penny.",
        "The toll is now two pence.",
        "Tolls rose to 2d.",
    ]
    assert item["answers"] == ["two pence"]
    row = conflicts_row() | {"correct_answer": ""}
    assert read("conflicts", lines(tmp_path / "c.jsonl", [row]))[0]["answers"] == []


# --- the other way round ----------------------------------------------------------------------


@pytest.mark.parametrize("name", BENCHMARKS)
def test_what_is_written_is_read_and_scored_as_a_closed_suite(tmp_path: Path, name: str) -> None:
    out = tmp_path / "out.jsonl"
    assert benchmarks.main([name, str(files(tmp_path)[name]), str(out)]) == 0
    suite = items.load(out)
    assert suite.closed
    answers = [cited(dict(reference)) for reference in suite.references]
    scored = items.score(suite, answers, {})
    assert [row.quotes for row in scored] == [row.verbatim for row in scored]
    assert all(row.matched == row.wanted for row in scored)
    shown = items.summarise(suite, scored)
    assert shown["separated F1"].value == (None if name == "conflicts" else 1.0)


def cited(item: Row) -> Row:
    """An answer that cites all of the first document of each side."""
    texts = {doc["doc_id"]: doc["text"] for doc in item["docs"]}
    positions = [
        {"citations": [{"article": side["doc_ids"][0], "quote": texts[side["doc_ids"][0]]}]} for side in item["sides"]
    ]
    return {"id": item["id"], "outcome": "disputed", "positions": positions}


# --- what is refused --------------------------------------------------------------------------


def without(row: Row, field: str) -> Row:
    return {key: value for key, value in row.items() if key != field}


def squad_with(**fields: Any) -> Row:
    whole = squad_file()
    whole["data"][0]["paragraphs"][1]["qas"][0].update(fields)
    return whole


def told(write: Callable[[Path], Path], name: str, tmp_path: Path) -> str:
    with pytest.raises(UsageError) as caught:
        read(name, write(tmp_path))
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "wrong", "said"),
    [
        ("ramdocs", without(ramdocs_row(), "documents"), 'line 2: no "documents", which should be a list of objects'),
        ("ramdocs", without(ramdocs_row(), "gold_answers"), 'line 2: no "gold_answers"'),
        ("ramdocs", ramdocs_row() | {"question": " "}, 'line 2: its "question" is " ", and should be text'),
        (
            "ramdocs",
            ramdocs_row() | {"documents": [{"text": MILL, "type": "right", "answer": "1840"}]},
            'line 2, documents 1: its "type" is "right", and should be one of correct, misinfo, noise',
        ),
        (
            "ramdocs",
            ramdocs_row() | {"documents": [{"text": MILL, "type": "correct"}]},
            'line 2, documents 1: no "answer"',
        ),
        ("ramdocs", [MILL], "line 2: is not an object"),
        ("wikicontradict", without(wikicontradict_row(), "context2"), 'line 2: no "context2"'),
        ("wikicontradict", wikicontradict_row() | {"answer1": None}, 'line 2: its "answer1" is null'),
        (
            "conflicts",
            conflicts_row("A quarrel"),
            'line 2: its "conflict_type" is "A quarrel", and should be one of no',
        ),
        ("conflicts", conflicts_row() | {"correct_answer": 2}, 'line 2: its "correct_answer" is 2'),
        (
            "conflicts",
            conflicts_row() | {"search_results": [{"title": "Tolls", "snippet": " "}]},
            'line 2, search_results 1: no "response_str"',
        ),
    ],
)
def test_a_row_of_another_shape_is_named_by_its_line_and_field(
    tmp_path: Path, name: str, wrong: Any, said: str
) -> None:
    good = {"ramdocs": ramdocs_row, "wikicontradict": wikicontradict_row, "conflicts": conflicts_row}[name]()
    line = told(lambda folder: lines(folder / "f.jsonl", [good, wrong]), name, tmp_path)
    assert said in line
    assert line.endswith(f"The file that {name} reads is {BENCHMARKS[name].published}")


@pytest.mark.parametrize(
    ("name", "whole", "said"),
    [
        ("squad", {"articles": []}, 'no "data"'),
        ("squad", squad_with(is_impossible=None), 'data 1, paragraphs 2, qas 1: its "is_impossible" is null'),
        ("squad", squad_with(answers=[]), 'qas 1: its "answers" is [], and should be at least one answer'),
        ("squad", squad_with(is_impossible=True), "and should be empty, since the question is impossible"),
        ("squad", squad_with(id="q2"), 'the id "q2" stands there twice'),
        ("squad", {"data": []}, "holds no question"),
        ("natconfqa", [natconfqa_row()], "is not an object"),
        ("natconfqa", {"ContraQA": [without(natconfqa_row(), "evidences")]}, 'ContraQA 1: no "evidences"'),
        (
            "natconfqa",
            {"ContraQA": [natconfqa_row() | {"evidences": [{"text": BREAD, "paragraph_id": 4}]}]},
            'ContraQA 1, evidences 1: its "paragraph_id" is 4, and should be a whole number from 0, and below 4',
        ),
        (
            "natconfqa",
            {"ContraQA": [natconfqa_row() | {"answers": [{"answer": "yes", "evidence_ids": [9]}]}]},
            'its "conflicting_answer_pairs" is [[0, 1]], and should be a list of pairs',
        ),
        (
            "natconfqa",
            {
                "ContraQA": [
                    natconfqa_row()
                    | {"answers": [{"answer": "yes", "evidence_ids": [9]}], "conflicting_answer_pairs": []}
                ]
            },
            'answers 1: its "evidence_ids" is [9], and should be numbers of the evidences',
        ),
    ],
)
def test_a_file_of_another_shape_is_named_by_the_place_and_the_field(
    tmp_path: Path, name: str, whole: Any, said: str
) -> None:
    line = told(lambda folder: one(folder / "f.json", whole), name, tmp_path)
    assert said in line
    assert BENCHMARKS[name].published in line


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    path = lines(tmp_path / "f.jsonl", [ramdocs_row()])
    path.write_text(path.read_text(encoding="utf-8") + "{", encoding="utf-8")
    with pytest.raises(UsageError, match=r"f\.jsonl, line 2: is not JSON"):
        read("ramdocs", path)


def test_a_row_of_a_table_is_named_by_the_line_on_which_it_begins(tmp_path: Path) -> None:
    rows = [wikicontradict_row() | {"context1": "Two\nlines."}, wikicontradict_row() | {"answer2": ""}]
    with pytest.raises(UsageError, match=r'w\.csv, line 4: its "answer2" is "", and should be text'):
        read("wikicontradict", table(tmp_path / "w.csv", rows))
    (tmp_path / "open.csv").write_text("question,context1\n" + "x" * 140_000 + ",y\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"open\.csv, line 2: is no row of a table"):
        read("wikicontradict", tmp_path / "open.csv")


def test_a_parquet_file_is_asked_for_as_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "train.parquet"
    path.write_bytes(b"PAR1\x00\xff")
    with pytest.raises(UsageError, match="is a parquet file: export it as JSON Lines"):
        read("wikicontradict", path)


def test_a_file_that_cannot_be_read_and_a_name_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="cannot be read"):
        read("ramdocs", tmp_path / "none.jsonl")
    (tmp_path / "latin.jsonl").write_bytes(b'{"question": "caf\xe9"}')
    with pytest.raises(ReadError, match="in UTF-8"):
        read("ramdocs", tmp_path / "latin.jsonl")
    with pytest.raises(UsageError, match="no benchmark 'trivia': name one of ramdocs, wikicontradict, squad"):
        read("trivia", tmp_path / "none.jsonl")


# --- the command ------------------------------------------------------------------------------


def test_the_list_says_where_each_is_published_and_what_its_trap_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert benchmarks.main(["--list"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for name, benchmark in BENCHMARKS.items():
        assert name == benchmark.name == name.lower()
        assert f"{name} {benchmark.published} {benchmark.trap}" in shown
        assert "://" not in benchmark.published + benchmark.trap


def test_the_command_counts_what_it_wrote_and_what_it_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.jsonl"
    assert benchmarks.main(["natconfqa", str(files(tmp_path)["natconfqa"]), str(out)]) == 0
    shown = capsys.readouterr().out
    assert f"{out}: 1 questions, 4 documents" in shown
    assert "1 numbers of evidence point at none in the file and were left out" in shown
    assert benchmarks.main(["squad", str(files(tmp_path)["squad"]), str(out)]) == 0
    assert "2 questions (2 of part test), 2 documents" in capsys.readouterr().out


def test_a_slip_on_the_command_line_is_one_line_and_leaves_what_stood_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("before", encoding="utf-8")
    bad = one(tmp_path / "bad.json", {})
    assert benchmarks.main(["squad", str(bad), str(out)]) == 2
    assert benchmarks.main(["squad", str(bad)]) == 2
    assert benchmarks.main(["squad", str(files(tmp_path)["squad"]), str(tmp_path / "out.json")]) == 2
    told = capsys.readouterr().err.splitlines()
    assert [line.startswith("benchmarks: ") for line in told] == [True, True, True]
    assert 'no "data"' in told[0]
    assert "--list" in told[1]
    assert "ends in .jsonl" in told[2]
    assert out.read_text(encoding="utf-8") == "before"


# --- pooled -----------------------------------------------------------------------------------


def closed(key: str, *texts: str, noise: tuple[str, ...] = ()) -> Row:
    docs = [{"doc_id": f"d{n}", "text": text} for n, text in enumerate(texts)]
    sides = [{"answer": "1840", "doc_ids": [doc["doc_id"] for doc in docs]}]
    return {"id": key, "question": "When?", "docs": docs, "sides": sides, "noise_doc_ids": list(noise)}


def test_a_text_that_two_items_bring_stands_in_the_collection_once() -> None:
    rows = [closed("a", MILL, BREAD), closed("b", LATER, MILL, noise=("d1",))]
    made, renamed = pooled(rows)
    assert documents(rows) == [
        {"id": "d0001", "text": MILL},
        {"id": "d0002", "text": BREAD},
        {"id": "d0003", "text": LATER},
    ]
    assert renamed == {("a", "d0"): "d0001", ("a", "d1"): "d0002", ("b", "d0"): "d0003", ("b", "d1"): "d0001"}
    assert [doc["doc_id"] for doc in made[1]["docs"]] == ["d0003", "d0001"]
    assert made[1]["sides"] == [{"answer": "1840", "doc_ids": ["d0003", "d0001"]}]
    assert made[1]["noise_doc_ids"] == ["d0001"]
    assert rows[1] == closed("b", LATER, MILL, noise=("d1",))


def test_two_documents_of_an_item_with_one_text_become_one() -> None:
    ((made,), renamed) = pooled([closed("a", MILL, MILL)])
    assert made["docs"] == [{"doc_id": "d0001", "text": MILL}]
    assert made["sides"][0]["doc_ids"] == ["d0001"]
    assert renamed == {("a", "d0"): "d0001", ("a", "d1"): "d0001"}


def test_what_cannot_be_pooled_is_named() -> None:
    with pytest.raises(UsageError, match="item a: names the document 'd9', which it does not bring"):
        pooled([closed("a", MILL, noise=("d9",))])
    with pytest.raises(UsageError, match="item open: brings no docs"):
        documents([{"id": "open", "question": "Who?"}])


@pytest.mark.parametrize("name", BENCHMARKS)
def test_the_items_of_every_benchmark_can_be_pooled(tmp_path: Path, name: str) -> None:
    rows = read(name, files(tmp_path)[name])
    path = lines(tmp_path / "pooled.jsonl", pooled(rows)[0])
    assert [q.id for q in items.load(path).questions] == [row["id"] for row in rows]


texts = st.lists(st.sampled_from([MILL, LATER, BREAD, "A brook.", " A brook.", "a brook."]) | st.text(max_size=3))


@given(st.lists(texts, max_size=6))
def test_every_document_keeps_its_text_under_its_new_id(drawn: list[list[str]]) -> None:
    rows = [closed(f"i{n}", *several) for n, several in enumerate(drawn)]
    made, renamed = pooled(rows)
    collection = {doc["id"]: doc["text"] for doc in documents(rows)}
    assert len(collection) == len(set(collection.values())) == len({text for several in drawn for text in several})
    for before, after in zip(rows, made, strict=True):
        own = {doc["doc_id"]: doc["text"] for doc in after["docs"]}
        assert len(own) == len(after["docs"])
        for doc in before["docs"]:
            key = renamed[before["id"], doc["doc_id"]]
            assert own[key] == collection[key] == doc["text"]
        assert set(after["sides"][0]["doc_ids"]) == set(own)
    assert documents(made) == documents(rows)
    assert pooled(made)[0] == made


def test_plain_spelling_does_not_make_two_sides_of_one_answer() -> None:
    given_twice = [
        {"text": "It is called Orrey–Mill.", "type": "correct", "answer": "Orrey–Mill"},
        {"text": "Orrey-mill is its name.", "type": "correct", "answer": "Orrey-mill"},
    ]
    item = benchmarks._ramdocs_item(0, benchmarks._Record("here", ramdocs_row() | {"documents": given_twice}))
    assert [side["doc_ids"] for side in item["sides"]] == [["d0", "d1"]]
    assert plain(item["sides"][0]["answer"]) == "Orrey-Mill"
