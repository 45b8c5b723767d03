"""What must hold of every plan, whatever the city: identities, balances, frozen years, monotone prices."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import linopy
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mutirao.book import terms as book
from mutirao.book.bundle import BOOK_COLUMNS, Plan
from mutirao.justice.households import low_income
from mutirao.justice.margins import Margin
from mutirao.justice.raking import rake
from mutirao.model.horizon import Horizon, annuity
from mutirao.model.planmodel import Linear, PlanModel
from mutirao.model.shapes import shape_of
from mutirao.model.wedgeproducts import Product
from mutirao.plan.build import Inputs, bare_model, give, given_model, pledged_model
from mutirao.plan.rules import NO_WORSE, SHARE, rules_in_force
from mutirao.plan.solve import closest_plan, run, set_objective, solve_plan
from mutirao.plan.targets import bound_carbon, pledge_path
from mutirao.plan.wedges import all_products, wedges
from tests.cities import INVENTORY_HEADER, small_city
from tests.planned_cities import SYSTEMS, edit, inputs_of, rewrite, shares, two_zones

QUICK = settings(deadline=None, max_examples=30)
FEW = settings(deadline=None, max_examples=2, derandomize=True, suppress_health_check=list(HealthCheck))
CITY_DIMS = ("period", "zone", "group", "tenure")


@dataclass
class Run:
    """One city and the plans that the tests share, each with its model."""

    inputs: Inputs

    @cached_property
    def adopted(self) -> tuple[PlanModel, Plan]:
        model = given_model(self.inputs, shares(self.inputs.horizon.years))
        return model, closest_plan(model, "adopted", "as adopted")

    @cached_property
    def least(self) -> tuple[PlanModel, Plan]:
        model = pledged_model(self.inputs)
        return model, solve_plan(model, "least_cost", "least cost")

    @cached_property
    def rules(self) -> tuple[PlanModel, Plan]:
        on, _ = rules_in_force(self.inputs.city)
        model = pledged_model(self.inputs, rules=on, reference=self.adopted[1])
        return model, solve_plan(model, "rules", "under the rules")

    @cached_property
    def closest(self) -> tuple[PlanModel, Plan]:
        """Promises tightened until they cannot be kept, with slack that the objective pays for."""
        model = pledged_model(self.inputs, relax=("path", "neutrality", "carbon_budget"))
        for name in ("pledge-path", "neutrality", "carbon-budget"):
            row = model.lp.constraints[name]
            row.update(rhs=row.rhs - 0.3 * abs(row.rhs))
        return model, solve_plan(model, "closest", "closest")

    def get(self, name: str) -> tuple[PlanModel, Plan]:
        return getattr(self, name)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run(inputs_of(two_zones(tmp_path_factory.mktemp("cities") / "two")))


PLANS = pytest.mark.parametrize("name", ["adopted", "least", "rules", "closest"])


# ---- money ---------------------------------------------------------------------------------------------------
@PLANS
@pytest.mark.parametrize("view", ["annuity", "cash"])
def test_what_some_pay_others_receive(city: Run, name: str, view: str) -> None:
    _, plan = city.get(name)
    sums = [plan.net_payments((party,), CITY_DIMS, view) for party in book.INSIDE + book.OUTSIDE]
    whole = pd.concat(sums).groupby(list(CITY_DIMS)).sum()
    scale = plan.select("money", basis=["running", view])["value"].abs().max()
    assert whole.abs().max() <= 1e-12 * scale
    assert sum(len(s) > 0 for s in sums) > 5


@PLANS
def test_the_book_sums_to_the_objective(city: Run, name: str) -> None:
    """Discounted payments across the border plus welfare, and what relaxed limits cost, are the objective."""
    model, plan = city.get(name)
    money = plan.select("money", basis=["running", "annuity"])
    out = money["payer"].isin(book.INSIDE).astype(int) - money["receiver"].isin(book.INSIDE).astype(int)
    weight = plan.weight("discount_weight")
    total = float((money["value"] * out * money["period"].map(weight)).sum())
    welfare = plan.select("welfare")
    total += float((welfare["value"] * welfare["period"].map(weight)).sum())
    price = model.given("shortfall_price") / 1000.0
    missed = 0.0
    for limit in model.slacks:
        slack = plan.decisions[f"slack-{limit}"]
        worth = model.horizon.discount_weight.sel(period=slack["period"]) if "period" in slack.dims else 1.0
        missed += float((slack * worth).sum())
    assert total + price * missed == pytest.approx(plan.meta["objective"], rel=1e-9)
    assert (missed > 1e-3) == (name == "closest")


def evaluated(expression: linopy.LinearExpression | None, model: PlanModel, plan: Plan) -> xr.DataArray | float:
    """A linear expression at the plan's decisions."""
    if expression is None:
        return 0.0
    size = max(int(model.lp.variables[n].labels.max()) for n in plan.decisions) + 1
    values = np.zeros(size + 1)
    for name, found in plan.decisions.items():
        labels = model.lp.variables[name].labels
        values[labels.values.ravel()] = found.transpose(*labels.dims).values.ravel()
    at = np.where(expression.vars.values >= 0, expression.vars.values, size)
    products = xr.DataArray(values[at] * np.nan_to_num(expression.coeffs.values), dims=expression.vars.dims)
    return products.sum("_term").assign_coords({d: expression.coords[d] for d in expression.coord_dims})


