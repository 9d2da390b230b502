from django.urls import path

from procedures.exporting import views

app_name = "exporting"
urlpatterns = [
    path("", views.copies, name="copies"),
    path("ask/", views.ask, name="ask"),
    path("<uuid:copy_id>/", views.copy, name="copy"),
    path("<uuid:copy_id>/progress/", views.progress, name="progress"),
    path("<uuid:copy_id>/file/", views.download, name="download"),
    path("chapters/<int:page_id>/<slug:form>/", views.chapter, name="chapter"),
    path("editions/<uuid:edition_id>/<slug:form>/", views.edition, name="edition"),
]
