"""Healthy transformers: attention, layer normalisation, word embeddings."""

import torch
from torch import nn

from benchmarks.diagnosis import data, torch_loop
from benchmarks.diagnosis.torch_loop import cross_entropy
from benchmarks.diagnosis.training import healthy


class Transformer(nn.Module):
    def __init__(self, blocks, norm_first):
        super().__init__()
        self.embedding = nn.Embedding(200, 32)
        self.position = nn.Parameter(torch.randn(12, 32) * 0.02)
        block = nn.TransformerEncoderLayer(
            32, 4, 64, dropout=0.1, batch_first=True, norm_first=norm_first, activation="gelu"
        )
        self.encoder = nn.TransformerEncoder(block, blocks, enable_nested_tensor=False)
        self.head = nn.Linear(32, 2)

    def forward(self, words):
        return self.head(self.encoder(self.embedding(words) + self.position).mean(dim=1))


@healthy
def transformer_adamw(recorder, rng):
    model = Transformer(2, norm_first=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01)
    torch_loop.train(
        recorder, model, optimizer, cross_entropy, data.sentences(rng, 3000), rng=rng, steps=250, log_every=10
    )


@healthy
def transformer_warm_up_and_decay(recorder, rng):
    """As language models are trained: warm-up, then down to zero; gradients clipped; names as Lightning users log."""
    model = Transformer(1, norm_first=False)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, betas=(0.9, 0.95), weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, step / 40) * max(0.0, 1 - step / 250))
    torch_loop.train(
        recorder,
        model,
        optimizer,
        cross_entropy,
        data.sentences(rng, 3000),
        rng=rng,
        steps=250,
        log_every=10,
        schedule=schedule,
        tag="Model/{}",
        before_step=lambda _: nn.utils.clip_grad_norm_(model.parameters(), 1.0),
    )