@PLANS
def test_the_linear_view_is_the_value_view(city: Run, name: str) -> None:
    """Rows of the program speak of the same sums as the book: by party, by boundary, and by household cell."""
    model, plan = city.get(name)

    def same(found: Linear, series: pd.Series, what: str, keep: tuple[str, ...]) -> None:
        total = xr.DataArray(evaluated(found.expression, model, plan)) + found.given
        index = [total[d].values for d in keep]
        wanted = series.reindex(pd.MultiIndex.from_product(index, names=keep) if len(keep) > 1 else index[0])
        gap = np.abs(total.transpose(*keep).values.ravel() - wanted.fillna(0.0).to_numpy())
        assert gap.max() <= 1e-7 * max(1.0, float(np.abs(wanted).max())), what

    year = ("period",)
    for party in book.INSIDE:
        for role in ("payer", "receiver"):
            for view in ("annuity", "cash"):
                labels = {role: party, "basis": ("running", view)}
                series = plan.total("money", year, **{role: party, "basis": ["running", view]})
                same(model.linear(model.select_terms("money", **labels)), series, f"{role} {party} {view}", year)
    for boundary in book.BOUNDARIES:
        series = plan.carbon([boundary])
        same(model.linear(model.select_terms("carbon", boundary=boundary)), series, boundary, year)
    cell = ("zone", "group", "period")
    for role in ("payer", "receiver"):
        labels = {role: book.HOUSEHOLDS, "basis": ("running", "annuity")}
        series = plan.total("money", cell, **{role: book.HOUSEHOLDS, "basis": ["running", "annuity"]})
        same(model.linear(model.select_terms("money", **labels), cell), series, f"{role} households by cell", cell)


@pytest.mark.parametrize("name", ["least", "rules"])
def test_promises_are_kept_in_the_book(city: Run, name: str) -> None:
    """What is printed keeps pledge, carbon budget and cash budgets: measured on the book, not on the rows."""
    model, plan = city.get(name)
    settings_, later = city.inputs.city.settings, list(model.horizon.decisions)
    net = plan.carbon([*settings_.pledge.boundaries, "removal"])
    cap = pledge_path(model).to_series()
    assert (net[later] <= cap[later] + 1e-6).all()
    assert plan.yearly(net).sum() <= settings_.pledge.budget_kt + 1e-5
    for party, most in settings_.budgets.items():
        assert plan.net_payments((party,), view="cash")[later].max() <= most + 1e-6


def test_the_rules_hold_in_the_book(city: Run) -> None:
    inputs = city.inputs
    before = city.adopted[1].net_payments((book.HOUSEHOLDS,), ("zone", "group", "period"))
    after = city.rules[1].net_payments((book.HOUSEHOLDS,), ("zone", "group", "period"))
    gain = before - after
    low = gain.index.get_level_values("group").isin(low_income(inputs.city))
    assert gain[low].min() >= -1e-6
    weight = gain.index.get_level_values("period").map(city.rules[1].weight("discount_weight"))
    whole = gain * weight
    share = inputs.city.settings.rules[SHARE].share
    designated = whole[whole.index.get_level_values("group") == "G1"].sum()
    assert designated >= share * max(whole.sum(), 0.0) - 1e-6


