"""A PyTorch training loop that logs as people do: parameters, their gradients, outputs of layers, and the loss."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch.utils.tensorboard import SummaryWriter

from benchmarks.diagnosis.truth import Recorder

torch.set_num_threads(1)


def train(
    recorder: Recorder,
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    loss_of: Callable[[Any, Any], torch.Tensor],
    data: Sequence[np.ndarray],
    *,
    rng: np.random.Generator,
    steps: int = 300,
    log_every: int = 12,
    batch: int = 64,
    gradients: bool = True,
    outputs_of: Iterable[str] = (),
    schedule: Any = None,
    before_step: Callable[[int], None] | None = None,
    scale_loss: float = 1.0,
    writer_type: Any = SummaryWriter,
    tag: str = "{}",
    updates: bool = False,
    accumulate: int = 1,
    first: int = 0,
    frozen_too: bool = True,
    scalars: Callable[[], dict[str, float]] = dict,
) -> None:
    """Trains; every `log_every` steps logs the weights before the update with the gradients of that update.

    Args:
      updates: logs new minus old weights as well.
      accumulate: batches whose gradients are added up before a step.
      first: number of the first step, for a training that goes on.
      frozen_too: logs parameters that require no gradient as well.
      scalars: what else is logged, by tag.
    """
    inputs, wanted = (torch.from_numpy(part) for part in data)
    seen: dict[str, torch.Tensor] = {}
    for name, layer in model.named_modules():
        if name in set(outputs_of):
            layer.register_forward_hook(lambda _, __, out, name=name: seen.update({name: out.detach()}))
    writer = writer_type(str(recorder.folder))

    def log(name: str, step: int, values: torch.Tensor) -> None:
        values = values.detach().to_dense() if values.is_sparse else values.detach()
        kept = recorder.keep(name, step, values.float().numpy())
        if np.isfinite(kept).any():  # the writer refuses a tensor with nothing finite in it
            writer.add_histogram(name, values, step)

    for step in range(first, first + steps + 1):
        optimizer.zero_grad()
        for _ in range(accumulate):
            chosen = torch.from_numpy(rng.integers(0, len(inputs), batch))
            loss = loss_of(model(inputs[chosen]), wanted[chosen])
            (loss * scale_loss / accumulate).backward()
        logged = step % log_every == 0
        if logged:
            writer.add_scalar("train/loss", loss.item(), step)
            for name, value in scalars().items():
                writer.add_scalar(name, value, step)
            for name, parameter in model.named_parameters():
                if not frozen_too and not parameter.requires_grad:
                    continue
                log(tag.format(name), step, parameter)
                if gradients and parameter.grad is not None:
                    log(tag.format(name) + ".grad", step, parameter.grad)
            for name, out in seen.items():
                log(f"activations/{name}", step, out)
            recorder.notes.setdefault("first_loss", loss.item())
            recorder.notes["last_loss"] = loss.item()
        if before_step is not None:
            before_step(step)
        before = {name: p.detach().clone() for name, p in model.named_parameters()} if updates and logged else {}
        optimizer.step()
        for name, parameter in model.named_parameters():
            if name in before:
                log(f"updates/{tag.format(name)}", step, parameter.detach() - before[name])
        if schedule is not None:
            schedule.step()
    writer.close()


def mlp(*widths: int, activation: Any = torch.nn.ReLU, bias: bool = True) -> torch.nn.Sequential:
    """Linear layers fc1, fc2, … with an activation between them."""
    parts: dict[str, torch.nn.Module] = {}
    for i, (inputs, outputs) in enumerate(pairwise(widths), 1):
        parts[f"fc{i}"] = torch.nn.Linear(inputs, outputs, bias=bias)
        if i < len(widths) - 1:
            parts[f"act{i}"] = activation()
    return torch.nn.Sequential(torch.nn.modules.container.OrderedDict(parts))


cross_entropy = torch.nn.functional.cross_entropy
mean_squares = torch.nn.functional.mse_loss
