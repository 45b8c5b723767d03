"""The city's own actions as shares of measures over time."""

from collections.abc import Iterable, Sequence

from mutirao.city.actions import Action
from mutirao.model.horizon import Horizon
from mutirao.plan.build import ramp


def why_not_modelled(action: Action, measures: Iterable[str]) -> str:
    """Empty when the action enters a plan; otherwise the reason, for the list of actions."""
    if not action.measure:
        return "no measure of this version stands for it"
    if action.measure not in measures:
        return f"no system knows the measure '{action.measure}'"
    if action.amount is None:
        return "no amount is stated"
    if action.unit != "share":
        return f"its amount is in '{action.unit}', not a share of the measure"
    if action.start is None or action.end is None:
        return "start or end year is missing"
    return ""


def shares(actions: Sequence[Action], measures: Iterable[str], horizon: Horizon) -> dict[str, dict[int, float]]:
    """Share of each measure by period that the actions together reach, at most all of it."""
    known = set(measures)
    out: dict[str, dict[int, float]] = {}
    for action in actions:
        if why_not_modelled(action, known):
            continue
        assert action.amount is not None
        assert action.start is not None
        assert action.end is not None
        path = ramp(action.start, action.end, action.amount, horizon.periods, horizon.start)
        have = out.setdefault(action.measure, dict.fromkeys(horizon.periods, 0.0))
        for year in horizon.decisions:
            have[year] = min(have[year] + path[year], 1.0)
    return out


def adopted(actions: Sequence[Action]) -> list[Action]:
    """Actions that are law or decided; proposals are listed but not counted as business as adopted."""
    return [a for a in actions if a.status == "adopted"]
