"""Independent re-simulation of electricity: the plan's own steps, and the year hour by hour."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from mutirao.book.bundle import Plan
from mutirao.city.folder import City
from mutirao.ground.speech import say
from mutirao.model.baseyear import GRID_REFERENCES, grid_path
from mutirao.model.check import Check
from mutirao.model.shapes import shape_of
from mutirao.model.timeaxis import TimeAxis, monthly_axis
from mutirao.systems.power.physics import fill_hours, flatten_day

#: The same sums taken in another order: only the solver's own feasibility tolerance may part them.
SAME = 1e-6
#: The calibration of the base year is algebra, not search.
EXACT = 1e-9
#: Surplus sun and battery losses depend on the hour; yearly purchases may differ by a few hundredths.
YEAR = 0.02
#: A step of two to four hours averages profiles that an hour can pile up: the plan's peak lies below the hourly one
#: (5 to 7 % with six steps a day). Whoever sizes a network needs the hourly figure, which is printed.
PEAK = 0.10


@dataclass(frozen=True)
class Steps:
    """Electricity in GW by (day, step) of one period; ``movable`` is drawn by plants that a plan runs step by step."""

    load: xr.DataArray
    sun: xr.DataArray
    movable: xr.DataArray


def verify(plan: Plan, city: City) -> list[Check]:
    """Re-simulate the grid from the book's yearly uses, the city's climate and its grid path.

    Returns one check per quantity, at the year where plan and simulation are furthest apart.
    """
    value = dict(zip(plan.drivers["name"], plan.drivers["value"], strict=True))
    return [
        *_steps(plan, city, value),
        *_hours(plan, city, value),
        *_carbon(plan, city, value),
        *_stocks(plan, city, value),
        *_inventory(plan, city),
    ]


def _loads(plan: Plan, time: TimeAxis, period: int, value: dict[str, float]) -> Steps:
    """Uses and own sun of a period on the steps of ``time``, from the yearly figures of the book.

    Uses that are booked step by step (heat plants of the network) keep the plan's own steps, each held over the
    hours it covers.
    """
    rows = plan.select("energy", carrier="electricity", period=period)
    shape = rows["term"].map(plan.terms["shape"])
    yearly = rows["value"].groupby(shape).sum()
    zero = time.weight * 0.0
    load = zero - sum(
        float(yearly[s]) * shape_of(str(s), time, value["hot_water_share"])
        for s in yearly.index
        if s not in ("", "sun", "steps")
    )
    sun = zero + float(yearly.get("sun", 0.0)) * shape_of("sun", time, value["hot_water_share"])
    movable = zero
    for term in plan.terms.index[plan.terms["shape"] == "steps"]:
        row = plan.terms.loc[term]
        at: dict[str, Any] = dict(part.split("=", 1) for part in str(row["select"]).split())
        at["period"] = period
        made = plan.decisions[str(row["variable"])].sel(at).transpose("day", "step")
        each = np.repeat(made.values, time.steps // made.sizes["step"], axis=1)
        movable = movable + time.array(each) * float(plan.factors[term])
    return Steps(load, sun, movable)


def _steps(plan: Plan, city: City, value: dict[str, float]) -> list[Check]:
    """The plan's own balance, step by step, and the peak that the network is paid for."""
    flow = {n: plan.decisions[f"power-{n}"] for n in ("import", "export", "battery-in", "battery-out")}
    time = _time(city, flow["import"].sizes["step"])
    residual = 0.0
    for period in (plan.base_year, *plan.years):
        at = {n: a.sel(period=period).transpose("day", "step") for n, a in flow.items()}
        need = _loads(plan, time, period, value)
        left = at["import"] - at["export"] + at["battery-out"] - at["battery-in"] + need.sun - need.load - need.movable
        residual = max(residual, float(np.abs(left.values).max()))
    energy = (flow["import"] * time.weight).sum(["day", "step"])
    booked = _periods(plan, plan.total("energy", system="power", carrier="electricity", kind="grid"))
    peak = flow["import"].max(["day", "step"])
    # The base year is past: nothing is paid for its peak, so the plan leaves the figure open.
    paid = plan.decisions["power-peak"].sel(period=plan.years)
    return [
        Check("power", "largest residual of the balance in any step", 0.0, residual, "GW", SAME),
        _worst("electricity bought from the grid, booked and summed over steps", booked, energy, "GWh/a", SAME),
        _worst("peak that the network is paid for", paid, peak.sel(period=plan.years), "GW", SAME),
    ]


def _hours(plan: Plan, city: City, value: dict[str, float]) -> list[Check]:
    """Hour by hour through 365 dates, by plain rules.

    Heat plants of the network use each day what the plan gives them, in the hours with least load (their store lasts
    for hours); batteries then even out what is left.
    """
    steps = plan.decisions["power-import"].sizes["step"]
    coarse, fine = _time(city, steps), _time(city, 24)
    bought, peaks = [], []
    for period in plan.years:
        need = _loads(plan, fine, period, value)
        fixed = (need.load - need.sun).values
        plants = need.movable.values
        days = [f + fill_hours(f, float(m.sum()), float(m.max())) for f, m in zip(fixed, plants, strict=True)]
        net = np.stack(days)[fine.order]
        size = float(plan.decisions["power-battery"].sel(period=period))
        drawn = np.stack([flatten_day(day, size, size / 4.0, value["battery_efficiency"]) for day in net])
        bought.append(float(np.clip(drawn, 0.0, None).sum()))
        peaks.append(float(drawn.max()))
    energy = (plan.decisions["power-import"] * coarse.weight).sum(["day", "step"]).sel(period=plan.years)
    peak = plan.decisions["power-import"].sel(period=plan.years).max(["day", "step"])
    again = {"period": list(plan.years)}
    return [
        _worst(
            "electricity bought from the grid, hour by hour",
            energy,
            xr.DataArray(bought, again, "period"),
            "GWh/a",
            YEAR,
        ),
        _worst("highest import, hour by hour", peak, xr.DataArray(peaks, again, "period"), "GW", PEAK),
    ]


