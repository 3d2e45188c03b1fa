"""Answers that people judged: kept with the library, and made into reference questions that claim no more than that."""

from __future__ import annotations

import datetime as dt
import json
import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import conftest
import fakes
import pytest
import scripted
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from test_render import answers as any_answer

from evals.cases import cases
from evals.items import load, with_quotes
from evals.suite_file import read_suite
from evals.suite_yaml import as_yaml, with_added
from rag import cli
from rag.ask import ask
from rag.contract import from_dict, to_json
from rag.errors import LibraryError, UsageError
from rag.judged import LONGEST, Judged, judge, key_of
from rag.library import Library
from rag.library_file import FILE
from rag.split import split
from rag.types import Answer, Article, Attribution, Citation, Outcome, Position, Quote, Scope, Silent, Timings, Usage

Capture = pytest.CaptureFixture[str]

BELL = scripted.article(
    "bell", "A guard shut the gate at dusk, the miller said.", "Rain fell on the\nmill “all night”."
)
HORN = scripted.article("horn", "The owner shut the gate.", "Nobody saw him leave.", outlet="The Horn")
ODD = "aé\"'#:-|>&*!%@`{}[],?\t\n\r\0\x0b\x85\u2028\ufeff\ud800日😀 "
odd_text = st.text(alphabet=st.sampled_from(ODD), max_size=30) | st.text(max_size=30)


def cited(n: int, article: Article, words: str, speaker: str | None = None, via: tuple[str, ...] = ()) -> Citation:
    start = article.text.index(words)
    quote = Quote(article.id, start, start + len(words), words)
    return Citation(n, quote, article.title, article.outlet, None, None, None, Attribution(speaker, via))


def answered(question: str = "Who shut the gate?", outcome: Outcome = "disputed", **fields: Any) -> Answer:
    guard = cited(1, BELL, "A guard shut the gate at dusk, the miller said.", "the miller", ("a carter",))
    owner = cited(2, HORN, "The owner shut the gate.")
    positions = (Position("a guard", "disputes", (), (guard,)), Position("the owner", "disputes", (), (owner,)))
    made = Answer(question, question, "disputed", "A guard [1]; the owner [2].", positions=positions)
    if outcome == "answered":
        made = replace(made, outcome=outcome, positions=(Position("a guard", "agrees", (), (guard,)),))
    if outcome == "unanswered":
        made = replace(made, outcome=outcome, positions=(), nearest=(cited(1, HORN, "Nobody saw him leave."),))
    return replace(made, **fields)


def put(library: Library, *articles: Article) -> None:
    for each in articles:
        sentences, passages = split(each)
        library.put(each, sentences, passages, [() for _ in sentences])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WHOSAYS_LIBRARY", str(tmp_path / "library"))
    with Library.create(tmp_path / "library") as made:
        put(made, BELL, HORN)
    return tmp_path / "library"


@pytest.fixture
def library(folder: Path) -> Iterator[Library]:
    with Library.open(folder) as opened:
        yield opened


def one_line(capture: Capture) -> str:
    told = capture.readouterr().err
    assert told.startswith("whosays: ")
    assert told.count("\n") == 1, told
    return told


# --- what is kept comes back ------------------------------------------------------------------


@settings(deadline=None)
@given(any_answer(), st.booleans(), odd_text, st.lists(odd_text, max_size=3))
def test_a_judgement_comes_back_as_it_was(answer: Answer, helpful: bool, note: str, earlier: list[str]) -> None:
    made = judge(answer, helpful, note, earlier)
    with Library.memory() as library:
        library.keep_judged(made)
        assert library.judged(key_of(answer)) == made
        assert library.all_judged() == ([made], [])


def test_the_other_thumb_and_another_note_take_the_place_of_the_first(library: Library) -> None:
    library.keep_judged(judge(answered(), True, "Good."))
    library.keep_judged(judge(answered(), False, "No: see the third article."))
    (kept,), failures = library.all_judged()
    assert (kept.helpful, kept.note, failures) == (False, "No: see the third article.", [])


def test_one_can_be_taken_back(library: Library) -> None:
    assert library.forget_judged(key_of(answered())) is False
    library.keep_judged(judge(answered(), True))
    library.keep_judged(judge(answered("Who left?"), True))
    assert library.forget_judged(key_of(answered())) is True
    assert library.forget_judged(key_of(answered())) is False
    assert [kept.answer.question for kept in library.all_judged()[0]] == ["Who left?"]
    assert library.judged(key_of(answered())) is None