def test_the_difference_of_two_books_is_a_book(city: Run) -> None:
    """Same columns, every account the difference of the two, and still what some pay others receive."""
    first, second = city.least[1], city.adopted[1]
    rows = pd.concat([first.book, second.book.assign(value=-second.book["value"])], ignore_index=True)
    assert list(rows.columns) == [*BOOK_COLUMNS, "term"]
    labels = ["account", "unit", "basis", "boundary", "carrier", "period"]
    both = rows.groupby(labels)["value"].sum()
    wanted = first.book.groupby(labels)["value"].sum().sub(second.book.groupby(labels)["value"].sum(), fill_value=0.0)
    assert (both - wanted.reindex(both.index)).abs().max() <= 1e-9
    money = rows[(rows["account"] == "money") & rows["basis"].isin(["running", "annuity"])]
    paid, got = (money.groupby([role, "period"])["value"].sum() for role in ("payer", "receiver"))
    net = paid.rename_axis(["party", "period"]).sub(got.rename_axis(["party", "period"]), fill_value=0.0)
    assert net.groupby("period").sum().abs().max() <= 1e-9
    inside = net[net.index.get_level_values("party").isin(book.INSIDE)].groupby("period").sum()
    extra = rows[rows["account"] == "welfare"].groupby("period")["value"].sum()
    weight = first.weight("discount_weight")
    objective = float((inside.add(extra, fill_value=0.0) * weight).sum())
    assert objective == pytest.approx(first.meta["objective"] - second.meta["objective"], rel=1e-6)


# ---- balances and frozen years -------------------------------------------------------------------------------
@PLANS
def test_energy_balances_close(city: Run, name: str) -> None:
    _, plan = city.get(name)
    heat = plan.total("energy", CITY_DIMS, carrier="home_heat")
    assert heat.abs().max() <= 1e-6
    for carrier in ("commercial_heat", "network_heat", "electricity"):
        gap = plan.total("energy", carrier=carrier)
        assert gap.abs().max() <= 1e-6, carrier


@PLANS
def test_electricity_closes_in_every_step(city: Run, name: str) -> None:
    """From the book's yearly uses, their shapes and the decisions: nothing of the row itself is used."""
    model, plan = city.get(name)
    time, d = model.time, plan.decisions
    net = d["power-import"] - d["power-export"] + d["power-battery-out"] - d["power-battery-in"]
    rows = plan.select("energy", carrier="electricity").merge(
        plan.terms["shape"], left_on="term", right_index=True, how="left"
    )
    for shape, part in rows[~rows["shape"].isin(["", "steps"])].groupby("shape"):
        yearly = part.groupby("period")["value"].sum().reindex(model.horizon.periods).fillna(0.0)
        net = net + model.horizon.array(list(yearly)) * shape_of(str(shape), time, model.given("hot_water_share"))
    for plant, efficiency in (
        ("large_heat_pump", "large_heat_pump_cop"),
        ("electric_boiler", "electric_boiler_efficiency"),
    ):
        net = net - d["network-output"].sel(plant=plant, drop=True) / model.given(efficiency)
    assert float(np.abs(net).max()) <= 1e-6


@PLANS
def test_base_year_and_first_plan_year_are_frozen(city: Run, name: str) -> None:
    """Both years read the same in every plan, account by account; the base year is the inventory."""
    _, plan = city.get(name)
    _, other = city.adopted
    frozen = [plan.base_year, plan.years[0]]
    labels = ["account", "kind", "gpc", "carrier", "payer", "receiver", "basis", "boundary", "period"]

    def of(p: Plan) -> pd.Series:
        rows = p.book[p.book["period"].isin(frozen)]
        # The base year is past: what its imports cost and what its network is sized for enters nothing.
        rows = rows[(rows["account"] != "money") | (rows["period"] != p.base_year)]
        return rows.groupby(labels)["value"].sum()

    mine, theirs = of(plan), of(other)
    assert mine.sub(theirs, fill_value=0.0).abs().max() <= 1e-6
    cells = city.inputs.city.inventory.cells(plan.base_year)
    wanted = pd.Series({g: 0.0 for g, _ in cells})
    for (gpc, _), value in cells.items():
        wanted[gpc] += value / 1000.0
    rows = plan.select("carbon", period=plan.base_year)
    found = rows.groupby("gpc")["value"].sum()
    assert found.sub(wanted, fill_value=0.0).abs().max() <= 1e-9 * wanted.abs().max()
    assert not plan.measures[plan.measures["period"].isin(frozen)]["amount"].any()


