"""The program held against tools by other hands: another solver, and another model of heat, store and grid."""

from pathlib import Path

import highspy
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from mutirao.model.horizon import Horizon, annuity
from mutirao.model.shapes import shape_of
from mutirao.model.timeaxis import TimeAxis
from mutirao.plan.build import Inputs, given_model, pledged_model
from mutirao.plan.solve import closest_plan, hand_over, set_objective, solve_plan
from tests.planned_cities import edit, inputs_of, one_zone

pytestmark = pytest.mark.oracle


def test_glpk_finds_the_same_optimum(tmp_path: Path) -> None:
    """A whole plan under the pledge, written as MPS and solved by GLPK's simplex."""
    glpk = pytest.importorskip("swiglpk", reason="GLPK is not installed: see oracles.txt")
    inputs = inputs_of(one_zone(tmp_path / "c"), years=(2026, 2035, 2050))
    model = pledged_model(inputs)
    given = set_objective(model)
    plan = solve_plan(model, "least_cost", "least cost")
    handle: highspy.Highs = hand_over(model)
    path = tmp_path / "plan.mps"
    handle.writeModel(str(path))
    problem = glpk.glp_create_prob()
    glpk.glp_term_out(glpk.GLP_OFF)
    assert glpk.glp_read_mps(problem, glpk.GLP_MPS_FILE, None, str(path)) == 0
    options = glpk.glp_smcp()
    glpk.glp_init_smcp(options)
    options.presolve = glpk.GLP_ON
    options.tm_lim = 300_000
    assert glpk.glp_simplex(problem, options) == 0
    assert glpk.glp_get_status(problem) == glpk.GLP_OPT
    assert glpk.glp_get_obj_val(problem) + given == pytest.approx(plan.meta["objective"], rel=1e-6)


#: A year of twelve days, one a month, so that chronology is exact in both tools; the store keeps what it holds.
PLAIN = ("heat_store_loss=0", "network_peak_factor=0", "heat_demand_trend=0", "battery_cost=1e6",
         "network_capacity_cost=1.5", "heat_store_cost=0.002", "large_heat_pump_cost=30", "electric_boiler_cost=2",
         "plant_maintenance=0.1")  # fmt: skip


def twelve_days(inputs: Inputs) -> Inputs:
    t = inputs.time
    time = TimeAxis(t.days, t.steps, np.arange(12), t.temperature, t.irradiation)
    horizon = Horizon(inputs.horizon.base, (2026, 2040), inputs.horizon.discount_rate)
    return Inputs(inputs.city, inputs.systems, inputs.parameters, horizon, time)


def test_pypsa_builds_the_same_plants_and_store(tmp_path: Path) -> None:
    """One node: heat of a network from a heat pump, a boiler and a store, on a grid with a paid peak."""
    pypsa = pytest.importorskip("pypsa", reason="PyPSA is not installed: see oracles.txt")
    folder = one_zone(tmp_path / "c")
    edit(folder / "city.toml", end=("neutrality_year = 2050", "neutrality_year = 2040"))
    inputs = twelve_days(inputs_of(folder, PLAIN))
    model = given_model(inputs, {"heat.district_heat": {2040: 0.4}})
    plan = closest_plan(model, "x", "x")
    p, time, d = model.given, model.time, plan.decisions

    def flat(array: xr.DataArray) -> np.ndarray:
        return np.asarray(array.transpose("day", "step").values.ravel())

    year = {"period": 2040}
    water = p("hot_water_share")
    heat = flat(shape_of("heating", time, water)) * float(d["network-heat"].sel(year)) / (1 - p("network_loss_share"))
    rest = d["power-load"].sel(year)
    load = sum(flat(shape_of(str(s), time, water)) * float(rest.sel(shape=s)) for s in rest["shape"].values)

    n = pypsa.Network(snapshots=pd.RangeIndex(12 * time.steps))
    n.snapshot_weightings.loc[:, :] = time.hours
    n.add("Bus", ["grid", "heat"])
    n.add("Load", "city", bus="grid", p_set=load)
    n.add("Load", "network", bus="heat", p_set=heat)
    n.add("Generator", "import", bus="grid", p_nom_extendable=True, capital_cost=p("network_capacity_cost"),
          marginal_cost=p("grid_supply_cost") * 1e-3)  # fmt: skip
    repay = annuity(p("utility_interest"), p("plant_life"))
    for name, efficiency in (
        ("large_heat_pump", p("large_heat_pump_cop")),
        ("electric_boiler", p("electric_boiler_efficiency")),
    ):
        yearly = p(f"{name}_cost") * repay + p("plant_maintenance")  # per GW of heat
        n.add("Link", name, bus0="grid", bus1="heat", efficiency=efficiency, p_nom_extendable=True,
              capital_cost=yearly * efficiency)  # fmt: skip
    n.add("Store", "store", bus="heat", e_nom_extendable=True, e_cyclic=True,
          capital_cost=p("heat_store_cost") * annuity(p("utility_interest"), p("heat_store_life")))  # fmt: skip
    status, condition = n.optimize(solver_name="highs", output_flag=False, include_objective_constant=False)
    assert (status, condition) == ("ok", "optimal")

    money = plan.select(
        "money", period=2040, payer="utility", basis=["running", "annuity"], receiver=["suppliers", "lenders"]
    )
    power = (money["system"] == "power") & money["kind"].isin(["energy", "network"])
    ours = money[power | (money["kind"] == "plant")]
    assert n.objective == pytest.approx(float(ours["value"].sum()), rel=1e-6)
    built = {
        k: float(n.links.p_nom_opt[k]) * float(n.links.efficiency[k]) for k in ("large_heat_pump", "electric_boiler")
    }
    store = float(n.stores.e_nom_opt["store"])
    assert store > 1e-3, "a store that is not built compares nothing"
    assert float(d["network-store"].sel(year)) == pytest.approx(store, rel=1e-4)
    for plant, size in built.items():
        assert float(d["network-plant"].sel({**year, "plant": plant})) == pytest.approx(size, rel=1e-4, abs=1e-7)
