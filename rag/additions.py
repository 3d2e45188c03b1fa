"""Files that are handed over, not named by a path: the library keeps them in a folder of its own, reads them there, and
lets them go with their articles."""

from __future__ import annotations

import filecmp
import hashlib
import shutil
from collections.abc import Collection, Sequence
from itertools import count
from pathlib import Path

from rag.errors import ReadError
from rag.readers_sidecars import SIDECARS

ADDED = "added"
FETCHED = "fetched"


def take_in(handed: Sequence[Path], library: Path) -> list[Path]:
    """Copies of the files in the library's folder, sidecars left out of the list. Names stay, for an article's id is
    made of its file's name.

    What is already there with the same bytes is taken as it lies; with others, the new file gets a name of its own, so
    that nothing is replaced unseen. Files that come with a manifest or aliases share a folder with these alone, and the
    same ones share the same folder again. Raises ReadError where two sidecars of one name come together, or the files
    cannot be written.
    """
    sidecars = [path for path in handed if path.name in SIDECARS]
    names = [path.name for path in sidecars]
    if doubled := next((name for name in names if names.count(name) > 1), None):
        raise ReadError(f"{doubled} comes {names.count(doubled)} times: add one folder at a time")
    try:
        folder = library.resolve() / ADDED / _of(sidecars)
        folder.mkdir(parents=True, exist_ok=True)
        for path in sidecars:
            shutil.copyfile(path, folder / path.name)
        return [_copied(path, folder) for path in handed if path.name not in SIDECARS]
    except OSError as error:
        raise ReadError(f"{ADDED}: the files cannot be kept ({error.strerror}): make room in the library") from error


def _of(sidecars: Sequence[Path]) -> str:
    """The folder's name: none for files that come alone."""
    if not sidecars:
        return ""
    parts = sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in sidecars)
    return hashlib.sha256("".join(parts).encode()).hexdigest()[:12]


def _copied(path: Path, folder: Path) -> Path:
    for n in count(1):
        to = folder / (path.name if n == 1 else f"{path.stem}-{n}{path.suffix}")
        if not to.exists():
            shutil.copyfile(path, to)
            return to
        if filecmp.cmp(path, to, shallow=False):
            return to
    raise AssertionError("there is always another number")


def let_go(paths: Collection[str], used: Collection[str], library: Path) -> None:
    """Delete those of `paths` that the library itself keeps and no article uses; files elsewhere are never touched."""
    own = [library.resolve() / folder for folder in (ADDED, FETCHED)]
    for path in map(Path, set(paths) - set(used)):
        if any(path.is_relative_to(folder) for folder in own):
            path.unlink(missing_ok=True)
