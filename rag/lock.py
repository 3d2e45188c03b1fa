"""Locks on a library's folder: one writer at a time, by name; and one process at a time at the vector files.

They are the operating system's locks: a holder that dies lets go.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from rag.errors import LibraryError, LockedError

WRITER = "writer.lock"
HOLDER = "writer.json"
VECTORS = "vectors.lock"


class WriterLock:
    """The right to change the library in `folder`. Beside the lock lies a note of who holds it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = _lock(folder / WRITER)

    def acquire(self) -> None:
        """Raises LockedError, naming the holder, at once where another has it."""
        if not _try(self._lock, 0):
            raise LockedError(f"library {self._folder} is being written by {holder(self._folder)}: wait, or stop it")
        note = self._folder / f"{HOLDER}.new"
        note.write_text(json.dumps(_myself()), encoding="utf-8")
        note.replace(self._folder / HOLDER)

    def release(self) -> None:
        if self._lock.is_locked:
            (self._folder / HOLDER).unlink(missing_ok=True)
            self._lock.release()


class VectorsLock:
    """The right to touch the vector files, for readers too: Chroma crashes when it loads what another is writing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = _lock(folder / VECTORS)

    def acquire(self, seconds: float) -> None:
        """Raises LockedError when it is not free within `seconds`. Readers hold it for one search only."""
        if not _try(self._lock, seconds):
            raise LockedError(f"the vectors of library {self._folder} are in use by {holder(self._folder)}: try later")

    def release(self) -> None:
        self._lock.release()

    @contextlib.contextmanager
    def held(self) -> Iterator[bool]:
        """Whether it was free at once; let go at the end if it was."""
        got = _try(self._lock, 0)
        try:
            yield got
        finally:
            if got:
                self._lock.release()


def holder(folder: Path) -> str:
    """Who wrote the note beside the lock, in words."""
    try:
        note = json.loads((folder / HOLDER).read_text(encoding="utf-8"))
        return f"process {note['pid']} on {note['host']} ({note['command']}) since {note['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"  # it has not written its note yet, or is only reading


def _myself() -> dict[str, object]:
    since = dt.datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
    command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])[:200]
    return {"pid": os.getpid(), "host": socket.gethostname(), "command": command, "since": since}


def _lock(path: Path) -> FileLock:
    # Not thread-local: a lock taken in one thread may be let go in another (a server's close).
    return FileLock(path, thread_local=False)


def _try(lock: FileLock, seconds: float) -> bool:
    try:
        lock.acquire(timeout=seconds)
    except Timeout:
        return False
    except OSError as error:
        raise LibraryError(f"{lock.lock_file} cannot be locked ({error.strerror}): make the folder writable") from error
    return True
