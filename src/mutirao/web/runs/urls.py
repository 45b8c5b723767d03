"""Addresses of the app "runs"."""

from django.urls import URLPattern, path, register_converter
from django.urls.converters import IntConverter

from mutirao.web.runs import views


class Number(IntConverter):
    """A row's number, as far as databases count: beyond 2^63 there is no such page."""

    regex = "[0-9]{1,18}"


register_converter(Number, "row")

urlpatterns: list[URLPattern] = [
    path("", views.mine, name="my_runs"),
    path("<row:pk>/", views.run, name="run"),
    path("<row:pk>/progress/", views.progress, name="run_progress"),
    path("<row:pk>/cancel/", views.take_back, name="run_cancel"),
]
