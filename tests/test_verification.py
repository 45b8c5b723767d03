"""Independent re-simulations: they agree with a solved plan, and each of them can disagree."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mutirao.book.bundle import Plan, load_plan, save_plan
from mutirao.city.folder import City, read_city
from mutirao.model.check import Check
from mutirao.model.system import System, installed_systems
from mutirao.plan.build import Inputs, given_model, ramp
from mutirao.plan.inputs import declared_variables, horizon_of, parameters_of, time_of
from mutirao.plan.solve import solve_plan
from mutirao.systems.heat.physics import run_network
from mutirao.systems.power.physics import fill_hours, flatten_day
from tests.cities import small_city

ROOT = Path(__file__).resolve().parents[1]
SYSTEMS = {s.name: s for s in installed_systems()}
#: Share of its potential that each measure reaches in 2050, growing evenly from 2026.
REACHED = {
    "buildings.light_retrofit": 0.4,
    "buildings.deep_retrofit": 0.2,
    "buildings.commercial_retrofit": 0.3,
    "heat.heat_pumps": 0.4,
    "heat.district_heat": 0.4,
    "heat.commercial_heat_pumps": 0.5,
    "power.rooftop_pv": 0.5,
    "mobility.electric_cars": 0.4,
    "mobility.electric_heavy_vehicles": 0.15,
    "mobility.transit": 0.6,
    "mobility.walking_cycling": 0.6,
    "other.waste": 0.6,
    "other.wastewater": 0.6,
    "other.fugitive": 0.6,
    "other.other_transport": 0.6,
    "other.industry": 0.6,
}


def inputs_of(folder: Path, resolution: str = "quick") -> Inputs:
    systems = tuple(SYSTEMS.values())
    city = read_city(folder, declared_variables(systems))
    return Inputs(city, systems, parameters_of(city, systems), horizon_of(city, resolution), time_of(city, resolution))


def solved(inputs: Inputs, reached: dict[str, float]) -> Plan:
    years = inputs.horizon.periods
    shares = {m: ramp(2026, 2050, amount, years, 2026) for m, amount in reached.items()}
    if "other.removals" in shares:
        shares["other.removals"] = {2050: reached["other.removals"]}
    return solve_plan(given_model(inputs, shares), "given", "Measures given")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, City]:
    inputs = inputs_of(small_city(tmp_path_factory.mktemp("city") / "littleton"))
    return solved(inputs, REACHED | {"other.removals": 0.5}), inputs.city


def broken(checks: list[Check]) -> list[str]:
    return [f"{c.what}: planned {c.planned:g}, simulated {c.simulated:g} {c.unit}" for c in checks if not c.holds]


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS)
def test_simulations_agree_with_the_plan(case: tuple[Plan, City], system: System) -> None:
    checks = system.verify(*case)
    assert len(checks) >= 5
    assert all(c.system == system.name for c in checks)
    assert not broken(checks)


def test_the_plan_uses_what_is_verified(case: tuple[Plan, City]) -> None:
    plan, _ = case
    for name in (
        "buildings-deep_retrofit-works",
        "network-heat",
        "network-trench",
        "power-pv",
        "mobility-shift",
        "mobility-heavy-new",
        "other-avoided",
        "other-removals",
    ):
        assert float(plan.decisions[name].max()) > 0.0, name


def test_simulations_agree_with_the_plan_read_back(case: tuple[Plan, City], tmp_path: Path) -> None:
    plan, city = case
    again = load_plan(save_plan(plan, tmp_path / "bundle"))
    for system in SYSTEMS.values():
        assert not broken(system.verify(again, city))


def with_decision(name: str, factor: float = 1.05) -> Callable[[Plan], Plan]:
    """A plan whose decision is off by some hundredths while its book stays as it was."""

    def change(plan: Plan) -> Plan:
        return replace(plan, decisions={**plan.decisions, name: plan.decisions[name] * factor})

    return change


def with_book(factor: float = 1.05, **labels: str) -> Callable[[Plan], Plan]:
    """A plan whose book is off by some hundredths in the terms with these labels."""

    def change(plan: Plan) -> Plan:
        here = np.ones(len(plan.terms), dtype=bool)
        for column, value in labels.items():
            here &= (plan.terms[column] == value).to_numpy()
        assert here.any()
        cells = plan.cells.copy()
        off = cells["term"].isin(plan.terms.index[here])
        cells.loc[off, "quantity"] *= factor
        return replace(plan, cells=cells)

    return change


CHANGES = [
    ("buildings", with_decision("buildings-light_retrofit-works"), "homes with a light retrofit"),
    ("buildings", with_decision("buildings-deep_retrofit"), "homes with a deep retrofit"),
    ("buildings", with_decision("buildings-commercial_retrofit-works"), "heat need of commerce"),
    ("buildings", with_decision("buildings-light_retrofit-works", 10.0), "beyond the homes there are"),
    ("buildings", with_book(account="energy", kind="saved", carrier="home_heat"), "heat that works save"),
    ("buildings", with_book(account="money", kind="works", basis="cash"), "money for works"),
    ("buildings", with_book(account="money", kind="works", basis="annuity"), "yearly repayment"),
    ("buildings", with_book(account="energy", kind="appliances"), "beside heat"),
    ("heat", with_book(account="carbon", carrier="natural_gas"), "CO2e of natural gas"),
    ("heat", with_book(account="money", carrier="heating_oil"), "heating oil bills"),
    ("heat", with_book(account="energy", system="heat", kind="heating", payer="households"), "electricity for heat"),
    ("heat", with_decision("heat-homes"), "needed and delivered, homes"),
    ("heat", with_decision("heat-commerce"), "needed and delivered, commerce"),
    ("heat", with_decision("heat-homes-new", 0.5), "standing equipment covers, homes"),
    ("heat", with_decision("heat-commerce-new", 0.5), "standing equipment covers, commerce"),
    ("heat", with_book(account="money", kind="equipment", basis="cash"), "money for equipment"),
    ("heat", with_decision("network-trench-new", 0.5), "beyond its trenches"),
    ("heat", with_book(account="money", kind="network", basis="cash"), "money for trenches"),
    ("heat", with_decision("network-plant", 0.3), "network can deliver"),
    ("heat", with_decision("network-output"), "the plan's schedule"),
    ("heat", with_decision("network-store-in"), "store content out of bounds"),
    ("heat", with_book(1.3, account="energy", system="heat", payer="utility"), "run by a plain rule"),
    ("power", with_decision("power-import"), "residual of the balance"),
    ("power", with_book(account="energy", kind="grid"), "booked and summed"),
    ("power", with_decision("power-peak"), "peak that the network is paid for"),
    ("power", with_decision("power-import", 1.3), "hour by hour"),
    ("power", with_book(account="carbon", system="power"), "CO2e of electricity"),
    ("power", with_decision("power-pv-new"), "rooftop PV standing"),
    ("power", with_book(account="energy", kind="sun"), "electricity of rooftop PV"),
    ("mobility", with_decision("mobility-shift"), "driven and avoided"),
    ("mobility", with_decision("mobility-residents-new", 0.7), "standing residents' cars"),
    ("mobility", with_decision("mobility-heavy-new", 0.7), "standing lorries"),
    ("mobility", with_decision("mobility-visitors-new", 10.0), "buyable by yearly shares"),
    ("mobility", with_book(account="carbon", system="mobility", boundary="basic"), "CO2e of"),
    ("mobility", with_book(account="energy", system="mobility"), "electricity of"),
    ("mobility", with_book(account="money", kind="fare"), "fares"),
    ("mobility", with_book(account="money", kind="vehicle", basis="cash"), "money for buying"),
    ("other", with_decision("other-avoided"), "row by row"),
    ("other", with_decision("other-avoided", 3.0), "beyond what measures can reach"),
    ("other", with_decision("other-removals"), "removals bought"),
    ("other", with_decision("other-removals", 3.0), "beyond the cap"),
    ("other", with_book(account="money", measure="other.waste"), "cost of measures"),
]


@pytest.mark.parametrize(
    ("system", "change", "what"), CHANGES, ids=[f"{s}-{w}-{n}" for n, (s, _, w) in enumerate(CHANGES)]
)
def test_each_simulation_can_disagree(
    case: tuple[Plan, City], system: str, change: Callable[[Plan], Plan], what: str
) -> None:
    plan, city = case
    found = broken(SYSTEMS[system].verify(change(plan), city))
    assert any(what in text for text in found), found


@pytest.mark.parametrize(
    ("system", "gpc"),
    [("buildings", "I.1.1"), ("heat", "I.2.1"), ("power", "II.2.2"), ("mobility", "II.1.1"), ("other", "III.4.1")],
)
def test_a_base_year_off_the_inventory_is_found(case: tuple[Plan, City], system: str, gpc: str) -> None:
    plan, city = case
    found = broken(SYSTEMS[system].verify(with_book(1.0 + 1e-6, account="carbon", gpc=gpc)(plan), city))
    assert any(text.startswith("base year") for text in found), found


def test_a_row_posted_twice_is_found(case: tuple[Plan, City]) -> None:
    plan, city = case
    term = plan.terms.index[(plan.terms["gpc"] == "I.8.1") & (plan.terms["kind"] == "row")][0]
    twice = plan.cells[plan.cells["term"] == term]
    cells = pd.concat([plan.cells, twice], ignore_index=True)
    found = broken(SYSTEMS["other"].verify(replace(plan, cells=cells), city))
    assert any("total BASIC" in text for text in found)


def test_losses_of_batteries_emit(tmp_path: Path) -> None:
    inputs = inputs_of(small_city(tmp_path / "littleton"))
    plan = solved(inputs, REACHED | {"power.battery": 0.4})
    assert float(plan.decisions["power-battery-in"].max()) > 0.0
    assert not broken(SYSTEMS["power"].verify(plan, inputs.city))


def test_network_runs_heat_pump_then_store_then_boiler() -> None:
    demand = np.tile([1.0, 1.0, 1.0, 4.0], 10)
    year = run_network(demand, hours=1.0, heat_pump=1.5, boiler=5.0, store=1.5, loss=0.0)
    # Three hours store 1.5; the fourth takes 1.5 from the pump, 1.5 from the store and 1.0 from the boiler.
    assert year.boiler == pytest.approx(10.0)
    assert year.heat_pump == pytest.approx(60.0)
    assert year.unmet == pytest.approx(0.0)
    assert run_network(demand, 1.0, 1.5, 0.0, 0.0, 0.0).unmet == pytest.approx(25.0)


def test_plants_take_the_hours_with_least_load() -> None:
    net = np.array([3.0, 1.0, 2.0, 4.0])
    assert fill_hours(net, 3.0, 2.0) == pytest.approx(np.array([0.0, 2.0, 1.0, 0.0]))
    assert fill_hours(net, 0.0, 0.0).sum() == 0.0
    assert fill_hours(net, 8.0, 2.0) == pytest.approx(np.full(4, 2.0))


def test_battery_evens_out_a_day_and_ends_as_it_began() -> None:
    net = np.where(np.arange(24) >= 20, 2.0, 1.0)
    drawn = flatten_day(net, size=2.0, rate=0.5, efficiency=0.8)
    assert drawn.max() == pytest.approx(1.5)
    assert drawn.sum() - net.sum() == pytest.approx(2.0 / 0.8 - 2.0)
    assert (flatten_day(net, 0.0, 0.0, 0.8) == net).all()


@pytest.mark.slow
@pytest.mark.parametrize("resolution", ["quick", "standard", "final"])
def test_boston_holds(resolution: str) -> None:
    inputs = inputs_of(ROOT / "cities" / "boston", resolution)
    plan = solved(inputs, REACHED)
    for system in SYSTEMS.values():
        assert not broken(system.verify(plan, inputs.city))
