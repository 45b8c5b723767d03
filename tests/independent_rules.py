"""What the second, independent statement says of unclaimed inventory rows, given measures, pledge and fairness."""

import math
from collections.abc import Mapping
from statistics import NormalDist

from tests.independent_frame import INF, ONE, Answer, Expression, Program, add, family, is_basic


def rest(m: Program) -> None:
    """Rows of the inventory that no system claims, what lowers them, and removals."""
    p = m.p
    claimed = {(g, c) for g in ("I.1.1", "I.2.1") for c in ("", "natural_gas", "heating_oil")}
    claimed |= {("II.1.1", ""), ("II.1.1", "road_fuel")} | {(g, c) for g in m.power for c in ("", "electricity")}
    for (gpc, carrier), value in m.t.cells[m.base].items():
        if (gpc, carrier) in claimed or not value:
            continue
        kind = family(gpc)
        row = {y: value * (m.trend(f"{kind}_trend", y) if kind else 1.0) for y in m.years}
        if is_basic(gpc):
            for y in m.years:
                add(m.emitted[y], ONE, row[y])
        if not kind or value <= 0:
            continue
        less = m.columns()
        before: tuple[int, float] | None = None
        for y in m.later:
            most = row[y] * p[f"{kind}_reduction_max"]
            m.row({less[y]: 1.0}, -INF, most)
            earlier = {before[0]: -1.0} if before else {}
            m.row({less[y]: 1.0, **earlier}, -INF, row[y] * p[f"{kind}_reduction_rate_max"] * m.span[y])
            if before:
                m.row({less[y]: 1.0, before[0]: -most / before[1]}, 0.0, INF)
            before = (less[y], most)
            m.pay(y, less[y], p[f"{kind}_reduction_cost"] * 1e-3)
            m.measure[f"other.{kind}"].append((less[y], most, y))
            if is_basic(gpc):
                add(m.emitted[y], less[y], -1.0)
            if kind in ("waste", "wastewater", "land"):
                add(m.city_cash[y], less[y], p[f"{kind}_reduction_cost"] * 1e-3)
    pledged = m.t.toml["pledge"]
    cap = pledged["max_residual_removals"] * sum(v for (g, _), v in m.t.cells[m.base].items() if is_basic(g))
    for y in m.later:
        removed = m.column(0.0, INF if y >= pledged["neutrality_year"] else 0.0)
        m.row({removed: 1.0}, -INF, cap, f"removals-cap {y}")
        m.pay(y, removed, p["removals_cost"] * 1e-3)
        add(m.city_cash[y], removed, p["removals_cost"] * 1e-3)
        add(m.emitted[y], removed, -1.0)
        m.measure["other.removals"].append((removed, cap, y))


def hold(m: Program, given: Mapping[str, Mapping[int, float]]) -> None:
    """Measures at given shares; old heaters give way in proportion."""
    for name, parts in m.measure.items():
        for column, potential, y in parts:
            want = potential * given.get(name, {}).get(y, 0.0)
            m.row({column: 1.0}, want, want)
    for columns, shares in m.existing:
        for c, s in zip(columns, shares, strict=True):
            row = dict.fromkeys(columns, -s)
            add(row, c, 1.0)
            m.row(row, 0.0, 0.0)


