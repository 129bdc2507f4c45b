from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "tutela.supervision"
    label = "supervision"
