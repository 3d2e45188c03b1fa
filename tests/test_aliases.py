"""Other names of one party: what articles state, how names are spelled, what the user lists; and enemies kept apart."""

from __future__ import annotations

from itertools import combinations, product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import FakeEmbedder, FakeParser

import rag.models
import rag.parse
from rag import cli
from rag.aliases import Aliases, gather
from rag.index import Index
from rag.ingest import IngestReport
from rag.library import Library
from rag.parties import alike
from rag.readers_sidecars import read_aliases
from rag.spelling import plain_name, spelled_alike
from rag.stated import stated


def pairs(text: str) -> set[tuple[str, str]]:
    return {(s.name, s.other) for s in stated(text)}


# --- what articles state ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "other"),
    [
        ("The Harbour Relief Corps, also known as the Yellow Coats, came.", "Harbour Relief Corps", "Yellow Coats"),
        ("Crews from the Harbour Relief Corps - better known as the Yellow Coats - came.", "Harbour Relief Corps",
         "Yellow Coats"),
        ("Ola from the Harbour Relief Corps, the medical group known as the Yellow Coats, wept.",
         "Harbour Relief Corps", "Yellow Coats"),
        ("The Yellow Coats, as the Harbour Relief Corps is known, came.", "Harbour Relief Corps", "Yellow Coats"),
        ("The Yellow Coats, the Harbour Relief Corps, said nobody was hurt.", "Yellow Coats", "Harbour Relief Corps"),
        ("They met the Harbour Relief Corps, or Yellow Coats, at noon.", "Harbour Relief Corps", "Yellow Coats"),
        ("the civil watch, also known as the Yellow Coats", "civil watch", "Yellow Coats"),
        ("Dawn Front (formerly known as Night Front) shelled it.", "Dawn Front", "Night Front"),
        ("Dawn Front, formerly Night Front, shelled it.", "Dawn Front", "Night Front"),
        ("An alliance, Dawn Front, calling itself Army of the Vale, came.", "Dawn Front", "Army of the Vale"),
        ("Omar Tell, nicknamed “Abu Reed”, came.", "Omar Tell", "Abu Reed"),
        ("The Free Norsund Army (FNA) left.", "Free Norsund Army", "FNA"),
        ("The Norsund Watch for Human Dignity (NWHD) said so.", "Norsund Watch for Human Dignity", "NWHD"),
        ("State of Norsund and the Vale (SNV) left.", "State of Norsund and the Vale", "SNV"),
        ("the Norsund State militant group (NS) left", "Norsund State", "NS"),
        ("FNA (Free Norsund Army) left.", "Free Norsund Army", "FNA"),
        ("Vale Defence Units (YXG) held it.", "", ""),
        ("The Vale Defence Units (YXG) hold it, and YXG men left.", "Vale Defence Units", "YXG"),
        ("Norsund President Ida Hale spoke.", "Ida Hale", "Norsund president"),
        ("Ida Hale, the Norsund president, spoke.", "Ida Hale", "Norsund president"),
        ("The Norsund foreign minister, Ida Hale, spoke.", "Ida Hale", "Norsund foreign minister"),
    ],
)  # fmt: skip
def test_what_an_article_states_is_found(text: str, name: str, other: str) -> None:
    if name:
        assert (name, other) in pairs(text)
    else:
        assert not pairs(text)


