"""The reference numbers, the totals they belong to and the GWP tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mutirao.city.gpc import LEVELS, REFERENCES, boundary, level, members, reference
from mutirao.city.gwp import GASES, SETS, co2e, gwp, rebase


def test_there_are_53_references_and_other_scope_3() -> None:
    assert len(REFERENCES) == 54
    assert {"III.1.3", "I.4.4", "II.5.3", "I.6.3", "VI.1"} <= set(REFERENCES)
    assert len({(r.subsector, r.description, r.ref) for r in REFERENCES.values()}) == 54


def test_members_of_the_totals() -> None:
    stationary = {f"I.{x}.{s}" for x in range(1, 7) for s in (1, 2)} | {"I.7.1", "I.8.1"}
    transport = {f"II.{x}.{s}" for x in range(1, 6) for s in (1, 2)}
    waste = {f"III.{x}.{s}" for x in range(1, 5) for s in (1, 2)}
    basic = stationary | transport | waste
    plus = basic | {f"I.{x}.3" for x in range(1, 7)} | {f"II.{x}.3" for x in range(1, 6)}
    plus |= {"IV.1", "IV.2", "V.1", "V.2", "V.3"}
    assert members("BASIC") == basic
    assert members("BASIC+") == plus
    assert members("BASIC+S3") == plus | {"VI.1"}
    territorial = {f"I.{x}.1" for x in range(1, 7)} | {"I.4.4", "I.7.1", "I.8.1"}
    territorial |= {f"II.{x}.1" for x in range(1, 6)}
    territorial |= {f"III.{x}.{s}" for x in range(1, 5) for s in (1, 3)}
    territorial |= {"IV.1", "IV.2", "V.1", "V.2", "V.3"}
    assert members("TERRITORIAL") == territorial


def test_every_reference_is_in_some_total_and_has_a_boundary() -> None:
    for ref in REFERENCES:
        smallest = boundary(ref)
        assert ref in members(level(smallest))
    assert [boundary(r) for r in ("I.1.2", "I.1.3", "VI.1", "I.4.4", "III.4.3")] == [
        "basic",
        "basic+",
        "basic+s3",
        "territorial",
        "territorial",
    ]


def test_scopes_of_waste_follow_where_it_comes_from_and_goes() -> None:
    assert [REFERENCES[f"III.1.{i}"].scope for i in (1, 2, 3)] == [1, 3, 1]
    assert [REFERENCES[f"III.1.{i}"].channel for i in (1, 2, 3)] == ["direct", "outside", "direct"]


@pytest.mark.parametrize(("text", "ref"), [("i.1.1", "I.1.1"), (" II . 5 . 3. ", "II.5.3"), ("iv.2", "IV.2")])
def test_spelling_that_cannot_be_mistaken_is_read(text: str, ref: str) -> None:
    assert reference(text).ref == ref


def test_a_lost_dot_is_named_not_mended() -> None:
    with pytest.raises(ValueError, match=r"I\.6\.3"):
        reference("I.63")


@pytest.mark.parametrize("text", ["", "VII.1", "I.1.4", "I.9.1", "total", "I.1"])
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a GPC reference"):
        reference(text)


def test_names_of_totals() -> None:
    assert [level(t) for t in ("basic", "GPC BASIC+ total", "Basic+S3", "Territorial")] == list(LEVELS)
    with pytest.raises(ValueError, match="known"):
        level("BASIC++")


def test_gwp_values_and_missing_ones() -> None:
    assert [gwp("CH4", s) for s in ("AR4-100", "AR5-100", "AR6-100", "AR6-20")] == [25, 28, 27.9, 81.2]
    assert co2e(2.0, "N2O", "AR5-100") == 530
    with pytest.raises(ValueError, match="no confirmed value"):
        gwp("CH4", "AR5-20")
    with pytest.raises(ValueError, match="not a GWP set"):
        gwp("CH4", "AR5")


def test_methane_moves_by_the_ratio_of_the_reports() -> None:
    assert rebase(25.0, "CH4", "AR4-100", "AR5-100") == 28.0
    with pytest.raises(ValueError, match="cannot be turned"):
        rebase(25.0, "", "AR4-100", "AR5-100")
    with pytest.raises(ValueError, match="cannot be turned"):
        rebase(25.0, "HFCs", "AR4-100", "AR5-100")


@given(st.floats(-1e9, 1e9), st.sampled_from(GASES), st.sampled_from(["AR4-100", "AR4-20", "AR6-100", "AR6-20"]))
def test_there_and_back_is_the_same(value: float, gas: str, other: str) -> None:
    there = rebase(value, gas, "AR5-100", other)
    assert rebase(there, gas, other, "AR5-100") == pytest.approx(value, rel=1e-14, abs=1e-300)
    assert all(table["CO2"] == 1 for table in SETS.values())
