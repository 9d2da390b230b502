"""Addresses of the scope, below /cases/."""

from django.urls import path

import caseforms.cases.converters  # noqa: F401  (registers <caseref:…>)
from caseforms.scoping import views

app_name = "scoping"
urlpatterns = [
    path("<caseref:ref>/scope/", views.scope, name="scope"),
    path("<caseref:ref>/scope/agree/", views.agree, name="agree"),
    path("<caseref:ref>/scope/<int:version>/", views.scope, name="version"),
]
