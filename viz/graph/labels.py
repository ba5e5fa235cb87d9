"""The text of a box: a bold title and a small line under it. Shapes are written as in papers, C×H×W, without the batch."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from blocks.catalog import spaced
from blocks.language import tr, translatable
from blocks.trace.graph import OPERATION_KINDS, Graph, Node, Shape
from blocks.trace.symbolic import plain
from viz.graph.tree import FUSION_CORES, PLAIN_CONTAINERS, Item

_MAX_HEADING = 26  # letters in a frame's heading
_MAX_DETAIL = 30  # letters in a box's small line
#: Sign and title of the operations drawn as a circle: by their kind, and by the function where that says more.
_CIRCLES = {
    "add": ("+", translatable("Add")),
    "multiply": ("×", translatable("Multiply")),
    "sub": ("−", translatable("Subtract")),
    "rsub": ("−", translatable("Subtract")),
    "div": ("÷", translatable("Divide")),
    "true_divide": ("÷", translatable("Divide")),
}
_MAX_POOL, _AVERAGE_POOL, _PRODUCT = translatable("Max pool"), translatable("Average pool"), translatable("Matrix product")
#: Operations by torch's names; activations are called the same in every language.
_NAMES = {
    "batch_norm": translatable("Batch norm"), "layer_norm": translatable("Layer norm"), "group_norm": translatable("Group norm"), "instance_norm": translatable("Instance norm"),
    "rms_norm": translatable("RMS norm"), "local_response_norm": translatable("Response norm"),
    "relu": "ReLU", "relu6": "ReLU6", "leaky_relu": "Leaky ReLU", "silu": "SiLU", "gelu": "GELU", "hardswish": "Hard swish", "hardsigmoid": "Hard sigmoid", "elu": "ELU",
    "max_pool2d": _MAX_POOL, "adaptive_max_pool2d": _MAX_POOL, "avg_pool2d": _AVERAGE_POOL, "adaptive_avg_pool2d": _AVERAGE_POOL,
    "linear": translatable("Linear"), "matmul": _PRODUCT, "bmm": _PRODUCT, "scaled_dot_product_attention": translatable("Attention"),
    "mul": translatable("Multiply"), "add": translatable("Add"), "iadd": translatable("Add"), "mean": translatable("Mean"), "linalg_vector_norm": translatable("Vector norm"),
    "cat": translatable("Concat"), "interpolate": translatable("Resize"), "pixel_shuffle": translatable("Pixel shuffle"), "getitem": translatable("Select"),
    "flatten": translatable("Flatten"), "reshape": translatable("Reshape"), "view": translatable("Reshape"), "permute": translatable("Permute"), "transpose": translatable("Transpose"),
    "chunk": translatable("Chunk"), "split": translatable("Split"), "narrow": translatable("Narrow"), "pad": translatable("Pad"), "expand": translatable("Expand"),
    "index_select": translatable("Index select"), "squeeze": translatable("Squeeze"), "unsqueeze": translatable("Unsqueeze"), "abs": translatable("Absolute value"),
    "input": translatable("Input"), "output": translatable("Output"),
}  # fmt: skip
_SHORT = {"batch_norm": "BN", "layer_norm": "LN", "group_norm": "GN", "instance_norm": "IN", "local_response_norm": "LRN"}


@dataclass(frozen=True, slots=True)
class BoxLabel:
    """The two lines of a box; ``shape`` names its outline and ``kind`` its colour."""

    title: str
    detail: str
    kind: str
    shape: str


def shape_text(shape: Shape) -> str:
    """A tensor's shape without the batch: 64×56×56, or 197×768, or 1000."""
    return "×".join(str(plain(s)) for s in (shape[1:] if len(shape) > 1 else shape)) or tr("scalar")


def box_label(item: Item, graph: Graph) -> BoxLabel:
    """The label of ``item`` when closed. Shapes are on the edges, so boxes do not repeat them."""
    if item.role == "op":
        return _operation(graph.nodes[item.start], item, graph)
    if item.role == "fused":
        return _fused(item, graph)
    if item.role == "repeat":
        inner = box_label(item.children[0], graph)
        detail = _joined(_range(item), "" if _alike(item) else tr("widths vary")) if inner.kind == "module" else inner.detail
        return BoxLabel(f"{inner.title} ×{len(item.children)}", detail, inner.kind, "stack")
    if graph.calls[item.call].cls in PLAIN_CONTAINERS:
        return BoxLabel(module_title(item, graph), _contents(item, graph), "module", "stack")
    return BoxLabel(module_title(item, graph), path_text(item.id), "module", "module")


