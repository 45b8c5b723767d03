"""What a solved plan means for homes: the home cells of any year, what homes gain, and the rent of tenants.

Everything here is read from the book and the facts of a plan. What is booked to a group without tenure, or to the
whole city, is shared out by homes over the homes it covers: a view for reading, never an input to a rule.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from mutirao.book import terms as book
from mutirao.book.bundle import Plan
from mutirao.book.draws import Aggregate, aggregate
from mutirao.justice.homecosts import ENERGY, HOMES, RELIEF, RENT, SUPPORT, VIEWS

CELL = ("zone", "group", "tenure")
#: Columns of the table of home cells beside its labels and ``homes``; each is per home, or a share of homes.
FIGURES = (
    "people_per_home", "income", "energy", "required", "housing_cost", "rent", "cooling_access", "over_65",
    "homes_inefficient", "arrears", "cannot_keep_warm", "cannot_keep_cool", "damp_or_rot", "heat_island",
    "tree_canopy",
)  # fmt: skip
#: Columns that are facts of a plan under another name.
FORMER = {"homes": "households", "income": "household_income"}
#: Bills that a home needs to pay to be warm and lit; they move with what works save.
BILLS = ("energy", "standing_charge")
#: Homes of one kind in different zones whose costs differ by less than this are told apart by nothing but allocation.
ZONES_DIFFER = 0.01


def homes_of(plan: Plan) -> pd.Series:
    """Homes by zone, group and tenure (number of homes, fractional), in the order of the plan's facts."""
    rows = plan.facts[plan.facts["name"] == "homes"]
    rows = rows if len(rows) else plan.facts[plan.facts["name"] == FORMER["homes"]]
    return rows.groupby(list(CELL), sort=False)["value"].sum()


def fact(plan: Plan, name: str) -> np.ndarray:
    """A figure of homes on the cells of `homes_of`; NaN where it is not known.

    A row that names zone, group and tenure goes before one that names fewer of them; one for the whole city is last.
    """
    cells = homes_of(plan).index.to_frame(index=False)
    rows = plan.facts[plan.facts["name"] == name]
    if rows.empty and name in FORMER:
        rows = plan.facts[plan.facts["name"] == FORMER[name]]
    out = np.full(len(cells), np.nan)
    whole = np.stack([rows[label] == word for label, word in book.CITY_WIDE.items()], axis=1)
    ways = np.unique(whole, axis=0)
    for way in ways[np.argsort(ways.sum(axis=1), kind="stable")]:
        part = rows[(whole == way).all(axis=1)]
        named = [label for label, absent in zip(CELL, way, strict=True) if not absent]
        if named:
            value = part.drop_duplicates(named).set_index(named)["value"]
            keys = pd.MultiIndex.from_frame(cells[named]) if len(named) > 1 else pd.Index(cells[named[0]])
            found = value.reindex(keys).to_numpy(float)
        else:
            found = np.full(len(cells), float(part["value"].iloc[0]))
        out = np.where(np.isnan(out), found, out)
    return out


def shares_of(places: pd.DataFrame, homes: pd.Series) -> sparse.csr_matrix:
    """How what is booked to places falls on homes: cells x places, each column adds up to one.

    places : zone, group, tenure, where CITY and ALL mean every one. Homes share by their number; places whose cells
    hold no home share equally. Raises ValueError where a place covers no cell at all.
    """
    cells = homes.index.to_frame(index=False)
    covers = np.ones((len(cells), len(places)), dtype=bool)
    for label, word in book.CITY_WIDE.items():
        here, there = cells[label].to_numpy()[:, None], places[label].to_numpy()[None, :]
        covers &= (here == there) | (there == word)
    if not covers.any(axis=0).all():
        lost = places.iloc[int(np.argmin(covers.any(axis=0)))]
        raise ValueError(f"a payment of households is booked to {' '.join(map(str, lost))}, where no home is counted")
    held = covers * homes.to_numpy()[:, None]
    held = np.where(held.sum(axis=0) > 0, held, covers)
    return sparse.csr_matrix(held / held.sum(axis=0))


def household_rows(plan: Plan) -> pd.DataFrame:
    """Rows of the annuity view that households pay (``sign`` +1) or receive (-1); all kinds of payments."""
    money = plan.select("money", basis=list(VIEWS))
    paid, got = money[money["payer"] == HOMES], money[money["receiver"] == HOMES]
    return pd.concat([paid.assign(sign=1.0), got.assign(sign=-1.0)])


def home_energy_rows(plan: Plan) -> pd.DataFrame:
    """Rows of what homes spend on energy at home: bills, rent for works less relief, less support.

    What carries no tenure (charging a car) is not a home's; support carries none and is shared by homes.
    """
    rows = household_rows(plan)
    counts = rows["kind"].isin([*ENERGY, RELIEF]) | ((rows["kind"] == RENT) & (rows["measure"] != ""))
    return rows[(counts & (rows["tenure"] != book.CITY_WIDE["tenure"])) | (rows["kind"] == SUPPORT)]


