"""The chat page in a real browser: what is seen while it reads, citations, what is kept, what is taken away."""

from __future__ import annotations

import dataclasses
import json
import re
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import scripted
from browser import (
    DESKTOP,
    LEFT_BY_GRADIO,
    PHONE,
    Open,
    ask,
    faults,
    in_browser,
    in_sight,
    kept,
    open_quote,
    page_of,
    put,
    quote_of,
    settled,
)
from conftest import ROOT, build_library, with_reader
from storm import PAYLOAD, STORM, TIDES, TRAP, fake_tools, scripted_ask

from rag import cli
from rag.events import Done, Event, Positions, Quotes, Understood, Waiting
from rag.types import Scope
from ui.app import build, serving
from ui.welcome import QUESTIONS

pytestmark = [pytest.mark.slow, in_browser, *LEFT_BY_GRADIO]

TIDE, BUSES = "When was the tide highest?", QUESTIONS[0]


class Script:
    """An engine that follows a script, of which a test holds the steps where a question begins with "Slowly"."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self._steps = {step: threading.Event() for step in ("quotes", "positions", "answer")}
        self.ended = threading.Event()

    def let(self, *steps: str) -> None:
        for step in steps:
            self._steps[step].set()

    def steps(self, question: str, tools: Any, scope: Scope, engine: str, earlier: Sequence[str]) -> Iterator[Event]:
        slow = question.startswith("Slowly")
        try:
            yield Understood(question)
            answer = dataclasses.replace(scripted_ask(question, tools), scope=scope)
            for step, event in (
                ("quotes", Quotes(answer.citations)),
                ("positions", Positions(answer.positions)),
                ("answer", Done(answer)),
            ):
                if slow:
                    yield from self._held(step)
                yield event
        finally:
            self.ended.set()

    def _held(self, step: str) -> Iterator[Event]:
        began = time.monotonic()
        while not self._steps[step].wait(0.1):
            seconds = time.monotonic() - began
            assert seconds < 30, f"nobody let it go on to the {step}"
            yield Waiting("scripted.test", seconds)


@pytest.fixture(scope="module")
def engine() -> Script:
    return Script()


@pytest.fixture
def script(engine: Script) -> Iterator[Script]:
    engine.begin()
    yield engine
    engine.let("quotes", "positions", "answer")


@pytest.fixture(scope="module")
def url(engine: Script) -> Iterator[str]:
    """The page over two articles, with the scripted engine."""
    tools = fake_tools(scripted.library(STORM, TRAP))
    with serving(page_of(tools, scripted_ask, engine.steps)) as (_, address):
        yield address


@pytest.fixture(scope="module")
def samples(bundled_tools: Any) -> Iterator[str]:
    """The page over the sample articles, with the real engine."""
    with serving(build(bundled_tools)) as (_, address):
        yield address


# --- while a question is read -----------------------------------------------------------------


def test_quotes_come_before_positions_and_those_before_the_answer(visit: Open, script: Script) -> None:
    page = visit()
    put(page, f"Slowly: {TIDE}")
    page.get_by_text("scripted.test is reading").wait_for()
    assert page.locator("#conversation figure").count() == 0
    assert page.get_by_label("Your question").input_value() == ""
    script.let("quotes")
    page.get_by_text("not yet read for who says what").wait_for()
    assert page.locator(".nearest blockquote").all_inner_texts() == [f"“{TIDES[2]}”", f"“{TIDES[35]}”"]
    assert page.locator(".position, .summary, .cite").count() == 0
    assert not faults(page)
    script.let("positions")
    page.locator(".position").nth(1).wait_for()
    assert page.locator(".position h3").all_inner_texts() == ["early", "late"]
    assert page.locator(".nearest, .summary, .cite, [data-act]").count() == 0
    assert not faults(page)
    script.let("answer")
    page.locator(".summary").wait_for()
    assert page.locator("#conversation .meanwhile, #conversation [role=status]").count() == 0
    assert page.locator(".summary .cite").all_inner_texts() == ["[1]", "[2]"]


def test_a_question_is_stopped_while_it_is_read_and_asked_again(visit: Open, script: Script) -> None:
    page = visit()
    put(page, f"Slowly: {TIDE}")
    page.get_by_text("scripted.test is reading").wait_for()
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped: the question was not answered.").wait_for()
    assert script.ended.wait(10), "the engine reads on"
    assert page.get_by_role("button", name="Ask", exact=True).is_visible()
    script.begin()
    page.get_by_role("button", name="Ask again").click()
    page.get_by_text("scripted.test is reading").wait_for()
    script.let("quotes", "positions", "answer")
    settled(page, 0).locator(".position").nth(1).wait_for()
    assert page.locator(".turn").count() == 1


def test_while_one_question_is_read_another_does_not_mix_with_it(visit: Open, script: Script) -> None:
    page = visit()
    put(page, f"Slowly: {TIDE}")
    page.get_by_text("scripted.test is reading").wait_for()
    put(page, "What did it cost?")
    page.wait_for_timeout(500)
    assert page.locator(".question").all_inner_texts() == [f"Slowly: {TIDE}"]
    assert page.get_by_label("Your question").input_value() == "What did it cost?", "what was typed is not lost"
    script.let("quotes", "positions", "answer")
    settled(page, 0)
    page.keyboard.press("Enter")
    settled(page, 1)
    assert page.locator(".question").all_inner_texts() == [f"Slowly: {TIDE}", "What did it cost?"]


def test_a_new_conversation_begun_while_a_question_is_read_stays_empty_and_the_question_is_kept(
    visit: Open, script: Script
) -> None:
    page = visit()
    put(page, f"Slowly: {TIDE}")
    page.get_by_text("scripted.test is reading").wait_for()
    page.get_by_role("button", name="New conversation").click()
    page.locator(".welcome").wait_for()
    script.let("quotes", "positions", "answer")
    assert script.ended.wait(10)
    page.wait_for_timeout(700)
    assert page.locator(".turn").count() == 0
    with kept(page):
        ask(page, TIDE)
    assert page.locator(".question").all_inner_texts() == [TIDE]
    page.get_by_text("Earlier conversations").click()
    page.get_by_role("button", name=f"Slowly: {TIDE}").click()
    page.get_by_text("This question was not answered.").wait_for()


def test_a_question_is_changed_and_one_is_taken_back(visit: Open) -> None:
    page = visit()
    box = page.get_by_label("Your question")
    ask(page, TIDE)
    ask(page, "What did it cost?")
    page.get_by_role("button", name="Change").click()
    page.locator(".turn").nth(1).wait_for(state="detached")
    assert box.input_value() == "What did it cost?"
    page.wait_for_function("document.activeElement.matches('#question textarea')")
    page.keyboard.type(" In money?")
    page.keyboard.press("Enter")
    settled(page, 1)
    assert page.locator(".question").all_inner_texts() == [TIDE, "What did it cost? In money?"]
    page.get_by_role("button", name="Take back").click()
    page.locator(".turn").nth(1).wait_for(state="detached")
    assert box.input_value() == ""
    assert page.locator(".question").all_inner_texts() == [TIDE]
    assert page.locator("[data-act=retry]").count() == 1


def test_what_fails_is_one_line_and_the_conversation_goes_on(visit: Open) -> None:
    page = visit()
    put(page, "broken?")
    page.get_by_text("/there: the library is gone: make it again").wait_for()
    put(page, "a bug?")
    page.get_by_text("unexpected ZeroDivisionError: a fault of ours").wait_for()
    ask(page, "What did it cost?")
    assert page.locator(".turn").count() == 3
    assert open_quote(page, page.locator(".nearest .cite")) == TIDES[9]  # the third turn's, after two that failed


def test_a_follow_up_says_as_what_it_was_read(visit: Open, samples: str) -> None:
    page = visit(samples)
    ask(page, BUSES)
    turn = ask(page, "And what does Russia say?")
    read_as = turn.get_by_text("Read as:").inner_text()
    assert "Russia" in read_as
    assert "buses" in read_as
    top = turn.evaluate("t => t.getBoundingClientRect().top - t.closest('#conversation').getBoundingClientRect().top")
    assert abs(top) < 2, "the newest question does not stand at the top"


# --- citations --------------------------------------------------------------------------------


# Playwright itself looks only every half second; the page tells the moment, in milliseconds since it was set.
STOPWATCH = """(at) => {
  const began = performance.now();
  window.seen = null;
  new MutationObserver((_, observer) => {
    if (!document.querySelectorAll(".turn")[at]?.querySelector("blockquote")) return;
    window.seen = performance.now() - began;
    observer.disconnect();
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


def test_the_first_quote_is_on_the_screen_within_seven_tenths_of_a_second(visit: Open, samples: str) -> None:
    page = visit(samples)
    ask(page, QUESTIONS[0])
    taken = []
    for at, question in enumerate((QUESTIONS[1], QUESTIONS[2], "Who opened fire?", "Why did the truce fail?"), 1):
        page.evaluate(STOPWATCH, at)
        put(page, question)
        page.wait_for_function("window.seen")
        taken.append(page.evaluate("window.seen") / 1000)
        settled(page, at)
    assert statistics.median(taken) <= 0.7, taken


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_from_a_question_to_the_highlighted_words(visit: Open, viewport: dict[str, int]) -> None:
    page = visit(viewport=viewport)
    ask(page, TIDE)
    assert open_quote(page, page.locator(".position .cite[data-n='2']")) == TIDES[35]
    assert in_sight(page)
    page.get_by_label("Previous citation").click()
    assert quote_of(page, 1) == TIDES[2]
    assert in_sight(page)
    assert page.locator(".position .cite[aria-current]").inner_text() == "[1]"


def test_on_a_phone_the_source_lies_over_the_chat_until_it_is_closed(visit: Open) -> None:
    page = visit(viewport=PHONE)
    ask(page, TIDE)
    cite = page.locator(".position .cite[data-n='2']")
    open_quote(page, cite)
    assert not cite.evaluate(
        "b => { const r = b.getBoundingClientRect(); return b.contains(document.elementFromPoint(r.x + 2, r.y + 2)) }"
    )
    page.get_by_label("Close the source").click()
    assert not page.locator("#source").is_visible()
    assert cite.evaluate("b => b === document.activeElement")
    open_quote(page, cite)  # the same again: nothing new comes from the server, and yet it opens
    assert in_sight(page)


def test_every_number_of_the_sample_articles_leads_to_its_words_from_cards_table_and_timeline(
    visit: Open, samples: str
) -> None:
    page = visit(samples)
    page.get_by_role("button", name=BUSES).click()
    settled(page, 0)
    words = {}
    for figure in page.locator(".position figure").all():
        told = figure.locator("blockquote").inner_text().strip("“”")
        cite = figure.locator(".cite")
        assert open_quote(page, cite).strip("“”") == told
        assert in_sight(page)
        words[cite.inner_text()] = told
    assert len(words) > 2
    for name in ("Table", "Timeline"):
        pane = page.locator(f"#{'ledger' if name == 'Table' else 'timeline'}")
        page.get_by_role("tab", name=name).click()
        assert sorted(pane.locator(".cite").all_inner_texts()) == sorted(words)
        for number, told in reversed(words.items()) if name == "Table" else words.items():  # the first is open already
            page.get_by_role("tab", name=name).click()
            assert open_quote(page, pane.locator(f".cite:text-is('{number}')")).strip("“”") == told
            assert in_sight(page)


def test_closing_a_source_that_the_table_opened_leads_back_to_the_table(visit: Open) -> None:
    page = visit(viewport=PHONE)
    ask(page, TIDE)
    page.get_by_role("button", name="Table").click()
    cite = page.locator("#ledger .cite").first
    open_quote(page, cite)
    page.get_by_label("Close the source").click()
    page.locator("#ledger table").wait_for()
    assert cite.evaluate("b => b === document.activeElement")
    page.keyboard.press("Escape")
    assert not page.locator("#ledger table").is_visible()
    assert page.locator("[data-act=table]").evaluate("b => b === document.activeElement")


def test_with_the_keyboard_alone(visit: Open) -> None:
    page = visit()
    page.wait_for_function("document.activeElement.matches('#question textarea')")
    page.keyboard.type(TIDE)
    page.keyboard.press("Enter")
    settled(page, 0)
    tab_to(page, ".position .cite[data-n='1']")
    page.keyboard.press("Enter")
    assert quote_of(page, 1) == TIDES[2]
    tab_to(page, "[aria-label='Next citation']", "Shift+Tab")
    page.keyboard.press("Enter")
    assert quote_of(page, 2) == TIDES[35]
    tab_to(page, "[aria-label='Previous citation']", "Shift+Tab")
    page.keyboard.press("Enter")
    assert quote_of(page, 1) == TIDES[2]
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches(\".position .cite[data-n='1']\")")
    page.keyboard.press("Enter")
    quote_of(page, 1)
    page.get_by_label("Your question").focus()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('#question textarea')"), "who types is not called away"


def tab_to(page: Any, selector: str, key: str = "Tab") -> None:
    """Go on from one thing to the next until the focus is there; whatever has it on the way can be seen."""
    for _ in range(40):
        page.keyboard.press(key)
        there, seen = page.evaluate(
            """(selector) => {
              const at = document.activeElement, box = at.getBoundingClientRect();
              return [at.matches(selector), at === document.body || (box.width > 1 && box.height > 1)];
            }""",
            selector,
        )
        assert seen, page.evaluate("document.activeElement.outerHTML")
        if there:
            return
    raise AssertionError(f"{key} never comes to {selector}")


# --- what the library becomes afterwards ------------------------------------------------------


def test_an_article_that_was_changed_or_removed_since_leaves_the_quotes_of_an_answer_as_they_were(
    visit: Open, tmp_path: Path, parser: Any
) -> None:
    from rag.index import Index

    articles = tmp_path / "articles"
    scripted.write_harbour(articles)
    with build_library(tmp_path, articles, parser) as index:
        tools = with_reader(index)
        with serving(build(tools)) as (_, address):
            page = visit(address)
            with kept(page):
                ask(page, "Who locked the harbour gates?")
            quotes = page.locator(".position blockquote").all_inner_texts()
            cites = {name: page.locator(f"figure:has-text('{name}') .cite").first for name in ("Post", "Courier")}
            post = articles / "post.txt"
            post.write_text("Gates open again\n\nThe harbour gates are open.\n", encoding="utf-8")
            with Index.open(index.folder, index.embedder, write=True) as writer:  # as `whosays ingest` beside the page
                assert writer.ingest([post], None, lambda: parser).replaced
                writer.remove(["courier"])
            for name, what in (("Post", "has changed since"), ("Courier", "is no longer in the library")):
                told = page.locator(f"figure:has-text('{name}') blockquote").first.inner_text()
                assert open_quote(page, cites[name]) == told
                assert what in page.locator("#source .notice").inner_text()
            assert page.locator(".position blockquote").all_inner_texts() == quotes
            page.reload()
            page.locator(".position").first.wait_for()
            assert page.locator(".position blockquote").all_inner_texts() == quotes
            open_quote(page, cites["Courier"])
            assert "is no longer in the library" in page.locator("#source .notice").inner_text()


# --- filters ----------------------------------------------------------------------------------


def test_filters_are_obeyed_and_shown_and_a_bad_day_is_one_line(visit: Open, samples: str) -> None:
    page = visit(samples)
    page.get_by_role("button", name="Filters").click()
    outlets = page.get_by_label("Only these outlets")
    outlets.click()
    page.get_by_role("option", name="Digest of Syria Direct").click()
    page.keyboard.press("Escape")
    page.get_by_label("From this day on").fill("2016-12-01")
    page.get_by_label("Up to this day").fill("2016-12-31")
    turn = ask(page, BUSES)
    assert turn.locator(".position").count() > 0
    assert all("Digest of Syria Direct" in line for line in turn.locator("figcaption").all_inner_texts())
    scope = turn.locator(".answer").inner_text()
    assert "Digest of Syria Direct" in scope
    assert "1 Dec 2016" in scope
    assert "31 Dec 2016" in scope
    page.get_by_label("From this day on").fill("2017-01-01")
    assert ask(page, BUSES).locator(".error").inner_text().startswith("the first day 2017-01-01 is after the last")
    page.get_by_label("From this day on").fill("soon")
    assert ask(page, BUSES).locator(".error").inner_text() == "'soon' is no day: give it as 2016-12-31 in the filters"
    page.get_by_label("From this day on").fill("")
    assert ask(page, BUSES).locator(".position").count() > 0


# --- what the browser keeps -------------------------------------------------------------------


def test_a_reload_brings_the_conversation_back_and_its_citations_open(visit: Open, samples: str) -> None:
    page = visit(samples)
    for question in (BUSES, "And what does Russia say?"):
        with kept(page):
            ask(page, question)
    before = page.locator("#conversation .turn").all_inner_texts()
    page.reload()
    page.locator(".turn").nth(1).wait_for()
    assert page.locator("#conversation .turn").all_inner_texts() == before
    for turn in (0, 1):
        figure = page.locator(".turn").nth(turn).locator("figure").first
        told = figure.locator("blockquote").inner_text().strip("“”")
        assert open_quote(page, figure.locator(".cite")).strip("“”") == told
    page.get_by_role("tab", name="Table").click()
    page.locator("#ledger table, #ledger .aside").wait_for()


def test_a_question_put_before_the_page_has_come_back_is_added_to_the_conversation(visit: Open) -> None:
    page = visit()
    with kept(page):
        ask(page, TIDE)
    page.reload(wait_until="commit")
    page.locator("#question textarea").wait_for()
    put(page, "What did it cost?")
    settled(page, 1)
    assert page.locator(".question").all_inner_texts() == [TIDE, "What did it cost?"]


def test_a_conversation_is_left_for_a_new_one_and_opened_again(visit: Open) -> None:
    page = visit()
    with kept(page):
        ask(page, TIDE)
    open_quote(page, page.locator(".position .cite").first)
    page.get_by_role("button", name="New conversation").click()
    page.locator(".welcome").wait_for()
    page.wait_for_function("document.activeElement.matches('#question textarea')")
    assert page.locator("#source .source").count() == 0, "a source stands there that nothing on the page cites"
    with kept(page):
        ask(page, "What did it cost?")
    page.get_by_text("Earlier conversations").click()
    page.locator("#earlier").get_by_role("button", name=TIDE).click()
    page.locator(".position").nth(1).wait_for()
    assert page.locator(".question").all_inner_texts() == [TIDE]
    assert page.locator("#source .source").count() == 0
    assert open_quote(page, page.locator(".position .cite").nth(1)) == TIDES[35]
    with kept(page):
        ask(page, "And what did it cost?")
    page.get_by_text("Earlier conversations").click()
    assert page.locator("#earlier [data-reopen]").all_inner_texts() == ["What did it cost?"]


def test_a_browser_that_can_keep_nothing_more_still_gets_its_answers(visit: Open) -> None:
    page = visit()
    page.evaluate(
        """for (let size = 2 ** 22; size > 8; size /= 2) {
          try { for (;;) localStorage.setItem("full" + Math.random(), "x".repeat(size)) } catch { continue }
        }"""
    )
    ask(page, TIDE)
    assert open_quote(page, page.locator(".position .cite").first) == TIDES[2]
    page.get_by_text("This browser has no room left: this conversation is not kept.").wait_for()
    ask(page, "What did it cost?")
    assert page.locator(".turn").count() == 2
    page.evaluate("localStorage.clear()")
    with kept(page):
        ask(page, TIDE)
    page.get_by_text("This browser has no room left").wait_for(state="detached")


def test_two_tabs_of_one_browser_keep_the_conversations_of_both(visit: Open, url: str) -> None:
    one = visit()
    two = one.context.new_page()
    two.goto(url)
    two.wait_for_selector(".welcome")
    for page, question in ((one, TIDE), (two, "What did it cost?")):
        with kept(page):
            ask(page, question)
    one.get_by_role("button", name="New conversation").click()
    one.locator(".welcome").wait_for()
    one.get_by_text("Earlier conversations").click()
    assert set(one.locator("#earlier [data-reopen]").all_inner_texts()) == {TIDE, "What did it cost?"}


def test_two_people_at_once_do_not_see_one_another(visit: Open) -> None:
    one, two = visit(), visit()
    put(one, TIDE)
    put(two, "What did it cost?")
    for page in (one, two):
        settled(page, 0)
        page.get_by_text("Save the conversation").wait_for()  # it is kept
    for page, question, words in ((one, TIDE, TIDES[2]), (two, "What did it cost?", TIDES[9])):
        assert page.locator(".question").all_inner_texts() == [question]
        assert open_quote(page, page.locator("figcaption .cite").first) == words
        page.get_by_role("button", name="New conversation").click()
        page.locator(".welcome").wait_for()
        page.get_by_text("Earlier conversations").click()
        assert page.locator("#earlier [data-reopen]").all_inner_texts() == [question]


# --- what is taken away -----------------------------------------------------------------------


def taken(page: Any, form: str, folder: Path) -> Path:
    """A file of the last answer."""
    turn = page.locator(".turn").last
    with page.expect_download() as download:
        turn.get_by_text("Save", exact=True).click()
        turn.locator(f"[data-act={form}]").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_every_export_holds_the_answer(
    visit: Open, samples: str, bundled_tools: Any, tmp_path: Path, capsys: Any
) -> None:
    page = visit(samples)
    turn = ask(page, BUSES)
    quotes = [quote.strip("“”") for quote in turn.locator(".position blockquote").all_inner_texts()]
    page.wait_for_timeout(300)

    markdown = taken(page, "markdown", tmp_path)
    assert markdown.name == "whosays-who-blocked-the-buses.md"
    assert all(quote in markdown.read_text(encoding="utf-8") for quote in quotes)

    exported = taken(page, "json", tmp_path)
    schema = json.loads((ROOT / "rag" / "answer.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(exported.read_text(encoding="utf-8")), schema)
    assert cli.main(["--library", str(bundled_tools.index.folder), "check", str(exported)]) == 0
    assert f"{len(quotes)} of {len(quotes)} quotes stand" in capsys.readouterr().out

    bibtex = taken(page, "bibtex", tmp_path)
    entries = re.findall(r"^@\w+\{", bibtex.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert len(entries) == 2  # articles

    saved = taken(page, "html", tmp_path)
    shown = alone(visit, saved)
    assert all(f"“{quote}”" in shown.inner_text("main") for quote in quotes)
    again = taken(page, "html", tmp_path / "again")
    assert again.read_bytes() == saved.read_bytes()


def alone(visit: Open, saved: Path) -> Any:
    """An exported page in a browser without a network; nothing is asked for but the file itself."""
    page = visit(saved.as_uri(), offline=True, ready="main")
    page.wait_for_timeout(300)
    return page


def test_copy_puts_the_answer_with_footnotes_on_the_clipboard_each_time(visit: Open) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    ask(page, TIDE)
    for _ in range(2):
        page.evaluate("navigator.clipboard.writeText('something else')")
        page.get_by_role("button", name="Copy", exact=True).click()
        page.get_by_role("button", name="Copied").wait_for()
        text = page.evaluate("navigator.clipboard.readText()")
        assert "[1]" in text
        assert TIDES[2] in text
        assert "Light Gazette · 3 Feb 2020" in text
        assert "<" not in text


# --- article text is data ---------------------------------------------------------------------


def test_no_payload_of_an_article_runs_wherever_it_is_shown(visit: Open, tmp_path: Path) -> None:
    page = visit()
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("Only these outlets").click()
    page.get_by_role("option", name=PAYLOAD).click()
    page.get_by_text(f"Filters: The {PAYLOAD} Bell").wait_for()
    with kept(page):
        ask(page, f"vicar {PAYLOAD}")
    for part in (".question", ".aside >> nth=0", ".position h3", ".position blockquote", ".position figcaption"):
        assert PAYLOAD in page.locator(f"#conversation {part}").inner_text()
    open_quote(page, page.locator(".position .cite"))
    for part in ("#quote", "#source-title", "#source .bar", "#source .furniture"):
        assert PAYLOAD in page.locator(part).inner_text()
    assert page.locator("#source a").count() == 0
    for name, pane in (("Table", "#ledger"), ("Timeline", "#timeline")):
        page.get_by_role("tab", name=name).click()
        assert PAYLOAD in page.locator(pane).inner_text()
    assert harmless(page)
    page.get_by_role("button", name="New conversation").click()
    page.get_by_text("Earlier conversations").click()
    assert PAYLOAD[:40] in page.locator("#earlier [data-reopen]").inner_text()
    assert harmless(page)
    page.locator("#earlier [data-reopen]").click()
    page.locator(".position").wait_for()
    shown = alone(visit, taken(page, "html", tmp_path))
    assert PAYLOAD in shown.inner_text("main")
    assert harmless(page)
    assert harmless(shown)


def test_no_payload_of_an_article_runs_on_the_librarys_page(visit: Open, url: str) -> None:
    page = visit(f"{url}library", ready="#listing table")
    row = page.locator("#listing tr", has_text="A title")
    assert row.inner_text().count(PAYLOAD) == 2, "title and outlet"
    page.get_by_placeholder("Search titles").press_sequentially("onerror")
    page.locator("#bar", has_text="1 of 2 articles").wait_for()
    page.locator("#listing th button[data-open]").click()
    page.locator("#article h2").wait_for()
    for part in ("h2", ".bar", ".text", ".furniture"):
        assert PAYLOAD in page.locator(f"#article {part}").inner_text()
    assert page.locator("#article a").count() == 0
    assert harmless(page)


def harmless(page: Any) -> bool:
    ours = ", ".join(f"{part} {tag}" for part in ("#panes", "#shelf", "main article") for tag in ("img", "script"))
    return page.evaluate("window.harmed") is None and page.locator(ours).count() == 0