def heading(item: Item, graph: Graph) -> str:
    """The heading of an open item's frame."""
    if item.role in ("repeat", "fused"):
        return box_label(item, graph).title
    name, path = module_title(item, graph), path_text(item.id)
    own = path.rsplit(".", 1)[-1]
    if own.replace("_", " ").lower() == name.lower():
        return name
    told = own.replace("_", " ").capitalize() if any(c.isalpha() for c in own) else name
    brief = [_joined(name, path), *([_joined(name, own)] if not own.isdigit() else [])]  # a bare index says nothing
    return next((text for text in brief if len(text) <= _MAX_HEADING), told)


def module_title(item: Item, graph: Graph) -> str:
    """The class of a module; of a plain container what it mostly holds ("Bottleneck ×3"), or its own name ("Stem")."""
    name = graph.calls[item.call].cls if graph.calls else tr("Network")
    if name not in PLAIN_CONTAINERS:
        return class_title(name)
    held = Counter(graph.calls[c.call].cls for c in _members(item) if c.role == "module")
    most, times = held.most_common(1)[0] if held else ("", 0)
    if times > 1 and most not in PLAIN_CONTAINERS:
        return f"{class_title(most)} ×{times}"
    own = item.id.rsplit(".", 1)[-1].split("#")[0]
    if any(c.isalpha() for c in own):
        return own.replace("_", " ").capitalize()
    if times and most not in PLAIN_CONTAINERS:
        return class_title(most)
    convolutions = sum(node.kind == "convolution" for node in graph.nodes[item.start : item.stop])
    return tr("{n} convolutions", n=convolutions) if convolutions > 1 else tr("Sequence")


def class_title(name: str) -> str:
    """A class's name as a title: "Dense Block" for a class called _DenseBlock."""
    name = name.lstrip("_") or name
    return spaced(name) if len(name) < 25 else name


def _contents(item: Item, graph: Graph) -> str:
    """The contents of a container if they are short, else its path."""
    path, inside = path_text(item.id), " · ".join(box_label(child, graph).title for child in item.children)
    if not path.rsplit(".", 1)[-1].isdigit() and len(inside) <= _MAX_DETAIL and inside != module_title(item, graph):
        return inside
    return path


def _range(item: Item) -> str:
    """The paths that a repeat covers: "stages.0.1–2"."""
    first, last = (path_text(item.children[i].id) for i in (0, -1))
    stem, _, end = last.rpartition(".")
    return f"{first}–{end}" if first.rpartition(".")[0] == stem and end.isdigit() else first


def _members(item: Item) -> list[Item]:
    return [inner for child in item.children for inner in (child.children if child.role == "repeat" else [child])]


def _alike(item: Item) -> bool:
    return all(a.sign == b.sign for a, b in pairwise(item.children))


def path_text(id: str) -> str:
    """A module's path for display."""
    return id.lstrip("/")


def operation_title(op: str) -> str:
    """A torch function's name for display."""
    name = _NAMES.get(op.strip("_"))
    return tr(name) if name else op.strip("_").replace("_", " ").capitalize()


def _own_name(node: Node, graph: Graph) -> str:
    """The module's name for an activation (torch runs ReLU6 as hardtanh), the function's for anything else."""
    module = graph.calls[node.scope].module if 0 <= node.scope < len(graph.calls) else None
    if node.kind == "activation" and type(module).__module__.startswith("torch.nn"):
        return type(module).__name__
    return operation_title(node.op)


def _operation(node: Node, item: Item, graph: Graph) -> BoxLabel:
    if node.kind in _CIRCLES and len(node.inputs) > 1:
        return BoxLabel(_circle(node)[0], "", node.kind, "circle")
    if node.kind == "convolution":
        return BoxLabel(convolution_name(node), _channels(node, graph), node.kind, "box")
    if node.kind == "linear":
        return BoxLabel(operation_title(node.op), _channels(node, graph) if node.op == "linear" else "", node.kind, "square")
    outline = {
        "activation": "pill",
        "pool": "pool",
        "upsample": "upsample",
        "concat": "bar",
        "reshape": "slant",
        "attention": "hexagon",
        "input": "pill",
        "output": "pill",
    }
    name = _pool_name(node) if node.kind == "pool" else _own_name(node, graph)
    return BoxLabel(name, "", node.kind, outline.get(node.kind, "box"))


