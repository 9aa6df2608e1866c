"""Trains one policy network twice and logs its histograms: all layers, and the last layer only.

The network: 60 inputs, three tanh layers of 200 units and a softmax over five actions, no bias anywhere, weights
drawn Glorot-uniformly. It learns to imitate an expert. In the run `all_layers` Adam trains every layer; in
`last_layer_only` it is given layer 4 alone, so that layers 1 to 3 stay what they were drawn as. Both start from the
same weights and see the same batches.

    python train.py --logdir logs
    tensorboard --logdir logs
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf

ACTIONS = 5
FEATURES = 12  # of each action
INPUTS = ACTIONS * FEATURES
UNITS = 200
LAYERS = ("layer1", "layer2", "layer3", "layer4")
BATCH = 128
LOGGED_BATCH = 256
LEARNING_RATE = 3e-4
LOG_EVERY = 25

RUNS = {"all_layers": LAYERS, "last_layer_only": LAYERS[-1:]}
"""Run -> the layers that the optimiser is given."""


def situations(rng, count):
    """What the network sees, [count, 60]: twelve features of each of the five ways to go."""
    return rng.normal(0, 0.5, size=(count, INPUTS)).astype(np.float32)


def tastes(rng):
    """How much the expert likes each of the twelve features, and how much each changes its mood; [2, 12]."""
    return (rng.uniform(0.5, 1, size=(2, FEATURES)) * rng.choice([-1, 1], size=(2, FEATURES))).astype(np.float32)


def expert(states, taste):
    """The action that the expert takes: the way whose features it likes best, some more than their sum."""
    views = states.reshape(-1, ACTIONS, FEATURES)
    liking = views @ taste[0] * (1 + 0.3 * np.tanh(views @ taste[1]))
    return liking.argmax(axis=1).astype(np.int32)


def glorot_uniform(rng, fan_in, fan_out):
    """Uniform within +-sqrt(6 / (fan_in + fan_out)): 0.152 for layer 1."""
    limit = np.sqrt(6.0 / (fan_in + fan_out))
    return rng.uniform(-limit, limit, size=(fan_in, fan_out)).astype(np.float32)


def initial_weights(rng):
    """Layer -> kernel, as drawn."""
    widths = (INPUTS, UNITS, UNITS, UNITS, ACTIONS)
    return {layer: glorot_uniform(rng, *shape) for layer, *shape in zip(LAYERS, widths[:-1], widths[1:], strict=True)}


class Policy(tf.Module):
    """The network; `kernels`: layer -> variable."""

    def __init__(self, start):
        super().__init__()
        self.kernels = {layer: tf.Variable(kernel, name=f"{layer}/kernel") for layer, kernel in start.items()}

    def activations(self, states):
        """The outputs of the three hidden layers and the logits."""
        signal, outputs = states, []
        for layer in LAYERS[:-1]:
            signal = tf.tanh(signal @ self.kernels[layer])
            outputs.append(signal)
        return outputs, signal @ self.kernels[LAYERS[-1]]


def accuracy(logits, actions):
    return float(np.mean(np.argmax(logits, axis=1) == actions))


def train(folder, trained, start, data, *, seed, steps):
    """Trains one run and logs it.

    Returns:
      What was logged, raw: name -> array over the logged steps.
    """
    (states, actions), (test_states, test_actions) = data
    policy = Policy(start)
    variables = [policy.kernels[layer] for layer in trained]
    optimizer = tf.keras.optimizers.Adam(LEARNING_RATE)
    optimizer.build(variables)

    @tf.function
    def update(batch, wanted):
        with tf.GradientTape() as tape:
            _, logits = policy.activations(batch)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(wanted, logits))
        gradients = tape.gradient(loss, variables)
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return loss

    writer = tf.summary.create_file_writer(str(folder))
    order = np.random.default_rng([seed, 2])
    raw = {"steps": []}

    def keep(name, value):
        raw.setdefault(name, []).append(np.array(value))

    for step in range(steps + 1):
        batch = order.integers(0, len(states), BATCH)
        if step % LOG_EVERY == 0:
            seen = order.integers(0, len(states), LOGGED_BATCH)
            hidden, logits = policy.activations(states[seen])
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(actions[seen], logits))
            right = accuracy(policy.activations(test_states)[1].numpy(), test_actions)
            with writer.as_default(step):
                for layer in LAYERS:
                    tf.summary.histogram(f"{layer}/kernel", policy.kernels[layer])
                tf.summary.histogram("layer1/activations", hidden[0])
                tf.summary.scalar("loss", loss)
                tf.summary.scalar("accuracy", right)
            raw["steps"].append(step)
            for layer in LAYERS:
                keep(f"{layer}/kernel", policy.kernels[layer].numpy())
            keep("layer1/activations", hidden[0].numpy())
            keep("loss", loss.numpy())
            keep("accuracy", right)
        update(tf.constant(states[batch]), tf.constant(actions[batch]))
    writer.close()
    trained_kernels = {layer: policy.kernels[layer].numpy() for layer in LAYERS}
    for name, back in (("initial_layer4_back", LAYERS[-1:]), ("initial_layers123_back", LAYERS[:-1])):
        mixed = Policy({layer: start[layer] if layer in back else trained_kernels[layer] for layer in LAYERS})
        raw[name] = [accuracy(mixed.activations(test_states)[1].numpy(), test_actions)]
    return {name: np.stack(values) for name, values in raw.items()}


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--logdir", type=Path, default=Path("logs"), help="where the two runs are written")
    parser.add_argument("--seed", type=int, default=0, help="of weights, data and batches")
    parser.add_argument("--steps", type=int, default=750, help="updates of each run")
    parser.add_argument("--raw", type=Path, help="also save the logged tensors themselves: FILE.npz")
    args = parser.parse_args(argv)

    tf.config.threading.set_intra_op_parallelism_threads(2)
    rng = np.random.default_rng([args.seed, 0])
    taste = tastes(rng)
    states, test_states = situations(rng, 40_000), situations(rng, 2_000)
    data = (states, expert(states, taste)), (test_states, expert(test_states, taste))
    start = initial_weights(np.random.default_rng([args.seed, 1]))

    kept = {}
    for run, trained in RUNS.items():
        raw = train(args.logdir / run, trained, start, data, seed=args.seed, steps=args.steps)
        print(f"{run}: accuracy {raw['accuracy'][0]:.2f} -> {raw['accuracy'][-1]:.2f}")
        for layer in LAYERS:
            first, last = raw[f"{layer}/kernel"][[0, -1]]
            moved = np.abs(last - first).mean() / first.std()
            print(f"  {layer}: its weights moved by {moved:.2f} of their spread")
        print(f"  with the initial layer 4 put back: {raw['initial_layer4_back'][0]:.2f}")
        print(f"  with the initial layers 1 to 3 put back: {raw['initial_layers123_back'][0]:.2f}")
        kept |= {f"{run}/{name}": value for name, value in raw.items()}
    if args.raw:
        np.savez_compressed(args.raw, **kept)


if __name__ == "__main__":
    main()
