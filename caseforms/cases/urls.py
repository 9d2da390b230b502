"""Addresses of the case pages, below /cases/."""

from django.urls import path

import caseforms.cases.converters  # noqa: F401  (registers <caseref:…>)
from caseforms.cases import views

app_name = "cases"
urlpatterns = [
    path("", views.case_list, name="list"),
    path("find-a-person/", views.find_person, name="find_person"),
    path("interest-declared/", views.interest_declared, name="interest_declared"),
    path("<caseref:ref>/", views.detail, name="detail"),
    path("<caseref:ref>/people/", views.people, name="people"),
    path("<caseref:ref>/agencies/", views.agencies, name="agencies"),
    path("<caseref:ref>/forms/", views.forms_sent, name="forms"),
    path("<caseref:ref>/forms/<uuid:form_id>/", views.form_sent, name="form"),
    path("<caseref:ref>/timeline/", views.case_timeline, name="timeline"),
    path("<caseref:ref>/print/", views.print_page, name="print"),
    path("<caseref:ref>/access/", views.access, name="access"),
    path("<caseref:ref>/interest/", views.declare_interest, name="declare_interest"),
    path("<caseref:ref>/involved/", views.record_interest, name="record_interest"),
    path("<caseref:ref>/appeals/", views.appeals, name="appeals"),
    path("<caseref:ref>/appeals/<uuid:interest_id>/lift/", views.lift_interest, name="lift_interest"),
]
