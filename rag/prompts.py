"""A prompt file, filled in: what language models are asked. The files lie in prompts/, one a prompt."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

from rag.errors import SettingError

HOME = Path(__file__).resolve().parent.parent / "prompts"
PARTS = "==="  # a line of its own between the system message and the user's
FENCE_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Message:
    role: str  # system, user or assistant
    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    name: str
    system: str
    user: str
    sha256: str  # of the file


def load(name: str, home: Path = HOME) -> Prompt:
    """Raises SettingError where the file is missing or has not its two parts."""
    path = home / f"{name}.md"
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as err:
        raise SettingError(f"{path}: cannot read the prompt ({err.strerror}): install Whosays again") from err
    system, mark, user = f"\n{text}".partition(f"\n{PARTS}\n")
    if not mark or not user.strip():
        raise SettingError(f"{path}: no line {PARTS!r} between the system message and the user's: put one in")
    return Prompt(name, system.strip(), user.strip(), hashlib.sha256(text.encode()).hexdigest())


def fill(prompt: Prompt, **given: str) -> tuple[Message, ...]:
    """The messages, a system message only where the prompt has one. Raises SettingError for a variable that is not
    given, or given and not in the prompt."""
    parts = [("system", Template(prompt.system)), ("user", Template(prompt.user))]
    wanted = {v for _, t in parts for v in t.get_identifiers()}
    for names, what in ((wanted - given.keys(), "is not given"), (given.keys() - wanted, "is not in it")):
        if names:
            raise SettingError(f"prompt {prompt.name}: the variable {min(names)!r} {what}: correct the prompt")
    return tuple(Message(role, t.substitute(given)) for role, t in parts if t.template)


def fence(*texts: str) -> str:
    """A line that no article can know beforehand, the same for the same texts, so that a kept reply is found again."""
    return "FENCE-" + hashlib.sha256("\0".join(texts).encode()).hexdigest()[:FENCE_DIGITS]


def one_line(text: str) -> str:
    """White space collapsed: an article must not begin a line of its own, with a number or a fence of its making."""
    return " ".join(text.split())


def joined(lines: Sequence[str]) -> str:
    return "\n".join(lines)
