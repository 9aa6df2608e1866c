"""Whose habits a log's names follow."""

import pytest

from tb_histinsight.core.frameworks import Framework, framework_of


@pytest.mark.parametrize(
    ("framework", "tags"),
    [
        (Framework.PYTORCH, ["conv1.weight", "conv1.bias", "layer1.0.bn1.running_mean", "loss_hist"]),
        (Framework.PYTORCH, ["weights/down1/double_conv/0/weight", "gradients/fc.weight", "lstm.weight_ih_l0"]),
        (Framework.PYTORCH, ["Model/fc.weight_grad", "Model/fc.weight", "dense_1.activations"]),
        (Framework.KERAS, ["dense_1/kernel_0", "dense_1/bias_0", "conv2d/kernel/histogram", "bn/gamma"]),
        (Framework.KERAS, ["dense/kernel", "dense/bias", "gradients/dense/kernel"]),
        (Framework.TENSORFLOW, ["linear/kernel:0", "linear/bias:0", "gradients/linear/kernel:0"]),
        (Framework.TENSORFLOW, ["layer1/weights", "layer1/biases", "layer1/weights/layer1/weights_1"]),
        (None, ["Environment/Cumulative Reward_hist", "hist-numpy", "a", ""]),
        (None, ["conv1.weight", "dense/kernel"]),
        (None, []),
    ],
)
def test_the_framework_is_the_one_that_names_tensors_so(framework, tags):
    assert framework_of(tags) is framework