def test_they_are_listed_as_they_were_judged(library: Library) -> None:
    days = {"second": 2, "first": 1, "third": 3}
    for key, day in days.items():
        library.keep_judged(judge(answered(), True, key=key, at=dt.datetime(2026, 1, day, tzinfo=dt.UTC)))
    assert [kept.key for kept in library.all_judged()[0]] == ["first", "second", "third"]


@given(any_answer())
def test_the_key_of_an_exported_answer_is_the_same_and_what_it_cost_does_not_count(answer: Answer) -> None:
    again = from_dict(json.loads(to_json(answer)))
    assert key_of(again) == key_of(answer)
    assert key_of(replace(answer, usage=Usage(1, 2, 3), timings=Timings(total=9.5))) == key_of(answer)
    assert key_of(replace(answer, question=answer.question + "?")) != key_of(answer)
    assert key_of(replace(answer, summary=answer.summary + ".")) != key_of(answer)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"note": "x" * (LONGEST + 1)}, "the note has 2,001 characters: keep it to 2,000"),
        ({"key": ""}, "'' is no key of a judged answer"),
        ({"key": "a b"}, "'a b' is no key"),
        ({"key": "\ud800"}, "is no key"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_one_line(given: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError) as caught:
        judge(answered(), True, **given)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    assert judge(answered(), True, "x" * LONGEST).note == "x" * LONGEST


def test_an_answer_that_is_no_data_is_refused(library: Library) -> None:
    with pytest.raises(UsageError, match="this answer cannot be kept"):
        library.keep_judged(judge(answered(timings=Timings(total=float("nan"))), True))
    assert library.all_judged() == ([], [])


# --- the library's file -----------------------------------------------------------------------


def tables(folder: Path) -> set[str]:
    connection = sqlite3.connect(folder / FILE)
    found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()
    return found


def test_a_library_of_an_earlier_version_gets_its_table_at_the_first_judgement(folder: Path) -> None:
    before = tables(folder)
    with Library.open(folder) as library:
        assert (library.all_judged(), library.judged("x"), library.forget_judged("x")) == (([], []), None, False)
        assert tables(folder) == before
        library.keep_judged(judge(answered(), True))
    assert tables(folder) == before | {"judged"}


def test_nothing_else_of_the_library_changes(library: Library) -> None:
    before = (library.fingerprint(), library.summaries(), library.get("schema"))
    library.keep_judged(judge(answered(), True))
    assert (library.fingerprint(), library.summaries(), library.get("schema")) == before
    assert (library.check(), library.words_fit(), library.get("schema")) == ([], True, "1")


def test_a_judgement_outlives_the_articles_that_it_quotes(library: Library) -> None:
    library.keep_judged(judge(answered(), True))
    library.remove(["bell", "horn"])
    (kept,), _ = library.all_judged()
    assert kept.answer == answered()


def test_one_that_cannot_be_read_is_named_and_hides_no_other(folder: Path, capsys: Capture) -> None:
    with Library.open(folder) as library:
        library.keep_judged(judge(answered(), True, key="newer"))
        library.keep_judged(judge(answered("Who left?"), True))
        connection = sqlite3.connect(folder / FILE)
        connection.execute("""UPDATE judged SET answer = '{"schema": 2}' WHERE key = 'newer'""")
        connection.commit()
        connection.close()
        (kept,), (failure,) = library.all_judged()
        assert kept.answer.question == "Who left?"
        assert failure.startswith("the judged answer newer cannot be read (not an answer: schema is 2")
        with pytest.raises(LibraryError, match="the judged answer newer cannot be read"):
            library.judged("newer")
    assert cli.main(["cases", str(folder / "out.yaml")]) == 1
    assert "the judged answer newer cannot be read" in one_line(capsys)
    assert len(read_suite(folder / "out.yaml").rows) == 1


def test_threads_may_judge_at_once(library: Library) -> None:
    def work(n: int) -> None:
        for k in range(10):
            library.keep_judged(judge(answered(f"Question {n} of {k}?"), True))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({kept.key for kept in library.all_judged()[0]}) == 60


INGESTING = """
import sys, time
from pathlib import Path
from rag.library import Library
from rag.lock import WriterLock
folder = Path(sys.argv[1])
lock = WriterLock(folder)
lock.acquire()
with Library.open(folder) as library, library._write() as run:
    run("UPDATE articles SET title = 'Changed meanwhile'", ())
    print("held", flush=True)
    time.sleep(1)
lock.release()
"""
JUDGING = """
import sys
from pathlib import Path
from rag.judged import judge
from rag.library import Library
from rag.types import Answer
with Library.open(Path(sys.argv[1])) as library:
    for n in range(20):
        question = f"{sys.argv[2]} {n}?"
        library.keep_judged(judge(Answer(question, question, "unanswered", "Nothing."), True))
"""


def started(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], stdout=subprocess.PIPE, text=True)


