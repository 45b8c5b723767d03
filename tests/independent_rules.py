"""What the second, independent statement says of unclaimed inventory rows, given measures, pledge and fairness."""

from collections.abc import Collection, Mapping

from tests.independent_frame import INF, ONE, Expression, Program, add, family, is_basic


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
            for y, column in m.columns().items():
                m.pay(y, column, lost + m.p["targeting_overhead"])
                add(m.city_cash[y], column, 1.0)
                add(m.bill[z, g, y], column, -1.0)
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


def fairness(m: Program, rules: Collection[str], reference: Mapping[tuple[str, str, int], float]) -> None:
    if "no_low_income_worse_off" in rules:
        for g in (g["id"] for g in m.t.toml["groups"] if g["low_income"]):
            for z in m.zones:
                for y in m.later:
                    m.row(m.bill[z, g, y], -INF, reference[z, g, y], f"no-worse {z} {g} {y}")
    if "benefit_share" in rules:
        theirs, everyone = {ONE: 0.0}, {ONE: 0.0}
        part = designated(m)
        for (z, g, y), bill in m.bill.items():
            w = m.weight[y]
            for k, v in (*bill.items(), (ONE, -reference[z, g, y])):
                add(everyone, k, -w * v)  # gain = reference less bill
                add(theirs, k, -w * part[z, g] * v)
        gain = m.column()
        m.row({gain: 1.0} | {k: -v for k, v in everyone.items()}, 0.0, INF)
        add(theirs, gain, -m.t.toml["rules"]["benefit_share"]["share"])
        m.row(theirs, 0.0, INF, "benefit-share")


def meant_for(m: Program) -> dict[tuple[str, str], float]:
    """Share of homes that support is meant for: the designated, else those of low-income groups, else all."""
    if m.t.designated:
        return designated(m)
    low = [g["id"] for g in m.t.toml.get("groups", []) if g["low_income"]]
    return {(z, g): float(g in low or not low) for z in m.zones for g in m.groups}


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
