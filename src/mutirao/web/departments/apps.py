"""The app "departments"."""

from django.apps import AppConfig


class DepartmentsConfig(AppConfig):
    name = "mutirao.web.departments"
    label = "departments"
    default_auto_field = "django.db.models.BigAutoField"
