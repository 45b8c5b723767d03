"""How sure the figures of a plan are: decisions stay, prices and factors move, the same draw for both plans."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mutirao.book import terms as book
from mutirao.book.bundle import Plan
from mutirao.book.draws import aggregate, evaluate, sample

DRAWS = 2000
QUANTILES = (0.05, 0.5, 0.95)


def change_ranges(plan: Plan, reference: Plan, draws: int = DRAWS, seed: int = 1) -> pd.DataFrame:
    """Ranges of what changes against the reference: name, low, mid, high, unit.

    ``household:<group>:<year>`` and ``tenure:<tenure>:<year>`` in currency per household and year, ``cost`` the
    extra discounted cost in million, ``carbon:<year>`` the plan's own emissions in kt CO2e a year.
    """
    values = sample(plan, draws, seed)
    homes = plan.facts[plan.facts["name"] == "households"]
    unit = f"{plan.meta['city']['currency']} per household and year"
    rows = []
    for word, label in (("household", "group"), ("tenure", "tenure")):
        count = homes.groupby(label)["value"].sum()
        change = _household(plan, label, values).sub(_household(reference, label, values), fill_value=0.0)
        for name, year in change.columns.to_frame().itertuples(index=False, name=None):
            if year in plan.years[1:] and count.get(name, 0.0) > 0:
                rows.append(_row(f"{word}:{name}:{year}", change[name, year] * 1e6 / count[name], unit))
    cost = _cost(plan, values) - _cost(reference, values)
    rows.append(_row("cost", cost, f"million {plan.meta['city']['currency']}"))
    rows += _carbon(plan, values)
    return pd.DataFrame(rows)


def _row(name: str, draws: "np.ndarray | pd.Series[float]", unit: str) -> dict[str, object]:
    low, mid, high = np.quantile(np.asarray(draws, float), QUANTILES)
    return {"name": name, "low": low, "mid": mid, "high": high, "unit": unit}


def _signed(plan: Plan, parties: Sequence[str]) -> pd.DataFrame:
    """Money rows of the annuity view that parties pay (+1) or receive (-1)."""
    money = plan.select("money", basis=["running", "annuity"])
    paid = money[money["payer"].isin(list(parties))].assign(sign=1.0)
    got = money[money["receiver"].isin(list(parties))].assign(sign=-1.0)
    return pd.concat([paid, got])


def _household(plan: Plan, label: str, values: dict[str, np.ndarray]) -> pd.DataFrame:
    """Net payments of households in every draw; columns (label, period). Rows without a tenure are left out of it."""
    rows = _signed(plan, (book.HOUSEHOLDS,))
    if label == "tenure":
        rows = rows[rows["tenure"] != "ALL"]
    a = aggregate(plan, rows, (label, "period"))
    return pd.DataFrame(evaluate(a, values), columns=a.keys)


def _cost(plan: Plan, values: dict[str, np.ndarray]) -> np.ndarray:
    a = aggregate(plan, _signed(plan, book.INSIDE), ("period",))
    weight = plan.weight("discount_weight").reindex(a.keys).fillna(0.0).to_numpy()
    return np.asarray(evaluate(a, values) @ weight)


def _carbon(plan: Plan, values: dict[str, np.ndarray]) -> list[dict[str, object]]:
    bound = [*plan.meta["city"]["pledge"]["boundaries"], "removal"]
    a = aggregate(plan, plan.select("carbon", boundary=bound), ("period",))
    drawn = evaluate(a, values)
    return [_row(f"carbon:{y}", drawn[:, i], "kt CO2e/a") for i, y in enumerate(a.keys) if y in plan.years[1:]]
