"""What the server that forks the processes of a batch imports once, so that each has it at once."""

from gradviz.isolation import claim_process, import_matplotlib

claim_process()
import_matplotlib()

import gradviz.workers  # noqa: E402, F401 - only behind the two lines above
