"""What the scripts that measure share: their arguments, how they report, and one line for what is wrong."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rag.errors import UsageError, WhosaysError
from rag.settings import Settings


def arguments(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """What all scripts that answer questions take."""
    parser.add_argument("--part", help='only items with this "part", such as test')
    parser.add_argument("--sample", type=int, metavar="N", help="only N of the questions, drawn by --seed")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--reader", type=Path, metavar="FILE.onnx", help="other weights in the place of the reader's")
    parser.add_argument("--kept", type=Path, metavar="DIR", help="keep readings here, and use those that are there")
    return parser


def reporter(what: str) -> Callable[[int, int], None] | None:
    """Counts on the terminal, and stays quiet where the output goes elsewhere."""
    if not sys.stderr.isatty():
        return None

    def tell(done: int, total: int) -> None:
        sys.stderr.write(f"\r{what}: {done} of {total}" + ("\n" if done == total else ""))
        sys.stderr.flush()

    return tell


def guarded(name: str, work: Callable[[], int]) -> int:
    """The exit code of `work`; a failure that a user can mend is one line."""
    try:
        return work()
    except (WhosaysError, OSError) as error:
        sys.stderr.write(f"{name}: {error}\n")
        return 2 if isinstance(error, UsageError) else 1


def with_library(settings: Settings, library: Path | None) -> Settings:
    return replace(settings, library=library) if library else settings
