"""Runs. The rule kept here: a run is done by one worker at a time, and equal runs are done once.

A worker claims a run by one UPDATE and holds it by a lease that its signs of life renew. Each claim has a new token;
whatever comes with an old one is refused, so a worker that was thought dead cannot overwrite its successor.
"""

from pathlib import Path
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from mutirao.ground.speech import SOURCE
from mutirao.web.cities.models import CityVersion
from mutirao.web.people.models import Organisation, Reader, Visible


class RunSet(Visible):
    def visible_to(self, user: Reader) -> Self:
        """Runs of plans one sees, runs one asked for, and checks of versions one sees."""
        if user.is_authenticated and user.is_superuser:
            return self.all()
        versions = CityVersion.objects.visible_to(user)
        public = Q(plans__public=True, version__in=versions) | Q(kind=Run.Kind.CHECK, version__in=versions)
        if not user.is_authenticated:
            return self.filter(public).distinct()
        mine = Organisation.objects.of(user)
        return self.filter(
            public | Q(asked_by=user) | Q(plans__made_by=user) | Q(plans__organisation__in=mine)
        ).distinct()  # fmt: skip


class Run(models.Model):
    """One piece of work: what is asked, who holds it, how far it is, where its results lie."""

    class Kind(models.TextChoices):
        CHECK = "check", _("check of a city")
        PLAN = "plan", _("plan")
        FRONTIER = "frontier", _("frontier of carbon and a rule")
        TABLE = "table", _("alternative of a group around one table")

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("going on")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    kind = models.CharField(max_length=9, choices=Kind.choices)
    version = models.ForeignKey(CityVersion, models.PROTECT, related_name="runs")
    asked = models.JSONField(default=dict)
    inputs_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=9, choices=State.choices, default=State.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True)
    share = models.FloatField(default=0.0)
    steps = models.JSONField(default=dict, blank=True)
    why = models.JSONField(default=dict, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="runs")
    asked_at = models.DateTimeField(auto_now_add=True)
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = RunSet.as_manager()

    class Meta:
        ordering = ("-asked_at", "-pk")
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=("state", "asked_at"))]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=("inputs_hash",),
                condition=Q(state__in=("queued", "running", "done")),
                name="equal_runs_are_done_once",
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | (Q(lease_until__isnull=False) & ~Q(token="")),
                name="a_running_run_is_held_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def ended(self) -> bool:
        return self.state not in (self.State.QUEUED, self.State.RUNNING)

    @property
    def step(self) -> str:
        """What is being done now, in the reader's language; "" where nothing was said yet."""
        return str(_in_language(self.steps) or "")

    @property
    def reasons(self) -> list[str]:
        """Why it failed, as sentences in the reader's language."""
        return [str(sentence) for sentence in _in_language(self.why) or []]

    @property
    def result(self) -> Path:
        """Where a finished run's results lie."""
        return self.place / "result"

    @property
    def place(self) -> Path:
        """The run's own folder, outside whatever is served."""
        return Path(settings.KEPT) / "runs" / str(self.pk)


def _in_language(said: dict[str, Any]) -> Any:
    return said.get(get_language() or SOURCE) or said.get(SOURCE)
