"""Files of a finished plan that people may take with them."""

import re
import unicodedata
from pathlib import Path

from django.http import FileResponse, Http404
from django.utils.translation import gettext_lazy as _

from mutirao.web.plans.models import Plan
from mutirao.web.plans.results import finished

#: Name of the file, its kind, and what it holds in words. Nothing else of a run is handed out.
FILES = {
    "report.html": ("text/html; charset=utf-8", _("the whole report as one page")),
    "book.xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _("a workbook of the plan")),
    "book.csv": ("text/csv; charset=utf-8", _("every entry of the book, for spreadsheets")),
    "book.parquet": ("application/vnd.apache.parquet", _("every entry of all plans, for programs")),
    "measures.csv": ("text/csv; charset=utf-8", _("how far each measure goes, by year")),
    "parameters.csv": ("text/csv; charset=utf-8", _("assumptions with ranges and sources")),
    "checks.csv": ("text/csv; charset=utf-8", _("independent checks of the plan")),
    "groups.csv": ("text/csv; charset=utf-8", _("homes by zone, income group and tenure")),
    "energy_poverty.csv": ("text/csv; charset=utf-8", _("indicators of energy poverty")),
    "carbon_by_zone.csv": ("text/csv; charset=utf-8", _("emissions by zone")),
    "frontier.csv": ("text/csv; charset=utf-8", _("every point of the frontier")),
    "frontier.html": ("text/html; charset=utf-8", _("the frontier as one page")),
    "result.html": ("text/html; charset=utf-8", _("the group's alternative as one page")),
    "sheets.html": ("text/html; charset=utf-8", _("sheets for a group around one table")),
    "answers.toml": ("application/toml", _("the answers of the group")),
}  # fmt: skip


def files_of(plan: Plan) -> list[tuple[str, object, int]]:
    """Files that a finished plan has: name, what it holds, bytes."""
    folder = finished(plan)
    return [(n, words, _size(folder / n)) for n, (_kind, words) in FILES.items() if (folder / n).is_file()]


def _size(file: Path) -> int:
    return file.stat().st_size


def handed_out(plan: Plan, name: str) -> FileResponse:
    """A file of a plan as an attachment. Raises Http404 for anything that is not on the list."""
    file = finished(plan) / name if name in FILES else None
    if file is None or not file.is_file():
        raise Http404("a plan has no such file")
    stem, dot, end = name.rpartition(".")
    response = FileResponse(
        file.open("rb"),
        as_attachment=True,
        filename=f"{plain(plan.city.slug)}-{plain(plan.title)}-{stem}{dot}{end}",
        content_type=FILES[name][0],
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return response


def plain(name: str) -> str:
    """A name as part of a file's name: small letters without accents, digits, hyphens."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:60] or "plan"
