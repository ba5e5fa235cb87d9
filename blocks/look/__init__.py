"""What a trained network sees in a picture.

from blocks import look
look.classify("efficientnet_lite0", "cat.jpg", "lite0")
"""

from blocks.look.answer import Answer, ClassScore, classify

__all__ = ["Answer", "ClassScore", "classify"]
