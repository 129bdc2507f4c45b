from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "tutela.pages"
    label = "pages"
