"""Optimizers by name. A new optimizer is a class and a name in `OPTIMIZERS`; `paths` has the loop."""

from __future__ import annotations

from collections.abc import Mapping

from gradviz.errors import RequestError, did_you_mean, visible
from gradviz.optimizers import rules
from gradviz.optimizers.base import Optimizer

_RULES: tuple[type[Optimizer], ...] = (
    rules.Sgd, rules.Momentum, rules.Nesterov, rules.AdaGrad, rules.RmsProp, rules.AdaDelta, rules.Adam,
    rules.AmsGrad, rules.AdamW, rules.Nadam, rules.Lion, rules.Newton,
)  # fmt: skip
OPTIMIZERS: Mapping[str, type[Optimizer]] = {rule.title.lower(): rule for rule in _RULES}
_SYNONYMS = {
    "lr": "learning_rate", "rate": "learning_rate", "eta": "learning_rate", "alpha": "decay", "beta1": "b1",
    "beta2": "b2", "beta_1": "b1", "beta_2": "b2", "epsilon": "eps", "mu": "momentum", "wd": "weight_decay",
}  # fmt: skip
"""Names of hyperparameters in other libraries and in papers."""


def optimizer(name: str, hyperparameters: Mapping[str, float]) -> Optimizer:
    """Return the optimizer `name` with some hyperparameters, the others at their defaults.

    Raises RequestError for an unknown name or hyperparameter, or a value out of range.
    """
    if name not in OPTIMIZERS:
        hint = did_you_mean(name, OPTIMIZERS) or f"use one of {', '.join(OPTIMIZERS)}"
        raise RequestError(f"unknown optimizer '{visible(name)}'; {hint}")
    known = OPTIMIZERS[name].hyperparameters()
    for key in hyperparameters:
        if key not in known:
            standard = _SYNONYMS.get(key)
            hint = f"use {standard}" if standard in known else did_you_mean(key, known)
            hint = hint or f"use {', '.join(known)}"
            raise RequestError(f"{name}: unknown hyperparameter '{visible(key)}'; {hint}")
    try:
        return OPTIMIZERS[name](**hyperparameters)
    except RequestError as error:
        raise RequestError(f"{name}: {error}") from None


__all__ = ["OPTIMIZERS", "Optimizer", "optimizer"]
