"""Trains a convolutional network on drawn digits and logs its kernels and biases: what moves, and what seems not to.

Five convolutions with local response normalisation and pooling, two dense layers, Adam at 1e-4, biases that start at
0.1. Two trainings from the same weights on the same batches, written as five runs:

- `all_variables`: the picture of the question, kernels and biases;
- `all_variables_updates`: the same training, with the update of each tensor (new minus old values) logged as well;
- `biases_only`: Adam is given the biases alone, so that the kernels stay what they were drawn as;
- `shuffled`: the same training, but each kernel is shuffled before it is logged: its histogram stays the same while
  nearly every value changes;
- `shuffled_updates`: the same again, with what was logged minus what was logged before.

    python train.py --logdir logs
    tensorboard --logdir logs
"""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import tensorflow as tf
from drawn_digits import SIDE, drawn_digits

CHANNELS = {"conv1": 16, "conv2": 24, "conv3": 32, "conv4": 32, "conv5": 32}
POOLED = ("conv1", "conv2", "conv5")
UNITS = {"dense1": 96, "dense2": 10}
LAYERS = (*CHANNELS, *UNITS)
LEARNING_RATE = 1e-4
BIAS_START = 0.1
BATCH = 64
LOG_EVERY = 25


def initial(rng):
    """Tag -> value: kernels from a normal cut at two standard deviations, biases all alike."""
    start, channels, side = {}, 1, SIDE
    for layer, wide in CHANNELS.items():
        start[f"{layer}/kernel"] = cut_normal(rng, (3, 3, channels, wide))
        channels, side = wide, -(-side // 2) if layer in POOLED else side
    units = side * side * channels
    for layer, wide in UNITS.items():
        start[f"{layer}/kernel"] = cut_normal(rng, (units, wide))
        units = wide
    biases = {f"{tag.split('/')[0]}/bias": np.full(kernel.shape[-1], BIAS_START) for tag, kernel in start.items()}
    return {tag: value.astype(np.float32) for tag, value in (start | biases).items()}


def cut_normal(rng, shape):
    """Of the standard deviation that He et al. give for this fan-in, before it is cut."""
    values = rng.normal(size=shape)
    while (beyond := np.abs(values) > 2).any():
        values[beyond] = rng.normal(size=int(beyond.sum()))
    return values * np.sqrt(2 / np.prod(shape[:-1]))


def logits_of(variables, pictures):
    signal = pictures[..., None]
    for layer in CHANNELS:
        signal = tf.nn.conv2d(signal, variables[f"{layer}/kernel"], 1, "SAME") + variables[f"{layer}/bias"]
        signal = tf.nn.relu(signal)
        if layer in POOLED:
            signal = tf.nn.max_pool2d(tf.nn.local_response_normalization(signal, 4, 1.0, 1e-4, 0.75), 2, 2, "SAME")
    signal = tf.reshape(signal, [len(signal), -1])
    signal = tf.nn.relu(signal @ variables["dense1/kernel"] + variables["dense1/bias"])
    return signal @ variables["dense2/kernel"] + variables["dense2/bias"]


class Log:
    """One run: what is written, and the same raw."""

    def __init__(self, folder, *, updates):
        self.writer = tf.summary.create_file_writer(str(folder))
        self.updates = updates
        self.raw = {}

    def keep(self, step, values, updates, scalars):
        """Everything of one step."""
        named = values | ({f"{tag}/update": value for tag, value in updates.items()} if self.updates else {})
        with self.writer.as_default(step):
            for tag, value in named.items():
                tf.summary.histogram(tag, value)
            for tag, value in scalars.items():
                tf.summary.scalar(tag, value)
        for tag, value in (named | scalars | {"steps": step}).items():
            self.raw.setdefault(tag, []).append(np.array(value))


def train(logs, shuffled, trained, start, data, *, seed, steps):
    """Trains the named kinds of tensors and logs it as all of these runs."""
    pictures, labels = data
    variables = {tag: tf.Variable(value, name=tag) for tag, value in start.items()}
    chosen = [variable for tag, variable in variables.items() if tag.split("/")[1] in trained]
    optimizer = tf.keras.optimizers.Adam(LEARNING_RATE)
    optimizer.build(chosen)

    @tf.function(reduce_retracing=True)
    def update(batch, wanted):
        with tf.GradientTape() as tape:
            logits = logits_of(variables, batch)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(wanted, logits))
        optimizer.apply_gradients(zip(tape.gradient(loss, chosen), chosen, strict=True))
        right = tf.reduce_mean(tf.cast(tf.argmax(logits, 1, tf.int32) == wanted, tf.float32))
        return loss, right

    order, mixing = np.random.default_rng([seed, 2]), np.random.default_rng([seed, 3])
    mixed = start
    recent = []
    for step in range(steps + 1):
        batch = order.integers(0, len(pictures), BATCH)
        logged = step % LOG_EVERY == 0
        before = {tag: variable.numpy() for tag, variable in variables.items()} if logged else {}
        recent.append([float(value) for value in update(tf.constant(pictures[batch]), tf.constant(labels[batch]))])
        if not logged:
            continue
        loss, accuracy = np.mean(recent[-LOG_EVERY:], axis=0)
        scalars = {"loss": np.float32(loss), "accuracy": np.float32(accuracy)}
        updates = {tag: variable.numpy() - before[tag] for tag, variable in variables.items()}
        for log in logs:
            log.keep(step, before, updates, scalars)
        if shuffled:
            new = {tag: value if tag.endswith("bias") else _mixed(mixing, value) for tag, value in before.items()}
            for log in shuffled:
                log.keep(step, new, {tag: value - mixed[tag] for tag, value in new.items()}, scalars)
            mixed = new


