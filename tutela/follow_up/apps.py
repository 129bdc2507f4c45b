from django.apps import AppConfig


class FollowUpConfig(AppConfig):
    name = "tutela.follow_up"
    label = "follow_up"
