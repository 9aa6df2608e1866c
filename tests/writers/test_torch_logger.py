"""`tb_histinsight.torch` in real trainings: what it logs is what there was, and the training does not notice."""

import subprocess
import sys

import numpy as np
import pytest

from tb_histinsight import analyze

torch = pytest.importorskip("torch")
from tb_histinsight.sources.event_files import EventFileSource  # noqa: E402
from tb_histinsight.torch import InsightLogger  # noqa: E402

pytestmark = pytest.mark.writers


def network():
    torch.manual_seed(4)
    layers = (
        ("fc1", torch.nn.Linear(8, 32)),
        ("drop", torch.nn.Dropout(0.2)),
        ("relu", torch.nn.ReLU()),
        ("fc2", torch.nn.Linear(32, 2)),
    )
    model = torch.nn.Sequential()
    for name, layer in layers:
        model.add_module(name, layer)
    return model


def batches(count=25):
    generator = torch.Generator().manual_seed(1)
    for _ in range(count):
        inputs = torch.randn(16, 8, generator=generator)
        yield inputs, (inputs.sum(dim=1) > 0).long()


def train(model, insight=None, *, accumulate=1, spy=None):
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    torch.manual_seed(9)
    for number, (inputs, classes) in enumerate(batches(), 1):
        loss = torch.nn.functional.cross_entropy(model(inputs), classes) / accumulate
        loss.backward()
        if number % accumulate:
            continue
        before = {name: p.detach().clone() for name, p in model.named_parameters()}
        optimiser.step()
        if spy is not None:
            spy(before)
        if insight is not None:
            insight.step()
        optimiser.zero_grad()
    return {name: parameter.detach().clone() for name, parameter in model.named_parameters()}


def logged(folder):
    (run,) = EventFileSource(folder).runs()
    return {series.tag: series for series in EventFileSource(folder).open_run(run).read()}


def test_the_training_is_the_same_with_and_without(tmp_path):
    bare = train(network())
    model = network()
    with InsightLogger(model, tmp_path, every=5, activations=True) as insight:
        watched = train(model, insight)
    assert insight.broken is None
    for name, parameter in bare.items():
        assert torch.equal(parameter, watched[name]), name


def test_it_logs_the_initial_state_and_every_so_many_steps(tmp_path):
    model = network()
    initial = model.fc1.weight.detach().numpy().copy()
    with InsightLogger(model, tmp_path, every=5, activations=["relu"]) as insight:
        train(model, insight)
    series = logged(tmp_path)
    assert set(series) == {
        *(f"{layer}/{kind}" for layer in ("fc1", "fc2") for kind in ("weight", "bias")),
        *(
            f"{what}/{layer}/{kind}"
            for what in ("gradients", "updates")
            for layer in ("fc1", "fc2")
            for kind in ("weight", "bias")
        ),
        "relu/activations",
    }
    assert series["fc1/weight"].steps.tolist() == [0, 5, 10, 15, 20, 25]
    assert series["gradients/fc1/weight"].steps.tolist() == [5, 10, 15, 20, 25]
    assert series["fc1/weight"].moments.sum[0] == pytest.approx(initial.astype(np.float64).sum(), rel=1e-6)
    assert series["relu/activations"].minimum[0] == 0


def test_updates_and_gradients_are_those_of_the_step(tmp_path):
    model = network()
    seen = []

    def spy(before):
        update = (model.fc2.weight.detach() - before["fc2.weight"]).double()
        seen.append((float(update.pow(2).sum()), float(model.fc2.weight.grad.double().pow(2).sum())))

    with InsightLogger(model, tmp_path, every=5) as insight:
        train(model, insight, spy=spy)
    series = logged(tmp_path)
    expected = seen[4::5]
    assert series["updates/fc2/weight"].moments.sum_squares == pytest.approx([u for u, _ in expected], rel=1e-5)
    assert series["gradients/fc2/weight"].moments.sum_squares == pytest.approx([g for _, g in expected], rel=1e-5)


