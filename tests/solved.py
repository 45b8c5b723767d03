"""Small cities, planned once for all tests that look at plans."""

import tempfile
from functools import cache
from pathlib import Path

from mutirao.plan.build import Inputs
from mutirao.plan.pipeline import Plans, make_plans
from tests.planned_cities import inputs_of, one_zone, two_zones


@cache
def small_inputs() -> Inputs:
    """Two zones, two income groups, both tenures."""
    return inputs_of(two_zones(Path(tempfile.mkdtemp()) / "littleton"))


@cache
def small_plans() -> Plans:
    """All plans of the small city, prices of rules included."""
    return make_plans(small_inputs())


@cache
def whole_city_plans() -> Plans:
    """A city that brings no zones and no income groups."""
    return make_plans(inputs_of(one_zone(Path(tempfile.mkdtemp()) / "onetown")))
