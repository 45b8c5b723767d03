"""What each system shows: words with the plan's own numbers, figures whose tables fit them."""

import re
from pathlib import Path

import numpy as np
import pytest

from mutirao.book.bundle import Plan
from mutirao.model.figures import Section
from mutirao.model.system import System
from tests.cities import small_city
from tests.test_verification import REACHED, SYSTEMS, inputs_of, solved

KINDS = {"bar", "stacked_bar", "line", "area", "grouped_bar", "circles", "table"}


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, Plan]:
    inputs = inputs_of(small_city(tmp_path_factory.mktemp("city") / "littleton"))
    return solved(inputs, REACHED | {"other.removals": 0.5}), solved(inputs, {})


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS)
@pytest.mark.parametrize("swapped", [False, True], ids=["measures", "nothing done"])
def test_figures_fit_their_tables(plans: tuple[Plan, Plan], system: System, swapped: bool) -> None:
    section = system.section(*(plans[::-1] if swapped else plans))
    assert section.name == system.name
    assert section.title
    assert 2 <= len(section.words) <= 4
    assert 2 <= len(section.figures) <= 4
    assert len({f.name for f in section.figures}) == len(section.figures)
    for figure in section.figures:
        assert figure.name.startswith(f"{system.name}-")
        assert figure.kind in KINDS
        assert figure.unit
        assert figure.sources
        assert all(figure.sources)
        columns = {figure.x, figure.y} | ({figure.color} if figure.color else set())
        assert columns <= set(figure.table.columns)
        assert len(figure.table)
        assert np.isfinite(figure.table.select_dtypes("number").to_numpy(float)).all()
        if figure.order:
            assert set(figure.table[figure.color or figure.x]) <= set(figure.order) or figure.kind == "stacked_bar"


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS)
def test_words_are_whole_sentences_with_numbers(plans: tuple[Plan, Plan], system: System) -> None:
    for text in words(system.section(*plans)):
        assert text.endswith(".")
        assert "  " not in text
        assert "nan" not in text.lower().split()
        assert not re.search(r"[a-z]_[a-z]|e[+-]\d", text), text
    assert re.search(r"\d", words(system.section(*plans))[0])
    assert words(system.section(*plans))[-1].startswith("Assumed")


def words(section: Section) -> tuple[str, ...]:
    return section.words


def test_shares_of_heat_sum_to_the_whole(plans: tuple[Plan, Plan]) -> None:
    figure = next(f for f in SYSTEMS["heat"].section(*plans).figures if f.name == "heat-groups")
    assert figure.table.groupby("who")["share"].sum().to_numpy() == pytest.approx(100.0)


def test_uses_of_electricity_are_all_of_it(plans: tuple[Plan, Plan]) -> None:
    plan, _ = plans
    figure = next(f for f in SYSTEMS["power"].section(*plans).figures if f.name == "power-uses")
    shown = figure.table.groupby("year")["electricity"].sum()
    energy = plan.select("energy", carrier="electricity")
    used = -energy[energy["value"] < 0].query("kind not in ('export', 'battery')").groupby("period")["value"].sum()
    assert shown.to_numpy() == pytest.approx(used.reindex(shown.index).to_numpy())


def test_the_grid_path_shown_is_the_city_s(plans: tuple[Plan, Plan]) -> None:
    figure = next(f for f in SYSTEMS["power"].section(*plans).figures if f.name == "power-grid")
    shown = figure.table.set_index("year")["factor"]
    assert shown[2020] == pytest.approx(250.0)
    assert shown[2035] == pytest.approx(130.0)
    assert shown[2050] == pytest.approx(60.0)


def test_rows_shown_add_up_to_the_inventory(plans: tuple[Plan, Plan]) -> None:
    plan, _ = plans
    figure = next(f for f in SYSTEMS["other"].section(*plans).figures if f.name == "other-families")
    first = figure.table[figure.table["year"] == plan.base_year]["carbon"].sum()
    assert first == pytest.approx(plan.total("carbon", system="other", kind="row")[plan.base_year])


def test_distance_kept_and_moved_is_the_demand(plans: tuple[Plan, Plan]) -> None:
    figure = next(f for f in SYSTEMS["mobility"].section(*plans).figures if f.name == "mobility-cars")
    total = figure.table.groupby("year")["distance"].sum()
    assert total.to_numpy() == pytest.approx(total.iloc[0])  # no trend in the default parameters
    moved = figure.table[figure.table["how"].str.startswith("moved")].groupby("year")["distance"].sum()
    assert moved[2050] == pytest.approx(0.6 * (0.08 + 0.05) * total[2050], rel=1e-6)


def test_homes_retrofitted_are_the_share_asked_for(plans: tuple[Plan, Plan], tmp_path: Path) -> None:
    plan, _ = plans
    figure = next(f for f in SYSTEMS["buildings"].section(*plans).figures if f.name == "buildings-retrofits")
    last = figure.table[figure.table["year"] == 2050].set_index("level")["homes"]
    homes = plan.facts[plan.facts["name"] == "households"]["value"].sum() / 1000.0
    assert last["light retrofit"] == pytest.approx(0.4 * 0.85 * homes)
