"""What carbon and a fairness rule cost together: the least cost at each cumulative carbon and each level of a rule."""

import math
from collections.abc import Collection, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from mutirao.book import terms as book
from mutirao.book.bundle import Plan
from mutirao.city.folder import City
from mutirao.city.rulekeys import EXAMPLES, MAIN_KEY, RULE_KEYS, RULES, unknown_rule
from mutirao.city.rulewords import parse_rule, rule_sentence, with_rules
from mutirao.city.settings import RuleSetting
from mutirao.ground.findings import Finding, InputError
from mutirao.ground.speech import digits, joined, say, word
from mutirao.model.planmodel import FAMILIES, PlanModel
from mutirao.plan.actions import adopted, shares
from mutirao.plan.build import Inputs, bare_model, given_model
from mutirao.plan.diagnose import LEVERS
from mutirao.plan.inputs import declared_measures
from mutirao.plan.pipeline import TITLES, Progress, pledged_plan, quiet
from mutirao.plan.rules import Rule, add_rules, off_sentence, rules_in_force
from mutirao.plan.solve import NoPlan, closest_plan, run, solve_plan
from mutirao.plan.support import add_support
from mutirao.plan.targets import add_budgets, bound_carbon

LIMIT = "carbon-budget"
#: Families that may give way when it is asked why a point cannot be met; the pledge's own years are not in the model.
ASKED = tuple(f for f in FAMILIES if f not in ("path", "neutrality"))
FOUND, NONE, UNSURE = "found", "cannot be met", "not found"


@dataclass(frozen=True)
class Knob:
    """How the number of a rule is varied: which way is stronger, what is tried unasked, what it is a share of."""

    stronger_up: bool
    tried: tuple[float, ...]
    unit: str


#: Rules with a number (their field: ``MAIN_KEY``). A rule that is not here is only on or off.
KNOBS = {
    "benefit_share": Knob(True, (0.2, 0.4, 0.6), "of what households gain"),
    "burden_cap": Knob(False, (0.10, 0.08, 0.06), "of income"),
    "poverty_gap": Knob(True, (0.25, 0.5, 0.75), "of the base year's gap closed"),
    "cvar": Knob(False, (1.0, 0.9, 0.8), "of the burden as adopted"),
    "priority": Knob(True, (0.8, 1.0, 1.2), "of the share that all homes have"),
}
DEFAULT = "benefit_share"


@dataclass(frozen=True)
class Level:
    """One level of the varied rule: off, on (a rule without a number), or its number."""

    on: bool
    value: float | None
    words: str


OFF = Level(False, None, "off")


@dataclass(frozen=True)
class Point:
    """The least cost at one level and one limit on carbon, or why there is none.

    carbon_kt : the limit, reached_kt : what the plan emits, both cumulative kt CO2e from the first plan year to
    neutrality. cost : million CUR, discounted (NaN when there is no plan). tonne_price : CUR per t CO2e saved by
    the last tonne of the limit. households : group -> net payments of a home, CUR a year, mean of the plan's years.
    """

    level: str
    carbon_kt: float
    status: str
    why: str
    cost: float = math.nan
    reached_kt: float = math.nan
    tonne_price: float = math.nan
    households: dict[str, float] | None = None


@dataclass(frozen=True)
class Frontier:
    """What `mutirao frontier` says.

    points : level, value, carbon_kt, reached_kt, cost (million CUR, discounted, against business as adopted),
    extra_cost (against the same carbon without the rule), tonne_price (CUR/t CO2e), status, why, and one column
    ``change_<group>`` per income group (CUR per home and year against business as adopted, mean of the plan's years).
    words : level -> what the rule asks for there. kept : the other rules in force at every point. own : the level
    that is set for the plan under the rules, in words; "" when the rule is off there.
    adopted_kt, plan_kt : cumulative carbon of business as adopted and of the plan under the rules; plan_cost :
    what that plan costs against business as adopted, million CUR, discounted. meta : the plan's, for a page's head.
    """

    rule: str
    unit: str
    points: pd.DataFrame
    words: dict[str, str]
    kept: tuple[Rule, ...]
    own: str
    adopted_kt: float
    plan_kt: float
    plan_cost: float
    plan_keeps_pledge: bool
    meta: dict[str, Any]


def with_rule(inputs: Inputs, text: str | None) -> tuple[Inputs, str | None]:
    """The inputs and the name of the rule to vary, from a name or from a whole rule such as "cvar worst=0.2 level=0.9".

    A whole rule is put in place of the city's own of that name and is on. Raises InputError when it cannot be read.
    """
    if text is None or not set(text.strip()) & {" ", "="}:
        return inputs, None if text is None else text.strip()
    rule = parse_rule(text)
    settings = with_rules(inputs.city.settings, [rule])
    return replace(inputs, city=replace(inputs.city, settings=settings)), rule.name


