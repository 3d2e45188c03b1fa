"""A language model's replies, kept on disk: the same prompt to the same model with the same settings is asked once."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Reply:
    """`text` is the JSON that was asked for, or what came in its place. Tokens and cost as the server counts them."""

    text: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None
    cut: bool = False  # it ended at the limit of tokens
    kept: bool = False  # from an earlier run


class KeptReplies:
    """One file a reply, named by the hash of what was asked. `folder` None keeps nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def find(self, asked: object) -> Reply | None:
        """None where there is none, or where the file cannot be read: then it is asked for again."""
        if self._folder is None:
            return None
        try:
            held = json.loads(self._path(self._folder, asked).read_text(encoding="utf-8"))
            counts = held["prompt_tokens"], held["completion_tokens"], held["cost"]
            return Reply(held["text"], *counts, cut=bool(held.get("cut")), kept=True)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, asked: object, reply: Reply) -> None:
        """Raises OSError where the folder cannot be written."""
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(self._folder, asked)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=self._folder, delete=False) as file:
            json.dump(dataclasses.asdict(reply), file)  # in ASCII: a reply may hold what UTF-8 cannot
        Path(file.name).replace(path)

    def _path(self, folder: Path, asked: object) -> Path:
        words = json.dumps(asked, sort_keys=True, ensure_ascii=False)
        return folder / f"{hashlib.sha256(words.encode()).hexdigest()}.json"
