"""Sentences from numbers: as many digits as are known, and "cannot tell" where nothing can be told."""

import math
from collections.abc import Sequence

CANNOT_TELL = "cannot tell"


def significant(value: float, digits: int = 2) -> float:
    """Round to significant digits."""
    if value == 0 or not math.isfinite(value):
        return value
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))


def number(value: float, digits: int = 3) -> str:
    """A number in digits that a reader can take in: 3 significant digits, whole from 100 up, comma by thousands."""
    if value is None or not math.isfinite(value):
        return "–"
    v = significant(value, digits)
    if v == 0:
        return "0"
    places = min(6, max(0, digits - 1 - math.floor(math.log10(abs(v)))))
    text = f"{v:,.{places}f}"
    return _signed(text.rstrip("0").rstrip(".") if places else text)


def _signed(text: str) -> str:
    """The true minus sign, which screen readers read and lines do not break at."""
    return text.replace("-", "\u2212")


def kilotonnes(value: float) -> str:
    """An amount of kt CO2e."""
    return f"{number(value)} kt CO2e" if abs(value) >= 0.5 else "less than 1 kt CO2e" if value else "0 kt CO2e"


def money(millions: float, currency: str) -> str:
    """Million currency in words, such as "USD 1.2 billion"."""
    size = abs(millions)
    if size >= 999.5:
        return f"{currency} {number(millions / 1e3)} billion"
    if size >= 0.95:
        return f"{currency} {number(millions)} million"
    return f"{currency} {number(millions * 1e6, 2)}" if size >= 5e-7 else f"{currency} 0"


def less_or_more(low: float, high: float, currency: str) -> str:
    """A range of a difference in words, such as "between USD 1 million less and USD 2 million more"."""
    near, far = sorted((low, high), key=abs)
    if low * high >= 0:
        return f"between {money(abs(near), currency)} and {money(abs(far), currency)} {'more' if far > 0 else 'less'}"
    return f"between {money(-low, currency)} less and {money(high, currency)} more"


def percent(share: float, digits: int = 2) -> str:
    """A share in per cent."""
    return f"{number(share * 100.0, digits)} %" if math.isfinite(share) else "–"


def per_household(value: float, currency: str) -> str:
    """Currency per household and year, two significant digits."""
    return f"{currency} {number(significant(abs(value)), 2)}"


def hidden_by_range(low: float | None, high: float | None) -> bool:
    """True when a range includes zero, so that the sign of a difference is unknown."""
    return low is not None and high is not None and low <= 0.0 <= high


def change(value: float, currency: str, low: float | None = None, high: float | None = None) -> str:
    """Change of a household's yearly costs in words; "cannot tell" when the range includes zero."""
    if hidden_by_range(low, high):
        said = [_signed(f"{significant(end or 0.0):+,.0f}") for end in (low, high)]
        return f"{CANNOT_TELL}: between {said[0]} and {said[1]}"
    if abs(value) < 0.5:
        return "no change"
    side = "more" if value > 0 else "less"
    text = f"{per_household(value, currency)} {side} a year"
    if low is not None and high is not None:
        near, far = sorted((abs(low), abs(high)))
        text += f" ({number(near, 2)} to {number(far, 2)})"
    return text


def change_digits(value: float, low: float | None = None, high: float | None = None) -> str:
    """The same as digits with a sign, for a table cell."""
    if not math.isfinite(value):
        return "–"
    if hidden_by_range(low, high):
        return CANNOT_TELL
    v = significant(value)
    return "0" if abs(v) < 0.5 else _signed(f"{v:+,.0f}")


def signed(value: float, digits: int = 2) -> str:
    """A change with its sign, at so many significant digits: "+5.5", "−0.16"."""
    return _signed(f"{value:+.{digits}g}") if abs(value) < 10**digits else change_digits(value)


def between(low: float | None, high: float | None) -> str:
    """A range with signs for a table cell; empty where it is not known."""
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return ""
    return f"{change_digits(low)} to {change_digits(high)}"


def listed(items: Sequence[str]) -> str:
    """ "a, b and c"."""
    parts = [i for i in items if i]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def sentence(text: str) -> str:
    """First letter large, one full stop at the end."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?", ":")) else ".") if text else ""


def chemical(text: str) -> str:
    """CO2 with its subscript and square metres with their power, for pages and figures."""
    return (
        text.replace("CO2", "CO\u2082").replace("m2", "m\u00b2").replace("N2O", "N\u2082O").replace("CH4", "CH\u2084")
    )
