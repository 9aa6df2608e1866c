"""What `tb_histinsight.torch.InsightLogger` costs a training: a small CNN, with and without, in turns.

    python -m benchmarks.logging_cost [--every 100] [--rounds 5]

Prints the time within the logger and its hooks as a share of the training's own, per round; needs PyTorch. The ratio
of whole trainings with and without shows the noise beside it.
"""

import argparse
import statistics
import tempfile
import time

import torch

from tb_histinsight.torch import InsightLogger

STEPS = 100
"""One log in these at the default of every 100 steps, and that of the initial state."""
BATCH = 64


def network():
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Conv2d(3, 32, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(32, 64, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(64 * 8 * 8, 128),
        torch.nn.ReLU(),
        torch.nn.Linear(128, 10),
    )


class Timed(InsightLogger):
    """Adds up the processor time of its hooks."""

    hooks = 0.0

    def _keep(self, name, output):
        before = time.process_time()
        super()._keep(name, output)
        self.hooks += time.process_time() - before


def seconds(every, **options):
    """Processor time of STEPS steps, and of it within the logger; `every` None: nothing is logged."""
    model = network()
    optimiser = torch.optim.Adam(model.parameters())
    inputs, classes = torch.randn(BATCH, 3, 32, 32), torch.randint(0, 10, (BATCH,))
    with tempfile.TemporaryDirectory() as folder:
        insight = None if every is None else Timed(model, folder, every=every, **options)
        start, within = time.process_time(), 0.0
        for _ in range(STEPS):
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(model(inputs), classes).backward()
            optimiser.step()
            if insight is not None:
                before = time.process_time()
                insight.step()
                within += time.process_time() - before
        taken = time.process_time() - start
        if insight is not None:
            within += insight.hooks
            insight.close()
            assert insight.broken is None
    return taken, within


def _spread(values):
    return f"{statistics.median(values):.1%} ({min(values):.1%} to {max(values):.1%})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    count = sum(parameter.numel() for parameter in network().parameters())
    print(f"{count} parameters, batches of {BATCH}, {STEPS} steps, logged every {arguments.every}")
    for name, options in (
        ("weights, gradients, updates", {}),
        ("and activations", {"activations": True}),
        ("and activations, every value", {"activations": True, "activation_values": None}),
    ):
        shares, ratios = [], []
        for _ in range(arguments.rounds):
            without, _ = seconds(None)
            taken, within = seconds(arguments.every, **options)
            shares.append(within / (taken - within))
            ratios.append(taken / without - 1)
        print(f"{name}: {_spread(shares)} within the logger; {_spread(ratios)} longer than without")


if __name__ == "__main__":
    main()
