"""The app "people"."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "mutirao.web.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"
