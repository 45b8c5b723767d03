"""Addresses of the app "cities"."""

from django.urls import path

from mutirao.web.cities import views, views_versions

urlpatterns = [
    path("", views.front, name="cities"),
    path("new/", views.new_city, name="new_city"),
    path("<slug:slug>/", views.city, name="city"),
    path("<slug:slug>/public/", views.publish_city, name="publish_city"),
    path("<slug:slug>/versions/", views_versions.versions, name="city_versions"),
    path("<slug:slug>/versions/new/", views_versions.new_version, name="new_version"),
    path("<slug:slug>/versions/<int:number>/", views_versions.version, name="city_version"),
    path("<slug:slug>/versions/<int:number>/check/", views_versions.check_again, name="check_again"),
    path("<slug:slug>/versions/<int:number>/public/", views_versions.publish, name="publish_version"),
    path("<slug:slug>/versions/<int:number>/download/", views_versions.download, name="download_version"),
    path("<slug:slug>/versions/<int:number>/since/<int:before>/", views_versions.since, name="version_since"),
    path("<slug:slug>/versions/<int:number>/file/<str:name>/", views_versions.table, name="version_file"),
    path("<slug:slug>/versions/<int:number>/edit/<str:name>/", views_versions.edit, name="edit_file"),
]
