"""What a run says - its step, why it failed - is kept once per language."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0001_initial")]

    operations = [
        migrations.RemoveField("run", "step"),
        migrations.RemoveField("run", "folder"),
        migrations.AddField("run", "steps", models.JSONField(default=dict, blank=True)),
        migrations.AlterField("run", "why", models.JSONField(default=dict, blank=True)),
    ]
