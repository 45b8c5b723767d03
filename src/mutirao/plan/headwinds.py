"""The plan against the wind: money ends, the grid stalls, a law fails, costs rise, years are lost."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial

import pandas as pd

from mutirao.book import terms as book
from mutirao.book.bundle import Plan
from mutirao.ground.parameters import Parameter, from_settings
from mutirao.ground.speech import say
from mutirao.model.horizon import Horizon
from mutirao.model.planmodel import PlanModel
from mutirao.plan.actions import adopted, shares
from mutirao.plan.build import Inputs, given_model, pledged_model
from mutirao.plan.inputs import declared_measures, horizon_of
from mutirao.plan.pipeline import CLOSEST, TITLES, Progress, quiet
from mutirao.plan.rules import rules_in_force
from mutirao.plan.solve import closest_plan

#: A step is right in every case when each case takes at least this part of it in the first years.
ROBUST_PART = 0.5
WORTH_NAMING = 0.01


@dataclass(frozen=True)
class Case:
    """One headwind: what changes in the inputs and what is forbidden in the model."""

    name: str
    words: str
    change: Callable[[Inputs], Inputs]
    forbid: Callable[[PlanModel], None]


def _as_it_is(inputs: Inputs) -> Inputs:
    return inputs


def _nothing(model: PlanModel) -> None:
    """Forbid nothing."""


CALM = Case("calm weather", "nothing goes wrong", _as_it_is, _nothing)


@dataclass(frozen=True)
class Headwinds:
    """What `mutirao headwinds` says.

    cases : case, words, kept (every promise), neutral (that of the last year), missed_kt, missed_year,
    city_measures, cost_change (million CUR, discounted, against the plan in calm weather), who_pays.
    steps : measure, meaning, one column of shares per case at the first milestone, start_now.
    start_now : measures right in every case.
    """

    cases: pd.DataFrame
    steps: pd.DataFrame
    start_now: list[str]
    first: int


def standard_cases(inputs: Inputs, plan: Plan) -> list[Case]:
    """The five headwinds that every city gets."""
    law = prerequisite(inputs, plan)
    start, late = inputs.horizon.start, inputs.horizon.start + 2
    return [
        Case("state money ends", "grants and subsidies of state and nation end at once", _no_subsidies, _nothing),
        Case("the grid stalls", say("grid electricity stays as it is in {year}", year=start), _grid_stalls, _nothing),
        Case("a law fails", law[1], _as_it_is, law_fails(law[0], plan)),
        Case("costs + 30 %", "every investment costs 30 % more", _dearer, _nothing),
        Case("two years lost", say("nothing new starts before {year}", year=late), _as_it_is, partial(_late, late)),
    ]


def user_case(name: str, settings: Sequence[str]) -> Case:
    """A headwind that the user names, as parameter settings ``name=value``."""

    return Case(name, ", ".join(settings), partial(_as_set, name, tuple(settings)), _nothing)


def _as_set(name: str, settings: Sequence[str], inputs: Inputs) -> Inputs:
    return _scenario(inputs, from_settings(settings, inputs.parameters, source=f"headwind '{name}'"))


def _scenario(inputs: Inputs, rows: list[Parameter]) -> Inputs:
    return replace(inputs, parameters=inputs.parameters.with_layer("scenario", rows))


def _no_subsidies(inputs: Inputs) -> Inputs:
    names = [n for n in inputs.parameters if n.endswith("_subsidy_share") or n.endswith("_subsidy")]
    return _scenario(inputs, [_at(inputs.parameters[n], 0.0, "headwind: state money ends") for n in names])


def _at(p: Parameter, value: float, source: str) -> Parameter:
    return replace(p, value=value, low=value, high=value, kind="assumption", source=source)


def _dearer(inputs: Inputs) -> Inputs:
    names = [n for n in inputs.parameters if is_investment(inputs.parameters[n])]
    rows = [_at(inputs.parameters[n], inputs.parameters[n].value * 1.3, "headwind: costs + 30 %") for n in names]
    return _scenario(inputs, rows)


def is_investment(p: Parameter) -> bool:
    """True for the price of things that are built or bought, not of energy or yearly service."""
    equipment = p.name.endswith(("_cost", "_cost_constant", "_cost_diameter", "_car_price", "_heavy_price"))
    yearly = p.unit.endswith(("a)", "/a", "CO2e")) or ("MWh" in p.unit and "(MWh/a)" not in p.unit)
    return equipment and (not yearly or p.unit.endswith("/(MWh/a)"))


def _grid_stalls(inputs: Inputs) -> Inputs:
    """Keep what was measured up to the first plan year, then hold it level."""
    frame = inputs.city.facts.frame
    later = (frame["variable"] == "grid_emission_factor") & (frame["year"] > inputs.horizon.start)
    city = replace(inputs.city, facts=replace(inputs.city.facts, frame=_with_level(frame, later, inputs)))
    return replace(inputs, city=city)


def _with_level(frame: pd.DataFrame, later: "pd.Series[bool]", inputs: Inputs) -> pd.DataFrame:
    rows = inputs.city.facts.series("grid_emission_factor")
    years = [r.year for r in rows]
    now = pd.Series([r.value for r in rows], index=years)
    full = now.reindex(sorted({*years, inputs.horizon.start})).interpolate(method="index")
    level = float(full[inputs.horizon.start])
    out = frame.copy()
    out.loc[later, "value"] = level
    at = frame[later].head(1).copy()
    at["year"], at["value"] = inputs.horizon.start, level
    return pd.concat([out, at], ignore_index=True).drop_duplicates(
        ["variable", "zone", "group", "year"], keep="first", ignore_index=True
    )


def prerequisite(inputs: Inputs, plan: Plan) -> tuple[str, str]:
    """The largest measure outside the city's power that the plan rests on, and the law in words."""
    end = plan.measures[plan.measures["period"] == plan.years[-1]]
    laws = [a for a in inputs.city.actions if a.power in ("state", "federal") and a.measure]
    named = end[end["measure"].isin([a.measure for a in laws])]
    pool = named if len(named) else end[~end["power"].isin(["city"])]
    best = str(pool.sort_values("share", ascending=False)["measure"].iloc[0])
    law = next((a.action for a in laws if a.measure == best), "")
    if law:
        words = say("'{law}' fails: {measure} reaches at most half of what the plan has", law=law, measure=best)
    else:
        words = say("the law it rests on fails: {measure} reaches at most half of what the plan has", measure=best)
    return best, words


