"""A workbook that only a passphrase of six words opens: as Excel and LibreOffice close theirs, with AES-256."""

import io
from collections.abc import Iterable, Sequence

import xlsxwriter
from msoffcrypto.format.ooxml import OOXMLFile
from xkcdpass import xkcd_password

WORDS = 6  # of the list of 7,776: 77 bits
_WIDTH = 28  # characters of a column
# Nothing is taken for a formula, an address or a number, and nothing touches the disk.
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def new_passphrase() -> str:
    """Six words, thrown by the dice of the operating system. Shown once and kept nowhere."""
    words = xkcd_password.generate_wordlist(wordfile="eff-long", min_length=3, max_length=9)
    return str(xkcd_password.generate_xkcdpassword(words, numwords=WORDS, delimiter=" "))


def closed_workbook(
    rows: Iterable[Sequence[str]], *, columns: Sequence[str], watermark: str, passphrase: str
) -> bytes:
    """A sheet with these rows, closed with `passphrase`. `watermark` stands above them and on every printed page."""
    plain, closed = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(plain, _OPTIONS) as book:
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        bold = book.add_format({"bold": True, "text_wrap": True})
        sheet = book.add_worksheet()
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L{watermark.replace('&', '&&')}&R&P")
        sheet.set_column(0, len(columns) - 1, _WIDTH)
        sheet.write_string(0, 0, watermark)
        for column, words in enumerate(columns):
            sheet.write_string(2, column, words, bold)
        for number, row in enumerate(rows, 3):
            for column, words in enumerate(row):
                sheet.write_string(number, column, words, wrapped)
        sheet.repeat_rows(2)
    plain.seek(0)
    OOXMLFile(plain).encrypt(passphrase, closed)
    return closed.getvalue()
