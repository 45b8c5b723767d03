"""The project as an app, so that its own template words are found."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "mutirao.site"
    label = "mutirao_site"
