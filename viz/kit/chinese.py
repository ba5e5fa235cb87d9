"""What the program itself says in a Chinese lecture: labels and help of knobs, and the rules that a setting breaks.

Looked up by the English text. What is not listed keeps its English; a test holds that nothing in the lectures needs that.
"""

from __future__ import annotations

import re

from blocks.knobs import Knob, KnobError

LABELS = {
    "1x1 channels": "1x1 分支通道",
    "3x3 channels": "3x3 分支通道",
    "3x3 reduction": "3x3 前的降维通道",
    "Activation": "激活函数",
    "Backbone": "主干网络",
    "Batch": "批大小",
    "Bias": "偏置",
    "Block": "残差块",
    "Blocks per stage": "各阶段块数",
    "Body": "阶段内的块",
    "Bottleneck": "瓶颈倍数",
    "Cardinality": "基数",
    "Chain channels": "链上通道",
    "Channels": "通道数",
    "Channels per stage": "各阶段通道数",
    "Classes": "类别数",
    "Convolutions in the block": "块内的卷积",
    "Depth": "深度",
    "Depth multiplier": "深度系数",
    "Dilation": "空洞率",
    "Distance": "距离",
    "Draw": "抽取方式",
    "Dropout": "Dropout",
    "Effective SE": "有效 SE",
    "Embedding": "嵌入长度",
    "Embedding width": "嵌入维度",
    "Expansion": "扩展比",
    "Features": "特征通道",
    "Groups": "分组数",
    "Growth rate": "增长率",
    "Heads": "注意力头数",
    "Hidden units": "隐藏单元数",
    "Identity": "恒等相加",
    "Image size": "图片边长",
    "Inner channels": "中间通道",
    "Input channels": "输入通道",
    "Kernel size": "卷积核大小",
    "Large kernel": "大卷积核",
    "Large kernel's channels": "大卷积核分支通道",
    "Large kernel's reduction": "大卷积核前的降维通道",
    "Layers in a block": "块内层数",
    "Low-frequency share": "低频占比",
    "Low-frequency share of the input": "输入的低频占比",
    "Low-frequency share of the output": "输出的低频占比",
    "MLP ratio": "MLP 比例",
    "Norm": "归一化",
    "Octave share, input": "输入的低频占比",
    "Octave share, output": "输出的低频占比",
    "Output channels": "输出通道",
    "Partial ratio": "绕行比例",
    "Patch size": "图块大小",
    "Pool kind": "池化方式",
    "Pool projection": "池化后的投影通道",
    "Reduction channels": "降维通道",
    "Repeats": "重复次数",
    "Residual blocks a stage": "每处残差块数",
    "Resolution": "分辨率",
    "SE placement": "SE 位置",
    "SE ratio r": "SE 压缩比 r",
    "Shortcut": "捷径",
    "Stride": "步幅",
    "Tokens": "词元数",
    "Transition": "过渡方式",
    "Widen factor": "加宽系数",
    "Width multiplier": "宽度系数",
    "Width per group": "每组宽度",
}

