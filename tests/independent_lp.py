"""The plan's linear program stated a second time, from the city's tables, without the software it is held against.

Plain loops over cells, plain sparse rows, one call of the solver. Nothing of the package is imported: the tables
are read with the csv module, homes are shared out in closed form, a given quantity is a number and not a term.
The base year is left out altogether (it weighs nothing), money that changes hands inside the city is written only
where somebody's bill or budget asks for it, and loads enter the hour without a variable of their own.
Money in million a year, carbon kt, energy GWh, power GW, homes and vehicles thousands, distance million km.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from tests.independent_frame import INF, ONE, Answer, Expression, Program, add, annuity, straight
from tests.independent_rules import fairness, hold, home_energy_rules, pledge, rest

WHO = {"owner": "owner_interest", "renter": "landlord_interest"}
OLD = ("gas_boiler", "oil_boiler", "resistance")
LIFE = {"heat_pump": "heat_pump_life", "district": "connection_life"}
COST = {"resistance": "resistance_heater_cost", "district": "district_connection_cost"}
UPKEEP = {"resistance": "resistance_heater_maintenance"}


def plan(
    folder: Path,
    years: Sequence[int],
    steps: int,
    *,
    given: Mapping[str, Mapping[int, float]] | None = None,
    rules: Mapping[str, Mapping[str, object]] | None = None,
    reference: Answer | None = None,
) -> Answer:
    """Solve the city's plan: measures ``given`` by share and year, or free under pledge, budgets and ``rules``."""
    m = Program(folder, years, steps)
    saved = buildings(m)
    network = homes(m, saved)
    commerce(m)
    district(m, network)
    fleets(m)
    sun = roofs(m)
    tenants(m)
    rest(m)
    electricity(m, sun)
    if given is not None:
        hold(m, given)
    else:
        pledge(m)
        if rules and reference:
            fairness(m, rules, reference)
            home_energy_rules(m, rules, reference)
    return m.solve()


def buildings(m: Program) -> dict[tuple[tuple[str, str, str], int], Expression]:
    """Retrofit of homes; returns the heat saved by cell and year."""
    p, out = m.p, {(c, y): {} for c in m.homes for y in m.later}
    pace = {y: {} for y in m.later}
    for level in ("light_retrofit", "deep_retrofit"):
        for c, homes in m.homes.items():
            works, stock = m.columns(), m.columns()
            m.grows(works, stock)
            for y in m.later:
                need = sum(m.home_heat.values()) * m.cell_share[c] * m.trend("heat_demand_trend", y)
                out[c, y][stock[y]] = need / homes * (1 - p["warmth_takeback"]) * p[f"{level}_saving"]
                pace[y][works[y]] = 1.0
                m.measure[f"buildings.{level}"].append((stock[y], homes * p["retrofit_eligible_share"], y))
                m.reached[f"buildings.{level}"].append((c, stock[y], homes * p["retrofit_eligible_share"], y))
                own(
                    m,
                    c,
                    y,
                    stock[y],
                    m.area[c[0]] * 1e-3 * p[f"{level}_cost"],
                    p["retrofit_life"],
                    p["retrofit_subsidy_share"],
                    rises=True,
                )
    for (c, _), saved in out.items():
        m.row(dict.fromkeys(saved, 1.0), -INF, m.homes[c] * p["retrofit_eligible_share"])
    for y in m.later:
        m.row(pace[y], -INF, p["retrofit_rate_max"] * sum(m.homes.values()) * m.span[y], f"retrofit-workforce {y}")
    return out


