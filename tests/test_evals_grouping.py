"""How answers judged by hand are put together: what the measure counts."""

from __future__ import annotations

import pytest

from evals import grouping
from rag.parse import Parser

SETS = [
    {
        "set": "a fire",
        "articles": [
            {
                "id": "a1",
                "title": "Mill burns",
                "outlet": "Harbour Post",
                "published": "2019-03-04",
                "sentences": ["The mill burned on Sunday.", "Police blamed the owner for the fire."],
            },
            {
                "id": "a2",
                "title": "Owner answers",
                "outlet": "Valley News",
                "published": "2019-03-05",
                "sentences": ["The mill's owner lit the fire, neighbours said.", "The mayor blamed dock workers."],
            },
        ],
        "questions": [
            {
                "question": "Who set the mill on fire?",
                "kind": "who",
                "dispute": True,
                "answers": {
                    "a1:1": ["the owner", "A"],
                    "a2:0": ["The mill's owner", "A"],
                    "a2:1": ["dock workers", "B"],
                },
            },
            {"question": "Who insured the mill?", "kind": "who", "dispute": None, "answers": {}},
        ],
    }
]


def test_one_answer_together_and_another_apart(parser: Parser) -> None:
    table = grouping.table(grouping.measure(grouping.sets(SETS, parser)))
    assert "| who | 3 | 0 | 1.00 of 1 | 0.00 of 2 | 1.00 of 1 | – |" in table


def test_a_merged_pair_and_a_missed_dispute_show(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.positions._somebody_else", lambda *_: False)
    monkeypatch.setattr("rag.positions.likeness", lambda *_: 1.0)
    tally = grouping.measure(grouping.sets(SETS, parser))["who"]
    assert tally.pairs == {(True, True): 1, (False, True): 2}
    assert tally.disputes == {(True, False): 1}


def test_an_answer_that_is_put_nowhere_is_lost(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.extractive.candidate", lambda asked, e, said_of: None)
    assert grouping.measure(grouping.sets(SETS, parser))["who"].lost == 3
