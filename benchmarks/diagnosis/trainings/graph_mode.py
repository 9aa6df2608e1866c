"""Healthy networks in TensorFlow 1's way: a graph, a session, merged summaries, its names."""

import numpy as np

from benchmarks.diagnosis import data
from benchmarks.diagnosis.keras_loop import tf
from benchmarks.diagnosis.training import healthy

v1 = tf.compat.v1


def train(recorder, rng, parameters_of, *, steps=300, log_every=12, learning_rate=5e-3):
    """Builds the graph, trains, and logs the merged summaries."""
    points, label = data.blobs(rng, 4000)
    with tf.Graph().as_default(), v1.Session() as session:
        v1.set_random_seed(int(rng.integers(1 << 30)))
        inputs = v1.placeholder(tf.float32, [None, 32])
        wanted = v1.placeholder(tf.int64, [None])
        logits, logged = parameters_of(inputs)
        loss = tf.reduce_mean(v1.losses.sparse_softmax_cross_entropy(wanted, logits))
        step_op = v1.train.AdamOptimizer(learning_rate).minimize(loss)
        for tag, tensor in logged.items():
            v1.summary.histogram(tag, tensor)
        v1.summary.scalar("loss", loss)
        merged = v1.summary.merge_all()
        writer = v1.summary.FileWriter(str(recorder.folder))
        session.run(v1.global_variables_initializer())
        for step in range(steps + 1):
            chosen = rng.integers(0, len(points), 64)
            feed = {inputs: points[chosen], wanted: label[chosen]}
            if step % log_every == 0:
                text, values, value = session.run([merged, logged, loss], feed)
                writer.add_summary(text, step)
                for tag, tensor in values.items():
                    recorder.keep(tag, step, tensor)
                recorder.notes.setdefault("first_loss", float(value))
                recorder.notes["last_loss"] = float(value)
            session.run(step_op, feed)
        writer.close()


@healthy
def graph_layers(recorder, rng):
    """Names as in TensorFlow's own summary tutorial."""

    def build(inputs):
        logged, signal = {}, inputs
        for i, (fan_in, fan_out) in enumerate([(32, 64), (64, 5)], 1):
            weights = v1.get_variable(f"w{i}", initializer=v1.truncated_normal([fan_in, fan_out], stddev=0.1))
            biases = v1.get_variable(f"b{i}", initializer=tf.fill([fan_out], 0.1))
            before = signal @ weights + biases
            signal = tf.nn.relu(before) if i == 1 else before
            name = f"layer{i}"
            logged |= {f"{name}/weights": weights, f"{name}/biases": biases, f"{name}/Wx_plus_b": before}
            logged |= {f"{name}/activations": signal}
        return signal, logged

    train(recorder, rng, build)


@healthy
def graph_short_names(recorder, rng):
    """W1, b1, W2, b2, and an input batch that is logged as if it were part of a layer."""

    def build(inputs):
        draw = np.random.default_rng(int(rng.integers(1 << 30)))
        w1 = tf.Variable(draw.normal(0, 0.2, (32, 48)).astype(np.float32))
        w2 = tf.Variable(draw.normal(0, 0.2, (48, 5)).astype(np.float32))
        b1, b2 = tf.Variable(tf.zeros([48])), tf.Variable(tf.zeros([5]))
        signal = tf.nn.sigmoid(inputs @ w1 + b1)
        return signal @ w2 + b2, {"layer1/X": inputs, "W1": w1, "b1": b1, "W2": w2, "b2": b2}

    train(recorder, rng, build)
