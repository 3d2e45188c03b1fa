"""Every kind of bad model in the catalogue answers over HTTP: no fault breaks the way, none goes untold, and nothing
that it writes stands in quotation marks."""

from __future__ import annotations

import dataclasses
import datetime as dt
import errno
import json
import re
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import scripted
from bad_models import (
    ARTICLES,
    BAD,
    FOR_EVER,
    GOOD_LABELS,
    SAID,
    SCRIPT,
    WHO,
    Bad,
    Play,
    Says,
    body_of,
    chats,
    in_pieces,
    message,
    stream,
)
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from rag.ask import ClosedTools, Tools, ask_closed, steps
from rag.errors import ModelError
from rag.events import Done, Positions, Quotes
from rag.library import Library
from rag.llm import open_model
from rag.render import from_dict, to_dict, to_html, to_json, to_markdown
from rag.settings import CONTEXT, Settings
from rag.split import split
from rag.types import Answer, Article, Block, Position

SCHEMA = Path(__file__).resolve().parent.parent / "rag" / "answer.schema.json"
MARKED = re.compile(r"[“„«\"]([^“”„«»\"]*)[”“»\"]")
MARK = re.compile(r"[“”„«»\"]")
BUSY = 2.0  # seconds of the processor that an answer may take: a reply must not hold up whoever waits
SHOWN = 600  # characters of a note or a reason, at the most


# --- the library ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shelves:
    """An index over the catalogue's articles, whose searches bring everything."""

    library: Library

    def search_words(self, text: str, limit: int, articles: Collection[str] | None) -> list[tuple[str, float]]:
        ids = [s.id for s in self.library.summaries() if articles is None or s.id in articles]
        return [(p.id, 1.0) for i in ids for p in self.library.passages(i)][:limit]

    def search_vectors(self, vector: object, limit: int, articles: Collection[str] | None) -> list[tuple[str, float]]:
        return self.search_words("", limit, articles)


class NoEmbedder:
    def embed_query(self, text: str) -> None:
        return None


def article(id_: str) -> Article:
    title, outlet, day, lines = ARTICLES[id_]
    text, blocks = "", []
    for line in lines:
        blocks.append(Block(len(text), len(text) + len(line)))
        text += f"{line}\n\n"
    return Article(id_, title, text, tuple(blocks), outlet, dt.date.fromisoformat(day), path=f"{id_}.txt")


@pytest.fixture(scope="module")
def shelves(parser: Any) -> Iterator[Shelves]:
    with Library.memory() as library:
        for each in map(article, ARTICLES):
            sentences, passages = split(each)
            library.put(each, sentences, passages, parser.parse([s.text for s in sentences]))
        yield Shelves(library)


# --- the server -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[HTTPServer]:
    """One with a thread a call, so that a call that hangs holds nobody up."""
    with HTTPServer(host="127.0.0.1", threaded=True) as listening:
        yield listening


@dataclass
class Player:
    """Gives a row's answers in turn."""

    plays: Sequence[Play]
    over: threading.Event
    requests: list[dict[str, Any]] = dataclasses.field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        body = json.loads(request.get_data())
        self.requests.append(body)
        play = self.plays[min(len(self.requests), len(self.plays)) - 1]
        return self.response(play if isinstance(play, Says) else play(body), bool(body.get("stream")))

    def response(self, says: Says, streaming: bool) -> Response:
        self.over.wait(says.waits) if says.waits else None
        if streaming and says.sound:
            says = dataclasses.replace(stream(*in_pieces(says.reply)), waits=says.waits, drips=says.drips)
        data = body_of(says)
        return Response(
            self.dripping(data, says.drips) if says.drips else [data],
            says.status,
            {**says.headers, **({"content-length": str(len(data) + says.short)} if says.short else {})},
            content_type=says.kind,
        )

    def dripping(self, data: bytes, pause: float) -> Iterator[bytes]:
        for at in range(0, len(data), 64):
            if self.over.wait(pause):
                return
            yield data[at : at + 64]


