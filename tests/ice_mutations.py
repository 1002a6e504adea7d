"""Stacks and floorplans of 3D-ICE spoilt by a seeded hand: each is read, or refused by a named error, nothing else.

``python tests/ice_mutations.py 2000`` runs so many and prints what came of them; ``tests/formats`` runs a few.
"""

import re
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path

import numpy as np

from thermal import datasets
from thermal.errors import ThermalError
from thermal.formats.ice import read_ice
from thermal.plate.ice import steady_ice
from thermal.plate.ice.power import heat_of, shares_of
from thermal.plate.ice.sheets import grid_of

STACKS = ("cp4rm_200", "s4rm_200", "t4rm_200")
ODD_WORDS = (
    "E1", "e", "-5", "0", "nan", "inf", "1e400", "1e300", "-1e-300", "1e-320", "1,5", "0x10", "1_000", "тест", "\x00",
    "\ufeff", '"', "/*", "//", ";", "position", "material", "channel", "output", "٣", "²",
)  # fmt: skip


def spoilt(text: str, rng: np.random.Generator) -> bytes:
    """One to three changes: a word, line or byte replaced, lost or doubled, an end cut off."""
    for _ in range(int(rng.integers(1, 4))):
        words = [m.span() for m in re.finditer(r"[^\s;:,()]+", text)]
        if not words:
            break
        low, high = words[int(rng.integers(len(words)))]
        kind = int(rng.integers(8))
        if kind <= 2:
            new = str(rng.choice(ODD_WORDS)) if kind else f"{10 ** rng.uniform(-8, 8):.4g}"
            text = text[:low] + new + text[high:]
        elif kind == 3:
            text = text[:low] + text[high:]
        elif kind == 4:
            text = text[:high] + " " + text[low:]
        elif kind == 5:
            lines = text.splitlines(keepends=True)
            del lines[int(rng.integers(len(lines)))]
            text = "".join(lines)
        elif kind == 6:
            text = text[: int(rng.integers(1, len(text)))]
        else:
            at = int(rng.integers(len(text)))
            text = text[:at] + chr(int(rng.integers(1, 256))) + text[at + 1 :]
    data = text.encode("utf-8" if rng.random() < 0.9 else "latin-1", "replace")
    return b"\xef\xbb\xbf" + data if rng.random() < 0.1 else data


def outcome(folder: Path, solve: bool) -> str:
    """What comes of reading the stack in a folder and laying out its cells and its heat: a kind of error, or 'read'."""
    try:
        stack = read_ice(folder / "spoilt.stk")
        grid = grid_of(stack, True, 1, 5)
        heat = heat_of(shares_of(stack, grid), grid.unknowns, 0)
        rise = steady_ice(stack, as_3dice=True, slices=5).T_block_highest - stack.channel.T_in if solve else 0.0
    except ThermalError as error:
        return type(error).__name__
    given = sum(block.power[0] for layer in stack.layers for block in layer.blocks)
    assert np.isfinite(heat).all()
    assert abs(heat.sum() - given) <= 1e-9 * given
    assert np.isfinite(rise).all()
    assert np.min(rise) >= -1e-9 * np.max(rise)
    return "read"


def run(count: int, seed: int, solve: bool = False) -> Counter[str]:
    """Count what came of so many spoilt files; `solve` also solves those that can be read, on five slices."""
    rng, found = np.random.default_rng(seed), Counter[str]()
    source = Path(datasets.path("coldplate/3dice/s4rm_200.stk")).parent
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("error")
        folder = Path(name)
        for _ in range(count):
            text = (source / f"{rng.choice(STACKS)}.stk").read_text(encoding="utf-8")
            plans = {plan: (source / plan).read_text(encoding="utf-8") for plan in re.findall(r'"(\w+\.flp)"', text)}
            which = str(rng.choice(["stack", *plans]))
            for plan, content in plans.items():
                (folder / plan).write_bytes(spoilt(content, rng) if plan == which else content.encode())
            (folder / "spoilt.stk").write_bytes(spoilt(text, rng) if which == "stack" else text.encode())
            found[outcome(folder, solve)] += 1
    return found


if __name__ == "__main__":
    print(dict(run(int(sys.argv[1]), seed=8, solve=True)))
