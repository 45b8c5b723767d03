"""Making a plan: what is asked of a city's version becomes a run, and a plan under a name."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction

from mutirao.city.asked import Asked
from mutirao.city.rulewords import with_rules
from mutirao.city.settings import Settings
from mutirao.city.settings_file import read_settings
from mutirao.ground.findings import InputError
from mutirao.web.cities.models import City, CityVersion
from mutirao.web.people.models import Organisation, Reader, User
from mutirao.web.plans.models import Plan
from mutirao.web.runs.models import Run
from mutirao.web.runs.queue import ask
from mutirao.web.runs.results import summary_of

#: Kinds of plans and the kind of run that makes them.
RUNS = {
    Plan.Kind.PLAN: Run.Kind.PLAN, Plan.Kind.DISPUTE: Run.Kind.PLAN, Plan.Kind.FRONTIER: Run.Kind.FRONTIER,
    Plan.Kind.TABLE: Run.Kind.TABLE,
}  # fmt: skip


@transaction.atomic
def make_plan(
    version: CityVersion,
    kind: str,
    asked: Asked,
    user: User,
    title: str,
    reason: str = "",
    organisation: Organisation | None = None,
    beside: Plan | None = None,
) -> Plan:
    """Ask for a run and put a plan under a name; an equal question shares the run that answered it before.

    Raises InputError where the question cannot be read, queue.Refused where the person must wait.
    """
    run = ask(version, RUNS[Plan.Kind(kind)], asked.to_dict(), user)
    return Plan.objects.create(
        city=version.city, run=run, kind=kind, title=title, reason=reason, beside=beside, made_by=user,
        made_by_name=user.name, organisation=organisation,
    )  # fmt: skip


def asked_of(plan: Plan) -> Asked:
    """What was asked of the run of a plan."""
    return Asked.from_dict(plan.run.asked)


def with_settings(asked: Asked, values: Mapping[str, float]) -> Asked:
    """The same question with some assumptions at other values."""
    known = dict(text.split("=", 1) for text in asked.settings)
    known |= {name: f"{value:.12g}" for name, value in values.items()}
    return Asked.from_dict({**asked.to_dict(), "settings": [f"{name}={value}" for name, value in known.items()]})


def newest_version(city: City, user: Reader) -> CityVersion | None:
    """The newest version one sees that can be planned with."""
    good = CityVersion.objects.visible_to(user).filter(city=city, state=CityVersion.State.GOOD)
    found: CityVersion | None = good.order_by("-number").first()
    return found


def settings_of(version: CityVersion, asked: Asked | None = None) -> Settings | None:
    """What a version's city.toml says, with the rules of a question over it; None where it cannot be read."""
    try:
        found = read_settings(version.path / "city.toml")
    except (InputError, OSError):
        return None
    return asked_over(found, asked) if asked else found


def asked_over(s: Settings, asked: Asked) -> Settings:
    """Settings as a question leaves them, for a form to begin with."""
    changed = with_rules(s, asked.rule_settings)
    rules = {n: replace(r, on=False) if n in asked.rules_off else r for n, r in changed.rules.items()}
    return replace(changed, rules=rules, budgets={**s.budgets, **asked.budgets})


def known_measures(city: City, user: Reader, first: Plan | None = None) -> dict[str, str]:
    """Measures a plan can take, with what each does: as the newest finished plan of the city lists them.

    Measures belong to the software, not to the city; before the city's first plan those of any finished plan serve.
    """
    for plan in _finished_plans(city, user, first):
        rows = summary_of(plan.run).get("measures") or []
        found = {str(r["measure"]): str(r.get("meaning") or r["measure"]) for r in rows if "measure" in r}
        if found:
            return found
    return {}


def _finished_plans(city: City, user: Reader, first: Plan | None) -> Iterable[Plan]:
    seen = Plan.objects.visible_to(user).filter(run__state=Run.State.DONE).select_related("run")
    if first is not None and first.run.state == Run.State.DONE:
        yield first
    yield from seen.filter(city=city, run__kind=Run.Kind.PLAN).order_by("-pk")[:3]
    yield from seen.filter(run__kind=Run.Kind.PLAN).order_by("-pk")[:3]


def started_of(value: Any) -> list[str]:
    """Names of the measures to start now, as a summary lists them."""
    rows = value or []
    return [str(r["measure"] if isinstance(r, Mapping) else r) for r in rows]
