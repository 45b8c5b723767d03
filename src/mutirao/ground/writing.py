"""Text files written whole or not at all."""

from pathlib import Path
from uuid import uuid4


def write_text(text: str, path: Path | str) -> None:
    """Write UTF-8 text; the file appears under its name only when complete. Raises OSError."""
    path = Path(path)
    draft = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        with draft.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
