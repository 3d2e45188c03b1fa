"""An article that does not have the names of the question is less likely to answer it."""

from __future__ import annotations

import pytest
import scripted

from rag.about import share_named
from rag.asked import understand
from rag.extractive import read


def share(question: str, text: str) -> float:
    return share_named(understand(question), scripted.article("a", text))


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("Who shelled Kefraya?", "Kfraya was shelled on Monday.", 1.0),
        ("Who shelled Kefraya?", "Norsund was shelled on Monday.", 0.0),
        ("Who shelled the mill near Norsund in Vestmark?", "The mill near Norsund was shelled.", 0.5),
        ("Who shelled the mill?", "Norsund was shelled on Monday.", 1.0),
        ("Who shelled Norsund in March 2021?", "Norsund was shelled.", 1.0),
        ("Were Vestish planes over Norsund?", "Vestmark's planes flew over Norsund.", 0.5),
    ],
)
def test_names_are_known_in_any_spelling_and_times_are_no_names(question: str, text: str, expected: float) -> None:
    assert share(question, text) == expected


def test_of_two_like_sentences_the_one_about_the_place_answers() -> None:
    here = scripted.evidence("In Norsund rebels shelled it.", "rebels", n=2, id_="a", score=0.6)
    there = scripted.evidence("In Vestby the army shelled it.", "the army", n=1, id_="b", score=0.65)
    (position,) = read(understand("Who shelled the mill at Norsund?"), [there, here], scripted.nobody).positions[:1]
    assert position.label == "rebels"
