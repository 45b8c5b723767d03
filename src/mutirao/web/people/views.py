"""Pages about people and organisations."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mutirao.web.people import organisations
from mutirao.web.people.accounts import person_of
from mutirao.web.people.forms import (
    DescriptionForm,
    InvitationForm,
    MeForm,
    OrganisationForm,
    TokenForm,
    cities_for,
)
from mutirao.web.people.models import ApiToken, Invitation, Mandate, Organisation, Reminder
from mutirao.web.people.reminders import worded


def refused(request: HttpRequest, reason: str) -> HttpResponse:
    """The page that says why something may not be done, and how it could be."""
    return render(request, "refused.html", {"reason": reason}, status=403)


@login_required
def me(request: HttpRequest) -> HttpResponse:
    """One's own page: name, safety of the account, mandates, reminders, keys for programs."""
    form = MeForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("me")
    notes = [(r, worded(r)) for r in Reminder.objects.visible_to(request.user)[:50]]
    mandates = Mandate.objects.live().filter(user=request.user).select_related("organisation")
    tokens = ApiToken.objects.visible_to(request.user)
    context = {"form": form, "reminders": notes, "mandates": mandates, "tokens": tokens, "token_form": TokenForm()}
    return render(request, "people/me.html", context)


@login_required
@require_POST
def read_reminders(request: HttpRequest) -> HttpResponse:
    """Mark one's reminders as read."""
    Reminder.objects.visible_to(request.user).filter(read_at=None).update(read_at=timezone.now())
    return redirect("me")


@login_required
@require_POST
def make_token(request: HttpRequest) -> HttpResponse:
    """Make a key for a program and show it this once."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return render(request, "people/token.html", {"form": form}, status=422)
    token, text = ApiToken.make(person_of(request), form.cleaned_data["name"], form.cleaned_data["scope"])
    return render(request, "people/token.html", {"token": token, "text": text})


@login_required
@require_POST
def drop_token(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a key back."""
    get_object_or_404(ApiToken.objects.visible_to(request.user), pk=pk).delete()
    messages.success(request, _("The key no longer opens anything."))
    return redirect("me")


def organisation_list(request: HttpRequest) -> HttpResponse:
    """All organisations, with whom they speak for."""
    found = Organisation.objects.visible_to(request.user).select_related("city")
    seen = set(cities_for(request.user).values_list("pk", flat=True))
    return render(request, "people/organisations.html", {"organisations": found, "cities_seen": seen})


@login_required
def new_organisation(request: HttpRequest) -> HttpResponse:
    """Found an organisation."""
    form = OrganisationForm(request.POST or None, cities=cities_for(request.user))
    if request.method == "POST" and form.is_valid():
        city = form.cleaned_data["city"]
        verdict = organisations.may_found(request.user, form.cleaned_data["kind"], city.pk if city else None)
        if verdict.allowed:
            made = organisations.found(person_of(request), form.save(commit=False))
            return redirect("organisation", pk=made.pk)
        form.add_error("kind", verdict.reason)
    status = 422 if request.method == "POST" else 200
    return render(request, "people/new_organisation.html", {"form": form}, status=status)


def organisation(request: HttpRequest, pk: int) -> HttpResponse:
    """An organisation: for whom it speaks and how it decides; its people, for those who belong to it."""
    found = get_object_or_404(Organisation.objects.visible_to(request.user), pk=pk)
    leads = organisations.may_lead(request.user, found).allowed
    context = {
        "organisation": found,
        "mandates": Mandate.objects.visible_to(request.user).live().filter(organisation=found).select_related("user"),
        "leads": leads,
        "invitations": Invitation.objects.visible_to(request.user).open().filter(organisation=found),
        "invitation_form": InvitationForm() if leads else None,
        "description_form": DescriptionForm(instance=found) if leads else None,
    }
    return render(request, "people/organisation.html", context)


@login_required
@require_POST
def describe(request: HttpRequest, pk: int) -> HttpResponse:
    """Say anew for whom an organisation speaks and how it decides."""
    found = get_object_or_404(Organisation.objects.visible_to(request.user), pk=pk)
    verdict = organisations.may_lead(request.user, found)
    if not verdict.allowed:
        return refused(request, verdict.reason)
    form = DescriptionForm(request.POST, instance=found)
    if form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
    return redirect("organisation", pk=pk)


@login_required
@require_POST
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Invite someone by e-mail."""
    found = get_object_or_404(Organisation.objects.visible_to(request.user), pk=pk)
    verdict = organisations.may_lead(request.user, found)
    if not verdict.allowed:
        return refused(request, verdict.reason)
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return render(request, "people/invite.html", {"organisation": found, "form": form}, status=422)
    invitation = form.save(commit=False)
    invitation.organisation = found
    try:
        path = organisations.invite(person_of(request), invitation)
    except ValueError as reason:
        return refused(request, str(reason))
    messages.success(request, _("The invitation was sent to %(email)s.") % {"email": invitation.email})
    return render(request, "people/invited.html", {"organisation": found, "path": path, "invitation": invitation})


def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Look at an invitation, and accept it once signed in."""
    found = organisations.open_invitation(token)
    if found is None:
        return render(request, "people/invitation_over.html", status=404)
    request.session["invitation"] = token
    if request.method == "POST" and request.user.is_authenticated:
        try:
            organisations.accept(person_of(request), found)
        except ValueError as late:
            return refused(request, str(late))
        messages.success(request, _("You now act for %(name)s.") % {"name": found.organisation.name})
        return redirect("organisation", pk=found.organisation.pk)
    return render(request, "people/invitation.html", {"invitation": found})


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """End a mandate: one's own, or one of an organisation that one leads."""
    mandate = get_object_or_404(Mandate.objects.visible_to(request.user).live(), pk=pk)
    verdict = organisations.may_lead(request.user, mandate.organisation)
    if not verdict.allowed and mandate.user_id != request.user.pk:
        return refused(request, verdict.reason)
    try:
        organisations.withdraw(mandate)
    except ValueError as reason:
        return refused(request, str(reason))
    messages.success(request, _("The mandate has ended."))
    return redirect("organisation", pk=mandate.organisation_id)
