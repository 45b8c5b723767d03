"""The app "runs"."""

from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "mutirao.web.runs"
    label = "runs"
    default_auto_field = "django.db.models.BigAutoField"
