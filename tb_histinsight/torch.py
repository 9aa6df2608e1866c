"""Logs what the rules need of a training in PyTorch: weights, gradients, updates, activations, from the start on.

    insight = InsightLogger(model, "runs/mine", every=100, activations=True)
    for batch in data:
        ...
        loss.backward()
        optimizer.step()
        insight.step()
    insight.close()

It never changes the training, and nothing that goes wrong in it stops the training.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from tb_histinsight.logging.findings import Watcher
from tb_histinsight.logging.tensors import ACTIVATION_VALUES, TensorLogger, harmless, is_due, places_of_sample

_WRAPPERS = ("module.", "_orig_mod.")
"""What DistributedDataParallel and torch.compile put before the names of parameters."""


class InsightLogger:
    """Logs a module's tensors every so many optimiser steps; a context manager.

    Call `step` after each `optimizer.step()` and before the gradients are set to zero. With gradient accumulation that
    is once per update; with automatic mixed precision, after `scaler.step(optimizer)`, when the gradients are
    unscaled; a step that the scaler skipped has its infinite gradients not logged. (A fused optimiser divides by the
    scale itself and leaves its gradients scaled: call `scaler.unscale_(optimizer)` before its step.) Of several
    processes of a distributed training only rank 0 logs.
    """

    def __init__(
        self,
        model: torch.nn.Module,
        logdir: str | os.PathLike[str],
        *,
        every: int = 100,
        gradients: bool = True,
        updates: bool = True,
        activations: bool | Collection[str] = False,
        activation_values: int | None = ACTIVATION_VALUES,
        first_step: int = 0,
        on_finding: Callable[[Any], None] | None = None,
    ) -> None:
        """Logs the weights as they are now, at `first_step`.

        Args:
          every: optimiser steps from one log to the next, at least 1.
          activations: names of modules whose outputs are logged; True: all that hold no other module.
          activation_values: at most so many values of an activation are counted, spread evenly over it; all of them
            where one is not finite. None: all of them, always.
          first_step: number of the step that the training begins with, where it goes on.
          on_finding: called once with each new finding (`tb_histinsight.report.FindingEntry`) on what has been logged
            so far; an exception in it is taken for trouble of the logging.

        Raises:
          ValueError: `every` is below 1, or there is no module of a given name: mistakes of the code, before the
            training begins.
        """
        if every < 1:
            raise ValueError(f"every={every}: at least one step lies between two logs.")
        self.broken: Exception | None = None
        self._model, self._every, self._step = model, every, first_step
        self._gradients, self._updates, self._most = gradients, updates, activation_values
        self._before: dict[str, torch.Tensor] = {}
        self._seen: dict[str, npt.NDArray[Any]] = {}
        self._hooks: list[Any] = []
        chosen = _modules(model, activations)
        self._logger = TensorLogger(logdir)
        self._watcher = None if on_finding is None else Watcher(self._logger, on_finding)
        if not _is_first_rank():
            self.broken = RuntimeError("another rank logs")
            return
        for name, module in chosen.items():
            self._hooks.append(module.register_forward_hook(self._hook(name)))
        self._log_weights()
        self._prepare()

    @harmless
    def step(self) -> None:
        """Notes one optimiser step, and logs if it is due."""
        self._step += 1
        if is_due(self._step, self._every):
            gradients = {
                name: _array(parameter.grad)
                for name, parameter in self._parameters()
                if self._gradients and parameter.grad is not None
            }
            updates = {
                name: _array(parameter.detach() - self._before[name])
                for name, parameter in self._parameters()
                if name in self._before and self._before[name].shape == parameter.shape
            }
            if _was_skipped(gradients, updates):
                gradients = {}
            self._logger.log(self._step, gradients=gradients, updates=updates, activations=self._seen)
            self._log_weights()
            if self._watcher is not None:
                self._watcher.look()
        self._before, self._seen = {}, {}
        self._prepare()

    @harmless
    def close(self) -> None:
        """Takes the hooks off the model and closes the file."""
        for hook in self._hooks:
            hook.remove()
        self._hooks = []
        self._logger.close()

    @harmless
    def _prepare(self) -> None:
        """Keeps the weights as they are before a step that will be logged."""
        if self._updates and is_due(self._step + 1, self._every):
            self._before = {name: parameter.detach().clone() for name, parameter in self._parameters()}

    @harmless
    def _log_weights(self) -> None:
        self._logger.log(self._step, weights={name: _array(parameter) for name, parameter in self._parameters()})
        if self._logger.broken is not None:
            self.broken = self._logger.broken

    def _parameters(self) -> Iterator[tuple[str, torch.nn.Parameter]]:
        for name, parameter in self._model.named_parameters():
            if isinstance(parameter, torch.nn.parameter.UninitializedParameter):
                continue  # of a lazy layer that has not seen a batch
            layer, _, kind = _plain(name).rpartition(".")
            yield f"{layer}/{kind}" if layer else kind, parameter

    def _hook(self, name: str) -> Callable[..., None]:
        def keep(module: torch.nn.Module, inputs: Any, output: Any) -> None:
            if self.broken is None and is_due(self._step + 1, self._every) and module.training:
                self._keep(name, output)

        return keep

    @harmless
    def _keep(self, name: str, output: Any) -> None:
        tensor = output[0] if isinstance(output, (tuple, list)) and output else output
        if isinstance(tensor, torch.Tensor) and tensor.is_floating_point():
            self._seen[name] = _array(self._sample(tensor.detach()))

    def _sample(self, tensor: torch.Tensor) -> torch.Tensor:
        size = tensor.numel()
        # A sum that is finite has no value that is not: looked at where all values are, and once.
        if self._most is None or size <= self._most or not bool(torch.isfinite(tensor.sum(dtype=torch.float32))):
            return tensor
        places = torch.from_numpy(places_of_sample(size, self._most)).to(tensor.device)
        return tensor.flatten()[places]

    def __enter__(self) -> InsightLogger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def lightning_callback(logdir: str | os.PathLike[str] | None = None, **options: Any) -> Any:
    """A callback for PyTorch Lightning's Trainer that logs as `InsightLogger` does, with the same options.

    Args:
      logdir: default: the trainer's own log_dir.

    Raises:
      ImportError: neither `lightning` nor `pytorch_lightning` is installed.
    """
    try:
        from lightning.pytorch.callbacks import Callback
    except ImportError:
        from pytorch_lightning.callbacks import Callback

    class Insight(Callback):  # type: ignore[misc]  # Lightning need not be installed where types are checked
        """Logs after every optimiser step."""

        insight: InsightLogger | None = None
        steps = 0

        def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
            """Logs the weights before the first step."""
            folder = trainer.log_dir if logdir is None else logdir
            self.steps = trainer.global_step
            options.setdefault("first_step", self.steps)
            self.insight = InsightLogger(pl_module, folder or "lightning_logs", **options)

        def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
            """Notes a step, if this batch made one; with accumulated gradients some make none."""
            if self.insight is not None and trainer.global_step > self.steps:
                self.steps = trainer.global_step
                self.insight.step()

        def on_fit_end(self, trainer: Any, pl_module: Any) -> None:
            """Closes the file."""
            if self.insight is not None:
                self.insight.close()

    return Insight()


def _modules(model: torch.nn.Module, wanted: bool | Collection[str]) -> dict[str, torch.nn.Module]:
    if wanted is False:
        return {}
    known = {_plain(name): module for name, module in model.named_modules() if name}
    if wanted is True:
        return {name: module for name, module in known.items() if not any(module.children())}
    missing = [name for name in wanted if name not in known]
    if missing:
        raise ValueError(f"The model has no module {missing[0]!r}. There are: {', '.join(known)}.")
    return {name: known[name] for name in wanted}


def _plain(name: str) -> str:
    while name.startswith(_WRAPPERS):
        for prefix in _WRAPPERS:
            name = name.removeprefix(prefix)
    return name


def _was_skipped(gradients: dict[str, npt.NDArray[Any]], updates: dict[str, npt.NDArray[Any]]) -> bool:
    """Whether nothing was updated by gradients that are not finite: mixed precision then lowers its scale.

    Without such care they would make the weights NaN.
    """
    still = bool(updates) and not any(update.any() for update in updates.values())
    return still and not all(np.isfinite(gradient).all() for gradient in gradients.values())


def _array(tensor: torch.Tensor) -> npt.NDArray[Any]:
    """The values on the processor, in float32 or float64; of a sparse tensor the stored ones and the zeros."""
    dense = tensor.detach().to_dense() if tensor.is_sparse else tensor.detach()
    if dense.dtype not in (torch.float32, torch.float64):
        dense = dense.float()
    return np.array(dense.cpu().numpy(), copy=True)


def _is_first_rank() -> bool:
    distributed = torch.distributed
    return not (distributed.is_available() and distributed.is_initialized() and distributed.get_rank() != 0)
