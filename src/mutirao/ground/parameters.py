"""Named uncertain figures and how each got its value: default < country < city < evidence < scenario < --set."""

import csv
import difflib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from mutirao.ground.findings import Finding, InputError, told
from mutirao.ground.money import convert
from mutirao.ground.speech import say

LAYERS = ("default", "country", "city", "evidence", "scenario", "set")


@dataclass(frozen=True)
class Step:
    """One layer's word on a parameter."""

    layer: str
    value: float
    source: str


@dataclass(frozen=True)
class Parameter:
    """A figure with its range, unit, origin and the steps by which it got its value.

    ``low`` and ``high`` span the plausible range (about a 90 % interval); equal to ``value`` when it is certain.
    ``kind`` is "fact" (a source was read) or "assumption" (shown as such in every report).
    """

    name: str
    value: float
    low: float
    high: float
    unit: str
    price_year: int | None = None
    kind: str = "assumption"
    source: str = ""
    note: str = ""
    system: str = ""
    steps: tuple[Step, ...] = field(default=())

    @property
    def uncertain(self) -> bool:
        return self.low < self.high


class Parameters(Mapping[str, Parameter]):
    """All parameters of one run, by name; ``p("heat_pump_cop")`` is the value itself."""

    def __init__(self, items: Iterable[Parameter]):
        self._items = {p.name: p for p in items}

    def __getitem__(self, name: str) -> Parameter:
        try:
            return self._items[name]
        except KeyError:
            raise unknown_parameter(name, self._items) from None

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __call__(self, name: str) -> float:
        return self[name].value

    def with_layer(self, layer: str, rows: Iterable[Parameter]) -> "Parameters":
        """A new set in which ``rows`` override; a row without range keeps the relative width of what it replaces."""
        items = dict(self._items)
        for row in rows:
            if row.name not in items:
                raise unknown_parameter(row.name, items)
            items[row.name] = _override(items[row.name], row, layer)
        return Parameters(items.values())

    def in_currency(self, currency: str, price_year: int) -> "Parameters":
        """The same figures with every US-dollar unit restated in ``currency`` of ``price_year``."""
        return Parameters(_restate(p, currency, price_year) for p in self._items.values())


def unknown_parameter(name: str, known: Iterable[str]) -> InputError:
    near = difflib.get_close_matches(name, list(known), 1)
    hint = told("Did you mean '{name}'?", name=near[0]) if near else "List the names with `mutirao dictionary`."
    what = told("no parameter is called '{name}'.", name=name)
    return InputError(Finding("parameters", None, "name", what, hint))


def _override(old: Parameter, new: Parameter, layer: str) -> Parameter:
    low, high = new.low, new.high
    if low == high == new.value and old.uncertain and old.value:
        low, high = sorted((new.value * old.low / old.value, new.value * old.high / old.value))
    step = Step(layer, new.value, new.source or layer)
    return replace(
        old,
        value=new.value,
        low=low,
        high=high,
        kind=new.kind,
        source=new.source or old.source,
        note=new.note or old.note,
        price_year=new.price_year or old.price_year,
        steps=(*old.steps, step),
    )


def _restate(p: Parameter, currency: str, price_year: int) -> Parameter:
    if "USD" not in p.unit:
        return p
    factor = convert(1.0, p.price_year or price_year, currency, price_year)
    if "/MUSD" in p.unit:
        factor = 1.0 / factor
    words = say("USD {old} to {currency} {new}", old=p.price_year, currency=currency, new=price_year)
    step = Step("money", p.value * factor, words)
    return replace(
        p,
        value=p.value * factor,
        low=p.low * factor,
        high=p.high * factor,
        unit=p.unit.replace("USD", currency),
        price_year=price_year,
        steps=(*p.steps, step),
    )


def read_parameters(path: Path | Traversable, system: str = "") -> list[Parameter]:
    """Read a parameter table (columns name, value, low, high, unit, price_year, kind, source, note).

    Raises InputError naming file, row and column of the first figure that cannot be used.
    """
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    return [_row(r, path.name, n, system) for n, r in enumerate(rows, start=2)]


def package_parameters(package: str, system: str) -> list[Parameter]:
    """The default table that a package of this software ships."""
    return read_parameters(files(package).joinpath("parameters.csv"), system)


def _row(r: Mapping[str, str | None], file: str, n: int, system: str) -> Parameter:
    value = _figure(r, "value", file, n)
    low = _figure(r, "low", file, n, value)
    high = _figure(r, "high", file, n, value)
    if not low <= value <= high:
        what = told("{name}: low <= value <= high does not hold.", name=r["name"])
        raise InputError(Finding(file, n, "low", what, "Put the three in order."))
    year = (r.get("price_year") or "").strip()
    source = (r.get("source") or "").strip()
    if not source:
        what = told("{name} has no source.", name=r["name"])
        raise InputError(Finding(file, n, "source", what, "Name where the figure is from."))
    return Parameter(
        name=(r["name"] or "").strip(),
        value=value,
        low=low,
        high=high,
        unit=(r.get("unit") or "").strip(),
        price_year=int(year) if year else None,
        kind=(r.get("kind") or "assumption").strip(),
        source=source,
        note=(r.get("note") or "").strip(),
        system=system,
        steps=(Step("default", value, source),),
    )


def _figure(r: Mapping[str, str | None], column: str, file: str, n: int, blank: float | None = None) -> float:
    text = (r.get(column) or "").strip()
    if not text and blank is not None:
        return blank
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        what = told("'{cell}' is not a number.", cell=text)
        raise InputError(Finding(file, n, column, what, "Write a plain number with a decimal point."))
    return number


def from_settings(pairs: Sequence[str], known: Parameters, source: str = "--set") -> list[Parameter]:
    """Rows for the layer ``set`` from texts ``name=value``."""
    rows = []
    for pair in pairs:
        name, _, text = pair.partition("=")
        old = known[name.strip()]
        try:
            value = float(text)
        except ValueError:
            what = told("'{cell}' is not a number.", cell=text)
            raise InputError(Finding("--set", None, name, what, "Write it as --set name=value.")) from None
        rows.append(replace(old, value=value, low=value, high=value, kind="assumption", source=source))
    return rows
