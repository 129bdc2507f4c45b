from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "tutela.web"
    label = "web"

    def ready(self) -> None:
        from tutela.web import sign_ins

        sign_ins.listen()
