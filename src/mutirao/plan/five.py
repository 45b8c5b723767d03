"""The five measures of justice that pages print, for business as adopted and for the plan, with ranges."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from mutirao.book.bundle import Plan
from mutirao.book.draws import evaluate
from mutirao.ground.speech import digits, say, together, word
from mutirao.justice.distribution import FIVE, benefit_share, kappa, kolm_pollak_ede, losers_share, misleads
from mutirao.justice.outcomes import cell_aggregate, fact, home_energy_rows, homes_of, household_rows
from mutirao.justice.withincell import strata
from mutirao.plan.ranges import SPREAD, THRESHOLD

#: Draws on which a measure is reckoned one by one.
EACH = 200
QUANTILES = (0.05, 0.95)
#: A home loses when it pays more by at least this, in currency a year: less prints as nothing.
NOTHING = 0.5
#: Aversion to unequal burdens (Sheriff and Maguire 2020 use 0.5 to 2 in size); burdens above income count as all of it.
AVERSION, WORST = -1.0, 1.0
WHOLE = "whole plan"
COLUMNS = ("measure", "name", "words", "period", "adopted", "plan", "low", "high", "change", "change_low",
           "change_high", "unit", "status")  # fmt: skip


def five_measures(
    plan: Plan, reference: Plan, designated: pd.Series, who: str, values: Mapping[str, np.ndarray], ranges: pd.DataFrame
) -> pd.DataFrame:
    """Burden, who loses, share of the benefit, poverty gap and equally-distributed equivalent burden.

    designated : share of designated homes by cell of `homes_of`; ``who`` they are. values : `common_draws` of both
    plans. ranges : `burden_ranges` of the plan, whose low and high are taken over. Returns measure, name, words,
    period (a milestone, or "whole plan" for the share of the benefit), adopted, plan, low, high, change (plan less
    adopted) with its own range under the same draws, unit and status (why there is no figure, or how it misleads).
    """
    some = {k: v[: EACH + 1] for k, v in values.items()}
    homes = homes_of(plan).to_numpy()
    income = fact(plan, "income")
    known = (homes > 0) & (income > 0)
    spread = some.get(SPREAD, np.zeros(len(next(iter(some.values())))))
    spends = [_per_home(p, home_energy_rows(p), some, homes) for p in (plan, reference)]
    paid = [_per_home(p, household_rows(p), some, homes) for p in (plan, reference)]
    money = say("million {currency}/a", currency=plan.meta["city"]["currency"])
    rows: list[dict[str, object]] = []
    status = "" if known.any() else word("not estimated: incomes are not known")
    part = float(homes[known].sum() / homes.sum())
    if known.any() and part < 0.999:
        status = say("for the {part} of homes whose income is known", part=digits(part, ".0%"))
    level = _frozen_kappa(spends[1][..., 0], income, homes, known, spread) if known.any() else 0.0
    for at, year in enumerate([plan.base_year, *plan.years]):
        if year not in plan.years[1:]:
            continue
        losers = _line("losers_share", year, [_losers(paid[0][..., at] - paid[1][..., at], homes),
                                              np.zeros(len(spread))], "share of homes")  # fmt: skip
        if not known.any():
            blank = [np.full(len(spread), np.nan)] * 2
            units = (("burden", "share of income"), ("poverty_gap", money), ("ede", "share of income"))
            blanks = [_line(name, year, blank, unit, status) for name, unit in units]
            rows += [blanks[0], losers, *blanks[1:]]
            continue
        burdens = [s[:, known, at] / income[known] for s in spends]
        rows += [
            _line("burden", year, [b @ _weights(income * homes, known) for b in burdens], "share of income", status),
            losers,
            _line("poverty_gap", year, [_gap(s[:, known, at], income[known], homes[known], spread) for s in spends],
                  money, status),
            _line("ede", year, [_each(lambda b, s: _ede(b, s, homes[known], level), b, spread) for b in burdens],
                  "share of income", status),
        ]  # fmt: skip
    rows.append(_share(plan, paid, homes, designated.to_numpy(), who))
    return _aligned(pd.DataFrame(rows, columns=list(COLUMNS)), ranges, plan.name)


def _per_home(plan: Plan, rows: pd.DataFrame, values: Mapping[str, np.ndarray], homes: np.ndarray) -> np.ndarray:
    """CUR per home and year, draws x cells x periods; zero where nobody lives."""
    drawn = evaluate(cell_aggregate(plan, rows), dict(values)).reshape(len(next(iter(values.values()))), len(homes), -1)
    return drawn * 1e6 / np.where(homes > 0, homes, np.inf)[:, None]


def _weights(amount: np.ndarray, known: np.ndarray) -> np.ndarray:
    some = amount[known]
    return np.asarray(some / some.sum()) if some.size else some


def _losers(more: np.ndarray, homes: np.ndarray) -> np.ndarray:
    return np.array([losers_share(row, homes, NOTHING) for row in more])


def _gap(spend: np.ndarray, income: np.ndarray, homes: np.ndarray, spread: np.ndarray) -> np.ndarray:
    q = np.stack([strata(float(s)) for s in spread])
    over = np.zeros_like(spend)
    for part in q.T:
        over += np.clip(spend * part[:, None] - THRESHOLD * income, 0.0, None) / q.shape[1]
    return np.asarray(over @ homes * 1e-6)


def _each(measure: Callable[[np.ndarray, float], float], burdens: np.ndarray, spread: np.ndarray) -> np.ndarray:
    return np.array([measure(row, float(s)) for row, s in zip(burdens, spread, strict=True)])


def _spread_out(burden: np.ndarray, homes: np.ndarray, spread: float) -> tuple[np.ndarray, np.ndarray]:
    """Burdens of the strata of each cell and their homes; burdens above income count as all of it."""
    q = strata(spread)
    return np.clip(np.outer(burden, q), None, WORST).ravel(), np.repeat(homes / len(q), len(q))


def _ede(burden: np.ndarray, spread: float, homes: np.ndarray, level: float) -> float:
    values, weights = _spread_out(burden, homes, spread)
    return kolm_pollak_ede(values, level, weights)


def _frozen_kappa(
    spend: np.ndarray, income: np.ndarray, homes: np.ndarray, known: np.ndarray, spread: np.ndarray
) -> float:
    """Aversion in the unit of burdens, frozen at the base year's own figures."""
    values, weights = _spread_out(spend[0, known] / income[known], homes[known], float(spread[0]))
    return kappa(values, AVERSION, weights) if (values != 0).any() else 0.0


