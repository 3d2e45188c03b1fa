"""Days written in articles and tables. A day that could be read in two ways is not read at all."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?:(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?\.?,?\s+)?"
_ORDINAL = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_TIME = (
    r"(?:[T\s,]\s*(?:at\s+|[-–—|·]\s*)?\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:\.\d+)?)?\s*(?:[ap]\.?m\.?)?"
    r"\s*(?:[A-Z]{1,4}|[+-]\d{2}:?\d{2})?)?"
)
_DAYS = tuple(
    re.compile(rf"{_WEEKDAY}{form}{_TIME}\.?", re.IGNORECASE)
    for form in (
        rf"{_YEAR}-(?P<number>\d{{2}})-(?P<day>\d{{2}})",
        rf"{_YEAR}/(?P<number>\d{{2}})/(?P<day>\d{{2}})",
        rf"{_ORDINAL}(?:\s+of)?[\s-]+{_MONTH},?[\s-]+{_YEAR}",
        rf"{_MONTH}\s+{_ORDINAL},?\s+{_YEAR}",
        rf"(?P<first>\d{{1,2}})(?P<sep>[./-])(?P<second>\d{{1,2}})(?P=sep){_YEAR}",
    )
)
_PUBLISHED = re.compile(r"(?:first\s+)?(?:published|posted)(?:\s+on|\s+at)?\s*[:,–—-]?\s*", re.IGNORECASE)
_OTHER_STAMP = re.compile(
    r"(?:last\s+)?(?:updated|modified|edited|viewed|accessed|printed|retrieved)(?:\s+on|\s+at)?\s*[:,–—-]?\s*",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"[T\s]\s*\d{1,2}:\d{2}.*\Z", re.DOTALL)
_LONGEST: Final = 80  # code points; no line that is only a day is longer

# Formats that a column is tried against; each pair differs only in which number is the month.
_PAIRS: Final = tuple(
    (f"%d{sep}%m{sep}{year}", f"%m{sep}%d{sep}{year}") for year in ("%Y", "%y") for sep in ("/", "-", ".")
)
_PLAIN: Final = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y%m%d",
    *(f"{day}" for day in ("%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%B %d %Y", "%b %d %Y", "%d-%b-%Y")),
    *(f"{weekday} {day}" for weekday in ("%A", "%a") for day in ("%d %B %Y", "%d %b %Y")),
    *(f"{weekday}, {day}" for weekday in ("%A", "%a") for day in ("%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y")),
)


def iso_day(text: str) -> dt.date | None:
    """The day of exactly YYYY-MM-DD, else None."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def parse_day(text: str) -> dt.date | None:
    """The day that `text` is, with or without weekday and time of day; None for anything else.

    "04/05/2016" is None: it has two readings. "25/12/2016" has one.
    """
    found = _match(text)
    if found is None:
        return None
    parts = found.groupdict()
    try:
        if parts.get("first"):
            return _numeric(int(parts["first"]), int(parts["second"]), int(parts["year"]))
        month = int(parts["number"]) if parts.get("number") else _MONTHS.index(parts["month"][:3].lower()) + 1
        return dt.date(int(parts["year"]), month, int(parts["day"]))
    except ValueError:
        return None


def published_day(line: str) -> dt.date | None:
    """The day of a line that says "Published December 14, 2016" or "Posted on ..." and nothing else, else None."""
    said = _PUBLISHED.match(line.strip()[:_LONGEST])
    return parse_day(line.strip()[said.end() :]) if said else None


def is_day_line(line: str) -> bool:
    """Whether the line is nothing but a day, bare or after "Published", "Updated", "Viewed" and the like."""
    words = line.strip()
    if len(words) > _LONGEST:
        return False
    stamp = _PUBLISHED.match(words) or _OTHER_STAMP.match(words)
    return _match(words[stamp.end() :] if stamp else words) is not None


def _match(text: str) -> re.Match[str] | None:
    words = text.strip()
    if len(words) > _LONGEST:
        return None
    return next((found for form in _DAYS if (found := form.fullmatch(words))), None)


def _numeric(first: int, second: int, year: int) -> dt.date | None:
    if first == second or second > 12:
        return dt.date(year, first, second)
    return dt.date(year, second, first) if first > 12 else None


# --- a column of days -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Column:
    """How a column of days is to be read: a strptime format, or None and why there is none."""

    format: str | None
    reason: str


def infer_format(values: Sequence[str]) -> Column:
    """One format for a whole column. Where day and month could be swapped, the rows with one reading decide."""
    filled = [cut for value in values if (cut := without_clock(value))]
    if not filled:
        return Column(None, "the column is empty")
    candidates = [(form,) for form in _PLAIN] + list(_PAIRS)
    fits = [sum(any(day_by(value, form) for form in forms) for value in filled) for forms in candidates]
    best = max(fits)
    if best * 2 <= len(filled):  # a format that most rows do not follow is not the column's
        return Column(None, f"no date format fits most of its rows, such as {filled[0][:40]!r}")
    forms = candidates[fits.index(best)]
    return Column(forms[0], f"read as {forms[0]}") if len(forms) == 1 else _which_first(filled, forms)


def day_by(value: str, form: str) -> dt.date | None:
    """The day of `value` by a strptime format, None where it does not fit."""
    try:
        return dt.datetime.strptime(value.strip(), form).date()
    except ValueError:
        return None


def without_clock(value: str) -> str:
    """The value without a time of day at its end."""
    return _CLOCK.sub("", value.strip())


def _which_first(values: Sequence[str], forms: Sequence[str]) -> Column:
    alone = dict.fromkeys(forms, 0)  # rows that only this format can read
    same = True
    for value in values:
        days = {form: day for form in forms if (day := day_by(value, form))}
        same = same and len(days) == len(forms) and len(set(days.values())) == 1
        if len(days) == 1:
            alone[next(iter(days))] += 1
    sure = [form for form in forms if alone[form]]
    if len(sure) == 1:
        return Column(sure[0], f"read as {sure[0]}: {alone[sure[0]]} of {len(values)} rows can be read in no other way")
    if same:
        return Column(forms[0], f"read as {forms[0]}")
    if not sure:
        return Column(None, "every row could be day/month or month/day")
    return Column(None, "some rows can only be day/month and others only month/day")
