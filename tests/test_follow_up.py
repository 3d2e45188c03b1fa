"""A follow-up question becomes one that stands alone; a question that holds all it needs is left as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.follow_up import standalone
from rag.hanging import stands_alone
from rag.words import content_words

BEFORE = "Who flooded the mine?"


@pytest.mark.parametrize(
    "question",
    [
        "What happened in Tolvern in March 2019?",
        "How many people were there in the square?",
        "Where is Port Anselm?",
        "Who is Ilse Tannert?",
        "What is a cease-fire?",
        "Who won the election?",
        "Why did the truce fail?",
        "Did prices rise?",
        "Who shot the last wolf in Harrow?",
        "What did the mayor say about the flood?",
        "What does the report on the fire say about the alarm?",
        "How many of those aboard the ferry could swim?",
        "Did those who left the valley come back?",
        "Did the US send troops to Velia?",
        "What did WHO say about the outbreak in Marren?",
        "Has the council approved this year's budget?",
        "Tell me about the strike at the Orlov works.",
        "the collapse of the Hollin bridge in 2014",
        "So far, how many bodies have been found?",
        "So how many children were in the bus when the bridge gave way?",
        "And who signed the treaty of Elmstad?",
        "Who burned the mill at Sorvik, and why?",
    ],
)
def test_a_question_with_its_own_content_is_left_as_it_is(question: str) -> None:
    assert stands_alone(question)
    assert standalone(question, [BEFORE]) == question


@pytest.mark.parametrize(
    "question",
    [
        "Who flooded the mine and what did Norland say about it?",
        "Who started the fire and who put it out?",
        "What was the verdict, and why did the judge change it?",
        "Did Norland keep its promise?",
        "Did the miners get their wages?",
        "What did the guards do when they saw the crowd?",
        "Did the pilot say that he was tired?",
        "Did the UN say it would send help?",
        "Who told the court that she had seen the body?",
        "Before he resigned, what did the minister sign?",
        "When the truce ended, who broke it?",
        "The gates were locked. Who locked them?",
        "One of the engines failed: which was it?",
        "Did the captain have a pilot with him?",
        "What did the rebels take with them when they left Casca?",
        "How many people did the Lady Oriel have on her when she went down?",
        "Which country sent its navy to the strait?",
        "Who deployed its army in the valley?",
        "What is the name of the captain whose ship ran aground?",
        "Did one side accuse the other side of lying?",
        "Was the museum closed on the same day as the library?",
        "Did both sides say the same?",
    ],
)
def test_a_pronoun_that_the_question_itself_explains_hangs_on_nothing(question: str) -> None:
    assert stands_alone(question)
    assert standalone(question, [BEFORE]) == question


@pytest.mark.parametrize(
    "question",
    [
        "Is it true that the ferry sank?",
        "Is it known who paid for the bridge?",
        "Was it Keldria that closed the border?",
        "Was it possible to save the archive?",
        "Was it raining when the tram left the rails?",
        "How long is it prohibited to fish in the lake?",
        "How long did it take to clear the road?",
        "How much does it cost to rebuild the harbour?",
        "Does it matter whether the mayor knew?",
        "When did it become known that the bridge was closed?",
        "Who said that the gates were locked?",
        "Which of the witnesses saw the man that shot the judge?",
        "Why did the dam that the army built give way?",
        "Is the wall of Casca longer than that of Dorsel?",
        "Was there a cease-fire?",
        "Were there any survivors in the tunnel?",
        "Who was there when the roof fell in?",
    ],
)
def test_a_word_that_only_looks_like_a_pronoun_hangs_on_nothing(question: str) -> None:
    assert stands_alone(question)
    assert standalone(question, [BEFORE]) == question


@pytest.mark.parametrize(
    "question",
    """And?|But why?|Why not?|When?|Who else?|How many?|What about the guards?|How about Norland?|What if the dam fails?
    In September?|On Friday?|The rebels?|Norland?|Since when?|According to whom?|Which side?|Did Norland?|Any wounded?
    Did they deny it?|Who saw them?|What did he want?|Was she there?|Is that true?|Who said that?|Who signed that deal?
    What happened that day?|And since then?|What happened there?|Who sold these?|Which ones?|Who fired the first one?
    What does the other side say?|Did Norland say the same?|How many were there?|What was their reason?|How many buses?
    What did Norland say about it?|And what does Norland say?|How did Velia react?|What was Norland's response?
    Who died?|How many people were hurt?|What happened next?|What was lost?|What was the cause?|Were there witnesses?
    On what day and at what hour did they meet?|After the truce ended, did they leave?|Who is its owner?""".replace(
        "\n    ", "|"
    ).split("|"),
)
def test_what_points_back_or_says_too_little_does_not_stand_alone(question: str) -> None:
    assert not stands_alone(question)


REWRITTEN = [
    # a time, a place, a source
    ("Who broke the truce in December?", "And in September?", "Who broke the truce in September?"),
    ("Who broke the truce in December 2016?", "And in September?", "Who broke the truce in September 2016?"),
    ("Who broke the truce on 3 May 2011?", "And on 9 May?", "Who broke the truce on 9 May 2011?"),
    ("Why did the December truce fail?", "And in September?", "Why did the September truce fail?"),
    (BEFORE, "In 1987?", "Who flooded the mine in 1987?"),
    (BEFORE, "What about in September?", "Who flooded the mine in September?"),
    ("Was there a riot in Casca on Sunday?", "And on Monday?", "Was there a riot in Casca on Monday?"),
    ("Was there a riot in Casca on Sunday?", "Monday?", "Was there a riot in Casca on Monday?"),
    ("Was there a riot in Casca on Sunday?", "And in Dorsel?", "Was there a riot in Dorsel on Sunday?"),
    ("Who was killed in the raid in May?", "In Casca?", "Who was killed in the raid in Casca in May?"),
    ("What happened in Casca in May 2011?", "And Dorsel?", "What happened in Dorsel in May 2011?"),
    (BEFORE, "After the strike?", "Who flooded the mine after the strike?"),
    (BEFORE, "According to Norland?", "Who flooded the mine, according to Norland?"),
    (
        "Who burned the archive in 1950, according to the museum?",
        "And according to the monks?",
        "Who burned the archive in 1950, according to the monks?",
    ),
    # another party in the same place
    ("What does Norland say about the wreck?", "And Keldria?", "What does Keldria say about the wreck?"),
    ("What does Norland say about the wreck?", "And the divers of Velia?", None),
    ("What does Norland say about the wreck?", "What about the owners?", "What do the owners say about the wreck?"),
    ("What do the miners say about the wreck?", "keldria?", "What does keldria say about the wreck?"),
    ("Why did Keldria close the border in May?", "And Norland?", "Why did Norland close the border in May?"),
    ("Did Keldria sign the treaty?", "Did Norland?", "Did Norland sign the treaty?"),
    ("Did the rebels leave Casca?", "And the army?", "Did the army leave Casca?"),
    ("Was it the rebels who left Casca?", "Or the army?", "Was it the army who left Casca?"),
    ("Did Keldrian troops leave Casca?", "And Norland?", "What about Norland: did Keldrian troops leave Casca?"),
    ("What does Norland say about the wreck?", "Casualties?", None),
    (BEFORE, "The guards?", "What about the guards: who flooded the mine?"),
    (BEFORE, "What about the pumps?", "What about the pumps: who flooded the mine?"),
    # what is said of it
    (BEFORE, "And what does Norland say?", "What does Norland say about who flooded the mine?"),
    (BEFORE, "What did the miners say about it?", "What did the miners say about who flooded the mine?"),
    (BEFORE, "What does the union think about that?", "What does the union think about who flooded the mine?"),
    ("What was the toll of the raid?", "What does Velia say?", "What does Velia say about the toll of the raid?"),
    ("Who were the dead on board?", "What does Velia say?", "What does Velia say about the dead on board?"),
    ("Why did the dam break?", "What does the builder say?", "What does the builder say: why did the dam break?"),
    ("What does Velia say about the wreck?", "And what do the divers say?", "What do the divers say about the wreck?"),
    (BEFORE, "How did Norland react?", "How did Norland react: who flooded the mine?"),
    # question words
    (BEFORE, "Why?", "Why was the mine flooded?"),
    (BEFORE, "But when?", "When was the mine flooded?"),
    (BEFORE, "Since when?", "Since when was the mine flooded?"),
    (BEFORE, "According to whom?", "According to whom was the mine flooded?"),
    ("Who stole the paintings in Tessin?", "How?", "How were the paintings stolen in Tessin?"),
    ("Which side blew up the bridge?", "Why?", "Why was the bridge blown up?"),
    ("Who shot at the tram while it stood still?", "Why?", "Why was that: who shot at the tram while it stood still?"),
    ("Did the pilot fall asleep?", "Why?", "Why did the pilot fall asleep?"),
    ("Did the pilot fall asleep?", "Why not?", "Why didn’t the pilot fall asleep?"),
    ("When did the truce begin?", "Why?", "Why did the truce begin?"),
    ("On what day was the vote put off?", "Why?", "Why was the vote put off?"),
    ("Who was killed in the raid?", "When?", "When was someone killed in the raid?"),
    ("How many people were hurt in the fire?", "When?", "When were the people hurt in the fire?"),
    ("What did Velia promise?", "When?", "When was that: what did Velia promise?"),
    ("What does Norland say about who flooded the mine?", "Why?", "Why was the mine flooded?"),
    (BEFORE, "Who else?", "Who else flooded the mine?"),
    (BEFORE, "Which side?", "Which side flooded the mine?"),
    ("Who was killed in the raid?", "How many?", "How many were killed in the raid?"),
    ("Were civilians killed in the raid?", "How many?", "How many civilians were killed in the raid?"),
    ("Was anyone killed in the raid?", "Who?", "Who was killed in the raid?"),
    ("How many people were killed in the raid?", "And how many were hurt?", "How many were hurt in the raid?"),
    (BEFORE, "Tell me more.", "What else is known: who flooded the mine?"),
    # pronouns
    ("What did Turkey promise?", "Did it keep its word?", "Did Turkey keep its word?"),
    ("What did Turkey promise?", "Did they keep it?", "Did Turkey keep it: what did Turkey promise?"),
    ("What did Ilse Tannert promise the miners?", "Did she keep her word?", "Did Ilse Tannert keep her word?"),
    ("What did Ilse Tannert promise the miners?", "Did they believe her?", None),
    ("When did the truce begin?", "And when did it end?", "When did the truce end?"),
    ("Which countries signed the July truce?", "Why did it fail?", "Why did the July truce fail?"),
    ("Will there be an inquiry into the spill?", "When does it open?", "When does the inquiry into the spill open?"),
    (BEFORE, "Was it an accident?", "Was it an accident: who flooded the mine?"),
    (BEFORE, "Did they deny it?", "Did they deny it: who flooded the mine?"),
    (BEFORE, "And since then?", "Since then: who flooded the mine?"),
    ("Who were the dead on board?", "How many were there?", "How many were there: who were the dead on board?"),
    # manners
    (BEFORE, "Thanks. And why?", "Why was the mine flooded?"),
    (BEFORE, "  and  what does Norland say ?? ", "What does Norland say about who flooded the mine?"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "question", "expected"), REWRITTEN)
def test_a_follow_up_is_told_with_what_it_leaves_out(before: str, question: str, expected: str | None) -> None:
    """None: no rule is sure, and the question before is set behind it."""
    alone = standalone(question, [before])
    if expected is None:
        assert alone.endswith(f": {before[0].lower()}{before[1:]}")
    else:
        assert alone == expected
    assert standalone(alone, [before]) == alone


@pytest.mark.parametrize(
    ("conversation", "last"),
    [
        ([BEFORE, "And what does Norland say?", "And Keldria?"], "What does Keldria say about who flooded the mine?"),
        ([BEFORE, "Did they deny it?", "Who saw them?"], "Who saw them: who flooded the mine?"),
        ([BEFORE, "What about the guards?", "And the pumps?"], "What about the pumps: who flooded the mine?"),
        (["Why did the dam break?", "What does the builder say?", "And the ministry?"],
         "What does the ministry say: why did the dam break?"),
        (["Why did the dam break?", "What does the builder say?", "When?"], "When did the dam break?"),
        (["Which countries signed the July truce?", "Why did it fail?", "And what does Norland say?", "And in June?"],
         "What does Norland say: why did the June truce fail?"),
        (["What happened in Casca in May?", "How many people died?", "And in Dorsel?"],
         "How many people died: what happened in Dorsel in May?"),
        (["When was the vote to be held?", "To which day was it first put off?", "Why?"],
         "Why was the vote first put off?"),
    ],
)  # fmt: skip
def test_topics_do_not_pile_up_in_a_chain(conversation: list[str], last: str) -> None:
    told: list[str] = []
    for question in conversation:
        told.append(standalone(question, told))
    assert told[-1] == last


def test_with_nothing_before_it_a_follow_up_stays_as_it_is() -> None:
    assert standalone(" Why? ", []) == "Why?"
    assert standalone("And in September?", ["", " ?! "]) == "And in September?"


def test_only_the_last_question_counts() -> None:
    assert standalone("Why?", [BEFORE, "Did the pilot fall asleep?"]) == "Why did the pilot fall asleep?"


def test_what_has_no_words_is_left_alone() -> None:
    assert standalone("?!", [BEFORE]) == "?!"
    assert standalone("  ", [BEFORE]) == ""
    assert standalone("为什么?", [BEFORE]) == "为什么?"


def test_a_very_long_text_is_no_follow_up() -> None:
    text = "The buses of the army " * 500 + "did they leave?"
    assert standalone(text, [BEFORE]) == text


PIECES = st.sampled_from(
    """and but who what which why how many when where did does was were is are there the a rebels army Norland mine
    truce flooded broke said say about it they them that those she her then on September 2016 Friday December since
    according to else not same one side other people killed promise , . : ? and’s WHO IT U.S. more true""".split()
)
MADE = st.lists(PIECES, max_size=12).map(" ".join)
QUESTIONS = st.one_of(MADE, st.sampled_from([q for _, q, _ in REWRITTEN]), st.text(max_size=40))
EARLIER = st.lists(st.one_of(MADE, st.sampled_from([b for b, _, _ in REWRITTEN]), st.text(max_size=40)), max_size=3)


@given(QUESTIONS, EARLIER)
def test_a_question_told_in_full_is_not_told_again(question: str, earlier: list[str]) -> None:
    alone = standalone(question, earlier)
    assert standalone(alone, earlier) == alone


@given(QUESTIONS, EARLIER)
def test_a_rewritten_question_keeps_its_words_and_is_one_question(question: str, earlier: list[str]) -> None:
    alone = standalone(question, earlier)
    assert bool(alone) == bool(question.strip())
    if alone != question.strip():
        assert alone.endswith("?")
        assert not alone.endswith("??")
        assert alone[0] == alone[0].upper()
        assert set(content_words(question.lower())) - {"thank"} <= set(content_words(alone.lower()))


@given(QUESTIONS)
def test_without_earlier_questions_nothing_changes(question: str) -> None:
    assert standalone(question, []) == question.strip()


@given(QUESTIONS, EARLIER)
def test_a_question_that_stands_alone_never_changes(question: str, earlier: list[str]) -> None:
    if stands_alone(question):
        assert standalone(question, earlier) == question.strip()
