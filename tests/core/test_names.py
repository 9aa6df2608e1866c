"""Tag names as public code writes them, and what is to be read from them."""

import pytest

from tb_histinsight.core.labels import Role
from tb_histinsight.core.names import TagName, read_tags

W, B, N, G, A, U, O = (  # noqa: E741
    Role.WEIGHT,
    Role.BIAS,
    Role.NORM,
    Role.GRADIENT,
    Role.ACTIVATION,
    Role.UPDATE,
    Role.OTHER,
)


def read(*tags: str, **sizes: int) -> dict[str, TagName]:
    return {name.tag: name for name in read_tags(tags, sizes or None)}


def layers_in_depth_order(*tags: str) -> list[str]:
    names = sorted(read_tags(tags), key=lambda name: name.depth)
    return list(dict.fromkeys(name.layer for name in names))


@pytest.mark.parametrize(
    ("tag", "layer", "role", "kernel"),
    [
        # Keras' callback, and TF 2 loops
        ("dense_1/kernel_0", "dense_1", W, True),
        ("dense_20/kernel_0/histogram", "dense_20", W, True),
        ("dense_1/bias_0", "dense_1", B, False),
        ("conv2d/kernel:0", "conv2d", W, True),
        ("lstm/lstm_cell/recurrent_kernel_0", "lstm/lstm_cell", W, True),
        ("separable_conv2d/depthwise_kernel_0", "separable_conv2d", W, True),
        ("embedding/embeddings_0", "embedding", W, False),
        ("batch_normalization/gamma_0", "batch_normalization", N, False),
        ("batch_normalization/moving_variance_0", "batch_normalization", N, False),
        ("layer_normalization_2/beta_0", "layer_normalization_2", N, False),
        ("sequential/multi_head_attention/query/kernel:0", "sequential/multi_head_attention/query", W, True),
        # TF 1 and its tutorials
        ("layer1/weights/layer1/weights", "layer1", W, True),
        ("layer1/biases/layer1/biases", "layer1", B, False),
        ("layer1/layer1/outputs", "layer1", A, False),
        ("layer1/Weights/summaries/histogram", "layer1", W, True),
        ("layer1/Wx_plus_b/pre_activations", "layer1", A, False),
        ("layer1/activations", "layer1", A, False),
        ("W_conv1", "conv1", W, True),
        ("b_conv1", "conv1", B, False),
        ("weights_hidden", "hidden", W, True),
        ("weights/h1", "h1", W, True),
        ("conv1/weights/values", "conv1", W, True),
        ("speech_cnn/conv22/weights_1", "speech_cnn/conv22", W, True),
        ("tower_0/conv1/weights_0", "tower_0/conv1", W, True),
        ("relu_layer/weights", "relu_layer", W, True),
        ("ACT/net/conv1/activations", "net/conv1", A, False),
        # PyTorch
        ("conv1.weight", "conv1", W, True),
        ("layer1.0.conv1.weight", "layer1.0.conv1", W, True),
        ("layer1.0.bn1.weight", "layer1.0.bn1", N, False),
        ("layer1.0.bn1.bias", "layer1.0.bn1", N, False),
        ("bn1.running_mean", "bn1", N, False),
        ("transformer.h.0.ln_1.weight", "transformer.h.0.ln_1", N, False),
        ("model.layers.3.input_layernorm.weight", "model.layers.3.input_layernorm", N, False),
        ("weights/down1/double_conv/0/weight", "down1/double_conv/0", W, True),
        ("Parameters/fc1.bias", "fc1", B, False),
        ("fc1.weight_data", "fc1", W, True),
        ("wte.weight", "wte", W, False),
        ("patch_embed.proj.weight", "patch_embed.proj", W, True),
        ("encoder.layers.0.self_attn.in_proj_weight", "encoder.layers.0.self_attn.in_proj", W, True),
        ("h.0.attn.q_proj.weight", "h.0.attn.q_proj", W, True),
        ("Model/fc1.weight", "Model/fc1", W, True),
        ("mask_decoder.transformer.layers[1].MLP_Adapter/D_fc1/weight", None, W, True),
        ("fc1_activations", "fc1", A, False),
        ("activations/act1", "act1", A, False),
        ("activations/activation_1", "activation_1", A, False),
        ("activations/3", "3", A, False),
        ("activations/12/0", "12/0", A, False),
        ("activations/dense_2", "dense_2", A, False),
        ("act/conv2d_1", "conv2d_1", A, False),
        # Flax and Sonnet
        ("Dense_0/kernel", "Dense_0", W, True),
        ("LayerNorm_0/scale", "LayerNorm_0", N, False),
        ("Embed_0/embedding", "Embed_0", W, False),
        ("mlp/linear_1/w", "mlp/linear_1", W, True),
    ],
)
def test_reads_layer_and_role_of_public_names(tag: str, layer: str | None, role: Role, kernel: bool) -> None:
    name = read(tag)[tag]
    assert (name.role, name.subject, name.kernel) == (role, role, kernel)
    assert layer is None or name.layer == layer


