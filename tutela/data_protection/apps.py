from django.apps import AppConfig


class DataProtectionConfig(AppConfig):
    name = "tutela.data_protection"
    label = "data_protection"
