from django.urls import path

from caseforms.deadlines import views

app_name = "deadlines"
urlpatterns = [
    path("", views.deadline_list, name="list"),
    path("<uuid:deadline_id>/extend/", views.extend, name="extend"),
    path("<uuid:deadline_id>/done/", views.done, name="done"),
]
