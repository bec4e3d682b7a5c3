"""A second implementation of the rules, in plain Python and row by row, with which tests compare the models.

`answers(dataset, variables, seeds)` returns the marts as lists of rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .credit import (
    Opportunity,
    fct_attribution_credit,
    fct_attribution_touchpoints,
    fct_opportunities,
    place,
    read_opportunities,
)
from .crm import Judged, add_crm_touches, fct_activities, fct_campaign_members
from .dataset import Dataset, Row, Seeds, Variables
from .people import People, build_people, fct_buyer_touchpoints, fct_person_touchpoints
from .touchpoints import Touched, build_touches, fct_calls, fct_touchpoints

__all__ = ["Answer", "Dataset", "Row", "Seeds", "Variables", "answers", "work_out"]


@dataclass
class Answer:
    """Everything worked out for one dataset under one set of variables."""

    dataset: Dataset
    variables: Variables
    seeds: Seeds
    touched: Touched
    judged: list[Judged]
    people: People
    opportunities: list[Opportunity]
    _core: dict[str, list[dict[str, Any]]] = field(default_factory=dict, repr=False)

    def core(self) -> dict[str, list[dict[str, Any]]]:
        if not self._core:
            self._core = self._work_out_core()
        return self._core

    def _work_out_core(self) -> dict[str, list[dict[str, Any]]]:
        calls = fct_calls(self.touched, self.dataset, self.variables, self.seeds)
        return {
            "fct_calls": calls,
            "fct_touchpoints": fct_touchpoints(self.touched, self.variables),
            "fct_person_touchpoints": fct_person_touchpoints(self.people),
            "fct_buyer_touchpoints": fct_buyer_touchpoints(self.people, self.dataset, self.seeds),
            "fct_attribution_touchpoints": fct_attribution_touchpoints(self.opportunities, self.people, self.seeds),
            "fct_attribution_credit": fct_attribution_credit(self.opportunities, self.seeds),
            "fct_campaign_members": fct_campaign_members(self.judged),
            "fct_activities": fct_activities(self.judged),
            "fct_opportunities": fct_opportunities(self.opportunities, self.dataset, calls),
        }


def work_out(dataset: Dataset, variables: Variables, seeds: Seeds) -> Answer:
    touched = build_touches(dataset, variables, seeds)
    judged = add_crm_touches(touched, dataset, seeds)
    people = build_people(dataset, touched, variables.call_tracking)
    opportunities = read_opportunities(dataset, people, variables)
    for opportunity in opportunities:
        place(opportunity, dataset, variables, seeds)
    return Answer(dataset, variables, seeds, touched, judged, people, opportunities)


def answers(dataset: Dataset, variables: Variables | None = None, seeds: Seeds | None = None) -> dict[str, list[dict]]:
    return work_out(dataset, variables or Variables(), seeds or Seeds.shipped()).core()
