# f(x) with its tangent lines, written by gradviz 0.1.0.
# spec: {"gradviz": "0.1.0", "spec": {"animate": false, "at": [1.0], "derivative": false, "dpi": 150, "expression": "x**2", "kind": "tangent", "method": "adaptive", "style": "default"}}
# sum: 9a429ae6

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

plt.rcParams.update({
    "axes.axisbelow": True, "axes.titlepad": 8, "font.size": 11, "grid.linewidth": 0.6,
    "legend.framealpha": 0.9, "lines.linewidth": 1.8, "mathtext.fontset": "stix",
    "axes.labelsize": "large", "grid.color": "#dddddd", "axes.edgecolor": "#444444",
})


def f(x):
    return x**2


def derivative(x, step=0.0001):
    """The derivative by central differences, (f(x + h) - f(x - h)) / 2h."""
    right, left = x + step, x - step  # rounded, so that their distance is not quite 2h
    return (f(right) - f(left))/(right - left)


x = np.linspace(-5, 5, 501)
values = f(x)

fig, ax = plt.subplots(figsize=(6.4, 4.8), dpi=150, layout="compressed")
ax.plot(x, values, color="#1f4e79", label="$f(x)$", zorder=3)
# The tangent at a point: f(a) + f'(a) (x - a).
for at, color in [(1, "#d55e00")]:
    slope = derivative(at)
    ax.plot(
        x, f(at) + slope*(x - at), "--", color=color,
        label=rf"tangent at $x = {at:.6g}$, slope ${slope:.6g}$", linewidth=1.4, zorder=2,
    )
    ax.plot(at, f(at), "o", color=color, markersize=6, zorder=4)
ax.set(
    title="$f(x) =  x^{2}$", xlabel="$x$", ylabel="$f(x)$", xlim=(-5.5, 5.5), ylim=(-12.25, 26.25),
)
ax.grid()
ax.legend()

fig.savefig(Path(__file__).with_suffix(".png"))
if plt.get_backend().lower() != "agg":  # which has no windows
    plt.show()
