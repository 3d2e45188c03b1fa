"""The scorer of speakers over articles written for the purpose, read as the product reads them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals import speakers
from evals.metrics import same_name
from rag.types import Attribution

pytestmark = pytest.mark.filterwarnings("ignore:invalid escape sequence")

TEXT = "USA Today reports that the Port Authority claimed the crane was empty. The crane fell on Monday."


def item(words: str, speaker: str | None, *via: str) -> dict[str, object]:
    at = TEXT.index(words)
    marked = {"article": "gull", "start": at, "end": at + len(words), "speaker": speaker, "via": list(via)}
    return marked | {"stance": "asserts"}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "news.csv"
    path.write_text(f'key,words,paper\ngull,"{TEXT}",The Daily Gull\n', encoding="utf-8")
    return path


def suite(folder: Path, *items: dict[str, object]) -> Path:
    path = folder / "suite.json"
    path.write_text(json.dumps({"items": items}), encoding="utf-8")
    return path


def test_it_tells_right_from_wrong_and_counts_both(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    right = item("the crane was empty", "the Port Authority", "USA Today")
    nobody = item("The crane fell", None)
    wrong = item("The crane fell on Monday", "the mayor")
    path = suite(table.parent, right, nobody, wrong)
    columns = "id=key,text=words,outlet=paper"
    assert speakers.main([str(path), str(table), "--map", columns, "--errors"]) == 0
    shown = capsys.readouterr().out
    assert "speaker right  0.667" in shown
    assert "chain right    1.000" in shown
    assert "1  somebody → nobody" in shown
    assert "“The crane fell on Monday”" in shown


def test_an_article_that_is_not_there_is_named(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = suite(table.parent, item("The crane fell", None) | {"article": "swan"})
    assert speakers.main([str(path), str(table), "--map", "id=key,text=words"]) == 1
    assert "article swan" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("marked", "given", "right"),
    [
        ("Lind", "Ada Lind", True),
        ("the Port-Authority", "PortAuthority", True),
        ("Ada Lind", "Karl Lind", False),
        ("Norway", "Norway and Sweden", False),
        (None, None, True),
        (None, "Ada Lind", False),
    ],
)
def test_when_two_names_are_one(marked: str | None, given: str | None, right: bool) -> None:
    assert same_name(marked, given) is right


def test_a_chain_is_right_in_its_order_alone() -> None:
    def chain(*via: str) -> Attribution:
        return Attribution("Ada Lind", via)

    assert speakers.Marked("a", 0, 1, chain("AP", "Gull"), chain("AP", "Gull")).chain_right
    assert not speakers.Marked("a", 0, 1, chain("AP", "Gull"), chain("Gull", "AP")).chain_right
    assert not speakers.Marked("a", 0, 1, chain("AP"), chain()).chain_right
