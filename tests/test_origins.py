"""Origins count people and bodies, not outlets."""

from __future__ import annotations

import pytest
import scripted

from rag.asked import understand
from rag.attribution import Said
from rag.extractive import read
from rag.origins import credited
from rag.types import Attribution, DraftPosition


def position(*told: tuple[str, str, str | None, tuple[str, ...]]) -> DraftPosition:
    """(sentence, outlet, speaker, via) of each source of one answer."""
    found = [
        scripted.evidence(sentence, "42", n=i, id_=f"a{i}", outlet=outlet)
        for i, (sentence, outlet, _, _) in enumerate(told, 1)
    ]
    by = {f"a{i}": Attribution(speaker, via) for i, (_, _, speaker, via) in enumerate(told, 1)}
    (only,) = read(understand("How many lamps?"), found, lambda a, _: [Said(0, 999, by[a], "said", None)]).positions
    return only


def test_two_outlets_that_pass_on_one_agency_are_one_origin() -> None:
    told = position(("42 lamps (Reuters)", "The Bell", None, ()), ("Reuters - 42 lamps", "The Horn", None, ()))
    assert told.origins == ("Reuters",)


def test_two_names_of_one_body_are_one_origin() -> None:
    both = position(
        ("42 lamps.", "The Bell", "Lamp Observatory of Norsund", ()), ("42.", "The Horn", "the Observatory", ())
    )
    assert both.origins == ("Lamp Observatory of Norsund",)


def test_a_speaker_goes_before_those_who_pass_it_on_and_those_before_the_outlet() -> None:
    assert position(("42.", "The Bell", "Ida Moen", ("TASS",))).origins == ("Ida Moen",)
    assert position(("42.", "The Bell", None, ("TASS", "The Horn"))).origins == ("TASS",)
    assert position(("42.", "The Bell", None, ())).origins == ("The Bell",)


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("NORSUND (AP) — The gates are locked.", "AP"),
        ("NORSUND, March 3, Reuters – The gates are locked.", "Reuters"),
        ("The gates are locked.\n\nReporting by AFP", "AFP"),
        ("A tape of the gates was seen by Reuters and others.", None),
        ("The AP exam is in May.", None),
        ("x" * 400 + " (AP) " + "x" * 400, None),
    ],
)
def test_an_agency_is_credited_at_the_head_or_the_foot(text: str, agency: str | None) -> None:
    assert credited(scripted.article("a", text)) == agency
