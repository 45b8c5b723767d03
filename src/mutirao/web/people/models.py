"""People, organisations, mandates. The rule kept here: nobody acts for an organisation without a live mandate."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    """People are known by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **more: Any) -> "User":
        user = self.model(email=self.normalize_email(email), **more)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **more: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **more)


class User(AbstractUser):
    """A person. ``name`` is what others see beside what the person wrote."""

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name shown to others"), max_length=100)
    language = models.CharField(_("language"), max_length=10, blank=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()  # type: ignore[misc,assignment]

    def __str__(self) -> str:
        return self.name or str(_("someone"))

    def get_full_name(self) -> str:
        return self.name


Reader = User | AnonymousUser
"""Whoever asks for a page."""


class Visible(models.QuerySet[Any]):
    """A queryset that knows what a reader may see; every model of the web application has one."""

    def visible_to(self, user: Reader) -> Self:
        raise NotImplementedError


class OrganisationSet(Visible):
    def visible_to(self, user: Reader) -> Self:
        """Organisations speak in public, so all are seen; who belongs to them is not."""
        return self.all()

    def of(self, user: Reader) -> Self:
        """Those for which a user holds a live mandate, be it to read only."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(pk__in=Mandate.objects.live().filter(user=user).values("organisation"))

    def spoken_for_by(self, user: Reader) -> Self:
        """Those in whose name a user may write: as editor or lead."""
        if not user.is_authenticated:
            return self.none()
        acting = Mandate.objects.live().filter(user=user, role__in=(Mandate.Role.EDITOR, Mandate.Role.LEAD))
        return self.filter(pk__in=acting.values("organisation"))


class Organisation(models.Model):
    """A body that acts: it says for whom it speaks and how it decides."""

    class Kind(models.TextChoices):
        CITY = "city", _("city")
        DEPARTMENT = "department", _("department of a city")
        COMMUNITY = "community", _("community organisation")
        ALLIANCE = "alliance", _("alliance of cities")
        EXPERT = "expert", _("experts")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=150, unique=True)
    city = models.ForeignKey(
        "cities.City", models.PROTECT, null=True, blank=True, related_name="organisations", verbose_name=_("city")
    )
    speaks_for = models.TextField(_("for whom it speaks"), blank=True)
    decides_how = models.TextField(_("how it decides"), blank=True)
    fictional = models.BooleanField(_("made up for the demonstration"), default=False)
    made_at = models.DateTimeField(auto_now_add=True)

    objects = OrganisationSet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(kind__in=("city", "department")) | Q(city__isnull=False),
                name="city_and_department_have_a_city",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("organisation", args=[self.pk])


class MandateSet(Visible):
    def live(self) -> Self:
        """Mandates that have begun, have not ended and were not withdrawn."""
        now = timezone.now()
        return self.filter(begins__lte=now, withdrawn_at=None).filter(Q(ends=None) | Q(ends__gt=now))

    def visible_to(self, user: Reader) -> Self:
        """One's own, and those of organisations one belongs to."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self.all()
        mine = Mandate.objects.live().filter(user=user).values("organisation")
        return self.filter(Q(user=user) | Q(organisation__in=mine))


class Mandate(models.Model):
    """A person may act for an organisation, in a role, for a term."""

    class Role(models.TextChoices):
        READER = "reader", _("reads what is not yet public")
        EDITOR = "editor", _("edits figures, plans and progress")
        LEAD = "lead", _("leads: invites people and makes things public")

    user = models.ForeignKey(User, models.CASCADE, related_name="mandates")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="mandates")
    role = models.CharField(_("role"), max_length=8, choices=Role.choices)
    begins = models.DateTimeField(_("from"), default=timezone.now)
    ends = models.DateTimeField(_("until"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    given_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", editable=False)

    objects = MandateSet.as_manager()

    class Meta:
        ordering = ("organisation__name", "user__name")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=("user", "organisation"), condition=Q(withdrawn_at=None), name="one_mandate_at_a_time"
            ),
            models.CheckConstraint(condition=Q(ends=None) | Q(ends__gt=models.F("begins")), name="mandate_has_a_term"),
        ]


class InvitationSet(Visible):
    def open(self) -> Self:
        return self.filter(used_at=None, expires__gt=timezone.now())

    def visible_to(self, user: Reader) -> Self:
        """Those of organisations that one leads."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self.all()
        led = Mandate.objects.live().filter(user=user, role=Mandate.Role.LEAD).values("organisation")
        return self.filter(organisation__in=led)


def hashed(token: str) -> str:
    """What is kept of a token: enough to know it again, not enough to use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def in_two_weeks() -> Any:
    return timezone.now() + timedelta(days=14)


class Invitation(models.Model):
    """An invitation to take up a mandate, sent to an address; only the hash of its token is kept."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=8, choices=Mandate.Role.choices)
    ends = models.DateTimeField(_("mandate until"), null=True, blank=True)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", editable=False)
    made_at = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField(default=in_two_weeks, editable=False)
    used_at = models.DateTimeField(null=True, editable=False)

    objects = InvitationSet.as_manager()


class ReminderSet(Visible):
    def visible_to(self, user: Reader) -> Self:
        """One's own, once they are due."""
        return self.filter(user=user, due__lte=timezone.now()) if user.is_authenticated else self.none()


class Reminder(models.Model):
    """A note to one person, on the page and by e-mail: a message of the catalogue with its places, and where to go."""

    user = models.ForeignKey(User, models.CASCADE, related_name="reminders")
    message = models.CharField(max_length=300)
    given = models.JSONField(default=dict, blank=True)
    path = models.CharField(max_length=300, blank=True)
    due = models.DateTimeField(default=timezone.now)
    mailed_at = models.DateTimeField(null=True, editable=False)
    read_at = models.DateTimeField(null=True, editable=False)

    objects = ReminderSet.as_manager()

    class Meta:
        ordering = ("-due", "-pk")


class ApiTokenSet(Visible):
    def visible_to(self, user: Reader) -> Self:
        return self.filter(user=user) if user.is_authenticated else self.none()


def in_a_year() -> Any:
    return timezone.now() + timedelta(days=365)


class ApiToken(models.Model):
    """A key for programs: a public prefix and the hash of 256 random bits. Never in an address."""

    class Scope(models.TextChoices):
        READ = "read", _("read")
        WRITE = "write", _("read and start runs")

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("what it is for"), max_length=80)
    prefix = models.CharField(max_length=12, unique=True, editable=False)
    token_hash = models.CharField(max_length=64, editable=False)
    scope = models.CharField(_("may"), max_length=5, choices=Scope.choices, default=Scope.READ)
    made_at = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField(_("valid until"), default=in_a_year)
    last_used = models.DateTimeField(null=True, editable=False)

    objects = ApiTokenSet.as_manager()

    @classmethod
    def make(cls, user: User, name: str, scope: str, expires: Any = None) -> tuple["ApiToken", str]:
        """A new token and its text, which is shown this once."""
        prefix, secret = f"mu_{secrets.token_hex(4)}", secrets.token_urlsafe(32)
        text = f"{prefix}.{secret}"
        made = cls.objects.create(
            user=user, name=name, scope=scope, prefix=prefix, token_hash=hashed(text), expires=expires or in_a_year()
        )
        return made, text
