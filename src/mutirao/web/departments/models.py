"""Who carries out what, and how far it is. The rule kept here: progress is added to, never overwritten."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mutirao.web.cities.models import City
from mutirao.web.people.models import Organisation, Reader, Visible


class WithCity(Visible):
    def visible_to(self, user: Reader) -> Self:
        """With the city it belongs to."""
        return self.filter(city__in=City.objects.visible_to(user))


class Assignment(models.Model):
    """A measure of the leading plan and the organisation that carries it out."""

    city = models.ForeignKey(City, models.CASCADE, related_name="assignments")
    measure = models.CharField(_("measure"), max_length=80)
    owner = models.ForeignKey(
        Organisation, models.PROTECT, related_name="assignments", verbose_name=_("who carries it out")
    )
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = WithCity.as_manager()

    class Meta:
        ordering = ("measure",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("city", "measure"), name="a_measure_has_one_owner")
        ]


class Dependency(models.Model):
    """A measure that cannot go ahead without another, and why."""

    city = models.ForeignKey(City, models.CASCADE, related_name="dependencies")
    measure = models.CharField(_("measure"), max_length=80)
    needs = models.CharField(_("needs first"), max_length=80)
    reason = models.CharField(_("why"), max_length=300)
    author_name = models.CharField(max_length=150)

    objects = WithCity.as_manager()

    class Meta:
        ordering = ("measure", "needs")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("city", "measure", "needs"), name="a_dependency_is_said_once"),
            models.CheckConstraint(condition=~Q(measure=models.F("needs")), name="nothing_waits_for_itself"),
        ]


class ProgressSet(Visible):
    def visible_to(self, user: Reader) -> Self:
        """With the city it belongs to."""
        return self.filter(assignment__city__in=City.objects.visible_to(user))


class Progress(models.Model):
    """How far a measure is at one time: status in words, what was measured, a note. Append-only."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("not begun")
        PREPARING = "preparing", _("being prepared")
        UNDERWAY = "underway", _("under way")
        DONE = "done", _("done")
        STUCK = "stuck", _("stuck")

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="progress")
    status = models.CharField(_("status"), max_length=9, choices=Status.choices)
    year = models.PositiveSmallIntegerField(_("year it was measured for"), null=True, blank=True)
    share = models.FloatField(_("measured share of what is possible"), null=True, blank=True)
    source = models.CharField(_("where the measured value is from"), max_length=300, blank=True)
    note = models.TextField(_("note"), blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    author_name = models.CharField(max_length=150)
    at = models.DateTimeField(auto_now_add=True)

    objects = ProgressSet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(share=None) | Q(share__gte=0, share__lte=1), name="share_is_a_share"),
            models.CheckConstraint(condition=Q(share=None) | Q(year__isnull=False), name="measured_for_a_year"),
        ]