# ---- the inventory -------------------------------------------------------------------------------------------
CLAIMED = {"I.1.1": ("natural_gas", "heating_oil"), "I.2.1": ("natural_gas", "heating_oil"),
           "I.1.2": ("electricity",), "I.2.2": ("electricity",), "II.2.2": ("electricity",),
           "II.1.1": ("road_fuel",), "I.3.2": ("electricity",), "II.1.2": ("electricity",)}  # fmt: skip
UNCLAIMED = ("I.3.1", "I.4.4", "I.8.1", "I.1.3", "II.2.1", "II.4.1", "II.1.3", "III.1.1", "III.1.3", "III.4.2",
             "IV.1", "V.1", "V.3", "VI.1")  # fmt: skip
POSITIVE = st.one_of(st.just(0.0), st.floats(1.0, 5e4))
GWP = "AR5-100"
KEY = st.sampled_from(["NO", "NE", "IE", "C"])


@st.composite
def inventories(draw: st.DrawFn) -> list[list[object]]:
    """Rows of an inventory: by carrier or whole, figures, keys, absences, sinks, fuels nobody claims."""
    rows: list[list[object]] = []

    def row(gpc: str, carrier: str, value: float | None, key: str = "") -> None:
        figure = "" if value is None else repr(value)
        rows.append(
            [2020, gpc, carrier, "", figure, "t CO2e", key, "", "M", "M", "AR5-100", "assumed", "made-up", "why"]
        )

    for gpc in (*CLAIMED, *UNCLAIMED):
        how = draw(st.sampled_from(["absent", "key", "whole", "parts"]))
        if how == "key":
            row(gpc, "", None, draw(KEY))
        elif how == "whole":
            row(gpc, "", draw(POSITIVE))
        elif how == "parts":
            for carrier in (*CLAIMED.get(gpc, ("coal",)), "steam"):
                row(gpc, carrier, draw(POSITIVE))
    row("V.2", "", draw(st.floats(-5e4, 5e4)))
    return rows


#: A city of one sink and nothing else: no heat, no commerce, no road.
BARE = [[2020, "V.2", "", "", "-100.0", "t CO2e", "", "", "M", "M", GWP, "assumed", "made-up", "why"]]