def on_cells(plan: Plan, rows: pd.DataFrame) -> pd.Series:
    """Signed rows of the book on (zone, group, tenure, period), million CUR a year; every cell, every period."""
    homes, periods = homes_of(plan), [plan.base_year, *plan.years]
    if rows.empty:
        return pd.Series(0.0, index=_index(homes, periods))
    signed = rows.assign(value=rows["value"] * rows["sign"])
    wide = signed.pivot_table(index=list(CELL), columns="period", values="value", aggfunc="sum", fill_value=0.0)
    wide = wide.reindex(columns=periods).fillna(0.0)
    values = shares_of(wide.index.to_frame(index=False), homes) @ wide.to_numpy()
    return pd.Series(np.asarray(values).ravel(), index=_index(homes, periods))


def _index(homes: pd.Series, periods: Sequence[int]) -> pd.MultiIndex:
    """Cells x periods, the period running fastest."""
    cells = homes.index.to_frame(index=False)
    frame = cells.loc[cells.index.repeat(len(periods))].assign(period=np.tile(periods, len(cells)))
    return pd.MultiIndex.from_frame(frame)


def cell_aggregate(plan: Plan, rows: pd.DataFrame, by: Sequence[str] = (*CELL, "period")) -> Aggregate:
    """The same by labels of homes and period, kept apart by drivers, so that it can be drawn (`book.draws.evaluate`).

    Every period is kept. Million CUR a year.
    """
    homes, periods = homes_of(plan), [plan.base_year, *plan.years]
    index = _index(homes, periods)
    flat = np.zeros((len(index), 1))
    products: tuple[dict[str, int], ...] = ({},)
    if not rows.empty:
        booked = aggregate(plan, rows, (*CELL, "period"))
        keys, products = booked.keys.to_frame(index=False), booked.products
        places = keys[list(CELL)].drop_duplicates(ignore_index=True)
        place = pd.MultiIndex.from_frame(places).get_indexer(pd.MultiIndex.from_frame(keys[list(CELL)]))
        period = np.searchsorted(periods, keys["period"].to_numpy(int))
        cube = np.zeros((len(places), len(periods), booked.matrix.shape[1]))
        cube[place, period] = booked.matrix
        flat = np.asarray(shares_of(places, homes) @ cube.reshape(len(places), -1)).reshape(len(index), -1)
    whole = Aggregate(index, flat, products)
    return whole if tuple(by) == (*CELL, "period") else summed(whole, by)


def summed(a: Aggregate, by: Sequence[str]) -> Aggregate:
    """An aggregate by cell and period summed to fewer labels, in sorted order."""
    keys = pd.MultiIndex.from_frame(a.keys.to_frame(index=False)[list(by)])
    labels = keys.unique().sort_values()
    matrix = np.zeros((len(labels), a.matrix.shape[1]))
    np.add.at(matrix, labels.get_indexer(keys), a.matrix)
    return Aggregate(labels, matrix, a.products)


def home_energy(plan: Plan) -> pd.Series:
    """What homes spend on energy at home by zone, group, tenure and period, million CUR a year.

    Bills less what the sun on the roof earns; for tenants the rent that energy works add, less relief; less support.
    """
    return on_cells(plan, home_energy_rows(plan))


def cells_of(plan: Plan, period: int) -> pd.DataFrame:
    """Home cells in a year of a plan: zone, group, tenure, homes and the columns of `FIGURES`; NaN is not known.

    Cells without homes are left out. Money in CUR per home and year. Homes, incomes and shares of homes stay those of
    the base year. ``required`` moves with the plan: a home's need in proportion to its modelled bills, and rent for
    works, sun and support one to one. Raises ValueError when the plan has no such period.
    """
    return cells_of_years(plan, (period,))[period]


def cells_of_years(plan: Plan, periods: Sequence[int]) -> dict[int, pd.DataFrame]:
    """`cells_of` for several years at once."""
    years = [plan.base_year, *plan.years]
    wrong = [y for y in periods if y not in years]
    if wrong:
        raise ValueError(f"the plan '{plan.name}' has no year {wrong[0]}")
    homes = homes_of(plan)
    lived = homes.to_numpy() > 0
    table = homes.index.to_frame(index=False).assign(homes=homes.to_numpy())
    names = set(plan.facts["name"])
    known = names | {new for new, old in FORMER.items() if old in names}
    for name in FIGURES:
        table[name] = fact(plan, name) if name in known and name != "energy" else np.nan
    rows = home_energy_rows(plan)
    energy = _per_home(plan, rows, homes)
    bills = _per_home(plan, rows[rows["kind"].isin(BILLS)], homes)
    required, out = table["required"].to_numpy(), {}
    for period in periods:
        at = years.index(period)
        moved = required_of(required, bills[:, 0], bills[:, at], energy[:, 0], energy[:, at]) if at else required
        out[period] = table.assign(energy=energy[:, at], required=moved)[lived].reset_index(drop=True)
    return out


