"""The model library: what is refused, in which words, and that nothing outside its root can be read."""

import pytest

import thermal as th
from thermal import library
from thermal.errors import InputError, ModelError
from thermal.library import load, models, read, show

PACKAGE = """\
kind = "package"
name = "a package of these tests"
[values]
design_heat = { value = 1.2, unit = "kW", source = "sheet" }
T_case_limit = { value = 185.0, unit = "degF", source = "sheet" }
length = { value = 25, unit = "mm", source = "sheet" }
breadth = { value = 30, unit = "mm", source = "sheet" }
heat_capacity = { value = 120, unit = "J/K", source = "guess", low = 60, high = 200, note = "a note" }
R_junction_case = { value = 0.02, unit = "K/W", source = "sheet" }
[sources.sheet]
kind = "datasheet"
title = "a sheet"
page = "3"
[sources.guess]
kind = "estimate"
title = "a guess"
"""


@pytest.fixture
def root(tmp_path):
    """A user's own models; ``root(text)`` writes one as packages/mine."""

    def write(text, name="packages/mine"):
        path = tmp_path / "my_models" / f"{name}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return tmp_path / "my_models"

    return write


def test_a_users_model_is_converted_checked_and_signed(root):
    base = root(PACKAGE)
    mine = load("packages/mine", root=base)
    assert mine.design_heat == 1200.0
    assert mine.T_case_limit == pytest.approx(85.0)
    assert mine.breadth == 0.03
    assert mine.origin.model == "packages/mine"
    assert mine.origin.title == "a package of these tests"
    assert len(mine.origin.sha256) == 64
    assert models(root=base) == ["packages/mine"]
    assert load("packages/h100", root=base) == load("packages/h100")  # the shipped library stays in reach


def test_show_gives_every_number_its_source(root):
    text = show("packages/mine", root=root(PACKAGE))
    assert "120 J/K (60 .. 200)   [guess]; a note" in text
    assert "[sheet] datasheet: a sheet (page 3)" in text
    for name in models():
        shown = show(name)
        assert all(key in shown for key in [*read(name).facts, *read(name).parts, *read(name).sources])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("racks/gb200_nvl27", "did you mean 'racks/gb200_nvl72'"),
        ("package/h100", "did you mean 'packages/h100'"),
        ("zzz", "`thermal models` lists all of them"),
        ("", "no model ''"),
    ],
)
def test_an_unknown_name_is_met_with_near_ones(name, words):
    with pytest.raises(ModelError) as caught:
        load(name)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["../secret", "../../secret", "packages/../../secret", "{outside}"])
def test_nothing_outside_the_root_is_read(root, name):
    base = root(PACKAGE)
    (base.parent / "secret.toml").write_text(PACKAGE, encoding="utf-8")
    with pytest.raises(ModelError, match="no model"):
        load(name.format(outside=base.parent / "secret"), root=base)
    (base / "link.toml").symlink_to(base.parent / "secret.toml")
    with pytest.raises(ModelError, match="no model"):
        load("link", root=base)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('value = 25, unit = "mm", ', "value = 25, ", 'length = 25 has no unit; write unit = "-" for a ratio'),
        (', source = "sheet" }\nT_', " }\nT_", "design_heat must be written as { value = ..., unit = ..., source"),
        ('breadth = { value = 30, unit = "mm", source = "sheet" }', "breadth = 0.03", "breadth must be written as"),
        ('source = "sheet" }\nT_', 'source = "shet" }\nT_', "cites source 'shet', which the file does not define"),
        ("low = 60, high = 200, ", "", "heat_capacity is an estimate and must carry low <= value <= high"),
        ("low = 60, high = 200", "low = 130, high = 200", "must carry low <= value <= high"),
        ('kind = "datasheet"', 'kind = "rumour"', "needs a title and a kind out of"),
        ('title = "a sheet"\n', "", "source 'sheet' needs a title"),
        ('kind = "package"', 'kind = "pakage"', "kind 'pakage' is unknown; did you mean 'package'"),
        ('kind = "package"\n', "", "needs kind and name"),
        ("[values]", "[values]\nheigth = { value = 1, unit = 'm', source = 'sheet' }", "Package has no field 'heigth'"),
        ("[values]", "[value]", "unknown: ['value']"),
        ('note = "a note"', 'nota = "a note"', "unknown keys ['nota']"),
        ('unit = "kW"', 'unit = "kg"', "unit 'kg' cannot be converted to 'W'"),
        ('unit = "kW"', 'unit = "furlong per fortnight squared ["', "cannot read 1.2"),
        ('1.2, unit = "kW"', '5, unit = "tons"', "unit 'tons' is ambiguous"),
        ("value = 1.2", 'value = "much"', "design_heat = 'much' must be a number, not a text"),
        ("value = 1.2", 'value = "1.2"', "design_heat = '1.2' must be a number, not a text"),
        ("value = 1.2", "value = true", "design_heat = True must be a number"),
        ("value = 1.2", "value = -1.2", "Package.design_heat = -1200 W is outside (0, 100000] W"),
        ("value = 1.2", "value = nan", "design_heat = nan W is not finite"),
        ("[values]", "[values", "not valid TOML"),
    ],
)  # fmt: skip
def test_a_file_that_does_not_say_what_it_must_is_refused(root, old, new, words):
    assert PACKAGE.count(old) >= 1
    with pytest.raises(InputError) as caught:
        load("packages/mine", root=root(PACKAGE.replace(old, new, 1)))
    assert words in str(caught.value)
    assert "mine.toml" in str(caught.value)


