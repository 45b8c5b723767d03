"""What the assumptions of a plan are called on a page."""

from functools import lru_cache

from mutirao.ground.speech import SOURCE, language
from mutirao.report.tablekit.language import Words, languages, words_of


def assumption_words(name: str) -> str:
    """Words for an assumption in the reader's language, as the sheets of the table kit have them; else its own name."""
    return _words(language()).named("parameter", name, name.replace("_", " "))


@lru_cache
def _words(code: str) -> Words:
    return words_of(code if code in languages() else SOURCE)
