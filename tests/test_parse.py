"""What the rest of the house relies on in a parse: offsets, one tree, and places that are places."""

from __future__ import annotations

import sys

import pytest

from rag.errors import ModelError
from rag.parse import Parser
from rag.types import Tokens

# spaCy looks through its plug-ins when a model loads, and finds pysbd, whose source Python warns about.
pytestmark = pytest.mark.filterwarnings("ignore:invalid escape sequence")


@pytest.fixture(scope="module")
def parser() -> Parser:
    return Parser()


def label(tokens: Tokens, word: str) -> str:
    return next(token.ent for token in tokens if token.text == word)


def test_tokens_stand_where_they_say(parser: Parser) -> None:
    text = "The mayor’s office — “empty since May” — didn't answer, an aide said."
    (tokens,) = parser.parse([text])
    assert all(text[token.start : token.end] == token.text for token in tokens)
    assert "".join(token.text for token in tokens) == text.replace(" ", "")


def test_a_text_has_one_root_however_many_sentences_it_holds(parser: Parser) -> None:
    for tokens in parser.parse(
        ['"We stay," she said. Others left. Nobody knows why.', "No. Never!", "Fire in the port"]
    ):
        assert [token.dep for token in tokens].count("ROOT") == 1
        assert sum(token.head == i for i, token in enumerate(tokens)) == 1


def test_lemmas_are_lower_case(parser: Parser) -> None:
    (tokens,) = parser.parse(["The UN Claimed that Damascus agreed."])
    assert all(token.lemma == token.lemma.lower() for token in tokens)


@pytest.mark.parametrize("text", ["Aleppo was quiet.", "Nobody left Aleppo on Monday.", "Shells hit Aleppo’s streets."])
def test_a_well_known_place_is_a_place(parser: Parser, text: str) -> None:
    assert label(parser.parse([text])[0], "Aleppo") == "GPE"


def test_order_is_kept_and_nothing_gives_nothing(parser: Parser) -> None:
    texts = [f"Number {n} left." for n in range(150)]
    assert [tokens[1].text for tokens in parser.parse(texts)] == [str(n) for n in range(150)]
    assert parser.parse([]) == []


def test_a_missing_model_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(ModelError, match="pip install") as caught:
        Parser()
    assert "\n" not in str(caught.value)
