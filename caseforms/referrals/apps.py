from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "caseforms.referrals"
    verbose_name = "referrals"
