"""Which figures a result was made from: one hash over the files of a city."""

import hashlib
import json
from pathlib import Path
from typing import Any

from mutirao.ground.writing import write_text

#: Beside a result: the hash of the city's files, what was asked, and the version of the software.
INPUTS = "inputs.json"


def content_hash(path: Path) -> str:
    """SHA-256 over names and contents of a folder's files, or over a single file: equal for equal files."""
    whole = hashlib.sha256()
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    named = sorted((p.relative_to(path).as_posix() if p != path else p.name, p) for p in files)
    for name, file in named:
        whole.update(f"{hashlib.sha256(file.read_bytes()).hexdigest()} {name}\n".encode())
    return whole.hexdigest()


def write_inputs(path: Path, asked: dict[str, Any], version: str, folder: Path) -> None:
    """Say beside a result what it was made from."""
    record = {"city_sha256": content_hash(path), "asked": asked, "version": version}
    write_text(json.dumps(record, indent=1, ensure_ascii=False), folder / INPUTS)
