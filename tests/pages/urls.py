"""The addresses that the sign-in templates lead to, for tests that render nothing else."""

from django.urls import include, path

urlpatterns = [path("accounts/", include("allauth.account.urls"))]
