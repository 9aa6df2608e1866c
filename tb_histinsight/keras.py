"""Logs what the rules need of a training in Keras: weights, gradients, updates, activations, from the start on.

    model.fit(x, y, callbacks=[InsightCallback("runs/mine", every=100, samples=(x[:256], y[:256]))])

Every variable has a tag of its own, whatever Keras calls its variables. It never changes the training, and nothing that
goes wrong in it stops the training.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from tb_histinsight.logging.findings import Watcher
from tb_histinsight.logging.tensors import ACTIVATION_VALUES, TensorLogger, harmless, is_due, places_of_sample


class InsightCallback(keras.callbacks.Callback):  # type: ignore[misc]  # Keras is not typed
    """Logs a model's variables every so many batches, and at the start of the training.

    Gradients and activations need a batch to compute them on (`samples`), since Keras shows a callback neither: they
    are those of that same batch at every logged step, in inference mode. Gradients need the TensorFlow, PyTorch or
    JAX backend's own differentiation; only TensorFlow's is used here, with other backends they are left out, and a
    warning says so.
    """

    def __init__(
        self,
        logdir: str | os.PathLike[str],
        *,
        every: int = 100,
        samples: tuple[Any, Any] | None = None,
        gradients: bool = True,
        updates: bool = True,
        activations: bool = True,
        activation_values: int | None = ACTIVATION_VALUES,
        on_finding: Callable[[Any], None] | None = None,
    ) -> None:
        """Nothing is logged before the training begins.

        Args:
          every: batches from one log to the next, at least 1.
          samples: inputs and targets of a batch for gradients and activations; None: neither is logged.
          activation_values: at most so many values of an activation are counted, spread evenly over it; all of them
            where one is not finite. None: all of them, always.
          on_finding: called once with each new finding (`tb_histinsight.report.FindingEntry`) on what has been logged
            so far; it may set `callback.model.stop_training`.

        Raises:
          ValueError: `every` is below 1.
        """
        super().__init__()
        if every < 1:
            raise ValueError(f"every={every}: at least one batch lies between two logs.")
        self.broken: Exception | None = None
        self._every, self._samples, self._step = every, samples, 0
        self._gradients, self._updates, self._activations = gradients, updates, activations
        self._most = activation_values
        self._before: dict[str, npt.NDArray[Any]] = {}
        self._probe: Any = None
        self._logger = TensorLogger(logdir)
        self._watcher = None if on_finding is None else Watcher(self._logger, on_finding)

    def on_train_begin(self, logs: Any = None) -> None:
        """Logs the variables before the first batch."""
        self._begin()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Notes one step, and logs if it is due."""
        self._batch(dict(logs or {}))

    def on_train_end(self, logs: Any = None) -> None:
        """Closes the file."""
        self._logger.close()

    @harmless
    def _begin(self) -> None:
        if self.model.built:
            self._log({})
            self._prepare()

    @harmless
    def _batch(self, logs: dict[str, Any]) -> None:
        self._step += 1
        if is_due(self._step, self._every):
            self._log(logs)
            if self._watcher is not None:
                self._watcher.look()
        self._before = {}
        self._prepare()

    def _log(self, logs: dict[str, Any]) -> None:
        weights = {name: _array(variable) for name, variable in self._variables().items()}
        updates = {name: weights[name] - old for name, old in self._before.items() if name in weights}
        self._logger.log(self._step, weights=weights, updates=updates)
        if self._samples is not None:
            self._logger.log(
                self._step,
                gradients=self._gradient_arrays() if self._gradients else {},
                activations=self._activation_arrays() if self._activations else {},
            )
        if "loss" in logs:
            self._logger.scalar("loss", float(logs["loss"]), self._step)
        if self._logger.broken is not None:
            self.broken = self._logger.broken

    def _prepare(self) -> None:
        if self._updates and is_due(self._step + 1, self._every):
            self._before = {
                name: _array(variable) for name, variable in self._variables().items() if variable.trainable
            }

    def _variables(self) -> dict[str, Any]:
        """By "<layer>/<variable>"; layers within layers with both names, and what is called alike is numbered."""
        named: dict[str, Any] = {}
        for variable in self.model.variables:
            path = getattr(variable, "path", variable.name).split("/")
            if path[0] == self.model.name and len(path) > 2:
                path = path[1:]
            name = "/".join(path)
            number, unique = 1, name
            while unique in named:
                unique, number = f"{'/'.join(path[:-1])}_{number}/{path[-1]}", number + 1
            named[unique] = variable
        return {name: variable for name, variable in named.items() if "seed_generator" not in name}

    def _gradient_arrays(self) -> dict[str, npt.NDArray[Any]]:
        if keras.backend.backend() != "tensorflow" or self._samples is None:
            return {}
        import tensorflow as tf

        x, y = self._samples
        trainable = {name: variable for name, variable in self._variables().items() if variable.trainable}
        with tf.GradientTape() as tape:
            loss = self.model.compute_loss(x, y, self.model(x, training=False))
        gradients = tape.gradient(loss, [variable.value for variable in trainable.values()])
        return {
            name: np.asarray(tf.convert_to_tensor(gradient))
            for name, gradient in zip(trainable, gradients, strict=True)
            if gradient is not None
        }

    def _activation_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Outputs of the layers of a model that was built from layers; of a subclassed model none are known."""
        assert self._samples is not None
        layers = {layer.name: layer.output for layer in self.model.layers if hasattr(layer, "output")}
        layers = {name: output for name, output in layers.items() if not isinstance(output, (list, tuple, dict))}
        if not layers:
            return {}
        if self._probe is None:
            inputs = self.model.inputs
            self._probe = keras.Model(inputs[0] if len(inputs) == 1 else inputs, list(layers.values()))
        outputs = self._probe(self._samples[0], training=False)
        return {name: self._sample(_array(output)) for name, output in zip(layers, outputs, strict=True)}

    def _sample(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        if self._most is None or values.size <= self._most or not np.isfinite(values).all():
            return values
        sample: npt.NDArray[Any] = values.ravel()[places_of_sample(values.size, self._most)]
        return sample


def _array(value: Any) -> npt.NDArray[Any]:
    return np.array(keras.ops.convert_to_numpy(value), copy=True)
