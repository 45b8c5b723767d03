"""Sentences from numbers: as many digits as are known, and "cannot tell" where nothing can be told.

All are said in the language of the moment and can be said again in another (`ground.speech`).
"""

import math
import re
from collections.abc import Sequence

from babel import Locale

from mutirao.ground.speech import LANGUAGES, SOURCE, again, language, localised, say, spoken, translated, word
from mutirao.ground.speech import digits as written
from mutirao.ground.speech import listed as listed

CANNOT_TELL = word("cannot tell")


def significant(value: float, digits: int = 2) -> float:
    """Round to significant digits."""
    if value == 0 or not math.isfinite(value):
        return value
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))


@spoken
def number(value: float, digits: int = 3) -> str:
    """A number in digits that a reader can take in: 3 significant digits, whole from 100 up, marks by thousands."""
    if value is None or not math.isfinite(value):
        return "–"
    v = significant(value, digits)
    if v == 0:
        return "0"
    places = min(6, max(0, digits - 1 - math.floor(math.log10(abs(v)))))
    text = f"{v:,.{places}f}"
    text = text.rstrip("0").rstrip(".") if places else text
    return "0" if text == "-0" else localised(text)


@spoken
def kilotonnes(value: float) -> str:
    """An amount of kt CO2e."""
    if value and abs(value) < 0.5:
        return translated("less than 1 kt CO2e")
    return f"{number(value)} kt CO2e" if value else "0 kt CO2e"


@spoken
def money(millions: float, currency: str) -> str:
    """Million currency in words, such as "USD 1.2 billion"."""
    size = abs(millions)
    if size >= 999.5:
        amount = millions / 1e3
        said = number(amount)
        if _is_one(amount):
            return translated("{currency} {one} billion").format(currency=currency, one=said)
        return translated("{currency} {amount} billion").format(currency=currency, amount=said)
    if size >= 0.95:
        said = number(millions)
        if _is_one(millions):
            return translated("{currency} {one} million").format(currency=currency, one=said)
        return translated("{currency} {amount} million").format(currency=currency, amount=said)
    return f"{currency} {number(millions * 1e6, 2)}" if size >= 5e-7 else f"{currency} 0"


def _is_one(amount: float) -> bool:
    """Whether a number takes the singular: 1 in Spanish, anything below 2 in Portuguese."""
    locale = Locale.parse(language() if language() in LANGUAGES else SOURCE, sep="-")
    return bool(locale.plural_form(significant(amount, 3)) == "one")


@spoken
def price(amount: float, currency: str) -> str:
    """A price in currency, two significant digits, such as "USD 120"."""
    return f"{currency} {number(amount, 2)}"


@spoken
def with_amount(name: str, amount: str) -> str:
    """A name with its amount after it, such as "heat pumps 12 kt CO2e"."""
    return f"{name} {amount}"


@spoken
def less_or_more(low: float, high: float, currency: str) -> str:
    """A range of a difference in words, such as "between USD 1 million less and USD 2 million more"."""
    near, far = sorted((low, high), key=abs)
    if low * high < 0:
        return say("between {low} less and {high} more", low=money(-low, currency), high=money(high, currency))
    ends = {"near": money(abs(near), currency), "far": money(abs(far), currency)}
    return say("between {near} and {far} more", **ends) if far > 0 else say("between {near} and {far} less", **ends)


@spoken
def percent(share: float, digits: int = 2) -> str:
    """A share in per cent."""
    return f"{number(share * 100.0, digits)} %" if math.isfinite(share) else "–"


@spoken
def per_household(value: float, currency: str) -> str:
    """Currency per household and year, two significant digits."""
    return f"{currency} {number(significant(abs(value)), 2)}"


def hidden_by_range(low: float | None, high: float | None) -> bool:
    """True when a range includes zero, so that the sign of a difference is unknown."""
    return low is not None and high is not None and low <= 0.0 <= high


@spoken
def change(value: float, currency: str, low: float | None = None, high: float | None = None) -> str:
    """Change of a household's yearly costs in words; "cannot tell" when the range includes zero."""
    if hidden_by_range(low, high):
        ends = [written(significant(end or 0.0), "+,.0f") for end in (low, high)]
        return say("cannot tell: between {low} and {high}", low=ends[0], high=ends[1])
    if abs(value) < 0.5:
        return translated("no change")
    amount = per_household(value, currency)
    if low is None or high is None:
        return say("{amount} more a year", amount=amount) if value > 0 else say("{amount} less a year", amount=amount)
    near, far = (number(end, 2) for end in sorted((abs(low), abs(high))))
    if value > 0:
        return say("{amount} more a year ({near} to {far})", amount=amount, near=near, far=far)
    return say("{amount} less a year ({near} to {far})", amount=amount, near=near, far=far)


@spoken
def change_digits(value: float, low: float | None = None, high: float | None = None) -> str:
    """The same as digits with a sign, for a table cell."""
    if not math.isfinite(value):
        return "–"
    if hidden_by_range(low, high):
        return translated(CANNOT_TELL)
    v = significant(value)
    return "0" if abs(v) < 0.5 else written(v, "+,.0f")


@spoken
def signed(value: float, digits: int = 2) -> str:
    """A change with its sign, at so many significant digits: "+5.5", "−0.16"."""
    return written(value, f"+.{digits}g") if abs(value) < 10**digits else change_digits(value)


@spoken
def between(low: float | None, high: float | None) -> str:
    """A range with signs for a table cell; empty where it is not known."""
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return ""
    return say("{low} to {high}", low=change_digits(low), high=change_digits(high))


@spoken
def apart(items: Sequence[str]) -> str:
    """ "a; b; c": names that hold commas of their own."""
    return "; ".join(again(i) for i in items if i)


@spoken
def sentence(text: str) -> str:
    """First letter large, one full stop at the end."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?", ":")) else ".") if text else ""


@spoken
def chemical(text: str) -> str:
    """CO2 with its subscript and square metres with their power, for pages and figures."""
    text = re.sub(r"\b(k?m)2\b", "\\1\u00b2", text)  # the unit, not a part of a name such as cambium2022
    return text.replace("CO2", "CO\u2082").replace("N2O", "N\u2082O").replace("CH4", "CH\u2084")
