"""What the planning commands share: reading inputs, progress on long work, the summary on screen."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from time import monotonic

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from mutirao.city.rulewords import parse_rule, with_rules
from mutirao.cli.reading import given_city
from mutirao.ground.findings import Finding, InputError
from mutirao.model.horizon import PERIODS
from mutirao.model.system import System
from mutirao.plan.assess import Assessment
from mutirao.plan.build import Inputs
from mutirao.plan.headwinds import Headwinds
from mutirao.plan.inputs import horizon_of, parameters_of, time_of
from mutirao.plan.pipeline import Plans
from mutirao.plan.rules import off_sentence
from mutirao.worker.planning import workers as workers


def inputs_of(
    path: Path,
    systems: tuple[System, ...],
    resolution: str,
    settings: Sequence[str],
    rules: Sequence[str] = (),
    set_by: str = "",
    how: str = "",
) -> Inputs:
    """Everything a plan is made from; ``rules`` as on the command line go before those of city.toml.

    Raises InputError on bad input, a rule that cannot be read or an unknown resolution.
    """
    if resolution not in PERIODS:
        raise InputError(
            Finding(
                "--resolution", None, "", f"there is no resolution '{resolution}'.", "Use quick, standard or final."
            )
        )
    city = given_city(path, systems)
    if rules:
        today = date.today().isoformat()
        asked = [parse_rule(text, set_by, today, how) for text in rules]
        city = replace(city, settings=with_rules(city.settings, asked))
    parameters = parameters_of(city, systems, settings)
    return Inputs(city, systems, parameters, horizon_of(city, resolution), time_of(city, resolution))


@contextmanager
def progress_of(console: Console) -> Iterator[Callable[[str], None]]:
    """A spinner with the step at hand and the time since the start; plain lines where there is no terminal."""
    if not console.is_terminal:
        began = monotonic()
        yield lambda step: console.print(f"[{monotonic() - began:6.1f} s] {step}", highlight=False, markup=False)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("reading the city", total=None)
        last = {"step": ""}

        def say(step: str) -> None:
            if last["step"]:
                bar.console.print(f"  done: {last['step']}", highlight=False)
            last["step"] = step
            bar.update(task, description=step)

        yield say
        bar.update(task, description="done", total=1, completed=1)


def summary(console: Console, plans: Plans, judged: Assessment | None, storms: Headwinds | None) -> None:
    """The plan in one screen."""
    s, rules, base = plans.inputs.city.settings, plans.rules, plans.adopted
    if s.demonstration:
        console.print("Demonstration on public data; not the City's plan.", style="bold")
    bound = [*s.pledge.boundaries, "removal"]
    table = Table(title=f"{s.name}: emissions that the pledge binds, kt CO2e a year")
    table.add_column("plan")
    years = [rules.base_year, *rules.years]
    for year in years:
        table.add_column(str(year), justify="right")
    for one in plans.all.values():
        carbon = one.carbon(bound)
        table.add_row(one.title, *(f"{abs(round(float(carbon.get(y, 0.0)))):,d}" for y in years))
    table.add_row(
        "pledge", *(f"{rules.meta['path'][str(y)]:,.0f}" if str(y) in rules.meta["path"] else "" for y in years)
    )
    console.print(table)
    extra = float(rules.meta["cost"]) - float(base.meta["cost"])
    money = f"million {s.currency} of {s.price_year}, discounted to {rules.years[0]}"
    console.print(f"The plan costs {extra:+,.0f} {money} against business as adopted.", highlight=False)
    for sentence in plans.collisions:
        console.print(sentence, highlight=False)
    for lever in plans.levers:
        console.print(f"  {lever.sentence}", highlight=False)
    for price in plans.prices:
        console.print(f"Rule '{price.rule.name}' costs {round(price.cost) + 0:+,d} {money}.", highlight=False)
    for name, why in plans.off.items():
        console.print(off_sentence(name, why), highlight=False)
    if judged is not None:
        last = judged.gap.dropna().iloc[-1] if judged.gap["pledge"].notna().any() else None
        if last is not None:
            console.print(
                f"The city's own actions leave {last['gap']:,.0f} kt CO2e a year to the pledge in {last['year']:.0f}.",
                highlight=False,
            )
    if storms is not None:
        console.print(
            f"Start now, right in every headwind: {', '.join(storms.start_now) or 'nothing'}.", highlight=False
        )
    broken = [c for c in plans.checks if not c.holds]
    console.print(f"Independent checks: {len(plans.checks) - len(broken)} hold, {len(broken)} do not.", highlight=False)
    for c in broken:
        console.print(
            f"  {c.system}, {c.what}: planned {c.planned:.4g}, simulated {c.simulated:.4g} {c.unit}", highlight=False
        )
