"""Forms about carrying a plan out."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from mutirao.ground.speech import again
from mutirao.report.carryingout import Work
from mutirao.web.departments.models import Progress
from mutirao.web.people.models import Organisation


def measure_choices(works: list[Work]) -> list[tuple[str, str]]:
    """Measures by their meaning in the reader's language."""
    return sorted(((w.measure, again(w.meaning)) for w in works), key=lambda c: c[1].lower())


class AssignForm(forms.Form):
    """Give a measure to an organisation."""

    measure = forms.ChoiceField(label=_("measure"))
    owner = forms.ModelChoiceField(label=_("who carries it out"), queryset=Organisation.objects.none())
    note = forms.CharField(label=_("note"), max_length=300, required=False)

    def __init__(self, *args: Any, works: list[Work], owners: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["measure"].choices = measure_choices(works)  # type: ignore[attr-defined]
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]


class ProgressForm(forms.ModelForm):
    """How far a measure is; a measured share is typed in per cent."""

    percent = forms.FloatField(
        label=_("measured share of what is possible, per cent"), min_value=0, max_value=100, required=False
    )

    class Meta:
        model = Progress
        fields: ClassVar[list[str]] = ["status", "percent", "year", "source", "note"]
        widgets: ClassVar[dict[str, Any]] = {"note": forms.Textarea(attrs={"rows": 3, "maxlength": 4000})}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        percent = given.get("percent")
        self.instance.share = None if percent is None else percent / 100
        if (percent is None) != (given.get("year") is None):
            self.add_error("year", _("A measured share and the year it was measured for go together."))
        if percent is not None and not given.get("source"):
            self.add_error("source", _("Say where the measured share is from."))
        return given


class DependForm(forms.Form):
    """A measure that waits for another."""

    measure = forms.ChoiceField(label=_("this measure"))
    needs = forms.ChoiceField(label=_("waits for"))
    reason = forms.CharField(label=_("because"), max_length=300)

    def __init__(self, *args: Any, works: list[Work], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("measure", "needs"):
            self.fields[name].choices = measure_choices(works)  # type: ignore[attr-defined]