@pytest.mark.parametrize(
    ("tag", "parameter", "subject"),
    [
        ("conv1.weight.grad", "conv1.weight", W),
        ("conv1.bias_grad", "conv1.bias", B),
        ("grads/conv1.weight", "conv1.weight", W),
        ("Gradients/conv1.weight", "Parameters/conv1.weight", W),
        ("grad/conv1.weight", "weight/conv1.weight", W),
        ("grad.fc1.weight", "fc1.weight", W),
        ("critic_local.fc1.weight.grad", "critic_local.fc1.weight", W),
        ("grads/down1/double_conv/0/weight", "weights/down1/double_conv/0/weight", W),
        ("Model/fc1.weight_grad", "Model/fc1.weight", W),
        ("conv1/weights/gradients", "conv1/weights", W),
        ("conv1/weights_0/grad/hist", "conv1/weights_0", W),
        ("gradients/dense/kernel:0", "dense/kernel:0", W),
        ("W_0_grad", "W_0", W),
        ("bn1.weight.grad", "bn1.weight", N),
    ],
)
def test_a_gradient_belongs_to_the_layer_of_its_parameter(tag: str, parameter: str, subject: Role) -> None:
    names = read(tag, parameter)
    assert (names[tag].role, names[tag].subject) == (G, subject)
    assert names[tag].layer == names[parameter].layer
    assert names[tag].depth == names[parameter].depth
    assert names[tag].kernel == names[parameter].kernel


def test_an_update_belongs_to_the_layer_of_its_parameter() -> None:
    names = read("updates/fc1.weight", "fc1.weight", "fc2.weight_update")
    assert (names["updates/fc1.weight"].role, names["updates/fc1.weight"].layer) == (U, "fc1")
    assert (names["fc2.weight_update"].role, names["fc2.weight_update"].subject) == (U, W)
    assert names["fc2.weight_update"].layer == "fc2"


@pytest.mark.parametrize(
    "tag",
    [
        "Environment/Cumulative Reward_hist",
        "ray/tune/hist_stats/episode_reward",
        "hist-numpy",
        "Loss_and_Residuals_1/weights",
        "normal_centered",
        "moving_mean_of_reward/x",
        "loss",
        "accuracy",
        "learning_rate",
        "scene/opacity_histogram",
        "Epoch 3/Validate/Mel Loss Distribution",
        "selected neurons/Linear",
        "class_weights",
        "sample_weight",
        "attention_weights",
        "weight_decay",
        "weight_norm",
        "grad_norm",
        "update_ratio",
        "w_loss",
        "layer1/X",
        "input",
        "output",
        "mu",
        "conv1/weights/Adam",
        "relative_position_bias_table",
        "",
        "///",
        "<script>alert(1)</script>",
    ],
)
def test_is_quiet_about_what_may_be_no_tensor_of_a_network(tag: str) -> None:
    assert read(tag)[tag].role is O
    assert not read(tag)[tag].kernel


def test_an_update_gate_holds_weights() -> None:
    assert read("gru/update_gate/kernel")["gru/update_gate/kernel"].role is W


@pytest.mark.parametrize(
    ("tags", "layers"),
    [
        (["W_0", "b_0", "W_1_0", "b_1_0", "W_2_0", "b_2_0"], ["W", "W_1", "W_2"]),
        (["W_0", "W_1", "W_2", "b_0", "b_1", "b_2", "W_0_grad", "b_2_grad"], ["W_0", "W_1", "W_2"]),
        (["W_0", "b_0"], ["W"]),
        (["W1", "b1", "W2", "b2"], ["W1", "W2"]),
        (["layer2/W2", "layer2/bias2", "layer1/W1", "layer1/bias1"], ["layer1", "layer2"]),
        (["0.weight", "0.bias", "2.weight", "2.bias"], ["0", "2"]),
    ],
)
def test_a_number_at_the_end_is_the_variables_or_the_layers_as_the_run_tells(
    tags: list[str], layers: list[str]
) -> None:
    assert layers_in_depth_order(*tags) == layers


