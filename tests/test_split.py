"""Every character in exactly one sentence, exact offsets, and the places where news text is easy to break wrongly."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.split import MAX_LEANING, MAX_LEANING_WORDS, MAX_SENTENCES, split
from rag.types import Article, Block, BlockKind

PIECES = [
    *["He left.", "He left. ", "Lt. ", "Gen. Poe ", "Dec. 14", "U.S. ", "a.m. ", "5:00am ", "…. to be ", "...", "?! "],
    *["“", "”", "‘", "’", '"', "'", "(", ")", "[", "]", "«", "»", "\n", "\n\n", "\t", " ", "  ", "\u00a0", "\u200b"],
    *[
        "1. ",
        "(a) ",
        "&ᓴ&",
        "∯",
        "ȸ",
        "♬",
        "\\",
        "*+?",
        "a",
        "é",
        "e\u0301",
        "字。",
        "🙂",
        "\x1c",
        "\x00",
        "gate.The men ",
    ],
]
texts = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=40).map("".join)).map(
    lambda text: text.replace("\r", "\n")
)


@st.composite
def articles(draw: st.DrawFn) -> Article:
    text = draw(texts)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8, unique=True)))
    kinds: list[BlockKind] = ["title", "body", "furniture"]
    spans = pairwise(cuts)
    return Article(
        "a", "A", text, tuple(Block(s, e, draw(st.sampled_from(kinds))) for s, e in spans if draw(st.booleans()))
    )


def article(*paragraphs: str | tuple[str, BlockKind]) -> Article:
    """An article of these paragraphs, one block each, an empty line between."""
    blocks: list[Block] = []
    text = ""
    for paragraph in paragraphs:
        words, kind = paragraph if isinstance(paragraph, tuple) else (paragraph, "body")
        blocks.append(Block(len(text), len(text) + len(words), kind))
        text += words + "\n\n"
    return Article("a", "A", text, tuple(blocks))


def sentences(text: str) -> list[str]:
    return [s.text for s in split(article(text))[0]]


@given(articles())
def test_every_character_of_every_quotable_block_is_in_exactly_one_sentence(a: Article) -> None:
    found, _ = split(a)
    assert [s.n for s in found] == list(range(len(found)))
    covered: set[int] = set()
    at = 0
    for s in found:
        block = a.blocks[s.block]
        assert a.text[s.start : s.end] == s.text == s.text.strip() != ""
        assert block.kind != "furniture"
        assert block.start <= s.start < s.end <= block.end
        assert at <= s.start, "sentences are in order and never overlap"
        at = s.end
        covered.update(range(s.start, s.end))
    for block in a.blocks:
        if block.kind != "furniture":
            assert all(i in covered for i in range(block.start, block.end) if not a.text[i].isspace())


@given(articles())
def test_every_body_sentence_is_in_exactly_one_passage(a: Article) -> None:
    found, passages = split(a)
    inside: list[int] = []
    for n, p in enumerate(passages):
        members = found[p.first : p.last + 1]
        assert p.n == n
        assert (p.start, p.end) == (members[0].start, members[-1].end)
        assert a.text[p.start : p.end] == p.text
        assert len(members) <= max(MAX_SENTENCES, MAX_LEANING)
        assert len(members) == 1 or sum(len(s.text.split()) for s in members) <= MAX_LEANING_WORDS
        for left, right in pairwise(members):
            assert not a.text[left.end : right.start].strip()
        inside += [s.n for s in members]
    assert inside == [s.n for s in found if a.blocks[s.block].kind == "body"]


@pytest.mark.parametrize(
    "expected",
    [
        ["Lt. Col. Omar Hale met Gen. Reed on Dec. 14.", "He left."],
        ["Brig. Gen. Poe, Adm. Roe and Amb. Moe stayed.", "Sgt. Doe left."],
        ["The U.S. Secretary of State spoke.", "He was in the U.S.", "The talks failed."],
        ["The guns began at 10 a.m. local time.", "They fell silent at 5:00am on Monday.", "No one slept."],
        ["“We left. They stayed,” he said.", "“It is over.”", "Then he went."],
        ['"We left. They stayed."', "He went.", '"Now," she said.'],
        ["They were told “…. to be ready” at dawn.", "Nobody came."],
        ["‘We don’t know.", "It is bad.’", "He said no more."],
        ["She had a plan (it was hers.)", "Then she left."],
        ['He read out "yes.".', "Nobody clapped."],
        ["“Stop!” he shouted.", "Nobody did."],
        ["The groups were: (a) the guards (b) the drivers.", "Both left."],
        ["One wrapped\nline and one\nmore.", "The next\none."],
        ['"He left."', '"She stayed."', "Nobody else spoke."],
        ["They shut the gate.", "They shut the gate.", "They shut the gate."],
        ["彼は言った。", "そして去った。"],
    ],
)
def test_sentences_end_where_a_reader_would_end_them(expected: list[str]) -> None:
    assert sentences(" ".join(expected) if "。" not in expected[0] else "".join(expected)) == expected


def test_a_space_that_the_scraper_lost_does_not_glue_two_sentences() -> None:
    assert sentences("They shut the gate.The drivers waited.") == ["They shut the gate.", "The drivers waited."]


def test_an_unclosed_quotation_mark_does_not_swallow_the_rest() -> None:
    text = 'We heard them all night" said Poe. ' + "The drivers waited at the gate for hours. " * 20 + 'It was "cold".'
    assert max(len(s) for s in sentences(text)) < 100


def test_titles_are_quotable_and_furniture_is_not() -> None:
    a = article(("Gate shut: who did it?", "title"), ("Share this article.", "furniture"), "They shut the gate.")
    found, passages = split(a)
    assert [s.text for s in found] == ["Gate shut: who did it?", "They shut the gate."]
    assert [p.text for p in passages] == ["They shut the gate."]


def test_a_sentence_that_leans_on_the_one_before_shares_its_passage() -> None:
    leaning = article("The buses waited at the gate.", "But they were turned away.", "The drivers went home.")
    assert [p.text for p in split(leaning)[1]] == [
        "The buses waited at the gate.\n\nBut they were turned away.",
        "The drivers went home.",
    ]
    parted = article("The buses waited.", ("Read also: more gates.", "furniture"), "But they were turned away.")
    assert [p.text for p in split(parted)[1]] == ["The buses waited.", "But they were turned away."]


def test_short_sentences_of_a_paragraph_share_a_passage_and_those_of_two_do_not() -> None:
    a = article("One. Two.", "Three. Four.")
    assert [p.text for p in split(a)[1]] == ["One. Two.", "Three. Four."]


def test_a_very_long_sentence_is_a_passage_alone() -> None:
    long = "The drivers waited " + "and waited " * 80 + "there."
    assert [len(p.text.split()) for p in split(article(f"Poe left. {long} Roe stayed."))[1]] == [2, 164, 2]


@pytest.mark.parametrize("unit", ["word ", "a", "“a ", "'a ", "(a ", '"', ".", " "])
def test_a_block_of_200_kb_without_sentence_ends_takes_under_two_seconds(unit: str) -> None:
    a = article((unit * 200_000)[:200_000])
    began = time.process_time()
    found, _ = split(a)
    assert time.process_time() - began < 2
    assert len(found) == (0 if unit == " " else 1)


def test_time_grows_with_the_length_and_no_faster() -> None:
    def seconds(times: int) -> float:
        began = time.process_time()
        split(article("字。" * times))
        return time.process_time() - began

    assert seconds(16_000) < 12 * seconds(4_000) + 0.2
