"""`mutirao poverty`: who spends too much of their income on energy at home, from margins alone, in seconds."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.table import Table
from rich.text import Text

from mutirao.city.folder import City
from mutirao.cli.console import complain, output, say
from mutirao.cli.reading import given_city
from mutirao.ground.findings import Finding, InputError
from mutirao.ground.tables import write_table
from mutirao.ground.writing import write_text
from mutirao.justice.disclosure import LEAST, merged
from mutirao.justice.lead import BAND_NAMES, LABEL, lead_cells, margins, official_burden, read_lead, read_tracts
from mutirao.justice.poverty import LABELS, freeze, indicators
from mutirao.model.baseyear import base_year
from mutirao.model.homecells import home_cells
from mutirao.model.system import installed_systems
from mutirao.plan.inputs import default_parameters, parameters_of
from mutirao.report.words import number

SPREAD = "within_cell_spread"
MERGED = "small ones, merged"
"""The label of cells with fewer than ten homes, which are printed together."""
CHIEF = ("burden_ratio", "EB6", "EB10", "TPR", "2M", "gap6")
"""Indicators shown by zone, where rows are zones; all are in the file that --out writes."""
NOT_MEASURED = ("allocated", "scaled", "default", "assumed")
"""How a figure by zone came about that says nothing of that zone itself."""
BREAKDOWNS = {"group": "income group", "zone": "zone", "tenure": "tenure"}


@dataclass(frozen=True)
class Homes:
    """What the command works on, wherever it comes from: home cells, words for them, and what is assumed."""

    cells: pd.DataFrame
    title: str
    head: str
    money: str
    names: dict[str, str]
    notes: tuple[str, ...]
    zones: tuple[bool, str]
    lead: pd.DataFrame | None = None
    tracts: dict[str, str] | None = None


def poverty(
    city: Annotated[
        Path | None, typer.Argument(metavar="CITY", help="The city's folder or workbook; not needed with --lead.")
    ] = None,
    lead: Annotated[
        Path | None, typer.Option(help="Work from a LEAD file of census tracts (US DOE, vintage 2018 or 2022) instead.")
    ] = None,
    county: Annotated[
        str, typer.Option(help="With --lead: only tracts whose number begins so, such as 25025 (Suffolk, MA).")
    ] = "",
    tracts: Annotated[
        Path | None, typer.Option(help="With --lead: a table with columns tract, zone; other tracts are left out.")
    ] = None,
    by: Annotated[
        list[str] | None, typer.Option(help="Break down by group, zone or tenure; repeatable. Group and zone if none.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Also write everything as CSV into this folder.")] = None,
    spread: Annotated[
        float | None,
        typer.Option(help="How much homes of one zone, income group and tenure differ; 0: not at all. 0.5 if none."),
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the rows as CSV, for other programs.")] = False,
    settings: Annotated[list[str] | None, typer.Option("--set", help="A parameter, as name=value; repeatable.")] = None,
) -> None:
    """Show energy poverty in a city today: by many definitions, each with its threshold, and for whom.

    Needs no plan: the city's homes, incomes and energy are enough. What is not known is listed, never filled in.
    The plan itself is made by `mutirao plan`.

    Examples:

      mutirao poverty cities/boston

      mutirao poverty cities/boston --by tenure --spread 0

      mutirao poverty cities/boston --out out/boston

      mutirao poverty --lead "MA FPL Census Tracts 2022.csv" --county 25025
    """
    asked = _breakdowns(by)
    if spread is not None and not 0.0 <= spread <= 3.0:
        raise _wrong("--spread", f"{spread:g} is not between 0 and 3.", "0.5 is usual; 0 takes all homes as alike.")
    homes = _from_lead(lead, county, tracts) if lead is not None else _from_city(city, county, tracts, settings or [])
    tables, said = tables_of(homes, asked, homes.cells.attrs[SPREAD][0] if spread is None else spread)
    every = _every(tables, homes.names)
    if out is not None:
        _write(every, (*homes.notes, *said), homes, out)
    if as_csv:
        typer.echo(every.to_csv(index=False, lineterminator="\n"), nl=False)
        for line in (homes.head, *homes.notes, *said):
            if line:
                complain(line)
        return
    _show(homes, tables, said)
    if out is not None:
        say(f"\nTables: {out / 'poverty.csv'}; what is assumed: {out / 'poverty_notes.txt'}")


def tables_of(homes: Homes, asked: Sequence[str], spread: float) -> tuple[dict[str, pd.DataFrame], tuple[str, ...]]:
    """Indicators for the city and by each breakdown, small cells merged; and what they assume.

    Keys "city" and those of ``asked`` that can be told; zones that differ only by allocation are left out, and said.
    Medians are those of all homes. Raises InputError where there are fewer than ten homes in all.
    """
    cells = homes.cells
    if float(cells["homes"].sum()) < LEAST:
        what = f"there are {cells['homes'].sum():.3g} homes: figures of fewer than {LEAST:g} homes are not published."
        raise _wrong("CITY", what, "Give a larger area.")
    line = freeze(cells, spread)
    tables = {"city": indicators(cells, spread, line)}
    said = [*tables["city"].attrs["assumptions"], *_how_sure(cells, spread)]
    for label in asked:
        if cells[label].nunique() < 2:
            said.append(f"There is one {BREAKDOWNS[label]} only, so that nothing is broken down by it.")
        elif label == "zone" and not homes.zones[0]:
            said.append(homes.zones[1])
        else:
            shown = small_merged(cells, label)
            if shown[label].nunique() < 2:
                said.append(f"Too few homes in most of them to show anything by {BREAKDOWNS[label]}.")
                continue
            tables[label] = indicators(shown, spread, line, (label,))
            if (shown[label] == MERGED).any():
                said.append(f"Lines of fewer than {LEAST:g} homes are merged as '{MERGED}' ({BREAKDOWNS[label]}).")
            if label == "zone":
                said.append(homes.zones[1])
    return tables, tuple(said)


def _how_sure(cells: pd.DataFrame, spread: float) -> tuple[str, ...]:
    """How far the headcounts move when the spread inside cells takes its low or high value."""
    if spread == 0.0 or SPREAD not in cells.attrs:
        return ()
    _, low, high = cells.attrs[SPREAD]
    moved = [indicators(cells, one).set_index("indicator")["value"] for one in (low, high)]
    words = [f"{code} between {100 * min(two):.2g} and {100 * max(two):.2g} %"
             for code in ("EB6", "EB10") if len(two := [one[code] for one in moved]) == 2]  # fmt: skip
    return (f"With a spread from {low:g} to {high:g} the city has {' and '.join(words)}: read headcounts as rough.",)


def small_merged(cells: pd.DataFrame, label: str) -> pd.DataFrame:
    """Home cells in which labels of too few homes are one label, `MERGED`."""
    labels = merged(cells.groupby(label, sort=False)["homes"].sum())[label]
    shown = labels.where(labels != LABELS[label], MERGED)
    out = cells.assign(**{label: cells[label].map(shown)})
    out.attrs = dict(cells.attrs)
    return out


def zones_differ(city: City) -> tuple[bool, str]:
    """Whether anything was counted zone by zone that energy poverty rests on, and a sentence on it.

    Counted: homes by income group, incomes, or what homes spend, of a method that is no allocation or assumption.
    """
    names = {"households": "homes by income group", "household_income": "incomes", "home_energy_spend": "energy spend"}
    rows = city.facts.frame
    rows = rows[(rows["zone"] != LABELS["zone"]) & ~rows["method"].isin(NOT_MEASURED)]
    told = [words for name, words in names.items()
            if ((rows["variable"] == name) & ((name != "households") | (rows["group"] != LABELS["group"]))).any()]
    if not told:
        return False, ("Zones differ only by how the city's figures were shared out among them, so that nothing is "
                       "shown by zone: only the city and its income groups can be told.")  # fmt: skip
    rest = [words for words in names.values() if words not in told]
    text = f"Zones differ by what was counted there: {', '.join(told)}."
    if rest:
        text += f" Not counted by zone: {', '.join(rest)}; there, figures of the whole city or allocations stand in."
    return True, text


def _from_city(path: Path | None, county: str, tracts: Path | None, settings: Sequence[str]) -> Homes:
    """Home cells of a city folder's base year."""
    if path is None:
        raise _wrong("CITY", "no city is given.", "Give a city folder, such as cities/boston, or --lead FILE.")
    if county or tracts is not None:
        raise _wrong("--county", "it goes with --lead only.", "Leave out --county and --tracts, or give --lead FILE.")
    systems = tuple(installed_systems())
    city = given_city(path, systems)
    p = parameters_of(city, systems, settings)
    base = base_year(city, p)
    cells = home_cells(city, p, base)
    s = city.settings
    if cells["income"].isna().all():
        what = "no income of homes is known, without which no share of income can be told."
        raise InputError(Finding("people.csv", None, "household_income", what, "Add household_income by group."))
    stated = city.facts.frame[city.facts.frame["variable"] == "household_income"]["source"].unique()
    titles = [city.sources[one].title for one in stated if one in city.sources]
    wide = p[SPREAD]
    cells.attrs.update({SPREAD: (wide.value, wide.low, wide.high), "file": "people.csv",
                        "currency": f"{s.currency} of {s.price_year}",
                        "income_basis": "household_income as the city states it"
                        + (f" ({'; '.join(titles)})" if titles else "")})  # fmt: skip
    notes = [f"Homes and energy are those of {s.base_year}; money is {s.currency} of {s.price_year}, per year.",
             *_spend(city), *base.notes]  # fmt: skip
    if not _brings(city, "cooling_access"):
        notes.append(f"Cooling: the city brings no figure; {p('cooling_access'):.0%} of homes everywhere is a default "
                     f"({p['cooling_access'].source}), so that it tells no homes apart in the heat.")  # fmt: skip
    if city.seed is None:
        notes.append("Owners and renters of one zone and income group are taken as alike: by tenure only the zones and "
                     "incomes in which they live differ.")  # fmt: skip
    head = "Demonstration on public data; not the City's own figures." if s.demonstration else ""
    names = {g.id: g.name for g in s.groups} | dict(zip(city.zones["zone"], city.zones["name"], strict=True))
    title = f"Energy poverty in {s.name}, {s.base_year}"
    return Homes(cells, title, head, s.currency, names, tuple(notes), zones_differ(city))