@pytest.fixture(scope="module")
def quick() -> Iterator[None]:
    """Without what takes a client's time here for nothing: half a second before a lost connection is tried again, and
    the certificates of the world, which are read for every client."""
    no_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("openai._base_client.MAX_RETRY_DELAY", 0.01)
        patch.setattr(ssl, "create_default_context", lambda *_, **__: no_tls)
        yield


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


# --- asking -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asking:
    """One question put to one bad model: its answer, and the positions that were told on the way."""

    answer: Answer
    early: tuple[Position, ...]
    requests: Sequence[dict[str, Any]]


Ask = Callable[..., Asking]
"""(row, engine, whether somebody watches, where replies are kept, tokens that the settings say it takes)"""


@pytest.fixture
def ask(shelves: Shelves, server: HTTPServer, quick: None) -> Iterator[Ask]:
    over, models, players = threading.Event(), [], []
    server.clear()
    server.expect_request("/v1/chat/completions", method="POST").respond_with_handler(lambda r: players[-1](r))

    def asked(bad: Bad, engine: Any, live: bool, kept: str = "off", context: int = CONTEXT) -> Asking:
        players.append(Player(bad.plays, over))
        url = f"http://127.0.0.1:{closed_port()}/v1" if bad.nobody else server.url_for("/v1")
        settings = Settings(model="bad", base_url=url, key="k", patience=bad.patience, kept=kept, context=context)
        model = open_model(settings)
        assert model
        models.append(model)
        tools = Tools(shelves, NoEmbedder(), scripted.ScriptedReader(SCRIPT), settings, model)  # type: ignore[arg-type]
        events = list(steps(bad.question, tools, engine=engine, earlier=bad.earlier, live=live))
        (done,) = [e for e in events if isinstance(e, Done)]
        early = tuple(p for e in events if isinstance(e, Positions) for p in e.positions)
        assert any(isinstance(e, Quotes) for e in events)
        return Asking(done.answer, early, players[-1].requests)

    yield asked
    over.set()
    for model in models:
        model.close()


@pytest.fixture(scope="module")
def unread(shelves: Shelves) -> Answer:
    """The answer without a language model, which stands in where one was no help."""
    tools = Tools(shelves, NoEmbedder(), scripted.ScriptedReader(SCRIPT), Settings())  # type: ignore[arg-type]
    (done,) = [e for e in steps(WHO, tools, engine="extractive") if isinstance(e, Done)]
    assert done.answer.positions
    return done.answer


# --- what is true of every answer -------------------------------------------------------------


@cache
def contract() -> Any:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


@cache
def text_of(id_: str) -> str:
    return article(id_).text


def sound(answer: Answer, early: Sequence[Position] = ()) -> None:
    """Whatever the model did: the answer can be written, its quotes are the articles' own words, and so is whatever
    stands in quotation marks."""
    contract().validate(to_dict(answer))
    assert from_dict(to_dict(answer)) == answer
    assert json.loads(to_json(answer).encode()) == to_dict(answer)
    for shown in (to_markdown(answer), to_html(answer)):
        assert shown.encode()
        assert "<script" not in shown
    quotes_hold(answer, early)
    words_hold(answer, early)
    reasons_hold(answer)
    if answer.usage:
        assert min(answer.usage.prompt_tokens, answer.usage.completion_tokens) >= 0


def quotes_hold(answer: Answer, early: Sequence[Position]) -> None:
    for c in (*answer.citations, *(c for p in early for c in p.citations)):
        text = text_of(c.quote.article)
        assert text[c.quote.start : c.quote.end] == c.quote.text
        if c.context:
            assert text[slice(*c.context)].strip()
        for name in (c.attribution.speaker, *c.attribution.via):
            assert name is None or name in text


def words_hold(answer: Answer, early: Sequence[Position]) -> None:
    cited = {c.quote.article for p in (*answer.positions, *early) for c in p.citations}
    cited |= {c.quote.article for c in answer.nearest}
    labels = [p.label for p in (*answer.positions, *early)]
    for words in (answer.summary, *labels, *answer.notes, *(r.reason for r in answer.rejected)):
        assert not unchecked(words, cited), f"in quotation marks, and in no cited article: {words[:300]!r}"
    for r in answer.rejected:
        assert not unchecked(r.text, ARTICLES), f"in quotation marks, and in no article: {r.text[:300]!r}"
    for label in labels:
        assert any(c.isalnum() for c in label)
        assert not re.search(r"\[\s*\d", label), f"a marker of the model's own: {label!r}"


