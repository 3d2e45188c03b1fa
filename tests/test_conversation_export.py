"""What people take away of a conversation: nothing is lost, nothing in it acts, and it can be checked again."""

from __future__ import annotations

import datetime as dt
import functools
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import fakes
import pytest
from browser import in_browser
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from test_render import answers as any_answer

from rag import cli, render
from rag.conversation_export import copy_with_footnotes, from_json, is_conversation, to_html, to_json, to_markdown
from rag.errors import UsageError
from rag.types import Answer, Attribution, Rejected, Silent

MADE = dt.date(2026, 5, 4)
TURNS = (fakes.disputed(), fakes.unanswered(), fakes.agreed())
conversations = st.lists(any_answer(), max_size=3).map(tuple)

# --- text that tries to be markup -------------------------------------------------------------

PAYLOAD = '<img src=x onerror="window.harmed=1"><script>window.harmed=2</script>'
BREAKOUT = "'\"--></style></title></main><svg onload=window.harmed=3>&lt;b&gt;"


def hostile(payload: str) -> Answer:
    """An answer with the payload wherever text of an article, a question or a model may stand."""
    cited = fakes.loose_citation(
        1,
        f"The vicar {payload} left.",
        title=f"Title {payload}",
        outlet=f"Outlet {payload}",
        url=f'https://bell.example/"{payload}',
        published=dt.date(2020, 2, 3),
        attribution=Attribution(f"Speaker {payload}", (f"Via {payload}",), "denies"),
    )
    loose = fakes.loose_citation(2, payload, url='javascript:window.harmed=4//"onmouseover=window.harmed=5')
    cited = replace(cited, quote=replace(cited.quote, article=f"id {payload}"))
    return Answer(
        question=f"Question {payload}",
        standalone=f"Standalone {payload}",
        outcome="disputed",
        summary=f"Summary {payload} [1]; [2].",
        positions=(
            fakes.position(f"Label {payload}", cited, origins=(f"Origin {payload}", "another")),
            fakes.position(payload, loose),
        ),
        silent=(Silent("silent", f"reason {payload}"),),
        rejected=(Rejected(payload, payload),),
        notes=(f"Note {payload}",),
        engine="llm",
        model=f"Model {payload}",
        library=f"Library {payload}",
    )


def page(*answers: Answer, name: str = "Name of ") -> str:
    return to_html(answers, fakes.context_of, lambda id_: name + id_, made=MADE)


