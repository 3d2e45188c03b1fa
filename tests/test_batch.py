"""Batches: what items may look like, what rows come out, and that OUT is replaced only when complete."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fakes
import pytest

from rag.batch import Item, answer_item, read_items, write_rows
from rag.errors import ModelError, ReadError, UsageError
from rag.render import from_dict, to_dict


def questions(tmp_path: Path, content: Any, name: str = "questions.json") -> Path:
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


# --- reading ----------------------------------------------------------------------------------


def test_a_json_list_of_items(tmp_path: Path) -> None:
    path = questions(
        tmp_path, {"items": [{"id": "b", "question": "Who?", "kind": "x"}, {"id": 1, "question": "When?"}]}
    )
    assert read_items(path) == [Item("b", "Who?"), Item(1, "When?")]


def test_lines_may_bring_their_own_documents(tmp_path: Path) -> None:
    rows = [
        {"id": "a", "question": "Who?", "docs": [{"doc_id": "d1", "text": "One.\u2028Still one."}]},
        {"id": "b", "question": "When?", "history": ["Who?"]},
    ]
    path = questions(tmp_path, "\n\n".join(json.dumps(r, ensure_ascii=False) for r in rows) + "\n", "questions.jsonl")
    assert read_items(path) == [
        Item("a", "Who?", docs=(("d1", "One.\u2028Still one."),)),
        Item("b", "When?", history=("Who?",)),
    ]


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "questions.json"
    path.write_bytes(b'\xef\xbb\xbf{"items": [{"id": "a", "question": "Who?"}]}')
    assert read_items(path) == [Item("a", "Who?")]


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        ("{", "q.json", "not JSON"),
        ('{"id": 1}\n{"id"', "q.jsonl", "q.jsonl, line 2: not JSON"),
        ([], "q.json", 'no list "items"'),
        ({"items": []}, "q.json", "holds no question"),
        ("", "q.jsonl", "holds no question"),
        ({"items": ["Who?"]}, "q.json", "item 1: not an object"),
        ({"items": [{"question": "Who?"}]}, "q.json", "item 1: its id is null"),
        ({"items": [{"id": True, "question": "Who?"}]}, "q.json", "its id is true"),
        ({"items": [{"id": "a"}]}, "q.json", 'item 1 (id "a"): its question is null'),
        ({"items": [{"id": "a", "question": "Who?", "history": "x"}]}, "q.json", 'its history is "x"'),
        (
            {"items": [{"id": "a", "question": "1"}, {"id": "a", "question": "2"}]},
            "q.json",
            'the id "a" stands there twice',
        ),
        ({"items": [{"id": "a", "question": "1", "docs": {}}]}, "q.json", "its docs are {}"),
        ({"items": [{"id": "a", "question": "1", "docs": [{"doc_id": "d"}]}]}, "q.json", "its document 1 is not"),
        (
            {
                "items": [
                    {"id": "a", "question": "1", "docs": [{"doc_id": "d", "text": ""}, {"doc_id": "d", "text": ""}]}
                ]
            },
            "q.json",
            'the id "d" stands there twice',
        ),
    ],
)
def test_a_malformed_item_is_named_in_one_line(tmp_path: Path, content: Any, name: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_items(questions(tmp_path, content, name))
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"missing\.json: cannot read the questions \(No such file"):
        read_items(tmp_path / "missing.json")
    (tmp_path / "latin.json").write_bytes(b'{"items": "\xe9"}')
    with pytest.raises(ReadError, match=r"latin\.json: cannot read the questions"):
        read_items(tmp_path / "latin.json")


# --- answering --------------------------------------------------------------------------------


def test_a_row_is_the_answer_with_its_id_first() -> None:
    row = answer_item(Item(7, "Who?"), lambda item: fakes.disputed())
    assert next(iter(row.items())) == ("id", 7)
    assert {k: v for k, v in row.items() if k != "id"} == to_dict(fakes.disputed())
    assert from_dict(row) == fakes.disputed()


def test_a_question_that_fails_becomes_a_row_with_the_error() -> None:
    def fails(item: Item) -> Any:
        raise ModelError("the server is gone: start it again")

    row = answer_item(Item("a", "Who?"), fails)
    assert row == {"id": "a", "question": "Who?", "error": "the server is gone: start it again"}


@pytest.mark.parametrize(
    ("history", "kept"),
    [
        (["Who?", " And why? "], ("Who?", "And why?")),
        ([{"question": "Who?", "answer": "Dockers."}], ("Who?",)),
        ([{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "Dockers."}], ("Who?",)),
        ([["Who?", "Dockers."]], ("Who?",)),
        ([{"question": "And why?", "standalone": "Why were the gates locked?"}], ("Why were the gates locked?",)),
    ],
)
def test_of_a_history_the_questions_are_kept(tmp_path: Path, history: list[object], kept: tuple[str, ...]) -> None:
    (item,) = read_items(questions(tmp_path, {"items": [{"id": "a", "question": "Then?", "history": history}]}))
    assert item.history == kept


def test_a_history_of_something_else_is_refused_by_name(tmp_path: Path) -> None:
    path = questions(tmp_path, {"items": [{"id": "a", "question": "Then?", "history": [7]}]})
    with pytest.raises(UsageError, match=r"item 1 \(id \"a\"\): a turn of the history is '7'"):
        read_items(path)


# --- writing ----------------------------------------------------------------------------------


def test_rows_are_written_in_order_and_errors_counted(tmp_path: Path) -> None:
    out = tmp_path / "answers.jsonl"
    assert write_rows(out, [{"id": "b", "text": "“é”\n"}, {"id": "a", "error": "no"}]) == 1
    lines = out.read_text(encoding="utf-8").split("\n")
    assert [json.loads(line)["id"] for line in lines if line] == ["b", "a"]
    assert "“é”" in lines[0]


def test_a_lone_surrogate_survives_as_json(tmp_path: Path) -> None:
    out = tmp_path / "answers.jsonl"
    write_rows(out, [{"question": "\ud83d?"}])
    assert json.loads(out.read_text(encoding="utf-8")) == {"question": "\ud83d?"}


def test_what_stood_there_stays_until_the_batch_is_complete(tmp_path: Path) -> None:
    out = tmp_path / "answers.jsonl"
    out.write_text("before", encoding="utf-8")

    def interrupted() -> Iterator[dict[str, Any]]:
        yield {"id": 1}
        assert out.read_text(encoding="utf-8") == "before"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_rows(out, interrupted())
    assert out.read_text(encoding="utf-8") == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["answers.jsonl"]


def test_a_link_is_followed_and_not_replaced(tmp_path: Path) -> None:
    real, link = tmp_path / "real.jsonl", tmp_path / "link.jsonl"
    link.symlink_to(real)
    write_rows(link, [{"id": 1}])
    assert link.is_symlink()
    assert json.loads(real.read_text(encoding="utf-8")) == {"id": 1}


def test_the_answers_have_the_rights_of_any_new_file(tmp_path: Path) -> None:
    plain, out = tmp_path / "plain", tmp_path / "answers.jsonl"
    plain.touch()
    write_rows(out, [{"id": 1}])
    assert stat.S_IMODE(out.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


@pytest.mark.parametrize("bad", ["missing/answers.jsonl", "."])
def test_a_place_that_cannot_be_written_is_refused_before_any_question(tmp_path: Path, bad: str) -> None:
    def never() -> Iterator[dict[str, Any]]:
        pytest.fail("a question was answered")
        yield {}

    with pytest.raises(UsageError, match="give --out"):
        write_rows(tmp_path / bad, never())