@FEW
@example(rows=BARE)
@given(rows=inventories())
def test_claims_partition_every_inventory(rows: list[list[object]], tmp_path_factory: pytest.TempPathFactory) -> None:
    """The base year of the book is the inventory, reference by reference and carrier by carrier where stated."""
    folder = small_city(tmp_path_factory.mktemp("inventory") / "c", zones=0, groups=0, actions=False)
    lines = [",".join(INVENTORY_HEADER), *(",".join(map(str, r)) for r in rows)]
    (folder / "inventory.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    inputs = inputs_of(folder, years=(2026, 2050))
    model = given_model(inputs, {})
    plan = closest_plan(model, "none", "no action")
    cells = inputs.city.inventory.cells(2020)
    unclaimed = {k for k in cells if k not in model.claims}
    posted = plan.select("carbon", system="other", kind="row", period=2020)
    assert {(g, c) for g, c in zip(posted["gpc"], posted["carrier"], strict=True)} == {
        k for k in unclaimed if cells[k] != 0.0
    }
    found = plan.select("carbon", period=2020)
    found = found[found["boundary"] != "upstream"].groupby("gpc")["value"].sum()
    wanted = pd.Series(0.0, index=sorted({g for g, _ in cells}))
    for (gpc, _), value in cells.items():
        wanted[gpc] += value / 1000.0
    scale = max(1.0, float(wanted.abs().max()))
    assert found.sub(wanted, fill_value=0.0).abs().max() <= 1e-9 * scale


def test_no_cell_is_claimed_twice() -> None:
    claimed = [(c.gpc, c.carrier) for s in SYSTEMS for c in s.declares.claims]
    assert len(claimed) == len(set(claimed))


# ---- wedges --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("pair", [("adopted", "least"), ("least", "rules"), ("closest", "adopted")])
def test_wedges_are_exact(city: Run, pair: tuple[str, str]) -> None:
    first, second = (city.get(name)[1] for name in pair)
    bounds = ("basic",)
    products = [all_products(SYSTEMS, p, bounds) for p in (first, second)]
    for stated, plan in zip(products, (first, second), strict=True):
        whole = sum(p.value(p.factors) for p in stated)
        assert np.abs(whole.to_series() - plan.carbon(["basic", "removal"])).max() <= 1e-6
    found = wedges(*products).groupby("period")["value"].sum()
    gap = first.carbon(["basic", "removal"]) - second.carbon(["basic", "removal"])
    assert (found - gap).abs().max() <= 1e-6
    back = wedges(*reversed(products)).set_index(["period", "family"])["value"]
    assert (wedges(*products).set_index(["period", "family"])["value"] + back).abs().max() <= 1e-9


FACTORS = st.lists(st.floats(-10, 10), min_size=3, max_size=3)
BLOCKS = st.lists(
    st.dictionaries(st.sampled_from("abcde"), st.tuples(FACTORS, FACTORS), min_size=1), min_size=1, max_size=3
)


@QUICK
@given(BLOCKS)
def test_wedges_of_any_products_are_additive(blocks: list[dict[str, tuple[list[float], list[float]]]]) -> None:
    """Over any products: families sum to the difference, and a family that does not change gets nothing."""

    def products(which: int) -> list[Product]:
        years = [2020, 2030, 2050]
        return [
            Product(str(n), "basic",
                    {f: xr.DataArray(v[which], coords={"period": years}, dims="period") for f, v in block.items()})
            for n, block in enumerate(blocks)
        ]  # fmt: skip

    before, after = products(0), products(1)
    found = wedges(before, after)
    whole = sum(p.value(p.factors) for p in before) - sum(p.value(p.factors) for p in after)
    assert np.allclose(found.groupby("period")["value"].sum(), whole.values, atol=1e-8, rtol=1e-9)
    for family, part in found.groupby("family"):
        if all(b[family][0] == b[family][1] for b in blocks if family in b):
            assert np.abs(part["value"]).max() <= 1e-8


# ---- what moves a plan ---------------------------------------------------------------------------------------
def test_a_higher_carbon_price_never_raises_priced_emissions(city: Run) -> None:
    """Revealed preference: with a path of prices as an objective term, scaled up, priced emissions fall or stay."""
    model = bare_model(city.inputs)
    set_objective(model)
    cost = model.lp.objective.expression
    net = bound_carbon(model)
    assert net.expression is not None
    path = model.horizon.array([0.0, 0.02, 0.04, 0.06, 0.1, 0.3])  # million per kt
    priced = (net.expression * (model.horizon.discount_weight * path)).sum("period")
    found = []
    for scale in (0.0, 0.5, 1.0, 2.0, 6.0):
        model.lp.add_objective(cost + priced * scale, overwrite=True)
        outcome = run(model)
        labels = {n: model.lp.variables[n].labels for n in outcome.decisions}
        size = max(int(v.max()) for v in labels.values()) + 2
        values = np.zeros(size)
        for n, at in labels.items():
            values[at.values.ravel()] = outcome.decisions[n].values.ravel()
        found.append(float((values[priced.vars.values] * priced.coeffs.values).sum()))
    assert all(b <= a + 1e-6 * abs(a) for a, b in pairwise(found))
    assert found[-1] < found[0] - 0.01 * abs(found[0])


def test_a_rule_never_lowers_the_cost(city: Run) -> None:
    model, both = city.rules
    rows = {n: model.lp.constraints[f"rule-{n}"] for n in (NO_WORSE, SHARE)}
    kept = {n: row.rhs.copy() for n, row in rows.items()}
    far = {NO_WORSE: 1e6, SHARE: -1e6}

    def cost(*off: str) -> float:
        for n, row in rows.items():
            row.update(rhs=xr.full_like(kept[n], far[n]) if n in off else kept[n])
        return float(run(model).outcome.objective)

    try:
        none, one, other = cost(NO_WORSE, SHARE), cost(NO_WORSE), cost(SHARE)
        whole = cost()
    finally:
        for n, row in rows.items():
            row.update(rhs=kept[n])
    least = city.least[1].meta["objective"]
    assert none == pytest.approx(least, rel=1e-8)
    assert whole == pytest.approx(both.meta["objective"], rel=1e-8)
    small = 1e-7 * none
    assert none <= min(one, other) + small
    assert max(one, other) <= whole + small
    assert whole > none + 0.1


SUBSIDIES = ("retrofit_subsidy_share", "heat_pump_subsidy_share", "pv_subsidy_share", "electric_car_subsidy")


def test_losing_subsidies_never_helps_the_city(city: Run) -> None:
    """What city parties pay net, on the annuity view: a grant that falls away is theirs to pay."""

    def net(plan: Plan) -> float:
        return float((plan.net_payments(book.CITY_PARTIES) * plan.weight("discount_weight")).sum())

    lost = inputs_of(city.inputs.city.path, [f"{n}=0" for n in SUBSIDIES])
    without = solve_plan(pledged_model(lost), "without", "no subsidies")
    _, least = city.least
    granted = least.total("money", kind="grant", basis="annuity") * least.weight("discount_weight")
    assert net(without) >= net(least) - 1e-6
    assert net(without) - net(least) == pytest.approx(float(granted.sum()), rel=1e-3)


# ---- time ----------------------------------------------------------------------------------------------------
@st.composite
def horizons(draw: st.DrawFn) -> Horizon:
    start = draw(st.integers(2024, 2030))
    gaps = draw(st.lists(st.integers(1, 12), min_size=1, max_size=6))
    years = tuple(int(y) for y in np.cumsum([start, *gaps]))
    return Horizon(draw(st.integers(2000, start)) - 1, years, draw(st.floats(0.0, 0.1)))


@QUICK
@given(horizons(), st.data())
def test_yearly_tables_sum_to_the_weights(h: Horizon, data: st.DataObject) -> None:
    """Straight lines between milestones, added year by year, are the weights of carbon budget and objective."""
    n = len(h.years)
    flow = np.array(data.draw(st.lists(st.floats(-100, 100), min_size=n, max_size=n)))
    yearly = np.interp(h.calendar, h.years, flow)
    assert h.year_weight.values[1:] @ flow == pytest.approx(yearly.sum(), abs=1e-8)
    rate = (1 + h.discount_rate) ** -(h.calendar - h.start)
    assert h.discount_weight.values[1:] @ flow == pytest.approx((yearly * rate).sum(), abs=1e-8)
    assert h.year_weight.values[0] == h.discount_weight.values[0] == 0.0
    assert float(h.interval.sum()) == h.end - h.start


@PLANS
def test_a_plans_yearly_table_agrees_with_its_weights(city: Run, name: str) -> None:
    _, plan = city.get(name)
    net = plan.carbon(["basic", "removal"])
    assert plan.yearly(net).sum() == pytest.approx(float((net * plan.weight("year_weight")).sum()), rel=1e-12)


@QUICK
@given(st.floats(0.5, 60), horizons())
def test_stocks_stand_for_their_life(life: float, h: Horizon) -> None:
    """Shares standing: between zero and one, never growing; all while the oldest piece lives, none after the life."""
    alive, old = h.alive(life), h.residual(life)
    assert ((alive >= 0) & (alive <= 1)).all()
    for v in range(2, len(h.periods)):
        row = alive[v, v:]
        assert (np.diff(row) <= 1e-12).all()
        for p, share in zip(h.periods[v:], row, strict=True):
            if p >= h.periods[v] + life:
                assert share == 0.0
            if p <= h.periods[v - 1] + life:
                assert share == 1.0
        assert not alive[v, :v].any()
    assert old[0] == old[1] == 1.0
    assert (np.diff(old) <= 1e-12).all()


@QUICK
@given(st.one_of(st.just(0.0), st.floats(1e-4, 0.2)), st.integers(1, 60))
def test_an_annuity_repays_one(rate: float, life: int) -> None:
    paid = sum(annuity(rate, life) / (1 + rate) ** k for k in range(1, life + 1))
    assert paid == pytest.approx(1.0, rel=1e-6)


def constant(folder: Path) -> Path:
    """A city in which nothing changes by itself: no trend, one grid factor, lives longer than the horizon."""
    small_city(folder, zones=0, groups=0)
    rewrite(
        folder / "energy.csv",
        lambda r: r | {"value": "200"} if r["variable"] == "grid_emission_factor" else r,
    )
    edit(folder / "city.toml", end=("neutrality_year = 2050", "neutrality_year = 2038"))
    return folder


STILL = [f"{n}=0" for n in ("heat_demand_trend", "residential_electricity_trend", "commercial_electricity_trend",
                            "car_km_trend", "waste_trend", "wastewater_trend", "fugitive_trend", "industry_trend",
                            "other_transport_trend", "land_trend")]  # fmt: skip


def test_one_long_period_equals_several_short_ones(tmp_path: Path) -> None:
    """Twelve years in one period or in four, without and with measures that grow evenly.

    Nothing wears out within them (the shortest life is 14 years) and today's stock wears out in a straight line,
    so every flow is one and the two statements agree to rounding. The one exception is the highest import, which
    is convex along a straight line when measures grow: the long period may only read it too high, by little.
    """
    folder = constant(tmp_path / "c")
    amounts = {"heat.heat_pumps": 0.3, "mobility.electric_cars": 0.15, "buildings.light_retrofit": 0.2,
               "power.rooftop_pv": 0.3, "mobility.transit": 0.5, "other.waste": 0.4}  # fmt: skip
    found: dict[bool, list[tuple[float, float, float]]] = {False: [], True: []}
    for years in ((2026, 2038), (2026, 2028, 2031, 2033, 2038)):
        model = given_model(inputs_of(folder, STILL, years), {})
        for measures in (False, True):
            if measures:
                give(model, {n: {y: a * (y - 2026) / 12 for y in years} for n, a in amounts.items()})
            plan = closest_plan(model, "x", "x")
            assert "closest" not in plan.meta, "a limit that bends in one of the two would be compared"
            peak = plan.select("money", kind="network", payer=book.UTILITY, carrier="electricity")
            peak_cost = float((peak["value"] * peak["period"].map(plan.weight("discount_weight"))).sum())
            carbon = float((plan.carbon(["basic"]) * plan.weight("year_weight")).sum())
            found[measures].append((plan.meta["objective"] - peak_cost, carbon, peak_cost))
    for measures, ((cost, carbon, peak), (costs, carbons, peaks)) in found.items():
        assert cost == pytest.approx(costs, rel=1e-7)
        assert carbon == pytest.approx(carbons, rel=1e-9)
        assert peaks <= peak * (1 + 1e-9)
        assert peak == pytest.approx(peaks, rel=1e-2 if measures else 1e-9)
    assert found[True][0][1] < found[False][0][1]


# ---- homes ---------------------------------------------------------------------------------------------------
@QUICK
@given(st.lists(st.floats(1.0, 1e4), min_size=2, max_size=4), st.data())
def test_raking_meets_its_margins(totals: list[float], data: st.DataObject) -> None:
    def split(n: int) -> np.ndarray:
        rows = [data.draw(st.lists(st.floats(0.05, 1.0), min_size=n, max_size=n)) for _ in totals]
        return np.array([np.array(r) / sum(r) * t for r, t in zip(rows, totals, strict=True)])

    by_group, by_tenure = split(3), split(2)
    margins = [Margin((), np.array(totals)), Margin((0,), by_group), Margin((1,), by_tenure)]
    table = rake(np.ones((3, 2)), margins).table
    assert np.allclose(table.sum(axis=2), by_group, rtol=1e-9)
    assert np.allclose(table.sum(axis=1), by_tenure, rtol=1e-9)
    assert (table >= 0).all()
