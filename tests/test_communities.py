"""Areas that communities draw, homes designated by them, and the joint table of homes: read, checked, written."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutirao.city.check import check
from mutirao.city.communities import COMMUNITY_COLUMNS, designated_homes, designated_table
from mutirao.city.folder import City, read_city, write_city
from mutirao.city.rulekeys import EXAMPLES, RULES
from mutirao.city.rulewords import parse_rule, with_rules
from mutirao.city.seed import seed_dims
from mutirao.city.template import write_template
from mutirao.city.workbook import read_workbook, write_workbook
from mutirao.ground.findings import InputError
from tests.cities import MEASURES, VARIABLES, small_city

COMMUNITIES = (
    "community,name,zone,share,author,date,how,reason,source\n"
    "hill,The Hill,Z1,0.5,Hill assembly,2026-02-01,a walk,cold homes,made-up\n"
    "hill,The Hill,Z2,0.25,Hill assembly,2026-02-01,a walk,cold homes,made-up\n"
    "quay,The Quay,Z2,1,Quay tenants,2026-03-01,a meeting,,\n"
)
DESIGNATED = (
    "zone,group,tenure,share,community,criterion\nZ1,G1,,1,,income\n,,renter,0.8,hill,tenure\n,G1,,0.5,quay,\n"
)
SEED = (
    "group,tenure,homes,source\nG1,owner,10,made-up\nG1,renter,30,made-up\nG2,owner,35,made-up\nG2,renter,25,made-up\n"
)


def with_all(path: Path) -> Path:
    """A small city with communities, homes designated by them, a seed and a figure counted by residents."""
    small_city(path)
    (path / "communities.csv").write_text(COMMUNITIES, encoding="utf-8")
    (path / "designated.csv").write_text(DESIGNATED, encoding="utf-8")
    (path / "seed.csv").write_text(SEED, encoding="utf-8")
    text = (path / "city.toml").read_text(encoding="utf-8")
    text = text.replace("[designation]", '[designation]\ncriteria = ["income", "tenure"]\nhow = "two assemblies"')
    (path / "city.toml").write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def city(tmp_path: Path) -> City:
    return read_city(with_all(tmp_path / "a"), VARIABLES)


def same(one: City, other: City) -> bool:
    frames = ("designated", "communities", "seed")
    return one.settings == other.settings and all(getattr(one, f).equals(getattr(other, f)) for f in frames)


def test_a_designated_community_stands_for_its_zones_by_share(city: City) -> None:
    assert city.designated is not None
    rows = city.designated[["zone", "group", "tenure", "share"]].to_numpy().tolist()
    assert rows == [
        ["Z1", "G1", "", 1.0],
        ["Z1", "", "renter", 0.8 * 0.5],
        ["Z2", "", "renter", 0.8 * 0.25],
        ["Z2", "G1", "", 0.5 * 1.0],
    ]
    assert city.designated["community"].tolist() == ["", "hill", "hill", "quay"]


def test_who_drew_an_area_and_why_is_kept(city: City) -> None:
    assert city.communities is not None
    assert tuple(city.communities.columns) == COMMUNITY_COLUMNS
    assert city.communities["author"].tolist() == ["Hill assembly", "Hill assembly", "Quay tenants"]
    assert city.communities["share"].tolist() == [0.5, 0.25, 1.0]
    assert city.communities["reason"].tolist() == ["cold homes", "cold homes", ""]


def test_without_communities_the_rows_are_as_written(tmp_path: Path) -> None:
    city = read_city(small_city(tmp_path / "a"), VARIABLES)
    assert city.designated is not None
    assert list(city.designated.columns) == ["zone", "group", "tenure", "share"]
    assert city.communities is None
    assert city.seed is None


def test_a_city_with_communities_and_seed_survives_its_folder(city: City, tmp_path: Path) -> None:
    write_city(city, tmp_path / "b")
    assert same(city, read_city(tmp_path / "b", VARIABLES))
    text = (tmp_path / "b" / "designated.csv").read_text(encoding="utf-8")
    assert ",,renter,0.8,hill,tenure" in text
    less = replace(city, communities=None, seed=None, designated=None)
    less = replace(less, settings=replace(city.settings, designation=None))
    write_city(less, tmp_path / "b", overwrite=True)
    assert not [f for f in ("communities.csv", "seed.csv", "designated.csv") if (tmp_path / "b" / f).exists()]


def test_a_city_with_communities_seed_and_every_rule_survives_a_workbook(city: City, tmp_path: Path) -> None:
    rules = [parse_rule(EXAMPLES[name], "test council", "2026-01-31", "vote") for name in RULES]
    city = replace(city, settings=with_rules(city.settings, rules))
    write_workbook(city, tmp_path / "city.xlsx")
    assert same(city, read_workbook(tmp_path / "city.xlsx", VARIABLES))


def test_figures_counted_by_residents_are_read_and_graded(tmp_path: Path) -> None:
    path = small_city(tmp_path / "a")
    text = (path / "transport.csv").read_text(encoding="utf-8")
    (path / "transport.csv").write_text(text.replace("assumed", "community"), encoding="utf-8")
    city = read_city(path, VARIABLES)
    assert city.array("vehicles").attrs["method"] == "community"
    assert not [f for f in check(path, VARIABLES, MEASURES) if f.file == "transport.csv"]


def test_the_seed_is_read_as_numbers(city: City) -> None:
    assert city.seed is not None
    assert seed_dims(city.seed) == ("group", "tenure")
    assert city.seed["homes"].tolist() == [10.0, 30.0, 35.0, 25.0]


Change = Callable[[Path], object]


def text_in(name: str, old: str, new: str) -> Change:
    def change(path: Path) -> None:
        text = (path / name).read_text(encoding="utf-8")
        assert old in text
        (path / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


CASES: dict[str, tuple[Change, str, int | None, str, str, str]] = {
    # name: change, file, row, column, words of what, words of mend
    "no zone": (
        text_in("communities.csv", "The Hill,Z1", "The Hill,"),
        "communities.csv", 2, "zone", "'hill' names no zone", "a zone of zones.csv",
    ),
    "unknown zone": (
        text_in("communities.csv", "The Hill,Z1", "The Hill,Z9"),
        "communities.csv", 2, "zone", "no zone is called 'Z9'", "Known: Z1, Z2",
    ),
    "share above one": (
        text_in("communities.csv", "Z1,0.5", "Z1,50"),
        "communities.csv", 2, "share", "'50' is not a share", "from 0 to 1",
    ),
    "no share": (
        text_in("communities.csv", "Z1,0.5", "Z1,"),
        "communities.csv", 2, "share", "'' is not a share", "from 0 to 1",
    ),
    "no author": (
        text_in("communities.csv", "Quay tenants", ""),
        "communities.csv", 4, "author", "'quay' has no author", "a person, a group, an assembly",
    ),
    "no date": (
        text_in("communities.csv", "2026-03-01", ""),
        "communities.csv", 4, "date", "'quay' has no date", "2026-01-31",
    ),
    "date in words": (
        text_in("communities.csv", "2026-03-01", "last spring"),
        "communities.csv", 4, "date", "'last spring' is not a date", "2026-01-31",
    ),
    "no id": (
        text_in("communities.csv", "quay,The Quay", ",The Quay"),
        "communities.csv", 4, "community", "no community", "short id",
    ),
    "zone twice": (
        text_in("communities.csv", "The Hill,Z2", "The Hill,Z1"),
        "communities.csv", 3, "zone", "already in row 2", "the whole share",
    ),
    "unknown source": (
        text_in("communities.csv", "cold homes,made-up", "cold homes,made-op"),
        "communities.csv", 2, "source", "'made-op' is not in sources.csv", "Did you mean 'made-up'?",
    ),
    "community and zone": (
        text_in("designated.csv", ",,renter,0.8,hill", "Z1,,renter,0.8,hill"),
        "designated.csv", 3, "zone", "the zone Z1 and the community 'hill'", "Leave the zone blank",
    ),
    "unknown community": (
        text_in("designated.csv", "hill", "hil"),
        "designated.csv", 3, "community", "no community is called 'hil'", "Did you mean 'hill'?",
    ),
    "community without its table": (
        lambda path: (path / "communities.csv").unlink(),
        "designated.csv", 3, "community", "no community is called 'hill'", "Add its rows to communities.csv",
    ),
    "seed of one label": (
        lambda path: (path / "seed.csv").write_text("group,homes,source\nG1,1,made-up\nG2,1,made-up\n"),
        "seed.csv", None, "", "only group", "at least two",
    ),
    "seed with a hole": (
        text_in("seed.csv", "G2,renter,25,made-up\n", ""),
        "seed.csv", None, "group", "combinations are missing: G2 / renter", "write 0 where there is none",
    ),
    "seed given twice": (
        text_in("seed.csv", "G2,owner", "G2,renter"),
        "seed.csv", 5, "group", "G2 / renter is given twice", "Keep one",
    ),
    "seed of an unknown group": (
        text_in("seed.csv", "G2,owner", "G3,owner"),
        "seed.csv", 4, "group", "no group is called 'G3'", "Known: G1, G2",
    ),
    "seed with a blank label": (
        text_in("seed.csv", "G2,owner", "G2,"),
        "seed.csv", 4, "tenure", "the tenure is blank", "Known: owner, renter",
    ),
    "seed without homes": (
        text_in("seed.csv", "G1,owner,10", "G1,owner,"),
        "seed.csv", 2, "homes", "no number of homes", "Write 0",
    ),
    "seed less than none": (
        text_in("seed.csv", "G1,owner,10", "G1,owner,-10"),
        "seed.csv", 2, "homes", "-10 homes is less than none", "0 or more",
    ),
    "seed without a source": (
        text_in("seed.csv", "G1,owner,10,made-up", "G1,owner,10,"),
        "seed.csv", 2, "source", "the row has no source", "id of a source",
    ),
    "seed of a group without homes": (
        lambda path: (path / "seed.csv").write_text(SEED.replace("10,", "0,").replace("30,", "0,")),
        "seed.csv", None, "group", "no home with the group G1", "at least one home",
    ),
    "seed with an unknown column": (
        text_in("seed.csv", "tenure", "tenancy"),
        "seed.csv", 1, "tenancy", "not known here", "Rename or delete it",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_fault_is_found_at_its_place(tmp_path: Path, case: str) -> None:
    change, file, row, column, what, mend = CASES[case]
    path = with_all(tmp_path / "a")
    assert not [f for f in check(path, VARIABLES, MEASURES) if f.file == file and f.level == "error"]
    change(path)
    findings = check(path, VARIABLES, MEASURES)
    here = [f for f in findings if (f.file, f.row, f.column) == (file, row, column)]
    shown = "\n".join(f"{f.level}: {f}" for f in findings)
    assert any(what in f.what and mend in f.mend and f.level == "error" for f in here), shown
    with pytest.raises(InputError):
        read_city(path, VARIABLES)


def test_an_empty_city_has_the_tables_with_their_headers(tmp_path: Path) -> None:
    write_template(tmp_path / "new", VARIABLES, MEASURES)
    for name in ("communities.csv", "seed.csv", "designated.csv"):
        header = (tmp_path / "new" / name).read_text(encoding="utf-8").strip().split(",")
        assert {"share", "community"} <= set(header) or name == "seed.csv"
        assert name in (tmp_path / "new" / "README.txt").read_text(encoding="utf-8").lower()
    path = small_city(tmp_path / "a")
    for name in ("communities.csv", "seed.csv"):
        (path / name).write_text((tmp_path / "new" / name).read_text(encoding="utf-8"), encoding="utf-8")
    city = read_city(path, VARIABLES)
    assert city.communities is None
    assert city.seed is None


SHARES = st.floats(0.0, 1.0)
IDS = ["hill", "quay", "mill"]


@given(
    areas=st.dictionaries(st.tuples(st.sampled_from(IDS), st.sampled_from(["Z1", "Z2", "Z3"])), SHARES, min_size=1),
    stated=st.dictionaries(st.tuples(st.sampled_from(["", *IDS]), st.sampled_from(["", "G1"])), SHARES, min_size=1),
)
def test_layout_by_zone_multiplies_shares_and_can_be_undone(
    areas: dict[tuple[str, str], float], stated: dict[tuple[str, str], float]
) -> None:
    communities = pd.DataFrame([{"community": c, "zone": z, "share": s} for (c, z), s in areas.items()])
    drawn = {c for c, _ in areas}
    rows = pd.DataFrame(
        [
            {"zone": "", "group": g, "tenure": "", "share": s, "community": c, "criterion": ""}
            for (c, g), s in stated.items()
            if not c or c in drawn
        ],
        columns=["zone", "group", "tenure", "share", "community", "criterion"],
    ).astype({"share": float})
    laid = designated_homes(rows, communities)
    expected = []
    for (c, g), s in stated.items():
        zones = [("", 1.0)] if not c else [(z, part) for (name, z), part in areas.items() if name == c]
        expected += [(z, g, s * part) for z, part in zones if not c or c in drawn]
    assert list(laid[["zone", "group", "share"]].itertuples(index=False, name=None)) == expected
    assert (laid["share"] <= 1.0).all()
    again = designated_table(laid)
    kept = [column for column in again.columns if column in rows]
    assert again[kept].to_numpy().tolist() == rows[kept].to_numpy().tolist()