def _circle(node: Node) -> tuple[str, str]:
    return _CIRCLES.get(node.op.strip("_"), _CIRCLES[node.kind])


def full_title(item: Item, graph: Graph) -> str:
    """The title of a closed box in words: "Subtract" for a circle that shows a minus sign."""
    said = box_label(item, graph)
    return said.title if said.shape != "circle" else tr(_circle(graph.nodes[item.start])[1])


def kind_names(nodes: Iterable[Node]) -> dict[str, str]:
    """What the legend calls each kind among ``nodes``, in its order: a kind whose operations are all of one sign after that sign."""
    titles: dict[str, set[str]] = defaultdict(set)
    for node in nodes:
        titles[node.kind].add(_circle(node)[1].lower() if node.kind in _CIRCLES and len(node.inputs) > 1 else node.kind)
    return {kind: titles[kind].pop() if len(titles[kind]) == 1 else kind for kind in OPERATION_KINDS if kind in titles and kind not in ("input", "output")}


def convolution_name(node: Node) -> str:
    """ "Conv 3×3 /2", "Depthwise 5×5", "Conv 1×1, 8 groups"."""
    taken = _channels_in(node)
    groups = plain(node.attrs.get("groups", 1))
    kernel = "×".join(str(plain(k)) for k in node.attrs.get("kernel", ())) or "?"
    name = tr("Depthwise") if groups > 1 and groups == taken else tr("Transposed conv") if "transpose" in node.op else tr("Conv")
    stride = max((plain(s) for s in node.attrs.get("stride", ())), default=1)
    dilation = max((plain(d) for d in node.attrs.get("dilation", ())), default=1)
    return f"{name} {kernel}" + (f" /{stride}" if stride > 1 else "") + (" " + tr("dilated {n}", n=dilation) if dilation > 1 else "")


def _channels_in(node: Node) -> int:
    """Input channels; 0 if the trace does not say."""
    return int(node.attrs.get("c_in", 0)) or _depthwise_guess(node)


def _depthwise_guess(node: Node) -> int:
    groups, out = plain(node.attrs.get("groups", 1)), plain(node.shape[1]) if len(node.shape) > 1 else 0
    return groups if groups > 1 and out % groups == 0 and out // groups <= 2 and groups > 4 else 0


def _channels(node: Node, graph: Graph) -> str:
    axis = -1 if node.kind == "linear" or len(node.shape) < 3 else 1
    out = plain(node.shape[axis])
    source = next((graph.nodes[i].outputs[slot] for i, slot in node.inputs), ())
    taken = plain(source[axis]) if len(source) >= len(node.shape) > 1 else 0
    groups = plain(node.attrs.get("groups", 1))
    flow = f"{taken} → {out}" if taken and taken != out else f"{out}"
    return _joined(flow, tr("{n} groups", n=groups) if 1 < groups < max(taken, 2) else "")


def _pool_name(node: Node) -> str:
    kernel = tuple(plain(k) for k in node.attrs.get("kernel", ()))
    name = operation_title(node.op)
    if node.op.startswith("adaptive") or not kernel:
        return tr("Global {pool}", pool=name.lower()) if all(plain(s) == 1 for s in node.shape[2:]) else name
    stride = max(plain(s) for s in node.attrs.get("stride", (1,)))
    return f"{name} {'×'.join(map(str, kernel))}" + (f" /{stride}" if stride > 1 else "")


def _fused(item: Item, graph: Graph) -> BoxLabel:
    nodes = graph.nodes[item.start : item.stop]
    core = next(n for n in nodes if n.kind in FUSION_CORES)
    own = _operation(core, item, graph)
    said = (_SHORT.get(n.op, _own_name(n, graph) if n.kind != "reshape" else operation_title(n.op).lower()) for n in nodes if n is not core)
    others = " · ".join(dict.fromkeys(said))
    return BoxLabel(own.title, _joined(own.detail, others), core.kind, own.shape)


def _joined(*parts: str) -> str:
    return " · ".join(p for p in parts if p)