HELPS = {
    "A share for each picture, one for the whole batch, or always 1/2.": "每张图片各抽一个份额（image）、整批共用一个（batch），或总是 1/2（even）。",
    "Add the module's input to its output, where their channels agree.": "通道数一致时把模块的输入加到输出上。",
    "Attention heads; they divide the embedding width.": "注意力头的个数，须整除嵌入维度。",
    "Batch; IBN-a (half instance, half batch after the first convolution); IBN-b (batch, and instance after the addition); instance; none.": (
        "batch 为批归一化；ibn_a 在第一个卷积之后一半用实例归一化、一半用批归一化；ibn_b 在相加之后再做实例归一化；instance 为实例归一化；none 为不归一化。"
    ),
    "Biases in the gate's two layers.": "门控两层中的偏置。",
    "Channels between a layer's two convolutions over the growth rate.": "一层的两个卷积之间的通道数与增长率之比。",
    "Channels of each convolution in the chain.": "链上每个卷积的通道数。",
    "Channels of one group in the first stage.": "第一阶段中一个分组的通道数。",
    "Channels of the 1x1 convolution after the pool.": "池化之后 1x1 卷积的通道数。",
    "Channels of the 1x1 convolution before the 3x3.": "3x3 之前 1x1 卷积的通道数。",
    "Channels of the 1x1 convolution before the large kernel.": "大卷积核之前 1x1 卷积的通道数。",
    "Channels of the hourglass.": "沙漏中的通道数。",
    "Channels that each layer adds (k in the paper).": "每层新增的通道数（论文中的 k）。",
    "Convolutions in the chain that is aggregated.": "被聚合的链上的卷积个数。",
    "Euclidean, or Koch's: a learned weight for each feature's difference, through a sigmoid.": (
        "euclidean 为欧氏距离；weighted_l1 是 Koch 的做法：每个特征之差乘以学到的权重，再经过 sigmoid。"
    ),
    "Hidden width of the MLP over the embedding width.": "MLP 的隐藏宽度与嵌入维度之比。",
    "How many paths are summed.": "相加的路径条数。",
    "How many times the block is repeated.": "块重复的次数。",
    "How many times the hourglass halves the resolution.": "沙漏把分辨率减半的次数。",
    "Independent channel groups of the convolution.": "卷积中彼此独立的通道分组。",
    "Inner channels over input channels.": "中间通道与输入通道之比。",
    "Kernels in order, as WRN's B(3,1,3): k is the kernel size; the groups and the stride belong to k. 'own' is the block's own list.": (
        "依次列出卷积核，如 WRN 的 B(3,1,3)：k 为卷积核大小，分组与步幅属于 k；own 为块自己的列表。"
    ),
    "Layers as the paper counts them: 4 + 3·l·n, with l convolutions in each of n blocks a stage.": "按论文的数法：4 + 3·l·n 层，每阶段 n 个块，每块 l 个卷积。",
    "Length of a token's vector.": "一个词元的向量长度。",
    "Length of the vector that stands for a picture.": "代表一张图片的向量长度。",
    "Multiplies every layer's channels.": "乘到每一层的通道数上。",
    "Multiplies every stage's channels.": "乘到每个阶段的通道数上。",
    "Multiplies every stage's repeats, rounded up.": "乘到每个阶段的重复次数上，向上取整。",
    "Number of channels in each stage.": "每个阶段的通道数。",
    "Number of encoder blocks.": "编码器块的个数。",
    "Number of feature maps.": "特征图的个数。",
    "Output channels of the 1x1 convolution in front; 0 leaves it out.": "前面 1x1 卷积的输出通道数；0 表示没有。",
    "Pictures at once.": "一次处理的图片数。",
    "Pooling in the pool branch: the largest value, the mean with the padding's zeros, or the mean of what lies inside.": (
        "池化分支的方式：最大值（max）、连同填充的零一起取平均（avg），或只对图内的值取平均（avg_inside）。"
    ),
    "Rescale the output by a gate of one fully connected layer (VoVNet v2).": "用一层全连接的门控重新缩放输出（VoVNet v2）。",
    "Residual blocks at each place of the hourglass.": "沙漏每一处的残差块个数。",
    "Share of activations dropped while training.": "训练时随机丢弃的激活所占比例。",
    "Share of the channels kept at half the resolution; 0 keeps none.": "以一半分辨率保存的通道所占比例；0 表示没有。",
    "Share of the channels that goes around the stage.": "绕过该阶段的通道所占比例。",
    "Side of one square patch, in pixels.": "一个正方形图块的边长（像素）。",
    "Side of the convolution's window.": "卷积窗口的边长。",
    "Side of the input.": "输入的边长。",
    "Side of the largest window in the module; 5 in the paper.": "模块中最大窗口的边长；论文中为 5。",
    "Squeeze-and-excitation reduction C/r.": "压缩激励中缩减到 C/r。",
    "Squeeze-and-excitation reduction C/r; 0 means no SE.": "压缩激励中缩减到 C/r；0 表示没有 SE。",
    "Squeeze-and-excitation to C_in/r, counted on the block's narrow input; 0 leaves it out.": "压缩激励缩减到 C_in/r，以块的窄输入计；0 表示没有。",
    "The network that looks at both pictures: any model of the catalog.": "查看两张图片的网络：目录中的任意模型。",
    "What the stage is made of: ResNet bottlenecks or Darknet blocks.": "阶段由什么组成：ResNet 的瓶颈块（bottleneck）或 Darknet 的块（darknet）。",
    "Where 1x1 convolutions join the two parts: before and after the concatenation, only after it (fusion first) or only before it (fusion last).": (
        "1x1 卷积在何处连接两部分：拼接前后都有（both）、只在其后（fusion_first）或只在其前（fusion_last）。"
    ),
    "Where the gate sits: on the branch, before it, after the addition, or on the shortcut.": (
        "门控放在哪里：分支上（standard）、分支之前（pre）、相加之后（post）或捷径上（identity）。"
    ),
    "Width of the two fully connected layers before the classes.": "分类层之前两个全连接层的宽度。",
}

