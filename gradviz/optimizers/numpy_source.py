"""Optimizers as NumPy source code, each in the notation of its paper."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gradviz.optimizers import OPTIMIZERS
from gradviz.printing.numpy_source import number

_MEANS = ("m = b1*m + (1 - b1)*g", "v = b2*v + (1 - b2)*g**2")
_CORRECTED = "m_hat, v_hat = m/(1 - b1**t), v/(1 - b2**t)  # both start at 0: make up for it"
_ADAM = "x = x - learning_rate*m_hat/(np.sqrt(v_hat) + eps)"
_SCALED = "x = x - learning_rate*g/(np.sqrt(h) + eps)"

# Summary, arrays that begin as zeros, lines of an update: x are points, g the gradient, t counts from 1.
_SOURCES: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "sgd": ("Gradient descent (Cauchy, 1847).", "", ("x = x - learning_rate*g",)),
    "momentum": ("A heavy ball with the velocity v (Polyak, 1964).", "v", (
        "v = momentum*v - learning_rate*g", "x = x + v")),
    "nesterov": ("Momentum that looks ahead (Nesterov, 1983, as in PyTorch).", "b", (
        "b = momentum*b + g", "x = x - learning_rate*(g + momentum*b)")),
    "adagrad": ("Slower where it was steep: h is the sum of squares (Duchi, Hazan and Singer, 2011).", "h", (
        "h = h + g**2", _SCALED)),
    "rmsprop": ("AdaGrad that forgets: h is the mean of squares (Tieleman and Hinton, 2012).", "h", (
        "h = decay*h + (1 - decay)*g**2", _SCALED)),
    "adadelta": (
        "Steps in the units of x: h and u are the mean squares of gradients and of steps (Zeiler, 2012).",
        "h = u", (
        "h = rho*h + (1 - rho)*g**2", "d = g*np.sqrt(u + eps)/np.sqrt(h + eps)",
        "u = rho*u + (1 - rho)*d**2", "x = x - learning_rate*d")),
    "adam": ("Means of the gradients and of their squares (Kingma and Ba, 2015).", "m = v", (
        *_MEANS, _CORRECTED, _ADAM)),
    "amsgrad": ("Adam whose scale never shrinks (Reddi, Kale and Kumar, 2018).", "m = v = w", (
        *_MEANS, "w = np.maximum(w, v)",
        "m_hat, w_hat = m/(1 - b1**t), w/(1 - b2**t)  # both start at 0: make up for it",
        "x = x - learning_rate*m_hat/(np.sqrt(w_hat) + eps)")),
    "adamw": ("Adam with weight decay apart from it (Loshchilov and Hutter, 2019).", "m = v", (
        *_MEANS, _CORRECTED, "x = x*(1 - learning_rate*weight_decay)", _ADAM)),
    "nadam": ("Adam that looks ahead (Dozat, 2016): mu(t) grows to b1.", "m = v", (
        *_MEANS, "now, ahead = np.prod(mu[:t]), np.prod(mu[:t + 1])",
        "mean = (1 - mu[t - 1])/(1 - now)*g + mu[t]/(1 - ahead)*m",
        "x = x - learning_rate*mean/(np.sqrt(v/(1 - b2**t)) + eps)")),
    "lion": ("The sign of the momentum (Chen et al., 2023).", "m", (
        "x = x - learning_rate*(np.sign(b1*m + (1 - b1)*g) + weight_decay*x)", "m = b2*m + (1 - b2)*g")),
    "newton": ("Newton's method (Nocedal and Wright, 2006): to where the touching quadratic is flat.", "", (
        "x = x - learning_rate*np.linalg.pinv(hessian(x), hermitian=True) @ g",)),
}  # fmt: skip
_NEWTON_ON_CURVE = "x = x - learning_rate*g/(second(x) or np.inf)  # no step without curvature"
_SCHEDULES = {"nadam": "mu = b1*(1 - 0.5*0.96**(momentum_decay*np.arange(1, steps + 2)))"}


def source_of(name: str, *, is_curve: bool = False) -> list[str]:
    """Return an optimizer as a function from a start (D,) to the points (steps + 1, D) of its path.

    For a function of one variable, a start is a number, and the points are (steps + 1,).
    """
    summary, zeros, update = _SOURCES[name]
    update = (_NEWTON_ON_CURVE,) if is_curve and name == "newton" else update
    defaults = [f"{key}={number(value)}" for key, value in OPTIMIZERS[name].hyperparameters().items()]
    counts = any(re.search(r"\bt\b", line.partition("#")[0]) for line in update)
    return [
        f"def {name}(x, steps, {', '.join(defaults)}):",
        f'    """{summary}"""',
        *([f"    {zeros} = np.zeros_like(x)"] if zeros else []),
        *([f"    {_SCHEDULES[name]}"] if name in _SCHEDULES else []),
        "    path = [x]",
        "    for t in range(1, steps + 1):" if counts else "    for _ in range(steps):",
        f"        g = {'derivative' if is_curve else 'gradient'}(x)",
        *(f"        {line}" for line in update),
        "        path.append(x)",
        "    return np.array(path)",
    ]
