"""Equal ids mean equal inputs: the same city anywhere has one id, and changing any one thing gives another."""

import shutil
from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from pathlib import Path

import pytest

from mutirao.model.planmodel import PlanModel
from mutirao.plan import solve
from mutirao.plan.alternative import Bound, wishes
from mutirao.plan.build import Inputs, give, given_model, pledged_model
from mutirao.plan.identity import plan_id
from mutirao.plan.inputs import horizon_of, time_of
from mutirao.plan.pipeline import CLOSEST, UNASKED
from mutirao.plan.rules import rules_in_force
from mutirao.plan.solve import closest_plan, plan_of, run, set_objective
from tests.cities import small_city
from tests.planned_cities import inputs_of, shares, two_zones

#: File, what stands in it once or more, what takes the place of the first.
EDITS = {
    "name of the city": ("city.toml", "Littleton", "Largeton"),
    "latitude": ("city.toml", "latitude = 42.3", "latitude = 42.4"),
    "demonstration": ("city.toml", "demonstration = true", "demonstration = false"),
    "note": ("city.toml", "demonstration = true", 'demonstration = true\nnote = "n"'),
    "discount rate": ("city.toml", "0.03", "0.031"),
    "bound of the pledge": ("city.toml", '["basic"]', '["basic", "basic+"]'),
    "rest at neutrality": ("city.toml", "max_residual_removals = 0.30", "max_residual_removals = 0.31"),
    "carbon budget": ("city.toml", "budget_kt = 3650.0", "budget_kt = 3650.0001"),
    "no carbon budget": ("city.toml", "budget_kt = 3650.0\n", ""),
    "who pledged": ("city.toml", 'budget_kt = 3650.0\nsource = "made-up"', 'budget_kt = 3650.0\nsource = "council"'),
    "cut of a target": ("city.toml", "cut = 0.40", "cut = 0.40000001"),
    "year of a target": ("city.toml", "year = 2035", "year = 2040"),
    "budget": ("city.toml", "city = 16.0", "city = 16.5"),
    "note on a budget": ("city.toml", "city = 16.0", 'city = 16.0\nnote = "council"'),
    "name of a group": ("city.toml", "Income group 2", "Others"),
    "end of a group": ("city.toml", "50000", "50001"),
    "share of a rule": ("city.toml", "share = 0.40", "share = 0.41"),
    "who set a rule": ("city.toml", 'set_by = "test council"', 'set_by = "assembly"'),
    "when": ("city.toml", "date = 2026-01-31", "date = 2026-02-01"),
    "how": ("city.toml", 'how = "vote"', 'how = "consensus"'),
    "rule off": ("city.toml", "[rules.benefit_share]\non = true", "[rules.benefit_share]\non = false"),
    "who designated": ("city.toml", 'author = "test council"', 'author = "state"'),
    "designated homes": ("designated.csv", ",G1,,1.0", ",G1,,0.9"),
    "a figure of people": ("people.csv", "20000.0", "20000.1"),
    "its method": ("people.csv", "20000.0,,,assumed", "20000.0,,,census"),
    "its range": ("people.csv", "20000.0,,,", "20000.0,19000,21000,"),
    "a figure no rule reads": ("people.csv", "0.135", "0.136"),
    "temperature": ("climate.csv", "2020,0.5", "2020,0.6"),
    "a price": ("energy.csv", "2020,0.16", "2020,0.17"),
    "an emission": ("inventory.csv", "27720.0", "27720.5"),
    "quality of an emission": ("inventory.csv", "27720.0,t CO2e,,,M", "27720.0,t CO2e,,,H"),
    "a parameter": ("parameters.csv", "heat_pump_cost,15000.0", "heat_pump_cost,15000.1"),
    "who says so": ("parameters.csv", "2015,assumption,made-up,", "2015,fact,made-up,"),
    "an action": ("actions.csv", "electric_heavy_vehicles,0.3", "electric_heavy_vehicles,0.35"),
    "an action that cannot be modelled": ("actions.csv", "Climate week", "Climate month"),
    "name of a zone": ("zones.csv", "Zone 1", "Harbour"),
    "title of a source": ("sources.csv", "Figures made up", "Numbers made up"),
}


class Case:
    """A folder, its inputs, and the model of its plan under the rules."""

    def __init__(self, folder: Path):
        self.folder = two_zones(folder)
        self.inputs = inputs_of(folder)
        self.adopted = closest_plan(given_model(self.inputs, shares(self.inputs.horizon.years)), "adopted", "adopted")
        self.model = self.ruled()
        self.id = id_of(self.model)

    def ruled(self, without: tuple[str, ...] = ()) -> PlanModel:
        on, _ = rules_in_force(self.inputs.city, without)
        model = pledged_model(self.inputs, rules=on, reference=self.adopted, relax=CLOSEST)
        set_objective(model)
        return model


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return Case(tmp_path_factory.mktemp("identity") / "two")


