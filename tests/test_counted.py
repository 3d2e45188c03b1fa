"""A number answers only where it counts what is asked for."""

from __future__ import annotations

import pytest

from rag.asked import understand
from rag.counted import counts, same_fate
from rag.parse import Parser
from rag.quantities import quantities


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        ("How many buses were sent?", "The wounded, 700 of whom boarded the buses, wept.", False),
        ("How many buses were sent?", "The town sent 12 buses.", True),
        ("How many buses were sent?", "At noon 40 people boarded the buses.", False),
        ("How many people died?", "Two buses burned.", False),
        ("How many people died?", "Two soldiers died.", True),
        ("How many people died?", "It burned for three hours.", False),
        ("How many people died?", "Two died.", True),
        ("How many lanterns were lit?", "Two soldiers came.", True),
    ],
)
def test_people_are_no_things_and_hours_are_neither(
    question: str, sentence: str, expected: bool, parser: Parser
) -> None:
    (tokens,) = parser.parse([sentence])
    assert counts(understand(question).counted, quantities(sentence)[0], sentence, tokens) is expected


@pytest.mark.parametrize(
    ("question", "counted"),
    [
        ("How many buses were sent?", "buses"),
        ("How many injured people were due to leave?", "people"),
        ("How many of the civilians died?", "civilians"),
        ("How many cruise missiles did they fire?", "missiles"),
        ("Who was there?", ""),
    ],
)
def test_what_is_counted_is_the_last_noun_before_the_verb(question: str, counted: str) -> None:
    assert understand(question).counted == counted


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        ("How many people were killed?", "The strike wounded 40 people.", False),
        ("How many people were killed?", "Sixty-one people are missing.", False),
        ("How many people were killed?", "The strike killed 40 people.", True),
        ("How many people were killed?", "There were 40 dead.", True),
        ("How many people were killed?", "The strike hit 40 people.", True),
        ("How many were wounded?", "Police detained 40 people.", False),
        ("How many were wounded?", "It treated 40 injured people.", True),
        ("How many were killed or wounded?", "The strike wounded 40 people.", True),
        ("How many people came?", "The strike wounded 40 people.", True),
    ],
)
def test_the_wounded_and_the_missing_are_not_the_dead(
    question: str, sentence: str, expected: bool, parser: Parser
) -> None:
    (tokens,) = parser.parse([sentence])
    assert same_fate(understand(question).words, quantities(sentence)[0], tokens) is expected
