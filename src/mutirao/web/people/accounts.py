"""How accounts are opened: name and e-mail address; by whoever likes, unless the place says by invitation only."""

import os
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from mutirao.web.people.models import User
from mutirao.web.people.organisations import open_invitation


def person_of(request: HttpRequest) -> User:
    """The person who asks, on pages that only people who are signed in reach."""
    if not isinstance(request.user, User):
        raise TypeError("this page is for people who are signed in")
    return request.user


class NameForm(forms.Form):
    """Asked besides address and password when an account is opened."""

    name = forms.CharField(label=_("Your name, as others shall see it"), max_length=100)

    def signup(self, request: HttpRequest, user: Any) -> None:
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """MUTIRAO_SIGNUP=invited closes the open door."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        if os.environ.get("MUTIRAO_SIGNUP") != "invited":
            return True
        return open_invitation(str(request.session.get("invitation", ""))) is not None
