"""The catalogues of ground/catalogues in the form that Django reads, made when they have changed."""

import os
import tempfile
from pathlib import Path

from mutirao.ground.speech import LANGUAGES, SOURCE, compiled, locale_name


def compiled_catalogues(folder: Path) -> Path:
    """Write ``<language>/LC_MESSAGES/django.mo`` for every language but English, each whole or not at all."""
    for code in LANGUAGES:
        if code == SOURCE:
            continue
        content = compiled(code)
        file = folder / locale_name(code) / "LC_MESSAGES" / "django.mo"
        if file.is_file() and file.read_bytes() == content:
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, fresh = tempfile.mkstemp(dir=file.parent)
        with os.fdopen(handle, "wb") as opened:
            opened.write(content)
        os.replace(fresh, file)
    return folder
