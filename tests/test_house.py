"""The rules of the house: what no file may hold, how large a file may be, who may import what, what is pinned.

Every finder here is also run on a small offence, so that a rule which finds nothing is known to be able to.
"""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "mutirao"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

LONGEST = 420
"""Lines of a file that one sitting still reads."""

LOADER = SOURCE / "cli" / "main.py"
"""The only file that may load code late."""

MACHINE_PATH = re.compile(r"(?<![\w.~$})-])/(?:work|tmp|root|home/\w+|Users/\w+)(?=$|[/\s\"'`,;:)\]])", re.MULTILINE)
REGISTRY = re.compile(
    "|".join(
        (
            r"py" + r"pi\.(?:org|python\.org)",
            r"python" + r"hosted\.org",
            r"npm" + r"js\.(?:org|com)",
            r"deb\." + r"debian\.org",
            r"crates" + r"\.io",
            r"--(?:extra-)?index" + r"-url",
            r"--find" + r"-links",
        )
    ),
    re.IGNORECASE,
)
NAMELESS = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc"}
PIN = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*==[0-9][a-z0-9.+!]*")


def _tracked() -> list[Path]:
    """Files that git tracks; without git (a source archive), all that is not hidden or made."""
    listed = None
    if (ROOT / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed is not None and listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]
    made = {"out", "build", "dist", "__pycache__"}
    return [
        path
        for path in ROOT.rglob("*")
        if path.is_file()
        and not any(p in made or p.endswith(".egg-info") or p.startswith(".") for p in path.relative_to(ROOT).parts)
    ]


def _texts(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    for path in paths:
        try:
            yield path, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture or a workbook


def _places(pattern: re.Pattern[str], paths: Iterable[Path]) -> list[str]:
    found = []
    for path, text in _texts(paths):
        where = path.relative_to(ROOT)
        found += [f"{where}:{text.count(chr(10), 0, h.start()) + 1}: {h.group()}" for h in pattern.finditer(text)]
    return found


def _modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def late_imports(text: str) -> list[int]:
    """Lines of a module that load code elsewhere than at its top: imports in functions, and calls that import."""
    lines = set()
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            lines |= {n.lineno for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom)}
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("import_module", "__import__"):
                lines.add(node.lineno)
    return sorted(lines)


def _requirements() -> dict[str, Requirement]:
    """What pyproject.toml asks for to run, test, lint and build, by name."""
    extras = PROJECT["project"]["optional-dependencies"].values()
    lines = [
        *PROJECT["project"]["dependencies"],
        *(line for extra in extras for line in extra),
        *PROJECT["build-system"]["requires"],
    ]
    found = {canonicalize_name(Requirement(line).name): Requirement(line) for line in lines}
    return {name: one for name, one in found.items() if name != PROJECT["project"]["name"]}


def _lines(name: str) -> list[str]:
    return (ROOT / name).read_text(encoding="utf-8").splitlines()


def _pins() -> dict[str, str]:
    return dict(line.split("==", 1) for line in _lines("constraints.txt"))


def _brought_along(names: Iterable[str]) -> set[str]:
    """Installed packages that the named ones need on this machine, themselves included."""
    waiting = [Requirement(name) for name in names]
    seen: set[tuple[str, frozenset[str]]] = set()
    found = set()
    while waiting:
        one = waiting.pop()
        key = (canonicalize_name(one.name), frozenset(one.extras))
        if key in seen:
            continue
        seen.add(key)
        try:
            needs = metadata.distribution(one.name).requires or []
        except metadata.PackageNotFoundError:
            continue  # an extra that is not installed here
        found.add(key[0])
        for line in needs:
            need = Requirement(line)
            environments = [{**default_environment(), "extra": extra} for extra in (one.extras or {""})]
            if need.marker is None or any(need.marker.evaluate(e) for e in environments):
                waiting.append(need)
    return found


def test_no_file_names_a_path_of_a_machine() -> None:
    assert not _places(MACHINE_PATH, _tracked())


@pytest.mark.parametrize("folder", ["work/main", "tmp", "root/.cache", "home/ana/city", "Users/ana/city"])
def test_a_path_of_a_machine_is_found(folder: str) -> None:
    assert MACHINE_PATH.search(f'open("/{folder}")')


@pytest.mark.parametrize("words", ["workers/works", "USD/work", "../tmp/x", "docs/root.md", "M/root", "/workforce"])
def test_other_strokes_are_not_paths_of_a_machine(words: str) -> None:
    assert not MACHINE_PATH.search(words)


def test_no_file_names_a_package_registry() -> None:
    assert not _places(REGISTRY, _tracked())


