"""Items of a suite as YAML that people can go on with, and their place in a file that somebody has edited.

In such a file nothing moves: neither its comments nor the way in which it is laid out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import yaml  # type: ignore[import-untyped]

from evals.suite_file import Row
from rag.errors import UsageError

LONGEST_KEY = 512  # characters: YAML takes no more than 1,024 on the one line of a key
ADVICE = 'write "items" as a list with "- " before each item, or name another file'

_LINES = re.compile(r"[^\s\x00-\x1f\ufeff](?:[^\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]*\S)?\n?")
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]|^\s|\s$")


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    """As people write it: each string on one line, or in lines as it has them; a tuple in brackets on one line."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def check_simple_key(self) -> bool:
        """PyYAML parts a key of more than 128 characters from its value, "? ..." and ": ...": quotes are longer."""
        if super().check_simple_key():
            return True
        if not isinstance(self.event, yaml.ScalarEvent) or len(self.event.value) > LONGEST_KEY:
            return False
        return bool(self.analysis.allow_single_quoted and not (self.analysis.empty or self.analysis.multiline))

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """A list stands further in than its name."""
        super().increase_indent(flow, False)


def _text(dumper: _Dumper, text: str) -> yaml.Node:
    style = None
    if "\n" in text and _LINES.fullmatch(text) and not re.search(r"[^\S\n]\n", text):
        style = "|"
    elif _BREAKS.search(text):
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(type(None), lambda dumper, _: dumper.represent_scalar("tag:yaml.org,2002:null", ""))
_Dumper.add_representer(tuple, lambda dumper, row: dumper.represent_sequence("tag:yaml.org,2002:seq", row, True))


def as_yaml(rows: Sequence[Row], column: int = 2) -> str:
    """The items as lines of a list, each with its dash at `column`, an empty line between two. Lists are a line an
    entry, tuples one line."""
    return "\n".join(_indented(_dumped(row), column) for row in rows)


def _dumped(row: Row) -> str:
    text: str = yaml.dump(
        [row], Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=float("inf"), default_flow_style=False
    )
    return text


def _indented(text: str, column: int) -> str:
    return re.sub(r"^(?=.)", " " * column, text, flags=re.MULTILINE)


def with_added(where: object, text: str, rows: Sequence[Row]) -> str:
    """The text of a suite with `rows` after its last item, all else as it was. Raises UsageError, naming `where`, for a
    text whose items are not a list of lines that begin with a dash."""
    text = text if text.endswith("\n") else f"{text}\n"
    try:
        new = _joined(text, rows)
        if new is not None and _only_grew(yaml.safe_load(text), yaml.safe_load(new), len(rows)):
            return new
    except yaml.YAMLError as err:
        raise UsageError(f"{where}: nothing can be added to it ({' '.join(str(err).split())}): {ADVICE}") from err
    raise UsageError(f"{where}: nothing can be added after its last item: {ADVICE}")


def _joined(text: str, rows: Sequence[Row]) -> str | None:
    top = yaml.compose(text, Loader=yaml.SafeLoader)
    items = next((value for key, value in top.value if key.value == "items"), None)
    if not isinstance(items, yaml.SequenceNode) or items.flow_style or not items.value:
        return None
    at = _line_after(text, _end(items.value[-1]))
    added = "\n" + as_yaml(rows, items.start_mark.column)
    return text[:at] + added.replace("\n", "\r\n" if "\r\n" in text else "\n") + text[at:]


def _end(node: yaml.Node) -> int:
    """Where its last words end: a node's own mark is behind the comments that follow it."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end(last[1] if isinstance(last, tuple) else last)


def _line_after(text: str, at: int) -> int:
    """Where the line of `at` ends; `at` where one begins there."""
    return at if text[at - 1 : at] == "\n" else text.index("\n", at) + 1


def _only_grew(old: Any, new: Any, by: int) -> bool:
    grown = {**new, "items": new["items"][:-by]}
    return bool(grown == old and len(new["items"]) == len(old["items"]) + by)
