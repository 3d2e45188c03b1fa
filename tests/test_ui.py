"""The chat page: what it shows of an answer, that a citation leads to its words, and that no markup gets through."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import gc
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import fakes
import pytest
import scripted
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import LibraryError, UsageError, WhosaysError
from rag.library import Library
from rag.library_rows import Summary
from rag.render import to_dict
from rag.settings import Settings
from rag.types import Answer, Article, Attribution, Block, Citation, Position, Quote, Silent
from ui.app import build, serve, serving
from ui.source import source_html
from ui.turns import Turn, answer_html, error_html, turns_html
from ui.welcome import BUNDLED, QUESTIONS, header_html, welcome_html

ROOT = Path(__file__).parent.parent
# Not ours to mend, and each named narrowly: Gradio keeps statistics of its queue with words that pandas gives up,
# makes event loops that it leaves to the garbage collector, and drops the socket with which it tried a taken port.
pytestmark = [
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:unclosed <socket.socket:ResourceWarning"),
]
PAYLOAD = '<img src=x onerror="window.harmed=1"><script>window.harmed=2</script>'

# --- articles and answers ---------------------------------------------------------------------

TIDES = [f"Day {n} of the storm brought tide {n * 7}, and the keeper of the light wrote it down." for n in range(1, 41)]
STORM = scripted.article("storm", *TIDES, outlet="Light Gazette", published=dt.date(2020, 2, 3))
TRAP = Article(
    id="trap",
    title=f"A title {PAYLOAD}",
    text=f"The vicar said {PAYLOAD} and left.\n\nShare this {PAYLOAD}",
    blocks=(Block(0, 19 + len(PAYLOAD) + 6), Block(19 + len(PAYLOAD) + 8, 19 + 2 * len(PAYLOAD) + 19, "furniture")),
    outlet=f"The {PAYLOAD} Bell",
    url='javascript:window.harmed=3//"onmouseover=window.harmed=4',
    path="trap.html",
)


def cite(n: int, article: Article, words: str, speaker: str | None = None) -> Citation:
    start = article.text.index(words)
    quote = Quote(article.id, start, start + len(words), words)
    said = Attribution(speaker, (), "asserts")
    return Citation(n, quote, article.title, article.outlet, article.published, article.url, None, said)


def answer(question: str, *positions: Position, silent: tuple[Silent, ...] = ()) -> Answer:
    outcome = "disputed" if len(positions) > 1 else "answered"
    numbers = "".join(f"[{c.n}]" for p in positions for c in p.citations)
    return Answer(question, question, outcome, f"It depends {numbers}.", positions=positions, silent=silent)


def stormy(question: str = "When was the tide highest?") -> Answer:
    first, second = cite(1, STORM, TIDES[2], "the keeper"), cite(2, STORM, TIDES[35])
    silent = (Silent("trap", "2 of its sentences were read and none answers"),)
    return answer(
        question,
        Position("early", "disputes", (), (first,)),
        Position("late", "disputes", (), (second,)),
        silent=silent,
    )


def trapped(question: str) -> Answer:
    words = f"The vicar said {PAYLOAD} and left."
    return answer(question, Position(f"left {PAYLOAD}", "agrees", (), (cite(1, TRAP, words, f"vicar {PAYLOAD}"),)))


def scripted_ask(question: str, tools: object) -> Answer:
    """Stands for the engine: which answer depends on a word of the question."""
    if not question.strip():
        raise UsageError("the question is empty: ask something")
    if "broken" in question:
        raise LibraryError("/there: the library is gone: make it again")
    if "bug" in question:
        raise ZeroDivisionError("a fault of ours")
    time.sleep(0.3)  # long enough to see that the page says what it is doing
    if "vicar" in question:
        return trapped(question)
    if "cost" in question:
        return dataclasses.replace(
            stormy(question), outcome="unanswered", positions=(), silent=(), nearest=(cite(1, STORM, TIDES[9]),)
        )
    return stormy(question)


# --- reading HTML -----------------------------------------------------------------------------


class Seen(HTMLParser):
    """What a browser makes of HTML: its text, the text inside marks, and every tag with its attributes."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.text, self.marked, self.tags = "", {"current": "", "other": ""}, []
        self._open: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "mark":
            self._open.append(str(dict(attrs)["class"]))

    def handle_endtag(self, tag: str) -> None:
        if tag == "mark":
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data
        for kind in self._open:
            self.marked[kind] += data

    def only(self, tag: str) -> dict[str, str | None]:
        found = [attrs for name, attrs in self.tags if name == tag]
        assert len(found) == 1, f"{len(found)} {tag}"
        return found[0]


