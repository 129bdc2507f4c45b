"""A workbook that says on each sheet who made it, when and for what: of every export, sheet for duty and copy of a file.

It is built in memory, and nothing in it is a formula. `locking` closes it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO

import xlsxwriter
from django.utils.translation import gettext
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

# A cell that begins like this is worked out as a formula once somebody saves the sheet as text and opens it again.
_LIKE_A_FORMULA = re.compile(r"[=+\-@\t\r\n]")
_ONLY_A_NUMBER = re.compile(r"[+\-]?[\d .()]+(-[\d .()]+)*")  # a telephone number calls no function
_WIDE, _NARROW = 24, 18  # columns, in characters
_MOST_IN_A_LINE = 200  # characters of the mark in header and footer: Excel takes 255


@dataclass(frozen=True)
class Sheet:
    """What goes into a workbook: rows under a `name`, and before them what they are, where there is something to say.

    `mark`: one line that stands on every sheet; `about`: label → words, and `notes`, for the sheet before the rows; `long`:
    cells hold whole texts, which are wrapped.
    """

    name: str
    mark: str
    columns: Sequence[str]
    rows: Iterable[Sequence[str]]
    about: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()
    long: bool = False


def workbook_of(sheet: Sheet) -> bytes:
    """The workbook as a file in memory: nothing of it touches the disk."""
    file = BytesIO()
    options = {
        "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    }  # fmt: skip
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties({"title": sheet.name, "subject": plain(sheet.mark)})
        bold = book.add_format({"bold": True})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        if sheet.about or sheet.notes:
            _read_me(_marked(book, gettext("Read me"), sheet.mark, bold), sheet, bold, wrapped)
        _rows(_marked(book, sheet.name, sheet.mark, bold), sheet, bold, wrapped if sheet.long else None)
    return file.getvalue()


def plain(text: str) -> str:
    """`text` as it may stand in a cell: an apostrophe before whatever a spreadsheet might take for a formula."""
    return f"'{text}" if _LIKE_A_FORMULA.match(text) and not _ONLY_A_NUMBER.fullmatch(text) else text


def _marked(book: Workbook, name: str, mark: str, bold: object) -> Worksheet:
    page = book.add_worksheet(name)
    line = mark[:_MOST_IN_A_LINE].replace("&", "&&")  # a single & begins a command there
    page.set_header(f"&L{line}")
    page.set_footer(f"&L{line}&R&P / &N")
    page.repeat_rows(0, 1)
    page.set_landscape()
    page.write_string(0, 0, plain(mark), bold)
    return page


def _read_me(page: Worksheet, sheet: Sheet, bold: object, wrapped: object) -> None:
    page.set_column(0, 0, _WIDE)
    page.set_column(1, 1, 4 * _WIDE)
    row = 2
    for label, words in sheet.about.items():
        page.write_string(row, 0, plain(label), bold)
        page.write_string(row, 1, plain(words), wrapped)
        row += 1
    for note in sheet.notes:
        page.write_string(row + 1, 1, plain(note), wrapped)
        row += 1


def _rows(page: Worksheet, sheet: Sheet, bold: object, wrapped: object) -> None:
    page.set_column(0, len(sheet.columns) - 1, _WIDE if sheet.long else _NARROW)
    if sheet.long:
        page.fit_to_pages(1, 0)
    for place, column in enumerate(sheet.columns):
        page.write_string(1, place, plain(column), bold)
    page.freeze_panes(2, 1)
    last = 1
    for last, row in enumerate(sheet.rows, 2):
        for place, cell in enumerate(row):
            page.write_string(last, place, plain(cell), wrapped)
    page.autofilter(1, 0, last, len(sheet.columns) - 1)
