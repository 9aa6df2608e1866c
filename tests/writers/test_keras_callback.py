"""`tb_histinsight.keras` in real trainings: what it logs is what there was, and the training does not notice."""

import importlib.util

import numpy as np
import pytest

if importlib.util.find_spec("tensorflow") is None:
    pytest.skip("TensorFlow is not installed", allow_module_level=True)
import keras

from tb_histinsight.core.labels import Role
from tb_histinsight.core.names import read_tags
from tb_histinsight.keras import InsightCallback
from tb_histinsight.sources.event_files import EventFileSource

pytestmark = pytest.mark.writers
RNG = np.random.default_rng(3)
X = RNG.normal(size=(320, 8)).astype(np.float32)
Y = (X.sum(axis=1) > 0).astype(np.int32)


def network():
    keras.utils.set_random_seed(6)
    model = keras.Sequential(
        [
            keras.Input((8,)),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(2),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.SGD(0.1), loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    return model


def train(model, *callbacks):
    history = model.fit(X, Y, batch_size=32, epochs=2, verbose=0, shuffle=False, callbacks=list(callbacks))
    return history.history["loss"], [np.array(variable) for variable in model.get_weights()]


def logged(folder):
    (run,) = EventFileSource(folder).runs()
    return {series.tag: series for series in EventFileSource(folder).open_run(run).read()}


def test_the_training_is_the_same_with_and_without(tmp_path):
    bare_loss, bare = train(network())
    callback = InsightCallback(tmp_path, every=5, samples=(X[:64], Y[:64]))
    loss, watched = train(network(), callback)
    assert callback.broken is None
    assert loss == bare_loss
    for before, after in zip(bare, watched, strict=True):
        np.testing.assert_array_equal(before, after)


def test_every_variable_has_a_tag_that_is_understood(tmp_path):
    callback = InsightCallback(tmp_path, every=5, samples=(X[:64], Y[:64]))
    model = network()
    initial = np.array(model.get_weights()[0], np.float64)
    train(model, callback)
    series = logged(tmp_path)
    dense, last = model.layers[0].name, model.layers[-1].name
    assert series[f"{dense}/kernel"].steps.tolist() == [0, 5, 10, 15, 20]
    assert series[f"{dense}/kernel"].moments.sum_squares[0] == pytest.approx((initial**2).sum(), rel=1e-6)
    assert series[f"updates/{dense}/kernel"].steps.tolist() == [5, 10, 15, 20]
    assert series[f"gradients/{last}/bias"].element_count.tolist() == [2] * 5
    assert series[f"{dense}/activations"].minimum[0] == 0
    names = {name.tag: name for name in read_tags(list(series))}
    assert names[f"gradients/{dense}/kernel"].role is Role.GRADIENT
    assert names[f"gradients/{dense}/kernel"].layer == names[f"{dense}/kernel"].layer == dense
    assert names[f"{dense}/activations"].role is Role.ACTIVATION
    assert all(name.certain for name in names.values())
    assert not any(len(found.collisions) for found in series.values())


def test_without_samples_weights_and_updates_are_logged(tmp_path):
    callback = InsightCallback(tmp_path, every=10)
    train(network(), callback)
    assert callback.broken is None
    assert {tag.split("/")[0] for tag in logged(tmp_path)} & {"gradients"} == set()


def test_it_can_stop_a_training_that_is_dying(tmp_path):
    model = network()
    told = []

    def stop(finding):
        told.append(finding.rule)
        model.stop_training = True

    model.optimizer.learning_rate.assign(1e30)
    callback = InsightCallback(tmp_path, every=1, on_finding=stop)
    model.fit(X, Y, batch_size=32, epochs=50, verbose=0, callbacks=[callback])
    assert told[0] in ("non-finite", "exploding")
    assert callback._step < 500


def test_trouble_does_not_stop_the_training(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    loss, _ = train(network(), InsightCallback(tmp_path / "file", every=5))
    assert len(loss) == 2
    assert "the training goes on" in caplog.text
