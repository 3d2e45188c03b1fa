"""What was true on the day of export can be checked again: each quote stands, moved, or vanished."""

from __future__ import annotations

import json
from typing import Any

import pytest
import scripted

from rag.errors import UsageError
from rag.recheck import Checked, read_cited, recheck
from rag.split import split

CITATION: dict[str, object] = {"n": 1, "article": "a", "quote": "x", "start": 0, "end": 1}


def exported(quote: str, start: int) -> dict[str, Any]:
    citation = CITATION | {"quote": quote, "start": start, "end": start + len(quote)}
    return {"schema": 1, "positions": [{"label": "x", "citations": [citation]}], "nearest": []}


def checked(answer: dict[str, Any], *sentences: str) -> list[Checked]:
    """`answer` against an article of these sentences, each a paragraph."""
    article = scripted.article("a", *sentences)
    return recheck(read_cited(answer), {"a": (article, split(article)[0])}.get)


@pytest.mark.parametrize(
    ("quote", "start", "verdict", "now", "note"),
    [
        ("Poe left.", 12, "stands", 12, ""),
        ("Poe left.", 2, "moved", 12, "from 2:11 to 12:21"),
        ("Poe left.", 30, "moved", 39, "from 30:39 to 39:48"),
        ("Roe said 'no'.", 0, "moved", 23, "from 0:14 to 23:37, with other quotation marks, dashes or white space"),
        ("Poe died.", 12, "vanished", None, "article 'a' does not say these words any more"),
        ("left.", 16, "stands", 16, "the words are there, but not as a sentence or a clause of one"),
        ("left.", 15, "vanished", None, "article 'a' does not say these words any more"),
    ],
)
def test_an_exported_quote_stands_or_moved_or_vanished(
    quote: str, start: int, verdict: str, now: int | None, note: str
) -> None:
    [found] = checked(exported(quote, start), "Moe slept.", "Poe left.", "Roe said ‘no’.", "Poe left.")
    assert (found.cited.n, found.cited.article, found.cited.quote) == (1, "a", quote)
    span = None if now is None else (now, now + len(quote))
    assert (found.verdict, found.now, found.note) == (verdict, span, note)


def test_words_that_were_changed_in_the_export_have_vanished() -> None:
    answer = exported("Poe did not leave.", 0)
    answer["positions"][0]["citations"][0]["quote"] = "Poe did leave."
    [found] = checked(answer, "Poe did not leave.")
    assert (found.verdict, found.now) == ("vanished", None)


def test_a_quote_that_now_stands_behind_a_denial_has_vanished() -> None:
    [found] = checked(exported("Poe shut the gate.", 0), "Roe denied that Poe shut the gate.")
    assert found.verdict == "vanished"


def test_an_article_that_is_gone_is_said_to_be_gone() -> None:
    [found] = recheck(read_cited(exported("Poe left.", 0)), {}.get)
    assert (found.verdict, found.now, found.note) == ("vanished", None, "article 'a' is not there any more")


def test_an_answer_survives_the_way_through_json_with_all_its_citations() -> None:
    answer = exported("Poe left.", 0)
    answer["nearest"] = [CITATION | {"n": 2, "quote": "Poe left.", "start": 5, "end": 14}]
    found = checked(json.loads(json.dumps(answer)), "Poe left.")
    assert [(c.cited.n, c.verdict) for c in found] == [(1, "stands"), (2, "moved")]


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        ({}, "schema is missing"),
        ({"schema": 2, "positions": [], "nearest": []}, "schema is 2"),
        ({"schema": 1}, "positions is missing"),
        ({"schema": 1, "positions": [], "nearest": None}, "nearest is null"),
        ({"schema": 1, "positions": {}, "nearest": []}, r"positions is \{\}"),
        ({"schema": 1, "positions": ["x"], "nearest": []}, r'positions\[0\] is "x"'),
        ({"schema": 1, "positions": [{}], "nearest": []}, r"positions\[0\]\.citations is missing"),
        ({"schema": 1, "positions": [{"citations": [3]}], "nearest": []}, r"positions\[0\]\.citations\[0\] is 3"),
        ({"schema": 1, "positions": [], "nearest": [CITATION | {"n": True}]}, r"nearest\[0\]\.n is true"),
        ({"schema": 1, "positions": [], "nearest": [CITATION | {"start": -1}]}, r"nearest\[0\]\.start is -1"),
        ({"schema": 1, "positions": [], "nearest": [CITATION | {"end": 1.0}]}, r"nearest\[0\]\.end is 1\.0"),
        ({"schema": 1, "positions": [], "nearest": [CITATION | {"quote": " "}]}, r'nearest\[0\]\.quote is " "'),
        ({"schema": 1, "positions": [], "nearest": [CITATION | {"article": None}]}, r"nearest\[0\]\.article is null"),
        ([], r"the answer is \[\]"),
    ],
)
def test_json_of_another_form_is_refused_in_one_line_that_names_the_field(answer: object, field: str) -> None:
    with pytest.raises(UsageError, match=rf"\Anot an answer: {field}: [^\n]+\Z"):
        read_cited(answer)
