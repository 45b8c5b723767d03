"""The city's own actions as shares of measures over time."""

from collections.abc import Iterable, Sequence

from mutirao.city.actions import Action
from mutirao.ground.speech import say, word
from mutirao.model.horizon import Horizon
from mutirao.plan.build import ramp


def why_not_modelled(action: Action, measures: Iterable[str]) -> str:
    """Empty when the action enters a plan; otherwise the reason, for the list of actions."""
    if not action.measure:
        return word("no measure of this version stands for it")
    if action.measure not in measures:
        return say("no system knows the measure '{measure}'", measure=action.measure)
    if action.amount is None:
        return word("no amount is stated")
    if action.unit != "share":
        return say("its amount is in '{unit}', not a share of the measure", unit=action.unit)
    if action.start is None or action.end is None:
        return word("start or end year is missing")
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
