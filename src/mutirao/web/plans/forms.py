"""Forms about plans. What is wrong is said beside its field, and nothing that was filled in is lost."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mutirao.book.terms import CITY_PARTIES
from mutirao.city.asked import RESOLUTIONS, Asked
from mutirao.city.rulewords import with_rules
from mutirao.city.settings import Settings
from mutirao.ground.findings import InputError
from mutirao.ground.speech import again
from mutirao.report import names
from mutirao.web.people.models import Organisation, Reader
from mutirao.web.plans.rulecards import Card, asked_rules, rule_cards, rule_fields

#: Interim targets that the form has room for.
TARGETS = 4
LONG = 4000
TIMES = {
    "quick": gettext_lazy("quick: five milestone years, some minutes"),
    "standard": gettext_lazy("standard: seven milestone years, up to half an hour"),
    "final": gettext_lazy("final: nine milestone years, up to some hours"),
}
FIELD_OF = {"neutrality_year": "neutrality_year", "budget_kt": "budget_kt", "settings": "settings",
            "resolution": "resolution", "set_by": "set_by", "how": "how", "targets": "year-1",
            "answers_text": "group_name"}  # fmt: skip


class Spoken(forms.ModelChoiceField):
    """On whose behalf: one of the organisations for which one edits or leads."""

    def __init__(self, user: Reader) -> None:
        super().__init__(
            queryset=Organisation.objects.spoken_for_by(user), required=False, label=_("On behalf of"),
            empty_label=_("myself only"),
        )  # fmt: skip


def text(label: str, required: bool = True, rows: int = 4, most: int = LONG, help_text: str = "") -> forms.CharField:
    """A field for some lines of text."""
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, max_length=most, widget=area, help_text=help_text)


def number(label: str, low: float | None = None, high: float | None = None, **more: Any) -> forms.FloatField:
    """A field for a number that may have any decimals."""
    widget = forms.NumberInput(attrs={"step": "any"})
    return forms.FloatField(label=label, required=False, min_value=low, max_value=high, widget=widget, **more)


class PlanForm(forms.Form):
    """What a new plan of a city is to be.

    s : what the city's own files say, against which changes are told. begun, asked : what the form begins with, the
    same unless the plan is begun from another.
    """

    def __init__(
        self, data: Any, *, user: Reader, s: Settings | None, begun: Settings | None, measures: Mapping[str, str],
        asked: Asked, title: str = "",
    ) -> None:  # fmt: skip
        super().__init__(data)
        self.city_settings, self.begun, self.measures = s, begun, measures
        pledge = s.pledge if s else None
        self.fields |= {
            "title": forms.CharField(label=_("Name of the plan"), max_length=120, initial=title),
            "reason": text(_("What it is for"), False, 3, 2000),
            "organisation": Spoken(user),
            "neutrality_year": forms.IntegerField(
                label=_("Carbon neutral in the year"), required=False, min_value=1900, max_value=2200,
                initial=asked.neutrality_year or (pledge.neutrality_year if pledge else None),
            ),
            "budget_kt": number(
                _("All emissions until then at most, in kt CO2e"), 0, 1e9,
                initial=asked.budget_kt if asked.budget_kt is not None else (pledge.budget_kt if pledge else None),
                help_text=_("Leave it empty where no budget of carbon is set."),
            ),
            "set_by": forms.CharField(
                label=_("Who sets the rules and targets you change"), max_length=300, required=False,
                initial=asked.set_by, help_text=_("It is printed wherever they are. Empty: your name."),
            ),
            "how": forms.CharField(
                label=_("How it was decided"), max_length=300, required=False, initial=asked.how,
                help_text=_("Such as: vote of the assembly; proposal to be discussed."),
            ),
            "settings": text(
                _("Changed assumptions"), False, 3, 10_000,
                _("One in a line, such as heat_pump_cost = 14000. Their names stand with the assumptions of a plan."),
            ),
            "resolution": forms.ChoiceField(
                label=_("How fine"), choices=[(r, TIMES[r]) for r in RESOLUTIONS], initial=asked.resolution,
                help_text=_("Decide with quick; publish with standard or final."),
            ),
            "headwinds": forms.BooleanField(
                label=_("Try the plan in headwinds and say what to start now"), required=False,
                initial=asked.headwinds, help_text=_("It takes about as long again."),
            ),
            "assessment": forms.BooleanField(
                label=_("Judge what the city has already adopted"), required=False, initial=asked.assessment,
            ),
        }  # fmt: skip
        self.fields["settings"].initial = "\n".join(t.replace("=", " = ", 1) for t in asked.settings)
        self.fields |= self._targets(asked) | self._budgets(asked) | rule_fields(begun) | self._measures(asked)

    def _targets(self, asked: Asked) -> dict[str, forms.Field]:
        had = [(t.year, t.cut) for t in self.city_settings.pledge.targets] if self.city_settings else []
        before = (list(asked.targets) or had) + [(None, None)] * TARGETS
        out: dict[str, forms.Field] = {}
        for i, (year, cut) in enumerate(before[:TARGETS], start=1):
            shown = None if cut is None else f"{100 * cut:.10g}"
            out[f"year-{i}"] = forms.IntegerField(
                label=_("Year"), required=False, min_value=1900, max_value=2200, initial=year
            )
            out[f"cut-{i}"] = number(_("Cut, in %"), 0, 100, initial=shown)
        return out

    def _budgets(self, asked: Asked) -> dict[str, forms.Field]:
        have = {**(self.city_settings.budgets if self.city_settings else {}), **asked.budgets}
        parties = dict.fromkeys([*CITY_PARTIES, *have])
        return {f"budget-{p}": number(again(names.party(p)), 0, 1e9, initial=have.get(p)) for p in parties}

    def _measures(self, asked: Asked) -> dict[str, forms.Field]:
        out: dict[str, forms.Field] = {}
        for end, bounds in (("least", asked.floors), ("most", asked.ceilings)):
            had = {name: (share, year) for name, share, year in bounds}
            for m in self.measures:
                share, year = had.get(m, (None, None))
                shown = None if share is None else f"{100 * share:.10g}"
                label = _("At least, in %") if end == "least" else _("At most, in %")
                out[f"{end}-{m}"] = number(label, 0, 100, initial=shown)
                out[f"{end}-year-{m}"] = forms.IntegerField(
                    label=_("from the year"), required=False, min_value=1900, max_value=2200, initial=year
                )
        return out

    def cards(self) -> list[Card]:
        return rule_cards(self, self.begun)

    def target_rows(self) -> list[tuple[Any, Any]]:
        return [(self[f"year-{i}"], self[f"cut-{i}"]) for i in range(1, TARGETS + 1)]

    def budget_fields(self) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith("budget-")]

    def measure_rows(self) -> list[tuple[str, list[Any]]]:
        return [
            (meaning, [self[f"{end}{m}"] for end in ("least-", "least-year-", "most-", "most-year-")])
            for m, meaning in self.measures.items()
        ]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        rules, off, faults = asked_rules(given, self.city_settings)
        for name, fault in faults.items():
            self.add_error(name, fault)
        asked = {
            **self._pledge(given),
            "budgets": self._changed_budgets(given),
            "rules": rules,
            "rules_off": off,
            "floors": self._bounds(given, "least"),
            "ceilings": self._bounds(given, "most"),
            "settings": [line for line in (given.get("settings") or "").splitlines() if line.strip()],
            "resolution": given.get("resolution") or "quick",
            "headwinds": bool(given.get("headwinds")),
            "assessment": bool(given.get("assessment")),
            "set_by": given.get("set_by") or "",
            "how": given.get("how") or "",
        }
        if not self.errors:
            given["asked"] = read_asked(self, asked)
        if not self.errors and self.city_settings is not None:
            self._fits(given["asked"], self.city_settings)
        return given

    def _pledge(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Year, targets and carbon budget where they are not the city's own."""
        pairs = [(given.get(f"year-{i}"), given.get(f"cut-{i}"), i) for i in range(1, TARGETS + 1)]
        for year, cut, i in pairs:
            if (year is None) != (cut is None) and not {f"year-{i}", f"cut-{i}"} & set(self.errors):
                missing = f"year-{i}" if year is None else f"cut-{i}"
                self.add_error(missing, _("A target needs both its year and its cut; leave both empty for none."))
        targets = sorted((int(y), float(f"{c / 100:.12g}")) for y, c, _i in pairs if y is not None and c is not None)
        pledge = self.city_settings.pledge if self.city_settings else None
        had = sorted((t.year, t.cut) for t in pledge.targets) if pledge else []
        out: dict[str, Any] = {"targets": targets} if targets != had else {}
        for key in ("neutrality_year", "budget_kt"):
            if given.get(key) is not None and given[key] != getattr(pledge, key, None):
                out[key] = given[key]
        return out

    def _changed_budgets(self, given: Mapping[str, Any]) -> dict[str, float]:
        had = self.city_settings.budgets if self.city_settings else {}
        found = {n.removeprefix("budget-"): v for n, v in given.items() if n.startswith("budget-") and v is not None}
        return {payer: value for payer, value in found.items() if had.get(payer) != value}

    def _bounds(self, given: Mapping[str, Any], end: str) -> list[tuple[str, float, int]]:
        out = []
        first = self.city_settings.start + 1 if self.city_settings else None
        for m in self.measures:
            share, year = given.get(f"{end}-{m}"), given.get(f"{end}-year-{m}")
            if share is None:
                continue
            if year is None and first is None:
                self.add_error(f"{end}-year-{m}", _("Write from which year on."))
                continue
            out.append((m, float(f"{share / 100:.12g}"), int(year or first or 0)))
        return out

    def _fits(self, asked: Asked, s: Settings) -> None:
        """What only the city's own settings show: years before its plan begins, rules that bind after its end."""
        end = asked.neutrality_year or s.pledge.neutrality_year
        if end <= s.start:
            said = _("The plan begins in %(year)s; choose a later year.") % {"year": s.start}
            self.add_error("neutrality_year", said)
        for i in range(1, TARGETS + 1):
            year = self.cleaned_data.get(f"year-{i}")
            if year is not None and not s.start < year <= end:
                given = {"start": s.start, "end": end}
                self.add_error(f"year-{i}", _("Choose a year after %(start)s, %(end)s at the latest.") % given)
        try:
            with_rules(s, asked.rule_settings)
        except InputError as error:
            for f in error.findings:
                self.add_error(f"{f.column}-on" if f"{f.column}-on" in self.fields else None, sentence_of(f))


def sentence_of(finding: Any) -> str:
    """A finding as one sentence or two for a person who fills in a form."""
    about = f"{finding.column}: " if finding.column else ""
    return f"{about}{again(finding.what)} {again(finding.mend)}".strip()


def read_asked(form: forms.Form, given: Mapping[str, Any]) -> Asked | None:
    """The question of a filled form; what is wrong with it is said beside the fields it is about."""
    try:
        return Asked.from_dict({k: v for k, v in given.items() if v is not None})
    except InputError as error:
        for f in error.findings:
            place = FIELD_OF.get(f.file)
            form.add_error(place if place in form.fields else None, sentence_of(f))
        return None


class DisputeForm(forms.Form):
    """What is disputed: a number, or words alone."""

    def __init__(self, data: Any, *, user: Reader, numbered: bool) -> None:
        super().__init__(data)
        if numbered:
            self.fields["value"] = number(
                _("The value you hold to be right"), -1e12, 1e12,
                help_text=_("Leave it empty to object in words alone. With a number the plan is made again with it."),
            )  # fmt: skip
        self.fields["reason"] = text(_("Why"), rows=5, help_text=_("Printed on the plan as you write it."))
        self.fields["organisation"] = Spoken(user)
