from django.urls import path

from portal.outbox import views

app_name = "outbox"
urlpatterns = [
    path("", views.message_list, name="list"),
    path("<uuid:pk>/", views.message_detail, name="detail"),
    path("<uuid:pk>/retry/", views.retry, name="retry"),
]