@pytest.mark.parametrize(
    "text",
    [
        "The Night Front and the Dawn Front (DF and others) fought.",
        "The Night Front, the Dawn Front and the Yellow Coats fought.",
        "The Night Front, the Dawn Front, and others fought.",
        "The Night Front and Dawn Front, also known as the Two Fronts, fought.",
        "The Night Front against the Dawn Front, also known as the Reeds, lost.",
        "The Night Front is not also known as the Dawn Front.",
        "The Night Front denied that Night Front is also known as Dawn Front.",
        "The leader of the Night Front, also known as Abu Reed, died.",
        "The Night Front, a rival of the group known as the Dawn Front, lost.",
        "The Night Front, the army said, fled.",
        "In Norsund, the relief group known as the Yellow Coats came.",
        "On Friday, the relief group known as the Yellow Coats came.",
        "A force known as the Dawn Front came.",
        "He will go to Norsund, or Osterby, or Vale.",
        "NORSUND (AP) - The Night Front lost.",
        "Smoke over the Night Front. (Reuters)",
        "A picture of the Vale Defence Units (AFP) told AFP so.",
        "Former Norsund President Ida Hale spoke.",
        "According to the Night Front, the Dawn Front, backed by Vale, lost.",
    ],
)
def test_nothing_is_made_of_lists_denials_and_others(text: str) -> None:
    assert not pairs(text)


# --- spelling ---------------------------------------------------------------------------------

SPELLINGS = """
Kefraya Kfraya | Foua Fua | Qaddafi Gaddafi Kadhafi | Hasaka Hasakeh Hasakah | Raqqa Raqa Raqqah | Sheikh Shaykh
Mohammed Muhammad Mohamed | Hussein Husayn Hussain | Erdoğan Erdogan | Latakia Latakiya | Idlib Idleb | Khaled Khalid
Qaeda Qaida | Hezbollah Hizbullah | Douma Duma | Hassan | Mahmoud | Kamal | Kamil | Hama | Hamas | Homs | Iran | Iraq
Mali | Malawi | Guinea | Guyana | Ghana | Niger | Nigeria | Iceland | Ireland | Karen | Koran | Lee | Li | Mary | Mari
Marine | Moran | Martin | Morton"""
NAMES = [family.split() for family in SPELLINGS.replace("\n", "|").split("|") if family.strip()]


def test_spellings_of_one_name_are_known_and_no_two_names_become_one() -> None:
    lost = [p for family in NAMES for p in combinations(family, 2) if not spelled_alike(*p)]
    merged = [p for a, b in combinations(NAMES, 2) for p in product(a, b) if spelled_alike(*p)]
    assert (lost, merged) == ([], [])


def test_numbers_and_letters_have_one_spelling() -> None:
    assert not spelled_alike("82", "820")
    assert not spelled_alike("FNAA", "FNA")


def test_the_arabic_article_and_servant_are_written_one_way() -> None:
    assert plain_name("Bashar al-Tell") == plain_name("Bashar Tell")
    variants = ("Rami Abdel Hakim", "Rami Abdulhakim", "Rami Abd al-Hakim", "Rami Abdel-Hakim", "Rami Abdelhakim")
    assert {plain_name(v).lower() for v in variants} == {"rami abdhakim"}
    assert plain_name("the anti-Tell camp of Al Gore") == "the anti-Tell camp of Al Gore"


def test_two_spellings_in_one_article_are_two_names() -> None:
    apart = gather(["Salem met Salim at noon.", "Salim left."])
    joined = gather(["Salem left at noon.", "Salim left."])
    assert alike("Omar Salem", "Omar Salim", joined) >= 0.5
    assert alike("Omar Salem", "Omar Salim", apart) < 0.5
    assert alike("Omar Salem", "Omar Salim") < 0.5


def test_common_words_are_no_spellings() -> None:
    assert alike("Beret", "Barat", gather(["A beret lay in Barat."])) < 0.5


# --- both, at a question ----------------------------------------------------------------------

