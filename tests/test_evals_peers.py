"""Peers and the judge: what others would do with the same evidence, scored by the same rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import scripted
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, CompletionResponse, LLMMetadata
from llama_index.core.llms import CustomLLM
from llama_index.core.llms.callbacks import llm_chat_callback

import rag.cli as cli
from evals import items, judge, peers, peers_llm
from evals.answering import Bench
from evals.evaluate import evaluate
from evals.metrics import plain
from rag.ask import Tools

BLAMED = "The port authority accused striking dockers of locking the gates."
OTHERS = "Union leader Ida Moen accused private guards of locking them to break the strike."
SUITE = {
    "items": [
        {
            "id": "gates",
            "question": "Who locked the harbour gates?",
            "kind": "contested",
            "positions": [
                {"name": "dockers", "quotes": {"post": [BLAMED]}},
                {"name": "guards", "quotes": {"courier": [OTHERS]}},
            ],
        },
        {"id": "chess", "question": "Who won the chess match?", "kind": "unanswerable", "positions": []},
    ]
}
SILENT: dict[str, Any] = {"question": "Who won?", "outcome": "unanswered", "positions": []}


class Saying(CustomLLM):
    """A LlamaIndex model that says one thing."""

    says: str
    asked: list[str] = []  # noqa: RUF012 - a field of a model, copied for each

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(context_window=8000, is_chat_model=True)

    @llm_chat_callback()
    def chat(self, messages: Any, **_: Any) -> ChatResponse:
        self.asked.append("\n".join(m.content or "" for m in messages))
        counts = {"prompt_tokens": 50, "completion_tokens": 5}
        return ChatResponse(message=ChatMessage(role="assistant", content=self.says), additional_kwargs=counts)

    def complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponse:
        raise AssertionError("a chat model is asked by chat")

    def stream_complete(self, prompt: str, formatted: bool = False, **_: Any) -> Any:
        raise AssertionError("nothing here streams")


@pytest.fixture
def bench(harbour_index: Any, tmp_path: Path) -> Bench:
    path = tmp_path / "suite.json"
    path.write_text(json.dumps(SUITE), encoding="utf-8")
    reader = scripted.ScriptedReader({"striking dockers": 4.0, "private guards": 3.5})
    tools = Tools(harbour_index, harbour_index.embedder, reader, None)  # type: ignore[arg-type]
    texts = {k: plain(t) for k, t in items.texts_in(harbour_index.library).items()}
    return Bench(items.load(path), texts, tools, None)


def test_peers_answer_from_the_same_evidence_and_none_can_say_that_sources_disagree(bench: Bench) -> None:
    ours, kept = evaluate(bench)
    found = peers.run(peers.without_model(bench.tools.index.embedder.embed_passage), bench, ours, kept)  # type: ignore[union-attr]
    by_name = {c.name: c.result for c in found}
    assert list(by_name) == ["Whosays", "nearest sentences", "answer first"]
    nearest, first = by_name["nearest sentences"], by_name["answer first"]
    assert nearest is not None
    assert first is not None
    assert nearest.rows[0].given > 2
    assert nearest.rows[0].quotes == nearest.rows[0].verbatim
    assert first.rows[0].given == 1
    assert first.rows[0].quotes == peers.ATTACHED
    for result in (nearest, first):
        assert result.figures["disputes flagged"].value == 0.0
        assert result.figures["abstains: unanswerable"].value == 0.0, "neither is ever silent"
    assert ours.figures["disputes flagged"].value == 1.0


def test_a_peer_that_cannot_run_is_listed_with_its_reason(bench: Bench) -> None:
    ours, kept = evaluate(bench)
    found = peers.run([peers.Peer("another", None, "it needs a thing")], bench, ours, kept)
    table = peers.table(found)
    assert "| another | not run |" in table
    assert "another: not run, it needs a thing." in table


def test_a_peer_that_fails_is_an_error_and_not_an_answer(bench: Bench) -> None:
    ours, kept = evaluate(bench)

    def failing(*_: Any) -> Any:
        raise peers_llm.ModelError("the model is gone")

    result = peers.run([peers.Peer("another", failing)], bench, ours, kept)[1].result
    assert result is not None
    assert [a["error"] for a in result.answers] == ["the model is gone"] * 2


def test_the_citation_engine_answers_with_the_chunks_that_it_cites(bench: Bench) -> None:
    ours, kept = evaluate(bench)
    llm = Saying(says="Dockers or guards locked them [1]. Nobody knows. It is disputed [2, 3].")
    engine = peers_llm.peers(llm, bench.tools.index.embedder.embed_passage)[0]  # type: ignore[union-attr]
    result = peers.run([engine], bench, ours, kept)[1].result
    assert result is not None
    assert [len(p["citations"]) for p in result.answers[0]["positions"]] == [1, 2]
    assert result.rows[0].quotes == result.rows[0].verbatim == 3
    assert "Source 1:" in llm.asked[0]
    assert result.figures["tokens"].value == 55.0


def test_with_a_model_answer_first_gives_a_position_a_sentence_and_may_be_silent(bench: Bench) -> None:
    ours, kept = evaluate(bench)
    embed = bench.tools.index.embedder.embed_passage  # type: ignore[union-attr]
    told = peers_llm.peers(Saying(says="Dockers locked them. Guards did."), embed)[1]
    silent = peers_llm.peers(Saying(says="Unanswered."), embed)[1]
    results = [peers.run([p], bench, ours, kept)[1].result for p in (told, silent)]
    assert [r.rows[0].given for r in results if r] == [2, 0]
    assert [r.figures["abstains: unanswerable"].value for r in results if r] == [0.0, 1.0]


# --- the judge --------------------------------------------------------------------------------


def test_the_judges_verdicts_stand_beside_the_reference_spans(bench: Bench) -> None:
    ours, _ = evaluate(bench)
    numbers = [[c["n"] for c in p["citations"]] for p in ours.answers[0]["positions"]]
    verdicts = [
        {"position": i, "fair": i == 1, "quotations": [{"n": n, "supports": i == 1} for n in own]}
        for i, own in enumerate(numbers, 1)
    ]
    model = scripted.ScriptedModel(json.dumps({"positions": verdicts}))
    found = judge.judge(bench, [ours.answers[0], SILENT], model)  # type: ignore[arg-type]
    model.close()
    assert found.fair == (True, *[False] * (len(numbers) - 1))
    assert found.supported.value == pytest.approx(len(numbers[0]) / sum(map(len, numbers)))
    assert found.agreement.value == found.supported.value, "the spans support every quote here, the judge not all"
    assert found.unjudged == 0
    assert "quotes on which judge and reference spans agree" in judge.table(found)


def test_a_judge_without_a_usable_reply_is_counted_and_judges_nothing(bench: Bench) -> None:
    ours, _ = evaluate(bench)
    model = scripted.ScriptedModel("I would say", "rather not")
    found = judge.judge(bench, [ours.answers[0], SILENT], model)  # type: ignore[arg-type]
    model.close()
    assert (found.verdicts, found.unjudged, found.kappa) == ((), 1, None)


def test_kappa_takes_off_what_chance_gives() -> None:
    def verdicts(*pairs: tuple[bool, bool]) -> judge.Judgement:
        return judge.Judgement(tuple(judge.Verdict("a", n, a, b) for n, (a, b) in enumerate(pairs)), (), 0)

    assert verdicts((True, True), (False, False)).kappa == 1.0
    assert verdicts((True, True), (True, False), (False, True), (False, False)).kappa == 0.0
    assert verdicts((True, True), (True, True)).kappa is None


def test_a_judge_without_a_model_is_one_clear_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WHOSAYS_MODEL", raising=False)
    assert cli.main(["eval", "--judge"]) == 2
    assert "--judge needs a language model: set WHOSAYS_MODEL" in capsys.readouterr().err


# --- pooled -----------------------------------------------------------------------------------

CLOSED = [
    {
        "id": "mill",
        "question": "When was the mill at Ennersk built?",
        "docs": [{"doc_id": "d1", "text": "The mill at Ennersk was built in 1840."}],
        "sides": [{"answer": "1840", "doc_ids": ["d1"]}],
    },
    {
        "id": "bridge",
        "question": "When was the bridge of Tolle built?",
        "docs": [{"doc_id": "d1", "text": "The bridge of Tolle was built in 1911."}],
        "sides": [{"answer": "1911", "doc_ids": ["d1"]}],
    },
]


def test_pooled_items_have_to_find_their_documents_among_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "closed.jsonl"
    path.write_text("\n".join(json.dumps(i) for i in CLOSED), encoding="utf-8")
    assert cli.main(["eval", str(path), "--pooled", "--out", str(tmp_path)]) == 0
    result = json.loads((tmp_path / "closed-pooled.json").read_text(encoding="utf-8"))
    assert [i["row"]["matched"] for i in result["items"]] == [1, 1]
    assert [c["article"] for i in result["items"] for p in i["answer"]["positions"] for c in p["citations"]] == [
        "d0001",
        "d0002",
    ]
    assert "closed-pooled: 2 questions" in capsys.readouterr().out


def test_an_open_suite_cannot_be_pooled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "open.json"
    path.write_text(json.dumps(SUITE), encoding="utf-8")
    assert cli.main(["eval", str(path), "--pooled"]) == 2
    assert "only closed items can be pooled" in capsys.readouterr().err
