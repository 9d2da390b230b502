from django.urls import path

from procedures.editing import views

app_name = "editing"
urlpatterns = [
    path("", views.amendments, name="amendments"),
    path("chapter/<int:page_id>/", views.chapter_editions, name="chapter"),
    path("chapter/<int:page_id>/compare/", views.choose_comparison, name="choose_comparison"),
    path("pictures/<str:name>", views.picture, name="picture"),
    path("<uuid:edition_id>/", views.edition, name="edition"),
    path("<uuid:edition_id>/restore/", views.restore, name="restore"),
    path("<uuid:old_id>/compare/<uuid:new_id>/", views.comparison, name="comparison"),
]
