"""The choice of the step of a central difference, for each of many points."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats
from gradviz.calculus.differences import FIRST_STEP, MIN_STEP
from gradviz.calculus.reliability import AGREE, Reason
from gradviz.calculus.singularity import jumps, reasons_of_growth
from gradviz.calculus.stencil import Line, Trial

_SHRINK = 8  # ratio of successive steps; periods of powers of 2 do not alias, since the first step is none
_ATTEMPTS = 8  # number of steps tried
_ATTEMPTS_NEAR_EDGE = (
    20  # number of steps tried where the nodes of all were outside the domain, or not fitting
)
_LONGER_STEPS = 4  # number of longer steps tried, from the first step and from 2e-4 |x|
_PRECISE_SLOPE = 1e-10  # relative error from which on no longer step is tried
_PRECISE_STEP = 1e-7  # relative error from which on no step between two others is tried
_CALM = 8  # largest growth of the noise with a longer step
_RESOLVED = 0.3  # largest relative error of a slope that contradicts a constant f over a shorter step
_SHORT = 0.11  # longest step of such a slope: the treads of a staircase, such as floor(x), are longer
_HIDDEN = 30  # largest change of f that its rounding may hide, in units of its noise
_CANCELLED = 30  # largest noise that is rounding, in units of eps and the largest |f| around
_ROUNDED_ONCE = 4  # largest noise of values that are rounded but once, in units of eps |f|
_STEADY = 4  # largest decay of rounding errors with the step; at a kink it is 8
_QUIET = 1e-7  # largest ratio of the noise to that of longer steps where the nodes miss rounding errors
_DROP = 2e-7  # largest ratio of error times step between two jumps; 8^-7 is 5e-7, and f is smooth above
_POLE_DROP = 2e-8  # largest such ratio next to a pole
_SIGNIFICANT = 2  # ratio of a slope to its error that no jump or kink next to the point reaches
_KINKS = 4  # number of steps after which the growth of the roughness proves a kink
_SPIKE = 100  # ratio of |f| at the point to |f| at the nodes above which the point is at a pole, not a jump
_SCALE = 0.125  # distance at which the change of f shows its scale, in units of max(1, |x|)
_SURROUNDINGS = (
    1.0,
    32.0,
    1024.0,
)  # distances at which |f| shows what may cancel at the point, in units of max(1, |x|)
_CLOSE = tuple(2.0**power for power in (-10, -5))  # shorter ones that show the size of f beside a plateau
_FAR = tuple(2.0**power for power in range(15, 65, 5))  # longer ones at which a constant is constant
_BESIDE = 64  # distance within which |f| shows the rounding errors on a plateau, in units of its width


class Derivative(NamedTuple):
    """The derivative along one variable at N points; all arrays are (N,), and are filled step by step."""

    slope: Floats
    error: Floats
    reason: NDArray[np.uint8]
    """The reason code, if the derivative is unreliable."""
    change: Floats
    """The maximum |f(node) - f(point)| of the first nodes."""
    rate: Floats
    """The maximum |f(node) - f(point)| per distance, of the nodes that gave the slope and farther ones."""
    size: Floats
    """The maximum |f| of the first nodes and those farther away."""
    step: Floats
    """The step that gave the slope."""
    noise: Floats
    """The noise of the trial that gave the slope."""
    below: Floats
    """The largest noise of the trials with shorter steps."""
    plateau: Floats
    """The distance up to which f is constant, else 0."""
    doubt: NDArray[np.uint8]
    """1 if values next to the point do not fit a longer step, 2 if they prove a kink or jump, else 0."""

    @classmethod
    def unknown(cls, count: int) -> Derivative:
        """Return the derivative at `count` points before any step is tried."""
        nothing = cls(*(np.zeros(count) for _ in cls._fields))  # type: ignore[arg-type]
        codes = np.full(count, Reason.NOISE, np.uint8)
        doubt = np.zeros(count, np.uint8)
        return nothing._replace(
            slope=np.full(count, np.nan), error=np.full(count, np.inf), reason=codes, doubt=doubt
        )


def derivative(line: Line, first: Floats, *, apart: bool, longer: bool) -> Derivative:
    """Return the derivative along a line at its N points, with `first` (N,) as first steps.

    With `apart`, nodes next to each point show whether a step passes over something; with `longer`, longer
    steps are tried there too.
    """
    found = Derivative.unknown(len(line.points))
    steps = np.maximum(first, MIN_STEP * np.abs(line.coordinates))
    defined = np.flatnonzero(~np.isnan(line.values))
    _shorten(line, found, defined, steps.copy(), apart=apart)
    spikes = np.abs(line.values) > _SPIKE * found.size
    if apart:
        doubted = defined[found.doubt[defined] > 0]
        jumped = doubted[jumps(line, doubted, first[doubted], found.slope[doubted], poles=False)]
        found.reason[jumped], found.error[jumped], found.doubt[jumped] = Reason.JUMP, np.inf, 2
        defined = defined[found.doubt[defined] < 2]
        if longer:
            distance = _SCALE * np.maximum(1.0, np.abs(line.coordinates[defined]))
            rate = _finite(line.pair(defined, distance).change) / distance
            found.rate[defined] = np.maximum(found.rate[defined], rate)
            hidden = (found.plateau > 0) & (found.slope == 0) & (found.change > 0)
            unchanged = (found.step >= steps) | hidden
            _lengthen(line, found, defined[unchanged[defined]], steps)
            rough = (found.error > _PRECISE_STEP * np.abs(found.slope)) & (found.plateau == 0)
            rows = defined[rough[defined]]
            for ratio in (_SHRINK**0.5, _SHRINK**-0.5):
                _improve(line, found, rows, ratio * found.step[rows])
        _settle(line, found, defined)
    found.reason[spikes & np.isin(found.reason, (Reason.JUMP, Reason.KINK))] = Reason.POLE
    return found


def _shorten(line: Line, found: Derivative, active: NDArray[np.intp], steps: Floats, *, apart: bool) -> None:
    """Try ever shorter steps at the points `active` (K,), beginning with `steps` (N,), which are changed."""
    coordinates = np.abs(line.coordinates)
    min_steps = MIN_STEP * coordinates
    local, places = line.local(active) if apart else None, np.arange(len(active))
    history = _History(*(np.zeros(len(steps)) for _ in range(9)))
    for attempt in range(_ATTEMPTS_NEAR_EDGE):
        if not active.size:
            break
        tried = steps[active]
        trial = line.trial(active, tried)
        doubted = local.contradicts(places, tried, trial) if local else np.zeros(len(active), np.bool_)
        found.doubt[active[doubted]] = 1
        if attempt == 0:
            _see(found, active, tried, trial)
            found.change[active] = trial.change
            spikes = np.abs(line.values) > _SPIKE * found.size
        elif attempt == 1 and apart:
            history.rounding[active] = _CANCELLED * line.eps * _size_around(line, active)
        errors = found.error[active]
        resolved = np.abs(found.slope[active]) > _SIGNIFICANT * errors
        trial = _with_rounding(history, active, tried, trial, eps=line.eps, resolved=resolved)
        stop = _compare(found, active, tried, trial, history=history, spikes=spikes[active])
        _record(history, active, tried, trial, line.eps)
        _classify(history, found, active, trial, stop=stop)
        done = (trial.enough & ~doubted) | stop
        if attempt >= _ATTEMPTS:
            done |= np.isfinite(errors) & (trial.error >= errors / 2) & (found.doubt[active] == 0)
        going = ~done & (tried > min_steps[active])
        closer = np.where(doubted & (coordinates[active] > 0), coordinates[active], np.inf)
        steps[active] = np.maximum(np.minimum(tried, closer) / _SHRINK, min_steps[active])
        active, places = active[going], places[going]
    if apart:  # noise may grow by chance as at a kink, but hardly twice
        found.reason[(found.reason == Reason.KINK) & (history.kinks < 2)] = Reason.NOISE


def _compare(
    found: Derivative,
    active: NDArray[np.intp],
    tried: Floats,
    trial: Trial,
    *,
    history: _History,
    spikes: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Keep the better results at the points `active` (K,), and return where a shorter step is of no use.

    A shorter step refutes a longer one that it contradicts. It does not where its nodes lie on the same tread
    of the staircase of rounded values, or between two jumps of it: then its error drops at once, more than
    next to a pole, where `spikes` (K,) is true.
    """
    slopes, errors = found.slope[active], found.error[active]
    difference = np.abs(trial.slope - slopes)
    contradicts = difference > AGREE * (trial.error + errors)
    hidden = _HIDDEN * (np.maximum(found.noise, found.below)[active] + errors * found.step[active])
    resolved = np.abs(slopes) > _SIGNIFICANT * errors
    plateau = resolved & (trial.change == 0) & (np.abs(slopes) * tried <= hidden)
    gradual = np.abs(history.slope[active] - slopes) > _SIGNIFICANT * history.error[active]
    drop = trial.error * tried / history.scatter[active]
    between = contradicts & ~gradual & (drop < np.where(spikes, _POLE_DROP, _DROP)) & ~plateau
    stop: NDArray[np.bool_] = between | plateau
    found.below[active] = np.maximum(found.below[active], np.where(plateau, 0.0, trial.noise))
    errors_now = np.fmax(errors, found.below[active] / found.step[active])
    found.error[active] = np.where(between, difference, errors_now)
    better = ((trial.error < errors) | contradicts) & ~stop
    _store(found, active, tried, trial, better)
    found.below[active[better]] = 0.0
    _flatten(found, active, tried, (trial.change == 0) & ~stop)
    return stop


