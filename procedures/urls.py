from django.urls import path

from procedures.finding import views as finding
from procedures.reading import views as reading

app_name = "procedures"
urlpatterns = [
    path("", finding.search, name="search"),
    path("suggest/", finding.suggest, name="suggest"),
    path("manual/", reading.front, name="front"),
]