def law_fails(measure: str, plan: Plan) -> Callable[[PlanModel], None]:
    """Hold a measure at half the share that the calm plan gives it."""
    rows = plan.measures[plan.measures["measure"] == measure]
    half = {int(r["period"]): 0.5 * float(r["share"]) for r in rows.to_dict("records")}
    return partial(_at_most, measure, half)


def _at_most(measure: str, share: dict[int, float], model: PlanModel) -> None:
    later = list(model.horizon.decisions)
    most = model.horizon.array([share.get(y, 0.0) for y in model.horizon.periods])
    for i, part in enumerate(model.measures[measure].parts):
        stock = model.stock(part).sel(period=later)
        cap = (most * part.potential).sel(period=later).transpose(*stock.dims)
        model.rule(f"law-fails-{i}", stock, "<=", cap + 1e-9)


def _late(year: int, model: PlanModel) -> None:
    late = [y for y in model.horizon.decisions if y <= year]
    for name, measure in model.measures.items():
        for i, part in enumerate(measure.parts):
            model.rule(f"late-{name}-{i}", model.stock(part).sel(period=late), "=", 0.0)


def calm_inputs(inputs: Inputs, resolution: str) -> Inputs:
    """The same inputs with a milestone two years after the start, so that lost years can be told."""
    h = horizon_of(inputs.city, resolution)
    years = tuple(sorted({*h.years, h.start + 2}))
    return replace(inputs, horizon=Horizon(h.base, years, h.discount_rate))


def run_case(inputs: Inputs, case: Case) -> Plan:
    """Business as adopted and the plan under the rules in one headwind; the closest plan when the pledge breaks."""
    changed = case.change(inputs)
    rules, _ = rules_in_force(changed.city)
    path = shares(adopted(changed.city.actions), declared_measures(changed.systems), changed.horizon)
    reference = closest_plan(given_model(changed, path), "adopted", TITLES["adopted"])
    model = pledged_model(changed, rules=rules, reference=reference, relax=(*CLOSEST, "fairness"))
    case.forbid(model)
    return closest_plan(model, "rules", say("{title}: {case}", title=TITLES["rules"], case=case.name), case=case.name)