def id_of(model: PlanModel, noted: Mapping[str, object] = UNASKED.noted) -> str:
    return plan_id(model, noted, {"mutirao": "1"})


def changed(model: PlanModel, inputs: Inputs) -> PlanModel:
    """The same program, said to be made from other inputs: the id must tell by the inputs alone."""
    other = copy(model)
    other.city, other.parameters = inputs.city, inputs.parameters
    other.horizon, other.time = inputs.horizon, inputs.time
    return other


def test_the_same_city_in_another_folder_has_the_same_id(case: Case, tmp_path: Path) -> None:
    shutil.copytree(case.folder, tmp_path / "elsewhere")
    table = tmp_path / "elsewhere" / "sources.csv"
    table.write_bytes(table.read_bytes().replace(b"\n", b"\r\n"))
    settings = tmp_path / "elsewhere" / "city.toml"
    settings.write_text("# a remark\n\n" + settings.read_text(encoding="utf-8"), encoding="utf-8")
    assert id_of(changed(case.model, inputs_of(tmp_path / "elsewhere"))) == case.id


def test_the_same_city_stated_anew_has_the_same_id(case: Case) -> None:
    assert id_of(case.ruled()) == case.id


@pytest.mark.parametrize("what", EDITS)
def test_any_change_of_the_city_gives_another_id(case: Case, tmp_path: Path, what: str) -> None:
    file, old, new = EDITS[what]
    folder = tmp_path / "two"
    shutil.copytree(case.folder, folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text, what
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    assert id_of(changed(case.model, inputs_of(folder))) != case.id


def test_parameters_steps_of_the_day_and_milestones_count(case: Case) -> None:
    i = case.inputs
    ids = [case.id] + [
        id_of(changed(case.model, other))
        for other in (
            inputs_of(case.folder, ["heat_pump_cost=9000"]),
            replace(i, time=time_of(i.city, "final")),
            replace(i, horizon=horizon_of(i.city, "standard")),
        )
    ]
    assert len(set(ids)) == len(ids)


def test_a_rule_left_out_gives_another_id(case: Case) -> None:
    assert id_of(case.ruled(("benefit_share",))) != case.id


def test_floors_and_ceilings_count_by_what_they_hold_and_by_what_is_noted(case: Case) -> None:
    model, asked = case.ruled(), Bound("heat.heat_pumps", 0.3, 2035)
    floor, ceiling = wishes([asked], []), wishes([], [asked])
    ids = [id_of(model)]
    floor.hold(model)
    ids += [id_of(model), id_of(model, floor.noted), id_of(model, ceiling.noted)]
    row = model.lp.constraints["group-0-0"]
    row.update(rhs=row.rhs * 1.01)
    ids += [id_of(model), id_of(model, wishes([replace(asked, share=0.303)], []).noted)]
    row.update(sign="<=")
    assert len({*ids, id_of(model)}) == len(ids) + 1


def test_shares_that_are_given_count(case: Case) -> None:
    model = given_model(case.inputs, {})
    bare = plan_id(model, {}, {})
    give(model, shares(case.inputs.horizon.years))
    assert plan_id(model, {}, {}) != bare
    give(model, {})
    assert plan_id(model, {}, {}) == bare


def test_the_words_and_coefficients_of_what_systems_post_count(case: Case) -> None:
    model = given_model(case.inputs, {})
    bare = plan_id(model, {}, {})
    term = model.terms[-1]
    for other in (replace(term, meaning="another"), replace(term, coefficient=term.coefficient * 1.01 + 0.001)):
        model.terms[-1] = other
        assert plan_id(model, {}, {}) != bare
    model.terms[-1] = term
    assert plan_id(model, {}, {}) == bare


def test_software_and_solver_count_and_title_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_city(tmp_path / "one", zones=0, groups=0)
    model = given_model(inputs_of(tmp_path / "one"), {})
    given = set_objective(model)
    solution = run(model)
    tables = solve.term_tables(model.terms, solution.decisions, model.horizon.periods)
    monkeypatch.setattr(solve, "term_tables", lambda *_: tables)  # the slowest part of a plan, and no part of its id

    def made(title: str, **notes: str) -> str:
        return str(plan_of(model, solution, given, "a", title, notes).meta["id"])

    first = made("first")
    assert made("second") == first
    assert made("first", case="costs rise") != first
    with monkeypatch.context() as patched:
        patched.setattr(solve, "__version__", "0.0.other")
        assert made("first") != first
    with monkeypatch.context() as patched:
        patched.setattr(solve, "LADDER", solve.LADDER | {"small": ({"solver": "ipx", "run_crossover": "on"},)})
        assert made("first") != first
    assert made("first") == first
