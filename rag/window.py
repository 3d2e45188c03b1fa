"""What the trained reader sees of a sentence: its article's title, the sentence before, and itself.

Training and reading share this one definition. The parts are told apart by [SEP], so that the network knows which
sentence it is asked about: with the parts run together, a neighbour's answer leaks into the sentence.
"""

from __future__ import annotations

MARK = " [SEP] "
TITLE_CHARS = 80
BEFORE_CHARS = 200
FOCUS_CHARS = 900


def window(title: str, before: str, sentence: str) -> tuple[str, int]:
    """The context text, and where in it the focus sentence begins. A long part keeps its
    beginning: that is where its subject stands."""
    parts = [_plain(title)[:TITLE_CHARS].strip(), _plain(before)[:BEFORE_CHARS].strip()]
    head = "".join(part + MARK for part in parts)
    return head + _plain(sentence)[:FOCUS_CHARS], len(head)


def _plain(text: str) -> str:
    """An article that writes the mark itself must not shift the focus; same length, so offsets hold."""
    return text.replace("[SEP]", "(SEP)")
