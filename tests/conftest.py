"""Settings for all tests, and what several of them share; the helpers beside this file can be imported."""

import os
from contextlib import ExitStack

import pytest

# Before NumPy is imported: several threads on small matrices are ten times slower on a busy machine.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
# The command line speaks the environment's language; the tests read English, unless they ask for another.
os.environ.pop("LC_ALL", None)
os.environ["LC_MESSAGES"] = "C"


@pytest.fixture
def tensorboard():
    """Starts TensorBoards (see `tensorboards.running_tensorboard`) that end with the test."""
    from tensorboards import running_tensorboard

    with ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(running_tensorboard(*args, **options))
