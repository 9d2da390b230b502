from typing import Any

app_name = "editing"
urlpatterns: list[Any] = []
