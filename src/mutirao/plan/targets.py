"""The pledge and the budgets as rows of a plan."""

import numpy as np
import xarray as xr

from mutirao.city.folder import City
from mutirao.city.gpc import boundary
from mutirao.ground.findings import Finding, InputError
from mutirao.ground.speech import say
from mutirao.model.planmodel import Linear, PlanModel, add_up


def bound_carbon(model: PlanModel) -> Linear:
    """Carbon that the pledge binds, less removals, by period, kt CO2e."""
    boundaries = (*model.city.settings.pledge.boundaries, "removal")
    return model.linear(model.select_terms("carbon", boundary=boundaries))


def bound_total(city: City, year: int) -> float:
    """Emissions of a year of the inventory within the boundaries that the pledge binds, kt CO2e."""
    cells = city.inventory.cells(year, city.settings.gwp)
    return sum(v for (gpc, _), v in cells.items() if boundary(gpc) in city.settings.pledge.boundaries) / 1000.0


def pledge_points(model: PlanModel) -> dict[int, float]:
    """Pledged emissions by year, kt CO2e net of removals: each target, and zero in the year of neutrality."""
    city = model.city
    pledge = city.settings.pledge
    points = {}
    for t in pledge.targets:
        if t.of_year not in city.inventory.years:
            raise InputError(
                Finding(
                    "city.toml",
                    None,
                    "pledge.target.of_year",
                    say(
                        "the target for {year} is measured against {against}, which inventory.csv does not hold.",
                        year=t.year,
                        against=t.of_year,
                    ),
                    say("Add the inventory of {year} or state the target against a year it holds.", year=t.of_year),
                )
            )
        points[t.year] = (1.0 - t.cut) * bound_total(city, t.of_year)
    points[pledge.neutrality_year] = 0.0
    return points


def pledge_path(model: PlanModel) -> xr.DataArray:
    """Cap by period: a pledged level stays in force until the next one; infinite before the first."""
    points = pledge_points(model)
    caps = []
    for y in model.horizon.periods:
        reached = [k for k in points if k <= y]
        caps.append(points[max(reached)] if reached else np.inf)
    return model.horizon.array(caps)


def add_pledge(model: PlanModel) -> None:
    """Path, neutrality and cumulative budget. The base year and the first plan year are past or given."""
    net = bound_carbon(model)
    path = pledge_path(model)
    neutral = model.city.settings.pledge.neutrality_year
    bound = [y for y in model.horizon.decisions if np.isfinite(float(path.sel(period=y)))]
    if net.expression is None:
        raise ValueError("no carbon is posted within the boundaries that the pledge binds")
    for name, family, years, words in (
        ("pledge-path", "path", [y for y in bound if y < neutral], "emissions that the pledge allows in the year"),
        (
            "neutrality", "neutrality", [y for y in bound if y >= neutral],
            "neutrality: nothing emitted that is not removed",
        ),
    ):
        if years:
            model.limit(
                name, family, net.expression.sel(period=years), "<=", (path - net.given).sel(period=years),
                unit="kt CO2e/a", meaning=words,
            )  # fmt: skip
    budget = model.city.settings.pledge.budget_kt
    if budget is not None:
        weight = model.horizon.year_weight
        model.limit(
            "carbon-budget", "carbon_budget", (net.expression * weight).sum("period"), "<=",
            budget - float((net.given * weight).sum()), unit="kt CO2e",
            meaning="all emissions that the pledge allows from the first plan year to neutrality",
        )  # fmt: skip


def add_budgets(model: PlanModel) -> None:
    """Cash that each payer may spend in a year, net of what it receives, as the city states."""
    for party, most in model.city.settings.budgets.items():
        paid = model.linear(model.select_terms("money", payer=party, basis=("running", "cash")))
        got = model.linear(model.select_terms("money", receiver=party, basis=("running", "cash")), sign=-1.0)
        parts = [x.expression for x in (paid, got) if x.expression is not None]
        if not parts:
            continue
        later = list(model.horizon.decisions)
        given = (paid.given + got.given).sel(period=later)
        model.limit(
            f"cash-{party}", "cash_budget", add_up(parts).sel(period=later), "<=", most - given,
            unit="M/a", meaning=f"cash that the payer '{party}' may spend in a year",
        )  # fmt: skip