def pledge(m: Program) -> None:
    """Support, path, carbon budget and the city's cash budget."""
    setting = m.t.toml["pledge"]
    lost = m.p["marginal_cost_of_public_funds"] - 1.0
    level, part = m.column(), meant_for(m)
    for z in m.zones:
        for g in m.groups:
            homes = part[z, g] * sum(m.homes[z, g, t] for t in ("owner", "renter"))
            for y in m.later:
                m.pay(y, level, homes * lost)
                add(m.city_cash[y], level, homes)
                add(m.bill[z, g, y], level, -homes)
                for t in ("owner", "renter"):
                    add(m.energy[z, g, t, y], level, -part[z, g] * m.homes[z, g, t])
            for y, column in m.columns().items():
                m.pay(y, column, lost + m.p["targeting_overhead"])
                add(m.city_cash[y], column, 1.0)
                add(m.bill[z, g, y], column, -1.0)
                both = sum(m.homes[z, g, t] for t in ("owner", "renter"))
                for t in ("owner", "renter"):
                    add(m.energy[z, g, t, y], column, -m.homes[z, g, t] / both)
    points = {setting["neutrality_year"]: 0.0}
    for t in setting.get("target", []):
        points[t["year"]] = (1 - t["cut"]) * sum(v for (g, _), v in m.t.cells[t["of_year"]].items() if is_basic(g))
    for y in m.later:
        reached = [k for k in points if k <= y]
        if reached:
            m.row(
                m.emitted[y],
                -INF,
                points[max(reached)],
                f"{'neutrality' if y >= setting['neutrality_year'] else 'pledge-path'} {y}",
            )
    if "budget_kt" in setting:
        total: Expression = {}
        for y in m.years:
            for k, v in m.emitted[y].items():
                add(total, k, v * m.duration[y])
        m.row(total, -INF, setting["budget_kt"], "carbon-budget")
    most = m.t.toml.get("budgets", {}).get("city")
    if most is not None:
        for y in m.later:
            m.row(m.city_cash[y], -INF, most, f"cash-city {y}")


def fairness(m: Program, rules: Mapping[str, Mapping[str, object]], reference: Answer) -> None:
    """Rules on all that households pay."""
    for name in ("no_low_income_worse_off", "no_group_worse_off"):
        if name in rules:
            for g in low(m) if "low" in name else m.groups:
                for z in m.zones:
                    for y in m.later:
                        m.row(m.bill[z, g, y], -INF, reference.bill[z, g, y], f"{name} {z} {g} {y}")
    if "benefit_share" in rules:
        theirs, everyone = {ONE: 0.0}, {ONE: 0.0}
        part = designated(m)
        for (z, g, y), bill in m.bill.items():
            w = m.weight[y]
            for k, v in (*bill.items(), (ONE, -reference.bill[z, g, y])):
                add(everyone, k, -w * v)  # gain = reference less bill
                add(theirs, k, -w * part[z, g] * v)
        gain = m.column()
        m.row({gain: 1.0} | {k: -v for k, v in everyone.items()}, 0.0, INF)
        add(theirs, gain, -rules["benefit_share"]["share"])
        m.row(theirs, 0.0, INF, "benefit_share")
    if "priority" in rules:
        _priority(m, rules["priority"])


def low(m: Program) -> list[str]:
    return [g["id"] for g in m.t.toml.get("groups", []) if g["low_income"]]


def home_energy_rules(m: Program, rules: Mapping[str, Mapping[str, object]], reference: Answer) -> None:
    """Rules on what homes spend on energy at home, cell by cell."""
    income = {c: n * 1e-3 * m.t.real("household_income", c[0], c[1]) for c, n in m.homes.items()}
    pieces = _strata(m.p["within_cell_spread"])
    if "burden_cap" in rules:
        for c in m.homes:
            for y in m.later:
                if c[1] in low(m):
                    m.row(m.energy[(*c, y)], -INF, rules["burden_cap"]["level"] * income[c], f"burden_cap {c} {y}")
    if "warm_rent" in rules:
        for z, g, t in m.homes:
            for y in m.later:
                if g in low(m) and t == "renter":
                    m.row(m.energy[z, g, t, y], -INF, reference.energy[z, g, t, y], f"warm_rent {z} {g} {y}")
    if "poverty_gap" in rules:
        n = rules["poverty_gap"]
        base = _base_spend(m)
        most = (1 - n["cut"]) * sum(
            max(0.0, q * base[c] - n["threshold"] * income[c]) / len(pieces) for c in m.homes for q in pieces
        )
        for y in [y for y in m.later if y >= n.get("from_year", 0)]:
            total: Expression = {}
            for c in m.homes:
                for q in pieces:
                    over = m.column()
                    m.row({over: -1.0} | {k: q * v for k, v in m.energy[(*c, y)].items()},
                          -INF, n["threshold"] * income[c])  # fmt: skip
                    total[over] = 1 / len(pieces)
            m.row(total, -INF, most, f"poverty_gap {y}")
    if "cvar" in rules:
        n = rules["cvar"]
        whole = sum(m.homes.values())
        for y in m.later:
            burdens = sorted(
                ((q * reference.energy[(*c, y)] / income[c], m.homes[c] / len(pieces) / whole)
                 for c in m.homes for q in pieces), reverse=True,
            )  # fmt: skip
            left, mean = n["worst"], 0.0
            for burden, share in burdens:
                mean += min(share, left) * burden / n["worst"]
                left -= min(share, left)
            edge = m.column()
            total = {edge: 1.0}
            for c in m.homes:
                for q in pieces:
                    above = m.column()
                    spend = {k: q * v / income[c] for k, v in m.energy[(*c, y)].items()}
                    m.row({above: -1.0, edge: -1.0} | spend, -INF, 0.0)
                    total[above] = m.homes[c] / len(pieces) / whole / n["worst"]
            m.row(total, -INF, n["level"] * mean, f"cvar {y}")


