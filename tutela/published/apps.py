from django.apps import AppConfig


class PublishedConfig(AppConfig):
    name = "tutela.published"
    label = "published"
