"""The words by which people name tensors: which of them say what a tensor is, and which say that it is none."""

from __future__ import annotations

import re
from functools import lru_cache

WEIGHT_WORDS = frozenset({"weight", "weights", "kernel", "kernels"})
BIAS_WORDS = frozenset({"bias", "biases"})
WEAK_WEIGHT_WORDS = frozenset({"w", "wt", "wts", "filter", "filters"})
"""Words that mean a weight only in good company (a path, a number, a bias of the same name)."""
WEAK_BIAS_WORDS = frozenset({"b"})
EMBEDDING_ENDS = frozenset({"embedding", "embeddings"})
"""Keras' and Flax' names for the table of an embedding layer."""
KERNEL_QUALIFIERS = frozenset({"recurrent", "depthwise", "pointwise"})
"""Keras: several kernels of one layer, told apart by these."""
NORM_PARAMETERS = frozenset(
    {
        "gamma",
        "beta",
        "moving_mean",
        "moving_variance",
        "moving_var",
        "running_mean",
        "running_var",
        "num_batches_tracked",
    }
)
NORM_PARAMETERS_IN_NORM_LAYERS = frozenset({"scale", "offset", "gain", "shift", "g", "mean", "var", "variance"})
NORM_LAYER_WORDS = frozenset(
    {
        "bn",
        "ln",
        "gn",
        "norm",
        "batchnorm",
        "batchnormalization",
        "batchnormalize",
        "layernorm",
        "layernormalization",
        "groupnorm",
        "groupnormalization",
        "instancenorm",
        "rmsnorm",
        "normalization",
        "normalize",
    }
)
EMBEDDING_LAYER_WORDS = frozenset({"emb", "embed", "embeds", "embedding", "embeddings", "wte", "wpe", "lookup"})
SLOPE_LAYER_WORDS = frozenset({"prelu"})
"""Layers whose "weight" is the slope of an activation function."""

GRADIENT_WORDS = frozenset({"grad", "grads", "gradient", "gradients"})
UPDATE_WORDS = frozenset({"update", "updates"})
ACTIVATION_ENDS = frozenset(
    {
        "activation",
        "activations",
        "act",
        "acts",
        "preactivation",
        "preactivations",
        "preactivate",
        "logit",
        "logits",
    }
)
"""Last words of an activation's name that need no company."""
WEAK_ACTIVATION_ENDS = frozenset(
    {
        "output",
        "outputs",
        "out",
        "relu",
        "relu6",
        "leakyrelu",
        "elu",
        "selu",
        "gelu",
        "silu",
        "swish",
        "tanh",
        "sigmoid",
        "softplus",
        "wx_plus_b",
    }
)
"""Last segments that mean an activation where a layer stands before them."""
ACTIVATION_STARTS = frozenset({"activation", "activations", "act", "acts"})

WRAPPERS = frozenset(
    {
        "hist",
        "hists",
        "histogram",
        "histograms",
        "summary",
        "summaries",
        "value",
        "values",
        "data",
        "distribution",
        "distributions",
        "param",
        "params",
        "parameter",
        "parameters",
        "variable",
        "variables",
    }
)
"""Segments and endings that say how something was logged, not what it is."""

NOT_A_TENSOR = frozenset(
    {
        *("loss", "losses", "reward", "rewards", "return", "returns", "acc", "accuracy", "error", "errors", "score"),
        *("scores", "metric", "metrics", "lr", "rate", "entropy", "kl", "ratio", "ratios", "decay", "norms"),
        *("time", "times", "duration", "length", "lengths", "count", "counts", "steps", "episode", "episodes", "stats"),
        *("sparsity", "penalty", "prob", "probs", "probability", "probabilities", "label", "labels", "target"),
        *("targets", "image", "images", "pixel", "pixels", "attention", "attn", "class", "classes", "sample"),
        *("samples", "importance", "avg", "average", "l1", "l2", "stddev", "percentile", "quantile", "residual"),
        *("residuals", "advantage", "advantages", "environment", "env", "snr", "cosine", "angle", "distance"),
    }
)
"""Words that, beside a parameter's word in the last segment, say that it is a number about the training and no
parameter: `class_weights`, `weight_decay`, `attention_weights`, `grad_norm` (with `norm`, see `names`)."""

NOT_A_NETWORK = frozenset(
    {"loss", "losses", "reward", "rewards", "metric", "metrics", "environment", "ray", "stats", "rollout", "episode"}
)
"""First segments under which nothing is a tensor of a network."""

LAYER_WORDS = frozenset(
    {
        *("conv", "conv1d", "conv2d", "conv3d", "deconv", "convolution", "fc", "dense", "linear", "lin", "layer"),
        *("layers", "hidden", "h", "l", "in", "out", "input", "output", "proj", "projection", "ip", "affine", "mlp"),
        *("ih", "hh", "xh", "hy", "hx", "q", "k", "v", "o", "query", "key", "value", "enc", "dec", "encoder"),
        *("decoder", "softmax", "logits", "head", "rnn", "lstm", "gru", "full", "final", "last", "first", "f", "c"),
    }
)
"""Words that may stand beside `W` or `b` and name a layer: `W_conv1`, `b_fc2`, `W_xh`."""

FIRST_LAYERS = frozenset({"input", "embed", "embedding", "embeddings", "stem", "patch", "wte", "wpe", "encoder"})
LAST_LAYERS = frozenset({"out", "output", "logits", "logit", "head", "classifier", "softmax", "predictions", "final"})

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@lru_cache(maxsize=1 << 14)
def words_of(segment: str) -> tuple[str, ...]:
    """The words of a path segment in lower case, without their numbers.

    >>> words_of("layer_norm_2"), words_of("BatchNorm"), words_of("bn1")
    (('layer', 'norm'), ('batch', 'norm'), ('bn',))
    """
    parts = re.split(r"[^A-Za-z]+", _CAMEL.sub("_", segment))
    return tuple(part.lower() for part in parts if part)
