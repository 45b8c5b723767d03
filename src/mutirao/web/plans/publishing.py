"""Making a plan public, and making it the city's own. What was answered to objections becomes public with it."""

from django.db import transaction

from mutirao.web.plans.models import Plan


@transaction.atomic
def make_public(plan: Plan, public: bool) -> None:
    """Show a plan to everyone, or take it back; the plans that answer its objections go with it."""
    leading = plan.leading and public
    Plan.objects.filter(pk=plan.pk).update(public=public, leading=leading)
    Plan.objects.filter(beside=plan, kind=Plan.Kind.DISPUTE).update(public=public)


@transaction.atomic
def make_leading(plan: Plan) -> None:
    """Make a plan the city's own: it is public, and the one that was before is no longer it."""
    Plan.objects.select_for_update().filter(city=plan.city, leading=True).exclude(pk=plan.pk).update(leading=False)
    make_public(plan, True)
    Plan.objects.filter(pk=plan.pk).update(leading=True)
