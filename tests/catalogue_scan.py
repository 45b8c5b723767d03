"""What the code says: every message in Python and in templates that a catalogue has to hold, and where it stands."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog

#: Calls whose literal texts are looked up, and where they come from; of `ALL_PARTS` every part, of others the first.
SAYING = {"say", "word", "told", "translated", "gettext", "gettext_lazy", "again"}
ALL_PARTS = {"together", "ngettext", "ngettext_lazy"}
SPEAKERS = ("mutirao.ground.speech", "mutirao.ground.findings", "django.utils.translation")
#: Steps of long work, which pages show; the terminal's own progress bar is in `cli` and stays English.
STEPS = {"progress"}
PERCENT_PLACE = re.compile(r"%\((\w+)\)")
#: Files of the library that are not shown to readers in their language: pages of the table kit have their own words.
OWN_WORDS = ("tablekit",)

TRANS = re.compile(r"""\{%-?\s*(?:trans|translate)\s+(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""")
BLOCK = re.compile(r"\{%-?\s*blocktrans(?:late)?\b([^%]*)%\}(.*?)\{%-?\s*endblocktrans(?:late)?\s*-?%\}", re.S)
PLURAL = re.compile(r"\{%-?\s*plural\s*-?%\}")
SAID = re.compile(r"""\b_\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""")


@dataclass(frozen=True)
class Said:
    """A message and the file and line where it is said."""

    message: str
    where: str


def said_in(root: Path) -> list[Said]:
    """Every message of the Python files and templates below a folder."""
    out: list[Said] = []
    for path in sorted(root.rglob("*.py")):
        out += in_python(path.read_text(encoding="utf-8"), str(path.relative_to(root)))
    for path in sorted(root.rglob("*.html")):
        if not any(path.name.startswith(own) for own in OWN_WORDS):
            out += in_template(path.read_text(encoding="utf-8"), str(path.relative_to(root)))
    return [s for s in out if has_words(s.message)]


def in_python(text: str, name: str) -> Iterator[Said]:
    """Messages of a Python file: literals given to what says them, also those chosen by a condition."""
    tree = ast.parse(text)
    speaks = {"speech." + n: n for n in SAYING | ALL_PARTS} | {n: n for n in STEPS if not name.startswith("cli/")}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in SPEAKERS:
            speaks |= {a.asname or a.name: a.name for a in node.names if a.name in SAYING | ALL_PARTS}
    for node in ast.walk(tree):
        called = speaks.get(ast.unparse(node.func)) if isinstance(node, ast.Call) else None
        if isinstance(node, ast.Call) and called:
            for part in node.args if called in ALL_PARTS else node.args[:1]:
                for literal in _literals(part):
                    yield Said(literal, f"{name}:{node.lineno}")


def _literals(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)


def in_template(text: str, name: str) -> Iterator[Said]:
    """Messages of a template: ``_("...")``, ``{% trans "..." %}`` and blocks, whose places become ``%(name)s``."""
    for pattern in (SAID, TRANS):
        for found in pattern.finditer(text):
            message = re.sub(r"\\(.)", r"\1", found.group(1) or found.group(2) or "")
            yield Said(message, f"{name}:{text.count(chr(10), 0, found.start()) + 1}")
    for found in BLOCK.finditer(text):
        for part in PLURAL.split(found.group(2)):
            if re.search(r"\btrimmed\b", found.group(1)):
                part = " ".join(line.strip() for line in part.strip().splitlines() if line.strip())
            message = re.sub(r"\{\{\s*(\w+)\s*\}\}", r"%(\1)s", part.replace("%", "%%"))
            yield Said(message, f"{name}:{text.count(chr(10), 0, found.start()) + 1}")


def has_words(message: str) -> bool:
    """True when something is left to translate once the places are taken out."""
    return bool(re.search(r"[^\W\d_]{2,}", PERCENT_PLACE.sub("", re.sub(r"\{[^{}]*\}", "", message))))


def places(message: str) -> set[str]:
    """The places of a message, ``{name}`` with its format and ``%(name)s``. Raises ValueError for a lonely brace."""
    named = {f"{field}!{how}:{form}" for _, field, form, how in Formatter().parse(message) if field is not None}
    return named | set(PERCENT_PLACE.findall(message))


def texts(catalogue: Catalog) -> Iterator[tuple[str, list[str]]]:
    """Each message of a catalogue with its translations; a message with a plural gives two."""
    for m in catalogue:
        if m.id:
            strings = [m.string] if isinstance(m.string, str) else list(m.string)
            yield from ((one, strings) for one in ([m.id] if isinstance(m.id, str) else m.id))


def missing(said: Iterable[Said], catalogue: Catalog) -> list[str]:
    """Messages that a catalogue has no translation for, each with its place."""
    known = {message for message, strings in texts(catalogue) if all(strings)}
    return [f"{s.where}: {s.message!r}" for s in said if s.message not in known]


def other_places(catalogue: Catalog) -> list[str]:
    """Translations whose places are not those of their message."""
    return [
        f"{message!r} -> {string!r}"
        for message, strings in texts(catalogue)
        for string in strings
        if string and places(message) != places(string)
    ]


def contradictions(files: Mapping[str, Catalog]) -> list[str]:
    """Messages that two files of one language translate differently."""
    first: dict[str, tuple[str, list[str]]] = {}
    out = []
    for name, catalogue in files.items():
        for message, strings in texts(catalogue):
            known, said = first.setdefault(message, (name, strings))
            if said != strings:
                out.append(f"{message!r}: {said} in {known}, {strings} in {name}")
    return out
