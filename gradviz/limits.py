"""Limits of requests, so that no request can hang the program or exhaust the machine."""

from __future__ import annotations

EXPRESSION_CHARACTERS = 8_000  # the longest published test function has 5,828
EXPRESSION_NESTING = 50  # nested operations: SymPy's derivative overflows the stack at 100 to 200
NUMBER_CHARACTERS = 40
NAME_CHARACTERS = 32
VARIABLES = 12
PAIRED_VARIABLES = 6  # variables of a figure of all pairs: with seven, the panels are too small to read
DESCRIBED_OPERATIONS = 500  # operations of the gradient times variables: minima of larger ones are not listed
DERIVATIVE_PARTS = 4_000  # operations, names and numbers in the texts of all derivatives of a function
SYMBOLIC_SECONDS = 5.0  # processor time of SymPy for one request, in the command line program
HESSIAN_OPERATIONS = 12_000  # operations of the gradient times variables: SymPy takes a second for that many

PRESET_BYTES = 1 << 20  # size of a YAML file: libyaml overflows the stack on larger malicious files
PRESET_DEPTH = 32  # nested nodes
PRESET_NODES = 50_000
PRESET_SECONDS = 20.0  # processor time for the figures of one file: 1 MiB of distinct expressions takes 7 s

FIGURE_SECONDS = 60.0  # run time of one figure of a batch, the default of --timeout
SOURCE_BYTES = 1 << 20  # size of a Python file whose function names are completed in a shell
WORKER_BYTES = 8 << 30  # memory of one process of a batch

SAMPLES_PER_AXIS = 4_000
POINTS = 4_000_000  # points of one mesh, and rows of the data of a figure
COORDINATES = 2 * POINTS  # coordinates of the points of a file: 64 MiB of doubles
LEVEL_POINTS = SAMPLES_PER_AXIS**2  # points of a mesh for contours, which need no gradient
CHECKED_POINTS = 100_000  # points at which gradients are compared, for many step sizes each
LEVELS = 1_000
TICKS = 100
TANGENTS = 100
CURVES = 6  # functions or equations in a picture, each with a colour of its own
TAYLOR_DEGREE = 8
STARTS = 100
CONSTRAINTS = 6  # equations on which extrema are searched in one figure
OPTIMIZERS = 24
STEPS = 10_000
PATH_POINTS = 1_000_000  # points of all trajectories of a figure
CRITICAL_POINTS = 1_000
ARRAY_ELEMENTS = 10_000  # elements of an array argument, each of which takes two evaluations for a gradient

SIZE_INCHES = (1.0, 40.0)
DPI = (20, 1_200)
LINE_WIDTH = (0.1, 20.0)  # points
FONT_SIZE = (4, 40)  # points
PIXELS = 40_000_000
PANELS = 36  # panels of a sweep without animation: with more, the titles are too small to read
SWEEP_POINTS = 2 * POINTS  # points of all meshes of a sweep
FRAMES = 120
FRAME_PIXELS = 500_000_000  # pixels of all frames of an animation
FRAME_RATE = 50  # frames per second: viewers of GIFs replace higher rates by a slow one

LABEL_CHARACTERS = 200
MAGNITUDE = 1e150  # limits of a range, and 1 / its length: their squares do not overflow

DATA_BYTES = 64 << 20  # size of a file of points, and of a figure that is read back
METADATA_CHARACTERS = 1 << 20
