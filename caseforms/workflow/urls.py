"""Addresses of the steps, below /cases/."""

from django.urls import path

import caseforms.cases.converters  # noqa: F401  (registers <caseref:…>)
from caseforms.workflow import views

app_name = "workflow"
urlpatterns = [
    path("<caseref:ref>/triage/", views.triage, name="triage"),
    path("<caseref:ref>/withdraw/", views.withdraw, name="withdraw"),
    path("<caseref:ref>/answer/", views.answer, name="answer"),
    path("<caseref:ref>/ask/", views.ask, name="ask"),
    path("<caseref:ref>/information/", views.information, name="information"),
    path("<caseref:ref>/close/", views.close, name="close"),
]