#: What the graph's buttons and legend say.
GRAPH = {
    "Stages": "阶段",
    "Blocks": "块",
    "Operations": "操作",
    "Download": "下载",
    "Zoom in ( + )": "放大 ( + )",
    "Zoom out ( - )": "缩小 ( - )",
    "Fit ( 0 )": "整张图 ( 0 )",
    "Full screen": "全屏",
    "convolution": "卷积",
    "linear": "全连接",
    "attention": "注意力",
    "norm": "归一化",
    "activation": "激活",
    "pool": "池化",
    "add": "相加",
    "multiply": "相乘",
    "concat": "拼接",
    "reshape": "变形",
    "upsample": "上采样",
    "dropout": "dropout",
    "other": "其他",
    "shortcut": "捷径",
    "changed by the last edit": "标出的部分",
    "Parameters": "参数量",
    "Bytes moved": "访存量",
    "Activation memory": "激活内存",
    "Arithmetic intensity": "算术强度",
    "Receptive field": "感受野",
    "middle": "中间色",
    "maximum": "最大",
}

_RULES = (
    (r"must be one of (.+)", r"必须是 \1 之一"),
    (r"must lie between (\S+) and (\S+)", r"必须在 \1 与 \2 之间"),
    (r"each entry must lie between (\S+) and (\S+)", r"每一项必须在 \1 与 \2 之间"),
    (r"must be a whole number between (\S+) and (\S+)", r"必须是 \1 到 \2 之间的整数"),
    (r"must be a whole number", "必须是整数"),
    (r"must be a (?:finite )?number", "必须是有限的数"),
    (r"must be (?:True or False|yes or no)", "只能是“是”或“否”"),
    (r"must be odd.*", "必须是奇数，这样填充 (k-1)/2 才能保持大小"),
    (r"must be (?:a list of )?whole numbers such as (.+)", r"必须是整数列表，例如 \1"),
    (r"must divide (.+)", r"必须整除 \1"),
    (r"must be a multiple of (.+)", r"必须是 \1 的倍数"),
    (r"must be (\S+) more than a multiple of (\S+)", r"必须比 \2 的倍数多 \1"),
    (r"must be even: the middle of the block has half of its channels", "必须是偶数：块的中间只有一半通道"),
    (r"must equal (.+) at stride 1, where the input is added", r"步幅为 1 时要加上输入，必须等于 \1"),
    (r"adds the input, so that (.+) and (.+) must be equal", r"要加上输入，所以 \1 与 \2 必须相等"),
    (r"must leave a channel on each side of (.+)", r"必须在 \1 的两侧各留下一个通道"),
    (r"needs two channels or more to share out, not (.+)", r"至少需要两个通道才能分配，而不是 \1"),
    (r"needs one entry for each of the (\d+) stages", r"\1 个阶段各需要一项"),
    (r"halves a (.+) map more often than it can be halved", r"\1 的特征图无法减半这么多次"),
    (r"has ([\d.]+) MB; the limit is (\d+) MB", r"有 \1 MB，最多读取 \2 MB"),
    (r"has more than (\d+) million pixels", r"超过 \1 百万像素"),
    (r"has (\d+) x (\d+) pixels; at most (\d+) million are decoded", r"有 \1 x \2 像素，最多解码 \3 百万像素"),
    (r"has (\d+) x (\d+) pixels; each side needs at least (\d+)", r"有 \1 x \2 像素，每边至少需要 \3"),
    (r"is not an image in a supported format: (.+)", r"不是可读取的图片格式：\1"),
    (r"cannot be decoded: the file is damaged or incomplete", "无法解码：文件损坏或不完整"),
)


def chinese_label(text: str) -> str:
    """The Chinese label of a knob that is called ``text`` in English."""
    return LABELS.get(text, text)


def chinese_help(knob: Knob) -> str:
    """What a knob does, its argument, its published value and its range."""
    ends = f"范围 {knob.low:g} 到 {knob.high:g}。" if knob.low is not None and knob.high is not None else ""
    return f"{HELPS.get(knob.help, knob.help)}参数 `{knob.name}`，发表时为 {knob.text(knob.default)}。{ends}"


def chinese_error(error: Exception) -> str:
    """The sentence of an error; a rule that is not listed stays in English, in brackets after a sentence that says what it means."""
    if isinstance(error, KnobError):
        return _of_knob(error)
    if match := re.fullmatch(r"(.+): the window of (\S+) is larger than the input of (\S+) .*", str(error)):
        return match.expand(r"\1：窗口 \2 大于输入 \3，请选择更大的分辨率。")
    return f"该网络无法这样运行（{error}）。"


def _of_knob(error: KnobError) -> str:
    nearest = f"最接近的可用值：{' 或 '.join(map(str, error.nearest))}。" if error.nearest else ""
    rule = error.rule.rstrip(".")
    for pattern, chinese in _RULES:
        if match := re.fullmatch(pattern, rule, re.DOTALL):
            return f"{error.argument} = {error.value!r}：{match.expand(chinese)}。{nearest}"
    return f"{error.argument} = {error.value!r}：该网络不能这样设置（{rule}）。{nearest}"
