from django.urls import path

from procedures.sharing import views

app_name = "sharing"
urlpatterns = [path("", views.contacts, name="contacts")]
