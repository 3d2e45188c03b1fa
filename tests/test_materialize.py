"""Suites hold offsets: they must come out as the words they were written for, or not at all."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evals.materialize import main, materialize, read_folder, read_table
from rag.errors import ReadError

ROOT = Path(__file__).parent.parent
SUITES = ROOT / "evals" / "suites"
REAL = ROOT.parent / "shared" / "corpus" / "aleppo"
TEXT = "The mayor said the bridge was shut. Drivers “crossed it” all the same.\n"


def load(name: str) -> dict[str, Any]:
    suite: dict[str, Any] = json.loads((SUITES / name).read_text(encoding="utf-8"))
    return suite


def suite_over(text: str, spans: list[list[int]]) -> dict[str, Any]:
    known = {"sha256": hashlib.sha256(text.encode("utf-8")).hexdigest(), "characters": len(text)}
    position = {"name": "shut", "spans": {"bridge": spans}, "speakers": {"bridge": {str(spans[0][0]): "the mayor"}}}
    item = {"id": "x1", "question": "Was it shut?", "kind": "agreed", "positions": [position], "silent": [], "note": ""}
    return {"articles": {"bridge": known}, "items": [item]}


def test_spans_become_the_words_they_hold_and_nothing_of_them_is_left() -> None:
    start = TEXT.index("Drivers")
    made = materialize(suite_over(TEXT, [[15, 35], [start, start + 20]]), {"bridge": TEXT})
    assert made["items"][0]["positions"] == [
        {
            "name": "shut",
            "quotes": {"bridge": ["the bridge was shut.", "Drivers “crossed it”"]},
            "speakers": {"bridge": {"the bridge was shut.": "the mayor"}},
        }
    ]


def test_a_speaker_where_no_span_begins_is_refused() -> None:
    suite = suite_over(TEXT, [[15, 35]])
    suite["items"][0]["positions"][0]["speakers"] = {"bridge": {"3": "the mayor"}}
    with pytest.raises(ReadError, match="item x1: a speaker is named at 3 of article bridge"):
        materialize(suite, {"bridge": TEXT})


def test_another_text_is_refused_by_name() -> None:
    with pytest.raises(ReadError, match=r"article bridge: .* get the same text"):
        materialize(suite_over(TEXT, [[15, 35]]), {"bridge": TEXT.replace("shut", "open")})


def test_a_missing_article_is_refused_by_name() -> None:
    with pytest.raises(ReadError, match="article bridge: not among the 1 articles"):
        materialize(suite_over(TEXT, [[15, 35]]), {"tunnel": TEXT})


@pytest.mark.parametrize("span", [[15, len(TEXT) + 1], [35, 15], [-3, 5]])
def test_a_span_that_is_not_in_the_text_is_refused(span: list[int]) -> None:
    with pytest.raises(ReadError, match="item x1"):
        materialize(suite_over(TEXT, [span]), {"bridge": TEXT})


def test_rows_that_share_an_id_are_named_as_the_library_names_them(tmp_path: Path) -> None:
    table = tmp_path / "rows.csv"
    table.write_bytes(b"key,body\r\n7,first\r\n7,second\r\n8,third\r\n")
    assert read_table(table, "key", "body") == {"7": "first", "7-2": "second", "8": "third"}
    with pytest.raises(ReadError, match="no column 'text': it has key, body"):
        read_table(table, "key", "text")


def test_two_files_of_one_key_are_refused(tmp_path: Path) -> None:
    for name in ("000_one.txt", "000_two.txt"):
        (tmp_path / name).write_text(TEXT, encoding="utf-8")
    with pytest.raises(ReadError, match="the key 000 is taken"):
        read_folder(tmp_path)


def test_the_command_writes_the_quotes_and_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, texts = tmp_path / "out.json", tmp_path / "texts.json"
    bundled = str(SUITES / "bundled.json")
    assert main([bundled, str(ROOT / "corpus"), str(out), "--texts", str(texts)]) == 0
    articles = json.loads(texts.read_text(encoding="utf-8"))
    first = json.loads(out.read_text(encoding="utf-8"))["items"][0]["positions"][0]["quotes"]
    assert all(quote in articles[key] for key, quotes in first.items() for quote in quotes)
    assert main([bundled, str(tmp_path / "none"), str(out)]) == 1
    assert main([bundled, str(out)]) == 2
    assert "no article there" in capsys.readouterr().err


def test_the_bundled_suite_quotes_the_bundled_articles_in_whole_words() -> None:
    texts = read_folder(ROOT / "corpus")
    suite = load("bundled.json")
    made = materialize(suite, texts)
    assert set(suite["articles"]) == set(texts)
    for item in made["items"]:
        for position in item["positions"]:
            for key, quotes in position["quotes"].items():
                for quote in quotes:
                    assert len(quote.split()) >= 4, f"{item['id']}: {quote!r} in {key} is no clause"
                    before, after = texts[key].split(quote, 1)
                    assert not (before[-1:] + quote[0]).isalnum() or not before, f"{item['id']}: {quote!r}"
                    assert not (quote[-1] + after[:1]).isalnum() or not after, f"{item['id']}: {quote!r}"


def bundled_marks() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """(item, article, start, mark) of every span whose speaker is marked."""
    for item in load("bundled.json")["items"]:
        for position in item["positions"]:
            for key, marks in position.get("speakers", {}).items():
                assert {int(at) for at in marks} <= {start for start, _ in position["spans"][key]}, item["id"]
                yield from ((item["id"], key, at, mark) for at, mark in marks.items())


def test_speakers_and_those_between_stand_at_spans_and_are_named_in_the_article() -> None:
    texts = {key: text.lower() for key, text in read_folder(ROOT / "corpus").items()}
    for item, key, at, mark in bundled_marks():
        assert set(mark) == {"speaker", "via"}, f"{item}: {key} at {at}"
        for name in (mark["speaker"], *mark["via"]):
            assert name.lower() in texts[key], f"{item}: {name!r} is not in {key}"
        assert mark["speaker"] not in mark["via"], f"{item}: {key} at {at}"


def test_a_passage_has_one_speaker_and_one_chain_in_every_question() -> None:
    said: dict[tuple[str, str], dict[str, Any]] = {}
    for item, key, at, mark in bundled_marks():
        assert said.setdefault((key, at), mark) == mark, f"{item}: {key} at {at}"
    assert sum(bool(mark["via"]) for mark in said.values()) >= 20


def test_every_follow_up_has_the_questions_before_it_and_says_what_it_means() -> None:
    items = load("bundled.json")["items"]
    following = [item for item in items if item["id"].startswith("f")]
    assert Counter(item["kind"] for item in following) == {"contested": 4, "agreed": 4, "unanswerable": 2}
    for item in following:
        assert 1 <= len(item["history"]) <= 2, item["id"]
        assert all(isinstance(asked, str) and asked.endswith("?") for asked in item["history"]), item["id"]
        assert item["standalone"].endswith("?"), item["id"]
        assert item["standalone"] not in (item["question"], *item["history"]), item["id"]
    alone = [item for item in items if item not in following]
    assert not any("history" in item or "standalone" in item for item in alone)


@pytest.mark.parametrize("name", ["aleppo.json", "bundled.json"])
def test_a_suite_is_well_formed(name: str) -> None:
    suite = load(name)
    items = suite["items"]
    assert len({item["id"] for item in items}) == len(items)
    assert len({item["question"] for item in items}) == len(items)
    for item in items:
        count = len(item["positions"])
        fits = {"contested": count > 1, "agreed": count > 0, "unanswerable": count == 0}[item["kind"]]
        assert fits, f"{item['id']}: {count} positions, {item['kind']}"
        cited = {key for position in item["positions"] for key in position["spans"]}
        assert cited.isdisjoint(item["silent"]), item["id"]
        assert cited | set(item["silent"]) <= set(suite["articles"]), item["id"]


@pytest.mark.skipif(not REAL.is_dir(), reason="the real articles are not on this machine")
def test_the_aleppo_suite_fits_the_real_articles() -> None:
    made = materialize(load("aleppo.json"), read_folder(REAL))
    quotes = [
        quote
        for item in made["items"]
        for position in item["positions"]
        for found in position["quotes"].values()
        for quote in found
    ]
    assert quotes
    assert all(quote == quote.strip() and "\n" not in quote and len(quote.split()) >= 4 for quote in quotes)
