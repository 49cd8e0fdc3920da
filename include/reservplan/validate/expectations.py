"""One Great Expectations run a snapshot, over all teams at once.

One run for each team and day would take a hundred times as long. The results name cells and counts: the frames hold no
person, and every result format here leaves out the values found.
"""

import logging
import os
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from reservplan.domain.errors import LastingError
from reservplan.domain.names import nfc
from reservplan.domain.rules import RULES
from reservplan.domain.words import say
from reservplan.validate.facts import CELL, VISIT_RULES

if TYPE_CHECKING:
    import pandas as pd

_COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0}
_WHICH_CELLS = {
    "result_format": "COMPLETE",
    "unexpected_index_column_names": CELL,
    "exclude_unexpected_values": True,
    "include_unexpected_rows": False,
    "return_unexpected_index_query": False,
    "partial_unexpected_count": 0,
}


def broken_by_cell(rows: "pd.DataFrame", broken: "pd.DataFrame", language: str) -> dict[tuple[str, str], list[str]]:
    """The codes of the rules that each cell (ISO date, team) breaks; cells that break none are absent.

    Raises:
        LastingError: the frames are not what they must be (a fault in this program, not in the export).
    """
    # Analytics off before the import: older versions read it there.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.expectations.core import (
        ExpectColumnValuesToBeInSet,
        ExpectColumnValuesToNotBeNull,
        ExpectCompoundColumnsToBeUnique,
        ExpectTableColumnsToMatchSet,
    )
    from great_expectations.expectations.metadata_types import FailureSeverity

    # One of its modules sets its own level at import, so the parent's is not enough.
    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)

    def validated(name: str, frame: "pd.DataFrame", expectations: list[Any], form: dict[str, Any]) -> Any:
        asset = context.data_sources.add_pandas(name).add_dataframe_asset(name)
        batch = asset.add_batch_definition_whole_dataframe("all").get_batch(batch_parameters={"dataframe": frame})
        return batch.validate(gx.ExpectationSuite(name=name, expectations=expectations), result_format=form)

    in_rows = validated(
        "visits",
        rows,
        [
            ExpectTableColumnsToMatchSet(column_set=[*CELL, *VISIT_RULES], exact_match=True),
            *(ExpectColumnValuesToNotBeNull(column=column) for column in (*CELL, *VISIT_RULES)),
        ],
        _COUNTS_ONLY,
    )
    _require_all(in_rows)
    in_cells = validated(
        "coverage",
        broken,
        [
            ExpectCompoundColumnsToBeUnique(column_list=CELL),
            *(
                ExpectColumnValuesToBeInSet(
                    column=rule.code,
                    value_set=[False],
                    meta={"rule": rule.code},
                    description=say(language, f"validate.rule_{rule.code}"),
                    severity=FailureSeverity.WARNING if rule.severity.whole else FailureSeverity.CRITICAL,
                )
                for rule in RULES
            ),
        ],
        _WHICH_CELLS,
    )
    return _by_cell(in_cells)


def _require_all(results: Any) -> None:
    failed = [result.expectation_config.type for result in results.results if not result.success]
    if failed:
        raise LastingError(
            f"The plan's own frames are not whole ({', '.join(sorted(set(failed)))}).",
            do="Nothing was touched. This is a fault in Reservplan: report it with this line.",
        )


def _by_cell(results: Any) -> dict[tuple[str, str], list[str]]:
    broken: dict[tuple[str, str], list[str]] = defaultdict(list)
    for result in results.results:
        rule = (result.expectation_config.meta or {}).get("rule")
        if result.success:
            continue
        if rule is None or result.exception_info.get("raised_exception", False):
            _require_all(results)
            continue
        for columns in result.result["unexpected_index_list"]:
            for plan_date, team in zip(columns["plan_date"], columns["team"], strict=True):
                broken[str(plan_date), nfc(team)].append(rule)
    return broken