def test_an_answer_is_judged_while_another_process_ingests(folder: Path) -> None:
    with Library.open(folder) as library, started(INGESTING, folder) as ingesting:
        assert ingesting.stdout is not None
        assert ingesting.stdout.readline() == "held\n"
        library.keep_judged(judge(answered(), True))
        assert library.summaries()[0].title == "Changed meanwhile", "it waited for the other's transaction"
        assert len(library.all_judged()[0]) == 1
    assert ingesting.returncode == 0


def test_two_processes_may_judge_at_once(folder: Path) -> None:
    both = [started(JUDGING, folder, name) for name in ("one", "two")]
    assert [each.wait(60) for each in both] == [0, 0]
    for each in both:
        each.communicate()
    with Library.open(folder) as library:
        assert len(library.all_judged()[0]) == 40


# --- from a judgement to a question -----------------------------------------------------------


def row_of(library: Library, judged: Judged) -> dict[str, Any]:
    """Its item, as it is read again."""
    (case,) = cases([judged], library)
    return yaml.safe_load(as_yaml([case.row]))[0]


def texts_of(library: Library) -> dict[str, str]:
    return {s.id: library.article(s.id).text for s in library.summaries()}


@pytest.mark.parametrize(
    ("outcome", "kind"), [("disputed", "contested"), ("answered", "agreed"), ("unanswered", "unanswerable")]
)
def test_a_helpful_answer_becomes_a_whole_question(
    outcome: Outcome, kind: str, library: Library, tmp_path: Path
) -> None:
    answer = answered(outcome=outcome, silent=(Silent("horn", "says nothing"),))
    row = row_of(library, judge(answer, True, "As I read it."))
    assert (row["kind"], row["note"], row["silent"], row["judged"]) == (kind, "As I read it.", ["horn"], "helpful")
    assert row["id"] == f"judged-{key_of(answer)}"
    assert [p["name"] for p in row["positions"]] == [p.label for p in answer.positions]
    assert not {"draft", "said", "history", "standalone"} & set(row)
    (tmp_path / "s.yaml").write_text("items:\n" + as_yaml([row]), encoding="utf-8")
    suite = with_quotes(load(tmp_path / "s.yaml"), texts_of(library))
    assert (suite.waiting, list(suite.references)) == ((), [row])


def test_quotes_speakers_and_those_between_stand_as_suites_have_them(library: Library) -> None:
    words = "A guard shut the gate at dusk, the miller said."
    first, second = row_of(library, judge(answered(), True))["positions"]
    assert first["quotes"] == {"bell": [words]}
    assert first["speakers"] == {"bell": {words: {"speaker": "the miller", "via": ["a carter"]}}}
    assert second == {"name": "the owner", "quotes": {"horn": ["The owner shut the gate."]}, "speakers": {}}


def test_a_follow_up_keeps_the_questions_before_it(library: Library) -> None:
    follow = answered("And who shut it?", standalone="Who shut the gate of the mill?")
    row = row_of(library, judge(follow, True, earlier=["Where is the mill?"]))
    assert (row["history"], row["standalone"]) == (["Where is the mill?"], "Who shut the gate of the mill?")
    alone = row_of(library, judge(answered(), True, earlier=["Where is the mill?"]))
    assert not {"history", "standalone"} & set(alone), "it is understood without them"


