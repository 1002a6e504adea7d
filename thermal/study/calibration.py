"""The result of a fit: values with intervals, likelihood, profile, posterior, and the part that says it was tuned."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import xarray as xr

from thermal.errors import ConvergenceError, InputError
from thermal.quantity import Part
from thermal.study.identify import interval_of
from thermal.study.parameters import Parameter
from thermal.study.residuals import Channel, Noise, correlated, log_likelihood, predicted, stretch, whitened
from thermal.study.tree import tuned

__all__ = ["Calibration", "Problem"]

FOR_DRAWS = 0.95  # confidence of the interval that a fitted part carries, whatever is shown
FAILED = 1e6  # residual, in standard deviations, of a trial at which the model fails: the step is taken back


class Problem:
    """Model, parameters and measured channels, as the least-squares solver sees them."""

    def __init__(
        self, call: Callable[[np.ndarray], Any], parameters: list[Parameter], channels: list[Channel],
        measured: Mapping[str, Any], step: float, white: bool,
    ) -> None:  # fmt: skip
        self.call, self.parameters, self.channels, self.measured = call, parameters, channels, measured
        self.white = white
        self.step, self.calls = step, 0
        self.last: tuple[bytes, dict[str, np.ndarray] | None] = (b"", None)

    def theta(self, z: np.ndarray) -> np.ndarray:
        """Values of the parameters at a place of the scale."""
        return np.array([p.value(v) for p, v in zip(self.parameters, z, strict=True)])

    def start(self) -> np.ndarray:
        """Where the fit begins."""
        return np.array([p.scaled(p.start) for p in self.parameters])

    def scattered(self, count: int) -> list[np.ndarray]:
        """Further starting points, spread over the bounds."""
        if count < 1:
            return []
        limits = np.array([p.limits() for p in self.parameters])
        limits = np.where(np.isfinite(limits), limits, [-0.5, 0.5])
        unit = np.random.default_rng(0).permuted((np.arange(count)[:, None] + 0.5) / count + 0 * limits[:, 0], axis=0)
        return list(limits[:, 0] + unit * (limits[:, 1] - limits[:, 0]))

    def outputs(self, z: np.ndarray) -> dict[str, np.ndarray]:
        """What the model gives for each channel, in the shape of its measurement."""
        key = np.asarray(z, dtype=float).tobytes()
        if self.last[0] != key or self.last[1] is None:
            self.calls += 1
            given = self.call(self.theta(z))
            self.last = (key, {c.name: predicted(c, given, self.measured[c.name]) for c in self.channels})
        assert self.last[1] is not None
        return self.last[1]

    def residuals(self, z: np.ndarray, first: bool = False) -> list[np.ndarray]:
        """Model minus measurement at the fitted points; at the start a failure of the model is told."""
        try:
            found = self.outputs(z)
        except (ConvergenceError, InputError) as error:
            if first and isinstance(error, InputError):
                raise
            if first:
                raise InputError(f"the model fails at the start {self.said(z)}: {error}") from error
            return [np.full(c.place.size, np.nan) for c in self.channels]
        out = [found[c.name].ravel()[c.place] - c.measured.ravel()[c.place] for c in self.channels]
        if first and not all(np.isfinite(r).all() for r in out):
            bad = next(c.name for c, r in zip(self.channels, out, strict=True) if not np.isfinite(r).all())
            raise InputError(f"the model gives no finite {bad} at the start {self.said(z)}")
        return out

    def said(self, z: np.ndarray) -> str:
        """Parameters in words."""
        return ", ".join(f"{p.name} = {v:.6g}" for p, v in zip(self.parameters, self.theta(z), strict=True))

    def scaled(self, c: Channel, residual: np.ndarray, noise: Noise) -> np.ndarray:
        """Residuals of variance 1: freed of autocorrelation, or weighted as so many independent points as they are."""
        if self.white:
            return whitened(c, residual, noise)
        return residual / (noise.sigma * np.sqrt(stretch(noise)))

    def vector(self, z: np.ndarray, noise: Sequence[Noise]) -> np.ndarray:
        """Scaled residuals of all channels, then of the priors; a failure is a wall."""
        parts = [self.scaled(c, r, n) for c, r, n in zip(self.channels, self.residuals(z), noise, strict=True)]
        prior = [(v - p.prior[0]) / p.prior[1] for p, v in zip(self.parameters, self.theta(z), strict=True) if p.prior]
        w = np.concatenate([*parts, np.array(prior)])
        return np.where(np.isfinite(w), w, FAILED)

    def jacobian(self, z: np.ndarray, noise: Sequence[Noise]) -> np.ndarray:
        """Jacobian of `vector` on the scale of the fit, by central differences, one-sided at bounds and failures."""
        columns = []
        for k, p in enumerate(self.parameters):
            low, high = p.limits()
            ends = []
            for sign in (-1.0, 1.0):
                moved = z.copy()
                moved[k] = min(max(z[k] + sign * self.step, low), high)
                w = self.vector(moved, noise)
                ends.append((moved[k], w) if not (w == FAILED).any() else (z[k], None))
            base = self.vector(z, noise) if any(w is None for _, w in ends) else np.zeros(0)
            (a, wa), (b, wb) = ends
            wa, wb = base if wa is None else wa, base if wb is None else wb
            columns.append((wb - wa) / (b - a) if b > a else np.zeros_like(wa))
        return np.stack(columns, axis=1)

    def scores(self, J: np.ndarray, noise: Sequence[Noise]) -> np.ndarray:
        """Covariance of the gradient at the solution: JᵀJ where rows are independent, more where they are not."""
        if self.white:
            return np.asarray(J.T @ J)
        ends = np.cumsum([0, *(c.place.size for c in self.channels)])
        B = J[ends[-1] :].T @ J[ends[-1] :]
        for c, n, a, b in zip(self.channels, noise, ends[:-1], ends[1:], strict=True):
            B = B + correlated(c, J[a:b], n) / stretch(n)
        return np.asarray(B)

    def spent(self, J: np.ndarray, noise: Sequence[Noise]) -> list[float]:
        """Degrees of freedom that the fit takes from each channel: tr((JᵀJ)⁻¹·JᵀRJ) of its rows."""
        inverse = np.linalg.pinv(J.T @ J, rcond=1e-12)
        ends = np.cumsum([0, *(c.place.size for c in self.channels)])
        out = []
        for c, n, a, b in zip(self.channels, noise, ends[:-1], ends[1:], strict=True):
            part = J[a:b].T @ J[a:b] if self.white else correlated(c, J[a:b], n)
            out.append(float(min(np.trace(inverse @ part), 0.9 * (b - a))))
        return out

    def solve(self, z: np.ndarray, noise: Sequence[Noise], free: np.ndarray | None = None) -> tuple[np.ndarray, float]:
        """Least squares of the scaled residuals over the free parameters: place, and sum of squares."""
        from scipy.optimize import least_squares

        free = np.ones(z.size, bool) if free is None else free
        if not free.any():
            return z, float(np.sum(self.vector(z, noise) ** 2))
        limits = np.array([p.limits() for p in self.parameters])[free]
        width = np.where(np.isfinite(limits).all(axis=1), limits[:, 1] - limits[:, 0], 1.0)
        inside = np.clip(z[free], limits[:, 0] + 1e-9 * width, limits[:, 1] - 1e-9 * width)

        def full(x: np.ndarray) -> np.ndarray:
            whole = z.copy()
            whole[free] = x
            return whole

        found = least_squares(
            lambda x: self.vector(full(x), noise), inside, jac=lambda x: self.jacobian(full(x), noise)[:, free],
            bounds=(limits[:, 0], limits[:, 1]), xtol=1e-10, ftol=1e-10, gtol=1e-12, x_scale="jac", max_nfev=200,
        )  # fmt: skip
        return full(found.x), 2.0 * float(found.cost)


@dataclass(frozen=True)
class Calibration:
    """A fit: what was found, how surely, and where it was judged.

    Attributes
    ----------
    fitted, judged : Dataset
        Comparison at the fitted points, and at those outside the window (None where there are none).
    warnings : tuple of str
        What the data cannot tell: confounded parameters, bounds that hold.
    left_out : dict
        Points dropped as stuck, by quantity.
    count : int
        Fitted points.
    """

    problem: Problem = field(repr=False)
    z: np.ndarray = field(repr=False)
    noise: list[Noise]
    J: np.ndarray = field(repr=False)
    confidence: float
    count: int
    part_before: Part | None = field(repr=False)
    on: str
    warnings: tuple[str, ...]
    left_out: dict[str, int]
    fitted: xr.Dataset = field(repr=False)
    judged: xr.Dataset | None = field(repr=False)

    @property
    def values(self) -> dict[str, float]:
        """Fitted values by name."""
        return {p.name: v for p, v in zip(self.problem.parameters, self.problem.theta(self.z).tolist(), strict=True)}

    @property
    def covariance(self) -> xr.DataArray:
        """Covariance of the parameters, in their units; infinite in directions that the data do not see."""
        _, s, V = np.linalg.svd(self.J, full_matrices=False)
        seen = s > 1e-7 * s.max()  # below, differences over a step of 1e-4 are what remains of none
        solve = (V[seen].T / s[seen] ** 2) @ V[seen]  # (JᵀJ)⁻¹ on what is seen
        C = solve @ self.problem.scores(self.J, self.noise) @ solve
        blind = (np.abs(V[~seen]) > 1e-6).any(axis=0) if (~seen).any() else np.zeros(len(C), bool)
        C[np.ix_(blind, blind)] = np.inf
        slope = np.array([p.slope(v) for p, v in zip(self.problem.parameters, self.values.values(), strict=True)])
        names = list(self.values)
        return xr.DataArray(C * np.outer(slope, slope), {"parameter": names, "other": names}, ["parameter", "other"])

    @property
    def table(self) -> xr.Dataset:
        """Value, standard error, interval, bounds, start and unit of each parameter."""
        from scipy import stats

        quantile = float(stats.t.ppf(0.5 + 0.5 * self.confidence, self._freedom))
        C = self.covariance
        error = np.sqrt(np.diag(C.values))
        rows = []
        for p, z, e in zip(self.problem.parameters, self.z, error, strict=True):
            v = p.value(z)
            if np.isfinite(e):
                reach = quantile * e / p.slope(v)
                low, high = p.value(z - reach), p.value(z + reach)
            else:
                low, high = p.low, p.high
            rows.append((v, e, low, high, p.start, p.low, p.high, p.at_bound(v), p.unit))
        keys = ("value", "standard_error", "low", "high", "start", "bound_low", "bound_high", "at_bound", "unit")
        columns = {k: ("parameter", list(c)) for k, c in zip(keys, zip(*rows, strict=True), strict=True)}
        attrs = {"confidence": self.confidence, "points": self.count, "tuned_on": self.on}
        return xr.Dataset(columns, {"parameter": list(self.values)}, attrs)

    @property
    def correlation(self) -> xr.DataArray:
        """Correlation of the parameters' errors."""
        C = self.covariance
        error = np.sqrt(np.diag(C.values))
        with np.errstate(invalid="ignore"):
            return C / np.outer(error, error)

    @property
    def effective_points(self) -> dict[str, float]:
        """Independent points of each quantity: n·(1 − ρ)/(1 + ρ) of a mean under its autocorrelation."""
        pairs = zip(self.problem.channels, self.noise, strict=True)
        return {c.name: c.place.size / stretch(n) for c, n in pairs}

    @property
    def _freedom(self) -> float:
        """Degrees of freedom: independent points less the parameters, since σ and ρ are estimated too."""
        return max(sum(self.effective_points.values()) - len(self.z), 1.0)

    @property
    def part(self) -> Part:
        """The calibrated part: its origin says what was tuned on what, and carries 95 % intervals as estimates."""
        if self.part_before is None:
            raise InputError("the parameters belong to no part: give calibrate(..., part=...)")
        table, part = replace(self, confidence=FOR_DRAWS).table, self.part_before
        for name, value in self.values.items():
            row = table.sel(parameter=name)
            part = tuned(part, name, value, float(row.low), float(row.high), self.on or f"{self.count} points")
        return part

    def log_likelihood(self, theta: Sequence[float] | Mapping[str, float]) -> float:
        """Logarithm of likelihood and priors at given parameters, with the noise as fitted; −∞ outside the bounds.

        Of a whitened fit it is that of AR(1) noise; else that of independent noise, each channel's counted as so many
        points as are independent in it: n·(1 − ρ)/(1 + ρ).

        Parameters
        ----------
        theta : sequence or mapping
            Values in the order of ``values``, or by name.
        """
        names = list(self.values)
        given = [theta[n] for n in names] if isinstance(theta, Mapping) else list(theta)
        if len(given) != len(names):
            raise InputError(f"{len(given)} values for the parameters {', '.join(names)}")
        parameters = self.problem.parameters
        if not all(p.low <= v <= p.high for p, v in zip(parameters, given, strict=True)):
            return -np.inf
        z = np.array([p.scaled(v) for p, v in zip(parameters, given, strict=True)])
        residual = self.problem.residuals(z)
        if not all(np.isfinite(r).all() for r in residual):
            return -np.inf
        total = sum(
            log_likelihood(c, r, n) for c, r, n in zip(self.problem.channels, residual, self.noise, strict=True)
        )
        for p, v in zip(parameters, given, strict=True):
            if p.prior is not None:
                total -= 0.5 * ((v - p.prior[0]) / p.prior[1]) ** 2
        return float(total)

    def profile(self, name: str) -> tuple[float, float]:
        """Interval of one parameter by profile likelihood: the others are fitted anew at each of its values.

        An end at a bound says that the data do not limit it there. Where it differs much from ``table``, the model is
        far from linear in its parameters and the profile is right.
        """
        from scipy import stats

        names = list(self.values)
        if name not in names:
            raise InputError(f"there is no parameter {name!r}; there are {', '.join(names)}")
        k = names.index(name)
        free = np.arange(len(names)) != k
        best = float(np.sum(self.problem.vector(self.z, self.noise) ** 2))
        level = float(stats.t.ppf(0.5 + 0.5 * self.confidence, self._freedom) ** 2)
        p = self.problem.parameters[k]

        def rise(z: float) -> float:
            at = self.z.copy()
            at[k] = z
            return self.problem.solve(at, self.noise, free)[1] - best

        error = float(self.table.standard_error[k]) / p.slope(p.value(self.z[k]))
        low, high = p.limits()
        width = np.sqrt(level) * error if np.isfinite(error) else 0.1
        ends = interval_of(rise, float(self.z[k]), width, low, high, level)
        return p.value(ends[0]), p.value(ends[1])

    def posterior(self, steps: int = 2000, *, walkers: int = 32, burn: int = 500, seed: int = 0) -> xr.Dataset:
        """Draw parameters from their posterior by emcee, under the noise as fitted and even priors between bounds.

        Parameters
        ----------
        steps, walkers, burn : int
            Of the ensemble; the first `burn` steps are left out.
        seed : int
            Of the draw.

        Returns
        -------
        xarray.Dataset
            Each parameter along ``draw``, with the ``autocorrelation_time`` of each.
        """
        try:
            emcee = importlib.import_module("emcee")
        except ModuleNotFoundError as missing:
            text = "a posterior needs emcee, which is not installed: pip install thermal-toolkit[uq]"
            raise InputError(text) from missing
        names, random = list(self.values), np.random.RandomState(seed)
        error = np.minimum(np.nan_to_num(self.table.standard_error.values, posinf=1e300), 1e300)
        low, high = (np.array([getattr(p, k) for p in self.problem.parameters]) for k in ("low", "high"))
        best = np.array(list(self.values.values()))
        spread = np.where(error < 1e299, error, 0.1 * np.abs(best) + 1e-12)
        begin = np.clip(best + 0.3 * spread * random.randn(walkers, len(names)), low, high)
        sampler = emcee.EnsembleSampler(walkers, len(names), self.log_likelihood)
        sampler.random_state = random.get_state()
        sampler.run_mcmc(begin, burn + steps)
        chain = sampler.get_chain(discard=burn, flat=True)
        times = sampler.get_autocorr_time(discard=burn, quiet=True)
        coords = {"draw": np.arange(len(chain)), "parameter": names}
        columns: dict[str, Any] = {n: ("draw", chain[:, k]) for k, n in enumerate(names)}
        return xr.Dataset({**columns, "autocorrelation_time": ("parameter", times)}, coords)
