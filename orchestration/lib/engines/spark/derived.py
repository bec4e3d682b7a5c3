"""What DuckDB builds and tests in a run on Spark: what is derived from whole marts, and nearly all tests.

However few rows it reads, a statement costs Spark about a core-second. DuckDB writes the file of marts anyway, and has
them whole there; the other tables that it reads are Parquet.

of(manifest)              the models and data tests of DuckDB's part
leave_out(manifest)       removes them, so that Spark's part remains
read_by(manifest, own)    the tables of Spark's part that DuckDB's part reads
"""

from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import GenericTestNode, ModelNode, SingularTestNode


def of(manifest: Manifest, tests_views: bool = True) -> set[str]:
    """The ids of the models of which nothing stored is made, and of the tests.

    Spark tests seeds, what landed, and stored marts against what they are made of: in an incremental build these tests
    read the affected rows of both. Without `tests_views`, tests that read only views of a project parsed for DuckDB are
    left out: an incremental build on DuckDB runs none either.
    """
    models = {name: node for name, node in manifest.nodes.items() if isinstance(node, ModelNode)}
    on_spark: set[str] = set()
    waiting = [name for name, node in models.items() if _is_stored(node) or _is_affected(node)]
    while waiting:
        name = waiting.pop()
        if name in models and name not in on_spark:
            on_spark.add(name)
            waiting += models[name].depends_on.nodes
    derived = models.keys() - on_spark
    views = {name for name, model in models.items() if model.config.materialized == "one_statement_view"}
    tests = set()
    for name, node in manifest.nodes.items():
        if isinstance(node, GenericTestNode | SingularTestNode):
            if not tests_views and isinstance(node, GenericTestNode) and views.issuperset(node.depends_on.nodes):
                continue
            read = [models.get(parent) for parent in node.depends_on.nodes if not parent.startswith("seed.")]
            kinds = {_is_stored(model) for model in read if model and (_is_stored(model) or _is_affected(model))}
            if derived & set(node.depends_on.nodes) or (read and None not in read and len(kinds) < 2):
                tests.add(name)
    return derived | tests


def leave_out(manifest: Manifest) -> None:
    """Removes what DuckDB builds and tests."""
    for name in of(manifest):
        del manifest.nodes[name]
    # Some of them test models that are gone. A build runs no unit tests.
    manifest.unit_tests.clear()


def read_by(manifest: Manifest, own: set[str]) -> dict[str, ModelNode]:
    """The stored marts, which the file contains, and whatever else derived models and their tests read, by id."""
    read = {parent for name in own for parent in manifest.nodes[name].depends_on_nodes}
    return {
        name: node
        for name, node in manifest.nodes.items()
        if isinstance(node, ModelNode) and name not in own and (is_mart(node) or name in read)
    }


def is_mart(model: ModelNode) -> bool:
    """Whether a model is published."""
    return "marts" in model.fqn[:-1]


def _is_stored(model: ModelNode) -> bool:
    return model.config.materialized == "by_component"


def _is_affected(model: ModelNode) -> bool:
    """Whether an incremental build makes it of affected rows alone. Feeds are stored like marts."""
    return not (is_mart(model) or "feeds" in model.fqn[:-1])
