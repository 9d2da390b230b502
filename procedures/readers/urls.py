from django.urls import path

from procedures.readers.views import answering, following, reporting, tabs, understanding

app_name = "readers"
urlpatterns = [
    path("", tabs.start, name="start"),
    path("report/<int:page_id>/<slug:anchor>/", reporting.report, name="report"),
    path("report/<int:page_id>/<slug:anchor>/sent/", reporting.reported, name="reported"),
    path("answer/", reporting.answer, name="answer"),
    path("feedback/", answering.feedback_list, name="feedback"),
    path("feedback/<uuid:feedback_id>/", answering.feedback_item, name="feedback_item"),
    path("feedback/<uuid:feedback_id>/set-aside/", answering.set_aside, name="set_aside"),
    path("mine/", following.mine, name="mine"),
    path("mine/<uuid:subscription_id>/end/", following.unfollow, name="unfollow"),
    path("follow/<int:page_id>/", following.follow, name="follow"),
    path("unsubscribe/", following.unsubscribe, name="unsubscribe"),
    path("confirm/<uuid:edition_id>/", understanding.confirm, name="confirm"),
    path("must-read/", understanding.must_read, name="must_read"),
    path("must-read/<uuid:edition_id>/", understanding.must_read_edition, name="must_read_edition"),
    path("must-read/<uuid:edition_id>/remind/", understanding.chase, name="chase"),
    path("must-read/<uuid:edition_id>/workbook/", understanding.export, name="export"),
]
