"""What a finished run left behind, read as plain data; pages of plans and the interface for programs use it."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from mutirao.web.runs.models import Run


def read_json(run: Run, name: str) -> Any:
    """A JSON file that a run left; None where the run is not done or left no such file."""
    file = run.result / name
    return _read(file) if run.state == Run.State.DONE and file.is_file() else None


def summary_of(run: Run) -> dict[str, Any]:
    """What lists need of a finished run; empty where there is nothing."""
    return read_json(run, "summary.json") or {}


@lru_cache(maxsize=32)
def _read(file: Path) -> Any:
    """Results never change, so what was read once stays true."""
    return json.loads(file.read_text(encoding="utf-8"))