class _History(NamedTuple):
    """The trials with longer steps at N points; all arrays are (N,)."""

    rounding: Floats
    """The largest noise that may be rounding."""
    noise: Floats
    """The noise of the last trial, 0 if it is only that of values that are rounded once."""
    earlier: Floats
    """The same of the trial before."""
    earliest: Floats
    """The same of the trial before that."""
    slope: Floats
    """The slope of the last trial."""
    error: Floats
    """Its error."""
    scatter: Floats
    """Its error times its step."""
    rough: Floats
    """The roughness of the last trial."""
    kinks: Floats
    """The number of last trials whose roughness grew as at a kink."""


def _with_rounding(
    history: _History,
    active: NDArray[np.intp],
    tried: Floats,
    trial: Trial,
    *,
    eps: float,
    resolved: NDArray[np.bool_],
) -> Trial:
    """Return a trial at the points `active` (K,) with the rounding errors that longer steps showed.

    A stencil shows none of them if its nodes meet the grid of the rounded values. Jumps and kinks are no
    rounding: next to one, no slope is `resolved` (K,).
    """
    noise, earlier = history.noise[active], history.earlier[active]
    steady = (noise >= earlier / _STEADY) | (noise >= history.earliest[active] / _STEADY**2)
    steady &= ((noise <= history.rounding[active]) | resolved) & (earlier > 0)
    exact = np.maximum(_QUIET * noise, _ROUNDED_ONCE * eps * trial.size)
    quiet = (trial.noise < exact) & (exact < noise)
    noise = np.where(steady & quiet, noise, trial.noise)
    return trial._replace(noise=noise, error=np.maximum(trial.error, noise / tried))