def unchecked(words: str, articles: Collection[str]) -> list[str]:
    """What stands in quotation marks in none of the articles, and every mark without its other half."""
    strange = [m for m in MARKED.findall(words) if not any(m in text_of(a) for a in articles)]
    return strange + MARK.findall(MARKED.sub("", words))


def reasons_hold(answer: Answer) -> None:
    known = {f"[{c.n}]" for c in answer.citations}
    assert set(re.findall(r"\[\s*\d+\s*\]", answer.summary)) <= known, answer.summary
    assert "\n" not in answer.summary
    for words in (*answer.notes, *(r.reason for r in answer.rejected), *(r.text for r in answer.rejected)):
        assert "\n" not in words, f"more than one line: {words[:300]!r}"
        assert len(words) <= SHOWN, f"{len(words)} characters: {words[:300]!r}"


# --- where the fault is told ------------------------------------------------------------------


def told(bad: Bad, answer: Answer, unread: Answer) -> None:
    match bad.told:
        case "rejected":
            reasons = [r.reason for r in answer.rejected]
            assert any(bad.words in reason for reason in reasons), (reasons, answer.summary)
            assert (answer.engine, answer.notes) == ("llm", ())
        case "note" | "error":
            assert any("without" in note and bad.words in note for note in answer.notes), answer.notes
            stands_in(bad, answer, unread)
        case "fine":
            assert (answer.engine, answer.notes, answer.rejected) == ("llm", (), ())
    shown(bad, answer)


def stands_in(bad: Bad, answer: Answer, unread: Answer) -> None:
    if not bad.stands_in:
        assert answer.engine == "llm"
        return
    assert (answer.engine, answer.model, answer.prompt) == ("extractive", None, None)
    assert (answer.outcome, answer.positions, answer.summary) == (unread.outcome, unread.positions, unread.summary)


def shown(bad: Bad, answer: Answer) -> None:
    expected = GOOD_LABELS if bad.labels is None and bad.told == "fine" else bad.labels
    assert expected is None or tuple(p.label for p in answer.positions) == expected


# --- the kinds --------------------------------------------------------------------------------


def ways(bad: Bad) -> Iterator[tuple[str, bool]]:
    """The engines to ask with, and whether somebody watches: a sound completion can come in pieces too. A reply that
    cannot be used is noted even where a model must read."""
    yield "llm" if bad.told == "note" else "auto", bad.live
    if not bad.live and all(isinstance(play, Says) and play.sound for play in bad.plays):
        yield "auto", True


@pytest.mark.parametrize("bad", BAD, ids=lambda b: b.name)
def test_every_fault_is_told_and_nothing_unchecked_is_quoted(bad: Bad, ask: Ask, unread: Answer) -> None:
    for engine, live in ways(bad):
        began = time.process_time()
        asking = ask(bad, engine, live)
        assert time.process_time() - began < BUSY
        sound(asking.answer, asking.early)
        told(bad, asking.answer, unread)
    if bad.told == "error":
        with pytest.raises(ModelError, match=re.escape(bad.words)) as caught:
            ask(bad, "llm", bad.live)
        one_line(str(caught.value))


def one_line(words: str) -> None:
    assert "\n" not in words
    assert not MARK.search(words)
    assert len(words) <= SHOWN


def kind(name: str) -> Bad:
    (found,) = [b for b in BAD if b.name == name]
    return found