ATTRIBUTES = set(
    "id class role title type disabled href target rel tabindex data-turn data-n data-close data-act data-at".split()
)
TAGS = set(
    "article section nav div p h2 h3 h4 figure figcaption blockquote button span a mark ul li details summary".split()
)


def assert_inert(source: str) -> None:
    """Nothing in it is a tag or an attribute that the page itself would not write."""
    for tag, attrs in Seen(source).tags:
        assert tag in TAGS, tag
        assert {a for a in attrs if not a.startswith("aria-")} <= ATTRIBUTES, attrs
        assert str(attrs.get("href", "https:")).startswith(("http:", "https:"))


# --- the source -------------------------------------------------------------------------------


def test_the_quote_is_marked_where_it_stands_and_other_quotes_of_the_article_lightly() -> None:
    seen = Seen(source_html(stormy(), 2, 0, STORM))
    assert seen.marked == {"current": TIDES[35], "other": TIDES[2]}
    assert [a.get("id") for t, a in seen.tags if t == "mark"] == [None, "quote"]
    assert "2 of 2 · Light Gazette · 3 Feb 2020" in seen.text
    assert all(tide in seen.text for tide in TIDES)


@st.composite
def quoted(draw: st.DrawFn) -> tuple[Article, list[tuple[int, int]]]:
    """An article of awkward characters, and quotes of it that may overlap, nest and repeat."""
    paragraphs = draw(st.lists(st.text("<>&\"'[]ab é\U0001f30d", min_size=1, max_size=12), min_size=1, max_size=4))
    made = scripted.article("a", *paragraphs)
    spans = []
    for _ in range(draw(st.integers(1, 4))):
        block = draw(st.sampled_from(made.blocks))
        start = draw(st.integers(block.start, block.end - 1))
        spans.append((start, draw(st.integers(start + 1, block.end))))
    return made, spans


@given(quoted(), st.data())
def test_whatever_the_text_and_however_quotes_overlap_the_chosen_one_is_marked_whole(
    made: tuple[Article, list[tuple[int, int]]], data: st.DataObject
) -> None:
    article, spans = made
    citations = tuple(
        Citation(i, Quote("a", s, e, article.text[s:e]), "T", None, None, None, None, Attribution())
        for i, (s, e) in enumerate(spans, 1)
    )
    n = data.draw(st.integers(1, len(spans)))
    page = source_html(answer("?", Position("p", "agrees", (), citations)), n, 0, article)
    shown = Seen(page[page.index('<div class="text">') :])
    assert shown.marked["current"] == article.text[slice(*spans[n - 1])]
    assert shown.text == "".join(article.text[b.start : b.end] for b in article.blocks)
    assert page.count('id="quote"') == 1
    assert_inert(page)


def test_furniture_is_dimmed_not_hidden_and_the_title_is_shown_once() -> None:
    text = "Tides of a storm\n\nThe tide rose.\n\nShare this"
    blocks = (Block(0, 16, "title"), Block(18, 32), Block(34, 44, "furniture"))
    article = Article("t", "Tides of a storm", text, blocks)
    page = source_html(answer("?", Position("p", "agrees", (), (cite(1, article, "The tide rose."),))), 1, 0, article)
    assert '<p class="furniture">Share this</p>' in page
    assert Seen(page).text.count("Tides of a storm") == 1


def test_text_outside_every_block_is_shown_too() -> None:
    article = Article("t", "T", "before\n\nThe tide rose.\n\nafter", (Block(8, 22),))
    page = source_html(answer("?", Position("p", "agrees", (), (cite(1, article, "The tide rose."),))), 1, 0, article)
    assert "before" in page
    assert "after" in page


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "/local", None])
def test_only_a_web_address_becomes_a_link(url: str | None) -> None:
    linked = dataclasses.replace(STORM, url="https://light.example/a?b=1&c=<")
    page = source_html(answer("?", Position("p", "agrees", (), (cite(1, linked, TIDES[0]),))), 1, 0, linked)
    link = Seen(page).only("a")
    assert str(link["href"]).startswith("https://light.example/a?b=1&c=")
    assert link["target"] == "_blank"
    assert link["rel"] == "noopener noreferrer"
    unlinked = dataclasses.replace(STORM, url=url)
    page = source_html(answer("?", Position("p", "agrees", (), (cite(1, unlinked, TIDES[0]),))), 1, 0, unlinked)
    assert "<a " not in page


