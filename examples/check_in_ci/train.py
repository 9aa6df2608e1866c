"""Trains a small network for a few seconds and logs its weights and gradients; what a job in CI would do.

python train.py --logdir logs                         # learns
python train.py --logdir logs --learning-rate 100     # breaks
"""

import argparse

import torch
from torch import nn
from torch.utils.tensorboard import SummaryWriter

STEPS = 300
LOG_EVERY = 20
BATCH = 128


def examples(generator, count):
    """Points in a ring around 0 (class 1) or inside it (class 0), [count, 2], and their classes, [count]."""
    classes = torch.randint(0, 2, (count,), generator=generator)
    radius = 0.3 + 0.7 * classes + 0.15 * torch.randn(count, generator=generator)
    angle = 6.2832 * torch.rand(count, generator=generator)
    return torch.stack((radius * angle.cos(), radius * angle.sin()), dim=1), classes


def network():
    """Two hidden layers of 64 ReLU units."""
    layers = {
        "dense_1": nn.Linear(2, 64),
        "relu_1": nn.ReLU(),
        "dense_2": nn.Linear(64, 64),
        "relu_2": nn.ReLU(),
        "dense_3": nn.Linear(64, 2),
    }
    return nn.Sequential(*layers.values()), list(layers)


def log(writer, model, names, step):
    for name, parameter in model.named_parameters():
        index, _, kind = name.partition(".")
        tag = f"{names[int(index)]}/{kind}"
        writer.add_histogram(tag, parameter, step)
        writer.add_histogram(f"gradients/{tag}", parameter.grad, step)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logdir", required=True)
    parser.add_argument("--learning-rate", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    torch.manual_seed(arguments.seed)
    generator = torch.Generator().manual_seed(arguments.seed)
    model, names = network()
    optimiser = torch.optim.SGD(model.parameters(), lr=arguments.learning_rate)
    with SummaryWriter(arguments.logdir) as writer:
        for step in range(STEPS + 1):
            inputs, classes = examples(generator, BATCH)
            outputs = model(inputs)
            loss = nn.functional.cross_entropy(outputs, classes)
            optimiser.zero_grad()
            loss.backward()
            if step % LOG_EVERY == 0:
                writer.add_scalar("loss", loss, step)
                log(writer, model, names, step)
            optimiser.step()
    inputs, classes = examples(generator, 1000)
    accuracy = (model(inputs).argmax(dim=1) == classes).float().mean().item()
    print(f"accuracy {accuracy:.2f}")


if __name__ == "__main__":
    main()