def test_with_accumulated_gradients_steps_are_updates(tmp_path):
    model = network()
    with InsightLogger(model, tmp_path, every=2) as insight:
        train(model, insight, accumulate=5)
    assert logged(tmp_path)["fc1/weight"].steps.tolist() == [0, 2, 4]


def test_wrapped_models_keep_their_names(tmp_path):
    model = torch.nn.DataParallel(network())
    with InsightLogger(model, tmp_path, every=5, activations=True) as insight:
        pass
    assert insight.broken is None
    assert "fc1/weight" in logged(tmp_path)


def test_half_precision_and_sparse_gradients_are_logged(tmp_path):
    table = torch.nn.Embedding(50, 4, sparse=True)
    model = torch.nn.Sequential(table, torch.nn.Linear(4, 2)).to(torch.bfloat16)
    with InsightLogger(model, tmp_path, every=1) as insight:
        model(torch.tensor([1, 2, 3])).float().sum().backward()
        insight.step()
    assert insight.broken is None
    series = logged(tmp_path)["gradients/0/weight"]
    assert series.element_count.tolist() == [200]


def test_a_diverging_training_is_logged_to_its_end_and_told(tmp_path):
    told = []
    model = network()
    with InsightLogger(model, tmp_path, every=1, on_finding=told.append) as insight:
        train(model, insight)
        with torch.no_grad():
            model.fc1.weight[0, 0] = float("nan")
        train(model, insight)
    assert insight.broken is None
    assert [finding.rule for finding in told] == ["non-finite"]
    assert analyze(tmp_path).runs[0].tags[0].last_step == 50


def test_mistakes_of_the_code_are_said_before_the_training(tmp_path):
    with pytest.raises(ValueError, match="no module 'relu7'"):
        InsightLogger(network(), tmp_path, activations=["relu7"])
    with pytest.raises(ValueError, match="every=0"):
        InsightLogger(network(), tmp_path, every=0)


def test_trouble_in_the_callback_does_not_stop_the_training(tmp_path, caplog):
    def refuse(finding):
        raise RuntimeError("no mail server")

    model = network()
    with InsightLogger(model, tmp_path, every=1, on_finding=refuse) as insight:
        with torch.no_grad():
            model.fc1.weight[0, 0] = float("nan")
        for _ in range(8):
            insight.step()
    assert "no mail server" in caplog.text


def test_other_ranks_log_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.distributed, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.distributed, "get_rank", lambda: 1)
    with InsightLogger(network(), tmp_path, every=1) as insight:
        insight.step()
    assert list(tmp_path.iterdir()) == []


def test_of_a_large_activation_a_sample_is_counted_unless_a_value_is_not_finite(tmp_path):
    model = torch.nn.Sequential(torch.nn.Conv2d(1, 64, 3, padding=1), torch.nn.ReLU())
    torch.manual_seed(5)
    images = torch.randn(16, 1, 32, 32)
    shares = []
    with InsightLogger(model, tmp_path, every=1, activations=["1"]) as insight:
        for number in range(2):
            if number:
                images[3, 0, 4, 4] = float("inf")
            shares.append(float((model(images) == 0).double().mean()))
            insight.step()
    assert insight.broken is None
    series = logged(tmp_path)["1/activations"]
    assert series.element_count[0] == 1 << 16
    first = series.at(0)
    near_zero = first.count[first.right <= 1e-12].sum()
    assert near_zero / (1 << 16) == pytest.approx(shares[0], abs=0.01)
    assert series.moments.num[1] == 16 * 64 * 32 * 32


def test_sampling_leaves_the_random_numbers_of_the_training_alone(tmp_path):
    model = torch.nn.Linear(4, 4)
    torch.manual_seed(3)
    np.random.seed(3)
    expected = torch.randn(3), np.random.rand(3)
    with InsightLogger(torch.nn.Sequential(model), tmp_path, every=1, activations=True, activation_values=8) as insight:
        torch.manual_seed(3)
        np.random.seed(3)
        insight._model(torch.ones(100, 4))
        insight.step()
        assert torch.equal(torch.randn(3), expected[0])
        assert (np.random.rand(3) == expected[1]).all()


