"""What the server that forks the processes of a batch imports once, so that each has it at once."""

import os

from gradviz.process import claim_process, import_matplotlib, use_program_cache

claim_process()
use_program_cache(on=False)  # a worker writes no file
import_matplotlib()

import gradviz.batch.workers  # noqa: E402, F401 - behind the two lines above

# What goes wrong in a worker reaches the user through its result; one that finds the waiting process gone
# would only complain of that.
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
