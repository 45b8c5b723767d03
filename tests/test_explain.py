"""`explain` prints a formula and its inputs; typed into a calculator they give the figure of the book."""

import re

import pytest

from mutirao.book.bundle import Plan, load_plan, save_plan
from mutirao.book.explain import DISCOUNTED, TOGETHER, as_text, explain
from mutirao.book.terms import INSIDE
from mutirao.ground.findings import InputError
from mutirao.report.tables import cost
from tests.solved import small_plans

NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return small_plans().rules


def recomputed(text: str) -> float:
    """Read every formula line of an explanation and work it out."""
    total = 0.0
    for line in text.splitlines():
        if not line.startswith("   = "):
            continue
        quantity = re.match(rf"   = ({NUMBER}) ", line)
        assert quantity, line
        value = float(quantity[1])
        for sign, figure in re.findall(rf" ([x/]) [a-z][a-z0-9_]* ({NUMBER})", line):
            value = value * float(figure) if sign == "x" else value / float(figure)
        total += value
    return total


@pytest.mark.parametrize("account", ["carbon", "money", "energy", "benefit"])
def test_formulas_recompute_to_the_figure(plan: Plan, account: str) -> None:
    for period in (plan.base_year, *plan.years[1:]):
        try:
            found = explain(plan, account, period)
        except InputError:
            continue
        assert recomputed(as_text(found, 17)) == pytest.approx(found.total, rel=1e-9, abs=1e-9)


def test_carbon_of_a_zone_sums_to_the_book(plan: Plan) -> None:
    zone = next(z for z in sorted(set(plan.book["zone"])) if z != "CITY")
    year = plan.years[1]
    found = explain(plan, "carbon", year, {"zone": zone})
    rows = plan.select("carbon", boundary=["basic", "removal"], zone=zone, period=year)
    assert found.total == pytest.approx(rows["value"].sum(), rel=1e-12)
    assert recomputed(as_text(found, 17)) == pytest.approx(rows["value"].sum(), rel=1e-9)


def test_every_line_names_its_source(plan: Plan) -> None:
    found = explain(plan, "carbon", plan.years[-1])
    assert found.lines
    for line in found.lines:
        assert line.source
        for one in line.inputs:
            assert one.source, one.name


def test_what_is_not_in_the_book_is_named(plan: Plan) -> None:
    with pytest.raises(InputError, match="There is: "):
        explain(plan, "carbon", 1900)
    with pytest.raises(InputError, match="nothing is posted under 'Atlantis'"):
        explain(plan, "carbon", plan.years[1], {"zone": "Atlantis"})


def test_a_bundle_reads_back_what_was_written(plan: Plan, tmp_path) -> None:
    again = load_plan(save_plan(plan, tmp_path / "rules"))
    assert again.meta["id"] == plan.meta["id"]
    assert again.book["value"].to_numpy() == pytest.approx(plan.book["value"].to_numpy(), rel=0, abs=0)
    assert set(again.decisions) == set(plan.decisions)
    for name, array in plan.decisions.items():
        assert again.decisions[name].identical(array) or again.decisions[name].equals(array), name
    assert as_text(explain(again, "carbon", plan.years[1])) == as_text(explain(plan, "carbon", plan.years[1]))


def test_another_schema_is_refused(plan: Plan, tmp_path) -> None:
    folder = save_plan(plan, tmp_path / "rules")
    text = (folder / "bundle.json").read_text()
    (folder / "bundle.json").write_text(text.replace('"schema_version": 2', '"schema_version": 99'))
    with pytest.raises(InputError, match="schema_version"):
        load_plan(folder)


def test_what_the_whole_city_pays_over_the_years_is_the_printed_cost(plan: Plan) -> None:
    asked = {"party": TOGETHER, "view": "annuity", "over": DISCOUNTED}
    found = explain(plan, "money", plan.years[-1], {}, asked)
    assert found.unit == "M"
    assert found.total == pytest.approx(cost(plan)[0], rel=1e-9)
    assert recomputed(as_text(found, 17)) == pytest.approx(found.total, rel=1e-9)


def test_payments_inside_the_city_cancel_in_the_sum_of_all(plan: Plan) -> None:
    year = plan.years[-1]
    together = explain(plan, "money", year, {}, {"party": TOGETHER}).total
    assert together == pytest.approx(float(plan.net_payments(INSIDE)[year]), rel=1e-9)


def test_only_known_sums_over_years_are_asked(plan: Plan) -> None:
    with pytest.raises(InputError, match="discounted"):
        explain(plan, "money", plan.years[-1], {}, {"over": "the moon"})
