"""The command line: what each exit code means, that errors are one line, and that the commands do what they say."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fakes
import pytest
import scripted
from pytest_httpserver import HTTPServer

import rag.ask
import rag.models
import rag.parse
from rag import cli
from rag.errors import LibraryError, ModelError, UsageError
from rag.events import Done
from rag.library import Library
from rag.render import from_dict, to_dict
from rag.types import Answer, Article, Block, Scope

Capture = pytest.CaptureFixture[str]


def in_library(article_id: str) -> Article:
    text = fakes.TEXTS[article_id]
    at, blocks = 0, []
    for paragraph in text.split("\n\n"):
        blocks.append(Block(at, at + len(paragraph)))
        at += len(paragraph) + 2
    return Article(
        id=article_id,
        title=fakes.TITLES[article_id],
        text=text,
        blocks=tuple(blocks),
        outlet=fakes.OUTLETS[article_id],
        published=fakes.DAYS[article_id],
        path=f"/articles/{article_id}.txt",
    )


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library of the articles in fakes.py, whole sentences but no tokens and no vectors."""
    from rag.split import split

    folder = tmp_path / "library"
    with Library.create(folder) as kept:
        for article_id in fakes.TEXTS:
            article = in_library(article_id)
            sentences, passages = split(article)
            kept.put(article, sentences, passages, [() for _ in sentences])
    monkeypatch.setenv("WHOSAYS_LIBRARY", str(folder))
    monkeypatch.delenv("WHOSAYS_MODEL", raising=False)
    return folder


