"""Every limit on what may be asked for, in one place, so that no request can hang or exhaust a machine."""

from __future__ import annotations

EXPRESSION_CHARACTERS = 8_000  # the longest published test function has 5,828
EXPRESSION_NESTING = 50  # SymPy's derivative overflows the stack at 100 to 200
NUMBER_CHARACTERS = 40
NAME_CHARACTERS = 32
VARIABLES = 12
PAIRED_VARIABLES = 6  # of a figure of all pairs: of seven, nobody could read the panels
DESCRIBED_OPERATIONS = (
    500  # of the gradient, times the variables; minima of larger formulas are not described
)
SYMBOLIC_SECONDS = 5.0  # of SymPy, on the command line
HESSIAN_OPERATIONS = 12_000  # of the gradient, times the variables; SymPy takes up to a second for that many

PRESET_BYTES = 1 << 20  # libyaml's parser overflows the stack on larger hostile files
PRESET_DEPTH = 32
PRESET_NODES = 50_000

FIGURE_SECONDS = 60.0  # of one figure of a batch, where --timeout does not say otherwise
SOURCE_BYTES = 1 << 20  # of a Python file whose functions a shell is told of
WORKER_BYTES = 8 << 30  # of memory that one process of a batch may ask for

SAMPLES_PER_AXIS = 4_000
POINTS = 4_000_000  # of one mesh, and of the data of a figure
LEVEL_POINTS = SAMPLES_PER_AXIS**2  # of a mesh of level lines, which need nothing but its values
CHECKED_POINTS = 100_000  # of a gradient that is compared at each of them, with many steps
LEVELS = 1_000
TICKS = 100
TANGENTS = 100
STARTS = 100
OPTIMIZERS = 24
STEPS = 10_000
PATH_POINTS = 1_000_000  # of all paths of a figure
CRITICAL_POINTS = 1_000
ARRAY_ELEMENTS = 10_000  # of an array whose gradient is taken: each is varied by itself

SIZE_INCHES = (1.0, 40.0)
DPI = (20, 1_200)
PIXELS = 40_000_000
PANELS = 36  # of a sweep that stands still: of more, nobody could read the titles
SWEEP_POINTS = 2 * POINTS  # of all meshes of a sweep
FRAMES = 120
FRAME_PIXELS = 500_000_000  # of all frames of a picture that moves
FRAME_RATE = 50  # a second: programs that show GIFs take more for next to none

LABEL_CHARACTERS = 200
MAGNITUDE = 1e150  # of the ends of a range: its square is still a double; and one over that of its length

DATA_BYTES = 64 << 20  # of a file of points, or of a picture that is read back
METADATA_CHARACTERS = 1 << 20
