"""The composition root: where every page of the portal is mounted."""

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.urls import include, path, re_path
from wagtail.admin import urls as cms_urls
from wagtail.documents import urls as document_urls
from wagtail.urls import serve_pattern
from wagtail.utils.urlpatterns import decorate_urlpatterns

from home import views as home_views
from portal.accounts.access import cms_entry, page_level, public, reader
from procedures.reading import views as reading_views

APPS = (
    ("", "portal.accounts.urls"),
    ("audit/", "portal.audit.urls"),
    ("messages/", "portal.outbox.urls"),
    ("search/", "procedures.urls"),
    ("guide/", "procedures.reading.urls"),
    ("contacts/", "procedures.sharing.urls"),
    ("editions/", "procedures.editing.urls"),
    ("readers/", "procedures.readers.urls"),
    ("copies/", "procedures.exporting.urls"),
    ("refer/", "caseforms.referrals.urls"),
    ("cases/", "caseforms.cases.urls"),
    ("cases/", "caseforms.workflow.urls"),
    ("cases/", "caseforms.panels.urls"),
    ("cases/", "caseforms.scoping.urls"),
    ("deadlines/", "caseforms.deadlines.urls"),
    ("", "caseforms.actionplans.urls"),
    ("quarters/", "caseforms.quarterly.urls"),
    ("", "home.urls"),
)

# Wagtail's own editor needs inline scripts and styles, and a frame for its preview; still nothing foreign.
cms_policy = csp_replace(
    {
        "default-src": [NONE],
        "script-src": [SELF, UNSAFE_INLINE],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "worker-src": [SELF, "blob:"],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
        "base-uri": [NONE],
    }
)

urlpatterns = [
    path("health/", public(home_views.health), name="health"),
    *(path(prefix, include(urls)) for prefix, urls in APPS),
    path(
        "cms/",
        include(decorate_urlpatterns(decorate_urlpatterns(cms_urls.urlpatterns, cms_policy), cms_entry)),
    ),
    path("documents/", include(decorate_urlpatterns(document_urls.urlpatterns, reader))),
    # Wagtail's own sign-in knows no second factor; its name is where Wagtail sends people from private documents.
    path("_util/login/", public(home_views.to_sign_in), name="wagtailcore_login"),
    path("media/images/<path:name>", reader(home_views.manual_picture), name="manual_picture"),
    re_path(serve_pattern, page_level(reading_views.serve, reading_views.level), name="wagtail_serve"),
]

handler400 = "home.views.bad_request"
