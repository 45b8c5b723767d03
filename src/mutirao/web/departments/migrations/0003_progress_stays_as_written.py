"""Progress is added to, never overwritten."""

from typing import ClassVar

from django.db import migrations

from mutirao.web.rules import KeptAsWritten


class Migration(migrations.Migration):
    dependencies: ClassVar = [("departments", "0002_initial")]
    operations: ClassVar = [KeptAsWritten("progress")]
