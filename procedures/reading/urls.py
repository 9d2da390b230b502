from django.urls import path

from procedures.reading import views

app_name = "reading"
urlpatterns = [
    path("a-z/", views.a_to_z, name="a_to_z"),
    path("glossary/", views.glossary_page, name="glossary"),
    path("section/<slug:anchor>/", views.section, name="section"),
]
