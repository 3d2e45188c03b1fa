"""Rendering: golden files, the published schema, the way there and back, and article text that tries to be markup.

`python tests/test_render.py --write` writes the golden files again; read the difference before committing it.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import fakes
import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.console import Console

import rag
from rag import render, types
from rag.errors import UsageError
from rag.summary import summarise
from rag.terminal import print_answer, print_article, print_sources

GOLDEN = Path(__file__).parent / "golden"
SCHEMA = json.loads((Path(rag.__file__).parent / "answer.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
ANSWERS = {f.__name__: f for f in (fakes.disputed, fakes.unanswered, fakes.agreed, fakes.hostile)}


def in_terminal(answer: types.Answer, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=False, color_system=None)
    print_answer(console, answer, fakes.context_of)
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def in_markdown(answer: types.Answer) -> str:
    return render.to_markdown(answer, fakes.context_of)


def in_html(answer: types.Answer) -> str:
    return render.to_html(answer, fakes.context_of) + "\n"


def in_json(answer: types.Answer) -> str:
    return render.to_json(answer) + "\n"


FORMS = {"txt": in_terminal, "md": in_markdown, "html": in_html, "json": in_json}


# --- golden files -----------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ANSWERS)
def test_matches_the_golden_file(name: str, form: str) -> None:
    wanted = (GOLDEN / f"{name}.{form}").read_text(encoding="utf-8")
    assert FORMS[form](ANSWERS[name]()) == wanted


# --- the contract -----------------------------------------------------------------------------

words = st.text(min_size=1, max_size=30)
days = st.none() | st.dates()
maybe = st.none() | words
tuples = st.lists(words, max_size=3).map(tuple)
amounts = st.floats(0, 1e9, allow_nan=False)


@st.composite
def citations(draw: st.DrawFn) -> types.Citation:
    text, start = draw(words), draw(st.integers(0, 10**6))
    return types.Citation(
        n=0,
        quote=types.Quote(draw(words), start, start + len(text), text),
        title=draw(words),
        outlet=draw(maybe),
        published=draw(days),
        url=draw(maybe),
        context=draw(st.none() | st.tuples(st.integers(0, 99), st.integers(100, 999))),
        attribution=types.Attribution(draw(maybe), draw(tuples), draw(st.sampled_from(get_args(types.Stance)))),
    )


@st.composite
def answers(draw: st.DrawFn) -> types.Answer:
    numbers = iter(range(1, 1000))

    def numbered(found: list[types.Citation]) -> tuple[types.Citation, ...]:
        return tuple(replace(c, n=next(numbers)) for c in found)

    relations = st.sampled_from(get_args(types.Relation))
    positions = tuple(
        types.Position(draw(words), draw(relations), draw(tuples), numbered(found))
        for found in draw(st.lists(st.lists(citations(), min_size=1, max_size=2), max_size=3))
    )
    first, second = draw(days), draw(days)
    since, until = (min(first, second), max(first, second)) if first and second else (first, second)
    pairs = st.lists(st.tuples(words, words), max_size=2)
    usage = st.builds(types.Usage, st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.none() | amounts)
    return types.Answer(
        question=draw(words),
        standalone=draw(words),
        outcome=draw(st.sampled_from(("answered", "disputed"))) if positions else "unanswered",
        summary=draw(words),
        scope=types.Scope(since, until, draw(tuples), draw(tuples)),
        positions=positions,
        nearest=() if positions else numbered(draw(st.lists(citations(), max_size=2))),
        silent=tuple(types.Silent(*p) for p in draw(pairs)),
        rejected=tuple(types.Rejected(*p) for p in draw(pairs)),
        notes=draw(tuples),
        engine=draw(st.sampled_from(get_args(types.Engine))),
        model=draw(maybe),
        prompt=draw(maybe),
        library=draw(words),
        usage=draw(st.none() | usage),
        timings=draw(st.builds(types.Timings, amounts, amounts, amounts, amounts, amounts)),
    )


@given(answers())
def test_there_and_back(answer: types.Answer) -> None:
    data = json.loads(render.to_json(answer))
    VALIDATOR.validate(data)
    assert render.from_dict(data) == answer


@settings(max_examples=30)
@given(answers())
def test_every_form_shows_every_quote_and_number(answer: types.Answer) -> None:
    forms = (render.to_markdown(answer), render.to_html(answer), in_terminal(answer, 60))
    for c in answer.citations:
        assert all(f"[{c.n}]" in form for form in forms)
    text = _text_of(render.to_html(answer))
    for c in answer.citations:
        assert render.quoted(render.visible(c.quote.text)) in text


def test_keys_stand_in_the_order_of_the_contract() -> None:
    data = render.to_dict(fakes.disputed())
    assert " ".join(data) == (
        "schema question standalone outcome scope summary positions nearest silent rejected notes engine model prompt "
        "library usage timings_ms"
    )
    assert " ".join(data["positions"][0]) == "label relation origins citations"
    assert " ".join(data["positions"][0]["citations"][0]) == (
        "n article title outlet published url quote start end context speaker via stance"
    )
    assert list(data) == list(SCHEMA["properties"])
    assert list(data["positions"][0]["citations"][0]) == list(SCHEMA["$defs"]["citation"]["properties"])


def test_schema_refuses_what_the_contract_does() -> None:
    data = render.to_dict(fakes.unanswered())
    assert VALIDATOR.is_valid(data)
    assert not VALIDATOR.is_valid(data | {"outcome": "disputed"})
    assert not VALIDATOR.is_valid({k: v for k, v in data.items() if k != "summary"})
    assert not VALIDATOR.is_valid(data | {"scope": data["scope"] | {"since": "last week"}})


def broken(path: str, value: Any) -> dict[str, Any]:
    data: Any = render.to_dict(fakes.disputed())
    at = data
    *steps, last = [int(p) if p.isdigit() else p for p in path.split("/")]
    for step in steps:
        at = at[step]
    if value is KeyError:
        del at[last]
    else:
        at[last] = value
    return data  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("schema", 2, "schema is 2"),
        ("question", KeyError, "question is missing"),
        ("outcome", "settled", 'outcome is "settled": expected one of answered'),
        ("outcome", "unanswered", "outcome 'unanswered' does not fit 3 positions"),
        ("positions", None, "positions is null: expected a list"),
        ("positions/1/relation", "hates", "positions[1].relation"),
        ("positions/0/citations/0/published", "09/03/2021", "positions[0].citations[0].published"),
        ("positions/0/citations/0/start", -1, "positions[0].citations[0].start"),
        ("positions/0/citations/0/end", 999, "positions[0].citations[0].end"),
        ("positions/0/citations/0/quote", "", "positions[0].citations[0].quote"),
        ("positions/0/citations/0/context", [5], "positions[0].citations[0].context"),
        ("positions/0/citations/0/n", True, "positions[0].citations[0].n"),
        ("positions/0/citations/0/n", 7, "not numbered from 1"),
        ("scope/until", "2020-01-01", "since 2021-03-01 is after until 2020-01-01"),
        ("timings_ms/read", "fast", "timings_ms.read"),
        ("timings_ms/read", 10**400, "timings_ms.read is 1000"),
        ("timings_ms/read", float("inf"), "timings_ms.read is Infinity: expected a finite number"),
        ("timings_ms/read", float("nan"), "timings_ms.read is NaN"),
        ("notes/0", 3, "notes[0]"),
    ],
)
def test_a_wrong_field_is_named(path: str, value: Any, named: str) -> None:
    with pytest.raises(UsageError) as caught:
        render.from_dict(broken(path, value))
    assert named in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [None, [], "text", 3])
def test_what_is_no_object_is_no_answer(data: Any) -> None:
    with pytest.raises(UsageError, match="expected an object"):
        render.from_dict(data)


def test_fields_added_later_are_passed_over() -> None:
    data = render.to_dict(fakes.agreed())
    assert render.from_dict({"id": "q1", **data, "confidence": None}) == fakes.agreed()


# --- text that tries to be markup -------------------------------------------------------------


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [v or "" for k, v in attrs if k in ("href", "src")]
        assert not any(k.startswith("on") for k, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


def _seen(markup: str) -> _Seen:
    parser = _Seen()
    parser.feed(markup)
    parser.close()
    return parser


def _text_of(markup: str) -> str:
    return _seen(markup).text


def test_html_shows_markup_as_text() -> None:
    seen = _seen(render.to_html(fakes.hostile()))
    assert {"script", "img", "b", "i", "u"}.isdisjoint(seen.tags)
    assert set(seen.links) == {"#quote-1"}
    assert "<script>alert(1)</script>" in seen.text
    assert "\x1b" not in seen.text


def test_markdown_shows_markup_as_text() -> None:
    shown = _seen(MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(in_markdown_hostile()))
    assert set(shown.tags) <= {"h1", "h2", "p", "strong", "em", "blockquote", "ul", "li"}
    assert shown.links == []
    assert render.visible(fakes.hostile().positions[0].citations[0].quote.text) in shown.text
    assert fakes.hostile().positions[0].label in shown.text


def in_markdown_hostile() -> str:
    return render.to_markdown(fakes.hostile())


MARKS = st.text(alphabet="ab1 .)(*_`~[]<>!#&;:/\\|$@+-=\"'\n\twht", min_size=1, max_size=40)


@given(MARKS)
def test_no_text_marks_up(text: str) -> None:
    cited = fakes.loose_citation(1, text, outlet="Outlet " + text)
    answer = replace(fakes.agreed(), positions=(fakes.position(text, cited),), question=text, standalone=text)
    shown = _seen(MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(render.to_markdown(answer)))
    assert set(shown.tags) <= {"h1", "h2", "p", "strong", "em", "blockquote", "ul", "li"}
    assert render.quoted(render.visible(text)) in shown.text


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.example/x?y=1&z=2", "https://a.example/x?y=1&z=2"),
        ("https://a.example/(x) <y>", "https://a.example/%28x%29%20%3Cy%3E"),
        ("javascript:alert(1)", None),
        ("JavaScript:alert(1)", None),
        ("data:text/html,x", None),
        ("//a.example", None),
        ("http://[", None),
        ("https://a.example/\ud800", None),
        ("", None),
        (None, None),
    ],
)
def test_only_web_addresses_become_links(url: str | None, safe: str | None) -> None:
    assert render.safe_url(url) == safe


def test_a_safe_address_is_linked_in_both_forms() -> None:
    assert "(https://harbour.example/ferry)" in in_markdown(fakes.disputed())
    assert "https://harbour.example/ferry" in _seen(in_html(fakes.disputed())).links


# --- words ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attribution", "line"),
    [
        (types.Attribution(), "Harbour Post · 9 Mar 2021"),
        (types.Attribution("the mayor"), "the mayor · Harbour Post · 9 Mar 2021"),
        (
            types.Attribution("the mayor", ("a clerk", "Radio")),
            "the mayor, via a clerk, Radio · Harbour Post · 9 Mar 2021",
        ),
        (types.Attribution("the mayor", (), "denies"), "denied by the mayor · Harbour Post · 9 Mar 2021"),
        (types.Attribution(None, (), "denies"), "denied by Harbour Post · 9 Mar 2021"),
        (types.Attribution(None, (), "reports"), "reported, unnamed sources · Harbour Post · 9 Mar 2021"),
        (types.Attribution("locals", (), "reports"), "reported, according to locals · Harbour Post · 9 Mar 2021"),
        (types.Attribution(None, ("Radio",)), "via Radio · Harbour Post · 9 Mar 2021"),
    ],
)
def test_attribution_is_said_in_words(attribution: types.Attribution, line: str) -> None:
    cited = replace(fakes.citation(1, "harbour", "The ferry did not sail on Tuesday."), attribution=attribution)
    assert render.attribution_line(cited) == line


def test_an_article_without_outlet_or_day_is_named_by_its_title() -> None:
    assert render.attribution_line(fakes.loose_citation(1, "Words.")) == "Loose leaf · no date"


def test_headline_counts_what_is_there() -> None:
    assert render.headline(fakes.disputed()) == (
        "Sources disagree: three positions, three quotes, two outlets, three origins"
    )
    assert render.headline(fakes.unanswered()) == "Nothing in the library answers this"
    narrowed = replace(fakes.unanswered(), scope=types.Scope(outlets=("Harbour Post",)))
    assert render.headline(narrowed) == "Nothing in the chosen articles answers this"


def test_headline_counts_articles_where_an_outlet_is_unknown() -> None:
    cited = tuple(fakes.loose_citation(n, f"Words {n}.") for n in range(1, 15))
    answer = replace(fakes.agreed(), positions=(fakes.position("words", *cited),))
    assert render.headline(answer) == "One source answers: one position, 14 quotes, one article"


# --- the terminal -----------------------------------------------------------------------------


@pytest.mark.parametrize("width", [30, 40, 80, 200])
@pytest.mark.parametrize("name", ANSWERS)
def test_terminal_crops_nothing(name: str, width: int) -> None:
    shown = in_terminal(ANSWERS[name](), width)
    assert max(map(len, shown.splitlines())) <= min(width, 100)
    letters = re.sub(r"[^\w“”]", "", shown)
    for c in ANSWERS[name]().citations:
        assert re.sub(r"[^\w“”]", "", f"“{render.visible(c.quote.text)}”") in letters
    for p in ANSWERS[name]().positions:
        assert re.sub(r"\W", "", p.label) in letters
    assert "…" not in shown
    assert "\x1b" not in shown
    assert not re.search(r" $", shown, re.MULTILINE)


def test_a_long_label_moves_inside_its_panel() -> None:
    label = "a label that no panel of eighty columns could ever carry in the line of its border, as it is a sentence"
    answer = replace(fakes.agreed(), positions=(fakes.position(label, *fakes.agreed().citations),))
    assert re.sub(r"\W", "", label) in re.sub(r"\W", "", in_terminal(answer, 60))


def test_colour_is_for_terminals_only() -> None:
    console = Console(file=io.StringIO(), width=80, force_terminal=True, color_system="standard", legacy_windows=False)
    print_answer(console, fakes.disputed(), fakes.context_of)
    assert "\x1b[" in console.file.getvalue()  # type: ignore[attr-defined]


def listed(**changes: Any) -> Any:
    fields = {"id": "harbour", "title": "Ferry held", "outlet": None, "published": None, "words": 35, "copy_of": None}
    return SimpleNamespace(**(fields | changes))


def printed(show: Any, what: Any, width: int = 60) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None, legacy_windows=False)
    show(console, what)
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def test_the_list_of_sources_crops_nothing_in_a_terminal() -> None:
    title = "A title [bold]of so many words[/bold] that it cannot stand in one line of sixty columns \x1b[31m"
    shown = printed(print_sources, [listed(title=title, copy_of="other"), listed(published=dt.date(2021, 3, 9))])
    assert max(map(len, shown.splitlines())) <= 60
    assert re.sub(r"\W", "", title + "copyofother") in re.sub(r"\W", "", shown)
    assert "\x1b" not in shown
    assert "2 articles" in shown
    assert "whosays ingest" in printed(print_sources, [])


def test_an_article_in_a_terminal_cannot_drive_it() -> None:
    article = types.Article(
        "a", "Title\x1b]0;x\x07", "One.\n\n\x1b[2JTwo [red]words[/red].", (types.Block(0, 4, "furniture"),)
    )
    shown = printed(print_article, article)
    assert "\x1b" not in shown
    assert "Two [red]words[/red]." in shown


# --- the summary ------------------------------------------------------------------------------


def test_summary_says_who_says_what() -> None:
    assert fakes.disputed().summary == (
        "Sources disagree: “striking dockers” according to port authority [1]; a denial from union (not its members) "
        "[2]; “Storm warnings” according to unnamed sources in Evening Courier [3]."
    )


def test_summary_without_positions_carries_no_marker() -> None:
    assert "[" not in summarise("unanswered", ())


def test_summary_quotes_only_verbatim_words() -> None:
    cited = fakes.citation(1, "harbour", "striking dockers had chained the gates")
    assert "“" not in summarise("answered", (fakes.position("Striking dockers", cited),))
    assert "“striking dockers”" in summarise("answered", (fakes.position("striking dockers.", cited),))


@given(st.integers(1, 8), st.integers(1, 5))
def test_every_sentence_of_a_summary_carries_markers(positions: int, each: int) -> None:
    numbers = iter(range(1, 100))
    made = tuple(
        fakes.position(f"Label {i}", *(fakes.loose_citation(next(numbers), "Words.") for _ in range(each)))
        for i in range(positions)
    )
    sentences = summarise("disputed", made).removesuffix(".").split(". ")
    assert len(sentences) <= 3
    assert all(re.search(r"\[\d+\]$", s) for s in sentences)
    assert len(set(re.findall(r"\[\d+\]", " ".join(sentences)))) >= positions


def test_an_update_is_told_as_one() -> None:
    first = fakes.position("nine hours", fakes.citation(1, "harbour", "It was held at the quay for nine hours."))
    later = fakes.citation(2, "courier", "Passengers slept in the terminal.")
    told = summarise("answered", (first, fakes.position("a night", later, relation="updates")))
    assert (
        told == "“nine hours” according to Harbour Post [1]; at another time, a night according to Evening Courier [2]."
    )


def test_days_do_not_depend_on_the_locale() -> None:
    assert [render.day_words(dt.date(2020, m, 1)) for m in (5, 10, 12)] == ["1 May 2020", "1 Oct 2020", "1 Dec 2020"]


if __name__ == "__main__" and "--write" in sys.argv:
    for golden_name, make in ANSWERS.items():
        for suffix, show in FORMS.items():
            (GOLDEN / f"{golden_name}.{suffix}").write_text(show(make()), encoding="utf-8")


def test_silent_articles_are_named_for_people_and_those_left_out_are_counted() -> None:
    answer = replace(fakes.disputed(), silent=tuple(types.Silent(str(n), "nothing in it is near") for n in range(8)))
    out = io.StringIO()
    print_answer(
        Console(file=out, width=100), answer, fakes.context_of, lambda id_: f"Article {id_} (The Post, 1 Jan 2020)"
    )
    told = " ".join(out.getvalue().split())
    assert "Article 4 (The Post, 1 Jan 2020); and 3 more: nothing in it is near" in told
    assert "Article 5" not in told
    assert "Article 7 (The Post" in render.to_markdown(answer, name_of=lambda id_: f"Article {id_} (The Post")


def test_a_line_names_an_article_by_what_is_known_of_it() -> None:
    article = types.Article(id="a", title="Storm\x1b[31m at sea", text="", blocks=(), path="a.txt")
    assert render.article_name(article) == "Storm\ufffd[31m at sea"
    dated = replace(article, outlet="The Post", published=dt.date(2020, 1, 2))
    assert render.article_name(dated) == "Storm\ufffd[31m at sea (The Post, 2 Jan 2020)"
