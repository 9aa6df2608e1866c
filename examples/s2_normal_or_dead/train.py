"""A linear regression as in a tutorial, and three small networks whose weights sit near 0 for different reasons.

- `regression`: y = k x with noise, through a layer of 1000 units (weights drawn from N(0, 1)) and a dense layer whose
  weights are drawn from N(0, 0.001); writes graph, scalars, histograms and images, as TensorFlow's tutorials do;
- `small_start`: a perceptron on drawn digits whose first layer is drawn from N(0, 0.001), and grows;
- `collapsed`: the same perceptron from a usual start, under a weight decay that leaves nothing of it;
- `sparse_l1`: the same under an L1 penalty, which sets most weights to exactly 0, and learns all the same.

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

K, NOISE = 3.0, 0.5
WIDE = 1000
HIDDEN = 64
PIXELS = SIDE * SIDE
BATCH = 100
LOG_EVERY = 50

PERCEPTRONS = {
    "small_start": {"std": 0.001, "rate": 0.1, "decay": 0.0, "l1": 0.0},
    "collapsed": {"std": np.sqrt(2 / PIXELS), "rate": 0.005, "decay": 1.0, "l1": 0.0},
    "sparse_l1": {"std": np.sqrt(2 / PIXELS), "rate": 0.1, "decay": 0.0, "l1": 0.003},
}


class Log:
    """One run: what is written, and the same raw."""

    def __init__(self, folder):
        self.writer = tf.summary.create_file_writer(str(folder))
        self.raw = {}

    def keep(self, step, histograms, scalars, images=()):
        with self.writer.as_default(step):
            for tag, value in histograms.items():
                tf.summary.histogram(tag, value)
            for tag, value in scalars.items():
                tf.summary.scalar(tag, value)
            for tag, picture in dict(images).items():
                tf.summary.image(tag, picture[None])
        for tag, value in (histograms | scalars | {"steps": step}).items():
            self.raw.setdefault(tag, []).append(np.array(value))

    def finished(self):
        self.writer.close()
        return {tag: np.stack(values) for tag, values in self.raw.items()}


def drawn(x, y, line):
    """The points and the fitted line as a picture; [64, 64, 3]."""
    picture = np.ones((64, 64, 3), np.float32)

    def dots(some_x, some_y, colour):
        row = np.clip((31.5 - some_y * 31.5 / (1.5 * K)).astype(int), 0, 63)
        column = np.clip((31.5 + some_x * 31.5).astype(int), 0, 63)
        picture[row, column] = colour

    dots(x, y, (0.6, 0.6, 0.6))
    dots(x, line, (0.8, 0.1, 0.1))
    return picture


def regression(folder, seed, steps):
    """Fits y = k x with noise by two linear layers."""
    rng = np.random.default_rng([seed, 1])
    x = rng.uniform(-1, 1, (2000, 1)).astype(np.float32)
    y = (K * x + NOISE * rng.normal(size=x.shape)).astype(np.float32)
    variables = {
        "linear/kernel": tf.Variable(rng.normal(0, 1, (1, WIDE)).astype(np.float32)),
        "linear/bias": tf.Variable(np.zeros(WIDE, np.float32)),
        "dense/kernel": tf.Variable(rng.normal(0, 0.001, (WIDE, 1)).astype(np.float32)),
        "dense/bias": tf.Variable(np.zeros(1, np.float32)),
    }

    optimizer = tf.keras.optimizers.Adam(1e-5)
    optimizer.build(list(variables.values()))

    @tf.function
    def fitted(numbers):
        wide = numbers @ variables["linear/kernel"] + variables["linear/bias"]
        return wide @ variables["dense/kernel"] + variables["dense/bias"]

    @tf.function
    def update(numbers, wanted):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(fitted(numbers) - wanted))
        gradients = tape.gradient(loss, list(variables.values()))
        optimizer.apply_gradients(zip(gradients, variables.values(), strict=True))

    log = Log(folder)
    with log.writer.as_default(0):
        tf.summary.graph(fitted.get_concrete_function(tf.constant(x)).graph)
    for step in range(steps + 1):
        if step % LOG_EVERY == 0:
            line = fitted(tf.constant(x)).numpy()
            picture = drawn(x.ravel(), y.ravel(), line.ravel())
            loss = np.float32(np.mean((line - y) ** 2))
            log.keep(step, {tag: v.numpy() for tag, v in variables.items()}, {"loss": loss}, {"fit": picture})
        batch = rng.integers(0, len(x), BATCH)
        update(tf.constant(x[batch]), tf.constant(y[batch]))
    return log.finished()


def perceptron(folder, data, seed, steps, *, std, rate, decay, l1):
    """Two dense layers on drawn digits."""
    rng = np.random.default_rng([seed, 2])
    (pictures, labels), (other_pictures, other_labels) = data
    variables = {
        "dense1/kernel": tf.Variable(rng.normal(0, std, (PIXELS, HIDDEN)).astype(np.float32)),
        "dense1/bias": tf.Variable(np.zeros(HIDDEN, np.float32)),
        "dense2/kernel": tf.Variable(rng.normal(0, np.sqrt(2 / HIDDEN), (HIDDEN, 10)).astype(np.float32)),
        "dense2/bias": tf.Variable(np.zeros(10, np.float32)),
    }
    kernels = [variables["dense1/kernel"], variables["dense2/kernel"]]

    def logits_of(some):
        hidden = tf.nn.relu(some @ variables["dense1/kernel"] + variables["dense1/bias"])
        return hidden @ variables["dense2/kernel"] + variables["dense2/bias"]

    @tf.function
    def update(batch, wanted):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(wanted, logits_of(batch)))
            total = loss + 0.5 * decay * tf.add_n([tf.reduce_sum(tf.square(kernel)) for kernel in kernels])
        for variable, gradient in zip(variables.values(), tape.gradient(total, list(variables.values())), strict=True):
            variable.assign_sub(rate * gradient)
        for kernel in kernels:  # the L1 penalty as a step of its own: what it would carry across 0 becomes 0
            kernel.assign(tf.sign(kernel) * tf.nn.relu(tf.abs(kernel) - rate * l1))
        return loss

    @tf.function
    def right():
        found = tf.argmax(logits_of(tf.constant(other_pictures)), 1, tf.int32)
        return tf.reduce_mean(tf.cast(found == tf.constant(other_labels), tf.float32))

    log = Log(folder)
    losses = []
    for step in range(steps + 1):
        batch = rng.integers(0, len(pictures), BATCH)
        logged = {tag: v.numpy() for tag, v in variables.items()} if step % LOG_EVERY == 0 else None
        accuracy = right() if logged else None
        losses.append(update(tf.constant(pictures[batch]), tf.constant(labels[batch])))
        if logged:
            log.keep(step, logged, {"loss": np.float32(np.mean(losses[-10:])), "accuracy": accuracy.numpy()})
    return log.finished()


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--logdir", type=Path, default=Path("logs"), help="where the runs are written")
    parser.add_argument("--seed", type=int, default=0, help="of weights, data and batches")
    parser.add_argument("--steps", type=int, default=1000, help="updates of each training")
    parser.add_argument("--raw", type=Path, help="also save the logged tensors themselves: FILE.npz")
    args = parser.parse_args(argv)

    tf.config.threading.set_intra_op_parallelism_threads(2)
    rng = np.random.default_rng([args.seed, 0])
    drawings = [drawn_digits(rng, count) for count in (6000, 1000)]
    data = [(pictures.reshape(len(pictures), -1), labels) for pictures, labels in drawings]
    runs = {"regression": regression(args.logdir / "regression", args.seed, args.steps)}
    for run, settings in PERCEPTRONS.items():
        runs[run] = perceptron(args.logdir / run, data, args.seed, args.steps, **settings)
    kept = {}
    for run, raw in runs.items():
        what = f", accuracy {raw['accuracy'][-1]:.2f}" if "accuracy" in raw else ""
        print(f"{run}: loss {raw['loss'][0]:.2f} -> {raw['loss'][-1]:.2f}{what}")
        for tag in raw:
            if tag.endswith("kernel"):
                first, last = raw[tag][0], raw[tag][-1]
                scale = f"spread {first.std():.2e} -> {last.std():.2e}, x {last.std() / first.std():.3g}"
                within = [(np.abs(last - last.mean()) < share * last.std()).mean() for share in (0.5, 1.5)]
                shares = f"within half a sigma {within[0]:.1%}, within one and a half {within[1]:.1%}"
                print(f"  {tag}: {scale}; exactly 0: {(last == 0).mean():.0%}; {shares}")
        kept |= {f"{run}/{tag}": value for tag, value in raw.items()}
    if args.raw:
        np.savez_compressed(args.raw, **kept)


if __name__ == "__main__":
    main()
