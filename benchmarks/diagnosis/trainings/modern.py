"""Healthy networks built of newer parts: other normalisations, experts, tied weights, skips, adapters."""

import torch
from torch import nn

from benchmarks.diagnosis import data, torch_loop
from benchmarks.diagnosis.torch_loop import cross_entropy, mean_squares, mlp
from benchmarks.diagnosis.training import healthy
from benchmarks.diagnosis.trainings.convolutional import pictures


@healthy
def group_norm_cosine(recorder, rng):
    """GroupNorm and SiLU; the learning rate falls to exactly zero in a cosine."""
    model = nn.Sequential(
        torch.nn.modules.container.OrderedDict(
            conv1=nn.Conv2d(1, 8, 3, padding=1),
            gn1=nn.GroupNorm(4, 8),
            act1=nn.SiLU(),
            conv2=nn.Conv2d(8, 16, 3, stride=2, padding=1),
            gn2=nn.GroupNorm(4, 16),
            act2=nn.SiLU(),
            flat=nn.Flatten(),
            fc=nn.Linear(16 * 36, 4),
        )
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 160)
    torch_loop.train(
        recorder,
        model,
        optimizer,
        cross_entropy,
        pictures(rng, True),
        rng=rng,
        steps=160,
        log_every=8,
        schedule=schedule,
        outputs_of=("act1", "act2"),
    )


class RMSNorm(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(dim=-1, keepdim=True) + 1e-6) * self.weight


class DecoderBlock(nn.Module):
    """Attention and a gated unit without biases, as in many language models."""

    def __init__(self, size):
        super().__init__()
        self.attention_norm, self.ffn_norm = RMSNorm(size), RMSNorm(size)
        self.wq, self.wk, self.wv, self.wo = (nn.Linear(size, size, bias=False) for _ in range(4))
        self.w1, self.w3 = nn.Linear(size, 2 * size, bias=False), nn.Linear(size, 2 * size, bias=False)
        self.w2 = nn.Linear(2 * size, size, bias=False)

    def forward(self, x):
        y = self.attention_norm(x)
        scores = self.wq(y) @ self.wk(y).transpose(1, 2) / y.shape[-1] ** 0.5
        mask = torch.full(scores.shape[-2:], float("-inf")).triu(1)
        x = x + self.wo(torch.softmax(scores + mask, dim=-1) @ self.wv(y))
        y = self.ffn_norm(x)
        return x + self.w2(nn.functional.silu(self.w1(y)) * self.w3(y))


class LanguageModel(nn.Module):
    """Gives back words through the table that it took them from (tied weights)."""

    def __init__(self, size=32):
        super().__init__()
        self.tok_embeddings = nn.Embedding(200, size)
        nn.init.normal_(self.tok_embeddings.weight, std=0.02)
        self.layers = nn.ModuleList([DecoderBlock(size), DecoderBlock(size)])
        self.norm = RMSNorm(size)

    def forward(self, words):
        x = self.tok_embeddings(words)
        for layer in self.layers:
            x = layer(x)
        return self.norm(x) @ self.tok_embeddings.weight.T


@healthy
def tied_language_model(recorder, rng):
    """RMSNorm, gates, no biases, tied embedding; warm-up, clipping, decay 0.1."""
    words, _ = data.sentences(rng, 3000)
    words.sort(axis=1)  # so that there is something to foretell
    model = LanguageModel()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, betas=(0.9, 0.95), weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, (step + 1) / 30))

    def loss(logits, wanted):
        return cross_entropy(logits.flatten(0, 1), wanted.flatten())

    torch_loop.train(
        recorder,
        model,
        optimizer,
        loss,
        (words[:, :-1].copy(), words[:, 1:].copy()),
        rng=rng,
        steps=200,
        log_every=10,
        batch=32,
        schedule=schedule,
        before_step=lambda _: nn.utils.clip_grad_norm_(model.parameters(), 1.0),
    )


@healthy
def gradient_accumulation(recorder, rng):
    """Eight small batches a step."""
    model = mlp(32, 96, 48, 5, activation=nn.GELU)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
    points = data.blobs(rng, 4000)
    torch_loop.train(recorder, model, optimizer, cross_entropy, points, rng=rng, batch=8, accumulate=8, updates=True)


@healthy
def mixed_precision(recorder, rng):
    """Gradients go through float16 under a loss scale that is logged; they are logged as the optimiser sees them."""
    model = mlp(32, 64, 64, 5)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    scale = 1024.0
    for parameter in model.parameters():
        parameter.register_hook(lambda gradient: (gradient * scale).half().float() / scale)
    torch_loop.train(
        recorder,
        model,
        optimizer,
        cross_entropy,
        data.blobs(rng, 4000),
        rng=rng,
        scalars=lambda: {"amp/loss_scale": scale},
    )


