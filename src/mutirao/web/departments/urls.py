"""Addresses of carrying a plan out."""

from django.urls import path

from mutirao.web.departments import views

urlpatterns = [
    path("<slug:slug>/", views.whole_city, name="carrying_out"),
    path("<slug:slug>/assign/", views.assign, name="assign"),
    path("<slug:slug>/depend/", views.depend, name="depend"),
    path("<slug:slug>/<int:pk>/", views.department, name="department"),
    path("<slug:slug>/measures/<str:measure>/", views.measure, name="measure"),
]
