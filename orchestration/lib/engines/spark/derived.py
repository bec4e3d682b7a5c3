"""What DuckDB builds and tests in a run on Spark: everything that is derived from whole marts.

However few rows it reads, a statement costs Spark about a core-second. DuckDB writes the file of marts anyway, and has
them whole there.

of(manifest)          its models and data tests
leave_out(manifest)   leaves Spark's part of a parsed project
read_by(manifest)     the tables of Spark's part that DuckDB's part reads
"""

from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import GenericTestNode, ModelNode, SingularTestNode


def of(manifest: Manifest) -> set[str]:
    """The ids of the models that nothing stored is made of, and of the tests that read one of them or marts alone."""
    models = {name: node for name, node in manifest.nodes.items() if isinstance(node, ModelNode)}
    on_spark: set[str] = set()
    waiting = [name for name, node in models.items() if _is_stored(node)]
    while waiting:
        name = waiting.pop()
        if name in models and name not in on_spark:
            on_spark.add(name)
            waiting += models[name].depends_on.nodes
    derived = models.keys() - on_spark
    marts = {name for name, node in models.items() if is_mart(node)}
    tests = set()
    for name, node in manifest.nodes.items():
        if isinstance(node, GenericTestNode | SingularTestNode):
            read = {parent for parent in node.depends_on.nodes if not parent.startswith("seed.")}
            if read & derived or (read and read <= marts):
                tests.add(name)
    return derived | tests


def leave_out(manifest: Manifest) -> None:
    """Leaves what Spark builds and tests."""
    for name in of(manifest):
        del manifest.nodes[name]
    # Some test models that are gone. A build runs none of them.
    manifest.unit_tests.clear()


def read_by(manifest: Manifest) -> dict[str, ModelNode]:
    """The stored marts, which the file contains, and whatever else derived models and their tests read, by name."""
    own = of(manifest)
    read = {parent for name in own for parent in manifest.nodes[name].depends_on_nodes}
    return {
        node.name: node
        for name, node in manifest.nodes.items()
        if isinstance(node, ModelNode) and name not in own and (is_mart(node) or name in read)
    }


def is_mart(model: ModelNode) -> bool:
    """Whether a model is published."""
    return "marts" in model.fqn[:-1]


def _is_stored(model: ModelNode) -> bool:
    """Feeds are stored like marts; all other models are made of affected rows alone in an incremental build."""
    return model.config.materialized == "by_component" or not (is_mart(model) or "feeds" in model.fqn[:-1])