@pytest.mark.parametrize("words", ["https://py{}pi.org/simple", "files.python{}hosted.org", "registry.npm{}js.org"])
def test_a_package_registry_is_found(words: str) -> None:
    assert REGISTRY.search(words.format(""))


def test_every_file_is_read_in_one_sitting() -> None:
    lengths = {
        str(path.relative_to(ROOT)): text.count("\n")
        for path, text in _texts(p for p in SOURCE.rglob("*") if p.suffix in (".py", ".j2", ".html", ".css"))
    }
    assert lengths
    assert not {name: lines for name, lines in lengths.items() if lines > LONGEST}


def test_nothing_is_imported_late() -> None:
    offenders = {
        str(path.relative_to(ROOT)): lines
        for path in _modules()
        if path != LOADER and (lines := late_imports(path.read_text(encoding="utf-8")))
    }
    assert not offenders


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("import os\n", []),
        ("def f():\n    import os\n", [2]),
        ("class A:\n    async def f(self):\n        from os import path\n", [3]),
        ("import importlib\nx = importlib.import_module('os')\n", [2]),
        ("def f():\n    def g():\n        return __import__('os')\n", [3]),
    ],
)
def test_a_late_import_is_found(text: str, lines: list[int]) -> None:
    assert late_imports(text) == lines


def test_no_module_is_a_room_for_leftovers() -> None:
    assert not [str(p.relative_to(ROOT)) for p in _modules() if {p.stem, p.parent.name} & NAMELESS]


def test_every_dependency_has_its_sentence() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in _lines("docs/dependencies.md")
        if line.startswith("| `")
    ]
    told = {canonicalize_name(row[0].strip("`")) for row in rows}
    assert not set(_requirements()) - told, "pyproject.toml asks for what docs/dependencies.md does not tell"
    oracles = {line.split("==")[0] for line in _lines("oracles.txt") if not line.startswith("#")}
    assert not oracles - told, "oracles.txt asks for what docs/dependencies.md does not tell"
    assert not told - set(_requirements()) - oracles, "docs/dependencies.md tells of what nothing asks for"
    assert not [row for row in rows if not all(row)], "what for, why this one, weight and licence are all stated"


def test_pins_are_names_and_versions_only() -> None:
    lines = _lines("constraints.txt")
    assert lines
    assert not [line for line in lines if not PIN.fullmatch(line)]
    assert lines == sorted(set(lines))
    assert not [line for line in _lines("oracles.txt") if not line.startswith("#") and not PIN.fullmatch(line)]


@pytest.mark.parametrize("line", ["numpy", "numpy>=2", "numpy==2 ; python_version > '3'", "-r x.txt", "a @ file:x", ""])
def test_what_is_no_pin_is_found(line: str) -> None:
    assert not PIN.fullmatch(line)


def test_pins_are_what_the_project_allows() -> None:
    built = {canonicalize_name(Requirement(line).name) for line in PROJECT["build-system"]["requires"]}
    asked = {name: one for name, one in _requirements().items() if name not in built}
    pins = _pins()
    assert not set(asked) - set(pins), "not pinned in constraints.txt"
    assert not {name: pins[name] for name, one in asked.items() if not one.specifier.contains(pins[name])}


def test_all_that_comes_along_is_pinned() -> None:
    built = {canonicalize_name(Requirement(line).name) for line in PROJECT["build-system"]["requires"]}
    asked = {name: one for name, one in _requirements().items() if name not in built}
    along = _brought_along(f"{name}[{','.join(one.extras)}]" for name, one in asked.items())
    assert len(along) > len(PROJECT["project"]["dependencies"])
    assert not along - set(_pins()), "installed without a pin in constraints.txt"


def _layers(folder: Path) -> subprocess.CompletedProcess[str]:
    command = "import sys, importlinter.cli as c; sys.exit(c.lint_imports(no_cache=True, no_logo=True))"
    return subprocess.run(
        [sys.executable, "-c", command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_rooms_import_downwards_only() -> None:
    told = _layers(ROOT)
    assert told.returncode == 0, told.stdout + told.stderr


def test_an_import_upwards_is_found(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    for path in _modules():
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    (tmp_path / "src" / "mutirao" / "ground" / "upwards.py").write_text("import mutirao.report\n", encoding="utf-8")
    told = _layers(tmp_path)
    assert told.returncode != 0
    assert "mutirao.ground.upwards -> mutirao.report" in told.stdout


def test_only_the_turnover_run_may_say_that_no_group_loses() -> None:
    """Who loses is said from the run that follows today's residents, and from nowhere else."""
    said = [p for p in sorted(SOURCE.rglob("*.py")) if "no group loses" in p.read_text(encoding="utf-8").lower()]
    assert [p.name for p in said] == ["displacement.py"]
