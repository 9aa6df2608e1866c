"""The demonstration, trained once for all tests here, with its raw tensors."""

import pytest

from tb_histinsight.demo.recorder import Recorder
from tb_histinsight.demo.runs import demo_runs


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="session")
def demo(demo_folder):
    """Outcome of every run by name; the event files are in `demo_folder`."""
    outcomes = {}
    for name, run in demo_runs().items():
        with Recorder(demo_folder / name, run.ENCODING, keep=True) as recorder:
            outcomes[name] = run.train(recorder)
    return outcomes
