"""Money between years and currencies: one deflator table and one exchange table for the whole software."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from mutirao.ground.findings import Finding, InputError, told


@dataclass(frozen=True)
class Rate:
    """One row of the deflator or exchange table."""

    currency: str
    year: int
    value: float
    source: str


@cache
def _table(name: str, column: str) -> dict[tuple[str, int], Rate]:
    text = files("mutirao.ground").joinpath(name).read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {
        (r["currency"], int(r["year"])): Rate(r["currency"], int(r["year"]), float(r[column]), r["source"])
        for r in rows
    }


def deflator(currency: str, year: int) -> Rate:
    """Price index of ``currency`` in ``year``; the nearest year the table holds is used and named by the caller."""
    return _nearest(_table("deflators.csv", "index"), currency, year, "deflators.csv")


def exchange(currency: str, year: int) -> Rate:
    """Units of ``currency`` for one US dollar, yearly average."""
    if currency == "USD":
        return Rate("USD", year, 1.0, "identity")
    return _nearest(_table("exchange.csv", "per_usd"), currency, year, "exchange.csv")


def _nearest(table: dict[tuple[str, int], Rate], currency: str, year: int, name: str) -> Rate:
    years = [y for c, y in table if c == currency]
    if not years:
        raise InputError(
            Finding(
                name,
                None,
                "currency",
                told("no row for {currency}.", currency=currency),
                "State parameters in US dollars or add the currency's rows with a source.",
            )
        )
    return table[currency, min(years, key=lambda y: abs(y - year))]


def convert(value: float, year: int, currency: str, to_year: int) -> float:
    """US dollars of ``year`` -> ``currency`` of ``to_year``: deflated in dollars, then exchanged at ``to_year``."""
    real = value * deflator("USD", to_year).value / deflator("USD", year).value
    return real * exchange(currency, to_year).value
