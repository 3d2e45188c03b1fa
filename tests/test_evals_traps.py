"""False quotes made by rule: each kind is false, counted, refused by the words and taken by likeness."""

from __future__ import annotations

import json
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals import traps
from evals.traps import KINDS, Row, measure, negated, other_actor, other_number, stitched, table, told, whole
from rag.errors import ReadError
from rag.types import Article, Block

HEAD = "Guards at Calder Mills Shut Gate"
BODY = (
    "The council did not open the gate on Monday. A spokesman for Calder Mills said that 312 men had waited outside. "
    "On Tuesday the guards of Fort Hesper blamed Calder Mills for the delay. Two of the drivers told Orrin Vale that "
    "the road was closed. The road was not closed before noon."
)


def build(body: str = BODY, head: str = HEAD, id: str = "gate") -> Article:
    text = f"{head}\n\n{body}"
    return Article(id, head, text, (Block(0, len(head), "title"), Block(len(head) + 2, len(text))))


def row(rows: list[Row], kind: str) -> Row:
    return next(r for r in rows if r.kind == kind)


# --- rules ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quote", "trap"),
    [
        ("The council did not open the gate.", "The council did open the gate."),
        ("The council didn’t open the gate.", "The council did open the gate."),
        ("They cannot leave.", "They can leave."),
        ("Nobody can't say.", "Nobody can say."),
        ("It won't hold.", "It will hold."),
        ("The letter had never arrived.", "The letter had arrived."),
        ("The road was closed.", "The road was not closed."),
        ("Men had a boat and were seen.", "Men had a boat and were not seen."),
        ("The guards said to have left have returned.", "The guards said to have left have not returned."),
    ],
)
def test_a_denial_is_undone_and_a_statement_denied(quote: str, trap: str) -> None:
    assert negated(quote) == trap


@pytest.mark.parametrize(
    "quote",
    [
        "Guards blocked the road.",  # no helping verb
        "No road was closed.",  # a second "no" would cancel the first
        "It was not only the road.",
        "The mill had two gates.",
        "They did so at once.",
    ],
)
def test_a_quote_where_no_rule_of_negation_is_safe_gives_none(quote: str) -> None:
    assert negated(quote) is None


def test_names_are_runs_of_capitals_within_a_sentence_of_the_body() -> None:
    assert told(build()).names == ("Calder Mills", "Fort Hesper", "Orrin Vale")


def test_a_name_broken_over_two_lines_is_still_one() -> None:
    assert told(build("The men of Fort\nHesper left.")).names == ("Fort Hesper",)


def test_an_actor_becomes_another_of_the_same_article() -> None:
    names = told(build()).names
    assert other_actor("Calder Mills shut it.", names) == "Fort Hesper shut it."
    assert other_actor("But Orrin Vale had left.", names) == "But Calder Mills had left."
    assert other_actor("The drivers had left.", names) is None
    assert other_actor("Orrin Vale had left.", ("Orrin Vale",)) is None


def test_the_other_actor_is_as_long_where_it_can_be_and_nobody_that_the_quote_names() -> None:
    assert other_actor("Hesper blamed Tarn.", ("Tarn", "Lower Quay", "Hesper", "Vale")) == "Vale blamed Tarn."
    assert other_actor("Hesper blamed Tarn.", ("Tarn", "Lower Quay", "Hesper")) == "Lower Quay blamed Tarn."
    assert other_actor("Sudan left.", ("Sudan", "Sudanese")) is None


@pytest.mark.parametrize(
    ("quote", "trap"),
    [
        ("312 men waited.", "311 men waited."),
        ("Over 5,000 came.", "Over 4,000 came."),
        ("On 1 June.", "On 2 June."),
        ("In 2011.", "In 2010."),
        ("About 100 of 0.", "About 200 of 0."),
        ("It rose by 0.1.", "It rose by 0.2."),
        ("None of 0 came.", "None of 1 came."),
        ("Two of the men.", "Three of the men."),
        ("In ten days, or 12.", "In nine days, or 12."),
        ("The A320 landed.", None),
        ("No one came often.", None),
    ],
)
def test_a_number_has_another_value(quote: str, trap: str | None) -> None:
    assert other_number(quote) == trap


