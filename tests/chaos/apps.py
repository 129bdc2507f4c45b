from django.apps import AppConfig


class ChaosConfig(AppConfig):
    name = "tests.chaos"
    label = "chaos"

    def ready(self) -> None:
        """Watch the transactions of this process."""
        from tests.chaos.boundaries import watch

        watch()
