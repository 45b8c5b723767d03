"""An empty city folder that a newcomer can fill with nothing but the README inside it."""

import os
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import uuid4

import pandas as pd

from mutirao.city.actions import COLUMNS as ACTION_COLUMNS
from mutirao.city.communities import COMMUNITY_COLUMNS, DESIGNATED_COLUMNS
from mutirao.city.dictionary import FACT_COLUMNS, METHOD_MEANING, TABLES, range_words
from mutirao.city.facts import COLUMNS
from mutirao.city.folder import PARAMETER_COLUMNS, ZONE_COLUMNS
from mutirao.city.inventory import COLUMNS as INVENTORY_COLUMNS
from mutirao.city.seed import SEED_COLUMNS
from mutirao.city.sources import COLUMNS as SOURCE_COLUMNS
from mutirao.city.variables import Variable
from mutirao.ground.findings import Finding, InputError
from mutirao.ground.tables import write_table

_CITY_TOML = """\
# What the city says about itself and its promises.
# Take the '#' away in front of a line and write your own value; the lines below are examples, not defaults.
schema_version = 1

[city]
# name = "Springfield"
# id = "SPR"                      # three letters or so
# country = "US"                  # ISO 3166, two letters
# currency = "USD"                # ISO 4217; it stands where units say CUR
# base_year = 2020                # a year that inventory.csv has
# boundary = "city limits"        # what the inventory and the tables cover
# latitude = 42.1
# longitude = -72.5
# demonstration = false           # true: every page says that this is not the City's plan
# note = ""                       # optional, as is locode = "US SPR"

[plan]
# start = 2026                    # first year that can still be decided
# discount_rate = 0.03            # real, per year
# price_year = 2023               # year of all money in the results

[inventory]
# gwp = "AR5-100"                 # global warming potentials of the inventory
# level = "BASIC"                 # or "BASIC+"

[pledge]
# boundaries = ["basic"]          # what the pledge binds
# neutrality_year = 2050
# max_residual_removals = 0.10    # share of base-year emissions that removals may offset
# budget_kt = 60000               # optional: all emissions from start to neutrality, kt CO2e
# source = "pledge"               # id in sources.csv

# [[pledge.target]]               # repeat for every year with a target
# year = 2030
# cut = 0.5
# of_year = 2005
# source = "pledge"

# [budgets]                       # optional: million of currency a year that a party can pay in cash
# city = 150.0

# [[groups]]                      # optional: household income groups from low to high
# id = "low"
# name = "Under 50,000"
# income_max = 50000              # the last group has none
# low_income = true
# [[groups]]
# id = "high"
# name = "50,000 and more"
# low_income = false

# Fairness rules: people set them, so each says who, when and how. on = false keeps a rule in the file without effect.
# Every number below is an example. With mutirao plan --rule a rule can be tried without changing this file.

# [rules.no_low_income_worse_off] # no low-income group in any zone pays more than under business as adopted
# on = true
# set_by = "city council"
# date = 2026-01-31
# how = "vote after three public meetings"

# [rules.no_group_worse_off]      # the same for every income group
# on = false
# set_by = "city council"
# date = 2026-01-31
# how = "vote"

# [rules.benefit_share]           # designated homes get this share of what households gain; needs designated.csv
# on = true
# share = 0.40
# set_by = "city council"
# date = 2026-01-31
# how = "vote"

# [rules.burden_cap]              # groups spend at most this share of their income on energy at home
# on = true
# level = 0.06
# who = "low_income"              # or "designated", "all"
# from_year = 2035                # optional: until then the rule does not bind
# set_by = "city council"
# date = 2026-01-31
# how = "vote"

# [rules.poverty_gap]             # what homes spend on energy above a share of income shrinks by this cut
# on = true
# threshold = 0.06
# cut = 0.5
# from_year = 2035                # optional
# set_by = "city council"
# date = 2026-01-31
# how = "vote"

# [rules.cvar]                    # the worst-off homes spend at most this many times what they would as adopted
# on = true
# worst = 0.2                     # the fifth of homes with the highest spending for their income
# level = 0.9
# from_year = 2035                # optional
# set_by = "city council"
# date = 2026-01-31
# how = "vote"

# [rules.priority]                # these works reach designated homes at least as much as all homes, times level
# on = true
# measures = ["heat.district_heat", "buildings.deep_retrofit"]
# level = 1.0                     # optional
# set_by = "tenants' assembly"
# date = 2026-01-31
# how = "assembly of 40 tenants"

# [rules.warm_rent]               # tenants of low-income groups never pay more rent for works than these save them
# on = true
# from_year = 2030                # optional
# set_by = "city council"
# date = 2026-01-31
# how = "vote"

# [designation]                   # who drew up designated.csv
# name = "Neighbourhoods named by the housing plan"
# author = "housing department"
# date = 2026-01-31
# source = "housing-plan"
# criteria = ["income", "area"]   # optional: income, tenure, age, disability, race_ethnicity (only where lawful), area
# how = "four meetings"           # optional: how it was drawn up, and its legal basis where it needs one
"""

