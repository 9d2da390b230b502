"""Below /cms/import/ (put there by wagtail_hooks.py)."""

from django.urls import path

from procedures.intake import views

app_name = "intake"

urlpatterns = [
    path("", views.start, name="start"),
    path("<uuid:run_id>/", views.run, name="run"),
    path("<uuid:run_id>/progress/", views.progress, name="progress"),
    path("<uuid:run_id>/import/", views.import_files, name="import"),
    path("<uuid:run_id>/discard/", views.discard, name="discard"),
    path("chapters/<int:page_id>/", views.findings, name="findings"),
    path("chapters/<int:page_id>/<int:finding_id>/", views.tick, name="tick"),
]
