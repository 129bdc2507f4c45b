from django.apps import AppConfig


class SafeguardingConfig(AppConfig):
    name = "tutela.safeguarding"
    label = "safeguarding"
