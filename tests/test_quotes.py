"""A quote is the article's own words or it is refused."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rag.errors import QuoteError
from rag.quotes import cut, occurrences, verify
from rag.types import (
    Article,
    Attribution,
    Block,
    BlockKind,
    Draft,
    DraftCitation,
    DraftPosition,
    Evidence,
    Quote,
    Reading,
    Sentence,
)

# Words without "not", names or digits, so that a mutated quote is never in the text by accident.
WORDS = [
    "gate",
    "driver",
    "waited",
    "behind",
    "long",
    "street",
    "empty",
    "since",
    "morning",
    "café",
    "re-opened",
    "don’t",
]
SAME = {"“": '"”„', "”": '"“', "’": "'‘", "–": "-—\u2011", "-": "–—\u2011", '"': "“”"}


def build(*parts: str, kinds: Sequence[BlockKind] = (), id: str = "a") -> tuple[Article, list[Sentence]]:
    """An article of one block and one sentence a part."""
    blocks: list[Block] = []
    sentences: list[Sentence] = []
    text = ""
    for i, part in enumerate(parts):
        kind = kinds[i] if kinds else "body"
        blocks.append(Block(len(text), len(text) + len(part), kind))
        sentences.append(Sentence(id, i, len(text), len(text) + len(part), part, i))
        text += part + "\n\n"
    return Article(id, id.upper(), text, tuple(blocks), outlet="The Bell", published=dt.date(2024, 5, 1)), sentences


@st.composite
def lines(draw: st.DrawFn) -> str:
    """A sentence with an actor, a "not", a number, a quotation and a dash."""

    def some() -> str:
        return " ".join(draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5)))

    actor, number = draw(st.sampled_from(["Hale", "Poe", "Roe"])), draw(st.integers(10, 99_999))
    gap = draw(st.sampled_from([" ", "\n", "  ", "\u00a0", "\t \n"]))
    return f"{actor} did not cut{gap}the {some()}, said {some()} – “{some()}” – with {number} {some()}."


article_lines = st.lists(lines(), min_size=1, max_size=4, unique=True)


# --- cut --------------------------------------------------------------------------------------


@given(st.lists(st.text(min_size=1).map(lambda t: t.replace("\r", "")).filter(bool), min_size=1, max_size=5))
def test_any_sentence_of_any_text_is_held_exactly(parts: list[str]) -> None:
    article, sentences = build(*parts)
    for sentence in sentences:
        quote = cut(article, sentence)
        assert article.text[quote.start : quote.end] == quote.text == sentence.text


@given(st.text(alphabet="aB9 .,;'’-–“”\"()\n", min_size=1, max_size=40), st.data())
def test_a_clause_is_exact_and_takes_words_whole(part: str, data: st.DataObject) -> None:
    article, [sentence] = build(part)
    start, end = data.draw(st.integers(-1, len(part) + 1)), data.draw(st.integers(-1, len(part) + 1))
    try:
        quote = cut(article, sentence, (start, end))
    except QuoteError:
        return
    assert article.text[start:end] == quote.text
    assert 0 <= start < end <= len(part)
    assert not re.fullmatch(r"\w\w", article.text[max(start - 1, 0) : start + 1])
    assert not re.fullmatch(r"\w\w", article.text[end - 1 : end + 1])


CLAUSES = (
    "Poe said “we shut the gate,” but Lt. Hale, of the drivers’ guild, saw 5,000 men on Dec. 14; they didn’t cut it."
)


@pytest.mark.parametrize(
    "clause",
    [
        "Poe said “we shut the gate,”",
        "we shut the gate",
        "“we shut the gate,”",
        "but Lt. Hale",
        "of the drivers’ guild,",
        "saw 5,000 men on Dec. 14",
        "they didn’t cut it.",
        "they didn’t cut it",
    ],
)
def test_a_clause_between_punctuation_is_a_quote(clause: str) -> None:
    article, [sentence] = build(CLAUSES)
    start = CLAUSES.index(clause)
    assert cut(article, sentence, (start, start + len(clause))).text == clause


@pytest.mark.parametrize(
    "clause",
    [
        "cut it.",  # would turn "didn't cut it" round
        "t cut it.",
        "000 men on Dec. 14",
        "saw 5",
        "saw 5,000 men on Dec.",
        "Hale",
        "guild,",
        "of the drivers",
        "they didn",
        "they didn’t ",
        " they didn’t cut it.",
        ",",
        "e shut the gate",
    ],
)
def test_a_fragment_that_is_no_clause_is_refused(clause: str) -> None:
    article, [sentence] = build(CLAUSES)
    start = CLAUSES.index(clause)
    with pytest.raises(QuoteError, match=r"\Aclause [^\n]+\Z"):
        cut(article, sentence, (start, start + len(clause)))


def test_a_clause_outside_its_sentence_is_refused() -> None:
    article, sentences = build("Poe left.", "Roe stayed.")
    with pytest.raises(QuoteError, match="leaves its sentence"):
        cut(article, sentences[0], (sentences[1].start, sentences[1].end))


def test_furniture_and_other_articles_and_changed_text_are_never_quoted() -> None:
    article, sentences = build("Share this article.", "Poe left.", kinds=["furniture", "body"])
    with pytest.raises(QuoteError, match="furniture"):
        cut(article, sentences[0])
    other, _ = build("Share this article.", "Poe left.", id="b")
    with pytest.raises(QuoteError, match="belongs to article 'a', not 'b'"):
        cut(other, sentences[1])
    changed, _ = build("Share this article.", "Poe died.")
    with pytest.raises(QuoteError, match="is not what article 'a' says there"):
        cut(changed, sentences[1])
    with pytest.raises(QuoteError, match="leaves block"):
        cut(article, Sentence("a", 0, 0, len(article.text), article.text, 1))
    with pytest.raises(QuoteError, match="does not have"):
        cut(article, Sentence("a", 1, 21, 30, "Poe left.", 7))


# --- occurrences ------------------------------------------------------------------------------


def retyped(text: str, data: st.DataObject) -> str:
    """The same words with other quotation marks, dashes and line breaks."""
    swapped = "".join(data.draw(st.sampled_from([c, *SAME.get(c, "")])) for c in text)
    return re.sub(r"\s+", lambda _: data.draw(st.sampled_from([" ", "\n", "\u00a0", " \t "])), swapped)


@given(article_lines, st.data())
def test_every_sentence_is_found_however_it_was_typeset(parts: list[str], data: st.DataObject) -> None:
    article, sentences = build(*parts)
    sentence = data.draw(st.sampled_from(sentences))
    words = retyped(sentence.text, data)
    assert [*occurrences(article, words, sentences)] == [Quote("a", sentence.start, sentence.end, sentence.text)]


@given(article_lines, st.data())
def test_words_that_say_something_else_are_not_found(parts: list[str], data: st.DataObject) -> None:
    article, sentences = build(*parts)
    text = data.draw(st.sampled_from(parts))
    number = re.search(r"\d+", text)
    assert number
    actor = text.split()[0]
    mutated = {
        "without its not": text.replace("did not cut", "did cut"),
        "another actor": text.replace(actor, "Moe"),
        "another number": text.replace(number[0], str(int(number[0]) + 100_000)),
        "a digit less": text.replace(number[0], number[0][:-1]),
        "another case": text.upper(),
        "no accent": text.replace("é", "e") if "é" in text else "Cafe",
        "a word cut": text[:-2],
        "a tail without its not": text[text.index("cut") :],
    }
    for kind, words in mutated.items():
        assert not [*occurrences(article, words, sentences)], kind


@given(st.lists(lines(), min_size=2, max_size=4, unique=True), st.data())
def test_words_stitched_from_two_places_are_not_found(parts: list[str], data: st.DataObject) -> None:
    article, sentences = build(*parts)
    first, second = data.draw(st.permutations(parts))[:2]
    stitched = first.split(",")[0] + "," + second.split(",", 1)[1]
    assume(all(stitched.split() != p.split() for p in parts))
    assert not [*occurrences(article, stitched, sentences)]
    assert not [*occurrences(article, f"{first} {second}", sentences)]


def test_repeated_words_are_found_wherever_they_stand() -> None:
    article, sentences = build("Poe left.", "Roe stayed.", "Poe left.")
    assert [q.start for q in occurrences(article, "Poe left.", sentences)] == [0, 24]


def test_nothing_is_found_for_no_words() -> None:
    article, sentences = build("Poe left.")
    assert not [*occurrences(article, " \n ", sentences)]


def test_a_sentence_of_marks_alone_is_still_found() -> None:
    article, sentences = build("* * *", "Poe left.")
    assert [*occurrences(article, "* * *", sentences)] == [Quote("a", 0, 5, "* * *")]


# --- verify -----------------------------------------------------------------------------------


def evidence(article: Article, sentences: Sequence[Sentence], first: int = 1) -> list[Evidence]:
    return [
        Evidence(n, article, s, sentences[i - 1] if i else None, (), 1.0, Reading(0.0, 0.0, ()))
        for i, (n, s) in enumerate(zip(range(first, first + len(sentences)), sentences, strict=True))
    ]


def offered() -> list[Evidence]:
    """1: Poe's gate, 2: their turning away (article a); 3: Hale's denial (article b)."""
    a = evidence(*build("Guards shut the gate, Poe told the Daily Oar.", "They were turned away."))
    return a + evidence(*build("Capt. Hale’s men said they had not shut it.", id="b"), first=3)


def position(*citations: DraftCitation, label: str = "the guards", origins: tuple[str, ...] = ()) -> DraftPosition:
    return DraftPosition(label, citations, origins=origins)


def test_a_sound_draft_becomes_numbered_quotes_with_their_source() -> None:
    poe = DraftCitation(1, Attribution("Poe", ("Daily Oar",)), clause=(0, 20))
    draft = Draft(
        "disputed",
        (
            position(poe, DraftCitation(2, needs_context=True), origins=("Poe", "The Bell", "Poe")),
            position(DraftCitation(3, Attribution("Capt. Hale's men", stance="denies"), needs_context=True)),
        ),
    )
    found = verify(draft, offered())
    assert found.rejected == found.nearest == ()
    cited = [c for p in found.positions for c in p.citations]
    assert [(c.n, c.quote.article, c.quote.text) for c in cited] == [
        (1, "a", "Guards shut the gate"),
        (2, "a", "They were turned away."),
        (3, "b", "Capt. Hale’s men said they had not shut it."),
    ]
    assert [c.context for c in cited] == [None, (0, 45), None]
    assert (cited[0].title, cited[0].outlet, cited[0].published) == ("A", "The Bell", dt.date(2024, 5, 1))
    assert found.positions[0].origins == ("Poe", "The Bell")


@pytest.mark.parametrize(
    ("citation", "text", "reason"),
    [
        (DraftCitation(9), "evidence 9", "no evidence was offered under this number"),
        (DraftCitation(2, clause=(0, 60)), "They were turned away.", "leaves its sentence"),
        (DraftCitation(2, clause=(52, 69)), "They were turned away.", "does not begin"),
        (
            DraftCitation(2, Attribution("Hale")),
            "They were turned away.",
            "speaker 'Hale' does not occur in article 'a'",
        ),
        (DraftCitation(2, Attribution("Po")), "They were turned away.", "speaker 'Po' does not occur"),
        (DraftCitation(2, Attribution("poe")), "They were turned away.", "speaker 'poe' does not occur"),
        (DraftCitation(2, Attribution(" ")), "They were turned away.", "speaker ' ' does not occur"),
        (DraftCitation(2, Attribution("Poe", ("Oar Weekly",))), "They were turned away.", "via 'Oar Weekly' does not"),
        (DraftCitation(1), "Guards shut the gate, Poe told the Daily Oar.", "already cited"),
    ],
)
def test_what_fails_is_dropped_with_its_reason_and_the_rest_stands(
    citation: DraftCitation, text: str, reason: str
) -> None:
    found = verify(Draft("answered", (position(DraftCitation(1), citation),)), offered())
    assert [c.n for c in found.positions[0].citations] == [1]
    [rejected] = found.rejected
    assert rejected.text == text
    assert reason in rejected.reason


def test_a_position_without_citations_vanishes_into_rejected_and_leaves_no_gap_in_the_numbers() -> None:
    draft = Draft("disputed", (position(DraftCitation(8), label="the moon"), position(DraftCitation(3))))
    found = verify(draft, offered())
    assert [(p.label, [c.n for c in p.citations]) for p in found.positions] == [("the guards", [1])]
    assert [r.text for r in found.rejected] == ["evidence 8", "the moon"]


def test_the_same_sentence_may_stand_under_two_positions() -> None:
    found = verify(Draft("answered", (position(DraftCitation(1)), position(DraftCitation(1)))), offered())
    assert [c.n for p in found.positions for c in p.citations] == [1, 2]


def test_an_origin_that_no_cited_article_names_is_dropped_and_said() -> None:
    found = verify(Draft("answered", (position(DraftCitation(1), origins=("Poe", "Capt. Hale")),)), offered())
    assert found.positions[0].origins == ("Poe",)
    assert [r.text for r in found.rejected] == ["Capt. Hale"]


def test_what_comes_nearest_is_checked_and_numbered_too() -> None:
    found = verify(Draft("unanswered", nearest=tuple(DraftCitation(n) for n in (3, 7, 1, 3))), offered())
    assert [(c.n, c.quote.article) for c in found.nearest] == [(1, "b"), (2, "a")]
    assert [r.text for r in found.rejected] == ["evidence 7", "Capt. Hale’s men said they had not shut it."]


def test_evidence_that_is_not_in_its_article_is_never_quoted() -> None:
    article, _ = build("Poe left the house.")
    forged = Evidence(
        1, article, Sentence("a", 0, 0, 19, "Poe burnt the house", 0), None, (), 1.0, Reading(0.0, 0.0, ())
    )
    found = verify(Draft("answered", (position(DraftCitation(1)),)), [forged])
    assert found.positions == ()
    assert [r.text for r in found.rejected] == ["Poe burnt the house", "the guards"]
