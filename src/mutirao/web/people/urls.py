"""Addresses of people and organisations."""

from django.urls import path

from mutirao.web.people import views

urlpatterns = [
    path("me/", views.me, name="me"),
    path("me/reminders/", views.read_reminders, name="read_reminders"),
    path("me/keys/", views.make_token, name="make_token"),
    path("me/keys/<int:pk>/drop/", views.drop_token, name="drop_token"),
    path("organisations/", views.organisation_list, name="organisations"),
    path("organisations/new/", views.new_organisation, name="new_organisation"),
    path("organisations/<int:pk>/", views.organisation, name="organisation"),
    path("organisations/<int:pk>/describe/", views.describe, name="describe_organisation"),
    path("organisations/<int:pk>/invite/", views.invite, name="invite"),
    path("invitations/<str:token>/", views.invitation, name="invitation"),
    path("mandates/<int:pk>/withdraw/", views.withdraw, name="withdraw_mandate"),
]
