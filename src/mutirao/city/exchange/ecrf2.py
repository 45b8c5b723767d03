"""The wide sheet of the CRF workbook ("eCRF_2"): one line per sub-sector, three pairs of figure and key."""

from pathlib import Path

from mutirao.city.exchange.headers import normalise
from mutirao.city.exchange.imported import Imported, imported
from mutirao.city.exchange.sheets import Sheet, read_sheets
from mutirao.city.gpc import REFERENCES, Channel
from mutirao.city.inventory import Row
from mutirao.city.notation import Notation, parse_notation
from mutirao.ground.findings import Finding, InputError
from mutirao.ground.tables import number

_GRID = {
    "Electricity-only generation": "electricity",
    "CHP generation": "CHP",
    "Heat/cold generation": "heat/cold",
    "Local renewable generation": "local renewables",
}
"""The four lines of energy generated for a grid, and the carrier each becomes under I.4.4."""

_STEMS = {
    "Residential buildings": "I.1",
    "Commercial buildings": "I.2",
    "Commercial buildings & facilities": "I.2",
    "Institutional buildings": "I.2",
    "Institutional buildings & facilities": "I.2",
    "Commercial and institutional buildings and facilities": "I.2",
    "Industrial buildings": "I.3",
    "Industrial buildings & facilities": "I.3",
    "Industry": "I.3",
    "Manufacturing industries and construction": "I.3",
    "Energy industries": "I.4",
    "Agriculture": "I.5",
    "Agriculture, forestry and fishing activities": "I.5",
    "Non-specified sources": "I.6",
    "Fugitive emissions": "I.8",
    "On-road": "II.1",
    "On-road transportation": "II.1",
    "Rail": "II.2",
    "Railways": "II.2",
    "Waterborne navigation": "II.3",
    "Aviation": "II.4",
    "Off-road": "II.5",
    "Off-road transportation": "II.5",
    "Solid waste": "III.1",
    "Solid waste disposal": "III.1",
    "Biological waste": "III.2",
    "Biological treatment": "III.2",
    "Biological treatment of waste": "III.2",
    "Incinerated and burned waste": "III.3",
    "Incineration and open burning": "III.3",
    "Wastewater": "III.4",
    "Wastewater treatment and discharge": "III.4",
    "Industrial process": "IV.1",
    "Industrial processes": "IV.1",
    "Product use": "IV.2",
    "Livestock": "V.1",
    "Land": "V.2",
    "Land use": "V.2",
    "Other AFOLU": "V.3",
    "Aggregate sources": "V.3",
    "Aggregate sources and non-CO2 emissions on land": "V.3",
    **dict.fromkeys(_GRID, "I.4.4"),
}
_BY_LABEL = {normalise(label): stem for label, stem in _STEMS.items()}
_CARRIER_BY_LABEL = {normalise(label): carrier for label, carrier in _GRID.items()}
_CHANNELS: tuple[Channel, ...] = ("direct", "indirect", "outside")
_SUFFIX = {
    "I": {"direct": "1", "indirect": "2", "outside": "3"},
    "II": {"direct": "1", "indirect": "2", "outside": "3"},
    "III": {"direct": "1", "outside": "2"},
}
_WIDTH = 7


def is_ecrf2(sheet: Sheet) -> bool:
    """Tell whether a sheet has lines of the form "Sector > Sub-sector" with known sub-sectors."""
    labels = [cells[0] for cells in sheet.rows if cells and ">" in cells[0]]
    return sum(_stem(label) is not None for label in labels) >= 3


def read_ecrf2(path: Path | str, year: int, city: str = "", gwp: str = "") -> Imported:
    """Read an eCRF_2 sheet: label, three pairs (t CO2e, key) for direct, indirect, outside, explanation.

    Commercial and institutional lines are added up into I.2; the four lines of generation for a grid
    become carriers of I.4.4; fugitive emissions, one line for coal, oil and gas, become I.8.1 with I.7.1
    included in it. Raises InputError with every line that cannot be read.
    """
    sheets = read_sheets(path)
    fitting = [s for s in sheets if normalise(s.name) == "ecrf2"] or [s for s in sheets if is_ecrf2(s)]
    if len(fitting) != 1:
        what = "no sheet has the lines of eCRF_2." if not fitting else "several sheets look like eCRF_2."
        raise InputError(Finding(sheets[0].file, None, "", what, "Name the right one 'eCRF_2'."))
    sheet = fitting[0]
    labelled: list[tuple[Row, str]] = []
    findings: list[Finding] = []
    for place, cells in enumerate(sheet.rows, start=1):
        if not cells or ">" not in cells[0]:
            continue
        try:
            labelled += [(row, cells[0]) for row in _rows(cells, place, sheet.file, year)]
        except InputError as error:
            findings += error.findings
    return imported({city: labelled}, sheet.file, gwp, (), findings)


def _stem(label: str) -> str | None:
    return _BY_LABEL.get(normalise(label.rpartition(">")[2]))


def _rows(cells: list[str], place: int, file: str, year: int) -> list[Row]:
    label = cells[0]
    filled = [*cells, *[""] * _WIDTH]
    stem = _stem(label)
    if stem is None:
        if "total" in normalise(label) or not any(filled[1:]):
            return []
        what = f"the sub-sector '{label}' is not known."
        raise InputError(Finding(file, place, "", what, "Write it as the CRF does, or correct the label."))
    explanation = next((text for text in filled[_WIDTH:] if text), "")
    rows: list[Row] = []
    for i, channel in enumerate(_CHANNELS):
        figure, key = filled[1 + 2 * i], filled[2 + 2 * i]
        ref = _reference(stem, channel)
        if not figure and not key:
            continue
        notation = _notation(key, place, file, channel)
        value = number(figure, file, place, channel)
        if ref is None:
            if value:
                what = f"'{label}' has no {channel} emissions in the GPC."
                raise InputError(Finding(file, place, channel, what, "Move the figure to its own line."))
            continue
        said = "; ".join(text for text in (explanation, notation.remark) if text)
        carrier = _CARRIER_BY_LABEL.get(normalise(label.rpartition(">")[2]), "")
        row = Row(
            year=year,
            gpc=ref,
            carrier=carrier,
            value=value,
            notation=notation.keys,
            pointer=notation.pointer,
            explanation=said,
            row=place,
        )
        rows.append(row)
        if ref == "I.8.1" and "fugitive" in normalise(label):
            coal = ("IE",) if value is not None else notation.keys
            target = "I.8.1" if value is not None else ""
            said = "one line for all fugitive emissions" if value is not None else said
            rows.append(Row(year, "I.7.1", notation=coal, pointer=target, explanation=said, row=place))
    return rows


def _reference(stem: str, channel: Channel) -> str | None:
    """Build the reference: sub-sectors of IV and V, I.4.4 and fugitives only have direct emissions."""
    if stem in REFERENCES:
        return stem if channel == "direct" else None
    suffix = _SUFFIX[stem.partition(".")[0]].get(channel)
    ref = f"{stem}.{suffix}" if suffix else ""
    return ref if ref in REFERENCES else None


def _notation(text: str, place: int, file: str, column: str) -> Notation:
    try:
        return parse_notation(text)
    except ValueError as error:
        raise InputError(Finding(file, place, column, f"{error}.", "Write NO, IE, NE or C.")) from None