def test_an_article_that_changed_or_went_is_said_and_the_quote_is_still_readable() -> None:
    changed = dataclasses.replace(STORM, text="!" + STORM.text[1:])
    moved = Article("storm", "STORM", "New. " + STORM.text, ())
    assert TIDES[2] in Seen(source_html(stormy(), 1, 0, changed)).marked["current"]  # another part changed
    for now, word in ((moved, "has changed"), (None, "no longer in the library")):
        seen = Seen(source_html(stormy(), 1, 0, now))
        assert word in seen.text
        assert f"“{TIDES[2]}”" in seen.text
        assert seen.marked["current"] == ""


def test_a_number_that_is_not_there_is_refused() -> None:
    for n in (0, 3, -1):
        with pytest.raises(IndexError):
            source_html(stormy(), n, 0, STORM)


# --- the answer -------------------------------------------------------------------------------


def shown(given: Answer, turn: int = 0) -> str:
    return answer_html(given, turn, fakes.context_of, lambda id_: f"title of {id_}")


def test_an_answer_shows_each_quote_with_its_speaker_and_a_button_that_names_its_place() -> None:
    given = fakes.disputed()
    page = shown(given, turn=3)
    text = Seen(page).text
    for citation in given.citations:
        assert f"“{citation.quote.text}”" in text
    assert "port authority, via Coast Radio · Harbour Post · 9 Mar 2021" in text
    assert "It was held at the quay for nine hours." in text
    cites = [a for t, a in Seen(page).tags if t == "button" and "cite" in str(a["class"])]
    assert {(a["data-turn"], a["data-n"]) for a in cites} == {("3", "1"), ("3", "2"), ("3", "3")}
    assert all(str(a["aria-label"]).startswith(f"[{a['data-n']}] ") for a in cites)
    assert "1 article says nothing on this" in text
    assert "title of almanac: tells the tides and not the strike" in text


def test_what_comes_nearest_is_told_apart_from_an_answer() -> None:
    page = shown(fakes.unanswered())
    assert 'class="position"' not in page
    assert "What comes nearest, and is not an answer" in page
    assert "Nothing in the library answers this" in page


def test_articles_and_questions_that_hold_markup_are_shown_as_text() -> None:
    turn = Turn(PAYLOAD, shown(trapped(PAYLOAD)))
    pages = (
        turns_html((turn, Turn("<b>", shown(fakes.hostile())), Turn("?", error_html(PAYLOAD)))),
        source_html(trapped("?"), 1, 0, TRAP),
        source_html(trapped("?"), 1, 0, None),
    )
    for page in pages:
        assert_inert(page)
        assert "<script>" in Seen(page).text


# --- around it --------------------------------------------------------------------------------


def summary(id_: str, title: str, outlet: str | None = "Bell", published: dt.date | None = None) -> Summary:
    return Summary(id_, title, outlet, published, 10, None, f"/{id_}.txt", None)


def test_the_head_counts_the_library_and_names_the_host_that_text_goes_to() -> None:
    articles = [summary("a", "A"), summary("b", "B", outlet=None), summary("c", "C")]
    assert "library: 3 articles · 1 outlet<" in header_html(articles, Settings())
    assert "no language model; nothing leaves this machine" in header_html(articles, Settings())
    told = header_html(articles, Settings(model="m", base_url="http://box.example:8080/v1"))
    assert "go to box.example:8080" in told
    assert "nothing leaves" not in told


def test_ready_questions_are_for_the_sample_articles_alone() -> None:
    with (ROOT / "corpus" / "manifest.csv").open(encoding="utf-8") as lines:
        assert {Path(row["file"]).stem for row in csv.DictReader(lines)} == BUNDLED
    bundled = [summary(id_, id_) for id_ in BUNDLED]
    assert all(q in welcome_html(bundled) for q in QUESTIONS)
    others = [*bundled, summary("own", PAYLOAD, published=dt.date(2024, 5, 6)), summary("old", "Old")]
    assert "data-ask" not in welcome_html(others)
    assert "6 May 2024" in welcome_html(others)
    assert "<img" not in welcome_html(others)
    assert "whosays ingest FOLDER" in welcome_html([])


