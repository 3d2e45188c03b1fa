"""The chat page: what it shows of an answer, that a citation leads to its words, and that no markup gets through."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import fakes
import pytest
import scripted
from browser import LEFT_BY_GRADIO
from hypothesis import given
from hypothesis import strategies as st
from storm import PAYLOAD, STORM, TIDES, TRAP, answer, cite, fake_tools, scripted_ask, stormy, trapped

from rag.errors import LibraryError, WhosaysError
from rag.library_rows import Summary
from rag.render import to_dict
from rag.settings import Settings
from rag.types import Answer, Article, Attribution, Block, Citation, Position, Quote
from ui.app import build, serve, serving
from ui.source import source_html
from ui.turns import Turn, answer_html, error_html, turns_html
from ui.welcome import BUNDLED, QUESTIONS, header_html, welcome_html

ROOT = Path(__file__).parent.parent
pytestmark = LEFT_BY_GRADIO

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
