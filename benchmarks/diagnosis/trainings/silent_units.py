"""Units that say nothing: dead, saturated, or with gradients that half precision cannot hold."""

import torch

from benchmarks.diagnosis import data, torch_loop
from benchmarks.diagnosis.torch_loop import cross_entropy, mlp
from benchmarks.diagnosis.training import Expect, sick
from benchmarks.diagnosis.truth import all_zero, at_both_ends, below, outer, underflows

DEAD = ("frozen-layer", "vanishing-gradient", "only-biases-learn", "only-last-layer-learns", "gradient-underflow")


@sick(Expect("dead-activations", "activations/act2", all_zero), also=DEAD)
def dead_by_bias(recorder, rng):
    """The biases of layer 2 start at -30: none of its units ever speaks."""
    model = mlp(32, 64, 64, 5)
    torch.nn.init.constant_(model.fc2.bias, -30.0)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    torch_loop.train(
        recorder, model, optimizer, cross_entropy, data.blobs(rng, 4000), rng=rng, outputs_of=("act1", "act2")
    )


@sick(
    Expect("dead-activations", "activations/act3", all_zero),
    also=(*DEAD, "exploding", "regime-change", "step-size", "outlier-dominated"),
)
def dead_by_learning_rate(recorder, rng):
    """One step much too large after a good start, and all units of layer 3 are silent for good."""
    model = mlp(32, 64, 64, 64, 5)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

    def jump(step):
        for group in optimizer.param_groups:
            group["lr"] = 0.05
        if step == 60:
            with torch.no_grad():
                model.fc3.bias.grad += 600.0

    torch_loop.train(
        recorder,
        model,
        optimizer,
        cross_entropy,
        data.blobs(rng, 4000),
        rng=rng,
        outputs_of=("act1", "act2", "act3"),
        before_step=jump,
    )


@sick(Expect("saturated-activations", "activations/act1", outer), also=("initial-scale", "vanishing-gradient"))
def saturated_by_inputs(recorder, rng):
    """Inputs that nobody normalised drive tanh to its ends."""
    points, label = data.blobs(rng, 4000)
    model = mlp(32, 64, 64, 5, activation=torch.nn.Tanh)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    torch_loop.train(
        recorder, model, optimizer, cross_entropy, (points * 100, label), rng=rng, outputs_of=("act1", "act2")
    )


@sick(
    Expect("gradient-underflow", "fc1.weight.grad", below(1e-8)),
    also=("vanishing-gradient", "barely-moves", "step-size", "only-biases-learn"),
)
def loss_scaled_down(recorder, rng):
    """The loss is divided by ten million: gradients are smaller than what Adam adds to them."""
    model = mlp(32, 64, 64, 5)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    torch_loop.train(recorder, model, optimizer, cross_entropy, data.blobs(rng, 4000), rng=rng, scale_loss=1e-7)


@sick(
    Expect("saturated-activations", "activations/act2", at_both_ends),
    also=("initial-scale", "vanishing-gradient", "step-size", "untrained-initialisation"),
)
def saturated_by_weights(recorder, rng):
    """Sigmoid units whose weights start at N(0, 5)."""
    model = mlp(32, 64, 64, 5, activation=torch.nn.Sigmoid)
    with torch.no_grad():
        for layer in (model.fc1, model.fc2):
            layer.weight.normal_(0, 5)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    torch_loop.train(
        recorder, model, optimizer, cross_entropy, data.blobs(rng, 4000), rng=rng, outputs_of=("act1", "act2")
    )


@sick(
    Expect("gradient-underflow", "fc1.weight.grad", underflows),
    also=("vanishing-gradient", "barely-moves", "step-size", "only-biases-learn", "untrained-initialisation"),
)
def half_precision_unscaled(recorder, rng):
    """Half precision with a loss scale of 1, and a loss that is averaged over a thousand times too much."""
    model = mlp(32, 64, 64, 5)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    torch_loop.train(
        recorder,
        model,
        optimizer,
        cross_entropy,
        data.blobs(rng, 4000),
        rng=rng,
        scale_loss=1e-4,
        scalars=lambda: {"amp/loss_scale": 1.0},
    )
