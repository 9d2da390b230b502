from typing import Any

app_name = "readers"
urlpatterns: list[Any] = []
