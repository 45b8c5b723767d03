"""Low-Income Energy Affordability Data (LEAD) of the US Department of Energy: homes, income and spend by census tract.

A file holds a state's tracts, one row per tract, income band, tenure, age and kind of building and heating fuel, with
the number of homes (UNITS) and sums over them (HINCP*UNITS: income, ELEP*UNITS: electricity, GASP*UNITS: gas,
FULP*UNITS: other fuels, USD a year). The "... UNITS" columns count the homes for which that figure is known: sums are
divided by them, never by UNITS. The burden of any area is the sum of spends over the sum of incomes.

Layouts. 2018 (OEDI submission 573): FIP, ABV, AMI68 or FPL15 or SMI, TEN (OWNER, RENTER), YBL6, BLD, HFL. 2022 (OEDI
submission 6219): AMI150 or FPL150 or SMI150, TEN-YBL6, TEN-BLD, TEN-HFL, and often TEN (OWN, REN). FIP often reads back
as a whole number without its leading zero. No file of DOE was at hand: the columns were read in public code that reads
these files (R package emburden for 2018; scripts quoting the Data Dictionary 2022), not in the dictionaries themselves.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mutirao.city.facts import COLUMNS as FACT_COLUMNS
from mutirao.ground.findings import Finding, InputError
from mutirao.ground.speech import digits, say, word

LABEL = word("modelled by DOE (raked census microdata calibrated to utility totals), not observed bills")
"""What must stand beside every figure from these files."""
INCOME_BASIS = word("household income before tax (HINCP of the census survey)")
VINTAGES: Mapping[int, Mapping[str, tuple[str, ...]]] = {
    2018: {"band": ("AMI68", "FPL15", "SMI", "SMI68"), "detail": ("YBL6", "BLD", "HFL")},
    2022: {"band": ("AMI150", "FPL150", "SMI150"), "detail": ("TEN-YBL6", "TEN-BLD", "TEN-HFL")},
}
"""Column names by which the vintage of a file is told."""
MONEY = {"income": "HINCP", "electricity": "ELEP", "gas": "GASP", "other_fuel": "FULP"}
FUELS = ("electricity", "gas", "other_fuel")
KEYS = ("tract", "band", "tenure")
TENURES = {"OWN": "owner", "OWNER": "owner", "REN": "renter", "RENT": "renter", "RENTER": "renter"}
BAND_NAMES = {"AMI": "area median income", "FPL": "federal poverty level", "SMI": "state median income"}
_BLANK = ("", "NA", "NaN", "nan", "NULL")
_BAND = re.compile(r"(\d+)(?:\s*-\s*(\d+))?\s*%\s*(\+?)")


def read_lead(path: Path | str, vintage: int | None = None, county: str = "") -> pd.DataFrame:
    """Read a LEAD file of census tracts, vintage 2018 or 2022, as one row per tract, income band and tenure.

    vintage : checked against the columns when given. county : keep only tracts whose number begins with it (5 digits
    of state and county). Columns ``tract`` (11 digits), ``band``, ``tenure``, ``homes``, the sums ``income``,
    ``electricity``, ``gas``, ``other_fuel`` (USD a year over all homes of the row) and for each the homes over which
    it is known (``income_homes`` ...). Ordered by tract and band. ``attrs``: vintage, bands (AMI, FPL or SMI), label,
    file. Raises InputError for another kind of file, missing columns, another vintage, text where numbers belong,
    negative homes or spend, unknown tenure and FIP that are no tracts; rows count as a spreadsheet shows them.
    """
    path = Path(path)
    raw, found, band = _columns(path, vintage)
    findings: list[Finding] = []
    tract = _tracts(raw["FIP"], path.name)
    if county:
        keep = tract.str.startswith(county).to_numpy()
        if not keep.any():
            there = ", ".join(sorted(tract.str[:5].unique())[:6])
            what = say("no tract begins with {county}; the file has counties {there}.", county=county, there=there)
            mend = word("Give state and county in 5 digits, such as 25025.")
            raise InputError(Finding(path.name, None, "FIP", what, mend))
        raw, tract = raw[keep], tract[keep]
    out = pd.DataFrame({"tract": tract, "band": raw[band].str.strip(), "tenure": _tenure(raw, path.name)})
    out["homes"] = _number(raw, "UNITS", path.name, findings)
    for name, code in MONEY.items():
        out[name], out[f"{name}_homes"] = _sums(raw, code, out["homes"], path.name, findings)
    findings += _negative(out, raw, path.name)
    if findings:
        raise InputError(findings[:20])
    figures = [c for c in out.columns if c not in KEYS]
    out = out.groupby(list(KEYS), sort=False)[figures].sum().reset_index()
    rank = {one: n for n, one in enumerate(sorted(out["band"].unique(), key=_start_of_band))}
    order = out.assign(rank=out["band"].map(rank)).sort_values(["tract", "rank", "tenure"]).index
    out = out.loc[order].reset_index(drop=True)
    out.attrs.update(vintage=found, bands=band[:3], label=LABEL, file=path.name)
    return out


def official_burden(lead: pd.DataFrame) -> float:
    """Burden of all rows by DOE's own aggregate: sums of ELEP, GASP and FULP times UNITS over that of HINCP."""
    return float(lead[list(FUELS)].sum().sum() / lead["income"].sum())


