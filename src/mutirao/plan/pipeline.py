"""From inputs to all plans that are printed every time: no action, as adopted, least cost, under the rules."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from mutirao.book import terms as book
from mutirao.book.bundle import Plan
from mutirao.ground.speech import say
from mutirao.model.check import Check
from mutirao.model.planmodel import PlanModel
from mutirao.plan.actions import adopted, shares
from mutirao.plan.build import Inputs, given_model, pledged_model
from mutirao.plan.diagnose import Lever, levers, missed
from mutirao.plan.inputs import declared_measures
from mutirao.plan.rules import Rule, rules_in_force
from mutirao.plan.solve import NoPlan, closest_plan
from mutirao.plan.wedges import all_products, wedges

Progress = Callable[[str], None]
TITLES = {
    "no_action": "No action: what stands today is replaced like for like",
    "adopted": "Business as adopted: laws and the city's own actions",
    "least_cost": "Least cost: the pledge, no fairness rule",
    "rules": "The plan under the rules",
}
#: Systems may re-evaluate their menus at the plan at most so often.
ROUNDS = 3
#: Limits that may be broken, at a penalty, when no plan keeps every promise: the closest plan is then shown.
CLOSEST = ("path", "carbon_budget", "neutrality")


@dataclass(frozen=True)
class RulePrice:
    """What a rule costs, and beside it what households pay with and without it."""

    rule: Rule
    cost: float
    share: float
    households: pd.DataFrame
    without: Plan


@dataclass(frozen=True)
class Plans:
    """All plans of one run and what is said about them."""

    inputs: Inputs
    no_action: Plan
    adopted: Plan
    least_cost: Plan
    rules: Plan
    in_force: tuple[Rule, ...]
    off: Mapping[str, str]
    collisions: tuple[str, ...]
    levers: tuple[Lever, ...]
    prices: tuple[RulePrice, ...]
    wedges: pd.DataFrame
    checks: tuple[Check, ...]

    @property
    def all(self) -> dict[str, Plan]:
        return {p.name: p for p in (self.no_action, self.adopted, self.least_cost, self.rules)}


def quiet(step: str) -> None:
    """Progress that says nothing."""


def _nothing(model: PlanModel) -> None:
    """Hold nothing more."""


@dataclass(frozen=True)
class Wishes:
    """What a plan must hold beside pledge and rules: ``hold`` adds it to a model, ``noted`` goes to its meta."""

    hold: Callable[[PlanModel], None] = _nothing
    noted: Mapping[str, object] = field(default_factory=dict)


UNASKED = Wishes()


def given_plans(inputs: Inputs, progress: Progress = quiet) -> tuple[Plan, Plan]:
    """Solve no action and business as adopted: everything given, nothing chosen but dispatch."""
    progress("no action")
    none = closest_plan(given_model(inputs, {}), "no_action", TITLES["no_action"])
    progress("business as adopted")
    path = shares(adopted(inputs.city.actions), declared_measures(inputs.systems), inputs.horizon)
    return none, closest_plan(given_model(inputs, path), "adopted", TITLES["adopted"])


def pledged_plan(
    inputs: Inputs, name: str, rules: Sequence[Rule] = (), reference: Plan | None = None, wishes: Wishes = UNASKED
) -> Plan:
    """Solve under the pledge; when that cannot be, the closest plan, which says so in its meta."""
    model = pledged_model(inputs, rules=rules, reference=reference, relax=CLOSEST)
    wishes.hold(model)
    return closest_plan(model, name, TITLES[name], rules=[r.note for r in rules], **wishes.noted)


def make_plans(
    inputs: Inputs,
    without: tuple[str, ...] = (),
    progress: Progress = quiet,
    price_rules: bool = True,
    wishes: Wishes = UNASKED,
) -> Plans:
    """Solve everything that is printed every time. Raises NoPlan when not even the closest plan exists.

    ``wishes`` hold in the least-cost plan and in the plan under the rules alike, so that prices are those of rules.
    """
    none, as_adopted = given_plans(inputs, progress)
    in_force, off = rules_in_force(inputs.city, without)
    try:
        progress("least cost")
        least = pledged_plan(inputs, "least_cost", wishes=wishes)
        progress("the plan under the rules")
        rules = pledged_plan(inputs, "rules", in_force, as_adopted, wishes)
        for _ in range(ROUNDS):
            changed = [s.refine(rules) for s in inputs.systems]  # every system is asked, not the first alone
            if not any(changed):
                break
            progress("refining what was linearised")
            rules = pledged_plan(inputs, "rules", in_force, as_adopted, wishes)
    except NoPlan as stop:
        progress("why no plan exists")
        raise NoPlan(stop.status, [v.sentence for v in levers(inputs, in_force, as_adopted)]) from stop
    found: list[Lever] = []
    if rules.meta.get("closest"):
        progress("which promises collide")
        found = levers(inputs, in_force, as_adopted)
    prices = []
    for rule in in_force if price_rules else []:
        progress(say("what the rule '{name}' costs", name=rule.name))
        prices.append(price_of(inputs, rule, in_force, as_adopted, least, rules, wishes))
    boundaries = inputs.city.settings.pledge.boundaries
    shared = wedges(
        all_products(inputs.systems, as_adopted, boundaries), all_products(inputs.systems, rules, boundaries)
    )
    progress("independent checks")
    checks = [c for s in inputs.systems for c in s.verify(rules, inputs.city)]
    return Plans(
        inputs, none, as_adopted, least, rules, tuple(in_force), off,
        (*missed(as_adopted), *missed(rules)), tuple(found), tuple(prices), shared, tuple(checks),
    )  # fmt: skip


def price_of(
    inputs: Inputs, rule: Rule, in_force: Sequence[Rule], reference: Plan, least: Plan, plan: Plan,
    wishes: Wishes = UNASKED,
) -> RulePrice:
    """Price of a rule by a re-solve without it, the other rules kept."""
    rest = [r for r in in_force if r is not rule]
    without = pledged_plan(inputs, "rules", rest, reference, wishes) if rest else least
    cost = float(plan.meta["objective"]) - float(without.meta["objective"])
    return RulePrice(rule, cost, cost / float(without.meta["cost"]), _households(plan, without), without)


def _households(plan: Plan, without: Plan) -> pd.DataFrame:
    """Yearly net payments of a household by group and milestone with and without a rule, currency a year."""
    homes = plan.facts[plan.facts["name"] == "households"].groupby("group")["value"].sum()
    by = ("group", "period")
    table = pd.DataFrame({
        "with_rule": plan.net_payments((book.HOUSEHOLDS,), by),
        "without_rule": without.net_payments((book.HOUSEHOLDS,), by),
    }).reset_index()  # fmt: skip
    table = table[table["period"].isin(plan.years)]
    per_home = 1e6 / table["group"].map(homes)
    table["with_rule"] *= per_home
    table["without_rule"] *= per_home
    return table