def _share(
    plan: Plan, paid: list[np.ndarray], homes: np.ndarray, designated: np.ndarray, who: str
) -> dict[str, object]:
    """Share of all that homes gain over the whole plan, discounted, that goes to designated homes."""
    weight = plan.weight("discount_weight").reindex([plan.base_year, *plan.years]).to_numpy(float)
    gain = (paid[1] - paid[0]) @ weight
    unit = say("share of what homes gain, to: {who}", who=who)
    if not gain[0] @ homes > 0:
        why = word("not estimated: homes together do not gain, and a share of a loss would mislead")
        nothing = np.full(len(gain), np.nan)
        return _line("benefit_share", WHOLE, [nothing, nothing], unit, why)
    shares = np.array([benefit_share(g, designated, homes) if g @ homes > 0 else np.nan for g in gain])
    why = misleads("benefit_share", gain[0] * homes)
    if np.isnan(shares).any():
        why = together(why, word("In some draws homes together do not gain; the range is of the others."))
    return _line("benefit_share", WHOLE, [shares, np.full(len(gain), np.nan)], unit, why)


def _line(key: str, period: object, both: list[np.ndarray], unit: str, status: str = "") -> dict[str, object]:
    """One row from draws of the plan and of the reference, row 0 the plans' own figures."""
    shown = next(s for s in FIVE if s.key == key)
    plan, before = both
    low, high = _edges(plan)
    change_low, change_high = _edges(plan - before)
    return {"measure": key, "name": shown.name, "words": shown.words, "period": period, "adopted": float(before[0]),
            "plan": float(plan[0]), "low": low, "high": high, "change": float(plan[0] - before[0]),
            "change_low": change_low, "change_high": change_high, "unit": unit, "status": status}  # fmt: skip


def _edges(drawn: np.ndarray) -> tuple[float, float]:
    known = drawn[1:][np.isfinite(drawn[1:])]
    if not known.size or not np.isfinite(drawn[0]):
        return float("nan"), float("nan")
    low, high = np.quantile(known, QUANTILES)
    return float(min(low, drawn[0])), float(max(high, drawn[0]))


def _aligned(table: pd.DataFrame, ranges: pd.DataFrame, name: str) -> pd.DataFrame:
    """Low and high of burden and gap from the ranges of other pages, so that they agree to the digit."""
    edges = ranges.set_index("name")[["low", "high"]]
    out = table.copy()
    for i, measure, year in table[["measure", "period"]].itertuples(name=None):
        key = {"burden": f"burden:{name}:ALL:{year}", "poverty_gap": f"gap6:{name}:{year}"}.get(measure, "")
        if key in edges.index:
            out.loc[i, ["low", "high"]] = edges.loc[key].to_numpy()
    return out
