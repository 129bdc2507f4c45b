from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "tutela.exports"
    label = "exports"
