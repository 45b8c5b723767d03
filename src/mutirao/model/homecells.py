"""Homes by zone, income group and tenure, with what a home pays and how people live in it."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr

from mutirao.book.terms import CITY_WIDE
from mutirao.city.folder import City
from mutirao.ground.parameters import Parameters
from mutirao.model.baseyear import BaseYear, money_fact

#: Columns that a city states, by the name of its variable; the first three are money of a year and home.
MONEY = {"income": "household_income", "housing_cost": "housing_cost", "rent": "rent"}
STATED = ("cooling_access", "over_65", "homes_inefficient", "arrears", "cannot_keep_warm", "cannot_keep_cool",
          "damp_or_rot", "heat_island", "tree_canopy")  # fmt: skip
UNITS = {"people_per_home": "people", "heat_island": "degC"}
#: Figures for the whole city that indicators reckon with.
WHOLE = ("within_cell_spread", "renter_turnover", "owner_turnover", "rent_turnover_effect")
FACTS = ("name", "zone", "group", "tenure", "value", "unit", "source")
COLUMNS = ("zone", "group", "tenure", "homes", "people_per_home", "income", "energy", "required", "housing_cost",
           "rent", *STATED)  # fmt: skip
FINEST = (("zone", "group"), ("zone",), ("group",), ())


def home_cells(city: City, p: Parameters, base: BaseYear) -> pd.DataFrame:
    """Homes of the base year, one row for each zone, income group and tenure that has any home.

    Columns `COLUMNS`: homes (number, fractional); money in the city's currency of its price year, per home and year;
    shares from 0 to 1; NaN is not known. ``energy`` is the inventory's home energy at the plan's prices, shared out
    as `BaseYear.home_weight` and `BaseYear.household_weight` say, so that it sums to the base year of the book.
    ``required`` is what a home of that size needs on average here, at the same prices: the city's mean heat for each
    m2 and its mean use of other electricity, whatever the income. It is modelled, an assumption, and no audit of homes.
    """
    power = power_use(p, base)
    energy = home_bills(p, base, base.home_weight, power)
    fair = base.homes / float(base.homes.sum())
    required = home_bills(p, base, base.area_weight, heat_and_other(p, base, base.area_weight, fair))
    columns: dict[str, xr.DataArray] = {"homes": base.homes * 1000.0, "energy": energy, "required": required}
    for column, name in MONEY.items():
        columns[column] = _fact(city, name, base.homes, money=True)
    for name in STATED:
        columns[name] = _fact(city, name, base.homes)
    columns["cooling_access"] = cooling_access(city, p, base)
    columns["rent"] = columns["rent"].where(base.homes["tenure"] == "renter")
    columns["people_per_home"] = _fact(city, "people_per_home", base.homes).fillna(_people(city, base))
    full = {k: (xr.zeros_like(base.homes) + v).transpose(*base.homes.dims).rename(k) for k, v in columns.items()}
    frame = pd.concat([v.to_series() for v in full.values()], axis=1).reset_index()
    return frame[frame["homes"] > 0].reset_index(drop=True)[list(COLUMNS)]


def power_use(p: Parameters, base: BaseYear) -> xr.DataArray:
    """Electricity of homes in the base year, heat included, GWh over (zone, group, tenure)."""
    return heat_and_other(p, base, base.home_weight, base.household_weight)


def heat_and_other(p: Parameters, base: BaseYear, heat: xr.DataArray, other: xr.DataArray) -> xr.DataArray:
    """Electricity of homes shared out: its heat by one weight, the rest by another; each sums to one."""
    whole, share = base.electricity["I.1.2"], p("residential_electric_heat_share")
    return whole * (share * heat + (1.0 - share) * other)


def fixed_per_kwh(p: Parameters, base: BaseYear) -> float:
    """The fixed charge of electricity over what a home uses in the base year, CUR/kWh: part of the average price."""
    used = base.electricity["I.1.2"]
    return p("electricity_fixed_charge") * float(base.homes.sum()) * 1e-3 / used if used else 0.0


def home_bills(p: Parameters, base: BaseYear, heat: xr.DataArray, power: xr.DataArray) -> xr.DataArray:
    """Yearly spend on energy of a home of each cell in the base year, CUR; zero where there are no homes.

    heat : share of the city's heat in each cell. power : GWh of electricity in each cell. Electricity has a fixed
    charge for each home and a price per kWh that together make the average price; gas and oil have one price each.
    """
    fuel = base.home_fuel["natural_gas"] * p("gas_price_residential")
    fuel += base.home_fuel["heating_oil"] * p("oil_price_residential")
    per_kwh = p("electricity_price_residential") - fixed_per_kwh(p, base)
    fixed = p("electricity_fixed_charge") if base.electricity["I.1.2"] else 0.0
    money = fuel * heat + per_kwh * power  # million
    homes = base.homes.where(base.homes > 0, 1.0)
    return ((money / homes) * 1000.0 + fixed).where(base.homes > 0, 0.0)


def cooling_access(city: City, p: Parameters, base: BaseYear) -> xr.DataArray:
    """Share of homes that can be cooled, as the city states it, else the parameter of that name."""
    return _fact(city, "cooling_access", base.homes).fillna(p("cooling_access"))


def home_facts(city: City, p: Parameters, base: BaseYear) -> pd.DataFrame:
    """The home cells as rows of facts that travel with a plan, columns `FACTS`; what is not known has no row.

    ``homes`` is named ``households`` and counts every cell, ``income`` is ``household_income`` at the detail the city
    states it; every other column keeps its name. ``home_energy_factor`` is the inventory's home energy over what the
    city states homes spend, where it states it: the pattern is the city's, the total the inventory's.
    """
    cells, currency = home_cells(city, p, base), f"{city.settings.currency}/year"
    count = (base.homes * 1000.0).rename("value").to_dataframe().reset_index()
    rows = [count.assign(name="households", unit="households", source="people.csv, raked"),
            _listed(city.array("population", ("zone",)), "population", "people", "people.csv"),
            _listed(base.floor_area, "dwelling_floor_area", "m2", _source(city, p, "dwelling_floor_area"))]  # fmt: skip
    name = MONEY["income"]
    dims = next((d for d in _labels(name, base.homes) if city.has(name, d)), None)
    if dims is not None:
        rows.append(_listed(money_fact(city, name, dims), name, currency, "people.csv, at prices of the price year"))
    for column in (c for c in COLUMNS[4:] if c != "income"):
        known = cells[["zone", "group", "tenure", column]].dropna().rename(columns={column: "value"})
        unit = UNITS.get(column, currency if column in ("energy", "required", *MONEY) else "share")
        rows.append(known.assign(name=column, unit=unit, source=_source(city, p, column)))
    rows += _kinds(base)
    rows += [_listed(xr.DataArray(p(n)), n, p[n].unit, p[n].source) for n in WHOLE]
    spend = _fact(city, "home_energy_spend", base.homes, money=True)
    if bool(spend.notnull().all()):
        stated = (spend * base.homes).sum() * 1000.0
        factor = float((cells["energy"] * cells["homes"]).sum()) / stated
        words = "inventory's home energy at the plan's prices over home_energy_spend"
        rows.append(_listed(factor, "home_energy_factor", "1", words))
    return pd.concat(rows, ignore_index=True)[list(FACTS)]


def _kinds(base: BaseYear) -> list[pd.DataFrame]:
    """Homes by building and by what heats them, where the city counts them: facts ``homes_house``, ``homes_gas`` ..."""
    kinds = [str(d) for d in base.joint.dims if d not in base.homes.dims]
    found = []
    for kind in kinds:
        table = base.joint.sum([k for k in kinds if k != kind]) * 1000.0
        for label in table[kind].values:
            one = table.sel({kind: label}, drop=True)
            name = f"homes_{label}" if label != "other" else f"homes_other_{kind}"
            found.append(_listed(one, name, "households", "buildings.csv, raked"))
    return found


def _listed(values: xr.DataArray, name: str, unit: str, source: str) -> pd.DataFrame:
    """An array over some of zone, group and tenure as rows of facts."""
    named = values.rename("value")
    flat = named.to_dataframe().reset_index() if named.dims else pd.DataFrame({"value": [named.item()]})
    whole = {k: w for k, w in CITY_WIDE.items() if k not in values.dims}
    return flat[[*map(str, values.dims), "value"]].assign(name=name, unit=unit, source=source, **whole)


def _source(city: City, p: Parameters, column: str) -> str:
    if column in ("energy", "required"):
        return "inventory of the base year at the plan's prices" + (", modelled" if column == "required" else "")
    files = city.facts.frame.loc[city.facts.frame["variable"] == column, "file"]
    if len(files):
        return str(files.iloc[0])
    return p[column].source if column in p else "population over households"


def _people(city: City, base: BaseYear) -> xr.DataArray:
    people = city.array("population", ("zone",))
    homes = base.homes.sum(["group", "tenure"]) * 1000.0
    return people / homes.where(homes > 0)


def _fact(city: City, name: str, homes: xr.DataArray, money: bool = False) -> xr.DataArray:
    """A figure at the finest labels the city states it at, NaN when it does not state it.

    Income known by zone alone says nothing of income groups, so that it stays unknown by group.
    """
    for dims in _labels(name, homes):
        if city.has(name, dims):
            return money_fact(city, name, dims) if money else city.array(name, dims)
    return xr.full_like(homes, np.nan)


def _labels(name: str, homes: xr.DataArray) -> Iterator[tuple[str, ...]]:
    for dims in FINEST:
        if name == MONEY["income"] and homes.sizes["group"] > 1 and "group" not in dims:
            continue
        yield dims
