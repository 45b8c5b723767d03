"""A version of a city's figures never changes; whether it passed its check and is public may."""

from typing import ClassVar

from django.db import migrations

from mutirao.web.rules import KeptAsWritten


class Migration(migrations.Migration):
    dependencies: ClassVar = [("cities", "0003_brought_by")]
    operations: ClassVar = [KeptAsWritten("cityversion", but=("state", "public"))]
