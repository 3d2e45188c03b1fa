"""Judged answers → a file of reference questions, and again when more were judged: what stands there stays as it is."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from evals.cases import Case, asks, cases
from evals.items import some, waits
from evals.starting import FORM
from evals.suite_file import Row, read_suite
from evals.suite_yaml import as_yaml, with_added
from rag.errors import LibraryError, ReadError, UsageError
from rag.library import Library
from rag.settings import Settings

HEAD = f"""# Reference questions from answers that were judged. `whosays eval THIS_FILE` answers and scores them.
#
# Under a helpful answer stands what it said. An item with a line `draft` waits for you, and is not asked: `said` shows
# what the program answered, which is not known to be right. Give its kind and its positions, with what is right there,
# and take the line `draft` out. `whosays cases THIS_FILE` adds what was judged since; what stands here stays as it is.
#
{FORM}

items:
"""


@dataclass(frozen=True, slots=True)
class Written:
    """What was done, a line each, and a line for each judgement that could not be read."""

    lines: tuple[str, ...]
    failures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Choice:
    added: tuple[Case, ...]
    repeated: tuple[Case, ...]  # their question is asked there already
    turned: tuple[Case, ...]  # in the file, and judged the other way since


def write_cases(path: Path, settings: Settings, every: bool = False) -> Written:
    """The judgements in the library as a suite at `path`, or added to the one there.

    Of several on one question the newest helpful one is taken, else the newest; none where the file asks it already,
    unless that is a draft and this one whole. With `every`, all are. Raises UsageError or ReadError where `path` is no
    suite or cannot be written, LibraryError where there is no library, or nothing was judged in it."""
    if path.suffix.lower() not in (".yaml", ".yml"):
        raise UsageError(f"{path}: give a name that ends in .yaml")
    with closing(Library.open(settings.library)) as library:
        judged, failures = library.all_judged()
        made = cases(judged, library)
    if not judged and not failures:
        raise LibraryError(
            f"library {settings.library} holds no judged answer: press Helpful or Not helpful under one (whosays serve)"
        )
    there = _there(path)
    choice = _chosen(made, there, every)
    if choice.added:
        _write(path, [c.row for c in choice.added])
    return Written(tuple(_told(path, choice, len(there))), tuple(failures))


def _there(path: Path) -> list[Row]:
    """The items of the file, none where there is no file."""
    if not path.exists():
        return []
    held = read_suite(path)
    return [*held.rows, *held.drafts]


# --- which ------------------------------------------------------------------------------------


def _chosen(made: Sequence[Case], there: Sequence[Row], every: bool) -> _Choice:
    known = {str(row["id"]): row for row in there}
    turned = tuple(c for c in made if c.id in known and known[c.id].get("judged", c.row["judged"]) != c.row["judged"])
    new = [c for c in made if c.id not in known]
    if every:
        return _Choice(tuple(new), (), turned)
    best: dict[str, Case] = {}
    for case in new:
        if case.asks not in best or _helpful(case) or not _helpful(best[case.asks]):
            best[case.asks] = case
    asked, finished = _asked(there), _asked(row for row in there if not row.get("draft"))
    added = {c.id for c in best.values() if c.asks not in (finished if not c.draft else asked)}
    return _Choice(tuple(c for c in new if c.id in added), tuple(c for c in new if c.id not in added), turned)


def _asked(rows: Iterable[Row]) -> set[str]:
    return {asks(str(row.get("standalone") or row["question"])) for row in rows}


def _helpful(case: Case) -> bool:
    return bool(case.row["judged"] == "helpful")


# --- the file ---------------------------------------------------------------------------------


def _write(path: Path, rows: Sequence[Row]) -> None:
    """The whole file, or nothing: a person's work may be in it."""
    out = path.resolve()
    part = out.with_name(f".{out.name}.part")
    try:
        old = out.read_bytes().decode("utf-8") if out.exists() else ""
        part.write_bytes((with_added(path, old, rows) if old else HEAD + as_yaml(rows)).encode("utf-8"))
        if old:
            shutil.copymode(out, part)
        part.replace(out)
    except OSError as err:
        raise ReadError(f"{path}: cannot write there ({err.strerror}): name a file in a folder of yours") from err
    finally:
        part.unlink(missing_ok=True)


# --- in words ---------------------------------------------------------------------------------


def _told(path: Path, choice: _Choice, there: int) -> list[str]:
    added = choice.added
    waiting = [c for c in added if c.draft]
    count = "1 question" if len(added) == 1 else f"{len(added) or 'no'} questions"
    lines = [f"{path}: {count} {f'added to the {there} there' if there else 'written'}"]
    lines[0] += f", {len(added) - len(waiting)} of them whole" if added else ""
    lines += [f"{c.id}: {c.draft}" for c in waiting if _helpful(c)]
    lines += [f"{waits(_ids(waiting))}: finish them there"] if waiting else []
    if older := [c for c in added if not c.draft and c.older]:
        lines.append(f"articles came or went since these were answered, see what they say on it: {some(_ids(older))}")
    if choice.repeated:
        lines.append(
            f"left out, their question is asked there already (--all adds them): {some(_ids(choice.repeated))}"
        )
    if choice.turned:
        told = "judged the other way since they were written (take one out there, and it is written anew)"
        lines.append(f"{told}: {some(_ids(choice.turned))}")
    return [*lines, f"then: whosays eval {path}"] if added else lines


def _ids(cases: Sequence[Case]) -> list[str]:
    return [case.id for case in cases]