def _record(history: _History, active: NDArray[np.intp], tried: Floats, trial: Trial, eps: float) -> None:
    """Record the noise of a trial at the points `active` (K,)."""
    history.slope[active], history.error[active] = trial.slope, trial.error
    history.scatter[active] = trial.error * tried
    history.earliest[active], history.earlier[active] = history.earlier[active], history.noise[active]
    history.noise[active] = np.where(trial.noise > _ROUNDED_ONCE * eps * trial.size, trial.noise, 0.0)


def _classify(
    history: _History, found: Derivative, active: NDArray[np.intp], trial: Trial, stop: NDArray[np.bool_]
) -> None:
    """Set the reasons of the points `active` (K,) from the growth of the roughness with the step.

    Where the values next to a point do not fit a longer step, a kink is next to it or at it.
    """
    seen = (history.rough[active] > 0) & (trial.roughness > 0)
    reasons = reasons_of_growth(history.rough[active] / trial.roughness, _SHRINK)
    history.kinks[active] = np.where(seen & (reasons == Reason.KINK), history.kinks[active] + 1, 0)
    history.rough[active] = trial.roughness
    found.reason[active[seen]] = reasons[seen]
    found.reason[active[stop]] = Reason.NOISE
    bent = (history.kinks[active] >= _KINKS) & (found.doubt[active] > 0) & np.isfinite(trial.error)
    found.error[active[bent]] = np.maximum(found.error[active], trial.error)[bent]
    found.doubt[active[bent]] = 2


def _store(
    found: Derivative, active: NDArray[np.intp], steps: Floats, trial: Trial, better: NDArray[np.bool_]
) -> None:
    """Replace the results of the points `active` (K,) where a trial is `better` (K,)."""
    rows = active[better]
    found.slope[rows], found.error[rows] = trial.slope[better], trial.error[better]
    found.step[rows], found.noise[rows] = steps[better], trial.noise[better]
    found.rate[rows] = np.maximum(found.rate[rows], trial.rate[better])


def _see(found: Derivative, active: NDArray[np.intp], steps: Floats, trial: Trial) -> None:
    """Record the size and the change of f at the nodes of a trial at the points `active` (K,)."""
    found.rate[active] = np.maximum(found.rate[active], _finite(trial.rate))
    found.size[active] = np.maximum(found.size[active], _finite(trial.size))
    _flatten(found, active, steps, trial.change == 0)


