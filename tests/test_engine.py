"""The whole way, from a question over a real library to a checked answer, as programs and people meet it."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import scripted

from rag.ask import ClosedTools, Tools, ask, ask_closed
from rag.engine import WhosaysQueryEngine, to_response
from rag.errors import UsageError, WhosaysError
from rag.render import from_dict, to_dict, to_markdown
from rag.types import Answer, Position, Scope

ROOT = Path(__file__).resolve().parent.parent

WHO = "Who locked the harbour gates?"
SCRIPT = {"striking dockers": 4.0, "private guards": 3.5, "workmen": 3.0}


@cache
def schema() -> Any:
    return json.loads((ROOT / "rag" / "answer.schema.json").read_text(encoding="utf-8"))


def told(index: Any, **script: float) -> Tools:
    """Real library, real search; what the reader finds is scripted, so that the answer is known."""
    found = {words.replace("_", " "): logit for words, logit in script.items()} or SCRIPT
    return Tools(index, index.embedder, scripted.ScriptedReader(found), None)  # type: ignore[arg-type]


def cited(position: Position) -> set[str]:
    return {c.quote.article for c in position.citations}


def articles_cited(answer: Answer) -> set[str]:
    return {c.quote.article for c in answer.citations}


def holds(answer: Answer, tools: Tools) -> None:
    """What is true of every answer, whatever it says."""
    jsonschema.validate(to_dict(answer), schema(), format_checker=jsonschema.FormatChecker())
    assert from_dict(to_dict(answer)) == answer
    for c in answer.citations:
        article = tools.index.library.article(c.quote.article)
        assert article.text[c.quote.start : c.quote.end] == c.quote.text
        block = [b for b in article.blocks if b.start <= c.quote.start and c.quote.end <= b.end]
        assert [b.kind for b in block if b.kind != "furniture"], f"quoted outside the body: {c.quote.text!r}"
        assert (c.title, c.outlet, c.published) == (article.title, article.outlet, article.published)
        if c.context:
            assert article.text[slice(*c.context)].strip()
    assert articles_cited(answer).isdisjoint(s.article for s in answer.silent) or answer.outcome == "unanswered"
    assert "\n" not in answer.summary
    if answer.positions:
        assert "[1]" in answer.summary


# --- what is known: the reader is scripted ----------------------------------------------------


def test_each_who_is_accused_has_a_position_with_the_article_that_accuses(harbour_index: Any) -> None:
    tools = told(harbour_index)
    answer = ask(WHO + " In March 2021?", tools)
    holds(answer, tools)
    assert answer.outcome == "disputed"
    by_article = {a: {p.label for p in answer.positions if a in cited(p)} for a in ("post", "courier")}
    assert by_article == {"post": {"striking dockers"}, "courier": {"private guards"}}
    (accused,) = [c for c in answer.citations if "striking dockers" in c.quote.text]
    assert "authority" in (accused.attribution.speaker or "")


def test_an_article_of_another_time_is_not_cited_for_this_one(harbour_index: Any) -> None:
    tools = told(harbour_index)
    assert articles_cited(ask(WHO + " In March 2021?", tools)) == {"post", "courier"}
    assert articles_cited(ask("Who locked the harbour gates in September 2020?", tools)) == {"almanac"}


def test_scope_is_obeyed_and_given_back(harbour_index: Any) -> None:
    tools = told(harbour_index)
    scope = Scope(since=dt.date(2021, 1, 1), outlets=("Harbour Post",))
    answer = ask(WHO, tools, scope)
    holds(answer, tools)
    assert (articles_cited(answer), answer.scope) == ({"post"}, scope)
    dated = ask(WHO, tools, Scope(since=dt.date(2021, 1, 1)))
    assert any(note.startswith("1 article without a day") for note in dated.notes)  # the bakery


def test_an_article_chosen_by_name_that_says_nothing_is_named_as_silent(harbour_index: Any) -> None:
    tools = told(harbour_index)
    answer = ask(WHO, tools, Scope(articles=("post", "bakery")))
    assert articles_cited(answer) == {"post"}
    assert [s.article for s in answer.silent] == ["bakery"]
    assert answer.silent[0].reason


def test_what_no_source_answers_is_unanswered_without_positions(harbour_index: Any) -> None:
    tools = told(harbour_index, nothing_like_it=9.0)
    answer = ask("Who won the chess championship?", tools)
    holds(answer, tools)
    assert (answer.outcome, answer.positions) == ("unanswered", ())
    assert answer.nearest
    assert "[" not in answer.summary


def test_the_same_question_gives_the_same_answer(harbour_index: Any) -> None:
    def timeless() -> dict[str, Any]:
        return to_dict(ask(WHO, told(harbour_index))) | {"timings_ms": None}

    assert timeless() == timeless()


def test_the_library_that_answered_is_told_by_its_fingerprint(harbour_index: Any) -> None:
    assert ask(WHO, told(harbour_index)).library == harbour_index.library.fingerprint()


@pytest.mark.parametrize("question", ["", "   ", "\n\t"])
def test_an_empty_question_is_a_wrong_use(harbour_index: Any, question: str) -> None:
    with pytest.raises(UsageError, match="question is empty") as caught:
        ask(question, told(harbour_index))
    assert "\n" not in str(caught.value)


def test_an_engine_that_is_not_there_is_refused_in_one_line(harbour_index: Any) -> None:
    with pytest.raises(WhosaysError) as caught:
        ask(WHO, told(harbour_index), engine="llm")
    assert "\n" not in str(caught.value)
    assert "extractive" in str(caught.value)


@pytest.mark.parametrize(
    "question",
    ["?", "Who?", "🙂", "DROP TABLE articles; --", '"unbalanced AND (', "who " * 2000, "Who in December 9999?", "\x00"],
)
def test_no_question_breaks_the_way(harbour_index: Any, question: str) -> None:
    tools = told(harbour_index)
    holds(ask(question, tools), tools)


# --- as a LlamaIndex query engine -------------------------------------------------------------


def test_a_query_gives_the_text_the_cited_sentences_and_the_whole_answer(harbour_index: Any) -> None:
    tools = told(harbour_index)
    response = WhosaysQueryEngine(tools).query(WHO)
    metadata = response.metadata
    assert metadata is not None
    jsonschema.validate(metadata["answer"], schema())
    answer = from_dict(metadata["answer"])
    assert response.response == to_markdown(answer)
    assert len(response.source_nodes) == len(answer.citations) > 1
    for found, c in zip(response.source_nodes, answer.citations, strict=True):
        node: Any = found.node
        assert (node.text, node.start_char_idx, node.end_char_idx) == (c.quote.text, c.quote.start, c.quote.end)
        article = tools.index.library.article(node.metadata["article"])
        assert article.text[node.start_char_idx : node.end_char_idx] == node.text
        assert (node.metadata["n"], node.metadata["outlet"]) == (c.n, c.outlet)
    assert len({n.node.node_id for n in response.source_nodes}) == len({(c.quote) for c in answer.citations})


def test_asking_without_waiting_gives_the_same(harbour_index: Any) -> None:
    tools = told(harbour_index, striking_dockers=4.0, Twelve_passengers=3.0)
    engine = WhosaysQueryEngine(tools, Scope(articles=("post",)))

    async def both() -> list[Any]:
        return list(await asyncio.gather(engine.aquery(WHO), engine.aquery("How many passengers were hurt?")))

    first, second = asyncio.run(both())
    assert first.metadata["answer"]["positions"] == engine.query(WHO).metadata["answer"]["positions"]  # type: ignore[index,union-attr]
    assert first.metadata["answer"]["scope"]["articles"] == ["post"]
    assert second.metadata["answer"]["positions"][0]["label"] == "Twelve passengers"


def test_an_unanswered_query_names_the_nearest_as_its_sources(harbour_index: Any) -> None:
    answer = ask("Who won the chess championship?", told(harbour_index, nothing_like_it=9.0))
    response = to_response(answer)
    assert [n.node.get_content() for n in response.source_nodes] == [c.quote.text for c in answer.nearest]
    assert response.response == to_markdown(answer)


# --- over its own documents -------------------------------------------------------------------


def test_documents_that_come_with_a_question_are_all_that_it_is_answered_from(parser: Any) -> None:
    docs = [
        ("one", "The dockers locked the gates.\r\nSnow fell."),
        ("two", "Nothing here.\n\n  Guards locked the gates."),
        ("three", ""),
    ]
    tools = ClosedTools(parser, scripted.ScriptedReader({"The dockers": 4.0, "Guards": 4.0}), None)  # type: ignore[arg-type]
    answer = ask_closed(WHO, docs, tools)
    assert answer.outcome == "disputed"
    assert [(p.label, cited(p)) for p in sorted(answer.positions, key=lambda p: p.label)] == [
        ("Guards", {"two"}),
        ("The dockers", {"one"}),
    ]
    texts = {id_: text.replace("\r\n", "\n") for id_, text in docs}
    for c in answer.citations:
        assert texts[c.quote.article][c.quote.start : c.quote.end] == c.quote.text


def test_no_documents_give_no_answer(parser: Any) -> None:
    tools = ClosedTools(parser, scripted.ScriptedReader({}), None)  # type: ignore[arg-type]
    assert ask_closed(WHO, [], tools).outcome == "unanswered"


# --- with the reader that ships ---------------------------------------------------------------

QUESTIONS = (
    WHO,
    "How many passengers were hurt?",
    "When were the gates locked?",
    "Why could the ferry not leave?",
    "Where did the passengers wait?",
    "Did the dockers lock the gates?",
    "Whom did Ida Moen accuse?",
    "Who accused the dockers?",
    "What does the bakery bake?",
    "How much did the dredging cost?",
    "Who locked the gates in September 2020?",
    "What did the union deny?",
    "How old is the bakery?",
)


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_quote_is_the_articles_own_words(harbour_tools: Tools, question: str) -> None:
    holds(ask(question, harbour_tools), harbour_tools)


def test_the_reader_that_ships_finds_both_sides(harbour_tools: Tools) -> None:
    answer = ask("Who locked the harbour gates in March 2021?", harbour_tools)
    assert answer.outcome == "disputed"
    dockers = [i for i, p in enumerate(answer.positions) if "docker" in p.label.lower() and "post" in cited(p)]
    guards = [i for i, p in enumerate(answer.positions) if "guard" in p.label.lower() and "courier" in cited(p)]
    assert dockers
    assert guards
    assert set(dockers).isdisjoint(guards)


@pytest.mark.parametrize(
    "question",
    ["Who won the chess championship in Reykjavik?", "What is the boiling point of tungsten?"],
)
def test_the_reader_that_ships_knows_when_nothing_answers(harbour_tools: Tools, question: str) -> None:
    answer = ask(question, harbour_tools)
    holds(answer, harbour_tools)
    assert (answer.outcome, answer.positions) == ("unanswered", ())


# --- the main job -----------------------------------------------------------------------------

BUSES = "Who blocked the buses?"


def positions_with(answer: Answer, *words: str, among: set[str]) -> set[int]:
    """Those whose label or quotes name one of `words`, and that cite one of the articles."""
    return {i for i, p in enumerate(answer.positions) if cited(p) & among and any(w in p.label.lower() for w in words)}


def test_main_job_the_buses_are_disputed_each_side_in_its_own_position(bundled_tools: Tools) -> None:
    answer = ask(BUSES, bundled_tools)
    holds(answer, bundled_tools)
    everywhere = {s.id for s in bundled_tools.index.library.summaries()}
    rebels = positions_with(answer, "rebel", among=everywhere)
    militias = positions_with(answer, "militia", "iranian", among=everywhere)
    assert answer.outcome == "disputed", [p.label for p in answer.positions]
    assert rebels, [p.label for p in answer.positions]
    assert militias, [p.label for p in answer.positions]
    assert rebels.isdisjoint(militias)
    assert "aleppo-september" not in articles_cited(answer)


def test_main_job_over_the_real_articles(aleppo_tools: Tools) -> None:
    answer = ask(BUSES, aleppo_tools)
    holds(answer, aleppo_tools)
    ids = {s.id[:3]: s.id for s in aleppo_tools.index.library.summaries()}
    against_rebels = {ids[n] for n in ("000", "001", "003")}
    against_militias = {ids[n] for n in ("003", "004")}
    rebels = positions_with(answer, "rebel", "jihadist", among=against_rebels)
    militias = positions_with(answer, "militia", "iran", "pro-government", among=against_militias)
    labels = [(p.label, sorted(a[:3] for a in cited(p))) for p in answer.positions]
    assert answer.outcome == "disputed", labels
    assert rebels, labels
    assert militias, labels
    assert rebels.isdisjoint(militias), labels
    assert ids["002"] not in articles_cited(answer), labels
