from typing import Any

app_name = "exporting"
urlpatterns: list[Any] = []
