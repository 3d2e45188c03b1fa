"""Every command that the README shows does what it says."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [line.strip().split("  #")[0].strip() for line in re.findall(r"^    ((?:make|whosays) .*)$", README, re.M)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the corpus, as a user has it who installed the command."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "corpus").symlink_to(ROOT / "corpus")
    return folder


def test_the_readme_shows_commands() -> None:
    assert [c for c in COMMANDS if c.startswith("make")][:2] == ["make chat", "make test"]
    assert sum(c.startswith("whosays") for c in COMMANDS) >= 3


@pytest.mark.slow
def test_every_whosays_command_runs_in_the_order_shown(place: Path) -> None:
    whosays = f"{shlex.quote(sys.executable)} -m rag.cli"
    environ = {**os.environ, "WHOSAYS_LIBRARY": str(place / "library"), "PYTHONPATH": str(ROOT)}
    for command in COMMANDS:
        if command.startswith("whosays"):
            line = re.sub(r"^whosays", whosays, command)
            done = subprocess.run(line, shell=True, cwd=place, env=environ, capture_output=True, text=True, timeout=120)
            assert done.returncode == 0, f"{command}: {done.stderr}"


@pytest.mark.slow
def test_make_ask_prints_the_answer_that_the_readme_shows(place: Path) -> None:
    _needs_make()
    environ = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"}
    (command,) = [c for c in COMMANDS if c.startswith("make ask")]
    done = _make(shlex.split(command)[1:], place, environ)
    shown = re.search(r"<!-- answer: .*? -->\n(.*?)\n<!-- /answer -->", README, re.S)
    assert shown, "the README has no answer: python -m evals.readme README.md"
    told = [line.strip() for line in done.splitlines() if line.strip() and not line.startswith("Read without")]
    for line in shown[1].splitlines():
        assert not line.strip() or line.strip() in told, f"stale: python -m evals.readme README.md ({line.strip()})"


@pytest.mark.slow
def test_make_chat_serves_the_page(place: Path) -> None:
    _needs_make()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["make", "chat", f"PORT={port}", f"LIBRARY={place / 'library'}"]
    serving = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        page = _fetched(f"http://127.0.0.1:{port}/", 120)
    finally:
        os.killpg(serving.pid, 15)
        serving.wait(timeout=30)
    assert "Whosays" in page


def test_make_test_and_the_other_targets_exist() -> None:
    _needs_make()
    for target in ("setup", "test", "check", "chat"):
        assert f"make {target}" in README
        subprocess.run(["make", "-n", target], cwd=ROOT, check=True, capture_output=True)


def _needs_make() -> None:
    if not (ROOT / ".venv" / "installed").exists():
        pytest.skip("not run from the checkout's own .venv, so make would install")


def _make(arguments: list[str], folder: Path, environ: dict[str, str]) -> str:
    command = ["make", *arguments, f"LIBRARY={folder / 'library'}"]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _fetched(url: str, patience: float) -> str:
    end = time.monotonic() + patience
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as page:
                return str(page.read().decode("utf-8"))
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)