ARTICLES = (
    "The Norsund Civil Defence, the relief group known as the Yellow Coats, came to Kefraya. Norsund President Ida Hale"
    " spoke. The State of Norsund and the Vale (SNV) did not. The Vale Watch for Human Dignity (VWHD) counted.",
    "Yellow Coats and rebels met in Kfraya. SNV fighters fired, Hale said.",
)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("the Norsund Civil Defense", "Yellow Coats"),
        ("the Civil Defense", "the Yellow Coats"),
        ("Kefraya", "Kfraya"),
        ("Hale", "the Norsund president"),
        ("SNV fighters", "the State of Norsund and the Vale"),
        ("the Watch", "VWHD"),
        ("Osterby and the Yellow Coats", "the Norsund Civil Defence and Osterby"),
    ],
)
def test_parties_are_known_by_their_other_names(a: str, b: str) -> None:
    known = gather(ARTICLES)
    assert alike(a, b, known) >= 0.5
    assert alike(b, a, known) >= 0.5
    assert alike(a, b) < 0.5


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Norsund", "SNV"), ("Norsund", "Ida Hale"), ("the Vale", "VWHD"), ("Norsund rebels", "the Yellow Coats"),
        ("rebels fighting the Yellow Coats", "the Norsund Civil Defence"),
        ("Vale", "the State of Norsund and the Vale"),
        ("Yellow Coats and Hale", "the Norsund Civil Defence"), ("anti-SNV rebels", "SNV"),
    ],
)  # fmt: skip
def test_others_stay_others(a: str, b: str) -> None:
    assert alike(a, b, gather(ARTICLES)) < 0.5
    assert alike(b, a, gather(ARTICLES)) < 0.5


def test_an_office_that_two_held_and_letters_of_two_names_join_nobody() -> None:
    office = gather(["Norsund President Ida Hale spoke.", "Norsund President Per Roe spoke."])
    assert alike("Ida Hale", "the Norsund president", office) < 0.5
    assert alike("Ida Hale", "Per Roe", office) < 0.5
    letters = gather(["The Norsund National Council (NNC) met.", "The Northern Nurses Club (NNC) met."])
    assert alike("the Norsund National Council", "the Northern Nurses Club", letters) < 0.5


def test_the_users_list_is_believed() -> None:
    known = gather([], [["Blue League", "the Leaguers", "civil watch"]])
    assert alike("the Leaguers", "the Blue League", known) >= 0.5
    assert alike("the civil watch", "Leaguers", known) >= 0.5
    assert alike("Blue League", "Red League", known) < 0.5


# --- laws -------------------------------------------------------------------------------------

PARTIES = ("Harbour Relief Corps", "Yellow Coats", "Night Front", "Dawn Front", "Army of Osterby", "Ida Hale", "Reeds")
party_names = st.sampled_from(PARTIES)
statements = st.lists(
    st.builds(
        str.format,
        st.sampled_from(
            ["The {0}, also known as the {1}, came.", "The {0}, or {1}, came.", "The {1}, as the {0} is known, came.",
             "The {0}, the {1}, said so.", "The {0} (formerly {1}) came.", "Norsund President {0} spoke to the {1}."]
        ),
        party_names, party_names,
    ),
    max_size=6,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(statements, party_names, party_names)
def test_likeness_has_no_direction_and_everyone_is_themselves(texts: list[str], a: str, b: str) -> None:
    known = gather(texts)
    assert alike(a, b, known) == alike(b, a, known)
    assert alike(a, a, known) == 1.0


@settings(max_examples=150, deadline=None)
@given(statements, party_names, party_names, st.booleans())
def test_enemies_are_never_one_whatever_else_is_stated(texts: list[str], a: str, b: str, one_text: bool) -> None:
    if a == b:
        return
    for enmity in ("{0} and {1} met.", "{0} fought against the {1}.", "{1} accused {0}.", "The {0} attacked the {1}."):
        told = [*texts, enmity.format(a, b)]
        known = gather([" ".join(told)] if one_text else told)
        assert alike(a, b, known) < 0.5


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_can_be_gathered_and_compared(a: str, b: str) -> None:
    known = gather([a, b], [[a, b]])
    assert alike(a, b, known) == alike(b, a, known)


def test_nothing_known_changes_nothing() -> None:
    assert alike("the Night Front", "the Dawn Front", Aliases()) == alike("the Night Front", "the Dawn Front") == 0.0


# --- aliases.csv ------------------------------------------------------------------------------


def test_a_line_lists_the_names_of_one_party(tmp_path: Path) -> None:
    (tmp_path / "aliases.csv").write_text('Blue League,Leaguers\n\n"Şen, Ida",Ida Şen,\n', encoding="utf-8")
    found = read_aliases(tmp_path)
    assert found.parties == (("Blue League", "Leaguers"), ("Şen, Ida", "Ida Şen"))
    assert not found.problems


def test_each_bad_line_is_named_and_the_others_are_used(tmp_path: Path) -> None:
    lines = ["Blue League,Leaguers", "Red League", "Green League,82", "Reds,leaguers", "Greens,Verdant"]
    (tmp_path / "aliases.csv").write_text("\n".join(lines), encoding="utf-8")
    found = read_aliases(tmp_path)
    assert found.parties == (("Blue League", "Leaguers"), ("Greens", "Verdant"))
    assert [(p.row, p.reason.split(":")[0]) for p in found.problems] == [
        ("2", "it gives no other name for Red League"),
        ("3", "82 is no name"),
        ("4", "leaguers stands in row 1 already"),
    ]


def test_a_list_that_is_no_text_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "aliases.csv").write_bytes(b"\0\1\2\xff" * 40)
    found = read_aliases(tmp_path)
    assert not found.parties
    assert [p.reason for p in found.problems] == ["the list was not used: binary, not text"]