def lead_cells(lead: pd.DataFrame, zones: Mapping[str, str] | None = None) -> pd.DataFrame:
    """LEAD rows as home cells: what an average home of each zone, income band and tenure earns and spends.

    zones : tract -> zone; tracts that it leaves out are left out. Without it every tract is a zone. Columns zone,
    group (the band), tenure, homes, income, energy, electricity, gas, other_fuel: USD per home and year; everything
    else of home cells is not known. As DOE does, spend is divided by the homes whose electricity is known, so that
    fuels add up, and income by those whose income is known. Cells without either are left out, negative mean incomes
    count as none; ``attrs["notes"]`` says of how many homes. Raises InputError where no tract is in ``zones``.
    """
    rows = lead.assign(zone=lead["tract"] if zones is None else lead["tract"].map(zones))
    rows = rows[rows["zone"].notna() & (rows["homes"] > 0)]
    if not len(rows):
        file = lead.attrs.get("file", "LEAD file")
        what = word("none of its tracts is in the table of tracts and zones.")
        raise InputError(Finding(str(file), None, "FIP", what, word("Compare both tables.")))
    figures = [c for c in lead.columns if c not in KEYS]
    cells = rows.groupby(["zone", "band", "tenure"], sort=False)[figures].sum().reset_index()
    # Bands from the lowest, also where the first zone lacks some: tables show groups as they come.
    rank = cells["band"].map({one: n for n, one in enumerate(sorted(cells["band"].unique(), key=_start_of_band))})
    cells = cells.loc[rank.sort_values(kind="stable").index].rename(columns={"band": "group"})
    known = (cells["income_homes"] > 0) & (cells["electricity_homes"] > 0)
    notes = [LABEL[0].upper() + LABEL[1:] + "."]
    if (lost := float(cells.loc[~known, "homes"].sum())) > 0:
        left = digits(lost, ",.0f")
        notes.append(say("{homes} homes are left out: the file gives them no income or no spend.", homes=left))
    cells = cells[known].reset_index(drop=True)
    below = cells["income"] < 0
    if below.any():
        notes.append(say(
            "{homes} homes are in cells with a negative mean income, which counts as no income here; DOE's own ratio "
            "keeps it.", homes=digits(float(cells.loc[below, "homes"].sum()), ",.0f"),
        ))  # fmt: skip
    out = cells[["zone", "group", "tenure", "homes"]].copy()
    out["income"] = cells["income"].clip(lower=0.0) / cells["income_homes"]
    for fuel in FUELS:
        out[fuel] = cells[fuel] / cells["electricity_homes"]
    out.insert(5, "energy", out[list(FUELS)].sum(axis=1))
    out.attrs.update(income_basis=INCOME_BASIS, currency="USD", file=lead.attrs.get("file", "LEAD file"), notes=notes)
    return out


