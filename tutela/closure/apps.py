from django.apps import AppConfig


class ClosureConfig(AppConfig):
    name = "tutela.closure"
    label = "closure"
