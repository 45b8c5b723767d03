"""Forms of the pages of cities."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

ACCEPT = ".zip,.xlsx,.csv,.toml,.geojson,.epw,.txt"


class SeveralFiles(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or more files; what they are is looked into elsewhere."""

    widget = SeveralFiles(attrs={"accept": ACCEPT})

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files: Sequence[Any] = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(file, initial) for file in files or [None]]


class VersionForm(forms.Form):
    """A new version of a city's figures."""

    upload = FilesField(
        label=_("Your files"),
        help_text=_(
            "A zip archive of a city folder, a workbook (.xlsx) with one sheet for each table, or single tables (.csv)."
        ),
        max_length=200,
        allow_empty_file=True,
    )
    note = forms.CharField(
        label=_("What is new in it"), max_length=300, required=False, help_text=_("One sentence for those who follow.")
    )


class CityForm(VersionForm):
    """A new city with its first version."""

    name = forms.CharField(label=_("Name of the city"), max_length=120)
    field_order = ("name", "upload", "note")
