"""Reports on arrays and histograms that are in no log."""

import numpy as np
import pytest

import tb_histinsight
from tb_histinsight import UsageError, analyze_histograms, analyze_tensors

RNG = np.random.default_rng(11)


def tag(report, name):
    (found,) = (entry for entry in report.runs[0].tags if entry.tag == name)
    return found


def test_one_step_of_tensors():
    report = analyze_tensors({"dense/kernel": RNG.normal(size=(50, 80)), "dense/bias": np.zeros(80)}, step=7)
    kernel = tag(report, "dense/kernel")
    assert (kernel.shape.label, kernel.element_count, kernel.last_step) == ("gaussian", 4000, 7)
    assert kernel.change.label == "unknown"
    assert tag(report, "dense/bias").shape.label == "collapsed"


def test_several_steps_are_a_history():
    weights = RNG.uniform(-0.1, 0.1, 5000)
    steps = [(10 * i, {"a/kernel": weights, "b/kernel": weights * 1.3**i}) for i in range(6)]
    report = analyze_tensors(steps, run="mine")
    assert report.runs[0].run == "mine"
    assert tag(report, "a/kernel").change.label == "frozen"
    assert tag(report, "b/kernel").change.label == "growing"
    leading = [finding for finding in report.runs[0].findings if finding.cause is None and finding.severity != "info"]
    assert [(finding.rule, finding.tags[0]) for finding in leading] == [("only-last-layer-learns", "a/kernel")]


def test_statistics_are_exact():
    values = RNG.normal(3, 2, 1000)
    stats = tag(analyze_tensors({"w": values}), "w").stats
    assert stats.mean == pytest.approx(values.mean(), rel=1e-12)
    assert stats.rms == pytest.approx(np.sqrt((values**2).mean()), rel=1e-12)
    assert (stats.min, stats.max) == (values.min(), values.max())


@pytest.mark.parametrize(("value", "label"), [(np.nan, "non_finite"), (np.inf, "non_finite")])
def test_what_is_not_finite_is_found(value, label):
    values = RNG.normal(size=500)
    values[3] = value
    report = analyze_tensors({"dense/kernel": values})
    assert [f.rule for f in report.runs[0].findings] == ["non-finite"]
    assert tag(analyze_tensors({"dense/kernel": np.full(500, value)}), "dense/kernel").shape.label == label


def test_an_empty_tensor_is_empty():
    assert tag(analyze_tensors({"w": np.empty(0)}), "w").shape.label == "empty"


def test_histograms_as_numpy_counts_them():
    counts, edges = np.histogram(RNG.uniform(-1, 1, 20000), 40)
    report = analyze_histograms({"dense/kernel": [(0, edges, counts), (5, edges, counts), (9, edges, counts)]})
    assert tag(report, "dense/kernel").shape.label == "uniform"
    assert tag(report, "dense/kernel").change.label == "frozen"


class Tensor:
    """As a tensor of a framework: on another device, with a gradient."""

    def detach(self):
        return self

    def cpu(self):
        return np.ones(3)


def test_tensors_of_frameworks_are_taken():
    assert tag(analyze_tensors({"w": Tensor()}), "w").shape.label == "constant"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: analyze_tensors({}), "nothing to look at"),
        (lambda: analyze_tensors({"w": ["a"]}), "'w' is no array of real numbers"),
        (lambda: analyze_tensors({"w": np.ones(3) * 1j}), "complex"),
        (lambda: analyze_tensors([(5, {"w": [1]}), (5, {"w": [2]})]), "do not ascend"),
        (lambda: analyze_tensors({"w": [1.0]}, select=["frozen-layers"]), "frozen-layer"),
        (lambda: analyze_histograms({"w": [(0, [0, 1], [1, 2])]}), "k \\+ 1 edges"),
        (lambda: analyze_histograms({"w": [(0, [1, 0], [1])]}), "must ascend"),
        (lambda: analyze_histograms({"w": [(0, [0, 1], [-1])]}), "negative"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(call, said):
    with pytest.raises(UsageError, match=said):
        call()


def test_only_what_is_offered_is_there():
    assert set(tb_histinsight.__all__) <= set(dir(tb_histinsight)) | set(tb_histinsight._PLACES)
    for name in tb_histinsight.__all__:
        assert getattr(tb_histinsight, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'analyse'"):
        _ = tb_histinsight.analyse


def test_settings_that_are_given_hold_and_files_of_settings_are_not_looked_for(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text('[tool.tb-histinsight]\nignore = ["constant-weights"]\n')
    monkeypatch.chdir(tmp_path)
    tensors = {"dense_1/kernel": np.full((20, 20), 0.5)}

    def found(**options):
        report = tb_histinsight.analyze_tensors(tensors, **options)
        return {finding.rule: finding.severity for finding in report.runs[0].findings}

    assert found()["constant-weights"] == "warning"
    lower = {"rules": {"constant-weights": {"severity": "info"}}}
    assert found(settings=lower)["constant-weights"] == "info"
    assert "constant-weights" not in found(settings={"ignore": ["constant-weights"]})
    with pytest.raises(tb_histinsight.UsageError, match="constant-weight"):
        found(settings={"ignore": ["constant-weight"]})
