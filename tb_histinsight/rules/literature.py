"""What the rules cite. Title, year and link of each were looked up before it was entered here."""

from __future__ import annotations

from tb_histinsight.rules.base import Reference

GLOROT = Reference(
    "Understanding the difficulty of training deep feedforward neural networks",
    2010,
    "https://proceedings.mlr.press/v9/glorot10a.html",
)
HE = Reference(
    "Delving Deep into Rectifiers: Surpassing Human-Level Performance on ImageNet Classification",
    2015,
    "https://arxiv.org/abs/1502.01852",
)
DECOUPLED_DECAY = Reference("Decoupled Weight Decay Regularization", 2019, "https://arxiv.org/abs/1711.05101")
MIXED_PRECISION = Reference("Mixed Precision Training", 2018, "https://arxiv.org/abs/1710.03740")
THE_DEEP_CHECKER = Reference(
    "Testing Feedforward Neural Networks Training Programs", 2022, "https://arxiv.org/abs/2204.00694"
)
DEEP_DIAGNOSIS = Reference(
    "DeepDiagnosis: Automatically Diagnosing Faults and Recommending Actionable Fixes in Deep Learning Programs",
    2022,
    "https://arxiv.org/abs/2112.04036",
)
SATURATION = Reference("Measuring Saturation in Neural Networks", 2015, "https://doi.org/10.1109/SSCI.2015.202")
LOW_PRECISION = Reference(
    "Stable and low-precision training for large-scale vision-language models", 2023, "https://arxiv.org/abs/2304.13013"
)
