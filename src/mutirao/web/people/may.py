"""Who may do what, in words. The rule kept here: a refusal says why, and what one can do about it."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from mutirao.web.people.models import Mandate, Reader


@dataclass(frozen=True)
class Verdict:
    """Whether something is allowed and, if not, the reason as a sentence that a person can act on."""

    allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.allowed


YES = Verdict(True)
CITY_BODIES = ("city", "department")
EDITS = (Mandate.Role.EDITOR, Mandate.Role.LEAD)


def may_edit_city(user: Reader, city: Any) -> Verdict:
    """Bring new versions of a city's figures: who has brought it, and those who edit or lead in the city's bodies."""
    if user.is_authenticated and city.made_by_id == user.pk:
        return YES
    return _mandated(user, city, CITY_BODIES, EDITS, _("Only people who edit for this city may change its figures."))


def may_make_public(user: Reader, city: Any) -> Verdict:
    """Show a version, a plan or the city itself to everyone: those who lead in the city's own body."""
    reason = _("Only people who lead for this city may make things public.")
    return _mandated(user, city, ("city",), (Mandate.Role.LEAD,), reason)


def may_plan(user: Reader, city: Any) -> Verdict:
    """Make a plan: whoever is signed in, for a city that one sees."""
    if not user.is_authenticated:
        return Verdict(False, _("Sign in to make a plan."))
    return YES if _sees(user, city) else Verdict(False, _("You cannot see this city."))


def may_dispute(user: Reader, plan: Any) -> Verdict:
    """Dispute an assumption: whoever is signed in, on a plan that one sees."""
    if not user.is_authenticated:
        return Verdict(False, _("Sign in to dispute an assumption; your name is printed beside what you write."))
    return YES if _sees(user, plan) else Verdict(False, _("You cannot see this plan."))


def may_follow_up(user: Reader, city: Any) -> Verdict:
    """Say who carries out what and how far it is: those who edit or lead in the city or one of its departments."""
    reason = _("Only people who edit for this city or one of its departments may say how far its measures are.")
    return _mandated(user, city, CITY_BODIES, EDITS, reason)


def may_bring_city(user: Reader) -> Verdict:
    """Put a new city on this site: whoever is signed in; it is theirs alone until they make it public."""
    return YES if user.is_authenticated else Verdict(False, _("Sign in to bring your own city."))


def _mandated(user: Reader, city: Any, kinds: tuple[str, ...], roles: tuple[str, ...], reason: str) -> Verdict:
    if not user.is_authenticated:
        return Verdict(False, _("Sign in first."))
    if user.is_superuser:
        return YES
    mine = Mandate.objects.live().filter(user=user, role__in=roles)
    if mine.filter(organisation__city_id=city.pk, organisation__kind__in=kinds).exists():
        return YES
    return Verdict(False, f"{reason} {_('Ask someone who leads there for an invitation.')}")


def _sees(user: Reader, thing: Any) -> bool:
    return bool(type(thing).objects.visible_to(user).filter(pk=thing.pk).exists())
