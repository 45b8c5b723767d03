"""The command `mutirao`: finds the command that is asked for, loads only that, and ends in one clear sentence."""

import ast
import difflib
import io
import os
import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typer
from rich.table import Table

from mutirao import __version__
from mutirao.cli.console import complain, output, show_findings
from mutirao.ground.findings import InputError, Stop

GROUP = "mutirao.commands"
DEBUG = "MUTIRAO_DEBUG"
"""Set to 1 to see the traceback of an error that nobody foresaw."""

FAILED, UNUSABLE, INTERRUPTED = 1, 2, 130
"""Exit codes besides those of :class:`Stop`: a fault of ours, a call or input that cannot be used, Ctrl-C."""

_ORDER = (
    *("template", "draft", "import", "check", "dictionary", "inventory", "export"),
    *("poverty", "plan", "assess", "headwinds", "frontier", "table-kit", "explain", "verify"),
    *("serve", "worker", "admin"),
)
"""The way a city goes through them; other commands follow by name."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 our fault, 2 input, 3 no plan, 130 Ctrl-C."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal without UTF-8 shows a question mark for a letter it lacks; it is no reason to fail.
            stream.reconfigure(errors="replace")
    try:
        return _run(words)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else FAILED if end.code else 0
        if code == INTERRUPTED:
            return _stopped()
        return code
    except KeyboardInterrupt:
        return _stopped()
    except InputError as error:
        show_findings(error.findings)
        return error.exit_code
    except Stop as stop:
        complain(str(stop))
        return stop.exit_code
    except BrokenPipeError:
        _close_output()
        return FAILED
    except OSError as error:
        return _unusable_file(error)
    except Exception as error:
        return _unforeseen(error)


def _run(words: list[str]) -> int:
    found = commands()
    if not words or words[0] in ("--help", "-h", "help"):
        if len(words) > 1 and words[0] == "help":
            return _run([words[1], "--help", *words[2:]])
        show_help(found)
        return 0 if words else UNUSABLE
    name, *rest = words
    if name == "--version":
        output.print(f"mutirao {__version__}", highlight=False)
        return 0
    if name not in found:
        near = difflib.get_close_matches(name, found, 1)
        hint = f"Did you mean `mutirao {near[0]}`?" if near else "`mutirao --help` lists the commands."
        complain(f"mutirao: there is no command '{name}'. {hint}")
        return UNUSABLE
    try:
        application = _application(found[name])
    except ModuleNotFoundError as error:
        package = (error.name or "mutirao").partition(".")[0]
        if package == "mutirao":
            raise
        complain(f"`mutirao {name}` needs '{package}', which is not installed: pip install 'mutirao[web]'")
        return UNUSABLE
    command = typer.main.get_command(application)
    command(args=rest, prog_name=f"mutirao {name}")
    return 0


def commands() -> dict[str, EntryPoint]:
    """Every installed command by name, in the order in which a city goes through them; none is loaded."""
    found = {entry.name: entry for entry in entry_points(group=GROUP)}
    place = {name: n for n, name in enumerate(_ORDER)}
    return {name: found[name] for name in sorted(found, key=lambda name: (place.get(name, len(place)), name))}


def purpose(entry: EntryPoint) -> str:
    """The first line of a command's docstring, read from its source so that nothing heavy is imported."""
    spec = find_spec(entry.module)
    if spec is None or spec.origin is None or not Path(spec.origin).is_file():
        return ""
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    functions = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == entry.attr]
    words = ast.get_docstring(functions[0] if functions else tree) or ""
    return words.partition("\n")[0].rstrip(".")


def show_help(found: dict[str, EntryPoint]) -> None:
    """Print what the program is for and one line for each command."""
    output.print("Usage: mutirao COMMAND ...", highlight=False, markup=False)
    output.print("\nFrom a city's own figures to the least-cost plan to carbon neutrality, under rules people set.\n")
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold cyan", no_wrap=True)
    table.add_column()
    for name, entry in found.items():
        table.add_row(name, purpose(entry))
    output.print(table, highlight=False)
    output.print("\n`mutirao COMMAND --help` explains a command, with examples.")
    output.print("`mutirao --version` prints the version.")


def _application(entry: EntryPoint) -> typer.Typer:
    target: Any = entry.load()
    if isinstance(target, typer.Typer):
        return target
    application = typer.Typer(add_completion=False, rich_markup_mode="rich")
    application.command(name=entry.name)(target)
    return application


def _stopped() -> int:
    complain("stopped; nothing was left half written")
    return INTERRUPTED


def _close_output() -> None:
    """Whoever read our output has gone (`| head`): say no more, also when Python flushes at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unusable_file(error: OSError) -> int:
    if os.environ.get(DEBUG) == "1":
        traceback.print_exc()
    place = str(error.filename2 or error.filename or "the file system")
    complain(f"{place}: {error.strerror or error}. Check that the path exists and may be read or written.")
    return UNUSABLE


def _unforeseen(error: Exception) -> int:
    if os.environ.get(DEBUG) == "1":
        traceback.print_exc()
    text = " ".join(str(error).split())[:300]
    complain(
        f"This is a fault of the software, not of your input ({type(error).__name__}: {text}). "
        f"Please report it with the command you gave; {DEBUG}=1 in front of the command shows where it happened."
    )
    return FAILED
