"""A trained Reader as int8 ONNX.

Per channel: per tensor, the best span survives in a third of the windows; per channel in most.
"""

from __future__ import annotations

from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from training.model import Reader

INPUTS = ("input_ids", "token_type_ids", "attention_mask")
OUTPUTS = ("answers", "verdict", "span")


def export(reader: Reader, out: Path) -> None:
    """Writes `out` (int8) and, beside it, the float file that it was made from (`.fp32.onnx`)."""
    reader.eval()
    full = out.with_suffix(".fp32.onnx")
    ids = torch.randint(1000, 2000, (2, 20))
    axes = {name: {0: "batch", 1: "length"} for name in (*INPUTS, "span")} | {
        "answers": {0: "batch"},
        "verdict": {0: "batch"},
    }
    torch.onnx.export(
        reader,
        (ids, torch.zeros_like(ids), torch.ones_like(ids)),
        str(full),
        input_names=list(INPUTS),
        output_names=list(OUTPUTS),
        dynamic_axes=axes,
        dynamo=False,
        opset_version=17,
    )
    quantize_dynamic(str(full), str(out), weight_type=QuantType.QInt8, per_channel=True)