@given(st.from_regex(r"[0-9]{1,9}", fullmatch=True))
def test_a_changed_figure_differs_in_one_digit_and_in_value(figure: str) -> None:
    changed = other_number(figure)
    assert changed is not None
    assert int(changed) != int(figure)
    assert sum(a != b for a, b in zip(figure, changed, strict=True)) == 1


def test_halves_of_two_quotes_are_joined() -> None:
    other = "the road was closed again"
    assert stitched("Guards blamed the mill", ["Guards blamed the mill now", "too short", other]) == (
        "Guards blamed was closed again"
    )
    assert stitched("Guards blamed it", [other]) is None
    assert stitched("Guards blamed the mill", ["too short"]) is None


# --- matchers ---------------------------------------------------------------------------------


def test_words_are_taken_verbatim_whatever_the_marks_and_white_space() -> None:
    source = told(build('“It’s  shut,”\nsaid Orrin Vale – "for good".'))
    assert traps.verbatim('"It\'s shut," said Orrin Vale - "for good".', source)
    assert not traps.verbatim('"It\'s not shut," said Orrin Vale - "for good".', source)


TEXTS = st.text("abc ", min_size=1, max_size=12)


@given(TEXTS, st.lists(TEXTS, max_size=4), st.sampled_from((0.5, 0.75, 1.0)))
def test_likeness_is_that_of_the_best_window(quote: str, windows: list[str], threshold: float) -> None:
    best = max((SequenceMatcher(None, w, quote, False).ratio() for w in windows), default=0.0)
    assert traps.alike(quote, tuple(windows), threshold) == (best >= threshold)


def test_two_sentences_that_follow_each_other_are_one_window() -> None:
    source = told(build("The gate is shut. The road is open."))
    assert traps.fuzzy(1.0)("The gate is shut. The road is open.", source)
    assert not traps.fuzzy(1.0)("The road is open. The gate is shut.", source)


def test_a_long_quote_keeps_its_frequent_letters() -> None:
    long = "no one sent ten tents on " * 10
    assert traps.alike(long, (f"one {long}",), 0.9)


# --- measuring --------------------------------------------------------------------------------

QUOTES = [
    ("gate", "The council did not open the gate on Monday."),
    ("gate", "On Tuesday the guards of Fort Hesper blamed Calder Mills for the delay."),
    ("gate", "A spokesman for Calder Mills said that 312 men had waited outside."),
]


def test_each_kind_is_refused_by_the_words_and_taken_by_likeness() -> None:
    rows = measure(QUOTES, {"gate": build()})
    assert [r.kind for r in rows] == ["true quotes", *KINDS, "all traps"]
    assert row(rows, "true quotes").accepted == {"verbatim": 3, "fuzzy 0.50": 3, "fuzzy 0.75": 3, "fuzzy 0.90": 3}
    negation, number, every = row(rows, "negation"), row(rows, "number"), row(rows, "all traps")
    assert (negation.judged, negation.without) == (2, 1)
    assert (number.judged, number.without) == (1, 2)
    assert negation.accepted == {"verbatim": 0, "fuzzy 0.50": 2, "fuzzy 0.75": 2, "fuzzy 0.90": 2}
    assert number.accepted == {"verbatim": 0, "fuzzy 0.50": 1, "fuzzy 0.75": 1, "fuzzy 0.90": 1}
    assert row(rows, "actor").judged == 2
    assert row(rows, "stitched").accepted["fuzzy 0.50"] == 3
    assert every.judged == sum(row(rows, kind).judged for kind in KINDS)
    assert every.accepted["verbatim"] == 0


def test_a_quote_that_is_given_twice_counts_once() -> None:
    assert measure([*QUOTES, *QUOTES], {"gate": build()}) == measure(QUOTES, {"gate": build()})


def test_a_trap_that_the_article_says_elsewhere_is_none_and_is_counted() -> None:
    negation = row(measure([("gate", "the road was closed.")], {"gate": build()}), "negation")
    assert (negation.judged, negation.standing, negation.without) == (0, 1, 0)


def test_a_quote_of_an_article_that_is_not_there_is_one_line() -> None:
    with pytest.raises(ReadError, match="article quay: not among the 1 articles"):
        measure([("quay", "The gate was shut.")], {"gate": build()})


