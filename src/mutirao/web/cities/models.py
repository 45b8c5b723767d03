"""Cities and versions of their figures. The rule kept here: a version never changes; a correction is a new one."""

from pathlib import Path
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mutirao.web.people.models import Mandate, Reader, Visible


class CitySet(Visible):
    def visible_to(self, user: Reader) -> Self:
        """Public cities, those one has brought, and those whose bodies one belongs to."""
        if user.is_authenticated and user.is_superuser:
            return self.all()
        return self.filter(Q(public=True) | Q(made_by_id=user.pk or 0) | Q(pk__in=cities_of(user)))


def cities_of(user: Reader) -> Any:
    """Ids of the cities for whose own bodies (city, department) a user holds a live mandate, as a subquery."""
    live = Mandate.objects.live().filter(organisation__kind__in=("city", "department"))
    return live.filter(user_id=user.pk or 0).values("organisation__city")


class City(models.Model):
    """A city with its own address."""

    slug = models.SlugField(_("address"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    public = models.BooleanField(_("public"), default=False)
    demonstration = models.BooleanField(_("demonstration"), default=False)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="cities", editable=False
    )

    objects = CitySet.as_manager()

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "cities"

    def __str__(self) -> str:
        return self.name

    @property
    def version(self) -> "CityVersion | None":
        """The newest version that the checks let pass."""
        return self.versions.filter(state=CityVersion.State.GOOD).order_by("-number").first()


class VersionSet(Visible):
    def visible_to(self, user: Reader) -> Self:
        """Public versions of cities one sees, and all versions of one's own cities."""
        if user.is_authenticated and user.is_superuser:
            return self.all()
        public, mine = Q(public=True, city__public=True), Q(city__made_by_id=user.pk or 0)
        return self.filter(public | mine | Q(city__in=cities_of(user)))


class CityVersion(models.Model):
    """A city folder as it was brought at one time: author, date, note, hash; its files lie outside what is served."""

    class State(models.TextChoices):
        WAITING = "waiting", _("is being checked")
        GOOD = "good", _("can be planned with")
        WRONG = "wrong", _("has errors")

    city = models.ForeignKey(City, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    note = models.CharField(_("what changed"), max_length=300, blank=True)
    sha256 = models.CharField(max_length=64)
    folder = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    public = models.BooleanField(_("public"), default=False)

    objects = VersionSet.as_manager()

    class Meta:
        ordering = ("-number",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=("city", "number"), name="versions_of_a_city_are_numbered"),
        ]

    def __str__(self) -> str:
        return f"{self.city} {self.number}"

    @property
    def path(self) -> Path:
        """The folder of its tables."""
        return Path(settings.KEPT) / self.folder