_STEPS = """\
HOW TO FILL THIS FOLDER

1. Open city.toml in a text editor; take away the '#' of each line you need and write your own value.
2. If the city has neighbourhoods, list them in zones.csv. If it is planned as one, leave that table empty.
3. Write each source you use as a row of sources.csv; its first row is an example to replace.
4. Fill the tables of figures. Their rows are prepared for the whole city (zone and group blank); for
   neighbourhoods, copy a row for each and write its id under zone. All neighbourhoods or none.
   A row whose value is blank is not read: leave what you do not know.
5. Communities that have drawn their own area go into communities.csv; designated.csv may name them. A table of how
   income, tenure, building and heating go together in your region goes into seed.csv. Leave both empty otherwise.
6. Write the inventory into inventory.csv, and what is adopted or proposed into actions.csv.
7. Check the folder. Each finding names file, row and column and says how to mend it.

Save tables as "CSV UTF-8 (comma delimited)" with a decimal point and no thousands separators.
Blank, zero and a notation key are three different things: blank is unknown, 0 is none, NO is
"does not occur here".
"""


def write_template(
    path: Path | str, variables: Sequence[Variable], measures: Mapping[str, str] | Sequence[str]
) -> None:
    """Write an empty, explained city folder; it appears only when complete.

    ``measures`` are names, with their meaning where a mapping is given. Raises InputError where ``path`` is
    not empty.
    """
    path = Path(path).absolute()
    if path.exists() and (path.is_file() or any(path.iterdir())):
        raise InputError(Finding(path.name, None, "", "the folder is not empty.", "Choose a new folder."))
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{uuid4().hex}.part")
    draft.mkdir()
    try:
        (draft / "city.toml").write_text(_CITY_TOML, encoding="utf-8")
        (draft / "README.txt").write_text(_readme(variables, measures), encoding="utf-8")
        for file in dict.fromkeys(v.file for v in variables):
            write_table(_rows([v for v in variables if v.file == file]), draft / file)
        headers = {
            "zones.csv": ZONE_COLUMNS,
            "inventory.csv": INVENTORY_COLUMNS,
            "actions.csv": ACTION_COLUMNS,
            "seed.csv": SEED_COLUMNS,
            "communities.csv": COMMUNITY_COLUMNS,
            "designated.csv": DESIGNATED_COLUMNS,
            "parameters.csv": PARAMETER_COLUMNS,
        }
        for file, columns in headers.items():
            write_table(pd.DataFrame(columns=list(columns)), draft / file)
        write_table(_example_source(), draft / "sources.csv")
        if path.is_dir():
            path.rmdir()
        os.replace(draft, path)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _rows(variables: Sequence[Variable]) -> pd.DataFrame:
    blank = dict.fromkeys(COLUMNS, "")
    return pd.DataFrame([{**blank, "variable": v.name, "unit": v.unit} for v in variables], columns=list(COLUMNS))


def _example_source() -> pd.DataFrame:
    example = {
        "source": "census-2020",
        "publisher": "Statistical office",
        "title": "Example to replace: Population and housing census",
        "year": "2020",
        "licence": "public domain",
        "address": "",
        "retrieved": "2026-01-31",
        "grade": "A",
        "note": "",
    }
    return pd.DataFrame([example], columns=list(SOURCE_COLUMNS))


def _readme(variables: Sequence[Variable], measures: Mapping[str, str] | Sequence[str]) -> str:
    files = list(dict.fromkeys(v.file for v in variables))
    parts = [_STEPS, "", f"TABLES OF FIGURES: {', '.join(files)}", *_words(FACT_COLUMNS), "", "Methods:"]
    parts += _words(METHOD_MEANING)
    for file in files:
        parts += ["", f"Variables of {file}:"]
        for v in variables:
            if v.file == file:
                parts += _variable(v)
    for file, (what, columns) in TABLES.items():
        parts += ["", file.upper(), *textwrap.wrap(what, 100), *_words(columns)]
    meanings = measures if isinstance(measures, Mapping) else dict.fromkeys(measures, "")
    parts += ["", "MEASURES that actions.csv may name", *_words(meanings)]
    return "\n".join(parts) + "\n"


def _variable(v: Variable) -> list[str]:
    detail = {
        "": "the whole city only",
        "zone": "by zone",
        "group": "by group",
        "zone group": "by zone and group",
    }
    words = [v.unit, detail[v.by], range_words(v)]
    words += ["several years make a path"] if v.yearly else []
    words += ["NEEDED"] if v.required else []
    lead = f"  {v.name} [{'; '.join(words)}]"
    return [lead, *textwrap.wrap(v.meaning, 96, initial_indent="      ", subsequent_indent="      ")]


def _words(columns: Mapping[str, str]) -> list[str]:
    return [f"  {name:<18} {meaning}".rstrip() for name, meaning in columns.items()]
