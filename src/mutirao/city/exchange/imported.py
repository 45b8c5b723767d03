"""What reading a foreign file gives: inventories by city, totals it publishes, and what to know about it."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from mutirao.city.inventory import Inventory, PublishedTotal, compare
from mutirao.city.inventory_row import Row
from mutirao.ground.findings import Finding, InputError

_QUALITY = {"h": "H", "high": "H", "m": "M", "medium": "M", "l": "L", "low": "L"}


@dataclass(frozen=True)
class Imported:
    """Inventories by city name ("" where the file names none), published totals and findings.

    Findings of level "error" do not stop the reading: they are what the file contradicts itself in,
    such as a published total that is not the sum of its parts, and must be shown.
    """

    inventories: Mapping[str, Inventory]
    published: tuple[PublishedTotal, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What the file contradicts itself in; an inventory with errors is not fit for a plan."""
        return tuple(found for found in self.findings if found.level == "error")

    @property
    def inventory(self) -> Inventory:
        """The only inventory. Raises InputError where the file holds several cities or none."""
        if len(self.inventories) == 1:
            return next(iter(self.inventories.values()))
        cities = ", ".join(self.inventories) or "none"
        raise InputError(Finding("", None, "city", f"the file holds these cities: {cities}.", "Choose one."))

    def of(self, city: str) -> Inventory:
        """Return one city's inventory. Raises InputError naming the cities there are."""
        if city in self.inventories:
            return self.inventories[city]
        cities = ", ".join(self.inventories) or "none"
        what = f"the file has no city '{city}'."
        raise InputError(Finding("", None, "city", what, f"Choose one of: {cities}."))


def imported(
    rows: Mapping[str, Sequence[tuple[Row, str]]],
    file: str,
    gwp: str = "",
    published: Sequence[PublishedTotal] = (),
    findings: Sequence[Finding] = (),
    tolerance: float = 1.0,
) -> Imported:
    """Assemble the result: add up rows of one key, check each inventory, compare published totals.

    ``rows`` pairs each row with the label of its line in the file; equal rows with equal labels are a
    repeated line. Errors among ``findings`` and repeated lines raise InputError.
    """
    broken = [f for f in findings if f.level == "error"]
    notes = [f for f in findings if f.level != "error"]
    inventories: dict[str, Inventory] = {}
    for city, labelled in rows.items():
        merged, found = _merge(labelled, file)
        broken += [f for f in found if f.level == "error"]
        notes += [f for f in found if f.level != "error"]
        inventories[city] = Inventory(merged, gwp, file)
    if broken:
        raise InputError(broken)
    for city, inventory in inventories.items():
        notes += inventory.check()
        mine = [total for total in published if total.city == city]
        notes += compare(inventory, mine, gwp or "AR5-100", tolerance)
    return Imported(inventories, tuple(published), tuple(notes))


def quality(text: str) -> str:
    """Return H, M or L for the words files use, and the text itself where it is none of them."""
    return _QUALITY.get(text.strip().lower(), text.strip())


def _merge(labelled: Iterable[tuple[Row, str]], file: str) -> tuple[tuple[Row, ...], list[Finding]]:
    """Add up rows with one key: real tables report one reference on several lines."""
    order: dict[tuple[int, str, str, str], list[tuple[Row, str]]] = {}
    for row, label in labelled:
        order.setdefault(row.key, []).append((row, label))
    rows: list[Row] = []
    found: list[Finding] = []
    for parts in order.values():
        first = parts[0][0]
        if len(parts) == 1:
            rows.append(first)
            continue
        for i, (row, label) in enumerate(parts):
            if row.value and (row, label) in parts[:i]:
                what = f"{row.year} {row.gpc}: the line repeats another one in every cell."
                found.append(Finding(file, row.row, "", what, "Delete one of the two lines."))
        rows.append(_sum([row for row, _ in parts]))
        if sum(row.value is not None for row, _ in parts) > 1:
            lines = ", ".join(str(row.row) for row, _ in parts)
            what = f"{first.year} {first.gpc} {first.carrier}".strip() + f": lines {lines} were added up."
            found.append(Finding(file, first.row, "", what, "Check that all of them are meant.", "note"))
    return tuple(rows), found


def _sum(parts: Sequence[Row]) -> Row:
    numbers = [row.value for row in parts if row.value is not None]
    keys = dict.fromkeys(key for row in parts for key in row.notation)
    if any(numbers):
        keys.pop("NO", None)  # a part that does not occur says nothing against the whole
    units = {row.activity_unit for row in parts}
    amounts = [row.activity for row in parts if row.activity is not None]
    factors = {(row.factor, row.factor_unit) for row in parts}
    factor, factor_unit = next(iter(factors)) if len(factors) == 1 else (None, "")
    one_unit = len(units) == 1
    return replace(
        parts[0],
        value=math.fsum(numbers) if numbers else None,
        unit=next((row.unit for row in parts if row.value is not None), ""),
        notation=tuple(keys),
        pointer="; ".join(dict.fromkeys(p for row in parts for p in row.pointer.split("; ") if p)),
        quality_activity=_lowest(row.quality_activity for row in parts),
        quality_factor=_lowest(row.quality_factor for row in parts),
        source="; ".join(dict.fromkeys(row.source for row in parts if row.source)),
        explanation="; ".join(dict.fromkeys(row.explanation for row in parts if row.explanation)),
        activity=math.fsum(amounts) if amounts and one_unit else None,
        activity_unit=next(iter(units)) if one_unit else "",
        factor=factor,
        factor_unit=factor_unit,
    )


def _lowest(qualities: Iterable[str]) -> str:
    """A sum is as good as its worst part."""
    given = set(qualities) - {""}
    return next((q for q in ("L", "M", "H") if q in given), next(iter(sorted(given)), ""))
