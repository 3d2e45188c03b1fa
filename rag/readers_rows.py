"""CSV and JSONL → rows, and the map that says which column is which field."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from rag.dates import day_by, infer_format, iso_day, without_clock
from rag.errors import ReadError, UsageError
from rag.readers_data import FIELDS, Facts, Problem, lf, listed, one_line, storable, web_address

_DELIMITERS: Final = (",", ";", "\t", "|")
_LAST: Final = "\x1elast"  # a row put after all others: where it is not the last one read, a quotation was never closed


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Which column holds which field; only the text is required. `day_format` is for strptime."""

    text: str
    id: str | None = None
    title: str | None = None
    outlet: str | None = None
    published: str | None = None
    url: str | None = None
    day_format: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are named, in the order of FIELDS."""
        return tuple(column for field in FIELDS if (column := getattr(self, field)))

    def to_string(self) -> str:
        """The map as `parse_map` reads it."""
        parts = [f"{field}={column}" for field in FIELDS if (column := getattr(self, field))]
        if self.day_format is not None:
            parts = [f"{part}:{self.day_format}" if part.startswith("published=") else part for part in parts]
        return ",".join(parts)


def parse_map(spec: str) -> ColumnMap:
    """The map that `field=column,...,published=column:%d/%m/%Y` describes. Raises UsageError naming what is wrong."""
    found: dict[str, str] = {}
    for part in re.split(r",(?=\s*\w+\s*=)", spec):
        field, equals, column = (piece.strip() for piece in part.partition("="))
        if not equals or not column:
            raise UsageError(f"map {_shown(spec)}: {_shown(part)} is not field=column")
        if field not in FIELDS:
            raise UsageError(f"map {_shown(spec)}: no field {_shown(field)}: the fields are {', '.join(FIELDS)}")
        if field in found:
            raise UsageError(f"map {_shown(spec)}: {field} is given twice")
        found[field] = column
    if "text" not in found:
        raise UsageError(f"map {_shown(spec)}: text is missing: add text=COLUMN")
    column, day_format = _day_column(found.get("published"), spec)
    return ColumnMap(**{**found, "published": column}, day_format=day_format)  # type: ignore[arg-type]


def _day_column(column: str | None, spec: str) -> tuple[str | None, str | None]:
    name, colon, rest = (column or "").partition(":%")
    if not colon:
        return column, None
    day_format = f"%{rest}"
    try:
        day = dt.date(2016, 12, 14)
        fits = day_by(day.strftime(day_format), day_format) == day
    except ValueError:
        fits = False
    if not fits or not name.strip():
        raise UsageError(f"map {_shown(spec)}: {_shown(day_format)} is not a date format such as %m/%d/%Y")
    return name.strip(), day_format


def _shown(value: str) -> str:
    return repr(value if len(value) <= 120 else f"{value[:119]}…")


# --- rows -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One row's fields. `number` counts data rows from 1 (in JSONL: lines)."""

    number: int
    id: str | None
    text: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class Table:
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Raw:
    """A row before its columns are read, or why it cannot be."""

    number: int
    cells: Mapping[str, Any]
    reason: str | None = None


def read_csv(text: str, name: str, columns: ColumnMap | None) -> Table:
    """The rows of a CSV file with a header line. Raises ReadError where the text's column cannot be found."""
    with _long_fields():
        header, delimiter = _header(text, columns)
        chosen = columns or _default(header, name)
        _check(chosen, header, name)
        raws = list(_csv_rows(text, header, delimiter))
    return _table(raws, chosen, name)


