"""Nothing that a reader sees is left without a way into their language."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings

#: Names that are the same in every language.
NAMES = ("Mutirão", "Authorization: Bearer …", "CSV", "XLSX", "Parquet", "HTML", "JSON", "PDF", "TOML", "API", "CO₂e",
         "kB")  # fmt: skip
#: Attributes that are read aloud or shown.
SHOWN = ("aria-label", "placeholder", "title", "alt", "aria-description", "aria-roledescription")
ROOT = Path(settings.BASE).parent
TEMPLATES = sorted([*ROOT.glob("site/templates/**/*.html"), *ROOT.glob("web/**/templates/**/*.html")])


class _Visible(HTMLParser):
    """Collects the text that a template shows by itself, outside translation tags."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "code", "pre"):
            self.inside.append(tag)
        self.found += [value for name, value in attrs if name in SHOWN and value]

    def handle_endtag(self, tag: str) -> None:
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.found.append(data)


def untranslated(template: str) -> list[str]:
    """Words of a template that no translation tag brings."""
    text = re.sub(r"\{%\s*comment\b.*?%\}.*?\{%\s*endcomment\s*%\}|\{#.*?#\}", " ", template, flags=re.DOTALL)
    text = re.sub(r"\{% block (?:layout|body_class) %\}.*?\{% endblock %\}", " ", text)
    text = re.sub(r"\{%\s*blocktrans.*?%\}.*?\{%\s*endblocktrans\w*\s*%\}", " ", text, flags=re.DOTALL)
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", text, flags=re.DOTALL)
    reader = _Visible()
    reader.feed(text)
    left = []
    for piece in reader.found:
        for name in NAMES:
            piece = piece.replace(name, " ")
        piece = re.sub(r"&\w+;|\bv\d+\b", " ", piece)
        if re.search(r"[^\W\d_]{2,}", piece):
            left.append(" ".join(piece.split()))
    return left


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda f: str(f.relative_to(ROOT)))
def test_no_template_says_anything_untranslated(file: Path) -> None:
    if file.name in ("500.html", "button.html"):
        # The first says the same in all three languages, because nothing may be relied on there; the second is one
        # tag made of parts, with no words of its own, that no reader of HTML can take apart.
        return
    assert untranslated(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text", ["<p>Hello</p>", '<a aria-label="Open it">x</a>', "{% if a %}<b>Yes please</b>{% endif %}"]
)
def test_an_untranslated_word_is_found(text: str) -> None:
    assert untranslated(text)


def test_translated_words_pass() -> None:
    assert untranslated('<p>{% trans "Hello" %} {{ name }} <code>make demo</code> Mutirão</p>') == []
