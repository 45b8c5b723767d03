"""Variables, rules and terms of buildings."""

from mutirao.book import terms as book
from mutirao.model.baseyear import growth
from mutirao.model.horizon import annuity
from mutirao.model.planmodel import PlanModel, add_up
from mutirao.model.stock import cumulative, frozen_zero
from mutirao.systems.buildings.physics import heat_need, saved_per_home

LEVELS = ("light_retrofit", "deep_retrofit")
MEANING = {
    "light_retrofit": "homes given a light retrofit (draughts, loft, controls)",
    "deep_retrofit": "homes given a deep retrofit (walls, roof, windows, ventilation)",
}
SOURCE = "Mutirão buildings model"


def add(model: PlanModel) -> None:
    """Add homes' and commerce's demand and the works that lower it."""
    _homes(model)
    _commerce(model)
    _appliances(model)


def _homes(model: PlanModel) -> None:
    p, base = model.given, model.base
    need = heat_need(sum(base.home_heat.values()), base.home_weight, growth(p("heat_demand_trend"), model.horizon))
    model.post(
        "energy", system="buildings", carrier="home_heat", unit="GWh/a", quantity_unit="GWh/a", kind="need",
        gpc="I.1", meaning="heat need of homes before works", coefficient=-need,
        source="inventory of the base year, shared out by floor area and income",
    )  # fmt: skip
    per_home = saved_per_home(need, base.homes, p("warmth_takeback"))
    warm = per_home * (p("warmth_takeback") / max(1.0 - p("warmth_takeback"), 1e-9))
    eligible = base.homes * p("retrofit_eligible_share") * model.horizon.array([1.0] * len(model.periods))
    stocks = []
    for level in LEVELS:
        stock, works = f"buildings-{level}", f"buildings-{level}-works"
        zero = frozen_zero(model)
        model.variable(
            works, [*model.homes, model.periods], "thousand dwellings", f"works: {MEANING[level]}", upper=zero
        )
        model.variable(stock, [*model.homes, model.periods], "thousand dwellings", MEANING[level], upper=zero)
        cumulative(model, stock, works)
        stocks.append(stock)
        model.post(
            "energy", system="buildings", carrier="home_heat", unit="GWh/a", quantity_unit="GWh/a", gpc="I.1",
            kind="saved", measure=f"buildings.{level}", variable=stock, coefficient=per_home,
            drivers={f"{level}_saving": 1}, meaning=f"heat need of {MEANING[level]}", source=SOURCE,
        )  # fmt: skip
        model.post(
            "benefit", system="buildings", kind="warmth", unit="GWh/a", quantity_unit="GWh/a",
            measure=f"buildings.{level}", variable=stock, coefficient=warm, drivers={f"{level}_saving": 1},
            meaning=f"warmth taken in {MEANING[level]}", source=SOURCE,
        )  # fmt: skip
        model.measure(f"buildings.{level}", stock, eligible, "thousand dwellings", MEANING[level], "owners")
        _pay(model, level, stock, works)
    total = add_up([1.0 * model.lp.variables[s] for s in stocks])
    model.rule("retrofit-once", total, "<=", eligible, unit="thousand dwellings")
    pace = add_up([model.lp.variables[f"{s}-works"].sum(["zone", "group", "tenure"]) for s in stocks])
    model.limit(
        "retrofit-workforce", "workforce", pace, "<=",
        p("retrofit_rate_max") * float(base.homes.sum()) * model.horizon.interval,
        unit="thousand dwellings", meaning="homes that the trades can retrofit between two milestones",
    )  # fmt: skip


def _pay(model: PlanModel, level: str, stock: str, works: str) -> None:
    """Post what works cost, who pays, the grant of state programmes, the rent, embodied carbon and jobs."""
    p, measure = model.given, f"buildings.{level}"
    area = model.base.floor_area * 1e-3  # million m2 for one thousand dwellings
    spread = 1.0 / model.horizon.interval.where(model.horizon.interval > 0, float("inf"))
    cost = {f"{level}_cost": 1}
    what = {"system": "buildings", "measure": measure, "unit": "M/a", "source": SOURCE}
    for tenure, payer, interest in (
        ("owner", book.HOUSEHOLDS, "owner_interest"),
        ("renter", book.LANDLORDS, "landlord_interest"),
    ):
        repay = annuity(p(interest), p("retrofit_life"))
        cash = {"variable": works, "coefficient": area * spread, "select": {"tenure": tenure}}
        debt = {"variable": stock, "coefficient": area * repay, "select": {"tenure": tenure}}
        quantity = {"quantity_unit": "million m2/a"}
        words = f"{MEANING[level]}, lived in by {tenure}s"
        model.post("money", **what, **quantity, **cash, payer=payer, receiver=book.SUPPLIERS, basis="cash",
                   kind="works", drivers=cost, meaning=f"works on {words}")  # fmt: skip
        model.post("money", **what, **quantity, **debt, payer=payer, receiver=book.LENDERS, basis="annuity",
                   kind="works", drivers=cost, meaning=f"yearly repayment for {words}")  # fmt: skip
        grant = cost | {"retrofit_subsidy_share": 1}
        model.post("money", **what, **quantity, **cash, payer=book.STATE, receiver=payer, basis="cash",
                   kind="grant", drivers=grant, meaning=f"grant for {words}")  # fmt: skip
        model.post("money", **what, **quantity, **debt, payer=book.STATE, receiver=payer, basis="annuity",
                   kind="grant", drivers=grant, meaning=f"grant for {words}, spread over its life")  # fmt: skip
        if tenure == "renter":
            net = debt | {"coefficient": area * repay * (1.0 - p("retrofit_subsidy_share"))}
            model.post("money", **what, **quantity, **net, payer=book.HOUSEHOLDS, receiver=book.LANDLORDS,
                       basis="annuity", kind="rent", drivers=cost | {"rent_pass_through": 1},
                       meaning=f"rent rise after works: {words}")  # fmt: skip
    model.post("carbon", system="buildings", measure=measure, boundary="upstream", kind="embodied", unit="kt/a",
               quantity_unit="million m2/a", variable=works, coefficient=area * spread,
               drivers={f"{level}_embodied": 1}, meaning=f"materials for {MEANING[level]}", source=SOURCE)  # fmt: skip
    model.post("benefit", system="buildings", measure=measure, kind="jobs", unit="jobs", source=SOURCE,
               quantity_unit="million m2/a", variable=works, coefficient=area * spread,
               drivers=cost | {"works_jobs": 1}, meaning=f"person-years of work on {MEANING[level]}")  # fmt: skip