def margins(
    lead: pd.DataFrame, mapping: Mapping[str, str] | None = None, groups: Mapping[str, str] | None = None,
    source: str = "",
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """What a LEAD file gives a city folder: rows of its tables, by the name of the table.

    mapping : tract -> zone. groups : income band -> id of the city's income group; without it ids like ``fpl_0_100``.
    source : id in sources.csv; ``lead2022`` unless given. Returns "people.csv" (households by zone and group, owners
    and renters by zone, household_income by zone and group), "energy.csv" (home_energy_spend by zone and group),
    "seed.csv" (homes by group and tenure, so that raking knows how they go together) and "sources.csv". Money in
    USD of the vintage. Every method is "derived": DOE modelled it. Spend by tenure has no row: a folder holds none.
    """
    cells = lead_cells(lead, mapping)
    kind, year = str(lead.attrs["bands"]).lower(), int(lead.attrs["vintage"])
    ids = groups or {one: _band_id(kind, one) for one in cells["group"].unique()}
    absent = sorted(set(cells["group"]) - set(ids))
    if absent:
        what = say("the band '{band}' belongs to no income group.", band=absent[0])
        raise InputError(Finding(str(lead.attrs["file"]), None, "", what, word("Give every band a group.")))
    cells["group"] = cells["group"].map(dict(ids))
    origin = source or f"lead{year}"
    label: dict[str, Any] = {"year": year, "method": "derived", "source": origin, "low": "", "high": ""}
    homes = cells.groupby(["zone", "group"], sort=False)["homes"].sum().reset_index(name="value")
    tenure = cells.groupby(["zone", "tenure"], sort=False)["homes"].sum().reset_index(name="value")
    tenure = tenure.assign(variable="households_" + tenure["tenure"], group="", unit="households")
    people = [homes.assign(variable="households", unit="households"), tenure,
              _means(cells, "income").assign(variable="household_income", unit="USD/year")]  # fmt: skip
    spend = _means(cells, "energy").assign(variable="home_energy_spend", unit="USD/year")
    seed = cells.groupby(["group", "tenure"], sort=False)["homes"].sum()
    every = pd.MultiIndex.from_product([list(dict.fromkeys(ids.values())), ["owner", "renter"]], names=seed.index.names)
    named = f"Low-Income Energy Affordability Data, vintage {year}, by {BAND_NAMES[kind.upper()]}"
    about = {"source": origin, "publisher": "US Department of Energy", "title": named, "year": str(year),
             "licence": "see the data's page", "address": f"OEDI submission {573 if year == 2018 else 6219}",
             "retrieved": "", "grade": "B", "note": LABEL}  # fmt: skip
    return {
        "people.csv": pd.concat(people, ignore_index=True).assign(**label)[list(FACT_COLUMNS)],
        "energy.csv": spend.assign(**label)[list(FACT_COLUMNS)],
        "seed.csv": seed.reindex(every, fill_value=0.0).reset_index().assign(source=origin),
        "sources.csv": pd.DataFrame([about]),
    }


def read_tracts(path: Path | str) -> dict[str, str]:
    """Read a table with columns tract and zone: which zone each census tract lies in. Raises InputError."""
    path = Path(path)
    table = _read(path)
    for column in ("tract", "zone"):
        if column not in table:
            mend = word("Give columns tract, zone.")
            raise InputError(Finding(path.name, None, column, word("the column is missing."), mend))
    tract = _tracts(table["tract"], path.name, "tract")
    twice = tract.duplicated()
    if twice.any():
        row = int(np.flatnonzero(twice)[0])
        what = say("tract {tract} is given twice.", tract=tract.iloc[row])
        raise InputError(Finding(path.name, row + 2, "tract", what, word("Give each tract one zone.")))
    return dict(zip(tract, table["zone"].str.strip(), strict=True))


def _means(cells: pd.DataFrame, column: str) -> pd.DataFrame:
    total = cells.assign(value=cells[column] * cells["homes"]).groupby(["zone", "group"], sort=False)
    summed = total[["value", "homes"]].sum()
    return (summed["value"] / summed["homes"]).reset_index(name="value")


def _band_id(kind: str, band: str) -> str:
    found = _BAND.fullmatch(band)
    if not found:
        return f"{kind}_{re.sub('[^a-z0-9]+', '_', band.lower()).strip('_')}"
    return f"{kind}_{found[1]}_{found[2] or 'up'}"


def _start_of_band(band: str) -> tuple[float, str]:
    """Bands from the lowest; one without a number goes last."""
    found = _BAND.match(band)
    return (float(found[1]) if found else np.inf, band)


def _read(path: Path, columns: list[str] | None = None, rows: int | None = None) -> pd.DataFrame:
    """A comma-separated file as text; only some columns of a large one; with ``rows`` 0 its header alone."""
    try:
        with path.open("rb") as stream:
            if stream.read(2) == b"PK":
                what = word("this is a zip archive or a workbook, not a text table.")
                mend = word("Unpack it and give the .csv of census tracts.")
                raise InputError(Finding(path.name, None, "", what, mend))
        # Blank lines are kept until the rows are numbered as a spreadsheet numbers them.
        table = pd.read_csv(
            path, dtype=str, usecols=columns, nrows=rows, keep_default_na=False, skipinitialspace=True,
            skip_blank_lines=False, encoding="utf-8-sig", encoding_errors="replace",
        )  # fmt: skip
        table = table.fillna("")
        return table[(table != "").any(axis=1)]
    except (FileNotFoundError, IsADirectoryError):
        mend = say("Put it at {path}.", path=path)
        raise InputError(Finding(path.name, None, "", word("there is no such file."), mend)) from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        what = say("the file cannot be read as a table ({error}).", error=" ".join(str(error).split())[:120])
        raise InputError(Finding(path.name, None, "", what, word("Download it again and unpack it whole."))) from None


def _columns(path: Path, vintage: int | None) -> tuple[pd.DataFrame, int, str]:
    """The columns that are needed, the vintage they show and the income band's column."""
    if vintage is not None and vintage not in VINTAGES:
        what = say("vintage {year} is not known.", year=vintage)
        raise InputError(Finding(path.name, None, "", what, word("Give 2018 or 2022.")))
    names = {name.strip(): name for name in _read(path, rows=0).columns}
    if any(re.fullmatch(r"(HINCP|ELEP|GASP|FULP)\.UNITS(\.1)?", name) for name in names):
        what = word(
            "a name like 'HINCP.UNITS' may be a sum (HINCP*UNITS) or a count (HINCP UNITS): R has rewritten it."
        )
        raise InputError(Finding(path.name, 1, "", what, word("Give the file as DOE publishes it.")))
    bands = {name: year for year, kind in VINTAGES.items() for name in kind["band"] if name in names}
    if not bands:
        what = word("the column of income bands is missing.")
        known = ", ".join(n for kind in VINTAGES.values() for n in kind["band"])
        raise InputError(Finding(path.name, 1, "", what, say("A LEAD file has one of {names}.", names=known)))
    band, found = next(iter(bands.items()))
    detail = {year for year, kind in VINTAGES.items() if any(name in names for name in kind["detail"])}
    if (detail and detail != {found}) or (vintage is not None and vintage != found):
        told = vintage if vintage is not None else min(detail - {found})
        what = say(
            "the column {band} is of vintage {found}, while vintage {told} is asked for or shown by other columns.",
            band=band,
            found=found,
            told=told,
        )
        mend = word("Give one whole file of one vintage, 2018 or 2022.")
        raise InputError(Finding(path.name, 1, band, what, mend))
    missing = [name for name in ("FIP", "UNITS") if name not in names]
    missing += [c for c in MONEY.values() if c not in names and f"{c}*UNITS" not in names]
    if not {"TEN", *VINTAGES[found]["detail"]} & set(names):
        missing.append("TEN")
    if missing:
        mend = word("Use the file '<state> AMI (or FPL) Census Tracts <year>.csv'.")
        findings = [Finding(path.name, 1, name, word("the column is missing."), mend) for name in missing]
        raise InputError(findings)
    wanted = {"FIP", "UNITS", "TEN", band, *VINTAGES[found]["detail"]}
    wanted |= {text for c in MONEY.values() for text in (c, f"{c}*UNITS", f"{c} UNITS")}
    raw = _read(path, [names[name] for name in names if name in wanted])
    return raw.rename(columns=str.strip), found, band


def _tracts(column: pd.Series, file: str, name: str = "FIP") -> pd.Series:
    """Tract numbers of 11 digits; a leading zero that was lost is put back."""
    text = column.str.strip().str.removesuffix(".0")
    bad = ~text.str.fullmatch(r"\d{10,11}")
    if bad.any():
        n = int(np.flatnonzero(bad.to_numpy())[0])
        what = say(
            "'{text}' is no census tract: tracts have 11 digits (10 where a leading zero was lost).", text=text.iloc[n]
        )
        mend = word("Use the file of census tracts; those of states, counties and cities have other numbers.")
        raise InputError(Finding(file, n + 2, name, what, mend))
    return text.str.zfill(11)


def _tenure(raw: pd.DataFrame, file: str) -> pd.Series:
    """Owner or renter, from TEN or the first word of a column such as TEN-BLD."""
    column = next(c for c in ("TEN", "TEN-BLD", "TEN-YBL6", "TEN-HFL") if c in raw)
    said = raw[column].str.strip().str.upper().str.split(r"[\s:-]", n=1, regex=True).str[0]
    known = said.map(TENURES)
    if known.isna().any():
        row = known.index[int(np.flatnonzero(known.isna().to_numpy())[0])]
        what = say("'{text}' says neither owner nor renter.", text=raw.loc[row, column])
        raise InputError(Finding(file, int(row) + 2, column, what, word("Use the file as DOE publishes it.")))
    return known


def _number(raw: pd.DataFrame, column: str, file: str, findings: list[Finding]) -> pd.Series:
    """A column as numbers, NaN where it is blank or NA; anything else becomes a finding."""
    text = raw[column].str.strip()
    values = pd.to_numeric(text.where(~text.isin(_BLANK)), errors="coerce").astype(float)
    bad = (values.isna() & ~text.isin(_BLANK)) | np.isinf(values)
    for row in raw.index[bad][:3]:
        what = say("'{text}' is not a number.", text=text.loc[row])
        findings.append(Finding(file, int(row) + 2, column, what, word("Write a number or leave the cell blank.")))
    return values


def _sums(
    raw: pd.DataFrame, code: str, homes: pd.Series, file: str, findings: list[Finding]
) -> tuple[pd.Series, pd.Series]:
    """The sum over a row's homes and the homes over which it is known; both 0 where it is not known."""
    product, count = f"{code}*UNITS", f"{code} UNITS"
    sums = _number(raw, product, file, findings) if product in raw else _number(raw, code, file, findings) * homes
    known = _number(raw, count, file, findings) if count in raw else homes.where(sums.notna())
    return sums.fillna(0.0), known.fillna(0.0)


def _negative(out: pd.DataFrame, raw: pd.DataFrame, file: str) -> list[Finding]:
    """Homes and spends below zero, and homes that are not known; incomes may be negative in these files."""
    findings = []
    for name, code in (("homes", "UNITS"), *((fuel, f"{MONEY[fuel]}*UNITS") for fuel in FUELS)):
        for row in out.index[(out[name] < 0) | out[name].isna()][:3]:
            shown = word("blank") if pd.isna(out.loc[row, name]) else f"{out.loc[row, name]:g}"
            what = say("'{text}' cannot be: neither homes nor spend are negative or blank.", text=shown)
            mend = word("Correct the row or download the file again.")
            findings.append(Finding(file, int(row) + 2, code, what, mend))
    return findings
