"""Write the README's sample answer: what `make ask` prints, without the time it took.

python -m evals.readme README.md
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from evals.speed import write

HERE = Path(__file__).parent.parent
BEGIN, END = "<!-- answer: written by python -m evals.readme -->", "<!-- /answer -->"
QUESTION = "who blocked the buses?"


def sample() -> str:
    """The answer over the sample articles, 80 columns wide, indented as a block."""
    environ = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"}
    with tempfile.TemporaryDirectory() as library:
        command = [sys.executable, "-m", "rag.cli", "--library", library]
        subprocess.run([*command, "ingest", "--quiet", str(HERE / "corpus")], check=True, env=environ)
        told = subprocess.run([*command, "ask", QUESTION], check=True, env=environ, capture_output=True, text=True)
    lines = [line.rstrip() for line in told.stdout.splitlines() if not line.startswith("Read without")]
    return "\n".join(f"    {line}".rstrip() for line in lines).strip("\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]), sample(), BEGIN, END)
