"""The table of positions by articles and the timeline: each cell in words, each number a button, no markup let in."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import fakes
import pytest
from browser import in_browser

from rag.render import day_words
from rag.types import Answer, Attribution, Citation, Position, Quote, Silent, Stance
from ui.ledger import COLUMNS, cite_button, ledger_html
from ui.timeline import SHOWN, timeline_html
from ui.turns import answer_html

UI = Path(__file__).parent.parent / "ui"
PAYLOAD = '<img src=x onerror="harmed=1"><script>harmed=2</script>&\'\u202e'
LONG = (
    "The miller said that the drier had been running since noon, that nobody had been told to watch it, and that the "
    "rules of the house ask for two pairs of eyes beside it at all hours of the day and of the night."
)


# --- answers ----------------------------------------------------------------------------------


def cite(
    n: int,
    article: str,
    words: str = "It was the drier.",
    *,
    day: int | None = None,
    outlet: str | None = None,
    title: str = "",
    speaker: str | None = None,
    via: tuple[str, ...] = (),
    stance: Stance = "asserts",
) -> Citation:
    """A citation of an article that nobody holds; `day` is a day of May 2019."""
    published = dt.date(2019, 5, day) if day else None
    quote = Quote(article, 0, len(words), words)
    named = title or f"On {article}"
    return Citation(n, quote, named, outlet, published, None, None, Attribution(speaker, via, stance))


def answer(*positions: Position, silent: int = 0) -> Answer:
    outcome = "disputed" if len(positions) > 1 else "answered"
    quiet = tuple(Silent(f"quiet{i}", "nothing in it is near the question") for i in range(silent))
    question = "What set the mill on fire?"
    return Answer(question, question, outcome, "It depends.", positions=positions, silent=quiet)


def mill(silent: int = 0) -> Answer:
    """Three positions over three articles: two outlets on one day, and a letter without outlet or day."""
    drier = (
        cite(1, "lantern", outlet="Lantern", day=6, speaker="fire brigade"),
        cite(2, "bell", outlet="Bell", day=6, stance="reports"),
        cite(3, "lantern", LONG, outlet="Lantern", day=6),
    )
    denial = (
        cite(4, "bell", "The company denies it.", outlet="Bell", day=6, speaker="company", stance="denies"),
        cite(5, "bell", "Its drier was off.", outlet="Bell", day=6),
    )
    lamp = (cite(6, "letter", "I saw a lamp.", speaker="watchman"), cite(7, "early", "A lamp.", outlet="Post", day=3))
    return answer(
        Position("the drier", "disputes", (), drier),
        Position("not the drier", "disputes", (), denial),
        Position("a lamp", "disputes", (), lamp),
        silent=silent,
    )


def hostile() -> Answer:
    told = cite(
        1, "trap", f"{PAYLOAD} {LONG}", day=1, outlet=PAYLOAD, title=PAYLOAD, speaker=PAYLOAD, via=(f"via {PAYLOAD}",)
    )
    bare = cite(2, PAYLOAD, PAYLOAD, title=PAYLOAD, speaker=f"a {PAYLOAD}", stance="denies")
    made = answer(Position(PAYLOAD, "agrees", (), (told, bare)), silent=1)
    return dataclasses.replace(made, question=PAYLOAD)


def lone(silent: int = 0) -> Answer:
    return answer(Position("the drier", "agrees", (), (cite(1, "bell"),)), silent=silent)


def title_of(article: str) -> str:
    return f"The title of {article}"


def shown(given: Answer, turn: int = 0) -> str:
    return ledger_html(given, turn, title_of)


# --- reading HTML -----------------------------------------------------------------------------


class Seen(HTMLParser):
    """What a browser makes of HTML: its tags, its text, and its tables' cells as (tag, attributes, text) by row."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.rows: list[list[tuple[str, dict[str, str | None], str]]] = []
        self.feed(source)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append((tag, dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if "th" in self.open or "td" in self.open:
            tag, attrs, so_far = self.rows[-1][-1]
            self.rows[-1][-1] = (tag, attrs, so_far + data)

    def grid(self) -> list[list[str]]:
        return [[text for _, _, text in row] for row in self.rows]


def buttons(source: str) -> list[str]:
    return re.findall(r'<button type="button" class="cite".*?</button>', source)


# --- the table --------------------------------------------------------------------------------

NOTHING = "nothing here for this position"


def test_the_table_tells_in_words_who_says_each_position_and_who_says_nothing() -> None:
    assert Seen(shown(mill(silent=1))).grid() == [
        [
            "Position",
            "Post 3 May 2019 On early",
            "Bell 6 May 2019 On bell",
            "Lantern 6 May 2019 On lantern",
            "On letter no date",
            "The title of quiet0",
        ],
        ["the drier", NOTHING, "reports [2]", "asserts [1] [3]", NOTHING, "silent"],
        ["not the drier", NOTHING, "asserts [5] and denies [4]", NOTHING, NOTHING, "silent"],
        ["a lamp", "asserts [7]", NOTHING, NOTHING, "asserts [6]", "silent"],
    ]


@pytest.mark.parametrize("given", [mill(), mill(3), mill(30), fakes.disputed(), fakes.agreed(), hostile()])
def test_every_position_has_a_cell_for_every_column_and_heads_say_what_they_head(given: Answer) -> None:
    head, *rows = Seen(shown(given)).rows
    assert [(tag, attrs["scope"]) for tag, attrs, _ in head] == [("th", "col")] * len(head)
    assert len(rows) == len(given.positions)
    for (tag, attrs, _), *cells in rows:
        assert (tag, attrs["scope"]) == ("th", "row")
        assert [cell for cell, _, _ in cells] == ["td"] * (len(head) - 1)
        assert all(text.strip() for _, _, text in cells)


def test_the_buttons_are_those_of_the_cards() -> None:
    given = fakes.disputed()
    in_cards = set(buttons(answer_html(given, 3, fakes.context_of, title_of)))
    assert {cite_button(c, 3) for c in given.citations} == in_cards
    assert set(buttons(shown(given, 3))) == in_cards
    assert set(buttons(timeline_html(given, 3))) == in_cards


def test_each_quote_stands_in_the_table_and_in_the_timeline_once() -> None:
    given = mill(2)
    for page in (shown(given), timeline_html(given, 0)):
        numbers = sorted(int(str(a["data-n"])) for t, a in Seen(page).tags if t == "button")
        assert numbers == [c.n for c in given.citations]


def test_silent_articles_past_eight_columns_stand_together_and_are_counted() -> None:
    cited = 4
    apart, folded = Seen(shown(mill(COLUMNS - cited))).grid(), Seen(shown(mill(COLUMNS - cited + 1))).grid()
    assert len(apart[0]) == 1 + COLUMNS
    assert apart[0][-1] == "The title of quiet3"
    assert len(folded[0]) == 1 + cited + 1
    assert folded[0][-1] == "5 others: silent"
    assert [row[-1] for row in folded[1:]] == ["silent"] * 3


def test_a_single_silent_article_keeps_its_name_beside_many_that_are_cited() -> None:
    many = tuple(cite(n, f"a{n}", outlet=f"O{n}") for n in range(1, COLUMNS + 1))
    head = Seen(shown(answer(Position("the drier", "agrees", (), many), silent=1))).grid()[0]
    assert len(head) == 1 + COLUMNS + 1
    assert head[-1] == "The title of quiet0"


def test_an_article_that_is_cited_has_no_second_column_as_silent() -> None:
    given = dataclasses.replace(mill(), silent=(Silent("bell", "?"), Silent("hush", "?"), Silent("hush", "?")))
    head = Seen(shown(given)).grid()[0]
    assert len(head) == 1 + 4 + 1
    assert head[-1] == "The title of hush"


def test_the_caption_counts_the_articles_and_the_key_explains_only_the_words_that_are_there() -> None:
    text = Seen(shown(mill(2))).text
    assert "A row for each position; across, 4 articles that answer and 2 that are silent." in text
    assert all(f"{word}: " in text for word in ("asserts", "denies", "reports", "silent"))
    one = Seen(shown(lone())).text
    assert "across, 1 article that answers. A number opens the quote." in one
    assert "asserts: " in one
    assert not any(word in one for word in ("denies", "reports", "silent"))
    assert "1 article that answers and 1 that is silent." in Seen(shown(lone(1))).text


def test_the_table_scrolls_in_a_region_that_the_keyboard_reaches_and_that_has_a_name() -> None:
    tags = Seen(shown(mill())).tags
    region = next(attrs for _, attrs in tags if attrs.get("role") == "region")
    assert region["tabindex"] == "0"
    assert region["aria-label"] == "Who says what, as a table: What set the mill on fire?"
    names = [tag for tag, _ in tags]
    assert names.index("table") + 1 == names.index("caption")


def test_where_nothing_answers_a_line_says_why_there_is_no_table_and_no_timeline() -> None:
    table, line = shown(fakes.unanswered()), timeline_html(fakes.unanswered(), 0)
    assert Seen(table).text == "Nothing in the library answers this, so there is no table."
    assert Seen(line).text == "Nothing in the library answers this, so there is no timeline."
    assert [t for t, _ in Seen(table).tags + Seen(line).tags] == ["p", "p"]


# --- the timeline -----------------------------------------------------------------------------


def days(source: str) -> list[str]:
    return re.findall(r"<h3>(?:<time [^>]*>)?([^<]*)", source)


def test_days_come_oldest_first_and_those_unknown_last() -> None:
    page = timeline_html(mill(), 0)
    assert days(page) == ["3 May 2019", "6 May 2019", "Day unknown"]
    assert [a["datetime"] for t, a in Seen(page).tags if t == "time"] == ["2019-05-03", "2019-05-06"]
    assert [int(n) for n in re.findall(r'data-n="(\d+)"', page)] == [7, 1, 2, 3, 4, 5, 6]


def test_an_item_tells_the_position_the_quote_and_who_says_it() -> None:
    page = timeline_html(fakes.disputed(), 0)
    items = [Seen(item).text for item in re.findall(r'<li>(<p class="label">.*?</p>)</li>', page)]
    assert items == [
        "striking dockers“striking dockers had chained the gates”port authority, via Coast Radio · Harbour Post [1]",
        "not its members“The union denies that its members did so.”denied by union · Harbour Post [2]",
        "Storm warnings“Storm warnings kept the ferry in port”reported, unnamed sources · Evening Courier [3]",
    ]


@pytest.mark.parametrize(
    ("told", "line"),
    [
        (cite(1, "a", outlet="Bell", day=2), "Bell"),
        (cite(1, "a", outlet="Bell", day=2, speaker="bell"), "bell"),
        (cite(1, "a", outlet="Bell", speaker="Oda", via=("Bell",)), "Oda, via Bell"),
        (cite(1, "a", outlet="Bell", stance="denies"), "denied by Bell"),
        (cite(1, "a", outlet="Bell", day=2, speaker="Bell", stance="denies"), "denied by Bell"),
        (cite(1, "a", outlet="Bell", day=2, speaker="spokesman of the Bell"), "spokesman of the Bell · Bell"),
        (cite(1, "a", title="A letter", speaker="Oda"), "Oda · A letter"),
    ],
)
def test_who_says_it_names_the_outlet_once_and_leaves_the_day_to_its_heading(told: Citation, line: str) -> None:
    page = timeline_html(answer(Position("so", "agrees", (), (told,))), 0)
    assert f'<p class="who">{line} <button' in page


def words_of(quote: str) -> str:
    page = timeline_html(answer(Position("so", "agrees", (), (cite(1, "a", quote),))), 0)
    found = re.search(r'<p class="words">(.*?)</p>', page)
    assert found is not None
    return Seen(found[1]).text


def test_a_long_quote_is_cut_between_words_with_the_dots_outside_its_marks() -> None:
    told = words_of(LONG)
    cut = told.removeprefix("“").removesuffix("” …")
    assert told == f"“{cut}” …"
    assert LONG.startswith(cut + " ")
    assert SHOWN - 12 < len(cut) <= SHOWN


def test_a_quote_that_just_fits_is_whole() -> None:
    fits = LONG[:SHOWN].rstrip()
    assert words_of(fits) == f"“{fits}”"
    assert words_of("It was the drier.") == "“It was the drier.”"


def test_words_that_end_just_where_the_cut_falls_stay() -> None:
    words = "mill " * (SHOWN // 5 - 1) + "mills"
    assert len(words) == SHOWN
    assert words_of(f"{words} and more") == f"“{words}” …"


def test_a_long_first_word_is_never_broken() -> None:
    word = "o" * (SHOWN + 20)
    assert words_of(word) == f"“{word}”"
    assert words_of(f"{word} and more") == f"“{word}” …"


@pytest.mark.parametrize("marks", ["“”", '""'])
def test_a_cut_quote_within_its_own_marks_gets_no_second_ones(marks: str) -> None:
    told = words_of(f"{marks[0]}{LONG}{marks[1]}")
    assert told.endswith(f"{marks[1]} …")
    assert LONG.startswith(told[1:-3] + " ")
    assert told == words_of(f"{marks[0]}{LONG}{marks[1]} the miller said.")  # the cut falls before its own end


def test_a_cut_quote_that_holds_the_whole_of_another_is_marked_as_a_whole() -> None:
    told = words_of(f"“No,” said the miller. {LONG}")
    assert told.startswith("““No,” said the miller. The miller said")
    assert told.endswith("” …")


# --- article text is data ---------------------------------------------------------------------

TAGS = set("div p table caption thead tbody tr th td span time button b ol ul li h3".split())
ATTRIBUTES = set("class role tabindex scope title datetime type data-turn data-n aria-label".split())


def test_articles_that_hold_markup_are_shown_as_text() -> None:
    for page in (ledger_html(hostile(), 0, lambda id_: f"{PAYLOAD} of {id_}"), timeline_html(hostile(), 0)):
        assert "<img" not in page
        assert "<script" not in page
        assert "\u202e" not in page
        seen = Seen(page)
        assert {tag for tag, _ in seen.tags} <= TAGS
        assert {name for _, attrs in seen.tags for name in attrs} <= ATTRIBUTES
        assert "<script>harmed=2</script>&'\ufffd" in seen.text


def test_each_place_where_article_text_stands_shows_it_whole() -> None:
    visible = PAYLOAD.replace("\u202e", "\ufffd")
    head, row = Seen(ledger_html(hostile(), 0, lambda _: PAYLOAD)).rows
    assert [attrs.get("title") for _, attrs, _ in head] == [None, visible, visible, visible]
    assert [text for _, _, text in head] == [
        "Position",
        f"{visible} {day_words(dt.date(2019, 5, 1))} {visible}",
        f"{visible} no date",
        visible,
    ]
    assert row[0][2] == visible
    items = re.findall(r'<p class="(label|words|who)">(.*?)</p>', timeline_html(hostile(), 0))
    assert len(items) == 6
    assert all(visible in Seen(item).text for _, item in items)


# --- how it looks -----------------------------------------------------------------------------


def test_the_style_takes_its_colours_from_the_page_and_touches_nothing_else() -> None:
    style = (UI / "ledger.css").read_text(encoding="utf-8")
    page = (UI / "style.css").read_text(encoding="utf-8")
    known = set(re.findall(r"(--[\w-]+):", page))
    assert set(re.findall(r"var\((--[\w-]+)", style)) <= known
    bare = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", bare)
    assert not [told for _, told in rules if re.search(r"#[0-9a-fA-F]{3,8}\b|\brgb|\bhsl", told)]
    selectors = [s.strip() for rule, _ in rules for s in rule.split(",")]
    ours = re.compile(r"#(panes|conversation) \.(ledger|timeline)\b|#(ledger|timeline) \.(ledger|timeline|aside)\b")
    assert selectors
    assert [s for s in selectors if not ours.match(s)] == []


@pytest.mark.slow
@in_browser
def test_on_a_phone_only_the_table_scrolls_sideways_and_its_labels_stay_in_sight(browser: Any) -> None:
    style = "".join((UI / name).read_text(encoding="utf-8") for name in ("style.css", "ledger.css"))
    panes = f'<div id="ledger">{shown(mill(4))}</div><div id="timeline">{timeline_html(mill(), 0)}</div>'
    page_html = f'<!doctype html><style>body {{ margin: 0 }} {style}</style><div id="panes">{panes}</div>'
    page = browser.new_page(viewport={"width": 375, "height": 800})
    page.set_content(page_html)
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    moved = page.evaluate(
        """() => {
          const box = document.querySelector(".sideways");
          const edges = (s) => box.querySelector(s).getBoundingClientRect();
          const lefts = () => ["tbody th", "caption span"].map((s) => edges(s).left);
          const before = lefts();
          box.scrollLeft = 10000;
          return { far: box.scrollLeft, before, after: lefts(), right: edges("caption span").right };
        }"""
    )
    page.close()
    assert moved["far"] > 300
    assert moved["after"] == moved["before"]
    assert moved["right"] <= 375