def _commerce(model: PlanModel) -> None:
    p, base, h = model.given, model.base, model.horizon
    trend = growth(p("heat_demand_trend"), h)
    need, since = sum(base.commercial_heat.values()) * trend, trend / float(trend.sel(period=h.start))
    # Buildings are counted by their need in the first plan year; the count does not fall with the weather.
    counted = float(need.sel(period=h.start))
    eligible = h.array([counted * p("commercial_retrofit_eligible_share")] * len(model.periods))
    stock, works = "buildings-commercial_retrofit", "buildings-commercial_retrofit-works"
    words = "heat need of commercial buildings treated"
    model.post("energy", system="buildings", carrier="commercial_heat", unit="GWh/a", quantity_unit="GWh/a",
               kind="need", gpc="I.2", coefficient=-need, meaning="heat need of commerce before works",
               source="inventory of the base year")  # fmt: skip
    model.variable(works, [model.periods], "GWh/a", f"works: {words}", upper=frozen_zero(model))
    model.variable(stock, [model.periods], "GWh/a", words, upper=frozen_zero(model))
    cumulative(model, stock, works)
    model.rule("commercial-retrofit-once", model.lp.variables[stock], "<=", eligible, unit="GWh/a")
    model.limit("commercial-retrofit-workforce", "workforce", model.lp.variables[works], "<=",
                p("retrofit_rate_max") * counted * h.interval, unit="GWh/a",
                meaning="commercial heat need that the trades can treat between two milestones")  # fmt: skip
    model.measure("buildings.commercial_retrofit", stock, eligible, "GWh/a", words, "owners")
    model.post("energy", system="buildings", carrier="commercial_heat", unit="GWh/a", quantity_unit="GWh/a",
               kind="saved", gpc="I.2", measure="buildings.commercial_retrofit", variable=stock,
               coefficient=since, drivers={"commercial_retrofit_saving": 1}, meaning=words,
               source=SOURCE)  # fmt: skip
    spread = 1.0 / h.interval.where(h.interval > 0, float("inf"))
    what = {"system": "buildings", "measure": "buildings.commercial_retrofit", "source": SOURCE}
    cost, size = {"commercial_retrofit_cost": 1}, {"quantity_unit": "TWh/a"}
    model.post("money", **what, **size, unit="M/a", kind="works", payer=book.BUSINESS, receiver=book.SUPPLIERS,
               basis="cash", variable=works, coefficient=spread * 1e-3, drivers=cost,
               meaning=f"works: {words}")  # fmt: skip
    repay = annuity(p("business_interest"), p("retrofit_life"))
    model.post("money", **what, **size, unit="M/a", kind="works", payer=book.BUSINESS, receiver=book.LENDERS,
               basis="annuity", variable=stock, coefficient=repay * 1e-3, drivers=cost,
               meaning=f"yearly repayment: {words}")  # fmt: skip
    model.post("carbon", **what, **size, boundary="upstream", kind="embodied", unit="kt/a", variable=works,
               coefficient=spread * 1e-3, drivers={"commercial_retrofit_embodied": 1},
               meaning=f"materials: {words}")  # fmt: skip
    model.post("benefit", **what, **size, kind="jobs", unit="jobs", variable=works, coefficient=spread * 1e-3,
               drivers=cost | {"works_jobs": 1}, meaning=f"person-years of work: {words}")  # fmt: skip


def _appliances(model: PlanModel) -> None:
    """Electricity that is not heat, of homes and of commerce."""
    p, base, h = model.given, model.base, model.horizon
    homes = base.electricity["I.1.2"] * (1.0 - p("residential_electric_heat_share"))
    model.post("energy", system="buildings", carrier="electricity", unit="GWh/a", quantity_unit="GWh/a",
               kind="appliances", gpc="I.1.2", payer=book.HOUSEHOLDS, shape="flat",
               coefficient=-homes * base.household_weight * growth(p("residential_electricity_trend"), h),
               meaning="light and appliances of homes",
               source="inventory of the base year, shared out by homes and income")  # fmt: skip
    shops = base.electricity["I.2.2"] * (1.0 - p("commercial_electric_heat_share"))
    model.post("energy", system="buildings", carrier="electricity", unit="GWh/a", quantity_unit="GWh/a",
               kind="appliances", gpc="I.2.2", payer=book.BUSINESS, shape="working_hours",
               coefficient=-shops * growth(p("commercial_electricity_trend"), h),
               meaning="light, cooling and machines of commerce", source="inventory of the base year")  # fmt: skip
