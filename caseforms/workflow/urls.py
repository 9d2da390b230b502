"""Addresses of the steps, below /cases/."""

from django.urls import path

from caseforms.cases import converters
from caseforms.workflow import views

assert converters.CaseReference  # importing it registers <caseref:…>

app_name = "workflow"
urlpatterns = [
    path("<caseref:ref>/triage/", views.triage, name="triage"),
    path("<caseref:ref>/withdraw/", views.withdraw, name="withdraw"),
    path("<caseref:ref>/answer/", views.answer, name="answer"),
    path("<caseref:ref>/ask/", views.ask, name="ask"),
    path("<caseref:ref>/information/", views.information, name="information"),
    path("<caseref:ref>/close/", views.close, name="close"),
]
