"""Django's own commands with this project's settings."""

import os
from collections.abc import Sequence

from django.core.management import execute_from_command_line


def manage(words: Sequence[str]) -> None:
    """Run one of Django's commands, such as ``migrate`` or ``createsuperuser``."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mutirao.site.settings")
    execute_from_command_line(["mutirao admin", *words])
