"""Inventories from and to the formats cities use: CRF sheets, CityCatalyst, C40, portal tables, our own.

Every reader returns an ``Imported`` with inventories by city; every writer first lists what its format
would lose and refuses unless told to go on.
"""

from mutirao.city.exchange.c40 import read_c40
from mutirao.city.exchange.citycatalyst import losses as citycatalyst_losses
from mutirao.city.exchange.citycatalyst import read_citycatalyst, write_citycatalyst
from mutirao.city.exchange.citytables import read_long, read_wide_years
from mutirao.city.exchange.detect import FORMATS, Format, detect, read_any
from mutirao.city.exchange.ecrf2 import read_ecrf2
from mutirao.city.exchange.ecrf3 import losses as ecrf3_losses
from mutirao.city.exchange.ecrf3 import read_ecrf3, write_ecrf3
from mutirao.city.exchange.imported import Imported
from mutirao.city.exchange.tidy import read_tidy, write_tidy_csv, write_tidy_xlsx

__all__ = [
    "FORMATS",
    "Format",
    "Imported",
    "citycatalyst_losses",
    "detect",
    "ecrf3_losses",
    "read_any",
    "read_c40",
    "read_citycatalyst",
    "read_ecrf2",
    "read_ecrf3",
    "read_long",
    "read_tidy",
    "read_wide_years",
    "write_citycatalyst",
    "write_ecrf3",
    "write_tidy_csv",
    "write_tidy_xlsx",
]