def own(
    m: Program, cell: tuple[str, str, str], y: int, column: int, price: float, life: float, grant: float,
    rises: bool = False,
) -> None:  # fmt: skip
    """One unit of something at a home, bought on credit: what it costs, and what the household pays of it."""
    zone, group, tenure = cell
    yearly = price * annuity(m.p[WHO[tenure]], life)
    m.pay(y, column, yearly)
    part = 1.0 if tenure == "owner" else m.p["rent_pass_through"]
    m.bill[zone, group, y][column] += yearly * (1 - grant) * part
    if rises and tenure == "renter":
        add(m.rise[zone, group, y], column, yearly * (1 - grant) * part)
        add(m.energy[(*cell, y)], column, yearly * (1 - grant) * part)


def heaters(
    m: Program, technologies: Sequence[str], now: Mapping[str, float], need: Mapping[int, float], name: str
) -> tuple[dict[str, dict[int, int]], dict[str, dict[int, int]], dict[str, dict[int, int]]]:
    """Heat by technology: delivered, newly installed, installed and standing."""
    total = sum(now.values())
    x, new, fresh = {}, {}, {}
    for tech in technologies:
        share = now.get(tech, 0.0) / total
        x[tech] = {m.start: m.column(need[m.start] * share, need[m.start] * share)} | m.columns()
        life = m.p[LIFE.get(tech, "boiler_life")]
        new[tech], fresh[tech] = m.stands(life)
        for before, y in pairwise(m.years):
            m.row({x[tech][y]: 1.0, fresh[tech][y]: -1.0}, -INF, need[m.start] * share * m.worn(y, life) + 1e-9)
            if tech in OLD:  # given up for good: no more than before, but for need that grows
                m.row({x[tech][y]: 1.0, x[tech][before]: -max(need[y] / need[before], 1.0)}, -INF, 1e-9)
    for y in m.later:
        m.existing.append(([x[t][y] for t in OLD], [now[t] / total for t in OLD]))
    return x, new, fresh


def homes(
    m: Program, saved: Mapping[tuple[tuple[str, str, str], int], Expression]
) -> dict[tuple[str, int], Expression]:
    """Heat of homes; returns the heat asked of the network by zone and year."""
    p = m.p
    network = {(z, y): {} for z in m.zones for y in m.later}
    pace = {y: {} for y in m.later}
    city = sum(m.home_heat.values())
    for c, homes in m.homes.items():
        zone, group, tenure = c
        need = {y: city * m.cell_share[c] * m.trend("heat_demand_trend", y) for y in m.years}
        x, new, fresh = heaters(m, (*OLD, "heat_pump", "district"), m.home_heat, need, "homes")
        size = homes / need[m.start] * 1e-3  # million homes per GWh
        for y in m.years:
            bill = m.bill[zone, group, y]
            for tech in x:
                column = x[tech][y]
                upkeep = p[UPKEEP.get(tech, f"{tech}_maintenance")] * size
                m.pay(y, column, upkeep)
                if tenure == "owner":
                    bill[column] += upkeep
                price = use_heat(m, y, tech, column, "residential", "heat_pump_cop")
                price = p["district_tariff"] if tech == "district" else price
                add(bill, column, price)
                add(m.energy[(*c, y)], column, price)
        for y in m.later:
            m.row({x[t][y]: 1.0 for t in x} | saved[c, y], need[y], need[y])
            for tech in x:
                grant = p["heat_pump_subsidy_share"] if tech == "heat_pump" else 0.0
                price = p[COST.get(tech, f"{tech}_cost")] * size
                own(m, c, y, fresh[tech][y], price, p[LIFE.get(tech, "boiler_life")], grant, tech not in OLD)
            pace[y] |= {new[t][y]: 1.0 for t in ("heat_pump", "district")}
            network[zone, y][x["district"][y]] = 1.0
            m.measure["heat.heat_pumps"].append((x["heat_pump"][y], need[y], y))
            m.reached["heat.heat_pumps"].append((c, x["heat_pump"][y], need[y], y))
            reach = need[y] * p["district_potential_share"] if m.t.fact("land_area", zone) else 0.0
            m.row({x["district"][y]: 1.0}, -INF, reach)
            m.measure["heat.district_heat"].append((x["district"][y], reach, y))
    for y in m.later:
        most = p["heat_installation_rate_max"] * city * m.trend("heat_demand_trend", y) * m.span[y]
        m.row(pace[y], -INF, most, f"heat-workforce {y}")
    return network


