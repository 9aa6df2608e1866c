"""Keras trainings: through `fit` with the TensorBoard callback, and in a loop of one's own."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from benchmarks.diagnosis.truth import Recorder

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)


class _Facts(keras.callbacks.Callback):
    """Keeps what the TensorBoard callback logs at the end of each epoch."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self.recorder = recorder

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        for layer in self.model.layers:
            for weight in layer.weights:
                self.recorder.keep(f"{weight.path.replace(':', '_')}/histogram", epoch, weight.numpy())
        logs = logs or {}
        self.recorder.notes.setdefault("first_loss", float(logs.get("loss", np.nan)))
        self.recorder.notes["last_loss"] = float(logs.get("loss", np.nan))


def fit(
    recorder: Recorder, model: Any, data: Sequence[np.ndarray], *, optimizer: Any, loss: Any, epochs: int = 15
) -> None:
    """As most Keras users log: `TensorBoard(histogram_freq=1)`; the run is the folder's `train`."""
    model.compile(optimizer=optimizer, loss=loss)
    callback = keras.callbacks.TensorBoard(str(recorder.folder), histogram_freq=1, write_graph=False)
    model.fit(*data, epochs=epochs, batch_size=64, verbose=0, callbacks=[callback, _Facts(recorder)])


def loop(
    recorder: Recorder,
    model: Any,
    data: Sequence[np.ndarray],
    rng: np.random.Generator,
    *,
    optimizer: Any,
    loss: Callable[[Any, Any], Any],
    steps: int = 300,
    log_every: int = 12,
    name: Callable[[Any], str] = lambda variable: f"{variable.path}:0",
    trained: Any = None,
) -> None:
    """A loop of one's own that logs variables and gradients with `tf.summary.histogram` before each update."""
    variables = model.trainable_variables if trained is None else trained
    optimizer.build(variables)

    @tf.function
    def gradients_of(inputs: Any, wanted: Any) -> Any:
        with tf.GradientTape() as tape:
            value = tf.reduce_mean(loss(wanted, model(inputs, training=True)))
        return value, [tf.convert_to_tensor(one) for one in tape.gradient(value, variables)]

    @tf.function
    def apply(gradients: Any) -> None:
        optimizer.apply_gradients(zip(gradients, variables, strict=True))

    writer = tf.summary.create_file_writer(str(recorder.folder))
    for step in range(steps + 1):
        chosen = rng.integers(0, len(data[0]), 64)
        value, gradients = gradients_of(*(tf.constant(part[chosen]) for part in data))
        if step % log_every == 0:
            with writer.as_default(step):
                tf.summary.scalar("loss", value)
                for variable in model.variables:
                    if not variable.dtype.startswith("uint"):
                        tf.summary.histogram(name(variable), recorder.keep(name(variable), step, variable.numpy()))
                for variable, gradient in zip(variables, gradients, strict=True):
                    tag = f"gradients/{name(variable)}"
                    tf.summary.histogram(tag, recorder.keep(tag, step, gradient.numpy()))
            recorder.notes.setdefault("first_loss", float(value))
            recorder.notes["last_loss"] = float(value)
        apply(gradients)
    writer.close()
