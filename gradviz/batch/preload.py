"""Imports and parsers of the fork server, with which each worker process starts."""

import gc
import os

from gradviz.process import claim_process, import_matplotlib, use_program_cache

claim_process()
use_program_cache(on=False)  # a worker writes no file
import_matplotlib()

import gradviz.batch.workers  # noqa: E402 - after the lines above
import gradviz.calculus.roots  # noqa: E402 - after the lines above
import gradviz.fields.symbolic  # noqa: E402 - after the lines above
import gradviz.figures.describing  # noqa: E402 - after the lines above
import gradviz.output.mpl.files  # noqa: E402 - after the lines above
import gradviz.output.mpl.mathtext  # noqa: E402 - after the lines above
import gradviz.output.mpl.rendering  # noqa: E402 - after the lines above

gradviz.output.mpl.mathtext.build_grammar()
gc.freeze()  # objects that are there for good are not looked through again, nor copied by the workers

# Errors of a worker reach the user as its result. Standard error would only add the complaint of a worker
# whose parent process has ended.
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
