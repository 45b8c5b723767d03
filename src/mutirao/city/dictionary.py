"""The data dictionary: every table, column, variable and measure in words, from the declarations."""

from collections.abc import Iterable, Mapping, Sequence

from mutirao.city.actions import POWERS, STATUSES
from mutirao.city.facts import GRADES, METHODS
from mutirao.city.settings import CRITERIA
from mutirao.city.variables import Variable

TABLES: dict[str, tuple[str, dict[str, str]]] = {
    "zones.csv": (
        "The neighbourhoods, in the order of every table and map. Without rows the city is one zone.",
        {
            "zone": "short id used in the other tables",
            "name": "name as people say it",
            "longitude": "degrees east (WGS 84) of a point inside",
            "latitude": "degrees north (WGS 84) of a point inside",
        },
    ),
    "inventory.csv": (
        "The inventory by GPC reference: a figure, or a notation key that says why there is none.",
        {
            "year": "year of the emissions",
            "gpc": "GPC reference, such as I.1.1",
            "carrier": "energy carrier; blank = all carriers of the reference",
            "gas": "CO2, CH4, ...; blank = a CO2e figure",
            "value": "the figure; blank is not zero",
            "unit": "t CO2e, or t for a named gas",
            "notation": "NO not occurring, IE included elsewhere, NE not estimated, C confidential",
            "pointer": "for IE: the reference that includes it",
            "quality_activity": "H, M or L: quality of the activity data",
            "quality_factor": "H, M or L: quality of the emission factor",
            "gwp": "set of global warming potentials of a CO2e figure, such as AR5-100",
            "method": "how the figure came about (list below)",
            "source": "id in sources.csv",
            "explanation": "why a key stands there, or what a reader should know",
        },
    ),
    "actions.csv": (
        "What the city or others have adopted or proposed.",
        {
            "action": "name, used once",
            "measure": "name of the measure that models it (list below); blank = cannot be modelled",
            "amount": "share of the measure's potential reached at `end`, where the unit is share",
            "unit": "share",
            "start": "year before the first effect",
            "end": "year in which the amount is reached; linear between",
            "owner": "who is responsible",
            "instrument": "law, subsidy, procurement, information ...",
            "power": "who can decide it: " + ", ".join(POWERS),
            "status": ", ".join(STATUSES),
            "funding": "where the money comes from",
            "funded_share": "share of the cost that is funded, 0 to 1; blank = unknown",
            "source": "id in sources.csv",
            "note": "anything else",
        },
    ),
    "seed.csv": (
        "Optional: how labels of homes go together in a sample of the region, such as a file of census microdata. At "
        "least two of the first four columns, every combination of them; only the pattern counts, the levels come from "
        "the tables of figures.",
        {
            "group": "id of an income group in city.toml",
            "tenure": "owner or renter",
            "dwelling": "house, small_building (two to four homes) or large_building (five or more)",
            "heating": "gas, oil, electric, district or other",
            "homes": "number of homes, 0 where there is none",
            "source": "id in sources.csv",
        },
    ),
    "communities.csv": (
        "Optional: areas that communities have drawn themselves, one row for each zone that an area touches.",
        {
            "community": "short id; designated.csv may name it",
            "name": "name as its people say it",
            "zone": "id of a zone in zones.csv",
            "share": "share of the zone's homes that lie inside the area, 0 to 1",
            "author": "who drew it: a person, a group, an assembly",
            "date": "day it was drawn, 2026-01-31",
            "how": "how it was drawn: a walk, a meeting, a map on a wall",
            "reason": "why these homes, in the words of the authors",
            "source": "id in sources.csv, or blank",
        },
    ),
    "designated.csv": (
        "Homes to which a share of the benefits is owed; needs [designation] in city.toml.",
        {
            "zone": "blank = all zones, or those of the community",
            "group": "blank = all income groups",
            "tenure": "owner or renter; blank = both",
            "share": "share of these homes that is designated, 0 to 1; times the community's share where one is named",
            "community": "optional: id in communities.csv; its zones and shares count",
            "criterion": "optional: why, one of " + ", ".join(CRITERIA),
        },
    ),
    "parameters.csv": (
        "The city's own values of parameters; a name not listed here keeps its default.",
        {
            "name": "name of the parameter",
            "value": "the value",
            "low": "low end of the plausible range",
            "high": "high end of the plausible range",
            "unit": "its unit",
            "price_year": "for money: the year of its prices",
            "kind": "fact or assumption",
            "source": "id in sources.csv",
            "note": "anything else",
        },
    ),
    "sources.csv": (
        "Where figures come from; every figure names one.",
        {
            "source": "short id used in the other tables",
            "publisher": "who publishes it",
            "title": "what it is called",
            "year": "year of publication, or a span",
            "licence": "what one may do with it",
            "address": "where to find it",
            "retrieved": "day of retrieval, 2026-01-31",
            "grade": "A official copy, B usable with a caveat, C approximate",
            "note": "what a reader should know",
        },
    ),
}