class Seen(HTMLParser):
    """What a browser makes of HTML: its text outside the style, its tags with their attributes."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.text, self.style, self.tags = "", "", list[tuple[str, dict[str, str | None]]]()
        self._inside = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.style += data
        else:
            self.text += data

    def every(self, attribute: str) -> list[str]:
        return [str(attrs[attribute]) for _, attrs in self.tags if attribute in attrs]


TAGS = set(
    "html head meta link title style body header nav main article section div h1 h2 h3 h4 p ol ul li a span code figure"
    " blockquote figcaption".split()
)


def assert_inert(markup: str) -> Seen:
    """Nothing in the page runs, loads, sends or leaves, whatever its text says."""
    seen = Seen(markup)
    assert {tag for tag, _ in seen.tags} <= TAGS
    attributes = {name for _, attrs in seen.tags for name in attrs}
    assert attributes.isdisjoint({"src", "srcset", "action", "formaction", "style", "background", "poster"})
    assert not any(name.startswith("on") for name in attributes)
    assert all(href.startswith(("#", "https://", "http://", "data:,")) for href in seen.every("href"))
    assert {attrs["rel"] for tag, attrs in seen.tags if tag == "link"} == {"icon"}
    assert not re.search(r"url\(|@import|</", seen.style)
    return seen


@pytest.mark.parametrize("payload", [PAYLOAD, BREAKOUT])
def test_the_page_shows_markup_as_text(payload: str) -> None:
    seen = assert_inert(page(hostile(payload), fakes.hostile(), name=f"Name {payload} of "))
    said = "Question Standalone Summary Label Title Outlet Speaker Via Origin reason Note Model Library"
    for word in [*said.split(), "The vicar", "Name"]:
        assert f"{word} {payload}" in seen.text
    assert "\x1b" not in seen.text
    assert not any("window" in href and not href.startswith("https://bell.example/") for href in seen.every("href"))


@pytest.mark.parametrize("payload", [PAYLOAD, BREAKOUT])
def test_markdown_shows_markup_as_text(payload: str) -> None:
    text = to_markdown((hostile(payload), fakes.hostile()), name_of=lambda id_: f"Name {payload} of {id_}")
    seen = Seen(MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(text))
    assert {tag for tag, _ in seen.tags} <= {"h1", "h2", "p", "strong", "em", "blockquote", "ul", "li", "a"}
    assert {href[:21] for href in seen.every("href")} == {"https://bell.example/"}
    references = seen.text.split("References")[1]
    assert f"Title {payload} · Outlet {payload} · 3 Feb 2020 · https://bell.example/" in references


@settings(max_examples=30)
@given(st.lists(any_answer(), min_size=1, max_size=3))
def test_every_text_is_shown_in_the_page_and_every_link_inside_it_leads_somewhere(answers: list[Answer]) -> None:
    seen = assert_inert(to_html(answers, made=MADE))
    ids = seen.every("id")
    assert len(set(ids)) == len(ids)
    assert {href[1:] for href in seen.every("href") if href.startswith("#")} <= set(ids)
    for n, answer in enumerate(answers, 1):
        assert f"q{n}" in ids
        for cited in answer.citations:
            assert f"q{n}-quote-{cited.n}" in ids
            assert render.quoted(render.visible(cited.quote.text)) in seen.text


# --- the page ---------------------------------------------------------------------------------


def test_the_page_holds_each_answer_as_it_is_rendered_elsewhere() -> None:
    whole = page(*TURNS)
    for n, answer in enumerate(TURNS, 1):
        named = tuple(replace(s, article=f"Name of {s.article}") for s in answer.silent)
        assert render.to_html(replace(answer, silent=named), fakes.context_of, f"q{n}-quote") in whole


def test_the_page_begins_with_its_questions_and_their_outcomes() -> None:
    contents = page(*TURNS).split("<nav")[1].split("</nav>")[0]
    for n, answer in enumerate(TURNS, 1):
        assert f'<a href="#q{n}">{answer.question}</a>' in contents
        assert render.headline(answer) in contents


def test_the_page_tells_its_day_what_the_tick_means_and_which_library_answered() -> None:
    text = Seen(page(fakes.disputed(), fakes.unanswered())).text
    assert "2 questions, exported on 4 May 2026" in text
    assert "✓ says that the quote was checked" in text
    assert text.count("0" * 64) == 1
    assert "changed" not in text


def test_a_library_that_changed_between_the_questions_is_told() -> None:
    later = replace(fakes.unanswered(), library="1" * 64)
    text = Seen(page(fakes.disputed(), later, fakes.disputed(), fakes.agreed())).text
    assert f"question 1, 3: {'0' * 64}; question 2: {'1' * 64}; question 4: not noted" in text


def test_the_page_ends_with_each_article_once_and_the_way_back_to_its_quotes() -> None:
    references = page(*TURNS).split('id="references"')[1].split("</section>")[0]
    seen = Seen(f"<p {references}")
    assert seen.text.count("Ferry held at the quay") == 1
    assert seen.every("href") == [
        "#q1-quote-1",
        "#q1-quote-2",
        "#q3-quote-1",
        "#q1-quote-3",
        "#q2-quote-1",
    ]


def test_an_address_is_written_out_so_that_it_stands_on_paper_too() -> None:
    answer = fakes.disputed()
    linked = replace(answer, positions=answer.positions[:1], outcome="answered")
    assert "https://harbour.example/ferry" in Seen(page(linked)).text.split("References")[1]


def test_one_question_gives_the_page_its_title_and_none_gives_a_page_too() -> None:
    assert f"<title>{fakes.agreed().question}</title>" in page(fakes.agreed())
    assert "<title>Who says what: 0 questions</title>" in page()
    assert_inert(page())


# --- Markdown ---------------------------------------------------------------------------------


def test_markdown_numbers_the_questions_and_leaves_each_answer_its_own_numbers() -> None:
    text = to_markdown(TURNS, fakes.context_of, lambda id_: f"Name of {id_}")
    for n, answer in enumerate(TURNS, 1):
        alone = render.to_markdown(answer, fakes.context_of, lambda id_: f"Name of {id_}")
        assert f"# {n}. {alone.removeprefix('# ')}" in text
    references = text.split("# References\n\n")[1].splitlines()
    assert references == [
        "- Ferry held at the quay · Harbour Post · 9 Mar 2021 · question 1 [1], [2]; question 3 [1]",
        "- A night in the terminal · Evening Courier · 11 Mar 2021 · question 1 [3]; question 2 [1]",
    ]


def test_a_conversation_that_quotes_nothing_has_no_references() -> None:
    bare = replace(fakes.unanswered(), nearest=())
    assert "References" not in to_markdown((bare,)) + page(bare)
    assert to_markdown(()) == "No question was asked.\n"


# --- plain text with footnotes ----------------------------------------------------------------


def test_an_answer_is_copied_with_a_footnote_for_each_quote() -> None:
    answer = fakes.disputed()
    assert copy_with_footnotes(answer).split("\n") == [
        answer.summary,
        "",
        "[1] “striking dockers had chained the gates” — port authority, via Coast Radio · Harbour Post · 9 Mar 2021"
        " · https://harbour.example/ferry",
        "[2] “The union denies that its members did so.” — denied by union · Harbour Post · 9 Mar 2021",
        "[3] “Storm warnings kept the ferry in port” — reported, unnamed sources · Evening Courier · 11 Mar 2021",
        "",
    ]


def test_what_comes_nearest_is_not_copied_as_an_answer() -> None:
    assert copy_with_footnotes(fakes.unanswered()) == (
        "No source here answers this question.\n\nWhat comes nearest, and is not an answer:\n\n"
        "[1] “Passengers slept in the terminal.” — Evening Courier · 11 Mar 2021\n"
    )


@given(any_answer())
def test_no_text_of_an_article_makes_a_footnote_of_its_own(answer: Answer) -> None:
    lines = [line for line in copy_with_footnotes(answer).split("\n") if line]
    assert len(lines) == bool(render.visible(answer.summary)) + bool(answer.nearest) + len(answer.citations)


# --- JSON -------------------------------------------------------------------------------------


@given(conversations)
def test_json_there_and_back(answers: tuple[Answer, ...]) -> None:
    text = to_json(answers)
    assert from_json(text) == answers
    assert list(json.loads(text)) == ["schema", "answers"]


def test_half_of_a_surrogate_pair_can_be_written_to_a_file_and_comes_back(tmp_path: Path) -> None:
    answer = replace(fakes.agreed(), question="what? \ud83d")
    (tmp_path / "c.json").write_text(to_json((answer,)), encoding="utf-8")
    assert from_json((tmp_path / "c.json").read_text(encoding="utf-8")) == (answer,)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("9" * 5000, "not JSON"),
        ("[]", "not a conversation: expected"),
        ("null", "not a conversation: expected"),
        (render.to_json(fakes.agreed()), "not a conversation: expected"),
        ('{"schema": 1, "answers": {}}', "not a conversation: expected"),
        ('{"answers": []}', "schema is null"),
        ('{"schema": 2, "answers": []}', "schema is 2"),
        ('{"schema": true, "answers": []}', "schema is true"),
        ('{"schema": 1, "answers": [3]}', "question 1: not an answer: the answer is 3: expected an object"),
    ],
)
def test_what_is_no_conversation_is_refused_in_one_line(text: str, fault: str) -> None:
    with pytest.raises(UsageError) as caught:
        from_json(text)
    assert fault in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("question", None, "question 2: not an answer: question is null: expected text"),
        ("outcome", "answered", "question 2: not an answer: outcome 'answered' does not fit 0 positions"),
        ("timings_ms", {"retrieve": 10**400}, "question 2: not an answer: timings_ms.retrieve is 1000"),
    ],
)
def test_a_wrong_field_is_named_with_its_question(field: str, value: Any, fault: str) -> None:
    data = json.loads(to_json(TURNS))
    data["answers"][1][field] = value
    with pytest.raises(UsageError, match=re.escape(fault)):
        from_json(json.dumps(data))


JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(1),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["schema", "answers"]), inner),
)


@given(JSONISH)
def test_any_other_json_is_refused_and_never_half_read(data: Any) -> None:
    empty = isinstance(data, dict) and data.get("answers") == [] and data.get("schema") == 1
    if empty and not isinstance(data["schema"], bool):
        assert from_json(json.dumps(data)) == ()
    else:
        with pytest.raises(UsageError, match="not a"):
            from_json(json.dumps(data))


def test_a_conversation_is_told_from_an_answer() -> None:
    assert is_conversation(json.loads(to_json(TURNS)))
    assert not is_conversation(json.loads(render.to_json(fakes.agreed())))
    assert not is_conversation([])


# --- checked again ----------------------------------------------------------------------------


@pytest.fixture
def articles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The articles as files; there is no library."""
    monkeypatch.setenv("WHOSAYS_LIBRARY", str(tmp_path / "none"))
    folder = tmp_path / "articles"
    folder.mkdir()
    for id_, text in fakes.TEXTS.items():
        (folder / f"{id_}.txt").write_text(text + "\n", encoding="utf-8")
    return folder