def _spend(city: City) -> tuple[str, ...]:
    """How the spend of homes came about."""
    how = "by floor area, and by income as in national surveys"
    if _brings(city, "home_energy_spend"):
        how = "as the city states homes spend"
    return (f"What homes spend is the inventory's energy of homes at the city's prices, shared out {how}: "
            "modelled, not observed bills.",)  # fmt: skip


def _brings(city: City, name: str) -> bool:
    """Whether the city states a variable for all of its zones, groups, both or itself."""
    return any(city.has(name, dims) for dims in (("zone", "group"), ("zone",), ("group",), ()))


def _from_lead(path: Path, county: str, tracts: Path | None) -> Homes:
    """Home cells of a LEAD file."""
    table = read_lead(path, county=county)
    where = read_tracts(tracts) if tracts is not None else None
    cells = lead_cells(table, where)
    kept = table if where is None else table[table["tract"].isin(where)]
    one = default_parameters(installed_systems())[SPREAD]
    cells.attrs[SPREAD] = (one.value, one.low, one.high)
    bands = BAND_NAMES[table.attrs["bands"]]
    notes = (*cells.attrs["notes"][1:], f"Vintage {table.attrs['vintage']}; money is USD of the vintage, per year.",
             f"Income groups are bands of the {bands}.",
             f"DOE's own ratio for these homes: {100 * official_burden(kept):.3g} % of income.",
             "R, what homes would need to spend, is not in these files.")  # fmt: skip
    text = "Zones are census tracts or made of them; DOE has modelled each tract."
    head = f"Every figure here is {LABEL}."
    return Homes(cells, f"Energy poverty in {path.name}", head, "USD", {}, notes, (True, text), table, where)


