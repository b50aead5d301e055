"""A page in one file: escaped, whole, with its pictures in it."""

from __future__ import annotations

import base64
import re

import numpy as np

from gtview.base.html_page import HtmlPage
from gtview.base.table import Column, Table

EVIL = '<script>x</script>"&'


def words(*values):
    array = np.empty(len(values), object)
    array[:] = values
    return array


def test_that_everything_is_escaped():
    page = HtmlPage(EVIL, EVIL)
    page.add_heading(EVIL)
    page.add_text(EVIL)
    page.add_table(Table((0,), (Column(EVIL, words(EVIL), "text", help=EVIL),)))
    page.add_picture(b"png", EVIL)
    text = page.render()
    assert "<script>" not in text
    assert text.count("&lt;script&gt;x&lt;/script&gt;&quot;&amp;") == 10


def test_that_numbers_are_written_as_the_window_shows_them_and_coloured_by_what_is_shown():
    values = np.array([0.26, -0.26, 0.004, np.nan, 1234.5])
    page = HtmlPage("T")
    page.add_table(Table(tuple("abcde"), (Column("change", values, digits=2),)), ["change"])
    cells = re.findall(r'<td class="([^"]*)">([^<]*)</td>', page.render())
    assert cells == [
        ("number good", "0.26"),
        ("number bad", "-0.26"),
        ("number", "0.00"),
        ("number", "\N{EN DASH}"),
        ("number good", "1,234.50"),
    ]


def test_that_a_picture_is_a_part_of_the_file():
    page = HtmlPage("T")
    page.add_picture(b"\x89PNG data", "a picture")
    (data,) = re.findall(r'src="data:image/png;base64,([^"]*)"', page.render())
    assert base64.b64decode(data) == b"\x89PNG data"


def test_that_dollars_are_no_placeholders():
    page = HtmlPage("costs $body")
    page.add_text("$title")
    text = page.render()
    assert "<h1>costs $body</h1>" in text
    assert "<p>$title</p>" in text
