"""Founding organisations, inviting people to mandates and ending mandates."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from mutirao.web.people.may import Verdict
from mutirao.web.people.models import Invitation, Mandate, Organisation, Reader, User, hashed
from mutirao.web.people.reminders import one_line

#: Invitations that one person may send in a day: letters go to whatever address is typed.
INVITATIONS_A_DAY = 50
#: Bodies that anyone who is signed in may found; the others stand for a city and are given by who leads it.
OPEN_KINDS = (Organisation.Kind.COMMUNITY, Organisation.Kind.EXPERT)


def may_lead(user: Reader, organisation: Organisation) -> Verdict:
    """Whether a user may invite people to an organisation and describe it."""
    if not user.is_authenticated:
        return Verdict(False, _("Sign in first."))
    lead = Mandate.objects.live().filter(user=user, organisation=organisation, role=Mandate.Role.LEAD).exists()
    if lead or user.is_superuser:
        return Verdict(True, "")
    return Verdict(False, _("Only those who lead the organisation may do this; ask one of them for a mandate."))


def may_found(user: Reader, kind: str, city_id: int | None) -> Verdict:
    """Whether a user may found an organisation of a kind: departments by who leads the city's own body."""
    if not user.is_authenticated:
        return Verdict(False, _("Sign in first."))
    if user.is_superuser or kind in OPEN_KINDS:
        return Verdict(True, "")
    if kind == Organisation.Kind.DEPARTMENT:
        leads = Mandate.objects.live().filter(
            user=user, role=Mandate.Role.LEAD, organisation__kind=Organisation.Kind.CITY, organisation__city=city_id
        )
        if leads.exists():
            return Verdict(True, "")
        return Verdict(False, _("A department is added by someone who leads the city's own body."))
    return Verdict(False, _("Cities and alliances are added by whoever runs this site; write to them."))


def found(user: User, organisation: Organisation) -> Organisation:
    """Save a new organisation and let its founder lead it."""
    with transaction.atomic():
        organisation.save()
        Mandate.objects.create(user=user, organisation=organisation, role=Mandate.Role.LEAD, given_by=user)
    return organisation


def invite(by: User, invitation: Invitation) -> str:
    """Keep an invitation and send its link by e-mail. Returns the path of the link.

    Raises ValueError where a person has sent very many today.
    """
    since = timezone.now() - timedelta(days=1)
    if Invitation.objects.filter(by=by, made_at__gt=since).count() >= INVITATIONS_A_DAY:
        raise ValueError(_("You have sent very many invitations today. Go on tomorrow."))
    token = secrets.token_urlsafe(32)
    invitation.token_hash, invitation.by = hashed(token), by
    invitation.save()
    path = f"/people/invitations/{token}/"
    words = _(
        "%(who)s invites you to act for %(organisation)s on Mutirão. Open this link within two weeks to accept:"
    ) % {"who": by.name, "organisation": invitation.organisation.name}
    subject = _("Invitation to %(organisation)s") % {"organisation": invitation.organisation.name}
    send_mail(one_line(f"Mutirão: {subject}"), f"{words}\n\n{settings.ADDRESS}{path}\n", None, [invitation.email])
    return path


def open_invitation(token: str) -> Invitation | None:
    """The invitation a link belongs to, while it can be accepted and whoever sent it still leads there."""
    opened = Invitation.objects.open().select_related("organisation", "by")
    found: Invitation | None = opened.filter(token_hash=hashed(token)).first()
    if found is None or (found.by is not None and not may_lead(found.by, found.organisation)):
        return None
    return found


def accept(user: User, invitation: Invitation) -> Mandate:
    """Take up the mandate of an invitation, once; a mandate held before ends."""
    now = timezone.now()
    if invitation.ends is not None and invitation.ends <= now:
        raise ValueError(_("This invitation has been used or has run out; ask for a new one."))
    with transaction.atomic():
        used = Invitation.objects.open().filter(pk=invitation.pk).update(used_at=now)
        if not used:
            raise ValueError(_("This invitation has been used or has run out; ask for a new one."))
        Mandate.objects.filter(user=user, organisation=invitation.organisation, withdrawn_at=None).update(
            withdrawn_at=now
        )
        return Mandate.objects.create(
            user=user, organisation=invitation.organisation, role=invitation.role, ends=invitation.ends,
            given_by=invitation.by,
        )  # fmt: skip


def withdraw(mandate: Mandate) -> None:
    """End a mandate now. Raises ValueError where nobody would be left to lead."""
    others = Mandate.objects.live().filter(organisation=mandate.organisation, role=Mandate.Role.LEAD)
    if mandate.role == Mandate.Role.LEAD and not others.exclude(pk=mandate.pk).exists():
        raise ValueError(_("Someone must lead the organisation: give another person the lead first."))
    mandate.withdrawn_at = timezone.now()
    mandate.save(update_fields=["withdrawn_at"])
