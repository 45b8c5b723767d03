"""Which of the known formats a file is in, and reading it whatever it is."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, get_args

from mutirao.city.exchange.c40 import find_c40, read_c40
from mutirao.city.exchange.citycatalyst import find_citycatalyst, read_citycatalyst
from mutirao.city.exchange.citytables import find_wide_years, is_long, read_long, read_wide_years
from mutirao.city.exchange.ecrf2 import is_ecrf2, read_ecrf2
from mutirao.city.exchange.ecrf3 import find_ecrf3, read_ecrf3
from mutirao.city.exchange.imported import Imported
from mutirao.city.exchange.sheets import Sheet, read_sheets
from mutirao.city.exchange.tidy import find_tidy, read_tidy
from mutirao.ground.findings import Finding, InputError

Format = Literal["tidy", "ecrf3", "citycatalyst", "c40", "ecrf2", "long", "wide-years"]
FORMATS: tuple[Format, ...] = get_args(Format)


def detect(path: Path | str) -> Format:
    """Tell the format of a file from its columns, never from its name.

    A CRF workbook holds eCRF_2 and eCRF_3: the finer one is chosen. Raises InputError where no format
    fits, and for unreadable files.
    """
    sheets = read_sheets(path)
    if find_tidy(sheets) is not None:
        return "tidy"
    if _has(find_ecrf3, sheets):
        return "ecrf3"
    if _has(find_citycatalyst, sheets):
        return "citycatalyst"
    if find_c40(sheets) is not None:
        return "c40"
    if any(is_ecrf2(sheet) for sheet in sheets):
        return "ecrf2"
    if is_long(sheets):
        return "long"
    if find_wide_years(sheets) is not None:
        return "wide-years"
    what = "the file is in none of the known formats."
    raise InputError(Finding(sheets[0].file, None, "", what, f"Known: {', '.join(FORMATS)}."))


def _has(find: Callable[[list[Sheet]], object], sheets: list[Sheet]) -> bool:
    try:
        find(sheets)
    except InputError:
        return False
    return True


def read_any(
    path: Path | str,
    format: Format | None = None,
    *,
    year: int | None = None,
    city: str = "",
    gwp: str = "",
    unit: str = "",
    sectors: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
) -> Imported:
    """Read an inventory in any known format (``format`` None: detected).

    What a file does not say is asked for: ``year`` for CityCatalyst and eCRF_2, ``unit`` and ``sectors``
    for tables of city portals. Raises InputError where it is missing, and as the readers do.
    """
    kind = format or detect(path)
    if kind in ("citycatalyst", "ecrf2") and year is None:
        what = f"a file in the format {kind} does not say its year."
        raise InputError(Finding(Path(path).name, None, "year", what, "State it with --year (in Python year=)."))
    asked = year if year is not None else 0
    match kind:
        case "tidy":
            return read_tidy(path, city, gwp)
        case "ecrf3":
            return read_ecrf3(path, year, city, gwp, columns)
        case "citycatalyst":
            return read_citycatalyst(path, asked, city, gwp)
        case "ecrf2":
            return read_ecrf2(path, asked, city, gwp)
        case "c40":
            return read_c40(path, gwp)
        case "long":
            return read_long(path, unit, sectors, city, gwp, columns)
        case "wide-years":
            return read_wide_years(path, unit, sectors, city, gwp)
