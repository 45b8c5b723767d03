"""Forms about people and organisations."""

from typing import Any, ClassVar

from django import forms
from django.apps import apps
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mutirao.ground.speech import LANGUAGES
from mutirao.web.people.models import ApiToken, Invitation, Organisation, User


class Day(forms.DateInput):
    """A day, chosen by the browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class MeForm(forms.ModelForm):
    """What a person may change about themself."""

    language = forms.ChoiceField(
        label=_("Language of letters to you"), choices=list(LANGUAGES.items()), required=False
    )

    class Meta:
        model = User
        fields: ClassVar[list[str]] = ["name", "language"]


class OrganisationForm(forms.ModelForm):
    """A new organisation."""

    class Meta:
        model = Organisation
        fields: ClassVar[list[str]] = ["name", "kind", "city", "speaks_for", "decides_how"]
        help_texts: ClassVar[dict[str, Any]] = {
            "speaks_for": _(
                "Such as: tenants of Roxbury, 240 members. It is printed wherever the organisation speaks."
            ),
            "decides_how": _("Such as: members vote once a month; minutes are public."),
            "city": _("Needed for a city's own body and its departments."),
        }

    def __init__(self, *args: Any, cities: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["city"].queryset = cities  # type: ignore[attr-defined]
        self.fields["speaks_for"].required = True
        self.fields["decides_how"].required = True
        for name in ("speaks_for", "decides_how"):
            self.fields[name].widget.attrs["maxlength"] = 2000

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("kind") in ("city", "department") and not given.get("city"):
            self.add_error("city", _("Choose the city this body belongs to."))
        return given


class DescriptionForm(forms.ModelForm):
    """What an organisation says about itself."""

    class Meta:
        model = Organisation
        fields: ClassVar[list[str]] = ["speaks_for", "decides_how"]


class InvitationForm(forms.ModelForm):
    """Invite someone to act for an organisation."""

    ends = forms.DateTimeField(label=_("mandate until"), required=False, widget=Day)

    class Meta:
        model = Invitation
        fields: ClassVar[list[str]] = ["email", "role", "ends"]

    def clean_ends(self) -> Any:
        ends = self.cleaned_data["ends"]
        if ends is not None and ends <= timezone.now():
            raise forms.ValidationError(_("Choose a day that is still to come, or leave it empty."))
        return ends


class TokenForm(forms.ModelForm):
    """A key for a program."""

    class Meta:
        model = ApiToken
        fields: ClassVar[list[str]] = ["name", "scope"]


def cities_for(user: Any) -> Any:
    """Cities that an organisation of this user may belong to."""
    return apps.get_model("cities", "City").objects.visible_to(user)  # named, not imported: cities stand on people
