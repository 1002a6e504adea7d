"""Where fins stand on their base: heat that draws together, closed by its exact solution where cells are too few."""

from typing import NamedTuple

import numpy as np

__all__ = ["Foot", "contacts", "counted", "exact", "slopes"]

NUDGE = 1e-4  # relative step of central differences

MOST = 0.95  # share of a face's resistance that the closure may take away


class Foot(NamedTuple):
    """A fin between two half channels on its piece of base, and the cells it is divided into."""

    fin: float  # thickness [m]
    channel: float  # width [m]
    base: np.ndarray  # heights of its cells, upwards [m]
    height: np.ndarray  # and of those of the fin [m]
    along: float  # conductivity along x [W/m K]
    through: float  # and along z
    across: int  # columns in each fin and each channel


def contacts(f: Foot) -> np.ndarray:
    """Return resistances between the cells of base and fin, from below, that let heat draw together well [m² K/W].

    A wall of width a on one of width p (symmetry at the sides) resists by ψ/k per length more than both in series,

        π ψ = (e² + 1)/(2e) ln((1 + e)/(1 − e)) − ln(4e/(1 − e²)),  e = a/p,

    the solution by conformal mapping of a step in a plane duct (as the step in height of a guide in its static limit:
    Marcuvitz, Waveguide Handbook, 1951); tests hold it to cells refined without this closure. Cells of few columns have
    up to twice as much. What they have too much is found on the cells themselves and taken from the faces near the
    foot, by the share exp(−2z/√(ab)) in which two columns of widths a and b even out; so it fades where cells are
    refined. Heat into the floor of the channel is taken as none, the base as deep as it is by its first harmonic, and
    of plates with unequal channels the mean ones are taken.

    Examples
    --------
    >>> few = Foot(1.0, 1.0, np.full(40, 0.05), np.full(40, 0.05), 1.0, 1.0, 1)
    >>> round(float(exact(few)), 4), round(float(exact(few._replace(fin=0.5, channel=1.5))), 4)
    (0.1249, 0.325)
    >>> round(float(counted(few)), 2)
    0.25
    """
    stretch = np.sqrt(f.along / f.through)  # heights at which the conductivity is the same all round
    s = f._replace(base=f.base * stretch, height=f.height * stretch)
    decay, pitch = 2.0 / np.sqrt(f.fin * f.channel), f.fin + f.channel
    below, above = np.cumsum(s.base[::-1])[-2::-1], np.cumsum(s.height)[:-1]
    lengths = 0.5 * (np.concatenate([s.base, s.height])[1:] + np.concatenate([s.base, s.height])[:-1])
    places = np.concatenate([below, [0.0], above])
    wide = np.arange(lengths.size) < below.size
    foot = np.arange(lengths.size) == below.size
    lengths = np.where(foot, 0.5 * s.base[-1] + 0.5 * s.height[0], lengths) * np.exp(-decay * places)
    share = min((counted(s) - exact(s)) / float((lengths / np.where(wide, pitch, f.fin)).sum()), MOST)
    return np.asarray(-share * lengths / stretch / f.through)


def slopes(f: Foot, by: np.ndarray) -> dict[str, float]:
    """Return what a quantity owes to fin, channel, base, height (all cells together) and conductivities.

    `by` is its derivative by each resistance; that of the resistances is taken by central differences.
    """
    found = {}
    for name in ("fin", "channel", "base", "height", "along", "through"):
        value = getattr(f, name)
        up, down = (contacts(f._replace(**{name: value * (1.0 + side * NUDGE)})) for side in (1, -1))
        found[name] = float(by @ (up - down)) / (2.0 * NUDGE * float(np.sum(value)))
    return found


def exact(f: Foot) -> float:
    """Resistance of the foot times conductivity and length, ψ, at one conductivity all round."""
    e = f.fin / (f.fin + f.channel)
    deep = (e * e + 1.0) / (2.0 * e) * np.log((1.0 + e) / (1.0 - e)) - np.log(4.0 * e / (1.0 - e * e))
    return float(deep / np.pi / np.tanh(2.0 * np.pi * f.base.sum() / (f.fin + f.channel)))


def counted(f: Foot) -> float:
    """The same on the cells: an even flux into the base from below, a fin at zero at its top, less both in series."""
    n, pitch = f.across, f.fin + f.channel
    width = np.repeat([f.fin / n, f.channel / n], n)
    ring = np.roll(np.eye(2 * n), 1, axis=1)
    between = 2.0 / (width + np.roll(width, -1))  # of a column and the next, the last and the first
    around = np.diag(between + np.roll(between, 1)) - np.diag(between) @ ring - (np.diag(between) @ ring).T
    inside = np.zeros((n, n))
    for i in range(n - 1):
        inside[i : i + 2, i : i + 2] += between[i] * np.array([[1.0, -1.0], [-1.0, 1.0]])
    dz = np.concatenate([f.base, f.height])
    link = 2.0 / (dz[1:] + dz[:-1])
    seen = np.diag(width[:n]) * 2.0 / dz[-1]  # what a layer sees above it: the top of the fin, half a cell away
    for k in range(dz.size - 1, -1, -1):
        own = seen + (inside if k >= f.base.size else around) * dz[k]
        if k == 0:
            rises = np.linalg.solve(own, width / pitch)
            break
        g = width[:n] * link[k - 1] if k >= f.base.size else width * link[k - 1]
        seen = np.diag(g) - g[:, None] * np.linalg.inv(own + np.diag(g)) * g
        if k == f.base.size:
            seen = np.pad(seen, (0, n))
    mean = float(width @ rises) / pitch
    return float(mean - (f.base.sum() - 0.5 * f.base[0]) / pitch - f.height.sum() / f.fin)
