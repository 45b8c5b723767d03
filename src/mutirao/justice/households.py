"""Homes by zone, income group and tenure: the table that every per-group figure rests on.

Where a city also counts its homes by dwelling or heating, the same table carries them: ``Households.joint``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from mutirao.city.facts import ALL, GRADES
from mutirao.city.folder import City
from mutirao.city.seed import LABELS, seed_dims
from mutirao.ground.findings import Finding, InputError
from mutirao.ground.speech import digits, listed, say, together, word
from mutirao.justice.margins import APART, Margin
from mutirao.justice.raking import bootstrap, rake

TENURES = LABELS["tenure"]
#: Variables that count homes by what the joint table may add, in the order of its labels.
KINDS: dict[str, tuple[str, ...]] = {
    "dwelling": ("homes_house", "homes_small_building", "homes_large_building"),
    "heating": ("homes_gas", "homes_oil", "homes_electric", "homes_district", "homes_other_heating"),
}
FLAT = "flat"
MARGIN_OF_ERROR = 0.05
"""Assumption: relative margin of error at 90 % of an average category of a zone's margin."""
SAMPLED = 0.01
"""Assumption: share of the homes of a seed that were asked; a one-year public use sample of the ACS holds 1 %."""


@dataclass(frozen=True)
class Households:
    """Fractional counts of homes, what they were raked from and how well the margins met.

    count : over (zone, group, tenure). joint : over (zone, group, tenure and, where the city counts them, dwelling,
    heating); its sum over these is ``count``. seed : "flat", or the sources of the joint table that was given.
    residual : largest distance to a margin, in homes. apart : how far apart a zone's margins were, by zone, as a share
    of its homes, before they were scaled to them.
    """

    count: xr.DataArray
    notes: tuple[str, ...]
    residual: float
    joint: xr.DataArray
    seed: str
    apart: xr.DataArray


@dataclass(frozen=True)
class _Known:
    """What a city brings to its table: labels of each axis, margins by zone, seed, homes behind it (None: flat)."""

    cells: dict[str, tuple[str, ...]]
    margins: list[Margin]
    table: np.ndarray
    seed: str
    sample: float | None
    notes: list[str]


def households(city: City) -> Households:
    """Rake the city's household counts to zone x group x tenure, and dwelling and heating where it counts them.

    Zone totals come from ``households`` by zone (or one city figure); all other rows are scaled to them. The seed is
    ``seed.csv``; without it the labels are taken as independent of each other inside a zone, and said so.
    Counts of different sources or years, and estimates, are shares of a zone's homes: notes say how far apart they
    were. Raises InputError where measured or census counts of one source and year are apart by more than 5 % of a
    zone's homes, and where homes by dwelling or heating leave out a kind.
    """
    known = _known(city)
    zones = list(city.zone_ids)
    raked = rake(known.table, known.margins, zones=zones, cells=known.cells)
    coords = {"zone": zones, **{dim: list(labels) for dim, labels in known.cells.items()}}
    joint = xr.DataArray(raked.table, coords=coords, dims=tuple(coords))
    count = joint.sum([dim for dim in KINDS if dim in joint.dims])
    apart = xr.DataArray(raked.apart, coords={"zone": zones}, dims="zone")
    return Households(count, (*known.notes, *raked.notes), float(raked.off.max()), joint, known.seed, apart)


def groups_table(h: Households) -> pd.DataFrame:
    """The joint table as rows: zone, group, tenure, dwelling and heating where counted, homes."""
    return h.joint.to_series().rename("homes").reset_index()


def draws(city: City, n: int, seed: int, moe: float = MARGIN_OF_ERROR, sampled: float = SAMPLED) -> np.ndarray:
    """Draw n tables as they might be, shape (n, zone, group, tenure); the same ``seed`` gives the same draws.

    moe : relative margin of error at 90 % of an average category of a zone's margins (0: counts without error).
    sampled : share of the homes of ``seed.csv`` that were asked. Both are assumptions unless the city knows better.
    Homes of a zone are not drawn. See :func:`mutirao.justice.raking.bootstrap`.
    """
    known = _known(city)
    sample = None if known.sample is None else known.sample * sampled
    tables = bootstrap(known.table, known.margins, n, np.random.default_rng(seed), moe=moe, sample=sample)
    return np.asarray(tables.sum(axis=tuple(range(4, tables.ndim))))


