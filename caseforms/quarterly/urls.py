from django.urls import path

from caseforms.quarterly import views

app_name = "quarterly"
urlpatterns = [
    path("", views.quarters, name="list"),
    path("<str:label>/export/", views.ask_export, name="ask"),
    path("exports/<uuid:export_id>/", views.export, name="export"),
    path("exports/<uuid:export_id>/progress/", views.progress, name="progress"),
    path("exports/<uuid:export_id>/file/", views.download, name="download"),
]