@pytest.mark.parametrize("name", ["a sentence that has nothing to do with it", "an apology", "a fence", "a refusal"])
def test_documents_that_come_with_the_question_are_guarded_the_same(
    name: str, parser: Any, server: HTTPServer, quick: None
) -> None:
    bad, over = kind(name), threading.Event()
    server.clear()
    server.expect_request("/v1/chat/completions").respond_with_handler(Player(bad.plays, over))
    settings = Settings(model="bad", base_url=server.url_for("/v1"), key="k", kept="off")
    model = open_model(settings)
    assert model
    reader: Any = scripted.ScriptedReader(SCRIPT)
    docs = [(id_, article(id_).text) for id_ in ARTICLES]
    answer = ask_closed(WHO, docs, ClosedTools(parser, reader, settings, model))
    model.close()
    sound(answer)
    assert (answer.engine == "llm") == (bad.told != "note")
    assert answer.rejected if bad.told == "rejected" else not answer.rejected


# --- what the kinds rest on -------------------------------------------------------------------


def test_there_are_more_than_a_hundred_kinds_and_no_two_are_the_same() -> None:
    assert len(BAD) > 100
    names = Counter(b.name for b in BAD)
    plain = [b for b in BAD if all(isinstance(play, Says) for play in b.plays)]
    played = Counter(repr((b.plays, b.live, b.nobody, b.patience)) for b in plain)
    assert [*names.values()] == [1] * len(names)
    assert [*played.values()] == [1] * len(played)
    assert all(b.words for b in BAD if b.told != "fine")


GOOD_MODEL = Bad("good", (Says(SAID),), "fine")


@pytest.mark.parametrize("live", [False, True])
def test_a_good_model_is_believed(ask: Ask, unread: Answer, live: bool) -> None:
    asking = ask(GOOD_MODEL, "llm", live)
    sound(asking.answer, asking.early)
    told(GOOD_MODEL, asking.answer, unread)
    assert asking.answer.summary.startswith("The port authority blames striking dockers, Ida Moen private guards [1]")
    assert [p.label for p in asking.early] == (list(GOOD_LABELS) if live else [])
    assert len(asking.requests) == 1


def test_the_sentences_stand_under_the_numbers_that_the_catalogue_uses(ask: Ask) -> None:
    (request,) = ask(GOOD_MODEL, "auto", False).requests
    asked = request["messages"][-1]["content"]
    lines = [line for _, _, _, lines in ARTICLES.values() for line in lines]
    assert re.findall(r"(?m)^\[(\d+)\] (.*)$", asked) == [(str(n), line) for n, line in enumerate(lines, 1)]


def test_positions_are_told_before_a_stream_breaks_off_and_taken_back_in_the_answer(ask: Ask, unread: Answer) -> None:
    asking = ask(kind("the positions, and then an error"), "auto", True)
    assert [p.label for p in asking.early] == list(GOOD_LABELS)
    assert asking.answer.positions == unread.positions
    assert asking.answer.engine == "extractive"


@pytest.mark.parametrize(
    ("name", "calls"),
    [("an apology", 2), ("a refusal", 1), ("fails for ever", 3), ("refuses the key", 1), ("takes no temperature", 2)],
)
def test_a_server_is_not_asked_more_often_than_it_may_help(ask: Ask, name: str, calls: int) -> None:
    assert len(ask(kind(name), "auto", False).requests) == calls


def test_a_reply_that_cannot_be_used_is_asked_for_again_with_its_fault(ask: Ask) -> None:
    first, second = ask(kind("a field missing at first"), "auto", False).requests
    *before, reply, fault = second["messages"]
    assert before == first["messages"]
    assert reply["role"] == "assistant"
    assert "outcome: field required" in fault["content"]


def test_what_a_server_refuses_is_not_sent_again(ask: Ask) -> None:
    *_, last = ask(kind("takes no temperature, no response_format and no tools"), "auto", False).requests
    assert not {"temperature", "response_format", "tools"} & last.keys()


def test_a_reply_that_cannot_be_kept_is_told_and_does_not_break_the_way(
    ask: Ask, unread: Answer, tmp_path: Path
) -> None:
    bad = Bad("half a letter", (chats(message("The dockers \ud800")),), "note", "did not reply")
    asking = ask(bad, "auto", False, str(tmp_path))
    sound(asking.answer)
    told(bad, asking.answer, unread)


