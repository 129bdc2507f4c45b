"""Files that come with a form, where the browser has no script to send them in pieces."""

from io import BytesIO
from typing import IO, Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

_MOST = 60_000_000  # bytes of all files of one request together


class InMemory(FileUploadHandler):
    """Keeps files in memory: Django would write larger ones to a disk, in the clear. What is too much is let go.

    A file then says how long it was; whoever takes it looks at that first.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._kept = 0
        self._file: IO[bytes] = BytesIO()

    def new_file(self, *arguments: Any, **named: Any) -> None:
        """A file begins."""
        super().new_file(*arguments, **named)
        self._file = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """A part of it has come."""
        part = raw_data[: max(0, _MOST - self._kept)]
        self._kept += len(part)
        self._file.write(part)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """All of it has come."""
        self._file.seek(0)
        return InMemoryUploadedFile(
            self._file, self.field_name, self.file_name or "", self.content_type or "", file_size, self.charset
        )  # fmt: skip
