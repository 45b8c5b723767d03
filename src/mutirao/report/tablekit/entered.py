"""A group's answers, solved: the plan it wrote, beside the city's plan with the same numbers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from mutirao.book.bundle import Plan
from mutirao.city.rulewords import with_rules
from mutirao.ground.findings import Finding, InputError
from mutirao.plan.actions import adopted as adopted_actions
from mutirao.plan.actions import shares
from mutirao.plan.alternative import alternative
from mutirao.plan.build import Inputs, given_model
from mutirao.plan.inputs import declared_measures, parameters_of
from mutirao.plan.pipeline import TITLES, pledged_plan
from mutirao.plan.rules import Rule, rules_in_force
from mutirao.plan.solve import closest_plan
from mutirao.report.tablekit.alternatives import Alternative, side_by_side
from mutirao.report.tablekit.answers import Answers
from mutirao.report.tablekit.assumptions import effects, per_home
from mutirao.report.tablekit.meant import check_answers, disputed, zone_named

OURS = "ours"


@dataclass(frozen=True)
class Doubted:
    """A number the group doubted: before, after, and what it alone changes for a mean home, CUR a year.

    ``change`` None: no term of the book multiplies with it; it changes what can be built.
    """

    parameter: str
    unit: str
    before: float
    after: float
    why: str
    change: float | None


@dataclass(frozen=True)
class Entered:
    """What a group's answers led to.

    columns : adopted, rules (the city's plan) and ours, all with the group's numbers, for homes of its zone.
    together : change for a mean home in the city's plan by all doubted numbers; None when that plan was not at hand.
    """

    answers: Answers
    zone: str
    zone_name: str
    columns: Mapping[str, Alternative]
    in_force: tuple[Rule, ...]
    left_out: tuple[str, ...]
    doubted: tuple[Doubted, ...]
    together: float | None

    @property
    def plans(self) -> dict[str, Plan]:
        return {n: a.plan for n, a in self.columns.items()}


def enter(
    inputs: Inputs, answers: Answers, saved: Mapping[str, Plan], say: Callable[[str], None], file: str = "answers.toml"
) -> Entered:
    """Check the answers, solve the group's alternative, and the city's plan again where numbers were doubted.

    saved : plans of the city by name ("adopted", "rules") that were made before; those of other numbers are made anew.
    Raises InputError on names the city does not know, NoPlan when the group's plan cannot be.
    """
    measures = declared_measures(inputs.systems)
    check_answers(answers, inputs.city, inputs.parameters, measures, inputs.horizon, file)
    theirs = _with_numbers(inputs, answers)
    rules = _rules(theirs, answers, file)
    city_rules, _ = rules_in_force(inputs.city)
    say("business as adopted")
    reference = _reused(saved.get("adopted"), theirs) or _adopted(theirs)
    say("the plan of the city under its rules")
    city_plan = _reused(saved.get("rules"), theirs, city_rules) or pledged_plan(theirs, "rules", city_rules, reference)
    say(f"the alternative of {answers.group}")
    floors = [w.bound for w in answers.wishes if w.floor]
    ceilings = [w.bound for w in answers.wishes if not w.floor]
    title = f"The alternative of {answers.group}"
    ours = alternative(theirs, rules, reference, floors, ceilings, answers.slug, title)
    before = _reused(saved.get("rules"), inputs, city_rules)
    zones = inputs.city.zones.to_dict("records")
    zone = zone_named(zones, answers.zone, "group.zone")
    off = [r.name for r in answers.rules if not r.on]
    return Entered(
        answers,
        zone,
        next(str(z["name"]) for z in zones if z["zone"] == zone),
        side_by_side({"adopted": reference, "rules": city_plan, OURS: ours}, "adopted", zone),
        tuple(rules),
        tuple(off),
        _doubted(inputs, answers, city_plan),
        _mean_paid(city_plan) - _mean_paid(before) if before is not None and answers.disputes else None,
    )


def _with_numbers(inputs: Inputs, answers: Answers) -> Inputs:
    """Inputs with the group's numbers on the layer "scenario", above what the city states."""
    if not answers.disputes:
        return inputs
    fresh = parameters_of(inputs.city, inputs.systems, (), disputed(answers, inputs.parameters))
    return replace(inputs, parameters=fresh)


def _rules(inputs: Inputs, answers: Answers, file: str) -> list[Rule]:
    """The city's rules with the group's; a rule of the group that this city cannot follow is an error."""
    found, off = rules_in_force(replace(inputs.city, settings=with_rules(inputs.city.settings, answers.rules)))
    kept = {r.name for r in found}
    wrong = []
    for i, rule in enumerate(answers.rules, start=1):
        if rule.on and rule.name not in kept:
            why = off.get(rule.name, "it has no meaning here.")
            wrong.append(Finding(file, None, f"rule {i}.name", f"'{rule.name}' cannot be followed: {why}",
                                 "Take it out, or give the city folder what it needs."))  # fmt: skip
    if wrong:
        raise InputError(wrong)
    return found


def _adopted(inputs: Inputs) -> Plan:
    path = shares(adopted_actions(inputs.city.actions), declared_measures(inputs.systems), inputs.horizon)
    return closest_plan(given_model(inputs, path), "adopted", TITLES["adopted"])


def _reused(plan: Plan | None, inputs: Inputs, rules: list[Rule] | None = None) -> Plan | None:
    """The saved plan when it was made from the same numbers, years and rules; otherwise None."""
    if plan is None or tuple(plan.years) != inputs.horizon.years:
        return None
    drivers = plan.drivers.set_index("name")[["value", "low", "high"]]
    now = {p.name: (p.value, p.low, p.high) for p in inputs.parameters.values()}
    if set(drivers.index) != set(now) or any(
        abs(float(a) - b) > 1e-9 * max(1.0, abs(b))
        for name, row in zip(drivers.index, drivers.itertuples(index=False, name=None), strict=True)
        for a, b in zip(row, now[str(name)], strict=True)
    ):
        return None
    if rules is not None and [r["name"] for r in plan.meta.get("rules") or []] != [r.name for r in rules]:
        return None
    return plan


def _doubted(inputs: Inputs, answers: Answers, plan: Plan) -> tuple[Doubted, ...]:
    """Each doubted number alone, in the city's plan with all of them: back to the old value and again to the new."""
    ends = {d.parameter: (inputs.parameters(d.parameter), d.value) for d in answers.disputes}
    moves = effects(plan, ends) if ends else {}
    used = {name for text in plan.terms["drivers"] for name in _names(str(text))}
    return tuple(
        Doubted(
            d.parameter, inputs.parameters[d.parameter].unit, ends[d.parameter][0], d.value, d.why,
            moves[d.parameter] if d.parameter in used else None,
        )
        for d in answers.disputes
    )  # fmt: skip


def _names(drivers: str) -> list[str]:
    return [part.split(":")[0] for part in drivers.split()]


def _mean_paid(plan: Plan) -> float:
    """What a mean home pays in a mean year of a plan, CUR."""
    rows = per_home(plan)
    return float((rows["value"] * rows["sign"]).sum())
