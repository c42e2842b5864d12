"""True ONNX models, small ones."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto, helper, numpy_helper


def adding(*, external: str = "", inner: bool = False) -> bytes:
    """Adds numbers; they are in another file where one is named, and in a branch where that is wanted."""
    number = numpy_helper.from_array(np.ones(300, np.float32), "one")
    value = helper.make_tensor_value_info
    nodes = [helper.make_node("Add", ["x", "one"], ["y"])]
    if inner:
        branch = helper.make_graph(nodes, "branch", [], [value("y", TensorProto.FLOAT, [300])], [number])
        nodes = [helper.make_node("If", ["b"], ["z"], then_branch=branch, else_branch=branch)]
    given = [value("b", TensorProto.BOOL, []), value("x", TensorProto.FLOAT, [300])]
    wanted = [value(nodes[-1].output[0], TensorProto.FLOAT, [300])]
    made = helper.make_model(helper.make_graph(nodes, "g", given, wanted, [] if inner else [number]))
    graphs = [one.g for one in made.graph.node[0].attribute] if inner else [made.graph]
    for tensor in (graph.initializer[0] for graph in graphs if external):
        tensor.data_location = TensorProto.EXTERNAL
        tensor.ClearField("raw_data")
        tensor.external_data.add(key="location", value=external)
        tensor.external_data.add(key="length", value="1200")
    data: bytes = made.SerializeToString()
    return data