def test_kernel_bias_gradient_and_activation_share_layer_and_depth() -> None:
    names = read_tags(["fc1.weight", "fc1.bias", "fc1.weight.grad", "fc1_activations", "fc2.weight", "fc2.bias"])
    assert [name.layer for name in names] == ["fc1"] * 4 + ["fc2"] * 2
    assert [name.depth for name in names] == [0] * 4 + [1] * 2


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ("conv1 conv10 conv2 conv9", "conv1 conv2 conv9 conv10"),  # alphabetic listing
        ("conv31 conv22 conv4 conv21", "conv21 conv22 conv31 conv4"),  # TF-slim: random, numbers in levels
        ("conv10 conv9 conv50", "conv9 conv10 conv50"),  # not levels: 9 before 10
        ("dense dense_1 dense_2", "dense dense_1 dense_2"),
        ("dense_28 dense_29", "dense_28 dense_29"),
        ("stem zeta alpha", "stem zeta alpha"),  # no numbers: first appearance
        ("down1 down2 down3 up4 up3 up2", "down1 down2 down3 up4 up3 up2"),  # a decoder that counts down
        ("layer1.0.conv1 layer1.0.conv2 layer1.1.conv1 layer2.0.conv1 fc", None),
        ("conv1 dense embedding output", "embedding conv1 dense output"),  # alphabetic listing, telling names
    ],
)
def test_depth_follows_numbers_where_names_are_numbered_and_appearance_otherwise(
    layers: str, expected: str | None
) -> None:
    found = layers_in_depth_order(*[f"{layer}.weight" for layer in layers.split()])
    assert found == (expected or layers).split()


def test_an_activation_finds_the_layer_whose_path_ends_with_its_own() -> None:
    names = read("net/h1/kernel:0", "net/h2/kernel:0", "h2/activations", "other/activations")
    assert names["h2/activations"].layer == "net/h2"
    assert names["h2/activations"].depth == names["net/h2/kernel:0"].depth
    assert names["other/activations"].layer == "other"


def test_sizes_tell_a_normalisation_from_a_small_kernel() -> None:
    sizes = {
        "layer1.0.downsample.0.weight": 64 * 128,
        "layer1.0.downsample.1.weight": 128,
        "layer1.0.downsample.1.bias": 128,
        "layer1.0.downsample.1.weight.grad": 128,
        "fc.weight": 1280,
        "fc.bias": 10,
    }
    names = {name.tag: name for name in read_tags(list(sizes), sizes)}
    assert names["layer1.0.downsample.0.weight"].kernel
    assert names["layer1.0.downsample.1.weight"].role is N
    assert names["layer1.0.downsample.1.bias"].role is N
    assert names["layer1.0.downsample.1.weight.grad"].subject is N
    assert not names["layer1.0.downsample.1.weight"].certain
    assert names["fc.weight"].role is W


def test_a_first_layer_with_one_input_is_no_normalisation() -> None:
    sizes = {"net.0.weight": 64, "net.0.bias": 64, "net.2.weight": 4096, "net.2.bias": 64}
    names = {name.tag: name for name in read_tags(list(sizes), sizes)}
    assert names["net.0.weight"].role is W
    assert names["net.2.weight"].kernel


def test_says_that_a_name_shared_by_all_layers_is_a_guess() -> None:
    assert not read("kernel/histogram", "bias/histogram")["kernel/histogram"].certain


def test_what_belongs_to_no_network_stands_last() -> None:
    names = read_tags(["lr_hist", "fc1.weight", "loss", "fc2.weight"])
    assert sorted(names, key=lambda name: name.depth)[:2] == [names[1], names[3]]


def test_reads_two_thousand_tags_at_once() -> None:
    tags = [f"blocks.{i}.{part}.{kind}" for i in range(250) for part in ("fc", "proj") for kind in ("weight", "bias")]
    names = read_tags(tags + [f"{tag}.grad" for tag in tags])
    assert len(names) == 2000
    assert len({name.depth for name in names}) == 500


@pytest.mark.parametrize(
    ("parameter", "gradient"),
    [("conv2/weights_1", "conv2/weights/gradients"), ("conv2/weights", "conv2/weights_1/gradient")],
)
def test_a_variable_that_tensorflow_1_numbered_pairs_with_its_gradient(parameter, gradient):
    names = {name.tag: name for name in read_tags([parameter, gradient, "conv1/weights_1"])}
    assert names[parameter].layer == names[gradient].layer == "conv2"
    assert names[gradient].role.value == "gradient"


def test_numbers_of_several_variables_stay_their_layers():
    tags = ["net/W_1", "net/W_2", "net/W_1_grad", "net/W_2_grad"]
    layers = [name.layer for name in read_tags(tags)]
    assert layers[0] == layers[2] != layers[1] == layers[3]
    kernels = read_tags(["cell/kernel", "cell/kernel_1", "gradients/cell/kernel_1"])
    assert kernels[0].layer != kernels[1].layer == kernels[2].layer
