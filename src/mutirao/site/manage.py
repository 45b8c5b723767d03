"""Django's own commands with this project's settings."""

import os
from collections.abc import Sequence

from django.core.management import call_command, execute_from_command_line

#: Commands that would do harm here, or that `mutirao serve` takes the place of.
NOT_HERE = ("runserver", "startapp", "startproject", "test", "testserver")


def manage(words: Sequence[str]) -> None:
    """Run one of Django's commands as on its command line, such as ``migrate`` or ``createsuperuser``."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mutirao.site.settings")
    execute_from_command_line(["mutirao admin", *words])


def prepare() -> None:
    """Bring the database up to date and make the table of the shared cache; does nothing where both are."""
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