def _carbon(plan: Plan, city: City, value: dict[str, float]) -> list[Check]:
    """Carbon of what is bought from the grid at the factor of the year, against all grid carbon in the book."""
    years = [plan.base_year, *plan.years]
    factor = xr.DataArray(grid_path(city, np.array(years, float)), {"period": years}, "period")
    time = _time(city, plan.decisions["power-import"].sizes["step"])
    energy = (plan.decisions["power-import"] * time.weight).sum(["day", "step"])
    booked = _periods(plan, plan.total("carbon", system="power", boundary="basic"))
    return [
        _worst(
            "CO2e of electricity bought from the grid",
            booked,
            energy * factor * value["grid_factor_scale"],
            "kt CO2e/a",
            SAME,
        )
    ]


def _stocks(plan: Plan, city: City, value: dict[str, float]) -> list[Check]:
    """Rooftop PV and batteries from what was built year by year; the sun's yield; money for building."""
    sun = sum(float(city.array(f"irradiation_m{m:02d}", ())) for m in range(1, 13)) * 1e-3  # GWh/a per MW
    pv = _standing(plan, "power-pv-new", value["pv_life"])
    made = pv.sum([d for d in pv.dims if d != "period"]) * (sun * value["pv_performance_ratio"])
    booked = _periods(plan, plan.total("energy", carrier="electricity", kind="sun")).sel(period=plan.years)
    paid = plan.total("money", system="power", measure="power.rooftop_pv", kind="equipment", basis="cash")
    money = float((paid * plan.weight("interval").reindex(paid.index)).sum())
    out = [
        _worst("electricity of rooftop PV", booked, made, "GWh/a", SAME),
        Check(
            "power",
            "money for building rooftop PV over all years",
            money,
            float(plan.decisions["power-pv-new"].sum()) * value["pv_cost"] * 1e-3,
            "M",
            SAME,
        ),
    ]
    for name, life, unit, words in (
        ("power-pv", "pv_life", "MW", "rooftop PV standing"),
        ("power-battery", "battery_life", "GWh", "batteries standing"),
    ):
        planned = plan.decisions[name].sel(period=plan.years)
        out.append(_worst(words, planned, _standing(plan, f"{name}-new", value[life]), unit, SAME))
    return out


def _standing(plan: Plan, name: str, life: float) -> xr.DataArray:
    """What stands at the end of each milestone year when each interval's building is spread over its years."""
    new = plan.decisions[name]
    out = []
    for period in plan.years:
        parts = [new.sel(period=plan.years[0], drop=True) * 0.0]
        for before, at in zip(plan.years[:-1], plan.years[1:], strict=True):
            alive = sum(float(np.clip(life - (period - y), 0.0, 1.0)) for y in range(before + 1, at + 1) if y <= period)
            parts.append(new.sel(period=at, drop=True) * (alive / (at - before)))
        out.append(sum(parts[1:], parts[0]).expand_dims(period=[period]))
    return xr.concat(out, dim="period").transpose(*new.dims)


def _time(city: City, steps: int) -> TimeAxis:
    """The year rebuilt from the city's monthly normals, with any number of steps a day."""
    months = [f"m{m:02d}" for m in range(1, 13)]
    warm = np.array([float(city.array(f"temperature_{m}", ())) for m in months])
    sun = np.array([float(city.array(f"irradiation_{m}", ())) for m in months])
    return monthly_axis(warm, sun, city.settings.latitude, steps)


def _inventory(plan: Plan, city: City) -> list[Check]:
    """The base year of the book against the inventory, reference by reference."""
    cells = city.inventory.cells(plan.base_year, city.settings.gwp)
    book = plan.total("carbon", ("gpc",), period=plan.base_year, gpc=list(GRID_REFERENCES))
    figures = {ref: sum(v for (g, _), v in cells.items() if g == ref) / 1000.0 for ref in GRID_REFERENCES}
    return [
        Check("power", say("base year, GPC {reference}", reference=ref), float(book.get(ref, 0.0)), figure,
              "kt CO2e/a", EXACT)
        for ref, figure in figures.items()
        if figure or ref in book.index
    ]


def _periods(plan: Plan, series: pd.Series) -> xr.DataArray:
    years = [plan.base_year, *plan.years]
    return xr.DataArray(series.reindex(years).fillna(0.0).to_numpy(), coords={"period": years}, dims="period")


def _worst(what: str, planned: xr.DataArray, simulated: xr.DataArray, unit: str, tolerance: float) -> Check:
    """The check at the place and year where the two are furthest apart; the largest figure where none differ."""
    a, b = xr.broadcast(planned, simulated)
    gap = np.abs(a.values - b.values).round(12).ravel()
    place = np.unravel_index(int(np.lexsort((np.abs(a.values).ravel(), gap))[-1]), a.shape)
    return Check("power", what, float(a.values[place]), float(b.values[place]), unit, tolerance)
