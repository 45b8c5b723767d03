"""Words and numbers of the sheets in the language of the table: a catalogue is a file of texts by key."""

import difflib
import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from mutirao.ground.findings import Finding, InputError
from mutirao.report.tablekit.spans import Span
from mutirao.report.words import chemical, significant

PACKAGE = "mutirao.report.tablekit.words"


@dataclass(frozen=True)
class Words:
    """The catalogue of one language; called with a key it gives the text with its places filled in."""

    language: str
    texts: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        return chemical(self.texts[key].format(**values))

    def named(self, kind: str, name: str, fallback: str = "") -> str:
        """The words of a measure, parameter, rule ...; ``fallback`` where the catalogue has none."""
        return chemical(self.texts.get(f"{kind}.{name}", fallback or name.replace("_", " ").replace(".", ": ")))

    def has(self, kind: str, name: str) -> bool:
        return f"{kind}.{name}" in self.texts

    # ---- numbers ----------------------------------------------------------------------------------------
    def number(self, value: float, digits: int = 2) -> str:
        """A number with so many significant digits, by the habits of the language: 1,234.5 or 1.234,5."""
        if not math.isfinite(value):
            return self("number.unknown")
        v = significant(value, digits)
        if v == 0:
            return "0"
        places = max(0, digits - 1 - math.floor(math.log10(abs(v))))
        return self.plain(v, min(places, 6))

    def plain(self, value: float, places: int = 0) -> str:
        """A number with so many decimals; zeros at the end of the decimals are dropped."""
        text = f"{abs(value):,.{places}f}"
        whole, _, rest = text.partition(".")
        rest = rest.rstrip("0")
        out = whole.replace(",", self.texts["number.thousands"]) + (self.texts["number.decimal"] + rest if rest else "")
        return ("\u2212" if value < 0 and out.strip("0.,") else "") + out

    def percent(self, share: float, digits: int = 2) -> str:
        return self("number.percent", n=self.number(100.0 * share, digits))

    def cash(self, value: float) -> str:
        """An amount of money of one home: two significant digits, and never less than one unit."""
        return self.plain(round(significant(value, 2)))

    def between(self, low: float, high: float) -> str:
        """A range of money, such as 1,200\u20131,500; one number when both ends read alike."""
        near, far = self.cash(low), self.cash(high)
        return near if near == far else self("number.span", low=near, high=far)

    def change(self, span: Span, small: float = 0.5) -> tuple[str, str]:
        """A change in words and its range: "180 less" and "40\u2013300 less"; "cannot tell" when it spans zero.

        Below ``small`` there is no change; from 0.5 on amounts are whole, below it they keep their decimals.
        """
        text = self.cash if small >= 0.5 else self.number
        low, high = abs(span.low), abs(span.high)
        if max(abs(span.value), low, high) < small:
            return self("number.same"), ""
        if span.unsure:
            return self("number.cannot_tell"), self("number.unsure_range", low=text(low), high=text(high))
        side = "more" if span.value > 0 else "less"
        near, far = (text(v) for v in sorted((low, high)))
        ends = near if near == far else self("number.span", low=near, high=far)
        return self(f"number.{side}", n=text(abs(span.value))), self(f"number.{side}", n=ends)

    def money(self, millions: float, currency: str) -> str:
        """An amount of million currency in words: USD 1.2 billion, 1,2 mil millones USD."""
        size = abs(millions)
        for word, unit in (("billion", 1e3), ("million", 1.0), ("single", 1e-6)):
            if size >= 0.95 * unit or word == "single":
                return self(f"number.{word}", n=self.number(millions / unit), currency=currency)
        raise AssertionError("unreachable")  # pragma: no cover


def languages() -> list[str]:
    """Languages that there is a catalogue of, by file name."""
    return sorted(f.name.removesuffix(".toml") for f in files(PACKAGE).iterdir() if f.name.endswith(".toml"))


def words_of(language: str) -> Words:
    """The catalogue of a language. Raises InputError with the nearest one when there is none."""
    known = languages()
    if language not in known:
        near = difflib.get_close_matches(language, known, 1)
        hint = f"Did you mean {near[0]}?" if near else f"There is: {', '.join(known)}; a new one is a file of words."
        raise InputError(Finding("--lang", None, "", f"there is no catalogue of the language '{language}'.", hint))
    return Words(language, dict(flat(tomllib.loads(files(PACKAGE).joinpath(f"{language}.toml").read_text("utf-8")))))


def flat(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Texts of nested tables by dotted key."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", str(value)
