"""Addresses of a referral, below /refer/: a draft's random id, a section's code, an item's number, never a
name."""

from django.urls import path

import caseforms.cases.converters  # noqa: F401  (registers <caseref:…>)
from caseforms.referrals import views

app_name = "referrals"
urlpatterns = [
    path("", views.start, name="start"),
    path("<caseref:ref>/change/", views.change_sent, name="change_sent"),
    path("<uuid:draft_id>/", views.task_list, name="task_list"),
    path("<uuid:draft_id>/check/", views.check, name="check"),
    path("<uuid:draft_id>/sent/", views.sent, name="sent"),
    path("<uuid:draft_id>/delete/", views.delete, name="delete"),
    path("<uuid:draft_id>/section/<slug:code>/", views.section, name="section"),
    path("<uuid:draft_id>/section/<slug:code>/add/", views.add_item, name="add"),
    path("<uuid:draft_id>/section/<slug:code>/<int:number>/", views.change_item, name="item"),
    path("<uuid:draft_id>/section/<slug:code>/<int:number>/remove/", views.remove_item, name="remove"),
]