def test_under_mixed_precision_gradients_are_unscaled_and_a_skipped_step_has_none(tmp_path):
    torch.manual_seed(6)
    model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Linear(8, 1))
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**12)
    seen = []
    with InsightLogger(model, tmp_path, every=1) as insight:
        for number in range(4):
            optimiser.zero_grad()
            inputs = torch.ones(2, 4) * (float("inf") if number == 1 else 1)
            loss = model(inputs).square().mean()
            if number != 1:
                seen += [
                    float(sum(g.square().sum() for g in torch.autograd.grad(loss, model[0].weight, retain_graph=True)))
                ]
            scaler.scale(loss).backward()
            scaler.step(optimiser)
            scaler.update()
            insight.step()
    assert insight.broken is None
    series = logged(tmp_path)["gradients/0/weight"]
    assert series.steps.tolist() == [1, 3, 4]
    assert series.moments.sum_squares == pytest.approx(seen, rel=1e-3)


def test_layers_that_do_not_know_their_size_yet_are_logged_when_they_do(tmp_path):
    model = torch.nn.Sequential(torch.nn.LazyLinear(3), torch.nn.Linear(3, 1))
    with InsightLogger(model, tmp_path, every=1) as insight:
        model(torch.ones(2, 5)).sum().backward()
        insight.step()
    assert insight.broken is None
    assert logged(tmp_path)["0/weight"].steps.tolist() == [1]


def test_a_folder_that_cannot_be_written_is_a_warning_and_the_training_the_same(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    model = network()
    with InsightLogger(model, tmp_path / "file", every=5, activations=True) as insight:
        watched = train(model, insight)
    assert isinstance(insight.broken, OSError)
    assert caplog.text.count("the training goes on") == 1
    for name, parameter in train(network()).items():
        assert torch.equal(parameter, watched[name]), name


RANK = """
import sys, torch
from tb_histinsight.torch import InsightLogger
rank, meeting, folder = int(sys.argv[1]), sys.argv[2], sys.argv[3]
torch.distributed.init_process_group("gloo", init_method="file://" + meeting, rank=rank, world_size=2)
torch.manual_seed(rank)
model = torch.nn.parallel.DistributedDataParallel(torch.nn.Sequential(torch.nn.Linear(4, 2)))
optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
with InsightLogger(model, folder, every=2, activations=True) as insight:
    for _ in range(4):
        optimiser.zero_grad()
        model(torch.randn(8, 4)).square().sum().backward()
        optimiser.step()
        insight.step()
assert (insight.broken is None) == (rank == 0)
torch.distributed.destroy_process_group()
"""


def test_of_two_real_ranks_the_first_logs_under_the_names_of_the_bare_model(tmp_path):
    command = [sys.executable, "-c", RANK]
    ranks = [
        subprocess.Popen([*command, str(rank), str(tmp_path / "meeting"), str(tmp_path / "log")]) for rank in range(2)
    ]
    assert [rank.wait(timeout=120) for rank in ranks] == [0, 0]
    assert len(list((tmp_path / "log").iterdir())) == 1
    series = logged(tmp_path / "log")
    assert series["0/weight"].steps.tolist() == [0, 2, 4]
    assert series["0/activations"].steps.tolist() == [2, 4]


def test_it_works_with_lightning(tmp_path):
    pytest.importorskip("lightning", reason="Lightning is not installed")
    import lightning

    from tb_histinsight.torch import lightning_callback

    class Module(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.net = network()

        def training_step(self, batch, index):
            inputs, classes = batch
            return torch.nn.functional.cross_entropy(self.net(inputs), classes)

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=0.1)

    trainer = lightning.Trainer(
        max_epochs=1,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        accumulate_grad_batches=5,
        accelerator="cpu",
        callbacks=[lightning_callback(tmp_path, every=2)],
    )
    data = [(inputs, classes) for inputs, classes in batches()]
    trainer.fit(Module(), torch.utils.data.DataLoader(data, batch_size=None))
    assert logged(tmp_path)["net.fc1/weight"].steps.tolist() == [0, 2, 4]