def test_an_answer_that_was_not_helpful_is_no_truth_but_a_draft(library: Library) -> None:
    row = row_of(library, judge(answered(), False, "The owner denied it."))
    assert (row["draft"], row["kind"], row["positions"], row["note"]) == (
        "judged not helpful",
        None,
        [],
        "The owner denied it.",
    )
    assert row["said"]["kind"] == "contested"
    assert [p["name"] for p in row["said"]["positions"]] == ["a guard", "the owner"]
    unanswered = row_of(library, judge(answered(outcome="unanswered"), False))
    assert unanswered["said"] == {
        "kind": "unanswerable",
        "positions": [],
        "nearest": {"horn": ["Nobody saw him leave."]},
    }


def test_a_quote_that_is_gone_makes_a_draft_that_names_it(library: Library) -> None:
    put(
        library, replace(HORN, text=HORN.text.replace("The owner shut", "Someone shut, not the owner, shut"), blocks=())
    )
    library.remove(["bell"])
    row = row_of(library, judge(answered(), True))
    assert row["draft"] == (
        "article 'bell' is not there any more: “A guard shut the gate at dusk, the miller said.”; "
        "article 'horn' does not say these words any more: “The owner shut the gate.”"
    )
    assert (row["kind"], row["positions"], row["judged"]) == (None, [], "helpful")


def test_a_quote_that_moved_is_written_as_it_stands_now(library: Library) -> None:
    rain = Position("rain", "agrees", (), (cited(1, BELL, "Rain fell on the\nmill “all night”."),))
    answer = answered(outcome="answered", positions=(rain,))
    assert row_of(library, judge(answer, True))["positions"][0]["quotes"] == {
        "bell": ["Rain fell on the mill “all night”."]
    }
    put(library, scripted.article("bell", "A new first line.", 'Rain fell on the mill "all night".'))
    row = row_of(library, judge(answer, True))
    assert row["positions"][0]["quotes"] == {"bell": ['Rain fell on the mill "all night".']}


def test_what_a_suite_cannot_ask_again_is_a_draft(library: Library) -> None:
    row = row_of(library, judge(answered(scope=Scope(outlets=("The Bell",))), True))
    assert row["draft"] == "asked with filters, which a suite does not have (Only articles from The Bell)"
    shared = scripted.article("001_mill", "The mill stands.")
    put(library, shared, scripted.article("001_weir", "The weir fell."))
    mill = Position("it stands", "agrees", (), (cited(1, shared, "The mill stands."),))
    row = row_of(library, judge(answered(outcome="answered", positions=(mill,)), True))
    assert row["draft"] == "article '001_mill' is not the only one that suites know as '001': “The mill stands.”"


# --- the file ---------------------------------------------------------------------------------


def run(*arguments: object) -> int:
    return cli.main(["cases", *map(str, arguments)])


def ids(path: Path) -> list[str]:
    return [item["id"] for item in yaml.safe_load(path.read_text(encoding="utf-8"))["items"]]


def test_a_file_is_written_and_tells_what_waits(
    library: Library, folder: Path, tmp_path: Path, capsys: Capture
) -> None:
    now = library.fingerprint()
    library.keep_judged(judge(answered(library=now), True, key="good"))
    library.keep_judged(judge(answered("Who left?", library=now), False, key="bad"))
    library.keep_judged(judge(answered("Who stayed?", outcome="unanswered", library="0" * 64), True, key="old"))
    out = tmp_path / "out.yaml"
    assert run(out) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{out}: 3 questions written, 2 of them whole",
        "1 question waits for their positions (judged-bad): finish them there",
        "articles came or went since these were answered, see what they say on it: judged-old",
        f"then: whosays eval {out}",
    ]
    suite = load(out)
    assert ([item["id"] for item in suite.references], suite.waiting) == (
        ["judged-good", "judged-old"],
        ("judged-bad",),
    )


EDITED = """# my own head
floors: {quote fidelity: 1.0}   # and my floor
items:
- id: judged-good               # I know this one
  question: "In my own words: who closed the gate?"
  kind: agreed
  positions:
  - {name: a guard, quotes: {bell: ["A guard shut the gate at dusk, the miller said."]}}

- id: mine
  question: |
    What is
    the toll?
  kind: unanswerable
  positions: []     # nothing
# a last word
"""


MULTILINE = """items:
  - id: mine
    question: >-
      What is
      the toll?
    kind: unanswerable
    positions: []
"""
LAST = (
    "    note: |\n      one\n      two\n\n\n",
    "    note: 'one\n\n      two' # nothing\n",
    "    note: one\n      two",
    "    note:\n",
)


