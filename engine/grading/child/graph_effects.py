"""Finds what a traced model does besides computing: draw random numbers, change variables.

Only what affects its answers counts. In Keras 3 a recurrent layer draws masks for a dropout
that it then skips, and counts in a variable how often it has drawn.
"""

import re
from typing import Any, NamedTuple

import tensorflow as tf

_DRAW = re.compile(r".*Random|Rng|Stateful(?!PartitionedCall)|Multinomial|.*TruncatedNormal")
_WRITE = re.compile(r"Assign|Rng|Resource(Scatter|Apply|StridedSliceAssign)")
_READ = frozenset({"ReadVariableOp", "ResourceGather", "ResourceGatherNd", "VariableShape"})
_CALL = re.compile(r"(Stateless)?(While|If|Case)$|(Stateful)?PartitionedCall$")
_COARSE = (tf.float16.as_datatype_enum, tf.bfloat16.as_datatype_enum)


class Effects(NamedTuple):
    """What the answers depend on besides the batch and constant weights.

    `draws`: random numbers; `written`: variables that a call may change; `coarse`: 16-bit
    floats.
    """

    draws: bool
    written: list[Any]
    coarse: bool


def effects(graph: Any) -> Effects:
    """The effects in a concrete function's `graph`."""
    whole = graph.as_graph_def()
    called = [node for each in whole.library.function for node in each.node_def]
    called_kinds = {node.op for node in called}
    reached = _reached(graph.outputs)
    kinds = called_kinds | {operation.type for operation in reached}
    calls_write = any(map(_WRITE.match, called_kinds))
    return Effects(
        draws=any(map(_DRAW.match, kinds)),
        written=_written(graph, reached, calls_write=calls_write),
        coarse=any(
            node.attr[name].type in _COARSE
            for node in (*whole.node, *called)
            for name in ("T", "DstT")
        ),
    )


def _reached(tensors: Any) -> set[Any]:
    """The operations that these tensors depend on."""
    found, ahead = set(), [tensor.op for tensor in tensors]
    while ahead:
        operation = ahead.pop()
        if operation not in found:
            found.add(operation)
            ahead += [tensor.op for tensor in operation.inputs]
    return found


def _written(graph: Any, reached: set[Any], *, calls_write: bool) -> list[Any]:
    """The variables that the answers depend on and a call may change.

    If any loop or branch writes, assume that it may change every variable passed to one.
    """
    inside = {id(outer): inner for outer, inner in graph.captures}

    def may_change(variable: Any) -> bool:
        handle = inside.get(id(variable.handle))
        if handle is None or handle.op not in reached:
            return False
        kinds = {user.type for user in handle.consumers()} - _READ
        return any(calls_write or not _CALL.match(kind) for kind in kinds)

    return [variable for variable in graph.variables if may_change(variable)]