def _breakdowns(by: Sequence[str] | None) -> tuple[str, ...]:
    asked = tuple(dict.fromkeys(by or ("group", "zone")))
    for one in asked:
        if one not in BREAKDOWNS:
            raise _wrong("--by", f"'{one}' is not known.", "Use group, zone or tenure; repeat --by for several.")
    return asked


def _every(tables: dict[str, pd.DataFrame], names: dict[str, str]) -> pd.DataFrame:
    """All tables in one, with the names of zones and groups beside their ids."""
    parts = [table.assign(table=key) for key, table in tables.items()]
    out = pd.concat(parts, ignore_index=True)
    for label in ("zone", "group"):
        out[f"{label}_name"] = out[label].map(names).fillna("")
    first = ["table", "indicator", "name", "zone", "zone_name", "group", "group_name", "tenure"]
    return out[[*first, *(c for c in out.columns if c not in first)]]


def _write(every: pd.DataFrame, notes: Sequence[str], homes: Homes, out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise _wrong("--out", f"{out} is a file, not a folder.", "Give the name of a folder.")
    out.mkdir(parents=True, exist_ok=True)
    write_table(every, out / "poverty.csv")
    write_text("\n".join((homes.title, homes.head, "", *notes, "")), out / "poverty_notes.txt")
    if homes.lead is not None:
        rows = out / "lead_rows"
        rows.mkdir(exist_ok=True)
        for name, table in margins(homes.lead, homes.tracts).items():
            write_table(table, rows / name)


def _show(homes: Homes, tables: dict[str, pd.DataFrame], said: Sequence[str]) -> None:
    whole = tables["city"]
    if homes.head:
        say(homes.head)
    basis = {words: chr(ord("a") + n) for n, words in enumerate(_bases(whole))}
    output.print(_city_table(whole, homes, basis))
    for words, letter in basis.items():
        say(f"  {letter}: {words}")
    by_zone = [t[(t["indicator"] == "HVI") & (t["status"] == "")] for t in tables.values()]
    for label in ("group", "tenure"):
        if label in tables:
            output.print("")
            output.print(_wide_table(tables[label], label, homes))
    if "zone" in tables:
        output.print("")
        output.print(_zone_table(tables["zone"], homes))
        if any(len(t) for t in by_zone):
            say("  HVI: heat vulnerability, a sum of z-scores; above 0 a zone is more at risk than the mean home.")
    lost = whole[whole["status"] != ""]
    say("\nNot estimated:")
    for row in lost.to_dict("records"):
        if row["indicator"] != "HVI" or not any(len(t) for t in by_zone):
            say(f"  {row['indicator']}, {row['name']}: {row['status'].removeprefix('not estimated: ')}")
    say("\nWhat is assumed:")
    for line in (*homes.notes, *said):
        say(f"  - {line}")


def _bases(table: pd.DataFrame) -> list[str]:
    known = table[table["status"] == ""]
    pairs = [_basis(row) for row in known.to_dict("records")]
    return list(dict.fromkeys(p for p in pairs if p))


def _basis(row: dict[str, object] | dict[object, object]) -> str:
    """Income and spend of a line in one text; empty where it rests on neither."""
    row = {str(k): v for k, v in row.items()}
    parts = [str(row[k]) for k in ("spend_basis", "income_basis") if row[k] != "none"]
    return "; ".join(parts)


def _city_table(table: pd.DataFrame, homes: Homes, basis: dict[str, str]) -> Table:
    count = float(table["homes"].iloc[0])
    shown = Table(title=Text(f"{homes.title}: {count:,.0f} homes"), title_justify="left")
    for column, ratio in (("code", 0), ("what", 5), ("counted", 4), ("rests on", 0)):
        shown.add_column(column, ratio=ratio or None, no_wrap=not ratio)
    shown.add_column("city", justify="right", no_wrap=True)
    for row in table[table["status"] == ""].to_dict("records"):
        counted = "" if row["threshold"] == "none" else str(row["threshold"])
        cells = (row["indicator"], row["name"], counted, basis.get(_basis(row), "-"))
        shown.add_row(*(Text(str(cell)) for cell in cells), value_text(row["value"], row["unit"]))
    return shown


def _wide_table(table: pd.DataFrame, label: str, homes: Homes) -> Table:
    """Indicators down, groups or tenures across; risk in the heat is a matter of zones."""
    keys = list(dict.fromkeys(table[label]))
    shown = Table(title=f"By {BREAKDOWNS[label]} (thresholds as above)", title_justify="left")
    shown.add_column("what", ratio=1)
    for key in keys:
        shown.add_column(Text(homes.names.get(key, str(key))), justify="right", max_width=14)
    count = table.drop_duplicates(label).set_index(label)["homes"]
    shown.add_row("homes", *(f"{count[key]:,.0f}" for key in keys))
    for code, part in table[table["indicator"] != "HVI"].groupby("indicator", sort=False):
        one = part.set_index(label)
        if not (one["status"] == "").any():
            continue
        unit, name = str(one["unit"].iloc[0]), f"{code}: {one['name'].iloc[0]}"
        if is_money(unit):
            name, one = f"{name}, million {homes.money}", one.assign(value=one["value"] / 1e6, unit="million")
        shown.add_row(Text(name), *(_cell(one, key) for key in keys))
    return shown


def _zone_table(table: pd.DataFrame, homes: Homes) -> Table:
    """Zones down in the city's own order, chief indicators across."""
    shown = Table(title="By zone (chief indicators; thresholds as above)", title_justify="left")
    shown.add_column("zone")
    shown.add_column("homes", justify="right")
    part = table[table["indicator"].isin([*CHIEF, "HVI"]) & (table["status"] == "")]
    codes = list(dict.fromkeys(part["indicator"]))
    for code in codes:
        shown.add_column(code, justify="right")
    count = table.drop_duplicates("zone").set_index("zone")["homes"]
    for zone in count.index:
        here = table[table["zone"] == zone].set_index("indicator")
        shown.add_row(Text(homes.names.get(zone, str(zone))), f"{count[zone]:,.0f}", *(_cell(here, c) for c in codes))
    return shown


def _cell(rows: pd.DataFrame, key: str) -> str:
    row = rows.loc[key]
    return value_text(row["value"], row["unit"]) if row["status"] == "" else "not estimated"


def is_money(unit: str) -> bool:
    """Whether a unit is an amount of currency a year, such as "USD of 2024/year"."""
    return unit.endswith("/year") and not unit.startswith("K h")


def value_text(value: object, unit: object) -> str:
    """A value with its unit, in no more digits than headcounts modelled from margins bear."""
    figure, words = float(str(value)), str(unit)
    if words.startswith("share"):
        if figure == 0.0 or figure >= 0.001:
            return f"{number(100.0 * figure, 2)} %"
        return "under 0.1 %"
    if is_money(words):
        currency = words.split(" ")[0].removesuffix("/year")
        return f"{currency} {number(figure / 1e6)} million" if figure >= 1e6 else f"{currency} {number(figure)}"
    return number(figure)


def _wrong(where: str, what: str, mend: str) -> InputError:
    return InputError(Finding(where, None, "", what, mend))