def read_jsonl(text: str, name: str, columns: ColumnMap | None) -> Table:
    """The rows of a file with one JSON object a line. Raises ReadError where the text's key cannot be found."""
    raws = [_json_row(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    header = list(dict.fromkeys(str(key) for raw in raws for key in raw.cells))
    if not header:
        raise ReadError(f"{name}: no line is a JSON object with columns: {raws[0].reason if raws else 'empty'}")
    chosen = columns or _default(header, name)
    _check(chosen, header, name)
    return _table(raws, chosen, name)


@contextmanager
def _long_fields() -> Iterator[None]:
    """Lets the csv module read fields of any length; its limit is the whole process's, so it is put back."""
    before = csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _header(text: str, columns: ColumnMap | None) -> tuple[list[str], str]:
    """The column names and the delimiter: the first one under which the text's column is there, else the comma."""
    wanted = columns.text if columns else "text"
    headers = []
    for delimiter in _DELIMITERS:
        cells = next((row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row), [])
        headers.append(([cell.strip() for cell in cells], delimiter))
    return next(((names, mark) for names, mark in headers if wanted in names), headers[0])


def _csv_rows(text: str, header: Sequence[str], delimiter: str) -> Iterator[_Raw]:
    reader = csv.reader(io.StringIO(f"{text}\n{_LAST}", newline=""), delimiter=delimiter)
    filled = (row for row in reader if any(cell.strip() for cell in row))
    next(filled, None)
    for number, row in enumerate(filled, 1):
        if row == [_LAST]:
            return
        while len(row) > len(header) and not row[-1].strip():
            row.pop()
        if row[-1].endswith(_LAST):
            yield _Raw(number, {}, "its quotation mark is never closed: the rows after it are lost in it")
        elif len(row) != len(header):
            reason = f"it has {len(row)} cells and the header {len(header)}: is a quotation mark missing?"
            yield _Raw(number, {}, reason)
        else:
            yield _Raw(number, dict(zip(header, row, strict=True)))


def _json_row(number: int, line: str) -> _Raw:
    try:
        found = json.loads(line)
    except RecursionError:
        return _Raw(number, {}, "its JSON is nested too deeply")
    except ValueError as error:
        return _Raw(number, {}, f"not JSON: {' '.join(str(error).split())}")
    return _Raw(number, found) if isinstance(found, dict) else _Raw(number, {}, "not a JSON object")


def _default(header: Sequence[str], name: str) -> ColumnMap:
    if "text" not in header:
        has = listed(header) or "none"
        raise ReadError(f'{name}: no column "text"; its columns are {has}: say which is which with --map text=COLUMN')
    return ColumnMap(**{field: field for field in FIELDS if field in header})


def _check(columns: ColumnMap, header: Sequence[str], name: str) -> None:
    for column in columns.columns:
        if header.count(column) != 1:
            how = "no" if column not in header else "more than one"
            raise ReadError(f"{name}: {how} column {column!r}; its columns are {listed(header)}")


def _table(raws: Sequence[_Raw], columns: ColumnMap, name: str) -> Table:
    form, notes = _day_format(raws, columns, name)
    rows: list[Row] = []
    problems: list[Problem] = []
    unread = 0
    for raw in raws:
        reason = raw.reason or _unfit(raw.cells.get(columns.text))
        if reason:
            problems.append(Problem(name, str(raw.number), reason))
            continue
        day = _cell(raw, columns.published)
        published = day_by(without_clock(day) if columns.day_format is None else day, form) if day and form else None
        unread += bool(form and published is None)
        rows.append(_row(raw, columns, published))
    if unread:
        notes = (*notes, f"{name}: {unread} of {len(rows)} rows have no day that {form} reads: they are kept undated")
    return Table(tuple(rows), tuple(problems), notes)


def _row(raw: _Raw, columns: ColumnMap, published: dt.date | None) -> Row:
    facts = Facts(
        title=_cell(raw, columns.title),
        outlet=_cell(raw, columns.outlet),
        published=published,
        url=web_address(_cell(raw, columns.url)),
    )
    return Row(raw.number, _cell(raw, columns.id), lf(raw.cells[columns.text]), facts)


def _cell(raw: _Raw, column: str | None) -> str | None:
    return one_line(raw.cells.get(column)) if column else None


def _unfit(text: object) -> str | None:
    """Why this cannot be an article's text, None where it can."""
    if text is None or (isinstance(text, str) and not text.strip()):
        return "its text is empty"
    if not isinstance(text, str):
        return f"its text is not text but {type(text).__name__}"
    return None if storable(text) else "its text holds a NUL or half of a surrogate pair"


def _day_format(raws: Sequence[_Raw], columns: ColumnMap, name: str) -> tuple[str | None, tuple[str, ...]]:
    if columns.published is None or columns.day_format is not None:
        return columns.day_format, ()
    values = [day for raw in raws if (day := _cell(raw, columns.published))]
    if values and all(iso_day(value) for value in values):
        return "%Y-%m-%d", ()
    found = infer_format(values)
    left = "" if found.format else ": all rows are kept undated; give a format, as in published=COLUMN:%m/%d/%Y"
    return found.format, (f"{name}: days in {columns.published!r}: {found.reason}{left}",)