def _per_home(plan: Plan, rows: pd.DataFrame, homes: pd.Series) -> np.ndarray:
    """CUR per home and year, cells x periods; NaN where nobody lives."""
    whole = on_cells(plan, rows).to_numpy().reshape(len(homes), -1) * 1e6
    return np.asarray(whole / homes.where(homes > 0).to_numpy()[:, None])


def required_of(
    required: np.ndarray, bills_base: np.ndarray, bills: np.ndarray, energy_base: np.ndarray, energy: np.ndarray
) -> np.ndarray:
    """Required spend in a later year, CUR per home and year, never below zero.

    A home that takes less warmth than it needs saves on what it needs in the same proportion as on what it takes;
    what it pays or gets beside its bills (rent for works, sun, support) it pays or gets in full.
    """
    some = bills_base > 0
    scaled = required * np.where(some, bills / np.where(some, bills_base, 1.0), 1.0)
    beside = (energy - bills) - (energy_base - bills_base)
    return np.asarray(np.clip(scaled + beside, 0.0, None))


def payments(plan: Plan) -> pd.Series:
    """All that households pay less what they receive, by zone, group, tenure and period, million CUR a year."""
    return on_cells(plan, household_rows(plan))


def zones_differ(reference: Plan) -> bool:
    """True when like homes (same group and tenure) in different zones truly pay different amounts.

    Judged on a plan where nothing is chosen: in a searched plan homes that are described alike still differ by which
    of them the search happened to take first.
    """
    homes = homes_of(reference)
    lived = homes.to_numpy() > 0.5
    each = payments(reference).to_numpy().reshape(len(homes), -1)[lived] / homes.to_numpy()[lived, None]
    labels = homes.index.to_frame(index=False).loc[lived, ["group", "tenure"]]
    like = pd.DataFrame(each, index=pd.MultiIndex.from_frame(labels)).groupby(level=["group", "tenure"])
    mean = like.mean().abs()
    return bool(((like.max() - like.min()) / mean.where(mean > 1e-12)).max().max() > ZONES_DIFFER)


def gains(plan: Plan, reference: Plan) -> pd.DataFrame:
    """What homes gain a year against a reference: zone, group, tenure, period, homes, gain, per_home.

    gain in million CUR a year (reference less plan, all payments of households), per_home in CUR per home and year.
    What a home's or a block's worth may rise by is nobody's gain here: it is not in the book.
    """
    gain = payments(reference) - payments(plan)
    return _with_homes(plan, gain, "gain")


def _with_homes(plan: Plan, series: pd.Series, name: str) -> pd.DataFrame:
    table = series.rename(name).reset_index()
    homes = homes_of(plan).reindex(pd.MultiIndex.from_frame(table[list(CELL)])).to_numpy()
    table.insert(4, "homes", homes)
    return table.assign(per_home=table[name] * 1e6 / np.where(homes > 0, homes, np.nan))


def rent_rise(plan: Plan) -> pd.Series:
    """Rent that energy works add, before relief, by zone, group, tenure and period, million CUR a year."""
    rows = household_rows(plan)
    return on_cells(plan, rows[(rows["kind"] == RENT) & (rows["measure"] != "")])


def rent_relief(plan: Plan) -> pd.Series:
    """What is paid back of that rent, positive, by zone, group, tenure and period, million CUR a year."""
    rows = household_rows(plan)
    return -on_cells(plan, rows[rows["kind"] == RELIEF])


def energy_bills(plan: Plan) -> pd.Series:
    """Energy bills of homes less what the sun earns them, by zone, group, tenure and period, million CUR a year."""
    rows = household_rows(plan)
    return on_cells(plan, rows[rows["kind"].isin(ENERGY) & (rows["tenure"] != book.CITY_WIDE["tenure"])])


def warm_rent(plan: Plan, reference: Plan, by: Sequence[str] = ("zone", "group", "period")) -> pd.DataFrame:
    """Who pays for works in rented homes and who gets the saving, CUR per home and year.

    Columns ``by``, homes, rent_total (rent for works in this plan, before relief), rent_rise, relief, bills and net,
    the last four against the reference: net = rent_rise - relief + bills; above zero a tenant pays more.
    """
    parts = pd.DataFrame({
        "rent_total": rent_rise(plan),
        "rent_rise": rent_rise(plan) - rent_rise(reference),
        "relief": rent_relief(plan) - rent_relief(reference),
        "bills": energy_bills(plan) - energy_bills(reference),
    })  # fmt: skip
    parts = parts.reset_index()
    parts["homes"] = homes_of(plan).reindex(pd.MultiIndex.from_frame(parts[list(CELL)])).to_numpy()
    parts = parts[parts["tenure"] == "renter"].drop(columns="tenure")
    figures = ["rent_total", "rent_rise", "relief", "bills", "homes"]
    parts = parts.groupby(list(by), sort=True)[figures].sum()
    money = figures[:4]
    parts[money] = parts[money].mul(1e6).div(parts["homes"].where(parts["homes"] > 0), axis=0)
    parts["net"] = parts["rent_rise"] - parts["relief"] + parts["bills"]
    return parts[["homes", *money, "net"]].reset_index()