def exported(tmp_path: Path, text: str) -> str:
    (tmp_path / "export.json").write_text(text, encoding="utf-8")
    return str(tmp_path / "export.json")


def test_every_answer_of_a_conversation_is_checked_again(
    articles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = exported(tmp_path, to_json(TURNS))
    assert cli.main(["check", path, "--articles", str(articles)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [re.sub(r" (harbour|courier) .*", "", line) for line in lines] == [
        "question 1 [1] stands",
        "question 1 [2] stands",
        "question 1 [3] stands",
        "question 2 [1] stands",
        "question 3 [1] stands",
        "5 of 5 quotes stand",
    ]
    (articles / "courier.txt").write_text("Passengers slept in the terminal.\n", encoding="utf-8")
    assert cli.main(["check", path, "--articles", str(articles)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].startswith("question 1 [3] vanished")
    assert lines[3].startswith("question 2 [1] moved")
    assert lines[-1] == "3 of 5 quotes stand"


def test_a_single_answer_is_checked_as_ever_without_a_question_number(
    articles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = exported(tmp_path, render.to_json(fakes.agreed()))
    assert cli.main(["check", path, "--articles", str(articles)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "[1] stands harbour 0:34 “The ferry did not sail on Tuesday.”",
        "1 of 1 quotes stand",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"schema": 1, "answers": null}', "not a conversation"),
        ('{"schema": 2, "answers": []}', "schema is 2"),
        ('{"schema": 1, "answers": [{"schema": 1}]}', "question 1: not an answer: positions is missing"),
    ],
)
def test_check_refuses_what_is_no_conversation_in_one_line(
    text: str, fault: str, articles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["check", exported(tmp_path, text), "--articles", str(articles)]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert fault in told.err


# --- in a browser -----------------------------------------------------------------------------


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, list[str]]]:
    """A folder's address over HTTP, and every path that is asked of it, so that a late request is seen too."""
    asked: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            asked.append(self.path)

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.slow
@in_browser
def test_in_a_browser_no_script_runs_and_no_request_leaves(
    browser: Any, served: tuple[str, list[str]], tmp_path: Path
) -> None:
    address, asked = served
    markup = page(hostile(PAYLOAD), hostile(BREAKOUT), fakes.hostile())
    (tmp_path / "page.html").write_text(markup, encoding="utf-8")
    # The second is without the page's own guard: its text alone must not act.
    (tmp_path / "unguarded.html").write_text(re.sub(r"<meta http-equiv[^>]*>", "", markup), encoding="utf-8")
    for place in (f"{address}/page.html", f"{address}/unguarded.html", (tmp_path / "page.html").as_uri()):
        requests: list[str] = []
        told: list[str] = []
        context = browser.new_context()
        opened = context.new_page()
        opened.on("request", lambda request, seen=requests: seen.append(request.url))
        opened.on("console", lambda message, seen=told: seen.append(message.text))
        opened.on("dialog", lambda dialog, seen=told: seen.append(dialog.message))
        opened.goto(place)
        opened.wait_for_timeout(500)
        opened.locator(".turn").first.hover()
        assert opened.evaluate("window.harmed") is None
        assert opened.locator("script, img, svg, iframe, object, embed, form").count() == 0
        assert PAYLOAD in opened.inner_text("body")
        assert ([r for r in requests if not r.startswith("data:")], told) == ([place], [])
        context.close()
    assert asked == ["/page.html", "/unguarded.html"]


@pytest.mark.slow
@in_browser
@pytest.mark.parametrize(
    ("scheme", "media", "dark"), [("light", "screen", False), ("dark", "screen", True), ("dark", "print", False)]
)
def test_the_page_is_light_or_dark_on_the_screen_and_light_on_paper(
    browser: Any, scheme: str, media: str, dark: bool
) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": 390, "height": 844})
    opened = context.new_page()
    opened.set_content(page(*TURNS))
    opened.emulate_media(media=media)
    ground = opened.eval_on_selector("html", "e => getComputedStyle(e).backgroundColor")
    ink = opened.eval_on_selector("body", "e => getComputedStyle(e).color")
    brightness = [sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in (ground, ink)]
    assert (brightness[0] < brightness[1]) is dark
    assert abs(brightness[0] - brightness[1]) > 450
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


@pytest.mark.slow
@in_browser
def test_a_number_in_the_page_leads_to_its_quote_and_every_quote_carries_the_tick(browser: Any) -> None:
    context = browser.new_context()
    opened = context.new_page()
    opened.set_content(page(*TURNS))
    opened.locator("#references .cite").last.click()
    assert opened.evaluate("document.querySelector(':target').innerText").startswith("“Passengers slept")
    ticks = opened.eval_on_selector_all("figcaption", "all => all.map(e => getComputedStyle(e, '::after').content)")
    assert len(ticks) == 5
    assert all("✓" in tick for tick in ticks)
    context.close()
