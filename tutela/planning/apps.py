from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "tutela.planning"
    label = "planning"