@pytest.mark.parametrize("last", LAST)
@pytest.mark.parametrize("after", ["", "\nfloors: {quote fidelity: 1.0}\n"])
def test_what_is_new_stands_after_the_last_words_of_the_last_item(
    last: str, after: str, library: Library, tmp_path: Path
) -> None:
    out = tmp_path / "out.yaml"
    out.write_text(MULTILINE + last + after, encoding="utf-8")
    before = yaml.safe_load(MULTILINE + last + after)["items"]
    library.keep_judged(judge(answered(), True))
    assert run(out) == 0
    made = yaml.safe_load(out.read_text(encoding="utf-8"))
    assert (made["items"][:1], len(made["items"]), "floors" in made) == (before, 2, bool(after))
    assert out.read_text(encoding="utf-8").startswith(MULTILINE + last.rstrip("\n"))


@pytest.mark.parametrize("text", [EDITED, EDITED.replace("\n", "\r\n"), "\ufeff" + EDITED, EDITED.rstrip("\n")])
def test_a_second_run_adds_what_is_new_and_touches_nothing_else(
    text: str, library: Library, tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "out.yaml"
    out.write_bytes(text.encode("utf-8"))
    out.chmod(0o640)
    library.keep_judged(judge(answered(), True, key="good"))
    library.keep_judged(judge(answered("Who left?"), False, "two\nlines", key="bad"))
    assert run(out) == 0
    told = capsys.readouterr().out
    assert "1 question added to the 2 there, 0 of them whole" in told
    new = out.read_bytes().decode("utf-8")
    kept, tail = new[: new.index("# nothing") + len("# nothing")], new[new.index("# a last word") :]
    assert text.startswith(kept)
    assert tail.strip() == "# a last word"
    assert ids(out) == ["judged-good", "mine", "judged-bad"]
    assert ("\r\n" in new) == ("\r\n" in text)
    assert not re.search(r"(?<!\r)\n", new) or "\r\n" not in text
    assert out.stat().st_mode & 0o777 == 0o640
    assert load(out).waiting == ("judged-bad",)
    assert run(out) == 0
    assert "no questions added to the 3 there\n" in capsys.readouterr().out
    assert out.read_bytes().decode("utf-8") == new
    assert sorted(p.name for p in tmp_path.iterdir()) == ["library", "out.yaml"]


@pytest.mark.parametrize(
    "text",
    [
        "items: [{id: mine, question: 'What is the toll?', kind: unanswerable, positions: []}]\n",
        "items: !!seq\n  - {id: mine, question: 'What is the toll?', kind: unanswerable, positions: []}\n",
        "items:\n- {id: mine, question: What, kind: unanswerable, positions: &none []}\n"
        "- id: other\n  question: Who\n  kind: unanswerable\n  positions: *none\n",
        "items:\n- id: mine\n  question: Who\n  kind: unanswerable\n  positions: []\n  note: |+\n    kept\n\n",
    ],
)
def test_a_file_that_could_come_out_otherwise_is_left_alone(
    text: str, library: Library, tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "out.yaml"
    out.write_text(text, encoding="utf-8")
    library.keep_judged(judge(answered(), True))
    assert run(out) == 2
    assert 'write "items" as a list with "- " before each item' in one_line(capsys)
    assert out.read_text(encoding="utf-8") == text


def test_of_several_judgements_on_one_question_the_newest_helpful_one_is_taken(
    library: Library, tmp_path: Path, capsys: Capture
) -> None:
    judgements = [("a", True, 1), ("b", True, 2), ("c", False, 3)]
    for key, helpful, day in judgements:
        asked = answered("Who  shut the GATE?" if key == "c" else "Who shut the gate?")
        library.keep_judged(judge(asked, helpful, key=key, at=dt.datetime(2026, 1, day, tzinfo=dt.UTC)))
    assert run(tmp_path / "one.yaml") == 0
    assert ids(tmp_path / "one.yaml") == ["judged-b"]
    assert "asked there already (--all adds them): judged-a, judged-c" in capsys.readouterr().out
    assert run(tmp_path / "one.yaml") == 0
    assert ids(tmp_path / "one.yaml") == ["judged-b"]
    assert run(tmp_path / "one.yaml", "--all") == 0
    assert ids(tmp_path / "one.yaml") == ["judged-b", "judged-a", "judged-c"]


def test_a_whole_answer_comes_to_a_draft_of_the_same_question_and_no_further_draft_does(
    library: Library, tmp_path: Path
) -> None:
    out = tmp_path / "out.yaml"
    for n, (helpful, there) in enumerate([(False, 1), (False, 1), (True, 2), (True, 2)]):
        at = dt.datetime(2026, 1, 1 + n, tzinfo=dt.UTC)
        library.keep_judged(judge(answered(), helpful, key=f"k{n}", at=at))
        assert run(out) == 0
        assert len(ids(out)) == there


def test_a_judgement_that_turned_is_told_and_the_file_stays(library: Library, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "out.yaml"
    library.keep_judged(judge(answered(), True))
    assert run(out) == 0
    before = out.read_text(encoding="utf-8")
    library.keep_judged(judge(answered(), False))
    capsys.readouterr()
    assert run(out) == 0
    assert f"and it is written anew): judged-{key_of(answered())}" in capsys.readouterr().out
    assert out.read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("out.json", None, "give a name that ends in .yaml"),
        ("none/out.yaml", None, "cannot write there (No such file or directory)"),
        ("out.yaml", "questions: []\n", 'no list "items"'),
        ("out.yaml", "items: [\n", "cannot be read as .yaml"),
        ("out.yaml", "items:\n- {id: a, question: Who, kind: maybe, positions: []}\n", "its kind is 'maybe'"),
        ("library/out.yaml/", None, "cannot read the questions"),
    ],
)
def test_a_file_that_cannot_be_written_is_one_line_and_stays(
    name: str, text: str | None, told: str, library: Library, tmp_path: Path, capsys: Capture
) -> None:
    library.keep_judged(judge(answered(), True))
    if name.endswith("/"):
        (tmp_path / name).mkdir()
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert run(tmp_path / name) in (1, 2)
    assert told in one_line(capsys)
    assert text is None or (tmp_path / name).read_text(encoding="utf-8") == text


def test_a_library_without_a_judgement_says_how_to_come_by_one(folder: Path, tmp_path: Path, capsys: Capture) -> None:
    assert run(tmp_path / "out.yaml") == 1
    assert "holds no judged answer: press Helpful or Not helpful" in one_line(capsys)
    assert not (tmp_path / "out.yaml").exists()


# --- drafts in any suite ----------------------------------------------------------------------

WHOLE = {"id": "toll", "question": "What is the toll?", "kind": "unanswerable", "positions": []}
DRAFT = {"id": "gate", "question": "Who shut the gate?", "draft": "not finished"}


def lines(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "s.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def test_a_draft_is_passed_over_and_named(tmp_path: Path) -> None:
    suite = load(lines(tmp_path, WHOLE, DRAFT, {**WHOLE, "id": 7, "draft": True}))
    assert ([q.id for q in suite.questions], suite.waiting) == (["toll"], ("gate", 7))
    parts = lines(tmp_path, {**WHOLE, "part": "test"}, DRAFT, {**DRAFT, "id": "weir", "part": "test"})
    assert load(parts, "test").waiting == ("weir",)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([DRAFT], "1 question waits for their positions (gate): finish one, and take its draft line out"),
        (
            [{**DRAFT, "id": f"d{n}"} for n in range(10)],
            "10 questions wait for their positions (d0, d1, d2, d3, d4, d5, d6, d7 ...)",
        ),
        ([WHOLE, {**DRAFT, "draft": ""}], "its kind is None: give one of contested"),
        ([WHOLE, {"id": "x", "draft": "no question"}], "its question is null: give text"),
        ([WHOLE, {**DRAFT, "id": "toll"}], "stands there twice"),
    ],
)
def test_a_suite_that_cannot_be_asked_is_one_line(rows: list[dict[str, Any]], told: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load(lines(tmp_path, *rows))
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


# --- hostile text -----------------------------------------------------------------------------


@settings(deadline=None)
@given(st.lists(odd_text, min_size=5, max_size=5), st.sampled_from([0, 2, 4]))
def test_any_text_stands_in_the_file_as_it_was(texts: Sequence[str], column: int) -> None:
    one, two, three, four, five = texts
    row = {
        "id": "x" + one,
        "note": two,
        "kind": None,
        "history": [three, four],
        "positions": [
            {"name": five, "quotes": {one: [two, three]}, "speakers": {four: {two * 20: {"via": (five, one)}}}}
        ],
    }
    text = f"items:\n{as_yaml([row, row], column)}"
    plain = json.loads(json.dumps(row))
    assert yaml.safe_load(text.encode("utf-8").decode("utf-8"))["items"] == [plain, plain]
    assert yaml.safe_load(with_added("here", text, [row]))["items"] == [plain] * 3


@pytest.mark.parametrize(
    "note",
    [
        "a\nb: [c\n",
        "- x\n# y",
        "\0\x1b[31m",
        "\ud800 half",
        "'\"`{{ %TAG",
        "---\n...\n",
        "draft: no\nkind: agreed",
        "  \t\n",
    ],
)
def test_a_hostile_note_goes_all_the_way_unharmed(note: str, library: Library, tmp_path: Path, capsys: Capture) -> None:
    library.keep_judged(judge(answered(), True, note, key="one"))
    library.keep_judged(judge(answered("Who left?"), False, note, key="two"))
    assert run(tmp_path / "out.yaml") == 0
    assert "\x1b" not in capsys.readouterr().out
    held = read_suite(tmp_path / "out.yaml")
    assert [row["note"] for row in (*held.rows, *held.drafts)] == [note, note]


def test_an_answer_that_tries_to_be_markup_is_kept_as_text(library: Library, tmp_path: Path) -> None:
    library.keep_judged(judge(fakes.hostile(), False))
    assert run(tmp_path / "out.yaml") == 0
    (draft,) = read_suite(tmp_path / "out.yaml").drafts
    (position,) = draft["said"]["positions"]
    assert position["name"] == fakes.hostile().positions[0].label


def test_lines_and_letters_are_written_as_people_read_them() -> None:
    long = "Übrigens sagte er, “das Tor” sei zu: " * 8 + "so."
    text = as_yaml([{"note": "one\n\ntwo: ‘x’", "speakers": {"a": {long: {"speaker": None, "via": ("B", "C")}}}}])
    assert "note: |-\n      one\n\n      two: ‘x’\n" in text
    assert f"'{long}':\n" in text
    assert "via: [B, C]" in text


# --- the whole way ----------------------------------------------------------------------------


@pytest.mark.slow
def test_what_was_judged_on_the_page_is_asked_again_and_scored(
    tmp_path: Path, parser: Any, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WHOSAYS_MODEL", raising=False)
    scripted.write_harbour(tmp_path / "articles")
    with conftest.build_library(tmp_path, tmp_path / "articles", parser) as index:
        tools, library = conftest.with_reader(index), index.library
        gates = ask("Who locked the gates?", tools)
        follow = ask("And who accused the guards?", tools, earlier=[gates.standalone])
        hurt = ask("How many passengers were hurt?", tools)
        hat = ask("What colour is the mayor's hat?", tools)
        assert (gates.outcome, hat.outcome) == ("disputed", "unanswered")
        library.keep_judged(judge(gates, True, "Both sides.\nGood."))
        library.keep_judged(judge(follow, True, earlier=[gates.standalone]))
        library.keep_judged(judge(hat, True))
        library.keep_judged(judge(hurt, False, "One of them told it to the other"))
        out, home = tmp_path / "out.yaml", ["--library", str(tmp_path / "library")]
        assert cli.main([*home, "cases", str(out)]) == 0
        assert "4 questions written, 3 of them whole" in capsys.readouterr().out
        assert cli.main([*home, "eval", str(out), "--engine", "extractive"]) == 0
        told = capsys.readouterr().out
        assert "out: 3 questions" in told
        for figure in (
            "position F1",
            "source recall",
            "speaker accuracy",
            "disputes flagged",
            "abstains: unanswerable",
        ):
            assert f"| {figure} | 1.000 |" in told
        assert f"1 question waits for their positions (judged-{key_of(hurt)})" in told

        finished = out.read_text(encoding="utf-8").replace("    draft: judged not helpful\n", "")
        finished = finished.replace(
            "    kind:\n    positions: []\n    said:", "    kind: unanswerable\n    positions: []\n    said:"
        )
        out.write_text(finished, encoding="utf-8")
        assert cli.main([*home, "eval", str(out), "--engine", "extractive"]) == 0
        told = capsys.readouterr().out
        assert ("out: 4 questions" in told, "wait" in told) == (True, False)
        assert "| abstains: unanswerable | 0.500 |" in told