def use_heat(m: Program, y: int, tech: str, column: int, sector: str, cop: str) -> float:
    """Fuel or electricity behind one GWh of heat: paid, burnt, or added to the load. What its user pays."""
    p = m.p
    if tech in ("gas_boiler", "oil_boiler"):
        fuel = tech.split("_")[0]
        price = p[f"{fuel}_price_{sector}"] / p[f"{tech}_efficiency"]
        # Gas is bought from a utility inside the city; only what the utility pays for it goes out.
        bought = p["gas_supply_cost"] / p[f"{tech}_efficiency"] if fuel == "gas" else price
        m.pay(y, column, bought)
        add(m.emitted[y], column, p[f"{fuel}_emission_factor"] / p[f"{tech}_efficiency"])
    elif tech == "district":
        return 0.0
    else:
        use = 1.0 / p[cop if tech == "heat_pump" else "resistance_efficiency"]
        add(m.load[y]["heat"], column, use)
        price = use * (p[f"electricity_price_{sector}"] - (m.fixed_per_kwh if sector == "residential" else 0.0))
    return price


def commerce(m: Program) -> None:
    p, city = m.p, sum(m.shop_heat.values())
    need = {y: city * m.trend("heat_demand_trend", y) for y in m.years}
    works, stock = m.columns(), m.columns()
    m.grows(works, stock)
    x, new, fresh = heaters(m, (*OLD, "heat_pump"), m.shop_heat, need, "commerce")
    for y in m.later:
        most = need[m.start] * p["commercial_retrofit_eligible_share"]
        m.row({stock[y]: 1.0}, -INF, most)
        m.row({works[y]: 1.0}, -INF, p["retrofit_rate_max"] * need[m.start] * m.span[y])
        m.pay(y, stock[y], p["commercial_retrofit_cost"] * 1e-3 * annuity(p["business_interest"], p["retrofit_life"]))
        m.row(
            {x[t][y]: 1.0 for t in x} | {stock[y]: p["commercial_retrofit_saving"] * need[y] / need[m.start]},
            need[y],
            need[y],
        )
        m.row({new["heat_pump"][y]: 1.0}, -INF, p["commercial_heat_installation_rate_max"] * need[y] * m.span[y])
        m.measure["buildings.commercial_retrofit"].append((stock[y], most, y))
        m.measure["heat.commercial_heat_pumps"].append((x["heat_pump"][y], need[y], y))
    for tech in x:
        kind = "heat_pump" if tech == "heat_pump" else "boiler"
        repay = annuity(p["business_interest"], p[LIFE.get(tech, "boiler_life")])
        for y in m.years:
            m.pay(y, x[tech][y], p[f"commercial_{kind}_maintenance"] * 1e-3)
            use_heat(m, y, tech, x[tech][y], "commercial", "commercial_heat_pump_cop")
            if y in fresh[tech]:
                m.pay(y, fresh[tech][y], p[f"commercial_{kind}_cost"] * 1e-3 * repay)


