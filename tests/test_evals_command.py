"""`whosays eval`: a table, a result to compare with, a page, floors, and a file to start from."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import scripted
import yaml

import rag.cli as cli
from evals import report, result_file
from evals.answering import Bench
from evals.compare import compare, table
from evals.evaluate import Result, scored
from evals.items import load
from evals.metrics import plain

ACCUSES = "The port authority accused striking dockers of locking the gates."
SUITE = f"""
items:
  - id: h1
    question: Who locked the gates?
    kind: agreed
    positions:
      - name: dockers
        quotes: {{post: ["{ACCUSES}"]}}
        speakers: {{post: {{"{ACCUSES}": port authority}}}}
  - {{id: h2, question: "What colour is the mayor's hat?", kind: unanswerable, positions: []}}
floors: {{quote fidelity: 1.0}}
"""
SEEN = {
    "outcome": "answered",
    "positions": [
        {"label": "dockers", "citations": [{"article": "post", "quote": ACCUSES, "speaker": "port authority"}]}
    ],
}
SILENT: dict[str, Any] = {"outcome": "unanswered", "positions": []}


@pytest.fixture
def harbour(tmp_path: Path) -> Path:
    scripted.write_harbour(tmp_path / "articles")
    (tmp_path / "mine.yaml").write_text(SUITE, encoding="utf-8")
    return tmp_path


def result_of(folder: Path, *answers: dict[str, Any]) -> Result:
    """The suite above scored over given answers."""
    (folder / "mine.yaml").write_text(SUITE, encoding="utf-8")
    texts = {"post": plain(scripted.HARBOUR["post.txt"])}
    return scored(Bench(load(folder / "mine.yaml"), texts, None, None), answers)


def test_a_users_suite_is_answered_scored_written_and_compared(
    harbour: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = ["eval", str(harbour / "mine.yaml"), "--docs", str(harbour / "articles"), "--out", str(harbour / "out")]
    assert cli.main(run) == 0
    told = capsys.readouterr().out
    assert "mine: 2 questions" in told
    assert re.search(r"\| quote fidelity \| 1\.000 \|.*\| at least 1 ✓ \|", told)
    assert "| sides read at 8 | 1.000 |" in told
    assert "Nothing to score:" in told
    kept = json.loads((harbour / "out" / "mine.json").read_text(encoding="utf-8"))
    assert [item["answer"]["id"] for item in kept["items"]] == ["h1", "h2"]
    assert kept["missed"] == []
    page = (harbour / "out" / "mine.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 2
    assert ACCUSES in page
    assert cli.main([*run[:4], "--compare", str(harbour / "out" / "mine.json")]) == 0
    assert "Compared over 2 questions. Nothing changed." in capsys.readouterr().out


def test_a_floor_that_is_missed_is_named_and_is_exit_1(harbour: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (harbour / "mine.yaml").write_text(SUITE.replace("quote fidelity: 1.0", "seconds: 0.0"), encoding="utf-8")
    assert cli.main(["eval", str(harbour / "mine.yaml"), "--docs", str(harbour / "articles")]) == 1
    told = capsys.readouterr()
    assert "at most 0 ✗" in told.out
    assert told.err == "whosays: below its floor: seconds\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["none.yaml"], "none.yaml: cannot read the questions"),
        (["mine.yaml", "--compare", "none.json"], "none.json: cannot read the earlier run"),
        (["mine.yaml", "--compare", "mine.yaml"], "mine.yaml: is no result of an eval run"),
        (["mine.yaml", "--docs", "articles", "--part", "dev"], "no item whose \"part\" is 'dev'"),
        (["--docs", "articles"], "--docs without a SUITE"),
        (["--new", "mine.yaml"], "mine.yaml: is there already"),
        (["--new", "mine.txt"], "ends in .yaml"),
        (["--new", "new.yaml"], "no library at"),
    ],
)
def test_wrong_usage_is_one_line(
    arguments: list[str], told: str, harbour: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(harbour)
    monkeypatch.delenv("WHOSAYS_LIBRARY", raising=False)
    assert cli.main(["eval", *arguments]) in (1, 2)
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1


def test_a_new_suite_is_one_that_the_library_passes(harbour: Path, capsys: pytest.CaptureFixture[str]) -> None:
    library = ["--library", str(harbour / "library")]
    assert cli.main([*library, "ingest", "--quiet", str(harbour / "articles")]) == 0
    assert cli.main([*library, "eval", "--new", str(harbour / "new.yaml")]) == 0
    assert "questions to start from" in capsys.readouterr().out
    items = yaml.safe_load((harbour / "new.yaml").read_text(encoding="utf-8"))["items"]
    assert {item["kind"] for item in items} == {"agreed", "unanswerable"}
    assert cli.main([*library, "eval", str(harbour / "new.yaml")]) == 0
    assert "| quote fidelity | 1.000 |" in capsys.readouterr().out


@pytest.mark.slow
def test_the_bundled_questions_reach_their_floors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["eval", "--out", str(tmp_path)]) == 0, capsys.readouterr().out
    kinds = [item["row"]["kind"] for item in json.loads((tmp_path / "bundled.json").read_text())["items"]]
    assert (len(kinds) >= 60, kinds.count("contested") >= 20, kinds.count("unanswerable") >= 15) == (True, True, True)


# --- results ----------------------------------------------------------------------------------


def test_a_result_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    result = result_of(tmp_path, {"id": "h1", **SEEN}, {"id": "h2", **SILENT})
    result = replace(result, rows=(replace(result.rows[0], read={8: 1, 20: 1}), *result.rows[1:]))
    result_file.write(tmp_path / "r.json", result)
    assert tuple(result_file.read(tmp_path / "r.json").rows.values()) == result.rows


def test_a_comparison_names_what_moved_and_no_more(tmp_path: Path) -> None:
    before = result_of(tmp_path, {"id": "h1", **SEEN}, {"id": "h2", **SEEN})
    result_file.write(tmp_path / "r.json", before)
    now = result_of(tmp_path, {"id": "h1", **SEEN}, {"id": "h2", **SILENT})
    found = compare(result_file.read(tmp_path / "r.json"), now)
    assert [c.id for c in found.changes] == ["h2"]
    assert {name for name, was, is_, _ in found.differences if was != is_} == {"abstains: unanswerable"}
    told = table(found)
    assert "| abstains: unanswerable | 0.000 | 1.000 | +1.000 (–) |" in told
    assert "- h2: What colour is the mayor's hat? answered → unanswered" in told


def test_the_page_shows_what_articles_hold_as_text(tmp_path: Path) -> None:
    bad = "<script>alert(1)</script>"
    citation = {"n": 1, "article": "post", "title": bad, "quote": ACCUSES, "start": 0, "end": len(ACCUSES)}
    whole = {
        "schema": 1, "question": bad, "standalone": bad, "outcome": "answered", "summary": f"{bad} [1].",
        "scope": {"since": None, "until": None, "outlets": [], "articles": []},
        "positions": [{"label": bad, "relation": "agrees", "origins": [bad], "citations": [citation | {
            "outlet": bad, "published": None, "url": None, "context": None, "speaker": bad, "via": [bad],
            "stance": "asserts"}]}],
        "nearest": [], "silent": [], "rejected": [], "notes": [bad], "engine": "extractive", "model": None,
        "prompt": None, "library": "0" * 64, "usage": None,
        "timings_ms": {"retrieve": 1.0, "rerank": 1.0, "read": 1.0, "verify": 1.0, "total": 4.0},
    }  # fmt: skip
    page = report.page(result_of(tmp_path, {"id": "h1", **whole}, {"id": "h2", "error": bad}))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "dockers" in page, "the reference stands beside the answer"
