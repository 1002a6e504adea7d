"""Parts in a notebook: a collapsible tree, escaped, short, with units people read and a source beside each number."""

from html.parser import HTMLParser

import pytest

import thermal as th
from thermal.html import LONGEST, MORE, Leaf, Node, page
from thermal.quantity import Part, choice, quantity
from thermal.readable import readable, worded

VOID = {"br", "hr", "img", "input", "link", "meta"}


class Reader(HTMLParser):
    """What a browser makes of a page: tags opened and closed in order, the text a reader sees, and the attributes."""

    def __init__(self, text):
        super().__init__()
        self.open, self.text, self.tags, self.attributes, self.deepest = [], [], [], [], 0
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        assert tag not in VOID
        self.open.append(tag)
        self.tags.append(tag)
        self.attributes += attrs
        self.deepest = max(self.deepest, self.open.count("details"))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


class Thing(Part):
    """A thing."""

    make: str = choice("who makes it")
    flow: float = quantity("m3/s", "flow", above=0)


@pytest.mark.parametrize("name", th.models())
def test_every_part_is_a_tree_of_less_than_3_kb(name):
    part = th.load(name)
    html = part._repr_html_()
    read = Reader(html)
    text = "".join(read.text)
    assert len(text.encode()) <= 3072, len(text.encode())
    assert part.origin.title[:20] in text
    assert read.tags.count("details") == read.tags.count("summary") >= 1
    assert {name for name, _ in read.attributes} <= {"class", "open", "title"}  # nothing from elsewhere, no scripts
    assert set(read.tags) <= {"div", "details", "summary", "ul", "li", "code", "small"}


def test_a_row_shows_its_cdu_with_units_and_sources():
    read = Reader(th.load("loops/gb200_row")._repr_html_())
    text = "".join(read.text)
    assert read.deepest >= 2
    assert "8 × Rack" in text
    assert "0.0024 m3/s (144 L/min)" in text  # of a rack, as its model file has it
    assert "[estimate]" in text
    assert any(key == "title" and "OCP guideline" in value for key, value in read.attributes)


def test_a_changed_number_loses_its_source():
    rack = th.load("racks/gb200_nvl72")
    assert "ProphetStor" in str(dict(rack.origin.sources)["design_flow"])
    other = rack.replace(design_flow=0.003)
    assert "design_flow" not in dict(other.origin.sources)
    assert "0.003 m3/s (180 L/min)" in "".join(Reader(other._repr_html_()).text)


def test_what_is_written_is_no_markup():
    html = Thing(make='<script>alert("x")</script> & Co', flow=1.0)._repr_html_()
    read = Reader(html)
    assert "script" not in read.tags
    assert '<script>alert("x")</script> & Co' in "".join(read.text)
    leaf = Leaf("a<b", "1 & 2", "k>", '"onmouseover="alert(1)')
    read = Reader(page(Node("", "<i>", (leaf, Node("n<", "h>", ())))))
    assert {name for name, _ in read.attributes} == {"class", "open", "title"}
    assert ("title", '"onmouseover="alert(1)') in read.attributes
    assert "".join(read.text) == "<i>a<b 1 & 2 [k>]n<: h>"


def test_what_does_not_fit_is_said():
    wide = Node("", "wide", tuple(Leaf(f"field_{k}", "x" * 40) for k in range(200)))
    text = "".join(Reader(page(wide)).text)
    assert MORE in text
    assert LONGEST - 60 < len(text) <= LONGEST
    small, big = Node("small", "s", (Leaf("here", "1"),)), Node("big", "b", (Leaf("there", "x" * LONGEST),))
    text = "".join(Reader(page(Node("", "two", (big, small)))).text)
    assert "here 1" in text  # the one that fits is shown though the one before does not
    assert "there" not in text
    assert "big: b …" in text


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0.001, "m3/s", "60 L/min"),
        (110e3, "Pa", "110 kPa"),
        (-250.0, "Pa", "-250 Pa"),
        (120e3, "W", "120 kW"),
        (20e6, "W", "20 MW"),
        (3.6e6, "J", "1 kWh"),
        (200e-6, "m", "200 µm"),
        (0.06, "m", "60 mm"),
        (12.0, "m", "12 m"),
        (0.02, "m3", "20 L"),
        (32.0, "degC", "32 °C"),
        (0.0, "m3/s", "0 m³/s"),
        (float("nan"), "W", "nan W"),
        (0.87, "-", "0.87"),
    ],
)
def test_units_that_people_read(value, unit, words):
    assert worded(value, unit) == words


def test_a_unit_without_another_stays():
    assert readable(4180.0, "J/kg/K") == (4180.0, "J/kg/K")


def test_printed_trees_say_both_units():
    text = str(th.load("racks/gb200_nvl72"))
    assert "design_drop: 110000 Pa (110 kPa)" in text
    assert "design_heat: 120000 W (120 kW)" in text
    assert "liquid_fraction: 0.87\n" in text
