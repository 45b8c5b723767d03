"""An objection is never changed nor taken off a plan; the plan that answers it may be named once."""

from typing import ClassVar

from django.db import migrations

from mutirao.web.rules import KeptAsWritten


class Migration(migrations.Migration):
    dependencies: ClassVar = [("plans", "0001_initial")]
    operations: ClassVar = [KeptAsWritten("objection", once=("answer",))]
