"""Optimizers by name. A new optimizer is a class and a line in `OPTIMIZERS`; `paths` has the loop."""

from __future__ import annotations

from collections.abc import Mapping

from gradviz.errors import RequestError, did_you_mean, visible
from gradviz.optimizers.adam import Adam, AdamW, AmsGrad, Nadam
from gradviz.optimizers.base import Local, Optimizer, Update
from gradviz.optimizers.lion import Lion
from gradviz.optimizers.momentum import Momentum, Nesterov, Sgd
from gradviz.optimizers.newton import Newton
from gradviz.optimizers.scaled import AdaDelta, AdaGrad, RmsProp

OPTIMIZERS: Mapping[str, type[Optimizer]] = {
    "sgd": Sgd,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "adagrad": AdaGrad,
    "rmsprop": RmsProp,
    "adadelta": AdaDelta,
    "adam": Adam,
    "amsgrad": AmsGrad,
    "adamw": AdamW,
    "nadam": Nadam,
    "lion": Lion,
    "newton": Newton,
}

_SYNONYMS = {  # names of hyperparameters in other libraries and in papers
    "lr": "learning_rate",
    "rate": "learning_rate",
    "eta": "learning_rate",
    "alpha": "decay",
    "beta1": "b1",
    "beta2": "b2",
    "beta_1": "b1",
    "beta_2": "b2",
    "epsilon": "eps",
    "mu": "momentum",
    "wd": "weight_decay",
}


def optimizer(name: str, hyperparameters: Mapping[str, float]) -> Optimizer:
    """Return the optimizer `name` with some hyperparameters, the others at their defaults.

    Raises RequestError for an unknown name or hyperparameter, or a value out of range.
    """
    if name not in OPTIMIZERS:
        hint = did_you_mean(name, OPTIMIZERS) or f"use one of {', '.join(OPTIMIZERS)}"
        raise RequestError(f"unknown optimizer '{visible(name)}'; {hint}")
    known = OPTIMIZERS[name].hyperparameters()
    for key in hyperparameters:
        if key in known:
            continue
        standard = _SYNONYMS.get(key)
        hint = f"use {standard}" if standard in known else did_you_mean(key, known)
        hint = hint or f"use {', '.join(known)}"
        raise RequestError(f"{name}: unknown hyperparameter '{visible(key)}'; {hint}")
    try:
        return OPTIMIZERS[name](**hyperparameters)
    except RequestError as error:
        raise RequestError(f"{name}: {error}") from None


__all__ = [
    "OPTIMIZERS",
    "AdaDelta",
    "AdaGrad",
    "Adam",
    "AdamW",
    "AmsGrad",
    "Lion",
    "Local",
    "Momentum",
    "Nadam",
    "Nesterov",
    "Newton",
    "Optimizer",
    "RmsProp",
    "Sgd",
    "Update",
    "optimizer",
]
