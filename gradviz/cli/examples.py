"""Examples of the commands that draw, at the end of their help."""

from __future__ import annotations

from collections.abc import Mapping

EXAMPLES: Mapping[str, str] = {
    "tangent": """
  gradviz tangent "0.01*x**2 + 0.1*x" --at 5 --at 10 -r 0:20
  gradviz tangent "sin(x)" --at pi/4 --secant 1 -o secant.svg
""",
    "surface": """
  gradviz surface "x0**2 + x1**2" --plot wireframe
  gradviz surface "sin(x)*cos(y)" -r -pi:pi --tangent-at 1,0.5
""",
    "contour": """
  gradviz contour "(1 - x)**2 + 100*(y - x**2)**2" -r x=-2:2 -r y=-1:3
  gradviz contour "x0**3 - 3*x0 + x1**2" --filled --critical
""",
    "quiver": """
  gradviz quiver "x0*x1" -r -2:2:0.25
  gradviz quiver "a*x**2 + y" --set a=0.5 --ascent --style book
""",
    "stream": """
  gradviz stream "sin(x0*x1)"
  gradviz stream "x**2 - y**2" --where "x + y > -1" --cmap magma
""",
    "descent": """
  gradviz descent "x**2 + 4*y**2" --optimizer adam,learning_rate=0.3
  gradviz descent "x**2/20 + y**2" --start -7,2 -r -10:10 --tune --loss
""",
    "steps": """
  gradviz steps "exp(x0)*sin(x1)"
  gradviz steps "x**3" --method central --step 1e-3
""",
    "pairs": """
  gradviz pairs "x0**2 + 3*x1 + sin(x2)" --filled
  gradviz pairs "x*y + z**2" --at 1,0,-1 -r -2:2
""",
}
"""By kind of figure; a kind without examples has help all the same."""
