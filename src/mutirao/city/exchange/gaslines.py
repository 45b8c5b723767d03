"""Lines that hold a total and its gases side by side, as the eCRF and CityCatalyst tables do."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from mutirao.city.gwp import BIOGENIC
from mutirao.city.inventory import Inventory
from mutirao.city.inventory_row import TONNES_CO2E, Row
from mutirao.ground.findings import Finding, InputError

GASES = ("CO2", "CH4", "N2O")
"""The gases these tables have columns for."""


@dataclass(frozen=True)
class Line:
    """One line of such a table: its common cells in ``row``, then figures and factors by gas ("" = total)."""

    row: Row
    values: Mapping[str, float | None]
    factors: Mapping[str, float | None]


def rows_of_line(line: Line, file: str) -> tuple[list[Row], list[Finding]]:
    """Turn a line into rows: by gas where the gases make up the total, else the total alone.

    A total that its gases do not add up to (to 1e-6, or 0.01 t) is kept as a CO2e figure with a note:
    what is missing may be other gases, and no gas is made up.
    """
    total = line.values.get("")
    gases = {gas: value for gas in GASES if (value := line.values.get(gas)) is not None}
    notes: list[Finding] = []
    resolved = bool(gases)
    if gases and total is not None:
        added = math.fsum(gases.values())
        resolved = math.isclose(added, total, rel_tol=1e-6, abs_tol=0.01)
        if not resolved:
            place = f"{line.row.year} {line.row.gpc} {line.row.carrier}".strip()
            what = f"{place}: the gases add up to {added:,.2f} t CO2e, the total says {total:,.2f}."
            mend = "The total was kept as a CO2e figure; check for gases without a column."
            notes.append(Finding(file, line.row.row, "", what, mend, "note"))
    memo = line.values.get(BIOGENIC)
    rows: list[Row] = []
    if resolved:
        rows = [_of_gas(line, gas, value) for gas, value in gases.items()]
    elif total is not None or line.row.notation or memo is None:
        rows = [_of_gas(line, "", total)]
    if memo is not None:
        rows.append(replace(_of_gas(line, BIOGENIC, memo), notation=(), pointer=""))
    return rows, notes


def _of_gas(line: Line, gas: str, value: float | None) -> Row:
    factor = line.factors.get(gas)
    return replace(line.row, gas=gas, value=value, unit=TONNES_CO2E, factor=factor)


def lines_of(inventory: Inventory) -> list[Line]:
    """Gather rows into lines: the gases of one reference and carrier share a line where all else agrees.

    Figures come out in t CO2e. Raises InputError where tonnes of a gas cannot be converted because no
    GWP set is stated.
    """
    gwp = single_set(inventory)
    lines: dict[tuple[object, ...], tuple[Row, dict[str, float | None], dict[str, float | None]]] = {}
    for place, row in enumerate(inventory.rows):
        common = replace(row, gas="", value=None, factor=None, gwp="", method="", row=None)
        by_gas = row.gas in GASES and row.value is not None
        key = (common, "" if by_gas else place)
        if row.gas in lines.get(key, (common, {}, {}))[1]:
            key = (common, place)  # the same gas once more: a line of its own, never written over
        _, values, factors = lines.setdefault(key, (common, {}, {}))
        column = row.gas if by_gas or row.gas == BIOGENIC else ""
        values[column] = _tonnes_co2e(row, inventory, gwp)
        factors[column] = row.factor
    for _, values, _ in lines.values():
        numbers = [values[gas] for gas in GASES if values.get(gas) is not None]
        if numbers:
            values[""] = math.fsum(number for number in numbers if number is not None)
    return [Line(common, values, factors) for common, values, factors in lines.values()]


def _tonnes_co2e(row: Row, inventory: Inventory, gwp: str) -> float | None:
    if row.value is None or row.unit == TONNES_CO2E or row.is_memo:
        return row.value
    try:
        return row.co2e(gwp, gwp)
    except ValueError as error:
        what = f"{row.year} {row.gpc}: {error}."
        mend = "State one GWP set for the whole inventory."
        raise InputError(Finding(inventory.file, row.row, "gwp", what, mend)) from None


def single_set(inventory: Inventory) -> str:
    """Return the GWP set all figures are stated in, or "" where there is none or more than one."""
    sets = {row.gwp or inventory.gwp for row in inventory.rows if row.value is not None}
    sets.discard("")
    return sets.pop() if len(sets) == 1 else ""


def lost(rows: Sequence[Row], what: str, is_lost: Callable[[Row], bool]) -> list[str]:
    """Say in one sentence what part of which rows a format cannot hold; an empty list where it holds all."""
    missed = [row for row in rows if is_lost(row)]
    if not missed:
        return []
    first = f"{missed[0].year} {missed[0].gpc} {missed[0].carrier}".strip()
    return [f"{what}: {len(missed)} of {len(rows)} rows, the first {first}"]


def common_losses(inventory: Inventory) -> list[str]:
    """Name what no table of totals and three gases can hold."""
    rows = inventory.rows
    return [
        *lost(rows, "method (measured, default ...)", lambda r: bool(r.method)),
        *lost(
            rows,
            "the name of the gas, where the table has no column for it",
            lambda r: r.gas not in ("", *GASES, BIOGENIC) or (bool(r.gas) and r.value is None),
        ),
        *lost(
            rows,
            "tonnes of a gas, written as t CO2e",
            lambda r: r.value is not None and r.unit != TONNES_CO2E,
        ),
        *lost(
            rows,
            "keys beside biogenic CO2",
            lambda r: r.is_memo and bool(r.notation or r.pointer),
        ),
        *lost(
            rows,
            "a pointer without a key",
            lambda r: bool(r.pointer) and not r.notation,
        ),
    ]


def refuse_losses(losses: Sequence[str], file: str, allow_loss: bool) -> None:
    """Raise InputError listing what an export would lose, unless the caller has allowed it."""
    if losses and not allow_loss:
        raise InputError(
            Finding(file, None, "", f"the format cannot hold {loss}.", "Choose another format or allow the loss.")
            for loss in losses
        )
