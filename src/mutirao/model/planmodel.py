"""The model of a plan: labelled variables and rules, and the book's terms, on one linear program."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import linopy
import numpy as np
import pandas as pd
import xarray as xr

from mutirao.book.terms import Term, crosses_border
from mutirao.city.folder import City
from mutirao.ground.parameters import Parameters
from mutirao.justice.households import TENURES
from mutirao.model.baseyear import BaseYear, base_year
from mutirao.model.horizon import Horizon
from mutirao.model.timeaxis import TimeAxis
from mutirao.model.weighted import Part, weighted_sum

linopy.options["semantics"] = "v1"

#: Families of limits that people set or the world sets: what can be relaxed one at a time when no plan exists.
FAMILIES = ("path", "neutrality", "carbon_budget", "removals", "cash_budget", "workforce", "supply", "fairness")


@dataclass(frozen=True)
class Linear:
    """A linear expression in decisions plus a given part; both over the same kept dims."""

    expression: linopy.LinearExpression | None
    given: xr.DataArray


@dataclass(frozen=True)
class Stock:
    """A stock that counts a measure and how much of it there could be (same dims, same unit)."""

    variable: str
    select: Mapping[str, str]
    potential: xr.DataArray


@dataclass(frozen=True)
class Measure:
    """A thing that can be done; its share is the stock of its parts over their potential.

    ``power`` says in whose power it is: city, state, federal, utility or owners.
    """

    name: str
    parts: tuple[Stock, ...]
    unit: str
    meaning: str
    power: str


@dataclass(frozen=True)
class Limit:
    """A policy row kept by name so that it can be relaxed, priced or explained."""

    name: str
    family: str
    unit: str
    meaning: str


class PlanModel:
    """Variables, rules and terms of one plan.

    Money in million CUR a year, carbon in kt CO2e a year, energy in GWh a year, power in GW, dwellings in
    thousands, distance in million vehicle-km: so that CUR/kWh x GWh and t/MWh x GWh need no factor.

    ``fixed`` : measures are given from outside (business as adopted); what they displace is shared out in
    proportion instead of being chosen.  ``relax`` : families of limits that may be broken, at a penalty.
    ``claims`` : which system accounts for which cell (gpc, carrier) of the inventory.
    """

    def __init__(
        self,
        city: City,
        parameters: Parameters,
        horizon: Horizon,
        time: TimeAxis,
        *,
        fixed: bool = False,
        relax: Iterable[str] = (),
        claims: Mapping[tuple[str, str], str] | None = None,
    ):
        self.city, self.parameters, self.horizon, self.time = city, parameters, horizon, time
        self.fixed = fixed
        self.relax = frozenset(relax)
        self.claims = dict(claims or {})
        self.lp = linopy.Model(force_dim_names=True, set_names_in_solver_io=False)
        self.terms: list[Term] = []
        self.measures: dict[str, Measure] = {}
        self.limits: dict[str, Limit] = {}
        self.slacks: dict[str, linopy.Variable] = {}
        self.variables: dict[str, tuple[str, str]] = {}
        self.rule_units: dict[str, str] = {}

    @cached_property
    def base(self) -> BaseYear:
        """The calibrated base year."""
        return base_year(self.city, self.parameters)

    # ---- dims -------------------------------------------------------------------------------------------
    @property
    def periods(self) -> pd.Index:
        return self.horizon.index

    @property
    def zones(self) -> pd.Index:
        return pd.Index(self.city.zone_ids, name="zone")

    @property
    def groups(self) -> pd.Index:
        return pd.Index(self.city.group_ids, name="group")

    @property
    def tenures(self) -> pd.Index:
        return pd.Index(TENURES, name="tenure")

    @property
    def homes(self) -> list[pd.Index]:
        """Index of household cells: zone x group x tenure."""
        return [self.zones, self.groups, self.tenures]

    def given(self, name: str) -> float:
        """Value of a parameter."""
        return self.parameters(name)

    # ---- variables and rules ----------------------------------------------------------------------------
    def variable(
        self,
        name: str,
        coords: Sequence[pd.Index],
        unit: str,
        meaning: str,
        *,
        lower: float | xr.DataArray = 0.0,
        upper: float | xr.DataArray = np.inf,
        scaling: float = 1.0,
    ) -> linopy.Variable:
        """Add a labelled variable; bounds may carry some of its dims and are repeated over the others."""
        lower, upper = _over(coords, lower), _over(coords, upper)
        self.variables[name] = (unit, meaning)
        extra: dict[str, Any] = {} if scaling == 1.0 else {"scaling": scaling}
        return self.lp.add_variables(lower=lower, upper=upper, coords=list(coords), name=name, **extra)

    def rule(
        self,
        name: str,
        lhs: linopy.LinearExpression | linopy.Variable,
        sign: str,
        rhs: float | xr.DataArray,
        unit: str = "",
        scaling: float = 1.0,
    ) -> None:
        """Add a rule that must hold (physics, accounting)."""
        self.rule_units[name] = unit
        extra: dict[str, Any] = {} if scaling == 1.0 else {"scaling": scaling}
        self.lp.add_constraints(lhs, sign, rhs, name=name, **extra)

    def limit(
        self,
        name: str,
        family: str,
        lhs: linopy.LinearExpression | linopy.Variable,
        sign: str,
        rhs: float | xr.DataArray,
        *,
        unit: str,
        meaning: str,
    ) -> None:
        """Add a limit that somebody sets (pledge, budget, workforce, fairness); it may be relaxed by family."""
        if family not in FAMILIES:
            raise ValueError(f"unknown family of limits '{family}'")
        self.limits[name] = Limit(name, family, unit, meaning)
        self.rule_units[name] = unit
        expression = 1.0 * lhs if isinstance(lhs, linopy.Variable) else lhs
        if family in self.relax:
            coords = [pd.Index(expression.indexes[d], name=d) for d in expression.coord_dims]
            slack = self.variable(f"slack-{name}", coords, unit, f"how far '{meaning}' is missed")
            self.slacks[name] = slack
            expression = expression - slack if sign == "<=" else expression + slack
        self.lp.add_constraints(expression, sign, rhs, name=name)

    def measure(
        self,
        name: str,
        variable: str,
        potential: xr.DataArray,
        unit: str,
        meaning: str,
        power: str,
        select: Mapping[str, str] | None = None,
    ) -> None:
        """Register what can be done, or one more part of it, so that plans can fix, report and compare it."""
        part = Stock(variable, dict(select or {}), potential)
        earlier = self.measures[name].parts if name in self.measures else ()
        self.measures[name] = Measure(name, (*earlier, part), unit, meaning, power)

    def stock(self, part: Stock) -> linopy.Variable:
        """The slice of a variable that counts a part of a measure."""
        variable = self.lp.variables[part.variable]
        return variable.sel(dict(part.select), drop=True) if part.select else variable

    # ---- the book ---------------------------------------------------------------------------------------
    def post(self, account: str, **entry: Any) -> Term:
        """Post one term and return it.

        ``entry`` holds the fields of `Term` other than its number and account: system, unit, quantity_unit, meaning
        and source always; variable, select, coefficient (a number or an array), path, drivers and labels as needed.
        Drivers must be parameters of this run. Raises ValueError on a label, party or driver the book does not know.
        """
        coefficient = entry.pop("coefficient", 1.0)
        array = coefficient if isinstance(coefficient, xr.DataArray) else xr.DataArray(float(coefficient))
        term = Term(number=len(self.terms), account=account, coefficient=array, **entry)
        for name in term.drivers:
            self.parameters[name]
        self.terms.append(term)
        return term

    def factor(self, term: Term) -> float:
        """Product of the term's drivers at their central values."""
        out = 1.0
        for name, power in term.drivers.items():
            out *= self.parameters(name) ** power
        return out

    def linear(self, terms: Iterable[Term], keep: Sequence[str] = ("period",), sign: float = 1.0) -> Linear:
        """The linear view: sum of terms over everything but ``keep``.

        Terms on the same slice of a variable are added as numbers first, so that each variable enters once.
        Raises ValueError when a term with a decision lacks a kept dim.
        """
        coords = {"period": self.periods, "zone": self.zones, "group": self.groups, "tenure": self.tenures}
        shape = [len(coords[k]) for k in keep]
        given = xr.DataArray(np.zeros(shape), coords=[list(coords[k]) for k in keep], dims=list(keep))
        on_variable: dict[tuple[str, tuple[tuple[str, str], ...], frozenset[str]], xr.DataArray] = {}
        for term in terms:
            array = term.full_coefficient * (sign * self.factor(term))
            if term.variable is None:
                given = given + array.sum([d for d in array.dims if d not in keep])
                continue
            # Dims that neither the variable nor the sum carries are summed now, and only coefficients over the same
            # dims are added: an array would otherwise be repeated over the dims of its neighbour.
            carried = {str(d) for d in self.lp.variables[term.variable].dims}
            array = array.sum([d for d in array.dims if d not in carried and d not in keep])
            own = frozenset(str(d) for d in array.dims) - carried
            key = (term.variable, tuple(term.select.items()), own)
            on_variable[key] = on_variable[key] + array if key in on_variable else array
        if not on_variable:
            return Linear(None, given.transpose(*keep))
        parts: list[Part] = []
        for (name, select, _), array in on_variable.items():
            variable = self.lp.variables[name].labels.sel(dict(select), drop=True)
            missing = [d for d in keep if d not in (*variable.dims, *array.dims)]
            if missing:
                raise ValueError(f"variable '{name}' carries no {' or '.join(missing)}")
            parts.append((variable, array))
        return Linear(weighted_sum(self.lp, keep, parts), given.transpose(*keep))

    def select_terms(self, account: str, **labels: str | Sequence[str]) -> list[Term]:
        """Terms of an account whose labels match (a text, or one of several texts)."""
        out = []
        for t in self.terms:
            if t.account != account:
                continue
            if all(t.label(k) == v if isinstance(v, str) else t.label(k) in v for k, v in labels.items()):
                out.append(t)
        return out

    def close_balance(self, carrier: str, keep: Sequence[str]) -> None:
        """What is supplied of a carrier equals what is used, in every kept place and period."""
        total = self.linear(self.select_terms("energy", carrier=carrier), keep)
        if total.expression is not None:
            self.rule(f"balance-{carrier}", total.expression, "=", -total.given, unit="GWh/a")

    def outside_payments(self) -> Linear:
        """Yearly payments of inside parties to outside parties on the annuity view, plus welfare, by period."""
        money = self.select_terms("money", basis=("running", "annuity"))
        out = self.linear(t for t in money if crosses_border(t) > 0)
        back = self.linear((t for t in money if crosses_border(t) < 0), sign=-1.0)
        welfare = self.linear(self.select_terms("welfare"))
        parts = [p.expression for p in (out, back, welfare) if p.expression is not None]
        return Linear(add_up(parts) if parts else None, out.given + back.given + welfare.given)


def add_up(parts: Sequence[linopy.LinearExpression]) -> linopy.LinearExpression:
    """Sum of expressions over the same dims, in one merge."""
    return parts[0] if len(parts) == 1 else linopy.merge(list(parts), cls=linopy.LinearExpression)


def _over(coords: Sequence[pd.Index], bound: float | xr.DataArray) -> float | xr.DataArray:
    if not isinstance(bound, xr.DataArray):
        return bound
    full = xr.DataArray(
        np.zeros([len(i) for i in coords]), coords=[list(i) for i in coords], dims=[str(i.name) for i in coords]
    )
    return (full + bound).transpose(*full.dims)