def district(m: Program, asked: Mapping[tuple[str, int], Expression]) -> None:
    p, city = m.p, sum(m.home_heat.values())
    pace = {y: {} for y in m.later}
    share = {z: sum(s for c, s in m.cell_share.items() if c[0] == z) for z in m.zones}
    reach = p["network_rate_max"] * city * p["district_potential_share"]
    repay = annuity(p["utility_interest"], p["network_life"])
    for z in m.zones:
        land = m.t.fact("land_area", z)
        if not land:
            continue
        ratio = sum(f for c, f in m.floor.items() if c[0] == z) * 1000.0 / (land * 1e6)
        width = 137.5 * ratio + 5.0 if ratio <= 0.4 else 60.0
        heat = city * share[z] * m.trend("heat_demand_trend", m.start) * 3600.0
        linear = max(heat / (land * 1e6) * width, 1e-6)  # GJ per metre and year
        pipe = max(0.0486 * math.log(linear) + 0.0007, 0.02) if linear >= 1.5 else 0.02
        price = 3600.0 / linear * 1e-6 * (p["trench_cost_constant"] + p["trench_cost_diameter"] * pipe)
        new, opened = m.columns(), m.columns()
        m.grows(new, opened)
        for y in m.later:
            m.row(asked[z, y] | {opened[y]: -1.0}, -INF, 0.0)
            m.pay(y, opened[y], price * repay)
            pace[y][new[y]] = 1.0
    for y in m.later:
        if pace[y]:
            m.row(pace[y], -INF, reach * m.trend("heat_demand_trend", y) * m.span[y])
    plants = {t: m.stands(p["plant_life"])[1] for t in ("large_heat_pump", "electric_boiler")}
    store = m.stands(p["heat_store_life"])[1]
    for y in m.later:
        for tech, size in plants.items():
            m.pay(
                y, size[y], p[f"{tech}_cost"] * annuity(p["utility_interest"], p["plant_life"]) + p["plant_maintenance"]
            )
        m.pay(y, store[y], p["heat_store_cost"] * annuity(p["utility_interest"], p["heat_store_life"]))
        sold = {c: 1.0 for z in m.zones for c in asked[z, y]}
        _network_year(m, y, sold, {t: s[y] for t, s in plants.items()}, store[y])


def _network_year(m: Program, y: int, sold: Expression, plants: Mapping[str, int], store: int) -> None:
    p, last = m.p, m.steps - 1
    gross = 1.0 / (1.0 - p["network_loss_share"])
    efficiency = {"large_heat_pump": p["large_heat_pump_cop"], "electric_boiler": p["electric_boiler_efficiency"]}
    peak = max(max(day) for day in m.shape["heat"]) * p["network_peak_factor"] * gross
    m.row(dict.fromkeys(plants.values(), 1.0) | dict.fromkeys(sold, -peak), 0.0, INF)
    keep = (1.0 - p["heat_store_loss"]) ** m.hours
    inside, high, low = {}, {}, {}
    for d in range(12):
        high[d], low[d] = m.column(-INF), m.column(-INF)
        for s in range(m.steps):
            balance = dict.fromkeys(sold, -gross * m.shape["heat"][d][s])
            for tech, size in plants.items():
                output = m.column()
                m.row({output: 1.0, size: -1.0}, -INF, 0.0)
                balance[output] = 1.0
                add(m.by_step[y][d][s], output, 1.0 / efficiency[tech])
            charge, give, inside[d, s] = m.column(), m.column(), m.column(-INF)
            m.row(balance | {charge: -1.0, give: 1.0}, 0.0, 0.0)
            before = {inside[d, s - 1]: -keep} if s else {}
            m.row({inside[d, s]: 1.0, charge: -m.hours, give: m.hours, **before}, 0.0, 0.0)
            m.row({high[d]: 1.0, inside[d, s]: -1.0}, 0.0, INF)
            m.row({low[d]: 1.0, inside[d, s]: -1.0}, -INF, 0.0)
    month = np.repeat(np.arange(12), (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31))
    level = [m.column() for _ in month]
    whole = keep**m.steps
    for date, d in enumerate(month):
        m.row({level[(date + 1) % 365]: 1.0, level[date]: -whole, inside[d, last]: -1.0}, 0.0, 0.0)
        m.row({level[date]: 1.0, high[d]: 1.0, store: -1.0}, -INF, 0.0)
        m.row({level[date]: whole, low[d]: 1.0}, 0.0, INF)