def low_income(city: City) -> list[str]:
    """Income groups that the city has marked as low."""
    return [g.id for g in city.settings.groups if g.low_income]


def _known(city: City) -> _Known:
    notes: list[str] = []
    whole = _zone_totals(city, notes)
    cells: dict[str, tuple[str, ...]] = {"group": city.group_ids, "tenure": TENURES}
    margins = [whole]
    if city.group_ids != (ALL,):
        margins.append(_group_margin(city, whole, notes))
    margins.append(_tenure_margin(city, whole, notes))
    for dim, names in KINDS.items():
        given = tuple(name for name in names if (city.facts.frame["variable"] == name).any())
        if given:
            margins.append(_kind_margin(city, dim, len(cells), given, whole, notes))
            cells[dim] = tuple(label for name, label in zip(names, LABELS[dim], strict=True) if name in given)
    table, seed, sample = _seed(city, cells, notes)
    return _Known(cells, margins, table, seed, sample, notes)


def _seed(city: City, cells: dict[str, tuple[str, ...]], notes: list[str]) -> tuple[np.ndarray, str, float | None]:
    """The seed over all cells, where it comes from, and the homes in it; labels it does not know are independent."""
    open_dims = [dim for dim, labels in cells.items() if len(labels) > 1]
    shape = tuple(len(labels) for labels in cells.values())
    dims = [] if city.seed is None else [dim for dim in open_dims if dim in seed_dims(city.seed)]
    if city.seed is None or len(dims) < 2:
        if len(open_dims) > 1:
            notes.append(
                together(
                    say(
                        "No joint table was given: {labels} are taken as independent of each other inside each zone.",
                        labels=listed(open_dims),
                    ),
                    word(
                        "Such a flat seed misplaces about a fifth of homes (measured on real joints of Orange County, "
                        "NC: 22.5 % against 5.4 % with a regional seed)."
                    ),
                )
            )
        return np.ones(shape), FLAT, None
    index = pd.MultiIndex.from_product([cells[dim] for dim in dims], names=dims)
    homes = city.seed.groupby(dims)["homes"].sum().reindex(index)
    sizes = tuple(len(labels) if dim in dims else 1 for dim, labels in cells.items())
    table = homes.to_numpy(float).reshape(sizes)
    rest = [dim for dim in open_dims if dim not in dims]
    if rest:
        notes.append(
            say("The joint table says nothing on {labels}: taken as independent of the rest.", labels=listed(rest))
        )
    sources = ", ".join(sorted(set(city.seed["source"].astype(str))))
    return np.broadcast_to(table, shape), sources, float(homes.sum())


def _zone_totals(city: City, notes: list[str]) -> Margin:
    if city.has("households", ("zone",)):
        return _margin(city, ("households",), ("zone",), (), "households")
    whole = city.array("households", ())
    if len(city.zone_ids) == 1:
        return Margin((), np.full(1, float(whole)), "households", origin=_origin([whole], "households"))
    notes.append(word("Households by zone are unknown: shared out by population."))
    people = np.asarray(city.array("population", ("zone",)).values, float)
    return Margin((), float(whole) * people / people.sum(), "households", origin="shared out by population")


def _group_margin(city: City, whole: Margin, notes: list[str]) -> Margin:
    dims = _finest(city, ("households",), ("zone", "group"), ("group",))
    if dims is None:
        notes.append(word("Households by income group are unknown: equal shares are assumed."))
        return Margin((0,), _alike(np.ones(len(city.group_ids)), whole), "households by income group")
    if dims == ("group",):
        notes.append(word("Income groups by zone are unknown: the city's shares are used in every zone."))
    return _margin(city, ("households",), dims, (0,), "households by income group", whole)


