"""What becomes of the tests in a browser on a machine that has none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ONE = "tests/test_ui_ledger.py::test_on_a_phone_only_the_table_scrolls_sideways_and_its_labels_stay_in_sight"


@pytest.mark.parametrize(("needed", "outcome"), [("", "1 skipped"), ("1", "1 error")], ids=["a user", "CI"])
def test_without_a_browser_they_are_skipped_for_a_user_and_fail_where_it_is_needed(
    needed: str, outcome: str, tmp_path: Path
) -> None:
    environ = {**os.environ, "PATH": str(tmp_path), "WHOSAYS_NEEDS_BROWSER": needed}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", ONE]
    ran = subprocess.run(command, env=environ, cwd=Path(__file__).parent.parent, capture_output=True, text=True)
    assert outcome in ran.stdout
    assert "no chromium on this machine: install it to test the page" in ran.stdout
    assert (ran.returncode == 0) is not bool(needed)
