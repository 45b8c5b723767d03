"""Every address of the web application."""

from django.urls import include, path
from django.views.i18n import set_language

from mutirao.site import views
from mutirao.site.api import api
from mutirao.web.cities.views import front

urlpatterns = [
    path("", front, name="front"),
    path("alive/", views.alive, name="alive"),
    path("language/", set_language, name="set_language"),
    path("account/", include("allauth.urls")),
    path("api/", api.urls),
    path("people/", include("mutirao.web.people.urls")),
    path("cities/", include("mutirao.web.cities.urls")),
    path("runs/", include("mutirao.web.runs.urls")),
    path("plans/", include("mutirao.web.plans.urls")),
    path("departments/", include("mutirao.web.departments.urls")),
]
