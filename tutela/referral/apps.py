from django.apps import AppConfig


class ReferralConfig(AppConfig):
    name = "tutela.referral"
    label = "referral"
