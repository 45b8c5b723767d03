"""Pages of versions: list, check with its findings, tables, editing, differences, download."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mutirao.web.cities import differences, editing, keeping, sheets
from mutirao.web.cities.arriving import Refused, too_large
from mutirao.web.cities.checking import Check, Found, anchor, ask_check, check_of
from mutirao.web.cities.forms import VersionForm
from mutirao.web.cities.models import City, CityVersion
from mutirao.web.cities.receiving import limited
from mutirao.web.cities.views import about, seen_city, unless
from mutirao.web.people.accounts import person_of
from mutirao.web.people.may import may_edit_city, may_make_public

LISTED = 200
"""Findings or versions listed on one page."""


def versions(request: HttpRequest, slug: str) -> HttpResponse:
    """All versions of a city that the reader may see, newest first."""
    one = seen_city(request, slug)
    seen = CityVersion.objects.visible_to(request.user).filter(city=one).select_related("author")[:LISTED]
    context = about(request, one, ("", _("Versions"))) | {"versions": seen}
    return render(request, "cities/versions.html", context)


def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """A version: whether a plan can be made with it, what the check found, its files."""
    one = _seen(request, slug, number)
    check = check_of(one)
    files = sheets.files_of(one, check.found)
    shown = {file.name for file in files if file.shown}
    listed = [(found, _place(one, found) if found.file in shown else "") for found in check.found[:LISTED]]
    context = _about(request, one) | {
        "check": check,
        "files": files,
        "errors": [(found, place) for found, place in listed if found.error],
        "notes": [(found, place) for found, place in listed if not found.error],
        "more": max(0, len(check.found) - LISTED),
        "before": CityVersion.objects.visible_to(request.user)
        .filter(city=one.city, number__lt=number)
        .exclude(pk=one.pk)[:5],
    }
    return render(request, "cities/version.html", context)


def table(request: HttpRequest, slug: str, number: int, name: str) -> HttpResponse:
    """A file of a version by rows, with what was found beside its cells."""
    one = _seen(request, slug, number)
    check = check_of(one)
    whole = _sheet(one, name, check)
    only = request.GET.get("only") == "findings"
    page = sheets.page_of(whole, request.GET.get("page", "1"), only)
    context = _about(request, one, ("", name)) | {
        "sheet": whole,
        "page": page,
        "rows": whole.shown(list(page.object_list)),
        "only": only,
        "found": [(f, sheets.place_of(f, whole.header, whole.rows)) for f in check.of(name)[:LISTED]],
    }
    return render(request, "cities/table.html", context)


def edit(request: HttpRequest, slug: str, number: int, name: str) -> HttpResponse:
    """Edit a file, as a table page by page or as text; saving makes a new version."""
    one = _seen(request, slug, number)
    if (answer := unless(may_edit_city(request.user, one.city), request)) is not None:
        return answer
    check = check_of(one)
    whole = _sheet(one, name, check)
    as_text = not whole.tabular or request.GET.get("as") == "text"
    page = sheets.page_of(whole, request.GET.get("page", "1"), request.GET.get("only") == "findings")
    refusal = None
    if request.method == "POST":
        typed = request.POST
        try:
            content = (
                editing.edited_text(typed.get("text", ""))
                if as_text
                else editing.edited_table(whole, typed)
            )
            note = typed.get("note", "").replace("\0", "")[:300]
            made, said = keeping.bring_file(one, person_of(request), note, name, content)
        except Refused as refused:
            refusal = refused
        else:
            _tell(request, made, said)
            return redirect("city_version", slug=slug, number=made.number)
    context = _about(request, one, ("", name)) | {
        "sheet": whole, "page": page, "rows": whole.shown(list(page.object_list)), "refusal": refusal,
        "as_text": as_text,
        "text": request.POST.get("text") or sheets.text_of(one.path, name) if as_text else "",
        "new_rows": range(editing.NEW_ROWS), "note": request.POST.get("note", ""),
        "found": check.of(name)[:LISTED], "newest": one.city.versions.first(),
    }  # fmt: skip
    return render(request, "cities/edit.html", context, status=refusal.status if refusal else 200)


def _too_large_version(request: HttpRequest, slug: str) -> HttpResponse:
    one = seen_city(request, slug)
    return _version_form(request, one, VersionForm(), Refused(too_large(), status=413))


@limited(_too_large_version)
def new_version(request: HttpRequest, slug: str) -> HttpResponse:
    """Bring a new version of a whole city, or of some of its tables."""
    one = seen_city(request, slug)
    if (answer := unless(may_edit_city(request.user, one), request)) is not None:
        return answer
    if request.method != "POST":
        return _version_form(request, one, VersionForm())
    form = VersionForm(request.POST, request.FILES)
    if not form.is_valid():
        return _version_form(request, one, form, status=422)
    try:
        made = keeping.bring_version(one, person_of(request), form.cleaned_data["note"], form.cleaned_data["upload"])
    except Refused as refusal:
        return _version_form(request, one, form, refusal)
    return redirect("city_version", slug=slug, number=made.number)


def since(request: HttpRequest, slug: str, number: int, before: int) -> HttpResponse:
    """What differs between two versions."""
    new, old = _seen(request, slug, number), _seen(request, slug, before)
    changes = differences.differences(old.path, new.path)
    context = _about(request, new, ("", _("Differences"))) | {"old": old, "new": new, "changes": changes}
    return render(request, "cities/differences.html", context)


def download(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """A version's files as an archive, never shown in the browser."""
    one = _seen(request, slug, number)
    response = HttpResponse(keeping.archive(one), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{one.city.slug}-{one.number}.zip"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@require_POST
def check_again(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Ask anew for a check that failed, or was never asked for."""
    one = _seen(request, slug, number)
    if (answer := unless(may_edit_city(request.user, one.city), request)) is not None:
        return answer
    ask_check(one, person_of(request))
    return redirect("city_version", slug=slug, number=number)


@require_POST
def publish(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show a version to everyone who sees its city, or no longer."""
    one = _seen(request, slug, number)
    if (answer := unless(may_make_public(request.user, one.city), request)) is not None:
        return answer
    CityVersion.objects.filter(pk=one.pk).update(public=request.POST.get("public") == "yes")
    messages.success(request, _("Saved."))
    return redirect("city_version", slug=slug, number=number)


def _seen(request: HttpRequest, slug: str, number: int) -> CityVersion:
    seen = CityVersion.objects.visible_to(request.user).select_related("city", "author")
    found: CityVersion = get_object_or_404(seen, city=seen_city(request, slug), number=number)
    return found


def _sheet(one: CityVersion, name: str, check: Check) -> sheets.Sheet:
    """A file that can be shown. Raises Http404 for any other."""
    if name not in {file.name for file in sheets.files_of(one, ()) if file.shown}:
        raise Http404(_("This version has no such table."))
    return sheets.sheet(one.path, name, check.of(name))


def _place(one: CityVersion, found: Found) -> str:
    """Where a finding is shown beside its cell."""
    address = reverse("version_file", args=[one.city.slug, one.number, found.file])
    if not found.row:
        return address
    cell = found.anchor if found.file.endswith(".csv") else anchor(found.file, found.row, "")
    return f"{address}?only=findings#{cell}"


def _about(request: HttpRequest, one: CityVersion, *crumbs: tuple[str, str]) -> dict[str, Any]:
    city = one.city
    where = (
        (reverse("city_versions", args=[city.slug]), _("Versions")),
        (reverse("city_version", args=[city.slug, one.number]), _("Version %(number)s") % {"number": one.number}),
    )
    return about(request, city, *where, *crumbs) | {"brought": one}


def _tell(request: HttpRequest, made: CityVersion, said: str) -> None:
    """After saving: that it is kept, and where someone else changed the same file meanwhile."""
    if said:
        messages.warning(request, said)
    else:
        messages.success(request, _("Kept as version %(number)s; nothing was overwritten.") % {"number": made.number})


def _version_form(
    request: HttpRequest, one: City, form: VersionForm, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    where = ((reverse("city_versions", args=[one.slug]), _("Versions")), ("", _("New version")))
    context = about(request, one, *where) | {"form": form, "refusal": refusal}
    return render(request, "cities/new_version.html", context, status=refusal.status if refusal else status)
