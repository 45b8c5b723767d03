"""Every variable of the data dictionary moves a figure of the report, and a zone's figure answers to its own zone."""

import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from mutirao.book.bundle import Plan
from mutirao.city.variables import Variable
from mutirao.model.baseyear import base_year
from mutirao.model.homecells import home_facts
from mutirao.plan.build import Inputs, given_model
from mutirao.plan.inputs import declared_variables, horizon_of, parameters_of, time_of
from mutirao.plan.solve import closest_plan
from tests.cities import small_city
from tests.planned_cities import SYSTEMS, inputs_of, shares

VARIABLES = {v.name: v for v in declared_variables(SYSTEMS)}
CLIMATE = [n for n in VARIABLES if n.startswith(("temperature_", "irradiation_"))]
QUICK = [n for n in VARIABLES if n not in CLIMATE] + ["temperature_m01", "irradiation_m07"]
#: Little enough that counts of the same homes still agree with each other.
RAISED = 1.04


@cache
def small_inputs() -> Inputs:
    """A city that brings every variable of the dictionary and no parameter of its own."""
    return inputs_of(small_city(Path(tempfile.mkdtemp()) / "littleton"))


def planned(inputs: Inputs) -> Plan:
    return closest_plan(given_model(inputs, shares(inputs.horizon.years)), "adopted", "given shares")


@cache
def calm() -> Plan:
    return planned(small_inputs())


def raised(variable: Variable, zone: str = "") -> Inputs:
    """The inputs after raising a variable, everywhere or in one zone."""
    inputs = small_inputs()
    frame = inputs.city.facts.frame.copy()
    rows = frame["variable"] == variable.name
    if zone:
        rows &= frame["zone"] == zone
    assert rows.any(), f"the test city brings no {variable.name}"
    for column in ("value", "low", "high"):
        frame.loc[rows, column] *= RAISED
    city = replace(inputs.city, facts=replace(inputs.city.facts, frame=frame))
    parameters = parameters_of(city, SYSTEMS)
    return replace(inputs, city=city, parameters=parameters, horizon=horizon_of(city, "quick"),
                   time=time_of(city, "quick"))  # fmt: skip


def figures(plan: Plan) -> pd.Series:
    """What the report prints: the book by account, party, place and milestone, and the facts beside it."""
    book = plan.book[plan.book["period"].isin([plan.base_year, *plan.years])]
    by = ["account", "kind", "payer", "receiver", "basis", "zone", "group", "period"]
    return pd.concat([book.groupby(by)["value"].sum(), labelled(plan.facts)])


def labelled(facts: pd.DataFrame) -> pd.Series:
    return facts.assign(key="fact " + facts["name"]).set_index(["key", "zone", "group", "tenure"])["value"]


def change_of(name: str, zone: str = "") -> pd.Series:
    """Figures that a variable moves. What describes homes moves facts that need no plan to be read."""
    inputs = raised(VARIABLES[name], zone)
    if VARIABLES[name].system == "households":
        facts = home_facts(inputs.city, inputs.parameters, base_year(inputs.city, inputs.parameters))
        return moved(labelled(calm().facts), labelled(facts))
    return moved(figures(calm()), figures(planned(inputs)))


def moved(before: pd.Series, after: pd.Series) -> pd.Series:
    """Figures that differ by more than rounding."""
    change = (after - before).abs()
    return change[change > 1e-6 * before.abs().clip(lower=1e-3)]


@pytest.mark.parametrize("name", QUICK)
def test_every_variable_moves_a_figure(name: str) -> None:
    assert len(change_of(name)) > 0, f"{name} moves nothing"


@pytest.mark.slow
@pytest.mark.parametrize("name", CLIMATE)
def test_every_month_moves_a_figure(name: str) -> None:
    assert len(change_of(name)) > 0, f"{name} moves nothing"


@pytest.mark.parametrize("name", [n for n, v in VARIABLES.items() if "zone" in v.by and n in QUICK])
def test_a_zone_answers_to_its_own_inputs(name: str) -> None:
    zone = small_inputs().city.zone_ids[0]
    if not small_inputs().city.has(name, ("zone",)) and not small_inputs().city.has(name, ("zone", "group")):
        pytest.skip(f"the test city states {name} for the whole city only")
    change = change_of(name, zone)
    assert any(zone in key for key in change.index), f"{name} of {zone} moves no figure of {zone}"
