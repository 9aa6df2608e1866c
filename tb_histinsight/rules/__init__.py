"""What is wrong with a network, as far as its histograms tell: one file per rule, found because it is there.

A rule is a file of this package that holds one subclass of `Rule`; the file is named like the rule, with underscores.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
import logging
import pkgutil
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from tb_histinsight.core.errors import UsageError
from tb_histinsight.core.findings import RuleOutcome
from tb_histinsight.core.labels import Reason, Status
from tb_histinsight.core.run import RunAnalysis
from tb_histinsight.rules.adjustment import Adjustment
from tb_histinsight.rules.base import CannotCheck, Rule
from tb_histinsight.rules.causes import link_causes

__all__ = ["Rule", "all_rules", "rule", "run_rules"]

NOTHING_SET: Mapping[str, Adjustment] = {}

_log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def all_rules() -> tuple[Rule, ...]:
    """Every rule, in the order of their ids."""
    found: dict[str, Rule] = {}
    for module_info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{module_info.name}")
        for value in vars(module).values():
            own = isinstance(value, type) and value.__module__ == module.__name__
            if own and issubclass(value, Rule) and not inspect.isabstract(value):
                found[value.id] = value()
    return tuple(found[key] for key in sorted(found))


def rule(rule_id: str) -> Rule:
    """The rule of this id.

    Raises:
      UsageError: there is none, with the nearest one that there is.
    """
    for candidate in all_rules():
        if candidate.id == rule_id:
            return candidate
    near = difflib.get_close_matches(rule_id, [candidate.id for candidate in all_rules()], n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]!r}?" if near else "`tb-histinsight rules` lists all of them."
    raise UsageError(f"There is no rule {rule_id!r}. {hint}")


def run_rules(
    run: RunAnalysis,
    select: Collection[str] | None = None,
    ignore: Collection[str] | None = None,
    adjustments: Mapping[str, Adjustment] = NOTHING_SET,
) -> tuple[RuleOutcome, ...]:
    """Lets the rules judge a run; one outcome per rule, in the order of their ids.

    A rule that breaks becomes an outcome, and the others still report.

    Args:
      select: ids of the rules to run (default: all).
      ignore: ids of the rules to leave out.
      adjustments: by the rule's id, what the user set about it.

    Raises:
      UsageError: `select` or `ignore` names a rule that there is not.
    """
    wanted = {rule(rule_id).id for rule_id in select} if select else {candidate.id for candidate in all_rules()}
    wanted -= {rule(rule_id).id for rule_id in ignore or ()}
    chosen = [candidate for candidate in all_rules() if candidate.id in wanted]
    first_step = min((int(tag.steps[0]) for tag in run.tags if len(tag.steps)), default=None)
    follows = {candidate.id: candidate.follows for candidate in chosen}
    return link_causes(run.run, run_each(run, chosen, adjustments), follows, first_step)


def run_each(
    run: RunAnalysis, rules: Iterable[Rule], adjustments: Mapping[str, Adjustment] = NOTHING_SET
) -> tuple[RuleOutcome, ...]:
    """What becomes of each of these rules on a run, causes not yet linked."""
    alone = tuple(tag for tag in run.tags if not len(tag.collisions))
    apart = run if len(alone) == len(run.tags) else replace(run, tags=alone)
    return tuple(
        _outcome(candidate, run if candidate.judges_collided_tags else apart, adjustments.get(candidate.id))
        for candidate in rules
    )


def _outcome(candidate: Rule, run: RunAnalysis, adjustment: Adjustment | None) -> RuleOutcome:
    try:
        if adjustment is None:
            findings = tuple(candidate.check(run))
        else:
            findings = tuple(adjustment.finding(finding) for finding in adjustment.rule(candidate).check(run))
    except CannotCheck as missing:
        return RuleOutcome(candidate.id, Status.SKIPPED, missing.reason)
    except Exception as error:
        _log.exception("Rule %s broke on run %r", candidate.id, run.run)
        return RuleOutcome(candidate.id, Status.FAILED, Reason("broke", {"error": f"{type(error).__name__}: {error}"}))
    return RuleOutcome(candidate.id, Status.FIRED if findings else Status.PASSED, None, findings)
