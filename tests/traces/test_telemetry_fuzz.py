"""Mutated telemetry ends in a dataset, a report or an error that names the file; by hand: a number of files."""

import random
import sys

import numpy as np
from test_telemetry import GOOD, MAPPING

from thermal.errors import ThermalError
from thermal.traces import read_telemetry, report


def mutated(chance: random.Random) -> bytes:
    """A good file with one to four random damages: bytes, cells, lines, columns."""
    content = bytearray(GOOD.encode())
    for _ in range(chance.randint(1, 4)):
        kind, lines = chance.randrange(7), bytes(content).split(b"\n")
        row = chance.randrange(len(lines))
        if kind == 0 and content:
            content[chance.randrange(len(content))] = chance.randrange(256)
        elif kind == 1:
            del content[chance.randrange(len(content) + 1) :]
        elif kind == 2:
            lines.insert(row, lines[chance.randrange(len(lines))])
        elif kind == 3:
            del lines[row]
        elif kind == 4:
            cells = lines[row].split(b",")
            cells[chance.randrange(len(cells))] = chance.choice(
                [
                    b"",
                    b"nan",
                    b"-1e999",
                    b"1e308",
                    b"0x10",
                    b"\xff",
                    b'"',
                    b"true",
                    b"9999-99-99",
                    b"2026-06-01",
                    b"1;2",
                ]
            )
            lines[row] = b",".join(cells)
        elif kind == 5:
            lines[row] = lines[row].replace(b",", chance.choice([b";", b"\t", b",,", b""]))
        else:
            at = chance.randrange(len(content) + 1)
            content[at:at] = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 5)))
        if kind in (2, 3, 4, 5):
            content = bytearray(b"\n".join(lines))
    return bytes(content)


def refusal(path) -> str | None:
    try:
        read_telemetry(path, MAPPING)
    except ThermalError as error:
        return str(error)
    return None


def fuzz(tmp_path, count: int, seed: int) -> dict[str, int]:
    """Read mutated files; every outcome but a dataset or an error of ours is a failure of the test."""
    chance, path, outcomes = random.Random(seed), tmp_path / "fuzzed.csv", {"read": 0, "refused": 0, "reported": 0}
    for _ in range(count):
        path.write_bytes(mutated(chance))
        said = refusal(path)
        if said is not None:
            assert "fuzzed.csv" in said, said
            assert "\n" not in said
            assert len(said) < 500
            outcomes["refused"] += 1
            continue
        data = read_telemetry(path, MAPPING)
        assert not np.isinf(data.heat).any()
        outcomes["reported" if len(report(data)) else "read"] += 1
    return outcomes


def test_mutated_files_end_in_data_or_a_named_error(tmp_path):
    outcomes = fuzz(tmp_path, 120, seed=8)
    assert min(outcomes["refused"], outcomes["reported"]) > 10


if __name__ == "__main__":
    from pathlib import Path
    from tempfile import mkdtemp

    sys.stdout.write(f"{fuzz(Path(mkdtemp()), int(sys.argv[1]), seed=2026)}\n")