def chosen_rule(city: City, name: str | None) -> str:
    """The rule to vary: the one named, else the default if it is on, else the first that is on.

    Raises InputError when nothing is named and nothing is on, or when the name is no rule.
    """
    if name is not None:
        if name not in RULES:
            raise InputError(Finding("--rule", None, "", *unknown_rule(name)))
        return name
    on = [n for n in RULES if n in city.settings.rules and city.settings.rules[n].on]
    if not on:
        what = word("no fairness rule is on in city.toml, so there is none to vary.")
        raise InputError(Finding("--rule", None, "", what, say("Name one of {names}.", names=", ".join(RULES))))
    return DEFAULT if DEFAULT in on else on[0]


def levels_of(city: City, rule: str, asked: Sequence[str] = ()) -> tuple[Level, ...]:
    """Levels to try, from weakest to strongest, "off" always among them; unasked, the city's own level too.

    asked : texts such as "off", "0.4" or "40 %". Raises InputError on a text that is no level of this rule.
    """
    given = [a.strip().lower() for a in asked if a.strip()]
    if rule not in KNOBS:
        wrong = [a for a in given if a not in ("off", "on")]
        if wrong:
            what = say("'{level}' is no level of the rule '{rule}', which has no number.", level=wrong[0], rule=rule)
            raise InputError(Finding("--levels", None, "", what, "Use off and on, or leave --levels out."))
        return OFF, Level(True, None, "on")
    knob = KNOBS[rule]
    values = {_number(a, rule) for a in given if a != "off"}
    if not given:
        own = own_level(city, rule)
        values = {*knob.tried, *([own] if own is not None else [])}
    ordered = sorted(values, reverse=not knob.stronger_up)
    return OFF, *(Level(True, v, say("{amount} %", amount=digits(100 * v, ".3g"))) for v in ordered)


def own_level(city: City, rule: str) -> float | None:
    """The number that city.toml sets for a rule that is on there, or None."""
    setting = city.settings.rules.get(rule)
    if setting is None or not setting.on or rule not in MAIN_KEY:
        return None
    value = getattr(setting, MAIN_KEY[rule])
    return None if value is None else float(value)


def _number(text: str, rule: str) -> float:
    key = RULE_KEYS[rule][MAIN_KEY[rule]]
    try:
        value = float(text.removesuffix("%").strip()) / (100.0 if text.endswith("%") else 1.0)
    except ValueError:
        value = math.nan
    if not key.low <= value <= key.high:
        limits = {"key": MAIN_KEY[rule], "low": digits(key.low, "g"), "high": digits(key.high, "g")}
        what = say("'{level}' is no level of the rule '{rule}': its {key} runs from {low} to {high}.", level=text,
                   rule=rule, **limits)  # fmt: skip
        raise InputError(Finding("--levels", None, "", what, "Write levels such as: off, 0.3, 0.4"))
    return value


def at_level(inputs: Inputs, rule: str, level: Level) -> Inputs:
    """The same inputs with one rule at another level; every other rule stays as city.toml sets it."""
    settings = inputs.city.settings
    old = settings.rules.get(rule)
    if old is None:
        old = RuleSetting(rule, level.on, None, "varied to draw a frontier", "", "mutirao frontier")
    number: dict[str, Any] = {} if level.value is None else {MAIN_KEY[rule]: level.value}
    varied = with_rules(settings, [replace(old, on=level.on, **number)])
    return replace(inputs, city=replace(inputs.city, settings=varied))