def _strata(spread: float) -> list[float]:
    """Means of ten equal strata of a lognormal with mean 1, by adding up many quantiles."""
    many = 200_000
    draws = [math.exp(spread * NormalDist().inv_cdf((i + 0.5) / many) - spread**2 / 2) for i in range(many)]
    return [sum(draws[k * many // 10 : (k + 1) * many // 10]) / (many // 10) for k in range(10)]


def _base_spend(m: Program) -> dict[tuple[str, str, str], float]:
    """Spend on energy at home in the base year, million: all at average prices."""
    p = m.p
    heat = sum(m.home_heat[f"{f}_boiler"] / p[f"{f}_boiler_efficiency"] * p[f"{f}_price_residential"]
               for f in ("gas", "oil"))  # fmt: skip
    price = p["electricity_price_residential"] - m.fixed_per_kwh
    heat += m.home_heat["resistance"] / p["resistance_efficiency"] * price
    light = m.power["I.1.2"] * (1 - p["residential_electric_heat_share"]) * price
    return {c: heat * m.cell_share[c] + light * m.home_share[c] + m.fixed * n for c, n in m.homes.items()}


def _priority(m: Program, rule: Mapping[str, object]) -> None:
    """Share of designated homes reached, against the share of all homes."""
    part = {
        c: max((float(r["share"]) for r in m.t.designated
                if all(r[k] in ("", v) for k, v in zip(("zone", "group", "tenure"), c, strict=True))), default=0.0)
        for c in m.homes
    }  # fmt: skip
    for name in rule["measures"]:
        for y in m.later:
            here = [(c, column, most) for c, column, most, year in m.reached[name] if year == y]
            theirs, every = sum(part[c] * most for c, _, most in here), sum(most for _, _, most in here)
            m.row({k: part[c] / theirs - rule["level"] / every for c, k, _ in here}, 0.0, INF, f"priority {name} {y}")


def meant_for(m: Program) -> dict[tuple[str, str], float]:
    """Share of homes that support is meant for: the designated, else those of low-income groups, else all."""
    if m.t.designated:
        return designated(m)
    return {(z, g): float(g in low(m) or not low(m)) for z in m.zones for g in m.groups}


def designated(m: Program) -> dict[tuple[str, str], float]:
    out = {}
    rows = m.t.designated
    for z in m.zones:
        for g in m.groups:
            found, total = 0.0, 0.0
            for t in ("owner", "renter"):
                hit = [
                    float(r["share"])
                    for r in rows
                    if all(r[k] in ("", v) for k, v in (("zone", z), ("group", g), ("tenure", t)))
                ]
                found += m.homes[z, g, t] * max(hit, default=0.0)
                total += m.homes[z, g, t]
            out[z, g] = found / total
    return out
