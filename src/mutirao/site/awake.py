"""Django with this project's settings, awake: a program that is no web request imports this before any model."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mutirao.site.settings")
django.setup()
