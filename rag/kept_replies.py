"""A language model's replies, kept on disk: the same prompt to the same model with the same settings is asked once."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import tempfile
from collections.abc import Iterable
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
    unkept: str = ""  # why it could not be kept


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

    def keep(self, asked: object, reply: Reply) -> Reply:
        """The same reply; where the folder cannot be written, it says so."""
        if self._folder is None:
            return reply
        try:
            self._write(self._folder, asked, reply)
        except OSError as err:
            why = f"the model's replies could not be kept in {self._folder} ({err.strerror or err})"
            return dataclasses.replace(reply, unkept=f"{why}: make room there, or name another folder in WHOSAYS_KEPT")
        return reply

    def _write(self, folder: Path, asked: object, reply: Reply) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            made = Path(file.name)
        try:
            made.write_text(json.dumps(dataclasses.asdict(reply)), encoding="ascii")
            made.replace(self._path(folder, asked))
        finally:
            made.unlink(missing_ok=True)  # what a full disk took half of

    def _path(self, folder: Path, asked: object) -> Path:
        words = json.dumps(asked, sort_keys=True, ensure_ascii=False)
        return folder / f"{hashlib.sha256(words.encode()).hexdigest()}.json"


def why_not_kept(replies: Iterable[Reply]) -> tuple[str, ...]:
    """Why replies could not be kept, each reason once."""
    return tuple(dict.fromkeys(r.unkept for r in replies if r.unkept))
