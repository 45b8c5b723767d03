"""Making a plan public, and making it the city's own. What was answered to objections becomes public with it."""

from django.db import transaction

from mutirao.web.cities.models import City
from mutirao.web.plans.models import Plan


@transaction.atomic
def make_public(plan: Plan, public: bool) -> None:
    """Show a plan to everyone, or take it back; the plans that answer its objections go with it.

    An answer that has become the city's own plan stays public.
    """
    _locked(plan)
    Plan.objects.filter(pk=plan.pk).update(**({"public": True} if public else {"public": False, "leading": False}))
    Plan.objects.filter(beside=plan, kind=Plan.Kind.DISPUTE, leading=False).update(public=public)


@transaction.atomic
def make_leading(plan: Plan) -> None:
    """Make a plan the city's own: it is public, and the one that was before is no longer it."""
    _locked(plan)
    Plan.objects.filter(city=plan.city_id, leading=True).exclude(pk=plan.pk).update(leading=False)
    make_public(plan, True)
    Plan.objects.filter(pk=plan.pk).update(leading=True)


def _locked(plan: Plan) -> None:
    """One after the other: a city's plans are published under its own lock."""
    City.objects.select_for_update().get(pk=plan.city_id)
