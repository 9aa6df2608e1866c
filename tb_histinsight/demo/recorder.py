"""Logs what a demonstration network is and does, under the names that its framework would use."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import numpy as np

from tb_histinsight.demo.network import Gradient, Network, Tensor
from tb_histinsight.logging.event_writer import Encoding, EventWriter

FILE_NAME = "events.out.tfevents.0000000000.histinsight-demo"
"""One name for ever, so that a demonstration which is written again replaces the old one."""


class Recorder:
    """Writes one run; keeps the raw tensors too if asked, for whoever wants to check what a histogram says."""

    def __init__(self, folder: Path, encoding: Encoding = Encoding.TF2, *, keep: bool = False) -> None:
        self._writer = EventWriter(folder / FILE_NAME, encoding, time.time)
        self._torch_names = encoding is Encoding.OLD_STYLE
        self._keep = keep
        self.tensors: dict[str, dict[int, Tensor]] = {}
        """Raw tensors by tag and step; empty unless they are kept."""

    def histogram(self, tag: str, values: Tensor, step: int) -> None:
        """Logs a tensor's distribution."""
        self._writer.histogram(tag, values, step)
        if self._keep:
            self.tensors.setdefault(tag, {})[step] = np.array(values)

    def scalar(self, tag: str, value: float, step: int) -> None:
        """Logs a number."""
        self._writer.scalar(tag, value, step)

    def network(
        self,
        network: Network,
        outputs: Sequence[Tensor],
        gradients: Sequence[Gradient],
        step: int,
    ) -> None:
        """Logs kernels, biases, their gradients, and the outputs of the layers."""
        for layer, gradient, output in zip(network.layers, gradients, outputs[1:], strict=True):
            name = layer.name
            kernel, bias = f"{name}/kernel", f"{name}/bias"
            kernel_gradient, bias_gradient = f"gradients/{kernel}", f"gradients/{bias}"
            activations = f"{name}/activations"
            if self._torch_names:
                kernel, bias = f"{name}.weight", f"{name}.bias"
                kernel_gradient, bias_gradient = f"{kernel}.grad", f"{bias}.grad"
                activations = f"{name}.activations"
            self.histogram(kernel, layer.kernel, step)
            if layer.bias is not None and gradient.bias is not None:
                self.histogram(bias, layer.bias, step)
                self.histogram(bias_gradient, gradient.bias, step)
            self.histogram(kernel_gradient, gradient.kernel, step)
            if layer.activation != "linear":
                self.histogram(activations, output, step)

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()
