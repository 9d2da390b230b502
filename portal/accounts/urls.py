"""Pages of accounts; mounted at the root."""

from django.urls import path

from portal.accounts.views import (
    account,
    demo,
    display,
    enrolment,
    invitations,
    kept_posts,
    password_reset,
    people,
    sign_in,
)

app_name = "accounts"

urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/code/", sign_in.code, name="code"),
    path("sign-in/recovery-code/", sign_in.recovery, name="recovery"),
    path("sign-in/no-code/", sign_in.no_code, name="no_code"),
    path("sign-in/set-up/", enrolment.enrol, name="enrol"),
    path("sign-in/set-up/app/", enrolment.enrol_app, name="enrol_app"),
    path("sign-in/set-up/recovery-codes/", enrolment.recovery_codes, name="recovery_codes"),
    path("sign-in/locked/", sign_in.locked, name="locked"),
    path("sign-in/confirm/", sign_in.confirm_code, name="confirm_code"),
    path("sign-in/stay/", sign_in.stay_signed_in, name="stay_signed_in"),
    path("sign-in/no-access/", sign_in.no_access, name="no_access"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("sign-in/kept/<uuid:kept_id>/", kept_posts.kept_post, name="kept"),
    path("sign-in/kept/<uuid:kept_id>/discard/", kept_posts.discard_kept_post, name="discard_kept"),
    path("invitation/", invitations.invitation, name="invitation"),
    path("password-reset/", password_reset.password_reset, name="password_reset"),
    path("password-reset/sent/", password_reset.password_reset_sent, name="password_reset_sent"),
    path("password-reset/new/", password_reset.password_reset_confirm, name="password_reset_confirm"),
    path("account/", account.account, name="account"),
    path("account/name/", account.name, name="name"),
    path("account/password/", account.password, name="password"),
    path("account/recovery-codes/", enrolment.new_recovery_codes, name="new_recovery_codes"),
    path("account/sign-out-everywhere/", account.sign_out_everywhere, name="sign_out_everywhere"),
    path("account/act-as/", sign_in.act_as, name="act_as"),
    path("display/", display.display, name="display"),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path(
        "people/invitations/<uuid:invitation>/withdraw/",
        people.withdraw_invitation,
        name="withdraw_invitation",
    ),
    path("people/<uuid:membership>/end/", people.end_membership, name="end_membership"),
    path("people/<uuid:person>/reset/", people.reset_second_factor, name="reset_second_factor"),
    path("demo/codes/", demo.demo_codes, name="demo_codes"),
]
