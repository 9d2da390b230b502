"""Addresses of meetings, recommendation and decision, below /cases/."""

from django.urls import path

import caseforms.cases.converters  # noqa: F401  (registers <caseref:…>)
from caseforms.panels import views

app_name = "panels"
urlpatterns = [
    path("meetings/", views.meetings, name="meetings"),
    path("meetings/<uuid:meeting_id>/", views.meeting, name="meeting"),
    path("<caseref:ref>/panel/", views.paper, name="paper"),
    path("<caseref:ref>/recommendation/", views.recommendation, name="recommendation"),
    path("<caseref:ref>/decision/", views.decision, name="decision"),
]