# --- the server -------------------------------------------------------------------------------


def fake_tools(library: Library) -> Any:
    return SimpleNamespace(index=SimpleNamespace(library=library), settings=Settings())


@pytest.fixture(scope="module", autouse=True)
def swept() -> Iterator[None]:
    """What Gradio leaves behind is collected here, under the filters above, and not in a later test."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The page, served with a scripted engine over two articles."""
    with serving(build(fake_tools(scripted.library(STORM, TRAP)), scripted_ask)) as (_, address):
        yield address


@pytest.fixture
def client(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    from gradio_client import Client

    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)  # else the client asks there who it is
    connected = Client(url, verbose=False, analytics_enabled=False)
    yield connected
    connected.close()


def test_other_programs_ask_by_name_and_get_the_answer_of_the_contract(client: Any) -> None:
    assert client.predict("When was the tide highest?", api_name="/ask") == to_dict(stormy())
    assert client.predict(question="What did it cost?", api_name="/ask")["outcome"] == "unanswered"


def test_other_programs_are_told_in_one_line_what_failed(client: Any) -> None:
    for question, message in ((" ", "the question is empty"), ("broken?", "the library is gone")):
        with pytest.raises(Exception, match=message):
            client.predict(question, api_name="/ask")


def test_a_library_that_is_not_there_is_said_before_anything_is_served(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="ingest"):
        serve(Settings(library=tmp_path / "none"))


def test_a_port_that_is_taken_is_said_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        page = build(fake_tools(scripted.library(STORM)), scripted_ask)
        with pytest.raises(WhosaysError, match=rf"127\.0\.0\.1:{port}.*--port"), serving(page, port=port):
            raise AssertionError("it must not be served")


@pytest.mark.slow
def test_several_threads_may_ask_at_once(bundled_tools: Any) -> None:
    from rag.ask import ask

    def asked(question: str) -> dict[str, Any]:
        return to_dict(ask(question, bundled_tools)) | {"timings_ms": None}

    alone = [asked(q) for q in QUESTIONS]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(asked, QUESTIONS * 2))
    assert together == alone * 2


# --- in a browser -----------------------------------------------------------------------------

CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
in_browser = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: install it to test the page")
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield running
        running.close()


@pytest.fixture
def visit(browser: Any, url: str) -> Iterator[Open]:
    """Opens the page as one more person; at the end, no script of the page may have failed."""
    contexts, faults = [], []

    def opened(address: str = url, viewport: dict[str, int] = DESKTOP, watch: list[str] | None = None) -> Any:
        context = browser.new_context(viewport=viewport)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        if watch is not None:
            page.on("request", lambda request: watch.append(request.url))
        page.goto(address)
        page.wait_for_selector(".welcome")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not faults


