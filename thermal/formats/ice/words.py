"""Words of the files of 3D-ICE: comments off, punctuation off, numbers with the units of that program."""

import re
from pathlib import Path
from typing import TypeVar

from thermal.errors import DataError

__all__ = ["CAPACITY", "CONDUCTIVITY", "FILM", "FLOW", "KELVIN", "MICRON", "POWER", "TIME", "ZERO_CELSIUS", "Words"]

T = TypeVar("T")
MICRON = 1e-6
ZERO_CELSIUS = 273.15
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
LONGEST = 1e7  # µm, ten metres: far above any chip
CONDUCTIVITY, CAPACITY = (1e-12, 1e-1), (1e-18, 1e-9)  # W/µm K and J/µm³ K: a million times beyond any solid
FILM, FLOW = (1e-14, 1e-2), (1e-9, 1e9)  # W/µm² K, mL/min
KELVIN = (1.0, 1e4)
POWER, TIME = (0.0, 1e9), (1e-12, 1e9)  # W, s
COMMENT = re.compile(r'("[^"]*")|//[^\n]*|/\*.*?\*/', re.DOTALL)


class Words:
    """The words of a file in their order; colons, semicolons, commas and brackets only part them."""

    def __init__(self, path: Path) -> None:
        try:
            text = path.read_text(encoding="utf-8-sig")  # with or without byte-order mark
        except OSError as error:
            raise DataError(f"{path}: cannot be read ({error.strerror})") from None
        except UnicodeDecodeError:
            raise DataError(f"{path}: is not text") from None
        except ValueError as error:  # a name that no file can have
            raise DataError(f"{path!r}: cannot be read ({error})") from None
        text = COMMENT.sub(lambda m: m.group(1) or " ", text)
        if "/*" in re.sub(r'"[^"]*"', "", text):
            raise DataError(f"{path}: a comment that '/*' opens is not closed")
        if text.strip() and not text.rstrip().endswith(";"):
            raise DataError(f"{path}: does not end with ';', it may be cut off")
        self.path = path
        self.words = re.findall(r'"[^"]*"|[^\s:;,()]+', text)
        self.at = 0

    def more(self) -> bool:
        """Whether words are left."""
        return self.at < len(self.words)

    def peek(self) -> str:
        """The next word, or nothing."""
        return self.words[self.at] if self.more() else ""

    def after(self) -> str:
        """The word after the next: ``position`` where the next is the name of a block, numbers included."""
        return self.words[self.at + 1] if self.at + 1 < len(self.words) else ""

    def is_number(self) -> bool:
        """Whether the next word is a number."""
        return bool(NUMBER.fullmatch(self.peek()))

    def take(self) -> str:
        """Take the next word."""
        self.at += 1
        if self.at > len(self.words):
            raise DataError(f"{self.path}: ends too early")
        return self.words[self.at - 1]

    def taken(self, word: str) -> bool:
        """Take the next word if it is this one, and say whether it was."""
        found = self.peek() == word
        self.at += found
        return found

    def file(self) -> str:
        """Take the name of a file, in quotes."""
        word = self.take()
        if not re.fullmatch(r'"[^"]+"', word):
            raise self.error(f'{word!r} is not the name of a file in quotes ("')
        return word[1:-1]

    def phrase(self, *expected: str) -> None:
        """Take the words of a phrase."""
        for word in expected:
            if (found := self.take()) != word:
                lower = f"; keywords are in lower case, {word!r}" if found.lower() == word else ""
                raise self.error(f"expected {' '.join(expected)!r}{lower}")

    def number(self, *expected: str, within: tuple[float, float] = (0.0, LONGEST)) -> float:
        """Take the words of a phrase, then a number above zero, by default a length in µm."""
        value = self.number_from_zero(*expected, within=within)
        if not value > 0:
            raise self.error(f"{' '.join(expected) or 'the number'} = {value:g} must be above zero")
        return value

    def number_from_zero(self, *expected: str, within: tuple[float, float] = (0.0, LONGEST)) -> float:
        """Take the words of a phrase, then a number from zero on."""
        self.phrase(*expected)
        word, (low, high) = self.take(), within
        if not NUMBER.fullmatch(word) and word.lower().strip("+-") not in {"nan", "inf", "infinity"}:
            raise self.error(f"{word!r} is not a number")
        value, name = float(word), " ".join(expected) or "the number"
        if not 0 <= value < float("inf"):
            raise self.error(f"{name} = {value:g} must be a number from zero on")
        if 0 < value < low or value > high:
            raise self.error(f"{name} = {value:g} is outside {low:g} to {high:g}, in the units of that program")
        return value

    def whole(self, *expected: str) -> int:
        """Take the words of a phrase, then a whole number above zero."""
        value = self.number(*expected)
        if value != round(value):
            raise self.error(f"{' '.join(expected) or 'the number'} = {value:g} must be a whole number")
        return round(value)

    def known(self, table: dict[str, T], what: str) -> T:
        """Take a name and return what it stands for."""
        name = self.take()
        if name not in table:
            raise self.error(f"{what} {name!r} is not defined; there are {', '.join(table) or 'none'}")
        return table[name]

    def error(self, why: str) -> DataError:
        """Return an error that says where the words stand."""
        return DataError(
            f"{self.path}: {why}, near word {self.at} ({' '.join(self.words[max(0, self.at - 4) : self.at + 2])})"
        )