def test_sizes_are_bounded(root, monkeypatch):
    monkeypatch.setattr(library, "MAX_BYTES", 100)
    with pytest.raises(ModelError, match=r"mine\.toml is larger than 0\.0001 MB"):
        load("packages/mine", root=root(PACKAGE))


def test_a_root_that_is_not_there():
    with pytest.raises(ModelError, match=r"model directory nowhere does not exist"):
        load("packages/h100", root="nowhere")


LOOP = """\
kind = "loop"
name = "a small row"
[parts]
cdu = { model = "cdus/vertiv_xdu1350", source = "us" }
racks = { model = "racks/gb200_nvl72", count = 3, source = "us" }
coolant = { model = "coolants/pg25", source = "us" }
[sources.us]
kind = "estimate"
title = "three racks"
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('model = "racks/gb200_nvl72", ', "", "racks must be written as { model ="),
        ('count = 3, source = "us"', "count = 3", "racks must be written as { model ="),
        ("count = 3", "number = 3", "racks must be written as { model ="),
        ("count = 3", "count = 0", "count = 0 must be a whole number from 1"),
        ("count = 3", 'count = "3"', "count = '3' must be a whole number"),
        ("count = 3", "count = 1000000000", "must be a whole number from 1 to 10000"),
        ('source = "us" }\n[', 'source = "them" }\n[', "coolant cites source 'them'"),
        ('"racks/gb200_nvl72", count = 3', '"loops/small"', "loops/small > loops/small: a model cannot be a part"),
        ('"racks/gb200_nvl72"', '"coolants/water"', "racks"),
        ('"racks/gb200_nvl72"', '"racks/gb200_nvl"', "did you mean"),
    ],
)
def test_parts_of_a_model_are_checked(root, old, new, words):
    assert LOOP.count(old) == 1
    with pytest.raises(ModelError) as caught:
        load("loops/small", root=root(LOOP.replace(old, new), "loops/small"))
    assert words in str(caught.value)


def test_a_model_of_models_counts_its_parts(root):
    base = root(LOOP, "loops/small")
    row = load("loops/small", root=base)
    assert len(row.racks) == 3
    assert row.racks[0] == th.load("racks/gb200_nvl72")


def test_a_file_that_changes_is_read_again(root):
    """A notebook user edits a model and loads it again: the answer is the new file, not a memory of the old one."""
    base = root(PACKAGE)
    assert load("packages/mine", root=base).design_heat == 1200.0
    root(PACKAGE.replace("value = 1.2", "value = 1.4"))
    assert load("packages/mine", root=base).design_heat == 1400.0


def test_models_of_one_folder():
    assert models("coolants") == [name for name in models() if name.startswith("coolants/")]
    with pytest.raises(ModelError, match=r"no folder 'coolant' of models; there are .*coolants"):
        models("coolant")


@pytest.mark.parametrize("name", [["coolants/water"], 3, None])
def test_a_model_is_named_by_text(name):
    with pytest.raises(ModelError, match="named by text"):
        load(name)


def test_a_byte_order_mark_is_no_fault(root):
    base = root(PACKAGE)
    (base / "packages/mine.toml").write_bytes(PACKAGE.encode("utf-8-sig"))
    assert load("packages/mine", root=base).design_heat == 1200.0


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[values]", "values = 3\n[other]", "unknown: ['other']"),
        ('name = "a package of these tests"', "name = 3", "mine.toml: name = 3 must be a text"),
        ('kind = "package"', "kind = ['package']", "mine.toml: kind = ['package'] must be a text"),
        ('unit = "kW"', "unit = 3", "design_heat: unit = 3 must be a text"),
        ("low = 60", 'low = "60"', "heat_capacity: low = '60' must be a number"),
        ('value = 1.2, unit = "kW"', 'value = [1.2, "2"], unit = "kW"', "must be a number, not a text"),
        ('value = 1.2, unit = "kW"', 'value = 1.2, unit = "9**9**9**9"', "it is no unit"),
    ],
)
def test_what_is_of_the_wrong_kind_is_named(root, old, new, words):
    with pytest.raises(InputError) as caught:
        load("packages/mine", root=root(PACKAGE.replace(old, new, 1)))
    assert words in str(caught.value)


def test_mutated_files_are_read_or_refused(tmp_path):
    """A small share of the 10 000 that are run by hand: ``python tests/mutated.py models 10000``."""
    from mutated import model_files

    fates = model_files(150, 5, tmp_path)
    assert fates["read"]
    assert fates["refused"]
