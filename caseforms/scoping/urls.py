"""Addresses of the scope, below /cases/."""

from django.urls import path

from caseforms.cases import converters
from caseforms.scoping import views

assert converters.CaseReference  # importing it registers <caseref:…>

app_name = "scoping"
urlpatterns = [
    path("<caseref:ref>/scope/", views.scope, name="scope"),
    path("<caseref:ref>/scope/agree/", views.agree, name="agree"),
    path("<caseref:ref>/scope/<int:version>/", views.scope, name="version"),
]
