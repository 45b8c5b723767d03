"""A sentence in every language at once, for what is written down by a worker and read by anyone."""

from mutirao.ground.speech import LANGUAGES, in_language, say

Sentences = dict[str, list[str]]


def in_every_language(message: str, **given: object) -> Sentences:
    """The sentence by language, as a list of one, ready to be kept as a run's reasons."""
    said: Sentences = {}
    for code in LANGUAGES:
        with in_language(code):
            said[code] = [say(message, **given)]
    return said
