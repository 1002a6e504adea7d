"""Model and weather files as accidents leave them: each is read or refused by name, and never half read.

By hand: ``python tests/mutated.py models 10000`` or ``python tests/mutated.py weather 2000``; a small share is tested.
"""

import math
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np

import thermal as th
from thermal.errors import ThermalError
from thermal.library import library_root
from thermal.outdoors.climate import fill_gaps
from thermal.outdoors.epw import READ, read_epw
from thermal.quantity import Part

ODD = (
    "nan", "inf", "-inf", "-1", "0", "1e30", "-1e-30", "1e400", '"12"', '"x"', "true", "[]", "[1, 2]", "{}", "''", "",
    "99999999999999999999", "0x10", "1_000", "2026-07-01", "[[1.0]]", '["a"]', "1.2.3", "６", "\t", "null",
)  # fmt: skip
UNITS = ("W", "degC", "K", "m3/s", "psig", "tons", "", "-", "furlong", "kg/s**9", "%", "5 kW", "[", "µm", "degF")
DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def mutate(text: str, draw: random.Random) -> str:
    """One to three accidents to a text: lost, doubled, swapped and overwritten pieces, odd values, odd units."""
    for _ in range(draw.randint(1, 3)):
        lines = text.split("\n")
        k = draw.randrange(len(lines))
        at = draw.randrange(len(text) + 1)
        accident = draw.randrange(10)
        if accident == 0:
            text = text[:at] + text[at + draw.randint(1, 30) :]
        elif accident == 1:
            lines.insert(k, lines[draw.randrange(len(lines))])
            text = "\n".join(lines)
        elif accident == 2:
            del lines[k]
            text = "\n".join(lines)
        elif accident == 3:
            text = text[:at] + chr(draw.choice((0, 9, 34, 44, 46, 61, 91, 92, 123, 0x3B1, 0x1F600, 0xFEFF))) + text[at:]
        elif accident == 4:
            text = text[:at]
        elif accident == 5:
            text = draw.choice(("\ufeff", "\n\n", " ")) + text.replace("\n", draw.choice(("\n", "\r\n")))
        else:
            text = "\n".join([*lines[:k], _value(lines[k], draw), *lines[k + 1 :]])
        text = text or "\n"
    return text


def _value(line: str, draw: random.Random) -> str:
    """A line with one of its values or units replaced."""
    for sign in draw.sample(("value =", "unit =", "count =", "low =", "=", ","), 6):
        if sign in line:
            head, _, tail = line.partition(sign)
            if sign == "unit =":
                parts = tail.split('"', 2)
                return f'{head}{sign} "{draw.choice(UNITS)}"{parts[2] if len(parts) > 2 else ""}'
            fields = tail.split(",")
            fields[draw.randrange(len(fields)) if sign == "," else 0] = " " + draw.choice(ODD)
            return head + sign + ",".join(fields)
    return draw.choice(ODD)


def numbers(part: Part) -> list[float]:
    """All numbers of a part and of the parts inside it."""
    found: list[float] = []
    stack: list = [part]
    while stack:
        item = stack.pop()
        if isinstance(item, Part):
            stack += [getattr(item, name) for name in type(item).model_fields]
        elif isinstance(item, tuple | list):
            stack += item
        elif isinstance(item, float):
            found.append(item)
    return found


def _require_short(error: Exception, most: int, where: str) -> None:
    assert len(str(error)) < most, f"{where}: a message of {len(str(error))} letters"


def model_files(count: int, seed: int, folder: Path) -> Counter:
    """Load mutated copies of the shipped models; count what became of them.

    Raises
    ------
    AssertionError
        If a file ends in anything but a part of finite numbers or an error of this package of at most 2 kB.
    """
    draw = random.Random(seed)
    originals = [(p, p.read_text(encoding="utf-8")) for p in sorted(library_root().rglob("*.toml"))]
    fates: Counter = Counter()
    for k in range(count):
        path, text = originals[k % len(originals)]
        broken = mutate(text, draw)
        (folder / "mine.toml").write_bytes(broken.encode("utf-8", "surrogatepass"))
        try:
            part = th.load("mine", root=folder)
        except ThermalError as error:
            _require_short(error, 2000, f"seed {seed}, file {k} ({path.name})")
            fates["refused"] += 1
            continue
        except Exception as error:
            raise AssertionError(f"seed {seed}, file {k} ({path.name}): {error!r}\n{broken}") from error
        assert all(math.isfinite(x) for x in numbers(part)), f"seed {seed}, file {k} ({path.name})\n{broken}"
        assert str(part)
        fates["read"] += 1
    return fates


def epw_text() -> str:
    """A year of mild weather as an EPW file has it."""
    header = ["LOCATION,Test,AB,ABC,made up,0,40.0,-80.0,-5.0,100.0", *("X,0" for _ in range(7))]
    times = [(m, d, h) for m, days in enumerate(DAYS, 1) for d in range(1, days + 1) for h in range(1, 25)]
    rows = [f"{1980 + m},{m},{d},{h},0,?9,{20 + h / 4:.1f},10.0,45,99000" for m, d, h in times]
    return "\n".join(header + rows) + "\n"


def weather_files(count: int, seed: int, folder: Path) -> Counter:
    """Read mutated weather files; count what became of them.

    Raises
    ------
    AssertionError
        If a file ends in anything but weather, whole or with its gaps, or an error of this package.
    """
    draw = random.Random(seed)
    lines = epw_text().split("\n")
    path = folder / "mine.epw"
    fates: Counter = Counter()
    for k in range(count):
        first = draw.choice((0, 8, draw.randrange(8, 8000)))  # accidents near each other, else the header is never hit
        whole = draw.random() < 0.1
        piece = "\n".join(lines if whole else lines[first : first + 6])
        piece = mutate(piece, draw)
        text = piece if whole else "\n".join([*lines[:first], piece, *lines[first + 6 :]])
        if draw.random() < 0.3:  # missing by the codes of the format
            row = draw.randrange(8, len(lines) - 1)
            text = text.replace(lines[row], lines[row].rpartition(",")[0] + ",999999", 1)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            year = read_epw(path)
            gaps = {name: year[name].isnull().to_numpy() for name in READ}
            gone = gaps["T_dry_bulb"] | gaps["relative_humidity"] | gaps["pressure"]
            np.testing.assert_array_equal(year.T_wet_bulb.isnull(), gone)
            np.testing.assert_array_equal(year.humidity_ratio.isnull(), gone)
            fates["with gaps" if gone.any() else "whole"] += 1
            if gone.any():
                assert not fill_gaps(year).T_wet_bulb.isnull().any()
        except ThermalError as error:
            _require_short(error, 1000, f"seed {seed}, file {k}")
            fates["refused"] += 1
        except Exception as error:
            raise AssertionError(f"seed {seed}, file {k}: {error!r}") from error
    return fates


if __name__ == "__main__":
    what, how_many = sys.argv[1], int(sys.argv[2])
    run = {"models": model_files, "weather": weather_files}[what]
    with tempfile.TemporaryDirectory() as place:
        sys.stdout.write(f"{dict(run(how_many, int(sys.argv[3]) if len(sys.argv) > 3 else 1, Path(place)))}\n")
