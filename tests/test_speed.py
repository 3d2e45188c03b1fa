"""The speed report: its table follows from what was measured, and it is written only between its marks."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import scripted

from evals import speed


def test_the_table_says_the_median_the_range_and_how_much_the_program_adds() -> None:
    text = speed.table(cold_s=[3.0, 5.0, 4.0], first_s=[0.2, 0.3], warm_s=[1.2, 2.2], bare_s=[1.0, 2.0], articles=7)
    assert "7 articles" in text
    rows = {line.split("|")[1].strip(): [c.strip() for c in line.split("|")[2:4]] for line in text.splitlines()}
    assert rows["`whosays ask`, cold: a whole process"] == ["4.00 s", "3.00–5.00 s"]
    assert rows["a warm question, until the page has quotes"] == ["0.25 s", "0.20–0.30 s"]
    assert rows["a warm question, whole"] == ["1.70 s", "1.20–2.20 s"]
    assert rows["the bare models on the same inputs"] == ["1.50 s", "1.00–2.00 s"]
    assert rows["warm ÷ bare"] == ["1.15×", "1.10–1.20×"]


def test_only_what_stands_between_the_marks_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text(f"Before.\n{speed.BEGIN}\nold\n{speed.END}\nAfter.\n", encoding="utf-8")
    for table in ("| first |", "| second |"):
        speed.write(page, table)
        assert page.read_text(encoding="utf-8") == f"Before.\n{speed.BEGIN}\n{table}\n{speed.END}\nAfter.\n"


@pytest.mark.parametrize("page", ["no marks", f"{speed.BEGIN} only", f"{speed.END} only"])
def test_a_page_without_marks_is_left_as_it_is(tmp_path: Path, page: str) -> None:
    path = tmp_path / "README.md"
    path.write_text(page, encoding="utf-8")
    with pytest.raises(SystemExit, match="has no marks"):
        speed.write(path, "| table |")
    assert path.read_text(encoding="utf-8") == page


def test_the_recorder_passes_on_what_it_remembers() -> None:
    reader = scripted.ScriptedReader({"dockers": 2.0})
    recorder = speed.Recorder(reader)
    windows = [("The dockers left.", 0), ("Snow fell.", 0)]
    assert recorder.read("Who left?", windows) == reader.read("Who left?", windows)
    assert recorder.calls == [("Who left?", windows)]


def test_a_cold_question_is_a_whole_process_over_that_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(subprocess, "run", lambda command, **kwargs: commands.append(command))
    taken = speed.cold(tmp_path, runs=3)
    assert len(taken) == len(commands) == 3
    assert all(t >= 0 for t in taken)
    assert all(str(tmp_path) in command and "ask" in command for command in commands)


def test_warm_questions_are_timed_beside_the_bare_models_on_the_same_inputs(harbour_tools: Any) -> None:
    whole, bare = speed.warm(harbour_tools, rounds=1)
    assert len(whole) == len(bare) == len(speed.QUESTIONS)
    assert all(w > 0 for w in whole)
    assert all(b > 0 for b in bare)


def test_the_first_quotes_of_a_question_come_before_its_answer(harbour_tools: Any) -> None:
    whole, _ = speed.warm(harbour_tools, rounds=1)
    assert sum(speed.first(harbour_tools, rounds=1)) < sum(whole)
