"""What a network does with a picture: its answer, what each of its operations gives, and how any number inside comes about.

from blocks import analyse, catalog, look
look.classify("efficientnet_lite0", "cat.jpg", "lite0")
look.operation_statistics("efficientnet_lite0", "cat.jpg", "lite0")
look.activations(analyse("resnet18"), catalog.build("resnet18").eval(), picture, [3])[3]
look.explain(analyse("resnet18"), catalog.build("resnet18").eval(), picture, node=3, position=(0, 7, 20, 20)).terms
"""

from blocks.look.activations import activations
from blocks.look.answer import Answer, ClassScore, classify
from blocks.look.by_operation import operation_statistics
from blocks.look.explain import Explanation, TermOfValue
from blocks.look.explain import explain_value as explain

__all__ = ["Answer", "ClassScore", "Explanation", "TermOfValue", "activations", "classify", "explain", "operation_statistics"]