def _tenure_margin(city: City, whole: Margin, notes: list[str]) -> Margin:
    names = tuple(f"households_{tenure}" for tenure in TENURES)
    dims = _finest(city, names, ("zone", "group"), ("zone",), ())
    if dims is None:
        notes.append(word("Tenure is unknown: every home is treated as lived in by its owner."))
        return Margin((1,), _alike(np.array([1.0, 0.0]), whole), "households by tenure")
    if not dims:
        notes.append(word("Tenure by zone is unknown: the city's shares are used in every zone."))
    return _margin(city, names, dims, (1,), "households by tenure", whole)


def _kind_margin(
    city: City, dim: str, axis: int, given: tuple[str, ...], whole: Margin, notes: list[str]
) -> Margin:
    """The margin of homes by dwelling or by heating. A kind that is not given is not zero unless the rest adds up."""
    dims = _finest(city, given, ("zone", "group"), ("zone",), ())
    if dims is None:
        file = str(city.facts.frame.loc[city.facts.frame["variable"] == given[0], "file"].iloc[0])
        what = say("{names} are not given for the same zones and groups.", names=listed(given))
        raise InputError(Finding(file, None, "zone", what, word("Give each by zone, or each for the city.")))
    margin = _margin(city, given, dims, (axis,), say("homes by {label}", label=dim), whole)
    absent = [name for name in KINDS[dim] if name not in given]
    if absent:
        have = sum(float(city.array(name, dims).sum()) for name in given)
        homes = float(whole.totals.sum())
        if have < (1.0 - APART) * homes:
            what = say(
                "{names} sum to {have} of the city's {homes} homes.",
                names=listed(given),
                have=digits(have, ",.0f"),
                homes=digits(homes, ",.0f"),
            )
            raise InputError(Finding(margin.file, None, "variable", what, say("Add {names}.", names=listed(absent))))
        said = say("Not given, and taken as no homes because the others add up: {names}.", names=listed(absent))
        notes.append(said)
    if not dims:
        said = say("Homes by {label} are unknown by zone: the city's shares are used in every zone.", label=dim)
        notes.append(said)
    return margin


def _margin(
    city: City,
    names: Sequence[str],
    dims: tuple[str, ...],
    axes: tuple[int, ...],
    words: str,
    whole: Margin | None = None,
) -> Margin:
    """A margin from one variable, or from several that make the last axis; the city's figures in every zone alike."""
    arrays = [city.array(name, dims) for name in names]
    values = [np.asarray(array.values, float) for array in arrays]
    rows = values[0] if len(values) == 1 else np.stack(values, axis=-1)
    rows = rows if "zone" in dims or whole is None else _alike(rows, whole)
    axes = (0, *axes) if "group" in dims and axes != (0,) else axes
    file = str(city.facts.frame.loc[city.facts.frame["variable"] == names[0], "file"].iloc[0])
    # A city's figures laid out alike in every zone are shares: nothing says how many homes a zone has.
    counted = "zone" in dims or len(city.zone_ids) == 1
    origin = _origin(arrays, words) if counted else say("{what} of the city", what=words)
    return Margin(axes, rows, words, file, origin)


def _alike(row: np.ndarray, whole: Margin) -> np.ndarray:
    return np.asarray(whole.totals.reshape(-1, *[1] * row.ndim) * row / row.sum())


def _origin(arrays: Sequence[xr.DataArray], words: str) -> str:
    """Sources and years of counts, which must agree with counts of the same ones; estimates stand for themselves."""
    if any(GRADES.get(a.attrs["method"]) != "A" for a in arrays):
        return say("an estimate of {what}", what=words)
    sources = sorted({s for a in arrays for s in a.attrs["sources"]})
    years = sorted({y for a in arrays for y in a.attrs["years"]})
    return f"{', '.join(sources)} {years}"


def _finest(city: City, names: Sequence[str], *details: tuple[str, ...]) -> tuple[str, ...] | None:
    """The first detail that all of the variables have."""
    for dims in details:
        if ("group" not in dims or city.group_ids != (ALL,)) and all(city.has(name, dims) for name in names):
            return dims
    return None
