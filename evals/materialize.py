"""A suite's spans → the verbatim quotes that a scorer reads. Suites hold offsets: the articles are not ours to copy.

python -m evals.materialize SUITE.json ARTICLES_DIR OUT.json [--texts TEXTS.json]
python -m evals.materialize SUITE.json OUT.json --csv FILE --id-column unit_id --text-column article_content

OUT and TEXTS hold the articles' own words: write them outside the project.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rag.errors import ReadError, UsageError, WhosaysError
from rag.readers import find_files, read

Suite = dict[str, Any]  # {"articles": {key: {"sha256", "characters"}}, "items": [...]}: see evals/suites/README.md
Texts = dict[str, str]  # article key → its text with LF line ends


def article_key(stem: str) -> str:
    """The key of an article in a suite: the three digits before "_" where its file has them, else the whole stem."""
    return stem.split("_", 1)[0] if re.match(r"\d{3}_", stem) else stem


def read_folder(folder: Path) -> Texts:
    """The texts of a folder's articles by key, as the reader gives them. A table there is not read: it has --csv.

    Raises ReadError when a file cannot be read, two share a key, or there is none.
    """
    texts: Texts = {}
    files, _ = find_files([folder])
    for path in files:
        if path.suffix.lower() in (".csv", ".jsonl"):
            continue
        for article in read(path).articles:
            key = article_key(article.id)
            if key in texts:
                raise ReadError(f"{path}: the key {key} is taken by another file: rename one of them")
            texts[key] = article.text
    if not texts:
        raise ReadError(f"{folder}: no article there: give the folder that holds the suite's articles")
    return texts


def read_table(path: Path, id_column: str, text_column: str) -> Texts:
    """The texts of a CSV file's rows by id. Raises ReadError for a missing column."""
    csv.field_size_limit(sys.maxsize)  # the default refuses an article of 128 KiB
    texts: Texts = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        for column in (id_column, text_column):
            if column not in (rows.fieldnames or []):
                raise ReadError(f"{path}: no column {column!r}: it has {', '.join(rows.fieldnames or [])}")
        for row in rows:
            texts[_free(row[id_column], texts)] = (row[text_column] or "").replace("\r\n", "\n").replace("\r", "\n")
    return texts


def _free(wanted: str, taken: Mapping[str, str]) -> str:
    """The wanted id, or that with "-2", "-3"... where it is taken: as the library names such rows."""
    if wanted not in taken:
        return wanted
    return next(key for n in range(2, len(taken) + 3) if (key := f"{wanted}-{n}") not in taken)


def check_texts(suite: Suite, texts: Mapping[str, str]) -> None:
    """Raise ReadError unless every article whose hash the suite gives is there with the text its offsets count in."""
    for key, known in suite.get("articles", {}).items():
        if key not in texts:
            raise ReadError(f"article {key}: not among the {len(texts)} articles: give the whole collection")
        found = hashlib.sha256(texts[key].encode("utf-8")).hexdigest()
        if found != known["sha256"]:
            raise ReadError(
                f"article {key}: {len(texts[key])} characters, sha256 {found[:12]}; the suite was written over "
                f"{known['characters']}, {known['sha256'][:12]}: get the same text, or its offsets point elsewhere"
            )


def materialize(suite: Suite, texts: Mapping[str, str]) -> Suite:
    """The suite with each position's spans replaced by the words they hold. Other fields stay."""
    check_texts(suite, texts)
    return suite | {"items": [_item(item, texts) for item in suite["items"]]}


def _item(item: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    return dict(item) | {"positions": [_position(item["id"], position, texts) for position in item["positions"]]}


def _position(item: str, position: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    rest = {name: value for name, value in position.items() if name not in ("spans", "speakers")}
    quotes = {
        key: [_words(item, key, start, end, texts) for start, end in spans] for key, spans in position["spans"].items()
    }
    if "speakers" not in position:
        return rest | {"quotes": quotes}
    speakers = {
        key: {
            _marked(item, key, int(start), position["spans"].get(key, ()), texts): who for start, who in marks.items()
        }
        for key, marks in position["speakers"].items()
    }
    return rest | {"quotes": quotes, "speakers": speakers}


def _marked(item: str, key: str, start: int, spans: Sequence[Sequence[int]], texts: Mapping[str, str]) -> str:
    """The words of the span that begins at `start`."""
    ends = [end for begin, end in spans if begin == start]
    if not ends:
        raise ReadError(f"item {item}: a speaker is named at {start} of article {key}, where no span of it begins")
    return _words(item, key, start, ends[0], texts)


def _words(item: str, key: str, start: int, end: int, texts: Mapping[str, str]) -> str:
    text = texts.get(key)
    if text is None:
        raise ReadError(f"item {item}: no article {key}: give the whole collection")
    if not 0 <= start < end <= len(text):
        raise ReadError(f"item {item}: {start}:{end} leaves article {key}, which has {len(text)} characters")
    return text[start:end]


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="evals.materialize", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("suite", type=Path)
    parser.add_argument("articles", type=Path, nargs="?", help="a folder of articles; leave it out with --csv")
    parser.add_argument("out", type=Path)
    parser.add_argument("--csv", type=Path, help="a table of articles, instead of a folder")
    parser.add_argument("--id-column", default="unit_id")
    parser.add_argument("--text-column", default="article_content")
    parser.add_argument("--texts", type=Path, help='also write {"article key": "text"} here, for a scorer')
    return parser.parse_args(argv)


def _texts(given: argparse.Namespace) -> Texts:
    if (given.articles is None) == (given.csv is None):
        raise UsageError("give either a folder of articles or --csv FILE, and not both")
    if given.csv is not None:
        return read_table(given.csv, given.id_column, given.text_column)
    return read_folder(given.articles)


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 0 when done, 1 when articles cannot be read or do not fit, 2 for wrong usage."""
    given = _arguments(argv)
    try:
        texts = _texts(given)
        suite = materialize(json.loads(given.suite.read_text(encoding="utf-8")), texts)
        _write(given.out, suite)
        if given.texts is not None:
            _write(given.texts, texts)
    except (WhosaysError, OSError) as error:
        sys.stderr.write(f"materialize: {error}\n")
        return 2 if isinstance(error, UsageError) else 1
    sys.stdout.write(f"{len(suite['items'])} items: {given.out}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
