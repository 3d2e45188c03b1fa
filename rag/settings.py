"""The settings: read once, from the environment, here and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from rag.errors import SettingError

CONTEXT = 32_000  # tokens: what models take at least that read news well
LEAST_CONTEXT = 3_000  # tokens: half for the instructions, a quarter for the reply, and some twenty sentences
REPLY_SHARE = 4  # of what the model takes at once, the reply may need this part


@dataclass(frozen=True, slots=True)
class Settings:
    library: Path = Path(".whosays")
    embedder: str = "packaged"  # or a folder that holds model.onnx and tokenizer.json
    model: str | None = None  # the language model, where one is named
    base_url: str | None = None  # OPENAI_BASE_URL
    key: str | None = field(default=None, repr=False)  # OPENAI_API_KEY
    context: int = CONTEXT  # tokens that the language model takes at once
    patience: float | None = None  # seconds that an answer may wait for the model; None: as long as its surface waits
    price: tuple[float, float] | None = None  # of a million tokens read, and written
    kept: str | None = None  # folder of the model's kept replies, "off" for none; None: in the library
    threads: int = 0  # sentences read at once; 0: one a processor

    @property
    def host(self) -> str | None:
        """The host that article text would go to, None when it stays on this machine's own models."""
        if self.model is None:
            return None
        return urlsplit(self.base_url or "https://api.openai.com").netloc


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from `environ` (the process environment by default). Raises SettingError with the variable's name."""
    env = os.environ if environ is None else environ

    def text(name: str) -> str | None:
        return env.get(name, "").strip() or None

    threads = text("WHOSAYS_THREADS") or "0"
    if not threads.isdigit():
        raise SettingError(f"WHOSAYS_THREADS is {threads!r}: give a whole number, or 0 for one a processor")
    context = text("WHOSAYS_CONTEXT") or str(CONTEXT)
    if not context.isdigit() or int(context) < LEAST_CONTEXT:
        raise SettingError(f"WHOSAYS_CONTEXT is {context!r}: give the model's tokens, {LEAST_CONTEXT} or more")
    return Settings(
        library=Path(text("WHOSAYS_LIBRARY") or ".whosays").expanduser(),
        embedder=text("WHOSAYS_EMBEDDER") or "packaged",
        model=text("WHOSAYS_MODEL"),
        base_url=text("OPENAI_BASE_URL"),
        key=text("OPENAI_API_KEY"),
        context=int(context),
        patience=_seconds(text("WHOSAYS_PATIENCE")),
        price=_price(text("WHOSAYS_PRICE")),
        kept=text("WHOSAYS_KEPT"),
        threads=int(threads),
    )


def _seconds(given: str | None) -> float | None:
    try:
        seconds = None if given is None else float(given)
    except ValueError:
        seconds = 0.0
    if seconds is not None and not 0 < seconds < float("inf"):
        raise SettingError(f"WHOSAYS_PATIENCE is {given!r}: give the seconds to wait for the model, more than 0")
    return seconds


def _price(given: str | None) -> tuple[float, float] | None:
    """Two numbers, "0.15,0.60"."""
    if given is None:
        return None
    try:
        read, written = (float(part) for part in given.split(","))
    except ValueError:
        read = written = -1.0
    if not (0 <= read < float("inf") and 0 <= written < float("inf")):
        raise SettingError(f"WHOSAYS_PRICE is {given!r}: give what a million tokens cost, read and written: 0.15,0.60")
    return read, written