def test_the_library_keeps_what_each_folder_lists(tmp_path: Path) -> None:
    with Library.create(tmp_path) as library:
        assert library.keep_aliases("/a", [["Blue League", "Leaguers"]])
        assert library.keep_aliases("/b", [["Şen", "Sen"]])
        assert not library.keep_aliases("/b", [["Şen", "Sen"]])
        assert library.keep_aliases("/a", [])
    with Library.open(tmp_path) as library:
        assert library.aliases() == [["Şen", "Sen"]]


def test_the_list_beside_the_articles_is_read_kept_and_forgotten_with_them(tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "one.txt").write_text("The Leaguers came to Norsund.", encoding="utf-8")
    (folder / "aliases.csv").write_text("Blue League,Leaguers\nReds\n", encoding="utf-8")

    def ingest(place: Path) -> IngestReport:
        with Index.open(tmp_path / "library", FakeEmbedder(), create=True) as index:
            return index.ingest([place], None, FakeParser)

    report = ingest(folder)
    assert [p.row for p in report.problems] == ["2"]
    assert f"{folder / 'aliases.csv'}: other names of 1 party" in report.notes
    assert not ingest(folder).notes
    moved = folder.rename(tmp_path / "moved")
    with Library.open(tmp_path / "library") as library:
        assert library.aliases() == [["Blue League", "Leaguers"]]
    ingest(moved)
    (moved / "aliases.csv").unlink()
    assert ingest(moved).notes == (f"{moved / 'aliases.csv'}: other names of 0 parties",)


def test_doctor_and_sources_say_how_many_parties_have_other_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(rag.models, "OnnxEmbedder", lambda *_: FakeEmbedder())
    monkeypatch.setattr(rag.models, "embedder_weights", lambda choice: None)
    monkeypatch.setattr(rag.parse, "Parser", FakeParser)
    monkeypatch.setenv("WHOSAYS_LIBRARY", str(tmp_path / "made"))
    (tmp_path / "one.txt").write_text("The Leaguers came to Norsund.", encoding="utf-8")
    (tmp_path / "aliases.csv").write_text("Blue League,Leaguers\nReds,Red League\n", encoding="utf-8")
    assert cli.main(["ingest", str(tmp_path / "one.txt")]) == 0
    assert "other names of 2 parties" in capsys.readouterr().out
    assert cli.main(["doctor"]) == 0
    assert "1 article, 1 passage, other names of 2 parties: library" in capsys.readouterr().out
    assert cli.main(["sources"]) == 0
    assert capsys.readouterr().out.endswith("other names of 2 parties (aliases.csv)\n")
