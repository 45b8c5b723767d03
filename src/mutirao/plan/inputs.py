"""From a city and the installed systems to the inputs of a run: parameters by layer, horizon, time axis."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from mutirao.city.folder import City
from mutirao.city.variables import Variable
from mutirao.ground.findings import Finding, InputError
from mutirao.ground.money import deflator
from mutirao.ground.parameters import Parameter, Parameters, from_settings, package_parameters
from mutirao.ground.speech import say, word
from mutirao.model.horizon import Horizon, milestones
from mutirao.model.system import System
from mutirao.model.timeaxis import TimeAxis, monthly_axis

STEPS = {"quick": 6, "standard": 8, "final": 12}


def declared_variables(systems: Iterable[System]) -> list[Variable]:
    """Every variable that the systems read, once."""
    found: dict[str, Variable] = {}
    for system in systems:
        for variable in system.declares.variables:
            found.setdefault(variable.name, variable)
    return list(found.values())


def declared_measures(systems: Iterable[System]) -> dict[str, str]:
    """Every measure with its meaning."""
    return {name: words for system in systems for name, words in system.declares.measures.items()}


def claims(systems: Iterable[System]) -> dict[tuple[str, str], str]:
    """Which system accounts for which inventory cell. Raises ValueError when two claim the same one."""
    out: dict[tuple[str, str], str] = {}
    for system in systems:
        for claim in system.declares.claims:
            key = (claim.gpc, claim.carrier)
            if key in out:
                raise ValueError(f"systems {out[key]} and {system.name} both claim {claim.gpc} {claim.carrier}")
            out[key] = system.name
    return out


def default_parameters(systems: Iterable[System]) -> Parameters:
    """The parameters of all systems and of the plan itself, as shipped."""
    rows = [p for s in systems for p in s.declares.parameters]
    return Parameters([*rows, *package_parameters("mutirao.plan", "plan")])


def parameters_of(
    city: City, systems: Sequence[System], settings: Sequence[str] = (), scenario: Iterable[Parameter] = ()
) -> Parameters:
    """Resolve default < city < scenario < --set, in the city's currency of its price year."""
    s = city.settings
    p = default_parameters(systems).in_currency(s.currency, s.price_year)
    p = p.with_layer("city", [*_prices(city, p), *_own(city, p)])
    p = p.with_layer("scenario", scenario)
    return p.with_layer("set", from_settings(settings, p))


def _prices(city: City, known: Parameters) -> list[Parameter]:
    """A price that the city states replaces the default of the same name: its latest year up to the plan's start."""
    rows = []
    for name in sorted({v for v in city.facts.frame["variable"].unique() if v in known}):
        series = [f for f in city.facts.series(name) if f.year <= city.settings.start]
        if not series:
            continue
        last = series[-1]
        real = _deflate(city, last.year) if city.settings.currency in known[name].unit else 1.0
        low, high = (last.value if b is None else b for b in (last.low, last.high))
        rows.append(
            replace(
                known[name],
                value=last.value * real,
                low=low * real,
                high=high * real,
                price_year=city.settings.price_year,
                kind="fact" if last.method in ("measured", "census") else "assumption",
                source=f"{last.source} ({last.file}, {last.year})",
            )
        )
    return rows


def _deflate(city: City, year: int) -> float:
    s = city.settings
    return deflator(s.currency, s.price_year).value / deflator(s.currency, year).value


def _own(city: City, known: Parameters) -> list[Parameter]:
    """Rows of the city's own parameters.csv."""
    if city.parameters is None:
        return []
    rows = []
    for r in city.parameters.to_dict("records"):
        old = known[str(r["name"])]
        value = _number(r, "value", None)
        year = str(r.get("price_year") or "").strip()
        money = s if (s := city.settings.currency) in str(r.get("unit") or "") else ""
        real = _deflate(city, int(year)) if year and money else 1.0
        rows.append(
            replace(
                old,
                value=value * real,
                low=_number(r, "low", value) * real,
                high=_number(r, "high", value) * real,
                kind=str(r.get("kind") or "assumption"),
                source=str(r["source"]),
                note=str(r.get("note") or ""),
            )
        )
    return rows


def _number(row: Mapping[Hashable, object], column: str, blank: float | None) -> float:
    text = str(row.get(column) or "").strip()
    if not text and blank is not None:
        return blank
    try:
        return float(text)
    except ValueError:
        raise InputError(
            Finding(
                "parameters.csv",
                int(str(row.get("_row", 0))) or None,
                column,
                say("'{text}' is not a number.", text=text),
                word("Write a plain number with a decimal point."),
            )
        ) from None


def horizon_of(city: City, resolution: str) -> Horizon:
    """Milestones from the first plan year to the year of neutrality, pledged years included."""
    s = city.settings
    fixed = tuple(t.year for t in s.pledge.targets)
    end = max([s.pledge.neutrality_year, *fixed])
    return Horizon(s.base_year, milestones(s.start, end, resolution, fixed), s.discount_rate)


def time_of(city: City, resolution: str) -> TimeAxis:
    """Twelve typical days from the city's monthly normals, with 6, 8 or 12 steps a day."""
    months = [f"m{m:02d}" for m in range(1, 13)]
    temperature = np.array([float(city.array(f"temperature_{m}", ())) for m in months])
    irradiation = np.array([float(city.array(f"irradiation_{m}", ())) for m in months])
    return monthly_axis(temperature, irradiation, city.settings.latitude, STEPS[resolution])