def put(page: Any, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")


def in_sight(page: Any, selector: str = "#quote") -> bool:
    """Whether all of an element is inside the window and inside the pane that scrolls it."""
    return bool(
        page.evaluate(
            """(selector) => {
              const [box, pane] = [selector, "#source"].map((s) => document.querySelector(s).getBoundingClientRect());
              return box.height > 0 && box.top >= Math.max(0, pane.top) &&
                box.bottom <= Math.min(innerHeight, pane.bottom) && box.left >= 0 && box.right <= innerWidth;
            }""",
            selector,
        )
    )


@pytest.mark.slow
@in_browser
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_from_a_question_to_the_highlighted_words(visit: Open, viewport: dict[str, int]) -> None:
    page = visit(viewport=viewport)
    put(page, "When was the tide highest?")
    page.get_by_text("Reading the articles").wait_for()
    page.locator(".position").nth(1).wait_for()
    assert page.get_by_label("Your question").input_value() == ""
    page.locator(".position .cite[data-n='2']").click()
    page.wait_for_selector("#quote")
    page.wait_for_function("document.activeElement.id === 'quote'")
    assert page.locator("#quote").inner_text() == TIDES[35]
    assert in_sight(page)
    page.get_by_label("Previous citation").click()
    page.wait_for_function("(words) => document.querySelector('#quote').innerText === words", arg=TIDES[2])
    assert in_sight(page)
    assert page.locator(".position .cite[aria-current]").inner_text() == "[1]"


@pytest.mark.slow
@in_browser
def test_on_a_phone_the_source_lies_over_the_chat_until_it_is_closed(visit: Open) -> None:
    page = visit(viewport=PHONE)
    put(page, "When was the tide highest?")
    cite_ = page.locator(".position .cite[data-n='2']")
    cite_.click()
    page.wait_for_selector("#quote")
    assert not cite_.evaluate(
        "b => { const r = b.getBoundingClientRect(); return b.contains(document.elementFromPoint(r.x + 2, r.y + 2)) }"
    )
    page.get_by_label("Close the source").click()
    assert not page.locator("#source").is_visible()
    assert cite_.evaluate("b => b === document.activeElement")
    cite_.click()  # the same again: nothing new comes from the server, and yet it opens
    page.wait_for_function("document.activeElement.id === 'quote'")
    assert in_sight(page)


@pytest.mark.slow
@in_browser
def test_with_the_keyboard_alone(visit: Open) -> None:
    page = visit()
    put(page, "When was the tide highest?")
    first = page.locator(".position .cite").first
    first.wait_for()
    first.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'quote'")
    page.keyboard.press("Escape")
    assert first.evaluate("b => b === document.activeElement")


@pytest.mark.slow
@in_browser
def test_no_request_leaves_for_another_host(visit: Open, url: str) -> None:
    asked: list[str] = []
    page = visit(watch=asked)
    put(page, "When was the tide highest?")
    page.locator(".position .cite").first.click()
    page.wait_for_selector("#quote")
    page.wait_for_timeout(1000)  # for what a page would fetch late; its own heartbeat never rests
    hosts = {urlsplit(a).netloc for a in asked if not a.startswith(("data:", "blob:"))}
    assert hosts == {urlsplit(url).netloc}


@pytest.mark.slow
@in_browser
def test_no_payload_of_an_article_runs(visit: Open) -> None:
    page = visit()
    put(page, f"vicar {PAYLOAD}")
    page.locator(".position .cite").click()
    page.wait_for_selector("#quote")
    assert PAYLOAD in page.locator("#quote").inner_text()
    assert PAYLOAD in page.locator("#source-title").inner_text()
    assert PAYLOAD in page.locator(".question").inner_text()
    assert page.locator("#source a").count() == 0
    assert page.evaluate("window.harmed") is None


@pytest.mark.slow
@in_browser
def test_what_fails_is_one_line_and_the_conversation_goes_on(visit: Open) -> None:
    page = visit()
    put(page, "broken?")
    page.get_by_text("/there: the library is gone: make it again").wait_for()
    put(page, "a bug?")
    page.get_by_text("unexpected ZeroDivisionError: a fault of ours").wait_for()
    put(page, "What did it cost?")
    page.locator(".nearest").wait_for()
    assert page.locator(".turn").count() == 3
    page.locator(".nearest .cite").click()  # the third turn's, after two that failed
    page.wait_for_selector("#quote")
    assert page.locator("#quote").inner_text() == TIDES[9]


@pytest.mark.slow
@in_browser
def test_two_people_at_once_do_not_see_one_another(visit: Open) -> None:
    one, two = visit(), visit()
    put(one, "When was the tide highest?")
    put(two, "What did it cost?")
    one.locator(".position").nth(1).wait_for()
    two.locator(".nearest").wait_for()
    for page, question, words in ((one, "When was the tide highest?", TIDES[2]), (two, "What did it cost?", TIDES[9])):
        assert page.locator(".question").all_inner_texts() == [question]
        page.locator("figcaption .cite").first.click()
        page.wait_for_selector("#quote")
        assert page.locator("#quote").inner_text() == words


@pytest.mark.slow
@in_browser
def test_the_sample_articles_answer_and_every_citation_leads_to_its_words(visit: Open, bundled_tools: Any) -> None:
    with serving(build(bundled_tools)) as (_, address):
        page = visit(address)
        page.get_by_role("button", name=QUESTIONS[0]).click()
        page.locator(".position").nth(1).wait_for()
        for citation in page.locator(".position figure").all():
            words = citation.locator("blockquote").inner_text().strip("“”")
            citation.locator(".cite").click()
            n = citation.locator(".cite").get_attribute("data-n")
            page.wait_for_selector(f".source[data-n='{n}'] #quote")
            page.wait_for_function("document.activeElement.id === 'quote'")
            assert page.locator("mark.current").inner_text().strip("“”") == words
            assert in_sight(page)
