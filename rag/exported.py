"""An exported answer or conversation, and where to look its quotes up again: the library, or the original files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from rag.conversation_export import each_answer, is_conversation
from rag.errors import ReadError, UsageError
from rag.recheck import Cited, Find, read_cited
from rag.types import Article


def citations(path: Path) -> tuple[Cited, ...]:
    """The citations of the answer in `path`, or of each answer of the conversation there, then with their question's
    number. Raises ReadError where it cannot be read, UsageError where it is neither."""
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as err:
        raise ReadError(f"{path}: cannot read the answer ({err.strerror}): name a file that an export made") from err
    except (ValueError, RecursionError) as err:
        raise UsageError(f"{path}: not JSON ({err}): name a file that holds one answer or conversation") from err
    if not is_conversation(data):
        return read_cited(data)
    found = each_answer(data, read_cited)
    return tuple(replace(c, question=n) for n, cited in enumerate(found, 1) for c in cited)


@contextmanager
def from_library(folder: Path) -> Iterator[Find]:
    """Articles as the library in `folder` holds them. Raises LibraryError where there is none."""
    from rag.library import Library

    with Library.open(folder) as library:
        known = library.paths()
        yield lambda id_: (library.article(id_), library.sentences(id_)) if id_ in known else None


def from_files(place: Path, wanted: set[str]) -> tuple[Find, list[str]]:
    """The `wanted` articles read again from the files in `place`, and a line for each file that could not be read."""
    from rag import readers, split
    from rag.reports import problem_line

    files, problems = readers.find_files([place])
    failures = [problem_line(p) for p in problems if not p.harmless]
    found: dict[str, Article] = {}
    for file in files:
        try:
            reading = readers.read(file)
        except ReadError as err:
            failures.append(str(err))
            continue
        for article in reading.articles:
            if article.id in wanted:
                found.setdefault(article.id, article)
    return (lambda id_: (found[id_], split.split(found[id_])[0]) if id_ in found else None), failures
