"""Plans as people know them. The rules kept here: a plan says who made it; an objection is never taken off a plan."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mutirao.web.cities.models import City
from mutirao.web.people.models import Organisation, Reader, Visible
from mutirao.web.plans.wording import assumption_words
from mutirao.web.runs.models import Run


class PlanSet(Visible):
    def visible_to(self, user: Reader) -> Self:
        """Public plans of cities one sees, one's own, and those of one's organisations."""
        if user.is_authenticated and user.is_superuser:
            return self.all()
        public = Q(public=True, city__in=City.objects.visible_to(user))
        if not user.is_authenticated:
            return self.filter(public)
        return self.filter(public | Q(made_by=user) | Q(organisation__in=Organisation.objects.of(user)))


class Plan(models.Model):
    """A plan of a city under a name; several may share one run, for equal inputs give equal plans."""

    class Kind(models.TextChoices):
        PLAN = "plan", _("plan")
        DISPUTE = "dispute", _("re-run with a disputed assumption")
        FRONTIER = "frontier", _("frontier")
        TABLE = "table", _("alternative written around one table")

    city = models.ForeignKey(City, models.PROTECT, related_name="plans")
    run = models.ForeignKey(Run, models.PROTECT, related_name="plans")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.PLAN)
    title = models.CharField(_("name of the plan"), max_length=120)
    reason = models.TextField(_("what it is for"), blank=True)
    beside = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="answers")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="plans")
    made_by_name = models.CharField(max_length=150)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="plans", verbose_name=_("on behalf of")
    )
    made_at = models.DateTimeField(auto_now_add=True)
    public = models.BooleanField(_("public"), default=False)
    leading = models.BooleanField(_("the city's plan"), default=False)

    objects = PlanSet.as_manager()

    class Meta:
        ordering = ("-leading", "-made_at", "-pk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("city",), condition=Q(leading=True), name="a_city_has_one_leading_plan"),
            models.CheckConstraint(condition=~Q(leading=True) | Q(public=True), name="a_leading_plan_is_public"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/plans/{self.pk}/"


class ObjectionSet(Visible):
    def visible_to(self, user: Reader) -> Self:
        """With the plan it is about."""
        return self.filter(plan__in=Plan.objects.visible_to(user))


class Objection(models.Model):
    """Someone disputes an assumption of a plan: what, why, what they hold to be right, and the plan that follows."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="objections")
    parameter = models.CharField(_("assumption"), max_length=120, blank=True)
    value = models.FloatField(_("the value you hold to be right"), null=True, blank=True)
    unit = models.CharField(max_length=60, blank=True)
    before = models.FloatField(null=True)
    reason = models.TextField(_("why"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="objections")
    author_name = models.CharField(max_length=150)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="objections")
    answer = models.OneToOneField(Plan, models.PROTECT, null=True, blank=True, related_name="objection")
    at = models.DateTimeField(auto_now_add=True)

    objects = ObjectionSet.as_manager()

    class Meta:
        ordering = ("at", "pk")

    @property
    def parameter_words(self) -> str:
        """What is disputed, in the reader's language."""
        return assumption_words(self.parameter)
