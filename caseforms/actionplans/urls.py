from django.urls import path

from caseforms.actionplans import views
from caseforms.cases import converters  # noqa: F401  (registers <caseref:…>)

app_name = "actionplans"
urlpatterns = [
    path("cases/<caseref:ref>/plan/", views.plan, name="plan"),
    path("cases/<caseref:ref>/plan/adopt/", views.adopt, name="adopt"),
    path("actions/", views.mine, name="mine"),
    path("actions/<uuid:action_id>/update/", views.update, name="update"),
]
