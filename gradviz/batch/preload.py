"""Imports of the fork server, which each worker process starts with."""

import os

from gradviz.process import claim_process, import_matplotlib, use_program_cache

claim_process()
use_program_cache(on=False)  # a worker writes no file
import_matplotlib()

import gradviz.batch.workers  # noqa: E402 - after the two lines above
import gradviz.output.mpl.rendering  # noqa: E402, F401 - after the two lines above

# Errors of a worker reach the user as its result. Standard error would only add the complaint of a worker
# whose parent process has ended.
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
