"""Suites as people write them: YAML and tables say the same as JSON, and a slip is one line that names it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.items import load, with_quotes
from evals.suite_file import read_suite
from rag.errors import ReadError, UsageError

YAML = """
items:
  - id: gate
    question: Who shut the gate?
    kind: contested
    positions:
      - name: the dockers
        quotes: {post: ["Dockers shut it."]}
        speakers: {post: {"Dockers shut it.": a guard}}
      - name: the owner
        quotes:
          courier: ["The owner shut it.", "It was he."]
        speakers: {}
  - {id: toll, question: 'What is the toll?', kind: unanswerable, positions: []}
floors: {position F1: 0.6, false disputes: 0.5}
"""
TABLE = """id,question,kind,position,article,quote,speaker
gate,Who shut the gate?,contested,the dockers,post,Dockers shut it.,a guard
gate,,,the owner,courier,The owner shut it.,
gate,,,the owner,courier,It was he.,
toll,What is the toll?,unanswerable,,,,
"""


def file(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_a_table_a_yaml_and_a_json_file_hold_the_same_questions(tmp_path: Path) -> None:
    suite = read_suite(file(tmp_path, "s.yaml", YAML))
    assert suite.floors == {"position F1": 0.6, "false disputes": 0.5}
    assert read_suite(file(tmp_path, "s.csv", TABLE)).rows == suite.rows
    assert read_suite(file(tmp_path, "s.json", json.dumps({"items": suite.rows}))).rows == suite.rows
    assert read_suite(file(tmp_path, "s.jsonl", "\n".join(map(json.dumps, suite.rows)))).rows == suite.rows


def test_quotes_are_looked_for_in_their_articles(tmp_path: Path) -> None:
    texts = {"post": "A guard spoke. Dockers shut it.", "courier": "The owner shut it. It was he."}
    suite = load(file(tmp_path, "s.yaml", YAML))
    assert with_quotes(suite, texts).references == suite.references
    with pytest.raises(ReadError, match=r"item gate: article courier does not hold “It was he\.”: copy the words"):
        with_quotes(suite, texts | {"courier": "The owner shut it."})
    with pytest.raises(ReadError, match="item gate: no article 'courier' in the library"):
        with_quotes(suite, {"post": texts["post"]})


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("s.yaml", "items: [", "cannot be read as .yaml"),
        ("s.yaml", "questions: []", 'no list "items"'),
        ("s.yaml", "items: []", "holds no question"),
        (
            "s.yaml",
            "items: [{id: a, question: 'Who?', kind: maybe, positions: []}]",
            "its kind is 'maybe': give one of",
        ),
        (
            "s.yaml",
            "items: [{id: a, question: 'Who?', kind: agreed, positions: []}]",
            "agreed wants at least one position",
        ),
        (
            "s.yaml",
            "items: [{id: a, question: 'Who?', kind: unanswerable, positions: [{name: x, quotes: {p: [q]}}]}]",
            "unanswerable wants no position",
        ),
        ("s.yaml", "items: [{id: a, question: 'Who?', kind: agreed, positions: [{name: x}]}]", "names with quotes"),
        ("s.yaml", YAML.replace("0.6", "high"), "give a number for each figure"),
        (
            "s.yaml",
            YAML.replace("position F1", "position G1"),
            "a floor for 'position G1': the figures are quote fidelity",
        ),
        ("s.yaml", YAML.replace("toll", "gate"), "stands there twice"),
        ("s.csv", TABLE.replace("quote", "words", 1), "no column 'quote'"),
        ("s.csv", TABLE.replace("the owner", ""), "line 3: a quote without its position"),
        ("s.json", "[1", "cannot be read as .json"),
    ],
)
def test_a_slip_is_one_line_that_names_it(name: str, text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load(file(tmp_path, name, text))
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"none\.yaml: cannot read the questions"):
        load(tmp_path / "none.yaml")