FACT_COLUMNS: dict[str, str] = {
    "zone": "id in zones.csv; blank = the whole city",
    "group": "id of an income group in city.toml; blank = all households",
    "variable": "name of the variable",
    "unit": "its unit exactly as listed; CUR stands for the city's currency, such as USD",
    "year": "year it describes",
    "value": "the figure, with a decimal point; a blank cell is not a figure and the row is not read",
    "low": "low end of the plausible range, or blank",
    "high": "high end of the plausible range, or blank",
    "method": "how it came about (list below)",
    "source": "id in sources.csv",
}

METHOD_MEANING: dict[str, str] = {
    "measured": "read from meters, registers or counts",
    "census": "from a census or a survey that stands for all",
    "community": "counted or reported by residents",
    "scaled": "a like figure of another year or place, scaled",
    "derived": "computed from other figures of the city",
    "allocated": "a total shared out by a key",
    "default": "a general value, not of this city",
    "assumed": "an estimate without data",
}


def data_dictionary(variables: Sequence[Variable], measures: Mapping[str, str]) -> str:
    """Write the data dictionary as Markdown. ``measures`` maps each measure to its meaning."""
    parts = ["# Data dictionary", ""]
    parts += [
        "Tables of figures share one shape:",
        "",
        *_table(("column", "meaning"), FACT_COLUMNS.items()),
        "",
    ]
    for file in dict.fromkeys(v.file for v in variables):
        parts += [f"## {file}", "", *_variables([v for v in variables if v.file == file]), ""]
    for file, (what, columns) in TABLES.items():
        parts += [f"## {file}", "", what, "", *_table(("column", "meaning"), columns.items()), ""]
    methods = [(name, METHOD_MEANING[name], GRADES[name]) for name in METHODS]
    parts += ["## Methods", "", *_table(("method", "meaning", "grade"), methods), ""]
    parts += ["## Measures", "", *_table(("measure", "meaning"), measures.items()), ""]
    return "\n".join(parts)


def _variables(variables: Sequence[Variable]) -> list[str]:
    header = ("variable", "unit", "by", "years", "range", "needed", "without it", "read by", "meaning")
    rows = [
        (
            f"`{v.name}`",
            v.unit,
            v.by or "city",
            "a path" if v.yearly else "one",
            range_words(v),
            "yes" if v.required else "no",
            v.default or ("no plan" if v.required else "-"),
            v.system or "-",
            v.meaning,
        )
        for v in variables
    ]
    return _table(header, rows)


def range_words(v: Variable) -> str:
    """Say in words which values a variable may take."""
    low = "" if v.minimum == float("-inf") else f"{v.minimum:g}"
    high = "" if v.maximum == float("inf") else f"{v.maximum:g}"
    if low and high:
        return f"{low} to {high}"
    return f"{low} or more" if low else f"up to {high}" if high else "any"


def _table(header: Sequence[str], rows: Iterable[Iterable[str]]) -> list[str]:
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines.extend("| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows)
    return lines
