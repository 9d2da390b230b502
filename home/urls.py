from django.urls import path

from home import views

app_name = "home"
urlpatterns = [path("my-work/", views.my_work, name="my_work")]