def headwinds(
    inputs: Inputs,
    resolution: str,
    extra: Sequence[Case] = (),
    progress: Progress = quiet,
    executor: Executor | None = None,
) -> Headwinds:
    """Solve the calm plan and every headwind, and say what holds in all of them.

    ``executor`` : any of `concurrent.futures`; the cases are independent of each other. None runs them in turn.
    """
    inputs = calm_inputs(inputs, resolution)
    progress(CALM.name)
    calm = run_case(inputs, CALM)
    cases = [*standard_cases(inputs, calm), *extra]
    plans = {CALM.name: calm}
    found = executor.map(partial(run_case, inputs), cases) if executor else map(partial(run_case, inputs), cases)
    for case in cases:
        progress(case.name)
        plans[case.name] = next(found)
    rows = [_judge(name, plan, calm) for name, plan in plans.items()]
    words = {c.name: c.words for c in cases} | {CALM.name: CALM.words}
    table = pd.DataFrame(rows)
    table.insert(1, "words", table["case"].map(words))
    # The first milestone is only there to tell lost years; steps are judged at the next.
    first = inputs.horizon.decisions[1]
    steps = _steps(plans, first)
    return Headwinds(table, steps, list(steps[steps["start_now"]]["measure"]), first)


def _judge(name: str, plan: Plan, calm: Plan) -> dict[str, object]:
    missed, year, neutral = 0.0, 0, True
    for key, slack in plan.decisions.items():
        if key in ("slack-pledge-path", "slack-carbon-budget", "slack-neutrality"):
            most = float(slack.max())
            neutral = neutral and not (key == "slack-neutrality" and most > 1e-3)
            if most > max(missed, 1e-3):
                missed = most
                year = int(slack.idxmax("period")) if "period" in slack.dims else 0
    weight = calm.weight("discount_weight")
    change = {
        party: float(((plan.net_payments((party,)) - calm.net_payments((party,))) * weight).fillna(0.0).sum())
        for party in book.INSIDE
    }
    most_hit = max(change, key=lambda k: change[k])
    end = plan.measures[plan.measures["period"] == plan.years[-1]]
    own = end[(end["power"] == "city") & (end["share"] > WORTH_NAMING)]
    return {
        "case": name,
        "kept": missed <= 1e-3,
        "neutral": neutral,
        "missed_kt": missed,
        "missed_year": year,
        "city_measures": ", ".join(f"{r.measure} {r.share:.0%}" for r in own.itertuples()),
        "cost_change": _cost(plan) - _cost(calm),
        "who_pays": most_hit if change[most_hit] > 1.0 else "",
        "who_pays_change": change[most_hit],
    }


def _cost(plan: Plan) -> float:
    """Discounted payments to the outside plus welfare, without any penalty for broken promises."""
    weight = plan.weight("discount_weight")
    paid = plan.net_payments(book.INSIDE).add(plan.total("welfare"), fill_value=0.0)
    return float((paid * weight).fillna(0.0).sum())


def _steps(plans: dict[str, Plan], year: int) -> pd.DataFrame:
    columns = {}
    for name, plan in plans.items():
        rows = plan.measures[plan.measures["period"] == year].set_index("measure")
        columns[name] = rows["share"]
    table = pd.DataFrame(columns)
    calm = plans["calm weather"].measures.drop_duplicates("measure").set_index("measure")
    table.insert(0, "meaning", calm["meaning"])
    table.insert(1, "power", calm["power"])
    by_case = table[list(columns)]
    late = [c for c in columns if c != "two years lost"]
    # Two lost years push every first step back; a step is then right when it is still taken at all.
    steady = by_case[late].min(axis=1) >= ROBUST_PART * by_case["calm weather"]
    taken = by_case.min(axis=1) > 0.0
    table["start_now"] = steady & taken & (by_case["calm weather"] > WORTH_NAMING)
    return table.reset_index()
