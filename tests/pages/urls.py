"""The addresses that the sign-in templates lead to, for tests that render nothing else."""

from django.urls import include, path

from tutela.site.urls import urlpatterns as ours

urlpatterns = [*ours, path("accounts/", include("allauth.account.urls"))]
