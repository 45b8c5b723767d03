"""Sentences and numbers in the reader's language: said once in English, said again in any language with a catalogue.

A sentence with places is said by `say`; a text without places is written as it is and found in the catalogue by its
own words. Whatever was said is remembered by its wording, so that `again` can say it in another language later, also
after it has been through a table. Catalogues are gettext files, ``catalogues/<language>/<room>.po``.
"""

import functools
import gettext
import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, ParamSpec

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import get_decimal_symbol, get_group_symbol

P = ParamSpec("P")

#: Languages with a complete catalogue, by code, each by its own name.
LANGUAGES = {"en": "English", "es": "Español", "pt-br": "Português"}
SOURCE = "en"
#: A language made from the catalogue's keys, each between marks: what stands outside marks has no translation.
MARKED = "xx"
MARKS = ("⟦", "⟧")
#: So many sentences are remembered; the oldest go first.
REMEMBERED = 200_000
#: Before these the Spanish "y" is "e": "energía e industria", "agua e higiene", but "acero y hierro"; and a reference
#: such as II.1.1 is read as a number.
SOUND_I = re.compile(r"[«“\"'(]*(?![IV]+\.)[Hh]?(?:[íÍ]|[iI](?![eE]))")

_language: ContextVar[str] = ContextVar("language", default=SOURCE)
_said: dict[str, tuple[Callable[..., str], tuple[Any, ...], dict[str, Any]]] = {}


def language() -> str:
    """The code of the language that sentences are said in now."""
    return _language.get()


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Say everything inside in a language. Raises KeyError for one without a catalogue."""
    if code not in LANGUAGES and code != MARKED:
        raise KeyError(f"there is no catalogue for '{code}', only for {', '.join(LANGUAGES)}")
    token = _language.set(code)
    try:
        yield
    finally:
        _language.reset(token)


def spoken(function: Callable[P, str]) -> Callable[P, str]:
    """Let what a function words be said again in another language; its arguments are kept, not its result."""

    @functools.wraps(function)
    def saying(*args: P.args, **kwargs: P.kwargs) -> str:
        text = function(*args, **kwargs)
        # Only English is a key: "1.234" is another number in Spanish. A text that is what was given says nothing new.
        if _language.get() == SOURCE and text not in _said and not _gives_back(text, (*args, *kwargs.values())):
            if len(_said) >= REMEMBERED:
                # Suppressed: another thread remembers or forgets at this very moment.
                with suppress(KeyError, RuntimeError):
                    _said.pop(next(iter(_said)))
            _said[text] = (function, args, kwargs)
        return text

    return saying


def _gives_back(text: str, given: Sequence[Any]) -> bool:
    lists = [g for g in given if isinstance(g, list | tuple)]
    return any(isinstance(g, str) and g == text for g in given) or any(text in g for g in lists)


def again(text: str) -> str:
    """A text in the current language: said anew if it was said before, else looked up as it stands."""
    known = _said.get(text)
    if known is None:
        return translated(text)
    function, args, kwargs = known
    return function(*(_again(a) for a in args), **{k: _again(v) for k, v in kwargs.items()})


def _again(value: Any) -> Any:
    if isinstance(value, str):
        return again(value)
    if isinstance(value, list | tuple):
        return [_again(v) for v in value]
    return value


@spoken
def say(message: str, **given: object) -> str:
    """The message in the current language with its places ``{name}`` filled in."""
    return translated(message).format(**given)


@spoken
def together(*sentences: str) -> str:
    """Sentences one after the other; empty ones are left out."""
    return " ".join(again(s) for s in sentences if s)


@spoken
def digits(value: float, spec: str) -> str:
    """A number by a format such as ``+,.0f``, with the language's own marks and the true minus sign."""
    return localised(format(value, spec))


@spoken
def joined(mark: str, *parts: str) -> str:
    """Parts of a sentence one after the other, with a mark such as ", " or "; " between them."""
    return mark.join(again(p) for p in parts)


@spoken
def listed(items: Sequence[str]) -> str:
    """ "a, b and c"; empty ones are left out."""
    parts = [again(i) for i in items if i]
    if len(parts) < 2:
        return "".join(parts)
    ends = translated("{first} and {last}")
    if _language.get() == "es" and SOUND_I.match(parts[-1]):
        ends = ends.replace(" y ", " e ")
    return ends.format(first=", ".join(parts[:-1]), last=parts[-1])


def word(text: str) -> str:
    """Mark a text without places for the catalogue; it is looked up where it is shown."""
    return text


def translated(text: str) -> str:
    """A text as the catalogue has it; the text itself where it has none."""
    code = _language.get()
    if code == SOURCE or not text.strip():
        return text
    return _catalogue(code).gettext(text)


def localised(number: str) -> str:
    """A number written in English digits with the language's marks for decimals and thousands, and a true minus."""
    number = number.replace("-", "\u2212")
    code = _language.get()
    if code in (SOURCE, MARKED):
        return number
    decimal, group = number_marks(code)
    return number.translate({ord("."): decimal, ord(","): group})


@functools.cache
def number_marks(code: str) -> tuple[str, str]:
    """The marks for decimals and thousands of a language."""
    locale = Locale.parse(code, sep="-")
    return get_decimal_symbol(locale), get_group_symbol(locale)


def catalogue_files(code: str) -> Sequence[Traversable]:
    """The catalogue files of a language, by name."""
    folder = files("mutirao.ground").joinpath("catalogues", locale_name(code))
    if not folder.is_dir():
        return []
    return sorted((f for f in folder.iterdir() if f.name.endswith(".po")), key=lambda f: f.name)


def locale_name(code: str) -> str:
    """The name of a language as gettext names folders: ``pt-br`` is ``pt_BR``."""
    name, _, region = code.partition("-")
    return f"{name}_{region.upper()}" if region else name


def whole_catalogue(code: str) -> Catalog:
    """All catalogue files of a language as one."""
    whole = Catalog(locale=locale_name(code), charset="utf-8", header_comment="")
    for file in catalogue_files(code):
        with file.open("rb") as opened:
            for message in read_po(opened, locale=locale_name(code)):
                if message.id and message.string:
                    whole.add(message.id, message.string, context=message.context)
    return whole


def compiled(code: str) -> bytes:
    """All catalogue files of a language as one machine catalogue."""
    out = io.BytesIO()
    write_mo(out, whole_catalogue(code))
    return out.getvalue()


class _Marked(gettext.NullTranslations):
    """Every text that some catalogue knows, between marks."""

    def gettext(self, message: str) -> str:
        known = _known_anywhere()
        return f"{MARKS[0]}{message}{MARKS[1]}" if message in known else message


@functools.cache
def _known_anywhere() -> frozenset[str]:
    return frozenset(
        str(m.id[0] if isinstance(m.id, tuple) else m.id)
        for code in LANGUAGES
        if code != SOURCE
        for m in whole_catalogue(code)
        if m.id
    )


@functools.cache
def _catalogue(code: str) -> gettext.NullTranslations:
    return _Marked() if code == MARKED else gettext.GNUTranslations(io.BytesIO(compiled(code)))
