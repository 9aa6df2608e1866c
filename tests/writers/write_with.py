"""Writes the cases with one of the real writers: `python write_with.py WRITER FOLDER`.

A process of its own for each, since the frameworks do not share one gladly. What a writer refused stands in
`refused.json` beside the logs, what it called the tags in `tags.json`.
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from cases import RUNS, STEPS, cases


def write_all(folder, open_run):
    """Gives every array to `add(tag, array, step)` of a run's writer and notes what it refuses."""
    refused = []
    for run in RUNS:
        add, close = open_run(str(folder / run))
        for step in STEPS:
            for name, arrays in cases().items():
                if run != "." and name != "normal":
                    continue
                try:
                    add(name, arrays[step], step)
                except (ValueError, TypeError, AssertionError) as error:
                    refused.append([name, step, f"{type(error).__name__}: {error}"])
        close()
    return refused


def tf2(folder):
    import tensorflow as tf

    def open_run(path):
        writer = tf.summary.create_file_writer(path)

        def add(tag, array, step):
            with writer.as_default():
                tf.summary.histogram(tag, array, step=step)

        return add, writer.close

    return write_all(folder, open_run)


def tf1(folder):
    """A graph, a session and merged summaries; TensorFlow replaces letters that it does not like in a name."""
    import tensorflow as tf

    v1 = tf.compat.v1
    called = {}

    def open_run(path):
        graph = tf.Graph()
        with graph.as_default():
            session = v1.Session(graph=graph)
            writer = v1.summary.FileWriter(path)
        summaries = {}

        def add(tag, array, step):
            with graph.as_default():
                if tag not in summaries:
                    place = v1.placeholder(array.dtype, [None] * array.ndim)
                    summaries[tag] = place, v1.summary.histogram(tag, place)
                place, summary = summaries[tag]
                try:
                    text = session.run(summary, {place: array})
                except tf.errors.InvalidArgumentError as error:
                    raise ValueError(error.message) from error
                called[tag] = v1.Summary.FromString(text).value[0].tag
                writer.add_summary(text, step)

        return add, writer.close

    refused = write_all(folder, open_run)
    (folder / "tags.json").write_text(json.dumps(called))
    return refused


def pytorch(folder):
    import torch
    from torch.utils.tensorboard import SummaryWriter

    def open_run(path):
        writer = SummaryWriter(path)
        return lambda tag, array, step: writer.add_histogram(tag, torch.from_numpy(array), step), writer.close

    return write_all(folder, open_run)


def tensorboardx(folder):
    from tensorboardX import SummaryWriter
    from tensorboardX.summary import _clean_tag

    called = {}

    def open_run(path):
        writer = SummaryWriter(path)

        def add(tag, array, step):
            called[tag] = _clean_tag(tag)
            writer.add_histogram(tag, array, step)

        return add, writer.close

    refused = write_all(folder, open_run)
    (folder / "tags.json").write_text(json.dumps(called))
    return refused


def keras_callback(folder):
    """A model whose weights are set to the cases before each epoch ends, logged by `TensorBoard(histogram_freq=1)`."""
    import keras
    import numpy as np

    drawn = cases()
    called = {}

    class Holder(keras.layers.Layer):
        def build(self, input_shape):
            self.kept = {}
            for number, (name, arrays) in enumerate(drawn.items()):
                array = arrays[STEPS[0]]
                variable = self.add_weight(
                    shape=array.shape, dtype=str(array.dtype), trainable=False, name=f"case{number}"
                )
                self.kept[name] = variable

        def call(self, inputs):
            return inputs

    class Set(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            for name, variable in holder.kept.items():
                variable.assign(drawn[name][STEPS[min(epoch, len(STEPS) - 1)]])

    holder = Holder(name="holder")
    model = keras.Sequential([keras.Input((2,)), holder, keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    callback = keras.callbacks.TensorBoard(str(folder), histogram_freq=1, write_graph=False)
    x = np.zeros((4, 2), np.float32)
    model.fit(x, x[:, :1], epochs=STEPS[-1] + 1, verbose=0, callbacks=[Set(), callback])
    for name, variable in holder.kept.items():
        called[name] = variable.path.replace(":", "_") + "/histogram"
    (folder / "tags.json").write_text(json.dumps(called))
    return []


WRITERS = {
    "tf2": tf2,
    "tf1": tf1,
    "pytorch": pytorch,
    "tensorboardx": tensorboardx,
    "keras": keras_callback,
}


def main(writer, folder):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    refused = WRITERS[writer](folder)
    (folder / "refused.json").write_text(json.dumps(refused))


if __name__ == "__main__":
    main(*sys.argv[1:])