def frontier(
    inputs: Inputs,
    rule: str | None = None,
    levels: Sequence[str] = (),
    carbon: int = 6,
    progress: Progress = quiet,
    executor: Executor | None = None,
) -> Frontier:
    """Find the least cost at ``carbon`` levels of cumulative carbon and a few levels of one fairness rule.

    rule : a name, a whole rule as text (`with_rule`), or None for the one that is on. levels : as in `levels_of`.

    Every point is its own solve under the same checks as a plan: the yearly path and neutrality are replaced by one
    limit on the sum, budgets and the other rules stay. A point that cannot be met is kept, with a sentence why.

    executor : any of `concurrent.futures`; points are independent of each other. None finds them in turn.
    Raises InputError on an unknown rule or level, or on a rule that lacks what it speaks of, such as designated homes.
    """
    if carbon < 2:
        what = say("{count} levels draw no line.", count=carbon)
        raise InputError(Finding("--carbon", None, "", what, word("Ask for 2 or more.")))
    inputs, rule = with_rule(inputs, rule)
    rule = chosen_rule(inputs.city, rule)
    tried = levels_of(inputs.city, rule, levels)
    for level in tried[1:]:
        _in_force(at_level(inputs, rule, level).city, rule)
    in_force, _ = rules_in_force(inputs.city)
    progress("business as adopted")
    path = shares(adopted(inputs.city.actions), declared_measures(inputs.systems), inputs.horizon)
    reference = closest_plan(given_model(inputs, path), "adopted", TITLES["adopted"])
    progress("the plan under the rules")
    plan = pledged_plan(inputs, "rules", in_force, reference)
    progress("least cost without a limit on carbon")
    free = find_point(inputs, rule, reference, OFF, math.inf)
    limits = carbon_levels(cumulative(plan), cumulative(reference), free.reached_kt, carbon)
    tasks = [(level, limit) for level in tried for limit in limits]
    found = []
    ask = partial(_task, inputs, rule, reference)
    for i, point in enumerate(executor.map(ask, tasks) if executor else map(ask, tasks)):
        progress(
            say("{done} of {all}: rule {level}, {carbon} kt: {status}", done=i + 1, all=len(tasks), level=point.level,
                carbon=digits(point.carbon_kt, ",.0f"), status=point.status)
        )  # fmt: skip
        found.append(point)
    own = next((lv.words for lv in tried if lv.on and lv.value == own_level(inputs.city, rule)), "")
    before = float(reference.meta["cost"])
    settings = {lv.words: at_level(inputs, rule, lv).city.settings for lv in tried if lv.on}
    return Frontier(
        rule,
        KNOBS[rule].unit if rule in KNOBS else "",
        _table(found, tried, reference),
        {level: rule_sentence(s.rules[rule], s.currency) for level, s in settings.items()},
        tuple(r for r in in_force if r.name != rule),
        own if rule in [r.name for r in in_force] else "",
        cumulative(reference),
        cumulative(plan),
        float(plan.meta["cost"]) - before,
        not plan.meta.get("closest"),
        dict(plan.meta),
    )


def _in_force(city: City, rule: str) -> None:
    """Raise InputError when a rule that is switched on lacks a number or would still be off, with the reason."""
    setting = city.settings.rules[rule]
    for key, wanted in RULE_KEYS[rule].items():
        if wanted.needed and getattr(setting, key) in (None, ()):
            what = say("the rule '{rule}' also needs '{key}': {meaning}.", rule=rule, key=key, meaning=wanted.meaning)
            mend = say('Name it whole, such as --rule "{example}", or write [rules.{rule}] in city.toml.',
                       example=EXAMPLES[rule], rule=rule)  # fmt: skip
            raise InputError(Finding("--rule", None, key, what, mend))
    on, off = rules_in_force(city)
    if rule not in [r.name for r in on]:
        why = off_sentence(rule, off[rule]) if rule in off else say("the rule '{rule}' is off.", rule=rule)
        raise InputError(Finding("--rule", None, "", why, "Name another rule, or add what this one needs."))


def carbon_levels(plan: float, adopted: float, free: float, count: int) -> tuple[float, ...]:
    """Limits on cumulative carbon, from loose to tight, from business as adopted to the plan under the rules, kt.

    Where the cheapest plan emits less than business as adopted anyway (``free``), all but the loosest lie below
    that: above it, a limit changes nothing.
    """
    loose, tight = max(plan, adopted), min(plan, adopted)
    if count > 2 and tight < free < loose:
        return (loose, *(float(c) for c in np.linspace(free, tight, count - 1)))
    return tuple(float(c) for c in np.linspace(loose, tight, count))


def cumulative(plan: Plan) -> float:
    """Emissions that the pledge binds, less removals, summed over the plan's years, kt CO2e."""
    boundaries = [*plan.meta["city"]["pledge"]["boundaries"], "removal"]
    return float((plan.carbon(boundaries) * plan.weight("year_weight")).fillna(0.0).sum())


def frontier_model(inputs: Inputs, rules: Sequence[Rule], reference: Plan, carbon_kt: float) -> PlanModel:
    """Free measures under budgets, rules and one limit on cumulative carbon in place of the pledge's yearly path.

    Every limit carries slack, held at zero until it is asked why no plan exists.
    """
    model = bare_model(inputs, relax=ASKED)
    add_support(model)
    add_budgets(model)
    if rules:
        add_rules(model, list(rules), reference)
    if math.isfinite(carbon_kt):
        net, weight = bound_carbon(model), model.horizon.year_weight
        assert net.expression is not None  # a city without carbon has no pledge
        model.limit(
            LIMIT, "carbon_budget", (net.expression * weight).sum("period"), "<=",
            carbon_kt - float((net.given * weight).sum()), unit="kt CO2e",
            meaning="all emissions from the first plan year to neutrality",
        )  # fmt: skip
    _open(model, ())
    return model