def _mixed(rng, kernel):
    return rng.permutation(kernel.ravel()).reshape(kernel.shape)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--logdir", type=Path, default=Path("logs"), help="where the runs are written")
    parser.add_argument("--seed", type=int, default=0, help="of weights, data and batches")
    parser.add_argument("--steps", type=int, default=300, help="updates of each training")
    parser.add_argument("--raw", type=Path, help="also save the logged tensors themselves: FILE.npz")
    args = parser.parse_args(argv)

    tf.config.threading.set_intra_op_parallelism_threads(2)
    data = drawn_digits(np.random.default_rng([args.seed, 0]), 8000)
    start = initial(np.random.default_rng([args.seed, 1]))
    names = ("all_variables", "all_variables_updates", "biases_only", "shuffled", "shuffled_updates")
    logs = {run: Log(args.logdir / run, updates=run.endswith("updates")) for run in names}
    common = {"seed": args.seed, "steps": args.steps}
    train([logs[names[0]], logs[names[1]]], [], ("kernel", "bias"), start, data, **common)
    train([logs[names[2]]], [logs[names[3]], logs[names[4]]], ("bias",), start, data, **common)

    kept = {}
    for run, log in logs.items():
        log.writer.close()
        raw = {tag: np.stack(values) for tag, values in log.raw.items()}
        print(f"{run}: loss {raw['loss'][0]:.2f} -> {raw['loss'][-1]:.2f}, accuracy {raw['accuracy'][-1]:.2f}")
        for layer in LAYERS:
            parts = []
            for kind in ("kernel", "bias"):
                first, last = (raw[f"{layer}/{kind}"][at].astype(float) for at in (0, -1))
                moved = np.abs(last - first).mean()
                parts.append(f"{kind} moved by {moved:.5f}, {moved / max(np.ptp(last), 1e-9):.1%} of its range")
            print(f"  {layer}: {'; '.join(parts)}")
        kept |= {f"{run}/{tag}": value for tag, value in raw.items()}
    if args.raw:
        np.savez_compressed(args.raw, **kept)


if __name__ == "__main__":
    main()