def fleets(m: Program) -> None:
    p, now = m.p, m.t.cells[m.base]
    road = now["II.1.1", ""] + now["II.1.1", "road_fuel"]
    cars = road * p["light_duty_share"] / p["combustion_emission_factor"]
    lorries = road * (1 - p["light_duty_share"]) / p["heavy_emission_factor"]
    shift = {}
    people = sum(m.t.fact("population", z) for z in m.zones) * 1e-6
    for mode in ("transit", "walking_cycling"):
        shift[mode] = m.columns(high=1.0)
        for n, y in enumerate(m.later):
            m.pay(y, shift[mode][y], people * p[f"{mode}_cost"])
            add(m.city_cash[y], shift[mode][y], people * p[f"{mode}_cost"])
            m.measure[f"mobility.{mode}"].append((shift[mode][y], 1.0, y))
            before = {shift[mode][m.later[n - 1]]: -1.0} if n else {}
            m.row({shift[mode][y]: 1.0, **before}, 0.0, p["shift_rate_max"] * m.span[y], f"shift-pace {mode} {y}")
    owned = [m.t.fact("vehicles", z) for z in m.zones]
    theirs = cars * p["resident_share"]
    if None not in owned:  # vehicles are known: so far do they drive inside, but no further than all cars
        theirs = min(sum(owned) * p["car_distance"] * p["resident_local_share"] * 1e-6, cars)
    place = {k: v * theirs for k, v in garage(m).items()}
    light = {y: p[f"electric_sales_share_max_{y}"] for y in (2026, 2030, 2035)}
    slow = {y: p[f"electric_heavy_sales_share_max_{y}"] for y in (2026, 2030, 2040)}
    name = "mobility.electric_cars"
    vehicles(m, place, "car", "car_interest", name, light, "residential", shift)
    vehicles(m, {None: cars - theirs}, "car", "car_interest", name, light, "commercial", shift)
    name = "mobility.electric_heavy_vehicles"
    vehicles(m, {None: lorries}, "heavy", "business_interest", name, slow, "commercial", {})


def garage(m: Program) -> dict[tuple[str, str], float]:
    """Share of residents' cars by zone and group."""
    homes = {(z, g): m.homes[z, g, "owner"] + m.homes[z, g, "renter"] for z in m.zones for g in m.groups}
    each = m.by_income("vehicles_quintile")
    want = {(z, g): n * each[g] for (z, g), n in homes.items()}
    if all(m.t.fact("vehicles", z) is not None for z in m.zones):
        inside = {z: sum(want[z, g] for g in m.groups) for z in m.zones}
        want = {(z, g): v / inside[z] * m.t.fact("vehicles", z) for (z, g), v in want.items()}
    return {k: v / sum(want.values()) for k, v in want.items()}