def test_the_sentence_that_holds_a_clause_stands_for_it() -> None:
    told_of = [("gate", "312 men had waited outside"), ("gate", "men had waited"), ("gate", "Monday. A spokesman")]
    assert whole(told_of, {"gate": build()}) == ([QUOTES[2]], 1)


WORDS = ["gate", "driver", "waited", "behind", "long", "street", "empty", "since", "café", "re-opened"]


@st.composite
def lines(draw: st.DrawFn) -> str:
    """A sentence with two names, a helping verb with or without "not", a number and marks of several kinds."""

    def some() -> str:
        return " ".join(draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5)))

    name, other = (draw(st.sampled_from(["Hale", "Poe", "Roe", "Quay Row"])) for _ in range(2))
    verb = draw(st.sampled_from(["was seen", "did not cut", "hadn’t met", "met", "will see"]))
    gap = draw(st.sampled_from([" ", "\n", "  ", "\u00a0", "\t \n"]))
    return f"The {some()} of {name} {verb}{gap}{other} – “{some()}” – with {draw(st.integers(0, 9_999))} {some()}."


@given(st.lists(lines(), min_size=1, max_size=5, unique=True))
def test_every_sentence_of_an_article_is_taken_verbatim_and_no_trap_is(parts: list[str]) -> None:
    article = build("\n\n".join(parts))
    source = told(article)
    quotes = [("gate", s.text) for s in source.sentences]
    assert all(traps.verbatim(quote, source) for _, quote in quotes)
    made = [t for t in traps.traps(quotes, {"gate": source}) if t.text is not None and not t.standing]
    assert {"number"} <= {t.kind for t in made}
    assert not [t for t in made if t.text is not None and traps.verbatim(t.text, source)]


# --- the report -------------------------------------------------------------------------------


def test_the_table_gives_shares_with_counts_and_a_dash_where_nothing_was_judged() -> None:
    rows = [Row("number", 4, 2, 1, {"verbatim": 0, "fuzzy 0.50": 3}), Row("actor", 0, 7, 0, {"verbatim": 0})]
    assert table(rows).split("\n") == [
        "| quotes | judged | no rule applies | stands there | verbatim | fuzzy 0.50 |",
        "|---|---|---|---|---|---|",
        "| number | 4 | 2 | 1 | 0.00 (0) | 0.75 (3) |",
        "| actor | 0 | 7 | 0 | – |",
    ]


def suite(folder: Path, quote: str = "312 men had waited outside") -> Path:
    position = {"name": "many", "quotes": {"gate": [quote]}}
    item = {"id": "men", "question": "How many men waited?", "kind": "agreed", "positions": [position]}
    path = folder / "suite.json"
    path.write_text(json.dumps({"items": [item]}), encoding="utf-8")
    (folder / "articles").mkdir()
    (folder / "articles" / "gate.txt").write_text(f"{HEAD}\n\n{BODY}\n", encoding="utf-8")
    return path


def test_the_command_prints_a_table_of_the_quotes_and_one_of_their_sentences(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert traps.main([str(suite(tmp_path)), str(tmp_path / "articles"), "--show"]) == 0
    out = capsys.readouterr().out
    assert "1 reference quotes of 1 articles, as they are" in out
    as_they_are, sentences = out.split("The 1 sentences that hold them (in no single sentence: 0)")
    assert "| true quotes | 1 | 0 | 0 | 0.00 (0) |" in as_they_are  # "said that | 312 men" is no clause of its own
    assert "| true quotes | 1 | 0 | 0 | 1.00 (1) | 1.00 (1) | 1.00 (1) | 1.00 (1) |" in sentences
    assert "number, gate: A spokesman for Calder Mills said that 311 men had waited outside." in out


def test_words_that_the_article_does_not_say_are_refused_as_reference(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert traps.main([str(suite(tmp_path, "313 men had waited")), str(tmp_path / "articles")]) == 1
    assert "article gate does not hold “313 men had waited”" in capsys.readouterr().err


def test_a_suite_whose_items_bring_documents_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    item = {"id": "men", "question": "How many?", "docs": [{"doc_id": "a", "text": "312 men."}], "sides": []}
    path = tmp_path / "closed.jsonl"
    path.write_text(json.dumps(item) + "\n", encoding="utf-8")
    assert traps.main([str(path), str(tmp_path)]) == 2
    assert "give a suite over articles" in capsys.readouterr().err
