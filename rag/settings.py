"""The settings: read once, from the environment, here and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from rag.errors import SettingError


@dataclass(frozen=True, slots=True)
class Settings:
    library: Path = Path(".whosays")
    embedder: str = "packaged"  # or a folder that holds model.onnx and tokenizer.json
    model: str | None = None  # the language model, where one is named
    base_url: str | None = None  # OPENAI_BASE_URL
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
    return Settings(
        library=Path(text("WHOSAYS_LIBRARY") or ".whosays").expanduser(),
        embedder=text("WHOSAYS_EMBEDDER") or "packaged",
        model=text("WHOSAYS_MODEL"),
        base_url=text("OPENAI_BASE_URL"),
        threads=int(threads),
    )