def test_of_a_reply_that_was_cut_only_the_beginning_is_sent_back(ask: Ask) -> None:
    _, second = ask(kind("the same word until it is cut"), "auto", False).requests
    reply, fault = second["messages"][-2:]
    assert reply["content"] == FOR_EVER[: len(reply["content"])]
    assert 0 < len(reply["content"]) <= 1_000
    assert "be shorter" in fault["content"]


def test_a_reply_that_cannot_be_used_is_not_kept(ask: Ask, unread: Answer, tmp_path: Path) -> None:
    bad = kind("an apology")
    assert len(ask(bad, "auto", False, str(tmp_path)).requests) == 2
    asking = ask(GOOD_MODEL, "llm", False, str(tmp_path))
    told(GOOD_MODEL, asking.answer, unread)
    assert len(asking.requests) == 1


def test_a_repair_is_kept_and_what_it_repaired_is_asked_for_again(ask: Ask, tmp_path: Path) -> None:
    first, second = (ask(kind("prose at first"), "auto", False, str(tmp_path)) for _ in range(2))
    assert (len(first.requests), len(second.requests)) == (2, 1)
    assert second.answer.positions == first.answer.positions


def test_a_kept_reply_that_is_in_no_form_is_asked_for_again(ask: Ask, tmp_path: Path) -> None:
    ask(GOOD_MODEL, "llm", False, str(tmp_path))
    (kept,) = tmp_path.iterdir()
    kept.write_text(json.dumps(json.loads(kept.read_text()) | {"text": SAID[:-20]}))
    again, after = (ask(GOOD_MODEL, "llm", False, str(tmp_path)) for _ in range(2))
    assert (len(again.requests), len(after.requests)) == (1, 0)
    assert [m["role"] for m in again.requests[0]["messages"]] == ["system", "user"]  # as at first, and no repair
    assert again.answer.positions == after.answer.positions


@pytest.mark.parametrize("most", [8_000, 3_000])
def test_a_reply_of_fewer_tokens_is_another_reply(ask: Ask, tmp_path: Path, most: int) -> None:
    roomy, narrow = (ask(GOOD_MODEL, "llm", False, str(tmp_path), context) for context in (CONTEXT, most))
    assert [r["max_tokens"] for r in roomy.requests] == [6_000]
    assert [r["max_tokens"] for r in narrow.requests] == [most // 4]


def test_where_replies_cannot_be_kept_the_answer_stands_and_says_so(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    answer = ask(GOOD_MODEL, "llm", False, str(tmp_path / "file" / "replies")).answer
    sound(answer)
    assert [p.label for p in answer.positions] == list(GOOD_LABELS)
    (note,) = answer.notes
    assert note.startswith(f"the model's replies could not be kept in {tmp_path / 'file' / 'replies'} (")
    assert "WHOSAYS_KEPT" in note


def test_a_full_disk_leaves_no_half_of_a_reply(ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    answer = ask(GOOD_MODEL, "llm", False, str(tmp_path)).answer
    assert "(No space left on device)" in answer.notes[0]
    assert not [*tmp_path.iterdir()]


def test_a_kept_reply_is_no_better_than_it_was(ask: Ask, tmp_path: Path) -> None:
    bad = kind("a sentence that has nothing to do with it")
    first, second = (ask(bad, "auto", False, str(tmp_path)) for _ in range(2))
    sound(second.answer)
    assert (len(first.requests), len(second.requests)) == (1, 0)
    assert first.answer.rejected
    assert (second.answer.positions, second.answer.rejected) == (first.answer.positions, first.answer.rejected)


def test_articles_are_not_sent_on_to_a_host_that_the_settings_do_not_name(
    ask: Ask, server: HTTPServer, unread: Answer
) -> None:
    sent_on: list[Request] = []

    def elsewhere(request: Request) -> Response:
        sent_on.append(request)
        return Response(body_of(Says(SAID)), content_type="application/json")

    away = {"location": f"http://localhost:{server.port}/elsewhere"}
    bad = Bad("moved away", (Says(body=b"", status=307, headers=away),), "error", "127.0.0.1")
    server.expect_request("/elsewhere").respond_with_handler(elsewhere)
    asking = ask(bad, "auto", False)
    assert not sent_on
    told(bad, asking.answer, unread)
