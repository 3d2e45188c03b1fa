"""Several things of one name are several answers and no dispute."""

from __future__ import annotations

import pytest
import scripted

from rag.asked import understand
from rag.extractive import read


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        ("Ida Moen (rower) was born in Vestby.", "Ida Moen (union leader) was born in Norsund.", "answered"),
        ("Ida Moen (rower) was born in Vestby.", "Ida Moen (rower) was born in Norsund.", "disputed"),
        ("Ida Moen (1871–1939) was born in Vestby.", "Ida Moen (1869–1939) was born in Norsund.", "disputed"),
        ("Ida Moen (rower) was born in Vestby.", "Ida Moen was born in Norsund.", "disputed"),
        ("The Vestby (ferry) saw Ida Moen born in Vestby.", "Moen (union leader) was born in Norsund.", "disputed"),
    ],
)
def test_what_stands_behind_a_name_tells_two_of_it_apart(first: str, second: str, outcome: str) -> None:
    found = [scripted.evidence(first, "Vestby", n=1), scripted.evidence(second, "Norsund", n=2)]
    assert read(understand("Where was Ida Moen born?"), found, scripted.nobody).outcome == outcome
