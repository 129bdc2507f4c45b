from django.apps import AppConfig


class ServiceDirectoryConfig(AppConfig):
    name = "tutela.service_directory"
    label = "service_directory"
