"""Frame of the second, independent statement: tables, years, typical days, homes, rows, one call of the solver.

Nothing of the package is imported; see `independent_lp.py` for what the systems state on it.
"""

import csv
import math
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import highspy
import numpy as np
from scipy.sparse import csr_array

PACKAGE = Path(__file__).parents[1] / "src" / "mutirao"
SYSTEMS = ("buildings", "heat", "power", "mobility", "other", "households")
GRID = [f"I.{n}.2" for n in range(1, 7)] + [f"II.{n}.2" for n in range(1, 6)]
DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
MID_MONTH = (17, 47, 75, 105, 135, 162, 198, 228, 258, 288, 318, 344)
ONE = -1  # column of the constant in an expression
INF = math.inf
Expression = dict[int, float]


def add(into: Expression, column: int, value: float) -> None:
    into[column] = into.get(column, 0.0) + value


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def annuity(rate: float, life: float) -> float:
    return rate * (1 + rate) ** life / ((1 + rate) ** life - 1)


def straight(x: float, points: Mapping[int, float]) -> float:
    """Straight lines between points, level outside."""
    known = sorted(points)
    return float(np.interp(x, known, [points[k] for k in known]))


@dataclass
class Tables:
    """The figures of a folder: settings, facts by (variable, zone, group, year), inventory in kt, parameters."""

    folder: Path
    toml: dict = field(init=False)
    facts: dict[tuple[str, str, str], dict[int, float]] = field(init=False)
    cells: dict[int, dict[tuple[str, str], float]] = field(init=False)
    p: dict[str, float] = field(init=False)
    designated: list[dict[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.toml = tomllib.loads((self.folder / "city.toml").read_text(encoding="utf-8"))
        self.facts = defaultdict(dict)
        for name in ("people", "buildings", "energy", "transport", "land", "climate"):
            for r in _rows(self.folder / f"{name}.csv"):
                self.facts[r["variable"], r["zone"], r["group"]][int(r["year"])] = float(r["value"])
        self.cells = defaultdict(lambda: defaultdict(float))
        for r in _rows(self.folder / "inventory.csv"):
            if r["value"]:
                assert r["unit"] == "t CO2e", "this statement reads CO2e figures only"
                self.cells[int(r["year"])][r["gpc"], r["carrier"]] += float(r["value"]) / 1000.0
        self.designated = _rows(self.folder / "designated.csv")
        self.p = self._parameters()

    def _parameters(self) -> dict[str, float]:
        city, plan, real = self.toml["city"], self.toml["plan"], self.deflate
        assert city["currency"] == "USD", "this statement knows US dollars only"
        out, unit = {}, {}
        for name in [f"systems/{s}" for s in SYSTEMS] + ["plan"]:
            for r in _rows(PACKAGE / name / "parameters.csv"):
                factor = real(int(r["price_year"])) if r["price_year"] and "USD" in r["unit"] else 1.0
                unit[r["name"]] = r["unit"]
                out[r["name"]] = float(r["value"]) * (1 / factor if "/MUSD" in r["unit"] else factor)
        for (name, zone, group), series in self.facts.items():
            past = [y for y in series if y <= plan["start"]]
            if name in out and not zone and not group and past and "USD" in unit[name]:
                out[name] = series[max(past)] * real(max(past))
        for r in _rows(self.folder / "parameters.csv"):
            dated = r["price_year"] and "USD" in r["unit"]
            out[r["name"]] = float(r["value"]) * (real(int(r["price_year"])) if dated else 1.0)
        return out

    def fact(self, name: str, zone: str = "", group: str = "") -> float | None:
        series = self.facts.get((name, zone, group))
        if not series:
            return None
        base = self.toml["city"]["base_year"]
        return series[min(sorted(series), key=lambda y: abs(y - base))]

    def real(self, name: str, zone: str, group: str = "") -> float | None:
        """A fact in money at prices of the price year."""
        series = self.facts.get((name, zone, group))
        if not series:
            return None
        base = self.toml["city"]["base_year"]
        year = min(sorted(series), key=lambda y: abs(y - base))
        return series[year] * self.deflate(year)

    def deflate(self, year: int) -> float:
        index = {int(r["year"]): float(r["index"]) for r in _rows(PACKAGE / "ground" / "deflators.csv")
                 if r["currency"] == "USD"}  # fmt: skip
        near = [index[min(index, key=lambda y: abs(y - k))] for k in (self.toml["plan"]["price_year"], year)]
        return near[0] / near[1]


def is_basic(gpc: str) -> bool:
    sector, *_, scope = gpc.split(".")
    return sector in ("I", "II", "III") and scope in ("1", "2")


def family(gpc: str) -> str:
    sector, number, scope = (*gpc.split("."), "")[:3]
    if sector == "III":
        return "wastewater" if number == "4" else "waste"
    if sector == "I" and number in ("7", "8"):
        return "fugitive"
    if sector in ("I", "II") and scope == "3":
        return ""
    return {"I": "industry", "II": "other_transport", "IV": "industry", "V": "land"}.get(sector, "")


class Program:
    """Columns, rows and objective of the linear program of one city."""

    def __init__(self, folder: Path, years: Sequence[int], steps: int):
        self.t = Tables(folder)
        self.p = self.t.p
        self.start, self.later = years[0], list(years[1:])
        self.years, self.base = list(years), self.t.toml["city"]["base_year"]
        self.steps, self.hours = steps, 24.0 / steps
        self.zones = [r["zone"] for r in _rows(folder / "zones.csv")] or [""]
        self.groups = [g["id"] for g in self.t.toml.get("groups", [])] or [""]
        self.lower: list[float] = []
        self.upper: list[float] = []
        self.rows: list[tuple[Expression, float, float]] = []
        self.row_names: dict[str, int] = {}
        self.cost: Expression = defaultdict(float)
        self.emitted = {y: defaultdict(float) for y in years}
        self.load = {y: defaultdict(lambda: defaultdict(float)) for y in years}  # shape -> expression, GWh/a
        self.by_step = {y: [[defaultdict(float) for _ in range(steps)] for _ in range(12)] for y in years}
        self.bill = {(z, g, y): defaultdict(float) for z in self.zones for g in self.groups for y in years}
        self.energy: dict[tuple[str, str, str, int], Expression] = defaultdict(lambda: defaultdict(float))
        self.reached: dict[str, list[tuple[tuple[str, str, str], int, float, int]]] = defaultdict(list)
        self.rise = {(z, g, y): {} for z in self.zones for g in self.groups for y in years}  # of rents, for works
        self.city_cash = {y: defaultdict(float) for y in years}
        self.measure: dict[str, list[tuple[int, float, int]]] = defaultdict(list)  # (column, potential, year)
        self.existing: list[tuple[list[int], list[float]]] = []
        self._horizon()
        self._typical_days()
        self._homes()

    # ---- columns and rows -----------------------------------------------------------------------------------
    def column(self, low: float = 0.0, high: float = math.inf) -> int:
        self.lower.append(low)
        self.upper.append(high)
        return len(self.lower) - 1

    def columns(self, high: float = math.inf) -> dict[int, int]:
        """One column for each year of decision."""
        return {y: self.column(0.0, high) for y in self.later}

    def row(self, expression: Mapping[int, float], low: float, high: float, name: str = "") -> None:
        given = expression.get(ONE, 0.0)
        if name:
            self.row_names[name] = len(self.rows)
        self.rows.append(({k: v for k, v in expression.items() if k != ONE and v}, low - given, high - given))

    def pay(self, year: int, column: int, yearly: float) -> None:
        """A yearly payment to the outside for one unit of a column."""
        self.cost[column] += self.weight[year] * yearly

    # ---- axes -----------------------------------------------------------------------------------------------
    def _horizon(self) -> None:
        rate = self.t.toml["plan"]["discount_rate"]
        self.weight = dict.fromkeys(self.years, 0.0)
        self.duration = dict.fromkeys(self.years, 0.0)
        for a, b in zip(self.years[:-1], self.years[1:], strict=True):
            for k in range(a + (a != self.start), b + 1):
                for year, share in ((a, (b - k) / (b - a)), (b, (k - a) / (b - a))):
                    self.weight[year] += share / (1 + rate) ** (k - self.start)
                    self.duration[year] += share
        self.span = {b: float(b - a) for a, b in zip(self.years[:-1], self.years[1:], strict=True)}

    def still(self, vintage: int, year: int, life: float) -> float:
        """Share of the works of (previous milestone, vintage], one piece each instant, that stand in a year."""
        if year < vintage:
            return 0.0
        begin = vintage - self.span[vintage]
        return min(max((vintage - max(year - life, begin)) / self.span[vintage], 0.0), 1.0)

    def stands(self, life: float) -> tuple[dict[int, int], dict[int, int]]:
        """New and standing columns by year, tied by the share of each vintage that still stands."""
        new, stock = self.columns(), self.columns()
        for y in self.later:
            self.row({stock[y]: 1.0, **{new[v]: -self.still(v, y, life) for v in self.later}}, 0.0, 0.0)
        return new, stock

    def grows(self, new: dict[int, int], stock: dict[int, int]) -> None:
        for n, y in enumerate(self.later):
            before = {stock[self.later[n - 1]]: -1.0} if n else {}
            self.row({stock[y]: 1.0, new[y]: -1.0, **before}, 0.0, 0.0)

    def worn(self, year: int, life: float) -> float:
        return max(1.0 - (year - self.start) / life, 0.0)

    def trend(self, name: str, year: int) -> float:
        return (1.0 + self.p[name]) ** (year - self.base)

    def _typical_days(self) -> None:
        phi = math.radians(self.t.toml["city"]["latitude"])
        middle = [(s + 0.5) * self.hours for s in range(self.steps)]
        self.hours_of = [[DAYS[m] * self.hours] * self.steps for m in range(12)]
        warm, sun = [], []
        for m in range(12):
            tilt = math.radians(23.45) * math.sin(2 * math.pi * (284 + MID_MONTH[m]) / 365)
            light = [0.0] * self.steps
            for i in range(480):  # every three minutes
                hour = (i + 0.5) * 0.05
                height = math.sin(phi) * math.sin(tilt) + math.cos(phi) * math.cos(tilt) * math.cos(
                    math.radians(15 * (hour - 12))
                )
                light[i * self.steps // 480] += max(height, 0.0)
            month = self.t.fact(f"irradiation_m{m + 1:02d}") * 1000.0 / DAYS[m] / self.hours
            sun.append([month * x / sum(light) for x in light])
            mean = self.t.fact(f"temperature_m{m + 1:02d}")
            warm.append([mean + 4.0 * math.cos(2 * math.pi * (h - 15) / 24) for h in middle])
        cold = [[max(18.0 - x, 0.0) if sum(day) / self.steps < 15.0 else 0.0 for x in day] for day in warm]
        flat, water = self._shape([[1.0] * self.steps] * 12), self.p["hot_water_share"]
        heat = self._shape(cold)
        self.shape = {
            "flat": flat,
            "heat": [
                [(1 - water) * a + water * b for a, b in zip(x, y, strict=True)]
                for x, y in zip(heat, flat, strict=True)
            ],
            "work": self._shape([self._by_step([1.0 if 7 <= h < 19 else 2 / 3 for h in range(24)])] * 12),
            "charge": self._shape([self._by_step([0.5 if 6 <= h < 17 else 1.3 for h in range(24)])] * 12),
            "sun": self._shape(sun),
        }
        self.sun_hours = (
            sum(s * w for a, b in zip(sun, self.hours_of, strict=True) for s, w in zip(a, b, strict=True)) / 1e6
        )

    def _by_step(self, hours: list[float]) -> list[float]:
        each = 24 // self.steps
        return [sum(hours[s * each : (s + 1) * each]) / each for s in range(self.steps)]

    def _shape(self, values: list[list[float]]) -> list[list[float]]:
        total = sum(v * w for a, b in zip(values, self.hours_of, strict=True) for v, w in zip(a, b, strict=True))
        return [[v / total for v in day] for day in values]

    # ---- homes and the base year ----------------------------------------------------------------------------
    def _homes(self) -> None:
        """Thousand homes by zone, group, tenure: margins zone x group and zone x tenure leave a plain product."""
        self.homes: dict[tuple[str, str, str], float] = {}
        for z in self.zones:
            total = self.t.fact("households", z)
            income = [self.t.fact("households", z, g) if g else 1.0 for g in self.groups]
            who = [self.t.fact(f"households_{t}", z) for t in ("owner", "renter")]
            for g, part in zip(self.groups, income, strict=True):
                for t, own in zip(("owner", "renter"), who, strict=True):
                    self.homes[z, g, t] = total * part / sum(income) * own / sum(who) / 1000.0
        default = self.p["dwelling_floor_area"]
        self.area = {z: self.t.fact("dwelling_floor_area", z) or self.t.fact("dwelling_floor_area") or default
                     for z in self.zones}  # fmt: skip
        self.floor = {c: n * self.area[c[0]] for c, n in self.homes.items()}
        self._needs()
        now = self.t.cells[self.base]
        p = self.p
        self.grid = {
            y: straight(y, self.t.facts["grid_emission_factor", "", ""]) / 1000.0 for y in (self.base, *self.years)
        }
        self.power = {g: (now[g, ""] + now[g, "electricity"]) / self.grid[self.base] for g in GRID}
        fuels = (("natural_gas", "gas"), ("heating_oil", "oil"))

        def heat(gpc: str, grid: str, sector: str) -> dict[str, float]:
            gas = p[f"{sector}_gas_share"]
            share = {"natural_gas": gas, "heating_oil": 1 - gas}
            mean = sum(share[f] * p[f"{s}_emission_factor"] for f, s in fuels)
            out = {
                f"{s}_boiler": (now[gpc, ""] / mean * share[f] + now[gpc, f] / p[f"{s}_emission_factor"])
                * p[f"{s}_boiler_efficiency"]
                for f, s in fuels
            }
            return out | {
                "resistance": self.power[grid] * p[f"{sector}_electric_heat_share"] * p["resistance_efficiency"]
            }

        # The average price of electricity holds a fixed charge for each home; what is above it is the price per kWh.
        self.fixed = p["electricity_fixed_charge"] * 1e-3
        self.fixed_per_kwh = self.fixed * sum(self.homes.values()) / self.power["I.1.2"]
        self.home_heat = heat("I.1.1", "I.1.2", "residential")
        self.shop_heat = heat("I.2.1", "I.2.2", "commercial")

    def by_income(self, name: str) -> dict[str, float]:
        """A figure by fifths of households, read at the middle of each income group's place; 1 without groups."""
        if len(self.groups) == 1:
            return {self.groups[0]: 1.0}
        whole, below, out = sum(self.homes.values()), 0.0, {}
        for g in self.groups:
            part = sum(n for c, n in self.homes.items() if c[1] == g) / whole
            out[g] = float(np.interp(below + part / 2, [0.1, 0.3, 0.5, 0.7, 0.9],
                                     [self.p[f"{name}_{i}"] for i in range(1, 6)]))  # fmt: skip
            below += part
        return out

    def _needs(self) -> None:
        """Shares of the city's heat and of its other home electricity, by cell: floor, income, spend where stated."""
        income = self.by_income("home_energy_quintile")
        heat = {c: self.floor[c] * income[c[1]] for c in self.homes}
        other = {c: n * income[c[1]] for c, n in self.homes.items()}
        by_zone = {z: self.t.real("home_energy_spend", z) for z in self.zones}
        if all(by_zone.values()):
            for z, spend in by_zone.items():
                here = [c for c in self.homes if c[0] == z]
                mean = sum(other[c] for c in here) / sum(self.homes[c] for c in here)
                for c in here:
                    heat[c] = other[c] = self.homes[c] * spend * income[c[1]] / mean
        self.cell_share = {c: v / sum(heat.values()) for c, v in heat.items()}
        self.home_share = {c: v / sum(other.values()) for c, v in other.items()}

    # ---- solve ----------------------------------------------------------------------------------------------
    def solve(self) -> "Answer":
        n, m = len(self.lower), len(self.rows)
        at = [(i, c, v) for i, (e, _, _) in enumerate(self.rows) for c, v in e.items()]
        i, c, v = (np.array(x) for x in zip(*at, strict=True))
        matrix = csr_array((v.astype(float), (i, c)), shape=(m, n))
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = n, m
        lp.col_cost_ = np.array([self.cost.get(k, 0.0) for k in range(n)])
        lp.col_lower_, lp.col_upper_ = np.array(self.lower), np.array(self.upper)
        lp.row_lower_, lp.row_upper_ = (np.array([r[k] for r in self.rows]) for k in (1, 2))
        lp.offset_ = self.cost.get(ONE, 0.0)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.passModel(lp)
        solver.run()
        assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal, str(solver.getModelStatus())
        found = solver.getSolution()
        x = np.append(np.array(found.col_value), 1.0)  # the constant's column is the last one
        value = {k: sum(w * x[c] for c, w in e.items()) for k, e in self.bill.items()}
        energy = {k: sum(w * x[c] for c, w in e.items()) for k, e in self.energy.items()}
        carbon = {y: sum(w * x[c] for c, w in e.items()) for y, e in self.emitted.items()}
        duals = {k: found.row_dual[r] for k, r in self.row_names.items()}
        return Answer(solver.getInfo().objective_function_value, value, carbon, duals, energy)


@dataclass(frozen=True)
class Answer:
    """Objective (million), household cost by zone, group and year, bound carbon (kt) by year, duals of named rows,
    spend on energy at home by zone, group, tenure and year."""

    objective: float
    bill: dict[tuple[str, str, int], float]
    carbon: dict[int, float]
    duals: dict[str, float]
    energy: dict[tuple[str, str, str, int], float]