def vehicles(
    m: Program, distance: Mapping, kind: str, interest: str, measure: str, cap: Mapping[int, float], tariff: str,
    shift: Mapping[str, Mapping[int, int]],
) -> None:  # fmt: skip
    p = m.p
    life, yearly = p[f"{kind}_life"], p[f"{kind}_distance"] * 1e-3
    repay = annuity(p[interest], life)
    burn, price, factor = (
        ("combustion_energy_use", "petrol_price", "combustion_emission_factor")
        if kind == "car"
        else ("heavy_energy_use", "diesel_price", "heavy_emission_factor")
    )
    sold = {y: {} for y in m.later}
    for cell, base in distance.items():
        demand = {y: base * m.trend("car_km_trend", y) for y in m.years}
        x = {
            d: {m.start: m.column(*(2 * [demand[m.start] * (d == "combustion")]))} | m.columns()
            for d in ("combustion", "electric")
        }
        fleet = {d: m.stands(life) for d in x}
        resident = tariff == "residential"
        for y in m.years:
            bill = m.bill[(*cell, y)] if resident else {}
            for drive in x:
                each = p[f"{drive}_{kind}_maintenance"]
                if drive == "combustion":
                    each += p[burn] * p[price]
                    add(m.emitted[y], x[drive][y], p[factor])
                    add(bill, x[drive][y], each)
                else:
                    use = p["electric_car_use" if kind == "car" else "electric_heavy_use"]
                    add(m.load[y]["charge"], x[drive][y], use)
                    add(bill, x[drive][y], each + use * (p[f"electricity_price_{tariff}"] - m.fixed_per_kwh))
                m.pay(y, x[drive][y], each)
                if y == m.start:
                    continue
                stands = fleet[drive][1][y]
                old = demand[m.start] * m.worn(y, life) if drive == "combustion" else 0.0
                m.row({x[drive][y]: 1.0, stands: -yearly}, -INF, old + 1e-9)
                cost = p[f"{drive}_{kind}_price"] + (p["charger_cost"] if (drive, kind) == ("electric", "car") else 0.0)
                m.pay(y, stands, cost * 1e-3 * repay)
                grant = p["electric_car_subsidy"] if drive == "electric" else 0.0
                add(bill, stands, (cost - grant) * 1e-3 * repay)
        for y in m.later:
            less = {shift[k][y]: demand[y] * p[f"{k}_reduction_max"] for k in shift}
            m.row({x["combustion"][y]: 1.0, x["electric"][y]: 1.0, **less}, demand[y], demand[y])
            sold[y][fleet["electric"][0][y]] = 1.0
            m.measure[measure].append((x["electric"][y], demand[y], y))
            if shift:
                fare = less[shift["transit"][y]] * p["transit_fare"]
                add(m.city_cash[y], shift["transit"][y], -fare)
                if resident:
                    add(m.bill[(*cell, y)], shift["transit"][y], fare)
    for y in m.later:
        span = round(m.span[y])
        first, last = (sum(distance.values()) * m.trend("car_km_trend", k) / yearly for k in (y - span, y))
        normal = sum(
            (first + (last - first) * k / span) / life * straight(y - span + k, cap) for k in range(1, span + 1)
        )
        m.row(sold[y], -INF, normal, f"sales {measure} {tariff} {y}")


def roofs(m: Program) -> dict[int, Expression]:
    """Rooftop PV in MW; returns electricity made, GWh by year."""
    p = m.p
    made = m.sun_hours * p["pv_performance_ratio"]
    out, pace = {y: {} for y in m.years}, {y: {} for y in m.later}
    for c, homes in m.homes.items():
        new, stock = m.stands(p["pv_life"])
        for y in m.later:
            m.row({stock[y]: 1.0}, -INF, homes * p["pv_potential"])
            own(m, c, y, stock[y], p["pv_cost"] * 1e-3, p["pv_life"], p["pv_subsidy_share"])
            bill = m.bill[c[0], c[1], y]
            if c[2] == "renter":
                bill.pop(stock[y])  # the landlord's roof: neither repayment nor credit reaches the tenant
            else:
                credit = made * p["electricity_price_residential"] * p["pv_export_credit"]
                add(bill, stock[y], p["pv_maintenance"] * 1e-3 - credit)
                add(m.energy[(*c, y)], stock[y], -credit)
            m.pay(y, stock[y], p["pv_maintenance"] * 1e-3)
            out[y][stock[y]] = made
            pace[y][new[y]] = 1.0
            m.measure["power.rooftop_pv"].append((stock[y], homes * p["pv_potential"], y))
    for y in m.later:
        m.row(pace[y], -INF, p["pv_rate_max"] * sum(m.homes.values()) * p["pv_potential"] * m.span[y])
    return out