class Experts(nn.Module):
    """Each input goes to the two of four experts that the router likes most."""

    def __init__(self):
        super().__init__()
        self.fc_in = nn.Linear(32, 32)
        self.router = nn.Linear(32, 4)
        self.experts = nn.ModuleList([nn.Sequential(nn.Linear(32, 48), nn.ReLU(), nn.Linear(48, 32)) for _ in range(4)])
        self.head = nn.Linear(32, 5)

    def forward(self, x):
        x = torch.relu(self.fc_in(x))
        share = torch.softmax(self.router(x), dim=-1)
        self.balance = 4 * (share.mean(dim=0) ** 2).sum()
        top, chosen = share.topk(2, dim=-1)
        weight = torch.zeros_like(share).scatter(1, chosen, top / top.sum(dim=-1, keepdim=True))
        x = x + sum(weight[:, i : i + 1] * expert(x) for i, expert in enumerate(self.experts))
        return self.head(x)


@healthy
def mixture_of_experts(recorder, rng):
    model = Experts()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)

    def loss(logits, wanted):
        return cross_entropy(logits, wanted) + 0.02 * model.balance

    points = data.blobs(rng, 4000)
    outputs = tuple(f"experts.{i}.1" for i in range(4))
    torch_loop.train(recorder, model, optimizer, loss, points, rng=rng, outputs_of=outputs)


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down1, self.down2 = nn.Conv2d(1, 8, 3, padding=1), nn.Conv2d(8, 16, 3, padding=1)
        self.bottom = nn.Conv2d(16, 16, 3, padding=1)
        self.up2, self.up1 = nn.ConvTranspose2d(16, 8, 2, stride=2), nn.ConvTranspose2d(16, 8, 2, stride=2)
        self.outc = nn.Conv2d(16, 1, 1)

    def forward(self, x):
        a = torch.relu(self.down1(x))
        b = torch.relu(self.down2(torch.max_pool2d(a, 2)))
        c = torch.relu(self.bottom(torch.max_pool2d(b, 2)))
        d = torch.cat([self.up2(c), b[:, :8]], dim=1)
        return self.outc(torch.cat([self.up1(d), a], dim=1))


@healthy
def u_net(recorder, rng):
    """Takes noise out of pictures; the shortcuts do most of it, the bottom learns late."""
    clean, _ = pictures(rng, True)
    noisy = (clean + rng.normal(0, 0.3, clean.shape)).astype("float32")
    model = UNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    torch_loop.train(
        recorder, model, optimizer, mean_squares, (noisy, clean), rng=rng, steps=160, log_every=8, batch=32
    )


class Adapted(nn.Linear):
    """A linear layer that stays as it is, with an update of low rank that starts at zero."""

    def __init__(self, inputs, outputs, rank=4):
        super().__init__(inputs, outputs)
        for parameter in self.parameters():
            parameter.requires_grad_(False)
        self.lora_A = nn.Parameter(torch.randn(rank, inputs) / inputs**0.5)
        self.lora_B = nn.Parameter(torch.zeros(outputs, rank))

    def forward(self, x):
        return super().forward(x) + 2.0 * (x @ self.lora_A.T) @ self.lora_B.T


@healthy
def low_rank_adapters(recorder, rng):
    """Only what is trained is logged: adapters of which one half starts at zero."""
    model = nn.Sequential(
        torch.nn.modules.container.OrderedDict(
            fc1=Adapted(32, 64), act1=nn.ReLU(), fc2=Adapted(64, 64), act2=nn.ReLU(), fc3=Adapted(64, 5)
        )
    )
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=3e-3)
    points = data.blobs(rng, 4000)
    torch_loop.train(recorder, model, optimizer, cross_entropy, points, rng=rng, frozen_too=False)


@healthy
def normalised_weights(recorder, rng):
    """Weight normalisation: direction and length are parameters of their own."""
    model = mlp(32, 64, 64, 5)
    for layer in (model.fc1, model.fc2):
        nn.utils.parametrizations.weight_norm(layer)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    torch_loop.train(recorder, model, optimizer, cross_entropy, data.blobs(rng, 4000), rng=rng)


@healthy
def noise_predictor(recorder, rng):
    """A small diffusion model: says which noise was added to points on a ring; its last layer starts at zero."""

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.time_mlp = nn.Linear(8, 64)
            self.in_proj, self.mid, self.out_proj = nn.Linear(2, 64), nn.Linear(64, 64), nn.Linear(64, 2)
            nn.init.zeros_(self.out_proj.weight)
            nn.init.zeros_(self.out_proj.bias)

        def forward(self, points):
            time, self.noise = torch.rand(len(points), 1), torch.randn_like(points)
            mixed = torch.cos(time * 1.57) * points + torch.sin(time * 1.57) * self.noise
            waves = torch.cat([torch.sin(time * 3.0**k) for k in range(8)], dim=1)
            return self.out_proj(
                nn.functional.silu(self.mid(nn.functional.silu(self.in_proj(mixed) + self.time_mlp(waves))))
            )

    model = Model()
    angle = torch.from_numpy(rng.uniform(0, 6.28, 4000))
    ring = torch.stack([angle.cos(), angle.sin()], dim=1).float().numpy()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    torch_loop.train(
        recorder, model, optimizer, lambda found, _: ((found - model.noise) ** 2).mean(), (ring, ring), rng=rng
    )
