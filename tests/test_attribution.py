"""Who says what, on sentences written for the purpose: each case is one that a reader of answers would miss."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals import attribution as scorer
from rag.attribution import OUTLET, Said, Voice, attribute, attribution_at, resolve
from rag.claim import Claim
from rag.parse import Parser
from rag.quotations import find_quotations
from rag.speakers import Mention
from rag.types import Attribution, Sentence

pytestmark = pytest.mark.filterwarnings("ignore:invalid escape sequence")

Ask = Callable[..., Attribution]


@pytest.fixture(scope="module")
def parser() -> Parser:
    return Parser()


def article(*paragraphs: str | list[str]) -> tuple[str, list[Sentence]]:
    """A text, and its sentences: a list is a paragraph of several."""
    text, sentences = "", []
    for block, paragraph in enumerate(paragraphs):
        for words in [paragraph] if isinstance(paragraph, str) else paragraph:
            sentences.append(Sentence("a", len(sentences), len(text), len(text) + len(words), words, block))
            text += words + " "
    return text, sentences


@pytest.fixture(scope="module")
def ask(parser: Parser) -> Ask:
    """ask(*paragraphs, about=words, outlet=...): who says the words, in the last sentence that holds them."""

    def asked(*paragraphs: str | list[str], about: str, outlet: str | None = None) -> Attribution:
        text, sentences = article(*paragraphs)
        said = attribute(sentences, parser.parse([s.text for s in sentences]), outlet)
        at = text.rindex(about)
        n = next(s.n for s in sentences if s.start <= at < s.end)
        return attribution_at(said[n], at, at + len(about))

    return asked


# --- the speaker ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "about", "speaker"),
    [
        ("The harbour master said that the crane had been empty.", "the crane had been empty", "harbour master"),
        ("The crane had been empty for days, the harbour master said.", "empty for days", "harbour master"),
        ("“The crane was empty,” said Ada Lind, who runs the port.", "The crane was empty", "Ada Lind"),
        ("Ada Lind, a lawyer for the dockers, said the crane was empty.", "the crane was empty", "Ada Lind"),
        ("Norwegian Transport Minister Ada Lind said the crane was empty.", "the crane was empty", "Ada Lind"),
        ("According to the Port Authority, the crane was empty.", "the crane was empty", "Port Authority"),
        ("The crane was empty, according to the Port Authority.", "The crane was empty", "Port Authority"),
        ("Ada Lind, who says the crane was empty, runs the port.", "the crane was empty", "Ada Lind"),
        ("The dockers accused the owners of emptying the crane.", "the owners of emptying the crane", "dockers"),
        ("The owners were accused by the dockers of emptying the crane.", "emptying the crane", "dockers"),
        ("The union's claim that the crane was empty surprised many.", "the crane was empty", "union"),
        ("A statement by the union said the crane was empty.", "the crane was empty", "union"),
        ("The crane, Ada Lind argued, was empty all week.", "was empty all week", "Ada Lind"),
        ("The union opposed the deal, adding that the crane was empty.", "the crane was empty", "union"),
        ("The union's claim is that the crane was empty.", "the crane was empty", "union"),
        ("The union denied it was late and said the crane was empty.", "the crane was empty", "union"),
        ("“The crane was empty,” shrugs Ada Lind.", "The crane was empty", "Ada Lind"),
        ("The mayor blamed the dockers for the delay.", "the dockers", "mayor"),
        ("The mayor made it clear that the crane was empty.", "the crane was empty", "mayor"),
        ("Ada Lind: The crane was empty all week", "The crane was empty", "Ada Lind"),
        ("“The crane was empty all week,” Will said.", "The crane was empty", "Will"),
        ("According to the Port Authority the crane was empty.", "the crane was empty", "Port Authority"),
        (
            "The crane was empty for days officials in the old port reported.",
            "The crane was empty",
            "officials in the old port",
        ),
        (
            "The crane was empty, dockers and pilots inside the flooded harbour told the Bell.",
            "The crane was empty",
            "dockers and pilots inside the flooded harbour",
        ),
        ("The mayor's office denied reports but the dockers insisted the crane was empty.", "the crane", "dockers"),
    ],
)
def test_the_speaker_of_reported_words(ask: Ask, sentence: str, about: str, speaker: str) -> None:
    assert ask(sentence, about=about).speaker == speaker


@pytest.mark.parametrize(
    ("sentence", "about"),
    [
        ("The crane fell into the water on Monday.", "fell into the water"),
        ("The mayor opened the new bridge and thanked the builders.", "the new bridge"),
        ("The owners refused to repair the crane.", "repair the crane"),
        ("The storm claimed the lives of two dockers.", "two dockers"),
        ("The dockers, who said the crane was unsafe, went home.", "went home"),
    ],
)
def test_no_speaker_is_made_up(ask: Ask, sentence: str, about: str) -> None:
    assert ask(sentence, about=about) == OUTLET


def test_what_the_subject_does_is_the_outlets_word(ask: Ask) -> None:
    assert ask("The dockers said the crane was empty.", about="The dockers") == OUTLET


def test_news_without_commas(ask: Ask) -> None:
    before = "A crane fell into the harbour and hurt four people near the old gate the Port Authority said on Monday."
    after = "Smoke from the yard hurt four people said the Port Authority adding that two of them were children."
    assert ask(before, about="hurt four people").speaker == "Port Authority"
    assert ask(after, about="hurt four people").speaker == "Port Authority"
    assert ask(after, about="two of them were children").speaker == "Port Authority"


# --- names ------------------------------------------------------------------------------------


def test_a_short_name_becomes_the_full_one(ask: Ask) -> None:
    first = "Ada Lindqvist, the harbour master, visited the crane."
    assert ask(first, "Lindqvist said the crane was empty.", about="the crane was empty").speaker == "Ada Lindqvist"


def test_two_people_of_one_name_stay_apart(ask: Ask) -> None:
    texts = ["Ada Lindqvist runs the port.", "Karl Lindqvist owns the crane.", "Lindqvist said it was empty."]
    assert ask(*texts, about="it was empty").speaker == "Lindqvist"


def test_a_pronoun_goes_back_to_the_last_speaker(ask: Ask) -> None:
    texts = ["Karl Lindqvist said the crane was old.", "He said it had been empty."]
    assert ask(texts, about="it had been empty").speaker == "Karl Lindqvist"


def test_they_are_several(ask: Ask) -> None:
    texts = ["Three dockers said the crane was old.", "They said it had been empty."]
    assert ask(texts, about="it had been empty").speaker == "Three dockers"


def test_a_pronoun_without_anybody_is_never_shown(ask: Ask) -> None:
    assert ask("He said the crane was empty.", about="the crane was empty") == Attribution(None, (), "reports")


def test_the_source_is_the_one_who_spoke(ask: Ask) -> None:
    texts = ["A harbour source said the crane fell.", "The crane was empty, the source told Reuters."]
    assert ask(texts, about="crane was empty") == Attribution("harbour source", ("Reuters",), "reports")


def test_a_role_goes_back_to_its_holder(ask: Ask) -> None:
    texts = ["Union spokesman Karl Lindqvist told reporters that the crane fell.", "“It was old,” the spokesman added."]
    assert ask(texts, about="It was old").speaker == "Karl Lindqvist"


# --- those between ----------------------------------------------------------------------------


def test_a_paper_that_reports_what_somebody_claimed(ask: Ask) -> None:
    sentence = "USA Today reports that the Port Authority claimed the crane was empty."
    got = ask(sentence, about="the crane was empty", outlet="The Daily Gull")
    assert got == Attribution("Port Authority", ("USA Today",), "asserts")


def test_a_paper_that_reports_by_itself_is_the_speaker(ask: Ask) -> None:
    sentence = "Reuters reported that the crane was empty because of the strike."
    assert ask(sentence, about="the crane was empty") == Attribution("Reuters", (), "asserts")


def test_telling_a_paper(ask: Ask) -> None:
    sentence = "The crane was empty, Ada Lindqvist told the Associated Press."
    assert ask(sentence, about="The crane was empty").via == ("Associated Press",)
    assert ask(sentence, about="The crane was empty", outlet="AP").via == ()
    assert ask(sentence, about="The crane was empty", outlet="The Daily Gull (AP)").via == ()


def test_two_hands(ask: Ask) -> None:
    sentence = "Ada Lindqvist stated on Monday that “the crane was empty,” according to BBC News."
    assert ask(sentence, about="the crane was empty") == Attribution("Ada Lindqvist", ("BBC News",), "asserts")


def test_the_articles_own_outlet_is_no_speaker(ask: Ask) -> None:
    sentence = "The Daily Gull reported that the crane was empty."
    assert ask(sentence, about="the crane was empty", outlet="Daily Gull") == OUTLET


@pytest.mark.parametrize(
    ("sentence", "via"),
    [
        ("The crane was empty, the Daily Gull reported, citing Ada Lindqvist.", ("Daily Gull",)),
        ("“The crane was empty,” Ada Lindqvist was quoted as saying by the Daily Gull.", ("Daily Gull",)),
        ("In an interview with BBC News, Ada Lindqvist said the crane was empty.", ("BBC News",)),
        ("Ada Lindqvist, who spoke to BBC News, said that the crane was empty.", ("BBC News",)),
        ("“The crane was empty all week” Ada Lindqvist told BBC News by telephone.", ("BBC News",)),
    ],
)
def test_whoever_passes_it_on(ask: Ask, sentence: str, via: tuple[str, ...]) -> None:
    about = "crane was empty"
    assert ask(sentence, about=about) == Attribution("Ada Lindqvist", via, "asserts")


# --- attitudes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sentence",
    [
        "The union is wary of the deal.",
        "The union backs the deal.",
        "The union raised questions about the deal.",
        "The union's support for the deal surprised the mayor.",
        "The deal was endorsed by the union.",
        "The union agreed to sign the deal.",
    ],
)
def test_what_somebody_holds_is_found_and_never_shown_as_their_word(parser: Parser, sentence: str) -> None:
    _, sentences = article(sentence)
    said = attribute(sentences, parser.parse([sentence]), None)[0]
    at = sentence.index("deal")
    assert {s.attribution.speaker for s in said if s.attitude} == {"union"}
    assert attribution_at(said, at, at + 4) == OUTLET


# --- stance -----------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["denied", "rejected", "dismissed", "disputed"])
def test_a_denial(ask: Ask, verb: str) -> None:
    sentence = f"The owners {verb} the claim that the crane was empty."
    assert ask(sentence, about="the claim that the crane was empty") == Attribution("owners", (), "denies")


@pytest.mark.parametrize(
    ("sentence", "speaker"),
    [
        ("The crane was reportedly empty.", None),
        ("It was reported that the crane was empty.", None),
        ("The crane is believed to be empty.", None),
        ("According to residents, the crane was empty.", "residents"),
        ("Sources on the quay said the crane was empty.", "Sources on the quay"),
    ],
)
def test_hearsay(ask: Ask, sentence: str, speaker: str | None) -> None:
    assert ask(sentence, about="empty") == Attribution(speaker, (), "reports")


def test_hearsay_inside_a_claim_stays_with_its_speaker(ask: Ask) -> None:
    sentence = "Ada Lindqvist said the crane had reportedly been empty."
    assert ask(sentence, about="been empty") == Attribution("Ada Lindqvist", (), "reports")


# --- quotations -------------------------------------------------------------------------------


def test_a_quotation_over_two_sentences(ask: Ask) -> None:
    texts = ["“We saw the crane,” Ada Lindqvist said.", "“It was empty all week.”"]
    assert ask(texts, about="empty all week").speaker == "Ada Lindqvist"
    split = ["“The crane was empty.", "Nobody worked there,” said Ada Lindqvist."]
    assert ask(split, about="The crane was empty").speaker == "Ada Lindqvist"


def test_a_statement_and_then_its_words(ask: Ask) -> None:
    texts = ["Ada Lindqvist of the Port Authority issued a statement to the press.", "“The crane was empty on Monday.”"]
    assert ask(*texts, about="The crane was empty").speaker == "Ada Lindqvist"


def test_somebody_quoted_inside_a_quotation(ask: Ask) -> None:
    sentence = "USA Today wrote, “Karl Lindqvist told reporters that the crane was empty.”"
    assert ask(sentence, about="the crane was empty") == Attribution("Karl Lindqvist", ("USA Today",), "asserts")


def test_a_transcript(ask: Ask) -> None:
    turns = ["LIND: Was the crane empty?", "BERG: It was full.", "LIND: Are you sure?", "BERG: Quite sure of it."]
    assert ask(*turns, about="It was full").speaker == "BERG"


def test_a_dateline_is_no_speaker(ask: Ask) -> None:
    assert ask("OSLO: The crane was empty.", about="The crane was empty") == OUTLET


def test_a_closing_mark_that_is_missing_does_not_quote_the_rest() -> None:
    _, sentences = article(['He said: "We left.', "Then the rain came.", '"We stayed," she said.', "The crane fell."])
    quoted = find_quotations(sentences)
    assert not any(start <= sentences[3].start < end for start, end in quoted)


# --- laws -------------------------------------------------------------------------------------


def test_speakers_stand_in_the_text(parser: Parser) -> None:
    text, sentences = article(
        "The Port Authority’s spokeswoman, Ada Lindqvist, told the AP that dockers had left (some of them).",
        ["She denied it was a strike, saying “they were tired.”", "The union’s lawyer (Karl Berg) disagreed."],
    )
    for said in (s for each in attribute(sentences, parser.parse([s.text for s in sentences]), None) for s in each):
        assert 0 <= said.start < said.end <= len(text)
        for name in (said.attribution.speaker, *said.attribution.via):
            assert name is None or name in text


spans = st.tuples(st.integers(0, 50), st.integers(1, 50)).map(lambda p: (p[0], p[0] + p[1]))


@given(st.lists(spans, max_size=6), spans)
def test_the_innermost_content_decides(contents: list[tuple[int, int]], span: tuple[int, int]) -> None:
    said = [Said(a, b, Attribution(f"{a}-{b}"), "said", None) for a, b in contents]
    covering = [s for s in said if s.start <= span[0] and span[1] <= s.end]
    got = attribution_at(said, *span)
    if covering:
        assert got != OUTLET
        assert min(s.end - s.start for s in said if s.attribution == got) <= min(s.end - s.start for s in covering)
    elif not any(s.start < span[1] and s.end > span[0] for s in said):
        assert got == OUTLET


def test_as_many_parses_as_sentences() -> None:
    _, sentences = article("The crane fell.")
    with pytest.raises(ValueError, match="1 sentences with 0 parses"):
        attribute(sentences, [], None)


# --- the scorer -------------------------------------------------------------------------------


def test_the_scorer_counts_right_silent_and_invented(parser: Parser) -> None:
    text = "The mayor said the crane was empty.\nThe dockers hummed at the moon.\nThe owner said nobody came."

    def marked(source: str, cue: str, content: str) -> dict[str, list[dict[str, int]]]:
        spans = {"source": source, "cue": cue, "content": content}
        return {k: [{"start": text.index(v), "end": text.index(v) + len(v)}] for k, v in spans.items()}

    marks = [marked("The mayor", "said", "the crane was empty"), marked("The dockers", "hummed", "at the moon")]
    result = scorer.score([scorer.parsed({"text": text, "attributions": marks}, parser)])
    wanted = {"marked": 2, "right": 1, "silent": 1, "unmarked": 1, "unmarked, speaker given": 1}
    assert {name: result.counts[name] for name in wanted} == wanted
    assert [kind for kind, *_ in result.errors] == ["silent", "invented"]
    assert "speaker right      0.500" in scorer.report(result)


def test_a_name_broken_over_two_lines_is_one_name(ask: Ask) -> None:
    told = "Twelve passengers were hurt in the crush, the port\nauthority said."
    assert ask(told, about="Twelve passengers were hurt").speaker == "port authority"


def test_hearsay_and_a_claim_that_hold_each_other_come_to_an_end() -> None:
    named = Voice(Claim(3, 2, ((0, 2), (5, 9))), Mention(0, 1, "Port Authority"), None)
    hearsay = Voice(Claim(6, None, ((0, 5), (7, 20)), "reports"), None, None)
    assert resolve(hearsay, [named, hearsay], None) == Attribution("Port Authority", (), "reports")
    assert resolve(named, [named, hearsay], None) == Attribution("Port Authority", (), "asserts")


@pytest.mark.parametrize(
    ("sentences", "words", "speaker", "via"),
    [
        (
            (
                "Foreign Minister Ivo Lark questioned the deal.",
                "He claimed that it was a trap, the agency VPA reported.",
            ),
            "it was a trap",
            "Ivo Lark",
            ("VPA",),
        ),
        (
            ("Norlight reported that the coast guard had put the toll at 41.",),
            "the toll at 41",
            "coast guard",
            ("Norlight",),
        ),
        (("The mayor's office counted 97 dead by Monday night.",), "97 dead", "mayor's office", ()),
        (
            ("VPA quoted a doctor at the hospital in Brennick, whom it did not name, as saying that 130 were ill.",),
            "130 were ill",
            "doctor",
            ("VPA",),
        ),
        (
            (
                "Harbour Hospital said on Thursday that six more had died.",
                "The Interior Ministry, which stands by four, withdrew its first statement.",
                "It now says that the first shots came from the crowd.",
            ),
            "the first shots came from the crowd",
            "Interior Ministry",
            (),
        ),
        (
            (
                "Maria Keller, the governor, said that a bomb had gone off.",
                "She told reporters that it was an attack.",
                "The ship blew up, said John Vereen, a church warden.",
                "The harbour master had ordered it out, she said.",
            ),
            "The harbour master had ordered it out",
            "Maria Keller",
            (),
        ),
    ],
)
def test_who_speaks_where_others_stand_nearer(
    sentences: tuple[str, ...], words: str, speaker: str, via: tuple[str, ...], ask: Ask
) -> None:
    told = ask(*sentences, about=words)
    assert (told.speaker, told.via) == (speaker, via)
