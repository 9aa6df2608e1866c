"""Something happens at one step: the learning rate jumps, layers are thawed, the log goes back."""

import keras
import torch

from benchmarks.diagnosis import data, keras_loop, torch_loop
from benchmarks.diagnosis.torch_loop import cross_entropy, mlp
from benchmarks.diagnosis.training import Expect, sick
from benchmarks.diagnosis.truth import goes_back, jumps

ALSO = ("step-size", "exploding", "outlier-dominated", "untrained-initialisation", "dead-activations", "frozen-layer")


@sick(Expect("regime-change", "fc2.weight", jumps), also=ALSO)
def rate_jumps(recorder, rng):
    """Someone moves a decimal point: the learning rate is 100 times larger from step 180 on."""
    model = mlp(32, 64, 64, 5, activation=torch.nn.Tanh)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.004)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 100.0 if step >= 180 else 1.0)
    points = data.blobs(rng, 4000)
    torch_loop.train(recorder, model, optimizer, cross_entropy, points, rng=rng, schedule=schedule)


@sick(Expect("regime-change", "dense_1/kernel:0", jumps), also=ALSO)
def other_weights_loaded(recorder, rng):
    """In the middle of a training the weights of another network are loaded."""
    keras.utils.set_random_seed(int(rng.integers(1 << 30)))
    layers = keras.layers

    def network():
        return keras.Sequential(
            [
                keras.Input((32,)),
                layers.Dense(64, activation="relu", name="dense"),
                layers.Dense(64, activation="relu", name="dense_1"),
                layers.Dense(5, name="dense_2"),
            ]
        )

    model, other = network(), network()
    points = data.blobs(rng, 3000)

    class Loading(keras.optimizers.SGD):
        """Loads the other network's weights at step 200."""

        def apply_gradients(self, pairs):
            super().apply_gradients(pairs)
            late = keras.ops.cast(self.iterations == 200, "float32")
            for mine, theirs in zip(model.variables, other.variables, strict=True):
                mine.assign(late * theirs + (1 - late) * mine)

    keras_loop.loop(
        recorder,
        model,
        points,
        rng,
        optimizer=Loading(0.01),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        name=lambda variable: variable.path.split("/", 1)[-1] + ":0",
    )


@sick(Expect("regime-change", "fc1.weight", goes_back), also=("tag-collision", "untrained-initialisation"))
def started_again(recorder, rng):
    """A job that died is begun again from step 120, into the same folder."""
    points = data.blobs(rng, 4000)
    model = mlp(32, 64, 64, 5)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    torch_loop.train(recorder, model, optimizer, cross_entropy, points, rng=rng, steps=200)
    torch_loop.train(recorder, model, optimizer, cross_entropy, points, rng=rng, steps=200, first=120)
