"""Trains a small encoder three times and logs weights and gradients: with two layers, with three, and repaired.

The encoder has one input, 16 ReLU units per hidden layer and one output, and is to give back what it is given. It is
trained by plain SGD, one example at a time, gradients clipped by their norm. `two_layers` and `three_layers` draw
their weights from N(0, 0.001) and start their biases at 0; `three_layers_repaired` draws them as Glorot and Bengio
do, and starts the biases at 0.1. All three see the same examples.

    python train.py --logdir logs
    tensorboard --logdir logs
"""

import argparse
import os
from itertools import pairwise
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf

UNITS = 16
LEARNING_RATE = 1e-3
CLIP_NORM = 5.0
LOG_EVERY = 10
LARGEST = 4.0  # the numbers to give back are between 0 and this
TOO_SMALL = 1e-3  # standard deviation

RUNS = {
    "two_layers": {"widths": (1, UNITS, 1), "repaired": False},
    "three_layers": {"widths": (1, UNITS, UNITS, 1), "repaired": False},
    "three_layers_repaired": {"widths": (1, UNITS, UNITS, 1), "repaired": True},
}


def parameters(widths, rng, *, repaired):
    """Name -> variable: W, b, W_1, b_1, ... in the order of the layers."""
    found = {}
    for i, (fan_in, fan_out) in enumerate(pairwise(widths)):
        end = f"_{i}" if i else ""
        std = np.sqrt(2 / (fan_in + fan_out)) if repaired else TOO_SMALL
        found[f"W{end}"] = tf.Variable(rng.normal(0, std, (fan_in, fan_out)).astype(np.float32), name=f"W{end}")
        start = np.full(fan_out, 0.1 if repaired else 0.0, np.float32)
        found[f"b{end}"] = tf.Variable(start, name=f"b{end}")
    return found


def encode(variables, numbers):
    """What the network gives back; [batch, 1]."""
    values = list(variables.values())
    signal = numbers
    for i in range(0, len(values), 2):
        signal = signal @ values[i] + values[i + 1]
        if i + 2 < len(values):
            signal = tf.nn.relu(signal)
    return signal


def train(folder, widths, examples, *, repaired, seed):
    """Trains one run and logs it.

    Returns:
      What was logged, raw: tag -> array over the logged steps; and what it gives back for 0, ..., LARGEST at the end.
    """
    variables = parameters(widths, np.random.default_rng([seed, 1]), repaired=repaired)
    optimizer = tf.keras.optimizers.SGD(LEARNING_RATE)
    optimizer.build(list(variables.values()))
    asked = tf.constant(np.linspace(0, LARGEST, 64, dtype=np.float32)[:, None])

    @tf.function
    def update(number):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(encode(variables, number) - number))
        gradients = tape.gradient(loss, list(variables.values()))
        clipped, _ = tf.clip_by_global_norm(gradients, CLIP_NORM)
        optimizer.apply_gradients(zip(clipped, variables.values(), strict=True))
        return gradients

    @tf.function
    def error():
        return tf.reduce_mean(tf.square(encode(variables, asked) - asked))

    writer = tf.summary.create_file_writer(str(folder))

    @tf.function
    def log(tensors, loss, step):
        with writer.as_default(step):
            for tag, tensor in tensors.items():
                tf.summary.histogram(tag, tensor)
            tf.summary.scalar("loss", loss)

    raw = {}
    for step, number in enumerate(examples):
        logged = step % LOG_EVERY == 0
        tensors = {f"{name}_0": tf.identity(variable) for name, variable in variables.items()} if logged else {}
        loss = error() if logged else None
        gradients = update(tf.constant(number[None, None]))
        if logged:
            tensors |= {f"{name}_0_grad": gradient for name, gradient in zip(variables, gradients, strict=True)}
            log(tensors, loss, tf.constant(step, tf.int64))
            for tag, value in (tensors | {"loss": loss, "steps": step}).items():
                raw.setdefault(tag, []).append(np.array(value))
    writer.close()
    raw["given_back"] = [encode(variables, asked).numpy().ravel()]
    return {name: np.stack(values) for name, values in raw.items()}


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--logdir", type=Path, default=Path("logs"), help="where the three runs are written")
    parser.add_argument("--seed", type=int, default=0, help="of weights and data")
    parser.add_argument("--steps", type=int, default=1000, help="updates of each run")
    parser.add_argument("--raw", type=Path, help="also save the logged tensors themselves: FILE.npz")
    args = parser.parse_args(argv)

    tf.config.threading.set_intra_op_parallelism_threads(2)
    examples = np.random.default_rng([args.seed, 0]).uniform(0, LARGEST, args.steps).astype(np.float32)
    kept = {}
    for run, settings in RUNS.items():
        raw = train(args.logdir / run, settings["widths"], examples, repaired=settings["repaired"], seed=args.seed)
        first, last = raw["W_0"][[0, -1]]
        late = raw["W_0_grad"][len(raw["steps"]) // 2 :]
        print(f"{run}: loss {raw['loss'][0]:.2f} -> {raw['loss'][-1]:.2f}")
        print(f"  gives back {raw['given_back'].min():.2f} to {raw['given_back'].max():.2f} for 0 to {LARGEST:g}")
        spread, zeros = np.median(late.std(axis=(1, 2))), (late == 0).mean()
        print(f"  spread of the gradient of W: {spread:.1e}, of its entries {zeros:.0%} exactly 0")
        print(f"  W moved by {np.abs(last - first).mean():.1e}, its spread is {first.std():.1e}")
        kept |= {f"{run}/{name}": value for name, value in raw.items()}
    if args.raw:
        np.savez_compressed(args.raw, **kept)


if __name__ == "__main__":
    main()
