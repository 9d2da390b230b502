"""The WSGI application; refuses to serve when portal/checks.py finds a setting unsafe."""

import os

from django.core.wsgi import get_wsgi_application

from portal.checks import refuse_unsafe_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.production")
application = get_wsgi_application()
refuse_unsafe_settings()