def find_point(inputs: Inputs, rule: str, reference: Plan, level: Level, carbon_kt: float) -> Point:
    """Solve one point. Only a plan that passes status gate and residual check is a point."""
    varied = at_level(inputs, rule, level)
    rules, _ = rules_in_force(varied.city)
    model = frontier_model(varied, rules, reference, carbon_kt)
    try:
        plan = solve_plan(model, "frontier", "one point of a frontier")
    except NoPlan as stop:
        if stop.status.startswith("infeasible"):
            return Point(level.words, carbon_kt, NONE, _why(model, carbon_kt))
        why = say("The solver gave no plan that passes the checks: {status}.", status=stop.status)
        return Point(level.words, carbon_kt, UNSURE, why)
    price = plan.duals.loc[plan.duals["limit"] == LIMIT, "price"]
    return Point(
        level.words, carbon_kt, FOUND, "", float(plan.meta["cost"]), cumulative(plan),
        float(price.sum()) * 1e3, {str(g): float(v) for g, v in household_payments(plan).items()},
    )  # fmt: skip


def _task(inputs: Inputs, rule: str, reference: Plan, at: tuple[Level, float]) -> Point:
    return find_point(inputs, rule, reference, *at)


def _open(model: PlanModel, families: Collection[str]) -> None:
    """Let the slack of these families be used and hold all other slack at zero."""
    for name, slack in model.slacks.items():
        slack.upper = xr.full_like(slack.upper, np.inf if model.limits[name].family in families else 0.0)


def _why(model: PlanModel, carbon_kt: float) -> str:
    """Why a point cannot be met: how much carbon there would have to be, else which other limits stand in the way."""
    if LIMIT in model.slacks:
        missing = model.slacks[LIMIT]
        _open(model, ("carbon_budget",))
        model.lp.add_objective(1.0 * missing, overwrite=True)
        try:
            more = float(run(model).decisions[f"slack-{LIMIT}"])
            return say(
                "No plan that keeps the rules emits less than {amount} kt CO2e in all.",
                amount=digits(carbon_kt + more, ",.0f"),
            )
        except NoPlan:
            pass  # then carbon is not what stands in the way
    enough = [LEVERS[f] for f in ASKED if f != "carbon_budget" and _helps(model, f)]
    if not enough:
        return word("No plan keeps the rules at any carbon, and no single other limit is what stands in the way.")
    return say(
        "No plan keeps the rules at any carbon. What would make room, each on its own: {levers}.",
        levers=joined("; ", *enough),
    )


def _helps(model: PlanModel, family: str) -> bool:
    slacks = [s for n, s in model.slacks.items() if model.limits[n].family == family]
    if not slacks:
        return False
    _open(model, (family, "carbon_budget"))
    total = slacks[0].sum()
    for slack in slacks[1:]:
        total = total + slack.sum()
    model.lp.add_objective(total, overwrite=True)
    try:
        run(model)
    except NoPlan:
        return False
    return True


def household_payments(plan: Plan) -> "pd.Series[float]":
    """Net payments of a home by income group, CUR a year on the annuity view, mean of the plan's years.

    What is booked to no group is shared out evenly over all homes.
    """
    facts = plan.facts[plan.facts["name"] == "households"]
    homes = facts.groupby("group", sort=False)["value"].sum()
    weight = plan.weight("year_weight")
    paid = plan.net_payments((book.HOUSEHOLDS,), ("group", "period")).unstack("period").fillna(0.0)
    mean = (paid * weight.reindex(paid.columns).fillna(0.0)).sum(axis=1) / float(weight.sum())
    everyone = float(mean.get("ALL", 0.0)) if "ALL" not in homes.index else 0.0
    each = mean.reindex(homes.index).fillna(0.0) / homes + everyone / float(homes.sum())
    return each * 1e6


def _table(points: Sequence[Point], levels: Sequence[Level], reference: Plan) -> pd.DataFrame:
    """Points as a table, costs against business as adopted."""
    before, paid = float(reference.meta["cost"]), household_payments(reference)
    without = {p.carbon_kt: p.cost for p in points if p.level == OFF.words}
    value = {lv.words: lv.value for lv in levels}
    rows = [
        {
            "level": p.level,
            "value": value[p.level],
            "carbon_kt": p.carbon_kt,
            "reached_kt": p.reached_kt,
            "cost": p.cost - before,
            "extra_cost": p.cost - without[p.carbon_kt],
            "tonne_price": p.tonne_price,
            "status": p.status,
            "why": p.why,
        }
        | {f"change_{g}": (p.households[str(g)] - v if p.households else math.nan) for g, v in paid.items()}
        for p in points
    ]
    return pd.DataFrame(rows).astype({"value": float})
