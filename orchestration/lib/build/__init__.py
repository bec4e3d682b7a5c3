"""The build: plan it, run it.

plan(settings, manifest)   what the next build does, and why
run(plan, engine)          does it
"""

from orchestration.lib.build.execution import Engine, Outcome, run
from orchestration.lib.build.planning import Plan, plan

__all__ = ["Engine", "Outcome", "Plan", "plan", "run"]
