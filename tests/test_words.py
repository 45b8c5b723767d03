"""How texts are set for readers."""

import pytest

from mutirao.report.words import chemical


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("t CO2e/MWh", "t CO₂e/MWh"),
        ("kWh/(m2 a)", "kWh/(m² a)"),
        ("3 km2", "3 km²"),
        ("energy.csv (cambium2022)", "energy.csv (cambium2022)"),
    ],
)
def test_units_get_their_powers_and_names_keep_their_digits(text: str, shown: str) -> None:
    assert chemical(text) == shown