def _flatten(found: Derivative, active: NDArray[np.intp], steps: Floats, flat: NDArray[np.bool_]) -> None:
    """Set the distance up to which f is constant around the `flat` (K,) of the points `active` (K,)."""
    found.plateau[active[flat]] = np.maximum(found.plateau[active], 3 * steps)[flat]


def _lengthen(line: Line, found: Derivative, active: NDArray[np.intp], steps: Floats) -> None:
    """Try longer steps than `steps` (N,) at the points `active` (K,) where rounding errors dominate."""
    far = np.maximum(steps, FIRST_STEP * np.abs(line.coordinates))
    powers = float(_SHRINK) ** np.arange(_LONGER_STEPS + 1)
    for step in (base * power for base in (steps, far) for power in powers):
        imprecise = (found.error > _PRECISE_SLOPE * np.abs(found.slope)) | (found.plateau > 0)
        active = active[imprecise[active]]
        rows = active[step[active] > found.step[active]]
        better, trial = _improve(line, found, rows, step[rows])
        _see(found, rows, step[rows], trial)
        flat = (found.plateau[rows] > 0) & (found.slope[rows] == 0)
        size = np.abs(trial.slope)
        # The treads of the staircase of rounded values are up to 8 times as long as the known plateau.
        noise = np.maximum(trial.noise, size * found.plateau[rows] * _SHRINK / 2)
        trial = trial._replace(noise=noise, error=np.maximum(trial.error, noise / step[rows]))
        hidden = (
            flat & (step[rows] <= _SHORT) & (size > found.error[rows]) & (trial.error <= _RESOLVED * size)
        )
        _store(found, rows, step[rows], trial, hidden)
        found.plateau[rows[hidden]] = 0.0
        active = np.setdiff1d(active, rows[~(better | flat)])


def _improve(
    line: Line, found: Derivative, rows: NDArray[np.intp], steps: Floats
) -> tuple[NDArray[np.bool_], Trial]:
    """Try `steps` (K,) at the points `rows` (K,); return where they are better, and the trial.

    A longer step must agree with the shorter one and show no more noise: else it passes over something.
    """
    trial = line.trial(rows, steps)
    slopes, errors, is_longer = found.slope[rows], found.error[rows], steps > found.step[rows]
    noise = np.maximum(found.noise[rows], found.below[rows])
    calm = trial.noise <= _CALM * np.maximum(noise, line.eps * trial.size)
    below = np.where(is_longer, noise, found.below[rows])
    trial = trial._replace(error=np.maximum(trial.error, below / steps))
    better = (np.abs(trial.slope - slopes) <= 3 * (trial.error + errors)) & calm & (trial.error < errors)
    _store(found, rows, steps, trial, better)
    found.below[rows[better]] = below[better]
    return better, trial


def _settle(line: Line, found: Derivative, defined: NDArray[np.intp]) -> None:
    """Complete the errors of the points `defined` (K,) where f is constant.

    Rounding may hide a slope there, and the largest |f| nearby shows how much. A function that is constant
    far away too has none.
    """
    flat = defined[(found.plateau[defined] > 0) & (found.slope[defined] == 0)]
    unit, plateau = np.maximum(1.0, np.abs(line.coordinates[flat])), found.plateau[flat]
    values, constant = np.abs(line.values[flat]), found.rate[flat] == 0
    hidden = np.maximum(found.size[flat], values) / plateau
    for ratio in (*_CLOSE, *_SURROUNDINGS, *_FAR):
        node = line.pair(flat, ratio * unit)
        constant &= ~(np.isfinite(node.change) & (node.change > 0))
        if ratio <= _SURROUNDINGS[-1]:
            found.rate[flat] = np.maximum(found.rate[flat], _finite(node.change) / (ratio * unit))
            hidden = np.maximum(
                hidden, _finite(node.size) * np.minimum(1 / plateau, _BESIDE / (ratio * unit))
            )
    hidden = np.where(constant, values / (_FAR[-1] * unit), hidden)
    found.error[flat] = np.maximum(found.error[flat], line.eps * hidden)
    found.rate[flat[constant]] = np.inf


def _size_around(line: Line, rows: NDArray[np.intp]) -> Floats:
    """Return the maximum |f| (K,) at and around the points `rows` (K,)."""
    unit = np.maximum(1.0, np.abs(line.coordinates[rows]))
    sizes = [_finite(line.pair(rows, ratio * unit).size) for ratio in _SURROUNDINGS]
    largest: Floats = np.max([_finite(np.abs(line.values[rows])), *sizes], axis=0)
    return largest


def _finite(values: Floats) -> Floats:
    """Return `values` (N,) with 0 in place of NaN and infinity."""
    return np.where(np.isfinite(values), values, 0.0)
