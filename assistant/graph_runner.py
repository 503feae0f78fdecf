"""Runs the graph of a loaded model node after node, in an order that is worked out once.

Rasa's own runner cuts the graph down to its targets, plans it with dask and formats its inputs, the whole conversation among
them, for a log line that nobody reads, three times in every turn.
"""
from graphlib import TopologicalSorter
from typing import Any, Dict, List, Optional, Tuple

from rasa.engine.runner.dask import DaskGraphRunner


class PlannedGraphRunner(DaskGraphRunner):
    """Rasa's runner for a model that is loaded already: the same nodes, the same results."""

    def __init__(self, loaded: DaskGraphRunner) -> None:
        self._graph_schema = loaded._graph_schema
        self._instantiated_nodes = loaded._instantiated_nodes
        self._plans: Dict[Tuple[str, ...], List[str]] = {}

    def run(self, inputs: Optional[Dict[str, Any]] = None, targets: Optional[List[str]] = None) -> Dict[str, Any]:
        """The output of each target (default: those of the graph), given values for nodes that the graph does not have."""
        wanted = tuple(targets or self._graph_schema.target_names)
        done = {name: (name, value) for name, value in (inputs or {}).items()}
        for name in self._plan(wanted):
            if name not in done:
                done[name] = self._instantiated_nodes[name](*(done[needed] for needed in self._needs(name)))
        return dict(done[name] for name in wanted)

    def _plan(self, targets: Tuple[str, ...]) -> List[str]:
        if targets not in self._plans:
            nodes = self._graph_schema.minimal_graph_schema(list(targets)).nodes
            self._plans[targets] = list(TopologicalSorter({name: list(self._needs(name)) for name in nodes}).static_order())
        return self._plans[targets]

    def _needs(self, name: str) -> List[str]:
        return list(self._graph_schema.nodes[name].needs.values())
