"""Settings for all tests."""

import os

# Before NumPy is imported: several threads on small matrices are ten times slower on a busy machine.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