@pytest.fixture
def asked(library: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Replaces the engine by one that answers from fakes.py; yields the calls it got."""
    calls: list[Any] = []
    opened = Library.open(library)

    def open_tools(settings: Any, engine: str = "auto", patience: float | None = None) -> Any:
        calls.append(("open", settings.library))
        return SimpleNamespace(index=SimpleNamespace(library=opened, close=lambda: None), model=None)

    def ask(
        question: str, tools: Any, scope: Scope = Scope(), engine: str = "auto", earlier: Sequence[str] = ()
    ) -> Answer:
        calls.append((question, scope, engine))
        if not question.strip():
            raise UsageError("the question is empty")
        if "crash" in question:
            raise RuntimeError("a bug\nof two lines")
        if "model" in question:
            raise ModelError("the model server at host.example is gone: start it")
        return fakes.unanswered() if "cost" in question else fakes.disputed()

    def steps(question: str, tools: Any, scope: Scope, engine: str, earlier: Sequence[str], live: bool) -> Any:
        yield Done(ask(question, tools, scope, engine, earlier))

    def ask_closed(
        question: str,
        docs: Sequence[tuple[str, str]],
        tools: Any,
        engine: str = "auto",
        earlier: Sequence[str] = (),
    ) -> Answer:
        calls.append((question, docs, engine))
        return fakes.agreed()

    monkeypatch.setattr(rag.ask, "open_tools", open_tools)
    monkeypatch.setattr(rag.ask, "ask", ask)
    monkeypatch.setattr(rag.ask, "steps", steps)
    monkeypatch.setattr(rag.ask, "open_closed", lambda *_: calls.append("closed") or SimpleNamespace(model=None))
    monkeypatch.setattr(rag.ask, "ask_closed", ask_closed)
    yield calls
    opened.close()


def one_line(capture: Capture) -> str:
    """What was said on stderr: one line, and no traceback."""
    told = capture.readouterr().err
    assert told.startswith("whosays: ")
    assert told.count("\n") == 1, told
    return told


# --- usage ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "args",
    [
        ["ask"],
        ["ask", ""],
        ["ask", "  \n "],
        ["ask", "Who?", "--engine", "oracle"],
        ["ask", "Who?", "--since", "last week"],
        ["ask", "Who?", "--since", "20161214"],
        ["ask", "Who?", "--until", "2016-02-30"],
        ["ask", "Who?", "--since", "2016-02-02", "--until", "2016-02-01"],
        ["ask", "Who?", "--json", "--markdown"],
        ["ask", "Who?", "--loudly"],
        ["tell"],
        ["batch", "questions.json"],
        ["remove"],
        ["serve", "--port", "many"],
        ["serve", "--port", "70000"],
        ["serve", "--auth", "me"],
        ["cases"],
        ["ingest"],
        ["--library"],
    ],
)
def test_wrong_usage_is_exit_2_and_one_line(args: list[str], asked: list[Any], capsys: Capture) -> None:
    assert cli.main(args) == 2
    one_line(capsys)
    assert asked == []


def test_nothing_at_all_shows_the_help(capsys: Capture) -> None:
    assert cli.main([]) == 2
    assert "Usage: whosays" in capsys.readouterr().err


@pytest.mark.parametrize("args", [["--help"], ["-h"], ["ask", "--help"], ["--version"]])
def test_help_and_version_are_exit_0(args: list[str], capsys: Capture) -> None:
    assert cli.main(args) == 0
    out = capsys.readouterr().out
    assert "Usage: whosays" in out or out.startswith("whosays ")


def test_help_names_every_command(capsys: Capture) -> None:
    cli.main(["--help"])
    out = capsys.readouterr().out
    for name in ("ingest", "sources", "remove", "doctor", "ask", "batch", "check", "chat", "serve", "eval", "cases"):
        assert f"\n  {name} " in out


# --- failing ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command", [["ask", "Who?"], ["sources"], ["remove", "x"], ["doctor"], ["chat"], ["cases", "x.yaml"]]
)
def test_a_missing_library_is_one_line_that_says_what_to_do(
    command: list[str], tmp_path: Path, capsys: Capture
) -> None:
    assert cli.main(["--library", str(tmp_path / "none"), *command]) == 1
    told = one_line(capsys)
    assert str(tmp_path / "none") in told
    assert "whosays ingest" in told


def test_an_engine_error_is_one_line(asked: list[Any], capsys: Capture) -> None:
    assert cli.main(["ask", "Which model?"]) == 1
    assert one_line(capsys) == "whosays: the model server at host.example is gone: start it\n"


def test_a_bug_is_one_line_too_and_debug_shows_the_traceback(asked: list[Any], capsys: Capture) -> None:
    assert cli.main(["ask", "Will it crash?"]) == 1
    assert "unexpected RuntimeError: a bug of two lines" in one_line(capsys)
    assert cli.main(["ask", "Will it crash?", "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_ctrl_c_is_exit_130_and_says_nothing(
    asked: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def interrupted(*args: Any, **more: Any) -> Answer:
        raise KeyboardInterrupt

    monkeypatch.setattr(rag.ask, "steps", interrupted)
    assert cli.main(["ask", "Who?"]) == 130
    assert capsys.readouterr() == ("", "")


# --- asking -----------------------------------------------------------------------------------


def test_ask_prints_positions_and_the_context_of_a_quote(asked: list[Any], capsys: Capture) -> None:
    assert cli.main(["ask", "Who kept the ferry in port?"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Sources disagree: three positions")
    assert "It was held at the quay for nine hours." in out
    assert "\x1b" not in out


def test_ask_as_json_is_the_contract(asked: list[Any], capsys: Capture) -> None:
    assert cli.main(["ask", "Who?", "--json"]) == 0
    assert from_dict(json.loads(capsys.readouterr().out)) == fakes.disputed()


def test_ask_as_markdown(asked: list[Any], capsys: Capture) -> None:
    assert cli.main(["ask", "Who?", "--markdown"]) == 0
    assert "> “striking dockers had chained the gates”" in capsys.readouterr().out


def test_an_unanswered_question_is_exit_0(asked: list[Any], capsys: Capture) -> None:
    assert cli.main(["ask", "What did it cost?"]) == 0
    assert "Nothing in the library answers this." in capsys.readouterr().out


def test_filters_and_engine_reach_the_engine(asked: list[Any]) -> None:
    filters = ["--since", "2021-03-01", "--until", "2021-03-31", "--outlet", "A", "--outlet", "B", "--article", "x"]
    assert cli.main(["ask", "Who?", *filters, "--engine", "extractive"]) == 0
    scope = Scope(dt.date(2021, 3, 1), dt.date(2021, 3, 31), ("A", "B"), ("x",))
    assert asked[-1] == ("Who?", scope, "extractive")


@pytest.mark.parametrize("place", ["before", "after", "joined"])
def test_the_library_may_be_named_anywhere(place: str, library: Path, asked: list[Any], tmp_path: Path) -> None:
    library.rename(tmp_path / "other")
    args = {
        "before": ["--library", str(tmp_path / "other"), "ask", "Who?"],
        "after": ["ask", "Who?", "--library", str(tmp_path / "other")],
        "joined": ["ask", "Who?", f"--library={tmp_path / 'other'}"],
    }[place]
    assert cli.main(args) == 0
    assert asked[0] == ("open", tmp_path / "other")


def test_a_question_may_look_like_an_option(asked: list[Any]) -> None:
    assert cli.main(["ask", "--", "--debug"]) == 0
    assert asked[-1][0] == "--debug"


def test_the_host_that_gets_the_text_is_named(
    asked: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("WHOSAYS_MODEL", "some-model")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://models.example:8000/v1")
    cli.main(["ask", "Who?"])
    assert "models.example:8000 (model some-model)" in capsys.readouterr().err
    cli.main(["ask", "Who?", "--engine", "extractive"])
    assert "models.example" not in capsys.readouterr().err


def test_chat_goes_on_after_an_error_and_ends_with_the_input(
    asked: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    lines = iter(["Who?", "", "Which model?", "What did it cost?"])

    def typed(prompt: str = "") -> str:
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", typed)
    assert cli.main(["chat"]) == 0
    told = capsys.readouterr()
    assert "Sources disagree" in told.out
    assert "Nothing in the library answers this." in told.out
    assert "the model server at host.example is gone" in told.err
    assert [call[0] for call in asked] == ["open", "Who?", "Which model?", "What did it cost?"]


# --- batch ------------------------------------------------------------------------------------


def test_batch_answers_each_over_its_own_ground(asked: list[Any], tmp_path: Path, capsys: Capture) -> None:
    rows = [
        {"id": "open", "question": "Who?"},
        {"id": "own", "question": "Did it?", "docs": [{"doc_id": "d", "text": "It did not."}]},
    ]
    questions, out = tmp_path / "q.jsonl", tmp_path / "a.jsonl"
    questions.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert cli.main(["batch", str(questions), "--out", str(out), "--engine", "extractive"]) == 0
    answers = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [a["id"] for a in answers] == ["open", "own"]
    assert [from_dict(a) for a in answers] == [fakes.disputed(), fakes.agreed()]
    assert asked[-1] == ("Did it?", (("d", "It did not."),), "extractive")
    assert [call for call in asked if call == "closed"] == ["closed"]
    assert "2 answered, 0 failed" in capsys.readouterr().err


def test_batch_with_a_failing_row_is_exit_1_and_complete(asked: list[Any], tmp_path: Path) -> None:
    questions, out = tmp_path / "q.json", tmp_path / "a.jsonl"
    items = [{"id": 1, "question": " "}, {"id": 2, "question": "Which model?"}, {"id": 3, "question": "Who?"}]
    questions.write_text(json.dumps({"items": items}), encoding="utf-8")
    assert cli.main(["batch", str(questions), "--out", str(out)]) == 1
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in rows] == [1, 2, 3]
    assert ["error" in row for row in rows] == [True, True, False]
    assert rows[1]["question"] == "Which model?"


def test_batch_refuses_malformed_questions_before_anything_is_opened(
    asked: list[Any], tmp_path: Path, capsys: Capture
) -> None:
    questions = tmp_path / "q.json"
    questions.write_text('{"items": [{"id": "a"}]}', encoding="utf-8")
    assert cli.main(["batch", str(questions), "--out", str(tmp_path / "a.jsonl")]) == 2
    assert "item 1" in one_line(capsys)
    assert asked == []
    assert cli.main(["batch", str(tmp_path / "none.json"), "--out", str(tmp_path / "a.jsonl")]) == 1


def test_documents_of_their_own_need_no_library(asked: list[Any], tmp_path: Path) -> None:
    questions = tmp_path / "q.jsonl"
    questions.write_text('{"id": 1, "question": "Did it?", "docs": []}', encoding="utf-8")
    args = ["--library", str(tmp_path / "none"), "batch", str(questions), "--out", str(tmp_path / "a.jsonl")]
    assert cli.main(args) == 0


# --- checking ---------------------------------------------------------------------------------


def exported(tmp_path: Path, **changes: Any) -> Path:
    """fakes.agreed() as a file, its one citation changed."""
    data = to_dict(fakes.agreed())
    data["positions"][0]["citations"][0] |= changes
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def test_check_is_exit_0_when_every_quote_stands(library: Path, tmp_path: Path, capsys: Capture) -> None:
    assert cli.main(["check", str(exported(tmp_path))]) == 0
    out = capsys.readouterr().out
    assert "[1] stands" in out
    assert "1 of 1 quotes stand" in out


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"start": 20, "end": 54}, "moved"),
        ({"quote": "The ferry did sail on Tuesday.", "end": 30}, "vanished"),
        ({"article": "nowhere"}, "vanished"),
    ],
)
def test_check_is_exit_1_when_one_does_not(
    changes: dict[str, Any], verdict: str, library: Path, tmp_path: Path, capsys: Capture
) -> None:
    assert cli.main(["check", str(exported(tmp_path, **changes))]) == 1
    out = capsys.readouterr().out
    assert f"[1] {verdict}" in out
    assert "0 of 1 quotes stand" in out


def test_check_against_files_needs_no_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setenv("WHOSAYS_LIBRARY", str(tmp_path / "none"))
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "harbour.txt").write_text(fakes.HARBOUR + "\n", encoding="utf-8")
    (articles / "broken.txt").write_bytes(b"\x00\x01\x02")
    answer = exported(tmp_path)
    assert cli.main(["check", str(answer), "--articles", str(articles)]) == 0
    told = capsys.readouterr()
    assert "[1] stands" in told.out
    assert "broken.txt" in told.err
    (articles / "harbour.txt").write_text("Another text altogether stands here now.\n", encoding="utf-8")
    assert cli.main(["check", str(answer), "--articles", str(articles)]) == 1


@pytest.mark.parametrize(("content", "code"), [("{", 2), ("[]", 2), ("{}", 2), (None, 1)])
def test_check_refuses_what_is_no_answer(
    content: str | None, code: int, library: Path, tmp_path: Path, capsys: Capture
) -> None:
    path = tmp_path / "answer.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    assert cli.main(["check", str(path)]) == code
    one_line(capsys)


# --- the library ------------------------------------------------------------------------------


def test_sources_in_a_pipe_are_one_a_line_parted_by_tabs(library: Path, capsys: Capture) -> None:
    assert cli.main(["sources"]) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [row[0] for row in rows] == list(fakes.TEXTS)
    assert rows[0][1:3] == ["2021-03-09", "Harbour Post"]


def test_sources_as_json(library: Path, capsys: Capture) -> None:
    assert cli.main(["sources", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in rows] == list(fakes.TEXTS)
    assert rows[0]["published"] == "2021-03-09"


def again(folder: Path, *near: tuple[str, str]) -> None:
    """(id, text) more in the library of `folder`, one paragraph each."""
    from rag.split import split

    with Library.open(folder) as kept:
        for id_, text in near:
            article = Article(id_, id_.upper(), text, (Block(0, len(text)),), path=f"/articles/{id_}.txt")
            sentences, passages = split(article)
            kept.put(article, sentences, passages, [() for _ in sentences])


TIDE = "The tide was lower on Tuesday than anyone in the harbour of Norsund could remember, the pilots said."


def test_sources_tell_where_nearly_the_same_text_stands(library: Path, capsys: Capture) -> None:
    again(
        library,
        ("tide", TIDE),
        ("print", TIDE),
        ("desk", f"{TIDE} The ferry waited."),
        ("cut", TIDE.removesuffix(", the pilots said.")),
    )
    assert cli.main(["sources"]) == 0
    titles = [line.split("\t")[-1] for line in capsys.readouterr().out.splitlines()][len(fakes.TEXTS) :]
    assert titles == [
        "TIDE (all of it in desk and 2 more)",
        "PRINT (copy of tide)",
        "DESK (86% of it in print and 2 more)",
        "CUT (all of it in desk and 2 more)",
    ]
    assert cli.main(["sources", "--json"]) == 0
    rows = {row["id"]: row["near_copies"] for row in json.loads(capsys.readouterr().out)}
    assert rows["harbour"] == []
    assert rows["desk"][:2] == [{"id": "print", "share": 0.857}, {"id": "tide", "share": 0.857}]


def test_sources_of_a_large_library_say_where_near_copies_are_told(
    library: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    again(library, ("tide", TIDE), ("desk", f"{TIDE} The ferry waited."))
    monkeypatch.setattr("rag.near_copies.QUICKLY", len(fakes.TEXTS) + 1)
    assert cli.main(["sources"]) == 0
    told = capsys.readouterr()
    assert "of it in" not in told.out
    assert told.err.endswith("take longer: whosays sources --json\n")


def test_show_prints_the_text_as_it_is_kept(library: Path, capsys: Capture) -> None:
    assert cli.main(["sources", "--show", "harbour"]) == 0
    assert capsys.readouterr().out.endswith(f"\n\n{fakes.HARBOUR}\n")
    assert cli.main(["sources", "--show", "harbour", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["text"] == fakes.HARBOUR
    assert cli.main(["sources", "--show", "nowhere"]) == 1
    assert "nowhere" in one_line(capsys)


@pytest.fixture
def articles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of article files; the models are replaced by small ones."""
    monkeypatch.setattr(rag.models, "OnnxEmbedder", lambda *_: scripted.FakeEmbedder())
    monkeypatch.setattr(rag.models, "embedder_weights", lambda choice: None)
    monkeypatch.setattr(rag.parse, "Parser", scripted.FakeParser)
    monkeypatch.setenv("WHOSAYS_LIBRARY", str(tmp_path / "made"))
    monkeypatch.setenv("no_proxy", "*")  # addresses of this machine are fetched
    folder = tmp_path / "articles"
    folder.mkdir()
    for article_id, text in fakes.TEXTS.items():
        (folder / f"{article_id}.txt").write_text(text + "\n", encoding="utf-8")
    return folder


def test_a_library_is_made_kept_and_emptied(articles: Path, capsys: Capture) -> None:
    assert cli.main(["ingest", str(articles)]) == 0
    assert "3 added; the library holds 3 articles" in capsys.readouterr().out
    assert cli.main(["ingest", "--quiet", str(articles)]) == 0
    assert capsys.readouterr() == ("", "")
    assert cli.main(["ingest", str(articles)]) == 0
    assert "3 unchanged" in capsys.readouterr().out
    assert cli.main(["remove", "harbour", "nowhere"]) == 1
    assert "nowhere" in one_line(capsys)
    assert cli.main(["remove", "harbour"]) == 0
    assert "1 article removed; the library holds 2 articles" in capsys.readouterr().out
    assert cli.main(["doctor"]) == 0
    assert "2 articles, 2 passages: library and vectors are equal" in capsys.readouterr().out


def test_a_bad_file_is_named_and_the_others_are_kept(articles: Path, capsys: Capture) -> None:
    (articles / "empty.txt").touch()
    (articles / "copy.txt").write_text(fakes.COURIER + "\n", encoding="utf-8")
    assert cli.main(["ingest", str(articles)]) == 1
    told = capsys.readouterr()
    assert told.err.count("\n") == 1
    assert "empty.txt" in told.err
    assert "the same text as" in told.out
    assert "4 added, 1 failed; the library holds 4 articles" in told.out
    (articles / "harbour.txt").unlink()
    assert cli.main(["ingest", "--quiet", str(articles)]) == 1
    assert "empty.txt" in one_line(capsys)
    assert cli.main(["ingest", str(articles)]) == 1
    assert "harbour: its file is gone" in capsys.readouterr().out


def test_rows_with_a_map(articles: Path, tmp_path: Path, capsys: Capture) -> None:
    table = tmp_path / "rows.csv"
    table.write_text("key,body\na,The ferry sailed at noon.\nb,The ferry sank at one.\n", encoding="utf-8")
    assert cli.main(["ingest", str(table), "--map", "id=key,text=body"]) == 0
    assert "2 added" in capsys.readouterr().out
    assert cli.main(["ingest", str(table), "--map", "id=key,words=body"]) == 2
    assert "words" in one_line(capsys)


def test_a_slip_of_the_pen_makes_no_library(articles: Path, tmp_path: Path, capsys: Capture) -> None:
    assert cli.main(["ingest", str(tmp_path / "artciles")]) == 1
    assert "artciles" in one_line(capsys)
    assert not (tmp_path / "made").exists()


def test_an_address_is_fetched_and_read_with_the_files(
    articles: Path, httpserver: HTTPServer, tmp_path: Path, capsys: Capture
) -> None:
    httpserver.expect_request("/tide").respond_with_data("The tide was low.\n", content_type="text/plain")
    address = httpserver.url_for("/tide")
    assert cli.main(["ingest", address, str(articles), address]) == 0
    assert "4 added; the library holds 4 articles" in capsys.readouterr().out
    assert len(httpserver.log) == 1
    assert cli.main(["sources", "--show", "localhost-tide", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["url"] == address
    assert cli.main(["ingest", "--quiet", address]) == 0
    assert capsys.readouterr() == ("", "")


def test_an_address_that_fails_is_a_line_and_the_others_are_kept(
    articles: Path, httpserver: HTTPServer, capsys: Capture
) -> None:
    httpserver.expect_request("/tide").respond_with_data("The tide was low.\n", content_type="text/plain")
    gone, ftp = httpserver.url_for("/gone"), "ftp://post.example/tide"
    httpserver.expect_request("/gone").respond_with_data("", status=404)
    assert cli.main(["ingest", gone, str(articles), ftp, httpserver.url_for("/tide")]) == 1
    told = capsys.readouterr()
    assert told.err.splitlines() == [
        f"whosays: {gone}: there is no such page (404 Not Found): check the address",
        f"whosays: {ftp}: only http and https addresses are fetched: save the page from a browser and add the file",
    ]
    assert "4 added, 2 failed; the library holds 4 articles" in told.out


@pytest.mark.parametrize("address", ["HTTPS:post.example/tide", "ftp://post.example/tide", "http://me:you@127.0.0.1/"])
def test_an_address_that_fails_alone_makes_no_library(
    address: str, articles: Path, tmp_path: Path, capsys: Capture
) -> None:
    assert cli.main(["ingest", address]) == 1
    one_line(capsys)
    assert cli.main(["ingest", address, "http://"]) == 1
    assert capsys.readouterr().err.count("\n") == 2
    assert not (tmp_path / "made").exists()


def test_a_library_that_differs_is_exit_1_until_repaired(articles: Path, tmp_path: Path, capsys: Capture) -> None:
    import shutil

    from rag.vectors import FOLDER

    cli.main(["ingest", str(articles)])
    shutil.rmtree(tmp_path / "made" / FOLDER)
    capsys.readouterr()
    assert cli.main(["doctor"]) == 1
    assert "whosays doctor --repair" in one_line(capsys)
    assert cli.main(["doctor", "--repair"]) == 0
    assert "repaired: " in capsys.readouterr().out


def test_a_library_in_use_is_one_line(articles: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    from rag.index import Index

    def held(*args: Any, **options: Any) -> Any:
        raise LibraryError("library x is being written by process 7: wait for it")

    monkeypatch.setattr(Index, "open", held)
    assert cli.main(["ingest", str(articles)]) == 1
    assert "process 7" in one_line(capsys)


# --- serving ----------------------------------------------------------------------------------


def test_serve_hands_its_options_to_the_page(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    got: list[Any] = []
    page = SimpleNamespace(serve=lambda settings, **options: got.append((settings.library, options)))
    monkeypatch.setitem(sys.modules, "ui.app", page)
    assert cli.main(["serve", "--port", "7000", "--auth", "me:a:b", "--root-path", "/who"]) == 0
    options = {"host": "127.0.0.1", "port": 7000, "auth": ("me", "a:b"), "root_path": "/who", "share": False}
    assert got == [(library, options)]


# --- the process ------------------------------------------------------------------------------


def whosays(*args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rag.cli", *args],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
        timeout=60,
    )


def test_help_loads_nothing_heavy() -> None:
    heavy = "chromadb spacy onnxruntime numpy gradio llama_index trafilatura rich rag.library rag.ask".split()
    code = f"import sys; from rag.cli import main; main(['--help']); print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("\n[]\n")


def test_the_exit_code_reaches_the_shell(tmp_path: Path) -> None:
    done = whosays("--library", str(tmp_path / "none"), "sources")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("whosays: no library at ")
    assert whosays("ask", "").returncode == 2
    assert whosays("--version").returncode == 0


def test_a_terminal_without_curly_quotes_is_no_crash(library: Path) -> None:
    done = whosays("sources", "--show", "harbour", PYTHONIOENCODING="ascii")
    assert done.returncode == 0


def test_a_closed_pipe_is_no_traceback(library: Path) -> None:
    command = f"{sys.executable} -m rag.cli sources --json | true"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == ""
