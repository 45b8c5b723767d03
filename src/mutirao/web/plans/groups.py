"""Forms of a frontier and of a group around one table, and the answers of a group as the text of its file."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mutirao.city.asked import CARBON, LEVELS
from mutirao.city.rulekeys import MAIN_KEY
from mutirao.city.rulewords import parse_rule
from mutirao.city.settings import Settings
from mutirao.web.people.models import Reader
from mutirao.web.plans.forms import Spoken, number, read_asked, text
from mutirao.web.plans.rulecards import TITLES, Card, asked_rules, rule_cards, rule_fields

DISPUTES, WISHES = 3, 4
VOTED = {
    "adopted": gettext_lazy("Business as adopted"),
    "least_cost": gettext_lazy("Least cost, no rules"),
    "rules": gettext_lazy("The plan under the rules"),
    "ours": gettext_lazy("Our own alternative"),
}


class FrontierForm(forms.Form):
    """Which rule is varied, at which levels, over how many steps of carbon."""

    def __init__(self, data: Any, *, user: Reader, city: str) -> None:
        super().__init__(data)
        self.fields |= {
            "title": forms.CharField(
                label=_("Name"), max_length=120, initial=_("Frontier of %(city)s") % {"city": city}
            ),
            "rule": forms.ChoiceField(
                label=_("Rule to vary"), choices=[(name, TITLES[name]) for name in TITLES], initial="benefit_share"
            ),
            "levels": forms.CharField(
                label=_("Levels of its number"), required=False, max_length=160,
                help_text=_("Separated by commas, such as: off, 0.4, 0.6. Empty: a few around the city's own."),
            ),
            "carbon": forms.IntegerField(
                label=_("Steps of carbon"), min_value=2, max_value=CARBON, initial=4,
                help_text=_("Each step is a plan of its own: more steps take longer."),
            ),
            "organisation": Spoken(user),
        }  # fmt: skip

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        levels = [part.strip() for part in (given.get("levels") or "").split(",") if part.strip()]
        if len(levels) > LEVELS:
            self.add_error("levels", _("Write at most %(most)s levels.") % {"most": LEVELS})
        for level in levels:
            if level != "off":
                self._readable(str(given.get("rule")), level)
        if not self.errors:
            frontier = {"rule": given["rule"], "levels": levels, "carbon": given["carbon"]}
            given["asked"] = read_asked(self, {"frontier": frontier})
        return given

    def _readable(self, rule: str, level: str) -> None:
        if rule not in MAIN_KEY:
            self.add_error("levels", _("This rule has no number: write off or leave the field empty."))
            return
        try:
            known = math.isfinite(float(level))
        except ValueError:
            known = False
        if not known:
            self.add_error("levels", _("'%(level)s' is neither off nor a number.") % {"level": level})


class GroupForm(forms.Form):
    """The answers of a group around one table: who met, what they doubt, their rules, their wishes, their votes."""

    def __init__(
        self, data: Any, *, user: Reader, s: Settings | None, zones: Sequence[tuple[str, str]],
        measures: Mapping[str, str], assumptions: Sequence[tuple[str, str]],
    ) -> None:  # fmt: skip
        super().__init__(data)
        self.city_settings, self.measures = s, measures
        self.fields |= {
            "group_name": forms.CharField(label=_("Name of the group"), max_length=80),
            "zone": forms.ChoiceField(label=_("Zone whose homes are shown"), choices=list(zones)),
            "date": forms.DateField(label=_("Day of the meeting"), widget=forms.DateInput({"type": "date"})),
            "place": forms.CharField(label=_("Place"), max_length=200, required=False),
            "present": forms.IntegerField(label=_("People present"), min_value=1, max_value=100_000),
            "group_how": text(_("How the group decided"), False, 2, 500),
            "organisation": Spoken(user),
        }
        none = [("", _("none"))]
        for i in range(1, DISPUTES + 1):
            self.fields |= {
                f"doubt-{i}": forms.ChoiceField(
                    label=_("Number you doubt"), choices=[*none, *assumptions], required=False
                ),
                f"doubt-value-{i}": number(_("Your value"), -1e12, 1e12),
                f"doubt-why-{i}": forms.CharField(label=_("Why"), max_length=400, required=False),
            }
        for i in range(1, WISHES + 1):
            self.fields |= {
                f"wish-{i}": forms.ChoiceField(label=_("Measure"), choices=[*none, *measures.items()], required=False),
                f"wish-end-{i}": forms.ChoiceField(
                    label=_("at least or at most"), choices=[("at_least", _("at least")), ("at_most", _("at most"))],
                    required=False,
                ),
                f"wish-share-{i}": number(_("Share of what is possible, in %"), 0, 100),
                f"wish-year-{i}": forms.IntegerField(
                    label=_("from the year"), required=False, min_value=1900, max_value=2200
                ),
                f"wish-why-{i}": forms.CharField(label=_("Why"), max_length=400, required=False),
            }  # fmt: skip
        for name in VOTED:
            for hand, label in (("agree", _("agree")), ("object", _("object")), ("abstain", _("abstain"))):
                self.fields[f"{hand}-{name}"] = forms.IntegerField(
                    label=label, min_value=0, max_value=100_000, required=False
                )
            self.fields[f"reasons-{name}"] = text(_("Reasons, one in a line"), False, 2, 2000)
        self.fields |= rule_fields(s)

    def cards(self) -> list[Card]:
        return rule_cards(self, self.city_settings)

    def of_group(self) -> list[Any]:
        return [self[n] for n in ("group_name", "zone", "date", "place", "present", "group_how", "organisation")]

    def doubts(self) -> list[list[Any]]:
        return [[self[f"{n}-{i}"] for n in ("doubt", "doubt-value", "doubt-why")] for i in range(1, DISPUTES + 1)]

    def wishes(self) -> list[list[Any]]:
        names = ("wish", "wish-end", "wish-share", "wish-year", "wish-why")
        return [[self[f"{n}-{i}"] for n in names] for i in range(1, WISHES + 1)]

    def votes(self) -> list[tuple[Any, list[Any]]]:
        hands = ("agree", "object", "abstain", "reasons")
        return [(label, [self[f"{hand}-{name}"] for hand in hands]) for name, label in VOTED.items()]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        self._whole(given)
        rules, off, faults = asked_rules(given, self.city_settings)
        for name, fault in faults.items():
            self.add_error(name, fault)
        present = given.get("present") or 0
        for name in VOTED:
            hands = sum(given.get(f"{hand}-{name}") or 0 for hand in ("agree", "object", "abstain"))
            if present and hands > present:
                self.add_error(f"agree-{name}", _("These are more votes than people who were there."))
        if not self.errors:
            given["asked"] = read_asked(self, {"answers_text": answers_text(given, rules, off)})
        return given

    def _whole(self, given: Mapping[str, Any]) -> None:
        """A doubt needs a value and a reason, a wish a share and a year."""
        parts = [("doubt", DISPUTES, ("doubt-value", "doubt-why")), ("wish", WISHES, ("wish-share", "wish-year"))]
        for begin, most, needed in parts:
            for i in range(1, most + 1):
                for name in needed:
                    key = f"{name}-{i}"
                    if given.get(f"{begin}-{i}") and given.get(key) in (None, "") and key not in self.errors:
                        self.add_error(key, _("Fill this in too."))


def answers_text(given: Mapping[str, Any], rules: Sequence[str], off: Sequence[str]) -> str:
    """The answers of a filled form as the text of an answers file (TOML), as the table kit reads it."""
    group = {"name": given["group_name"], "zone": given["zone"], "date": given["date"].isoformat()}
    group |= {"place": given.get("place") or "", "present": given["present"], "how": given.get("group_how") or ""}
    parts = [_section("[group]", group)]
    for i in range(1, DISPUTES + 1):
        if given.get(f"doubt-{i}"):
            values = {"parameter": given[f"doubt-{i}"], "value": given[f"doubt-value-{i}"]}
            parts.append(_section("[[dispute]]", values | {"why": given[f"doubt-why-{i}"]}))
    parts += [_section("[[rule]]", _rule_values(rule)) for rule in rules]
    parts += [_section("[[rule]]", {"name": name, "on": False}) for name in off]
    for i in range(1, WISHES + 1):
        if given.get(f"wish-{i}"):
            share = float(f"{given[f'wish-share-{i}'] / 100:.12g}")
            values = {"measure": given[f"wish-{i}"], given.get(f"wish-end-{i}") or "at_least": share}
            values |= {"by": given[f"wish-year-{i}"], "why": given.get(f"wish-why-{i}") or ""}
            parts.append(_section("[[measure]]", values))
    for name in VOTED:
        hands = {hand: given.get(f"{hand}-{name}") or 0 for hand in ("agree", "object", "abstain")}
        why = [line.strip() for line in (given.get(f"reasons-{name}") or "").splitlines() if line.strip()]
        if any(hands.values()) or why:
            parts.append(_section("[[vote]]", {"alternative": name, **hands, "why": why}))
    return "\n".join(parts)


def _rule_values(rule: str) -> dict[str, Any]:
    read = parse_rule(rule)
    keys = [word.split("=", 1)[0] for word in rule.split()[1:]]
    return {"name": read.name} | {key: getattr(read, key) for key in keys}


def _section(head: str, values: Mapping[str, Any]) -> str:
    return "\n".join([head, *(f"{key} = {_toml(value)}" for key, value in values.items()), ""])


def _toml(value: Any) -> str:
    """A value as TOML writes it; its texts are those of JSON, save one sign that TOML does not take as it is."""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)
