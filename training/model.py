"""The reader's network, begun from the packaged reranker's int8 weights.

A BERT of 12 layers and 384 dimensions (MiniLM, Wang and others 2020) with three heads: the span's start and end,
whether the focus sentence answers (begun from the reranker's classifier), and, for yes/no questions, which of the two.
Needs torch and onnx, which the program itself does not.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional

LAYERS, HIDDEN, INNER, HEADS, VOCABULARY, POSITIONS = 12, 384, 1536, 12, 30522, 512


class Layer(nn.Module):
    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.query, self.key, self.value, self.attended = (nn.Linear(HIDDEN, HIDDEN) for _ in range(4))
        self.inner, self.outer = nn.Linear(HIDDEN, INNER), nn.Linear(INNER, HIDDEN)
        self.norm1, self.norm2 = nn.LayerNorm(HIDDEN, 1e-12), nn.LayerNorm(HIDDEN, 1e-12)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        batch, length, _ = x.shape

        def heads(y: Tensor) -> Tensor:
            return y.view(batch, length, HEADS, HIDDEN // HEADS).transpose(1, 2)

        query, key, value = heads(self.query(x)), heads(self.key(x)), heads(self.value(x))
        if torch.onnx.is_in_onnx_export():  # spelled out: what onnxruntime fuses and quantises well
            scores = query @ key.transpose(-1, -2) / math.sqrt(HIDDEN // HEADS)
            mixed = torch.softmax(scores + mask, -1) @ value
        else:
            mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        x = self.norm1(x + self.dropout(self.attended(mixed.transpose(1, 2).reshape(batch, length, HIDDEN))))
        return self.norm2(x + self.dropout(self.outer(functional.gelu(self.inner(x)))))


class Reader(nn.Module):
    """ids, type ids, mask of shape (B, T) → answers (B), verdict (B), span logits (B, T, 2)."""

    def __init__(self, dropout: float = 0.1) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, HIDDEN)
        self.positions = nn.Embedding(POSITIONS, HIDDEN)
        self.kinds = nn.Embedding(2, HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN, 1e-12)
        self.layers = nn.ModuleList(Layer(dropout) for _ in range(LAYERS))
        self.pool = nn.Linear(HIDDEN, HIDDEN)
        self.answers, self.verdict, self.span = nn.Linear(HIDDEN, 1), nn.Linear(HIDDEN, 1), nn.Linear(HIDDEN, 2)
        self.local = nn.Linear(HIDDEN, 2)  # where in the text the verdict is decided, and which way there
        self.dropout = nn.Dropout(dropout)

    def forward(self, input_ids: Tensor, token_type_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        where = torch.arange(input_ids.shape[1])
        x = self.norm(self.words(input_ids) + self.positions(where)[None] + self.kinds(token_type_ids))
        x = self.dropout(x)
        mask = ((1 - attention_mask) * -1e4).to(x.dtype)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, mask)
        pooled = torch.tanh(self.pool(x[:, 0]))
        return self.answers(pooled)[:, 0], self.verdict(pooled)[:, 0] + self._local(x, token_type_ids), self.span(x)

    def _local(self, x: Tensor, token_type_ids: Tensor) -> Tensor:
        """A vote of the text's words: one vector for the whole pair forgets a "not"."""
        where, which = self.local(x).unbind(-1)
        where = where + (1 - token_type_ids).to(x.dtype) * -1e4
        return (torch.softmax(where, -1) * which).sum(-1)

    def body(self, first: int) -> list[nn.Parameter]:
        """What is trained gently: the pooler and the layers from `first` on. The rest below stays as it is."""
        parts: list[nn.Module] = [self.pool, *list(self.layers)[first:]]
        return [p for part in parts for p in part.parameters()]

    def heads(self) -> list[nn.Parameter]:
        return [p for part in (self.answers, self.verdict, self.local, self.span) for p in part.parameters()]


def from_reranker(path: Path) -> Reader:
    """The reranker's weights in a Reader: (w - zero_point) × scale for the quantised ones; fresh span and verdict."""
    plain, matrices = _weights(path)
    reader = Reader()
    state = dict(reader.state_dict())

    def put(name: str, array: np.ndarray) -> None:
        if state[name].shape != array.shape:
            raise SystemExit(f"{path}: {name} has shape {array.shape}, not {tuple(state[name].shape)}: another model?")
        state[name] = torch.tensor(np.ascontiguousarray(array, dtype=np.float32))

    embeddings = "bert.embeddings."
    put("words.weight", plain[embeddings + "word_embeddings.weight"])
    put("positions.weight", plain[embeddings + "position_embeddings.weight"])
    put("kinds.weight", plain[embeddings + "token_type_embeddings.weight"])
    put("norm.weight", plain[embeddings + "LayerNorm.weight"])
    put("norm.bias", plain[embeddings + "LayerNorm.bias"])
    parts = {
        "query": "attention.self.query",
        "key": "attention.self.key",
        "value": "attention.self.value",
        "attended": "attention.output.dense",
        "inner": "intermediate.dense",
        "outer": "output.dense",
    }
    for i in range(LAYERS):
        there = f"bert.encoder.layer.{i}."
        for k, (mine, theirs) in enumerate(parts.items()):
            put(f"layers.{i}.{mine}.weight", matrices[i * len(parts) + k].T)
            put(f"layers.{i}.{mine}.bias", plain[there + theirs + ".bias"])
        for mine, theirs in (("norm1", "attention.output.LayerNorm"), ("norm2", "output.LayerNorm")):
            put(f"layers.{i}.{mine}.weight", plain[there + theirs + ".weight"])
            put(f"layers.{i}.{mine}.bias", plain[there + theirs + ".bias"])
    put("pool.weight", plain["bert.pooler.dense.weight"].T)
    put("pool.bias", plain["bert.pooler.dense.bias"])
    # The classifier's logits run from -11 to 11; a smaller start lets the answerability head move.
    put("answers.weight", plain["classifier.weight"].T * 0.3)
    put("answers.bias", plain["classifier.bias"] * 0.3)
    reader.load_state_dict(state)
    nn.init.normal_(reader.span.weight, std=0.02)
    nn.init.zeros_(reader.span.bias)
    nn.init.normal_(reader.verdict.weight, std=0.02)
    nn.init.normal_(reader.local.weight, std=0.02)
    nn.init.zeros_(reader.local.bias)
    nn.init.zeros_(reader.verdict.bias)
    return reader


def _weights(path: Path) -> tuple[dict[str, np.ndarray], list[np.ndarray]]:
    """Named tensors, and the MatMul matrices in the order of the graph: q, k, v, attention output, inner, outer."""
    tensors = {t.name: numpy_helper.to_array(t) for t in onnx.load(str(path)).graph.initializer}
    plain: dict[str, np.ndarray] = {}
    matrices: list[tuple[int, np.ndarray]] = []
    for name, array in tensors.items():
        if name.endswith("_quantized"):
            base = name.removesuffix("_quantized")
            real = (array.astype(np.float32) - tensors[base + "_zero_point"].astype(np.float32)) * tensors[
                base + "_scale"
            ]
            if base.startswith("onnx::MatMul"):
                matrices.append((int(base.rsplit("_", 1)[-1]), real))
            else:
                plain[base] = real
        elif not name.endswith(("_scale", "_zero_point")):
            plain[name] = array
    return plain, [m for _, m in sorted(matrices, key=lambda pair: pair[0])]