def tenants(m: Program) -> None:
    """Rent for works that the city pays back, at the cost of raising and handing out the money."""
    lost = m.p["marginal_cost_of_public_funds"] - 1.0 + m.p["rent_relief_overhead"]
    for (z, g, y), rise in m.rise.items():
        if y == m.start:
            continue
        relief = m.column()
        m.row({relief: 1.0} | {k: -v for k, v in rise.items()}, -INF, 0.0)
        m.pay(y, relief, lost)
        add(m.city_cash[y], relief, 1.0)
        add(m.bill[z, g, y], relief, -1.0)
        add(m.energy[z, g, "renter", y], relief, -1.0)


def electricity(m: Program, sun: Mapping[int, Expression]) -> None:
    p, battery = m.p, m.stands(m.p["battery_life"])[1]
    most = 0.25 * sum(m.power.values()) / 365.0
    repay = annuity(p["utility_interest"], p["battery_life"])
    for y in m.years:
        light = (
            m.power["I.1.2"] * (1 - p["residential_electric_heat_share"]) * m.trend("residential_electricity_trend", y)
        )
        shops = m.trend("commercial_electricity_trend", y)
        others = {g: v * shops for g, v in m.power.items() if g not in ("I.1.2", "I.2.2")}
        add(m.load[y]["flat"], ONE, light + sum(others.values()))
        add(m.load[y]["work"], ONE, m.power["I.2.2"] * (1 - p["commercial_electric_heat_share"]) * shops)
        add(
            m.city_cash[y],
            ONE,
            sum(v for g, v in others.items() if g.startswith("II.2")) * p["electricity_price_commercial"],
        )
        for c, share in m.home_share.items():
            per_kwh = p["electricity_price_residential"] - m.fixed_per_kwh
            for paid in (m.bill[c[0], c[1], y], m.energy[(*c, y)]):
                add(paid, ONE, light * share * per_kwh + m.fixed * m.homes[c])
        factor = m.grid[y] * p["grid_factor_scale"]
        for load in m.load[y].values():
            for k, v in load.items():
                add(m.emitted[y], k, v * factor)
        for k, v in sun[y].items():
            add(m.emitted[y], k, -v * factor)
        peak, size = m.column(), None
        m.pay(y, peak, p["network_capacity_cost"])
        if y != m.start:
            size = battery[y]
            m.row({size: 1.0}, -INF, most)
            m.measure["power.battery"].append((size, most, y))
            m.pay(y, size, p["battery_cost"] * repay)
        for d in range(12):
            _day(m, y, d, sun[y], peak, size, factor)


def _day(m: Program, y: int, d: int, sun: Expression, peak: int, size: int | None, factor: float) -> None:
    level = [m.column() for _ in range(m.steps)]
    for s in range(m.steps):
        bought, given, store, give = (m.column() for _ in range(4))
        hours = m.hours_of[d][s]
        row = {bought: 1.0, given: -1.0, store: -1.0, give: 1.0}
        for k, v in sun.items():
            add(row, k, v * m.shape["sun"][d][s])
        for shape, load in m.load[y].items():
            for k, v in load.items():
                add(row, k, -v * m.shape[shape][d][s])
        for k, v in m.by_step[y][d][s].items():
            add(row, k, -v)
            add(m.emitted[y], k, v * hours * factor)
        m.row(row, 0.0, 0.0)
        m.row({bought: 1.0, peak: -1.0}, -INF, 0.0)
        m.pay(y, bought, hours * 1e-3 * m.p["grid_supply_cost"])
        for column, sign in ((given, 1.0), (store, 1.0), (give, -1.0)):
            add(m.emitted[y], column, sign * hours * factor)
        after = level[(s + 1) % m.steps]
        m.row({after: 1.0, level[s]: -1.0, store: -m.p["battery_efficiency"] * m.hours, give: m.hours}, 0.0, 0.0)
        if size is None:
            m.row({level[s]: 1.0, store: 1.0, give: 1.0}, 0.0, 0.0)
        else:
            m.row({level[s]: 1.0, size: -1.0}, -INF, 0.0)
            m.row({store: 1.0, give: 1.0, size: -0.25}, -INF, 0.0)
