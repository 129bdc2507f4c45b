"""Static files with their hash in the name, imports between modules included, so that browsers may keep them for good."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Compressed, hashed, and with the `import` lines of ES modules rewritten to the hashed names."""

    support_js_module_import_aggregation = True
