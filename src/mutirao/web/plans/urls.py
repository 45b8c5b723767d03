"""Addresses of the app "plans"."""

from django.urls import URLPattern, path

from mutirao.web.plans import changes, views

urlpatterns: list[URLPattern] = [
    path("", views.plans, name="plans"),
    path("mine/", views.my_plans, name="my_plans"),
    path("new/", changes.new_plan, name="new_plan"),
    path("frontier/", changes.new_frontier, name="new_frontier"),
    path("compare/", views.compare, name="compare_plans"),
    path("<int:pk>/", views.plan, name="plan"),
    path("<int:pk>/explain/", views.explain, name="explain"),
    path("<int:pk>/assumptions/", views.assumptions, name="assumptions"),
    path("<int:pk>/dispute/", changes.dispute_plan, name="dispute"),
    path("<int:pk>/what-if/", views.what_if, name="what_if"),
    path("<int:pk>/what-if/plan/", changes.reoptimise, name="reoptimise"),
    path("<int:pk>/judge/", changes.judge, name="judge_actions"),
    path("<int:pk>/table/", changes.table, name="table"),
    path("<int:pk>/publish/", changes.publish, name="publish_plan"),
    path("<int:pk>/files/<str:name>", views.download, name="plan_file"),
]
