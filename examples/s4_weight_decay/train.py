"""Trains a perceptron on drawn digits with and without a penalty on its weights, and logs its kernels and its losses.

Three dense layers with 256 hidden units, plain SGD. The penalty is half of lambda times the sum of the squared weights
of the kernels, which is a weight decay of (learning rate x lambda) per step. Six runs:

- `no_decay`, `decay_0.01`, `decay_3`: lambda 0, 0.01 and 3, learning rate 0.1;
- `decay_3_slow`: lambda 3, learning rate 0.001;
- `noisy_labels`, `noisy_labels_decay`: 600 pictures, half of them with a label drawn at random; lambda 0 and 0.01.

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

WIDTHS = {"dense1": (SIDE * SIDE, 256), "dense2": (256, 256), "dense3": (256, 10)}
BATCH = 100
LOG_EVERY = 50
WRONG = 0.5  # share of labels that are drawn at random
FEW = 600

RUNS = {
    "no_decay": {"decay": 0.0, "rate": 0.1, "noisy": False},
    "decay_0.01": {"decay": 0.01, "rate": 0.1, "noisy": False},
    "decay_3": {"decay": 3.0, "rate": 0.1, "noisy": False},
    "decay_3_slow": {"decay": 3.0, "rate": 0.001, "noisy": False},
    "noisy_labels": {"decay": 0.0, "rate": 0.1, "noisy": True},
    "noisy_labels_decay": {"decay": 0.01, "rate": 0.1, "noisy": True},
}


def initial(rng):
    """Kernels as He et al. draw them, biases 0."""
    start = {}
    for layer, shape in WIDTHS.items():
        start[f"{layer}/kernel"] = rng.normal(0, np.sqrt(2 / shape[0]), shape).astype(np.float32)
        start[f"{layer}/bias"] = np.zeros(shape[1], np.float32)
    return start


def logits_of(variables, pictures):
    signal = pictures
    for layer in WIDTHS:
        signal = signal @ variables[f"{layer}/kernel"] + variables[f"{layer}/bias"]
        if layer != "dense3":
            signal = tf.nn.relu(signal)
    return signal


def train(folder, start, training, validation, *, decay, rate, seed, steps):
    """Trains one run and logs it.

    Returns:
      What was logged, raw: tag -> array over the logged steps.
    """
    variables = {tag: tf.Variable(value, name=tag) for tag, value in start.items()}
    kernels = [variable for tag, variable in variables.items() if tag.endswith("kernel")]
    pictures, labels = (tf.constant(part) for part in training)

    def loss_of(some_pictures, some_labels):
        logits = logits_of(variables, some_pictures)
        right = tf.reduce_mean(tf.cast(tf.argmax(logits, 1, tf.int32) == some_labels, tf.float32))
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(some_labels, logits)), right

    @tf.function
    def update(batches):
        for batch in batches:
            with tf.GradientTape() as tape:
                loss, _ = loss_of(tf.gather(pictures, batch), tf.gather(labels, batch))
                penalty = tf.add_n([0.5 * decay * tf.reduce_sum(tf.square(kernel)) for kernel in kernels])
                total = loss + penalty
            for variable, gradient in zip(
                variables.values(), tape.gradient(total, list(variables.values())), strict=True
            ):
                variable.assign_sub(rate * gradient)

    @tf.function
    def losses():
        return loss_of(pictures[:2000], labels[:2000]), loss_of(*validation)

    writer = tf.summary.create_file_writer(str(folder))
    order = np.random.default_rng([seed, 2])
    raw = {}
    for step in range(0, steps + 1, LOG_EVERY):
        (loss, accuracy), (val_loss, val_accuracy) = losses()
        scalars = {"loss": loss, "val_loss": val_loss, "accuracy": accuracy, "val_accuracy": val_accuracy}
        with writer.as_default(step):
            for tag, variable in variables.items():
                tf.summary.histogram(tag, variable)
            for tag, value in scalars.items():
                tf.summary.scalar(tag, value)
        for tag, value in (variables | scalars | {"steps": step}).items():
            raw.setdefault(tag, []).append(np.array(value))
        if step < steps:
            update(tf.constant(order.integers(0, len(pictures), (LOG_EVERY, BATCH))))
    writer.close()
    return {tag: np.stack(values) for tag, values in raw.items()}


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--logdir", type=Path, default=Path("logs"), help="where the runs are written")
    parser.add_argument("--seed", type=int, default=0, help="of weights, data and batches")
    parser.add_argument("--steps", type=int, default=1000, help="updates of each run")
    parser.add_argument("--raw", type=Path, help="also save the logged tensors themselves: FILE.npz")
    args = parser.parse_args(argv)

    tf.config.threading.set_intra_op_parallelism_threads(2)
    rng = np.random.default_rng([args.seed, 0])
    (pictures, labels), (other_pictures, other_labels) = drawn_digits(rng, 6000), drawn_digits(rng, 2000)
    pictures, other_pictures = (some.reshape(len(some), -1) for some in (pictures, other_pictures))
    few_labels = np.where(rng.random(FEW) < WRONG, rng.integers(0, 10, FEW), labels[:FEW]).astype(np.int32)
    start = initial(np.random.default_rng([args.seed, 1]))

    kept = {}
    for run, settings in RUNS.items():
        training = (pictures[:FEW], few_labels) if settings["noisy"] else (pictures, labels)
        validation = tf.constant(other_pictures), tf.constant(other_labels)
        options = {"decay": settings["decay"], "rate": settings["rate"], "seed": args.seed, "steps": args.steps}
        raw = train(args.logdir / run, start, training, validation, **options)
        for kind in ("loss", "val_loss", "val_accuracy"):
            print(f"{run}: {kind} {raw[kind][0]:.2f} -> {raw[kind][-1]:.2f}, lowest {raw[kind].min():.2f}")
        for layer in WIDTHS:
            spread = raw[f"{layer}/kernel"].std(axis=(1, 2))
            print(
                f"  {layer}: spread of its kernel {spread[0]:.4f} -> {spread[-1]:.4f}, x {spread[-1] / spread[0]:.3g}"
            )
        kept |= {f"{run}/{name}": value for name, value in raw.items()}
    if args.raw:
        np.savez(args.raw, **kept)


if __name__ == "__main__":
    main()
