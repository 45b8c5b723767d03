"""Income groups named by their bounds are said in every language; other names stay as the city wrote them."""

import pytest

from mutirao.ground.speech import again, in_language
from mutirao.justice.incomegroups import group_name, short_group

NAMES = {
    "below 25,000 USD of 2019 a year": (
        "below 25,000 USD of 2019", "menos de 25.000 USD de 2019 al año", "menos de 25.000 USD de 2019 por ano",
    ),
    "25,000 to 50,000 USD a year": (
        "25,000 to 50,000 USD", "de 25.000 a 50.000 USD al año", "de 25.000 a 50.000 USD por ano",
    ),
    "150,000 USD of 2019 a year and more": (
        "150,000 USD of 2019 and more", "150.000 USD de 2019 al año o más", "150.000 USD de 2019 por ano ou mais",
    ),
    "below 30,000 EUR": ("below 30,000 EUR", "menos de 30.000 EUR", "menos de 30.000 EUR"),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_bounds_are_said_in_every_language_and_english_stays(name: str) -> None:
    short, spanish, portuguese = NAMES[name]
    assert (group_name(name), short_group(name)) == (name, short)
    for code, said in (("es", spanish), ("pt-br", portuguese)):
        with in_language(code):
            assert again(name) == said


def test_a_name_of_its_own_stays() -> None:
    assert group_name("pensioners of the old town") == "pensioners of the old town"
    assert short_group("low incomes a year") == "low incomes"
    assert group_name("below 5 USD or so") == "below 5 USD or so"
