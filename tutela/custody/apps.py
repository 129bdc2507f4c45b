from django.apps import AppConfig


class CustodyConfig(AppConfig):
    name = "tutela.custody"
    label = "custody"
