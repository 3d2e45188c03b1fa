"""A file's address, written into the manifest.csv of its folder; and files that are there whole or not at all."""

from __future__ import annotations

import codecs
import csv
import io
import uuid
from pathlib import Path

from rag.errors import ReadError
from rag.readers_decode import decode
from rag.readers_sidecars import MANIFEST


def note_address(folder: Path, file: str, url: str) -> None:
    """Say in the manifest of `folder` that `file` came from `url`, with a row and a column where there are none.

    Every other row, column and cell stays; so does an address that the file's row names already, for somebody wrote it
    there. Raises ReadError where the manifest cannot be read, OSError where it cannot be written.
    """
    path = folder / MANIFEST
    before = path.read_bytes() if path.exists() else b""
    rows = _rows(path, before) or [["file", "url"]]
    if not _put(rows, file, url):
        return
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    mark = codecs.BOM_UTF8 if before.startswith(codecs.BOM_UTF8) else b""  # a spreadsheet's way to know UTF-8 again
    replace_file(path, mark + out.getvalue().encode("utf-8"))


def replace_file(path: Path, content: bytes) -> None:
    """Write a file so that whoever reads it meanwhile finds all of the old one or all of the new. Raises OSError."""
    new = path.with_name(f".{uuid.uuid4().hex}.new")
    try:
        new.write_bytes(content)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _rows(path: Path, content: bytes) -> list[list[str]]:
    if not content.strip():
        return []
    try:
        text = decode(content, str(path)).text
        rows = [row for row in csv.reader(io.StringIO(text, newline="")) if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise ReadError(f"{path}: {error}: mend it, or take it away") from error
    header = [cell.strip() for cell in rows[0]]
    if header.count("file") != 1 or header.count("url") > 1:
        raise ReadError(f"{path}: its first line must name the column file once, and url at most once: mend it")
    return rows


def _put(rows: list[list[str]], file: str, url: str) -> bool:
    """Whether anything was changed."""
    header = [cell.strip() for cell in rows[0]]
    if "url" not in header:
        for row in rows:
            row.append("")  # also to rows of a wrong length, which so stay as wrong as they were
        header.append("url")
        rows[0][-1] = "url"
    named, address = header.index("file"), header.index("url")
    found = next((row for row in rows[1:] if len(row) == len(header) and row[named].strip() == file), None)
    if found is None:
        found = [file if n == named else "" for n in range(len(header))]
        rows.append(found)
    if found[address].strip():
        return False
    found[address] = url
    return True
