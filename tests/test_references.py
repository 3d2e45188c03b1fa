"""References: every cited article once, under a key that stays, and text that no program reads as its own language."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import fakes
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.references import key_of, references, to_bibtex, to_csl_json
from rag.render import visible
from rag.types import Answer, Citation

PAYLOAD = "<img src=x onerror=alert(1)><script>alert(2)</script>"


def cited(article: str, n: int = 1, **changes: object) -> Citation:
    """A citation of an article of this id; `changes` replace what it says of it."""
    made = fakes.loose_citation(n, "Words.", **changes)
    return replace(made, quote=replace(made.quote, article=article))


def answer(*citations: Citation) -> Answer:
    numbered = (replace(c, n=n) for n, c in enumerate(citations, 1))
    return replace(fakes.agreed(), positions=(fakes.position("label", *numbered),))


# --- reading BibTeX as BibTeX does ------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    kind: str
    key: str
    fields: dict[str, str]


def entries(text: str) -> list[Entry]:
    """The entries of a file. BibTeX counts every brace, also one behind a backslash, and ends a value where they are
    even; this reads the same way, and fails where anything is left over."""
    found, at = [], 0
    while match := re.compile(r"\s*@([a-z]+)\{([^\s,{}\"#%'()=~\\]+),").match(text, at):
        fields, at = {}, match.end()
        while field := re.compile(r"\s*([a-z]+) = ").match(text, at):
            value, at = value_at(text, field.end())
            assert field[1] not in fields
            fields[field[1]] = value
            assert text[at] == ","
            at += 1
        assert text[at : at + 2] == "\n}"
        found.append(Entry(match[1], match[2], fields))
        at += 2
    assert not text[at:].strip()
    return found


def value_at(text: str, at: int) -> tuple[str, int]:
    """The value that begins there, without its outer braces, and where it ends."""
    if text[at] != "{":
        word = re.compile(r"[a-z]+").match(text, at)
        assert word
        return word[0], word.end()
    depth = 0
    for end in range(at, len(text)):
        depth += (text[end] == "{") - (text[end] == "}")
        if depth == 0:
            return text[at + 1 : end], end + 1
    raise AssertionError("a brace is never closed")


NAMES = {
    "textbackslash": "\\",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "textless": "<",
    "textgreater": ">",
    "textbraceleft": "{",
    "textbraceright": "}",
}


def printed(value: str) -> str:
    """What TeX prints for a value in a second pair of braces. Fails where a character would act instead."""
    assert value[0] + value[-1] == "{}"
    return "".join(pieces(value[1:-1]))


def pieces(tex: str) -> Iterator[str]:
    for piece in re.findall(r"\{\\[a-z]+\}|\\.|.", tex, re.DOTALL):
        if piece.startswith("{\\"):
            yield NAMES[piece[2:-1]]
        elif piece.startswith("\\"):
            assert piece[1] in "%&$#_{}"
            yield piece[1]
        else:
            assert piece not in "%&$#_{}~^\\"
            yield piece


# --- which articles ---------------------------------------------------------------------------


def test_an_article_stands_once_however_often_it_is_quoted() -> None:
    found = references((fakes.disputed(), fakes.unanswered(), fakes.agreed()))
    assert [(r.article, r.cited) for r in found] == [
        ("harbour", ((1, 1), (1, 2), (3, 1))),
        ("courier", ((1, 3), (2, 1))),
    ]
    assert found[0].places == ((1, (1, 2)), (3, (1,)))
    assert len(entries(to_bibtex((fakes.disputed(), fakes.unanswered(), fakes.agreed())))) == 2


def test_an_article_that_is_silent_is_no_reference() -> None:
    assert "almanac" not in to_bibtex((fakes.disputed(),)) + to_csl_json((fakes.disputed(),))


def test_the_latest_answer_tells_what_an_article_is_called() -> None:
    first, later = answer(cited("a", title="Old title", outlet="Bell")), answer(cited("a", title="New title"))
    assert [(r.title, r.outlet) for r in references((first, later))] == [("New title", None)]


def test_nothing_cited_is_no_entry_and_an_empty_list() -> None:
    assert to_bibtex(()) == ""
    assert json.loads(to_csl_json(())) == []


# --- BibTeX -----------------------------------------------------------------------------------


def test_an_article_on_the_web_is_online_and_one_on_paper_an_article() -> None:
    day = dt.date(2021, 3, 9)
    found = entries(
        to_bibtex(
            (
                answer(
                    cited(
                        "web",
                        title="Ferry held",
                        outlet="Bell",
                        published=day,
                        url="https://bell.example/a?b=1&c=%20#d_e",
                    ),
                    cited("paper", title="Ferry freed", outlet="Bell", published=dt.date(987, 12, 31)),
                    cited("leaf"),
                ),
            )
        )
    )
    assert found[0] == Entry(
        "online",
        "web",
        {
            "title": "{Ferry held}",
            "organization": "{Bell}",
            "date": "2021-03-09",
            "year": "2021",
            "month": "mar",
            "day": "9",
            "url": "https://bell.example/a?b=1&c=%20#d_e",
        },
    )
    assert (found[1].kind, found[1].fields["journal"], found[1].fields["date"]) == ("article", "{Bell}", "0987-12-31")
    assert found[2] == Entry("misc", "leaf", {"title": "{Loose leaf}"})


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/x", "//bell.example", ""])
def test_only_a_web_address_is_an_address(url: str) -> None:
    given = (answer(cited("a", url=url)),)
    assert "url" not in entries(to_bibtex(given))[0].fields
    assert "URL" not in json.loads(to_csl_json(given))[0]


def test_an_address_closes_no_brace() -> None:
    [found] = entries(to_bibtex((answer(cited("a", url="https://bell.example/}}@misc{x,\\^" + PAYLOAD)),)))
    assert re.fullmatch(r"https://[\w.%/@,=()+-]+", found.fields["url"])


@pytest.mark.parametrize(
    ("title", "tex"),
    [
        ("50% of A&B: $3, #1, a_b", r"50\% of A\&B: \$3, \#1, a\_b"),
        (r"C:\new ~ ^", r"C:{\textbackslash}new {\textasciitilde} {\textasciicircum}"),
        ("a {pair} of {{braces}}", r"a \{pair\} of \{\{braces\}\}"),
        ("one { alone", r"one {\textbraceleft} alone"),
        ("} wrong way round {", r"{\textbraceright} wrong way round {\textbraceleft}"),
        ("Žižek – “日本” naïve", "Žižek – “日本” naïve"),
        ("two\nlines\tand \x1b[31mred", "two lines and \ufffd[31mred"),
    ],
)
def test_special_characters_are_printed_and_never_act(title: str, tex: str) -> None:
    [found] = entries(to_bibtex((answer(cited("a", title=title)),)))
    assert found.fields["title"] == f"{{{tex}}}"


@given(st.lists(st.text(alphabet="ab {}\\%&$#_~^<>\"'@=,\n|é日\x00", max_size=30), min_size=1, max_size=4))
def test_no_text_leaves_its_field(texts: list[str]) -> None:
    given = answer(*(cited(f"id{i}", title=t, outlet=t, published=dt.date(2020, 5, 1)) for i, t in enumerate(texts)))
    found = entries(to_bibtex((given,)))
    assert [e.key for e in found] == [f"id{i}" for i in range(len(texts))]
    for entry, text in zip(found, texts, strict=True):
        assert printed(entry.fields["title"]) == (visible(text) or entry.key)
        assert "journal" not in entry.fields or printed(entry.fields["journal"]) == visible(text)


# --- keys -------------------------------------------------------------------------------------


def test_a_plain_id_is_its_own_key() -> None:
    assert [key_of(i) for i in ("aleppo-ap", "news.2016_3", "7")] == ["aleppo-ap", "news.2016_3", "7"]


@pytest.mark.parametrize("id_", ["Ünï çödé/é", "a b", "A", "{", "日本", "x" * 500, "a,b", "@misc{x,", "\ud800", "-a"])
def test_any_other_id_gives_a_key_that_every_program_takes(id_: str) -> None:
    assert re.fullmatch(r"[a-z0-9][a-z0-9._-]*-[0-9a-f]{8}", key_of(id_))
    assert len(key_of(id_)) <= 60


IDS = st.text(min_size=1, max_size=8) | st.text(alphabet="aAé -.", min_size=1, max_size=4)


@given(st.sets(IDS, max_size=8))
def test_no_two_ids_share_a_key_and_a_key_is_not_an_ids_own(ids: set[str]) -> None:
    keys = {id_: key_of(id_) for id_ in ids}
    assert len(set(keys.values())) == len(ids)
    for id_, key in keys.items():
        assert key == id_ or key_of(key) != key  # what was made into a key is not left free for another id


def test_a_key_does_not_depend_on_what_else_is_cited() -> None:
    alone = entries(to_bibtex((answer(cited("Big Id")),)))[0].key
    among = [e.key for e in entries(to_bibtex((answer(cited("big id"), cited("Big Id"), cited("BIG ID")),)))]
    assert among[1] == alone
    assert len(set(among)) == 3


# --- CSL-JSON ---------------------------------------------------------------------------------


def test_csl_json_says_what_is_known_and_leaves_out_the_rest() -> None:
    day = dt.date(2021, 3, 9)
    given = answer(
        cited("My Id", title="Ferry “held” & {freed}", outlet="Bell", published=day, url="https://bell.example/"),
        cited("leaf"),
    )
    first, second = json.loads(to_csl_json((given,)))
    assert first == {
        "id": key_of("My Id"),
        "type": "article-newspaper",
        "title": "Ferry “held” & {freed}",
        "container-title": "Bell",
        "issued": {"date-parts": [[2021, 3, 9]]},
        "URL": "https://bell.example/",
    }
    assert second == {"id": "leaf", "type": "article-newspaper", "title": "Loose leaf"}
    assert [e.key for e in entries(to_bibtex((given,)))] == [first["id"], second["id"]]


def test_text_that_tries_to_be_markup_stays_text_in_both() -> None:
    given = (answer(cited(PAYLOAD, title=PAYLOAD, outlet=PAYLOAD, url=f'https://a.example/"{PAYLOAD}')),)
    [item] = json.loads(to_csl_json(given))
    [entry] = entries(to_bibtex(given))
    assert item["title"] == item["container-title"] == PAYLOAD  # data as it is: whoever prints it escapes it
    assert printed(entry.fields["title"]) == printed(entry.fields["organization"]) == PAYLOAD
    for text in (item["id"], item["URL"], entry.key, entry.fields["url"]):
        assert not set(text) & set("<>\"'{}\\ ")
