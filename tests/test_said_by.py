"""A question for one party's word: whose, what, and which words are theirs."""

from __future__ import annotations

import pytest

from rag.said_by import parted, says
from rag.types import Attribution


@pytest.mark.parametrize(
    ("question", "asked", "who"),
    [
        ("What does Russia say about who blocked the buses?", "Who blocked the buses?", "Russia"),
        ("What does the mayor say: why was the square cleared?", "Why was the square cleared?", "the mayor"),
        ("And what did the dockers claim: were the gates locked?", "Were the gates locked?", "the dockers"),
        ("What does Russia say about the blockade?", "What does Russia say about the blockade?", ""),
        ("What did the ferry carry?", "What did the ferry carry?", ""),
        ("Who says that the gates were locked?", "Who says that the gates were locked?", ""),
    ],
)
def test_whose_answer_is_wanted_leaves_the_question(question: str, asked: str, who: str) -> None:
    assert parted(question) == (asked, who)


@pytest.mark.parametrize(
    ("who", "speaker", "via", "outlet", "theirs"),
    [
        ("Russia", "Russian Defense Ministry", (), "The Bell", True),
        ("Russia", "Russia and media close to it", (), "The Bell", True),
        ("Russia", "Turkey", (), "The Bell", False),
        ("the dockers", "striking dockers", (), "The Bell", True),
        ("the dockers", None, (), "The Bell", False),
        ("The Bell", None, (), "The Bell", True),
        ("The Bell", None, ("TASS",), "The Bell", False),
    ],
)
def test_whose_words_they_are(who: str, speaker: str | None, via: tuple[str, ...], outlet: str, theirs: bool) -> None:
    assert says(who, Attribution(speaker, via), outlet) is theirs
