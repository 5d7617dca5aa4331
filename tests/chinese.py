"""What is wrong with a Chinese text: half-width marks, the other form of address, other words.

The glossary that it follows is in docs/glossary.zh-CN.md.
"""

import re
from collections.abc import Iterator

_HAN = "\u3400-\u9fff"
_WIDE = _HAN + "，。；：？！、（）“”《》…"
# Code is not Chinese: what stands between backticks, in a fence, a link's target, a field.
# So is a shape, such as (28, 28, 1); a list's number is no end of a sentence.
_CODE = re.compile(
    r"```.*?```|`[^`\n]*`|\]\([^)\n]*\)|https?://\S+|\((?=[^()]*,)[A-Za-z\d\s,×.#]+\)|^\W*\d+\. "
    r"|[\w.]+\((?:[^()\u4e00-\u9fff]|\([^()]*\))*\)+| … ",
    re.DOTALL | re.MULTILINE,
)
_HALF_WIDTH = re.compile(
    rf"[{_WIDE}] ?[,;:!?](?!\S*[=/])"  # 中文, 中文:
    rf"|[,;!?] ?[{_WIDE}]"  # ,中文
    rf"|(?<!\.\.)[:.] ?[{_HAN}]"  # .中文 :中文
    rf"|[{_HAN}][.](?!\w)"  # 中文.
    rf"|[{_HAN}] ?\(|\) ?[{_HAN}]"  # 中文 (…) 中文
    rf"|[{_WIDE}] …|[{_HAN}]\.\.\."
)
_TOUCHING = re.compile(rf"[{_HAN}][A-Za-z0-9]|[A-Za-z0-9%][{_HAN}]")
_OTHER_WORDS = {
    "您": "你",
    "隐藏集": "隐藏数据集",
    "评分程序": "评分器",
    "任务包": "题包",
    "载入": "加载",
    "工作目录": "工作区",
    "数据目录": "数据文件夹",
    "学习率衰减率": "学习率衰减",
}
# What candidates type, and names: ids, options, variables, products.
_NAMES = re.compile(r"\S*[./_<>=|$~@-]\S*|[A-Z][\w-]*(?: \d)?|\b(?:h5|json|xml|bank|h)\b")
_COMMAND = re.compile(
    r"`[^`]{,200}`|tfexam (?:bank|class|data) [a-z]+|pip install(?: [\w'\[\]-]+)+", re.DOTALL
)
_HIDDEN_DATA = re.compile("隐藏数据(?!集)")


def faults(text: str) -> Iterator[str]:
    """Each fault with what stands around it."""
    plain = _CODE.sub(lambda code: "`" * len(code.group()), text)
    for pattern, what in ((_HALF_WIDTH, "half-width mark"), (_TOUCHING, "no space")):
        for found in pattern.finditer(plain):
            yield f"{what}: …{_around(text, found.start())}…"
    for found in _HIDDEN_DATA.finditer(plain):
        yield f"隐藏数据集: …{_around(text, found.start())}…"
    for word, instead in _OTHER_WORDS.items():
        if word in plain:
            yield f"{instead} instead of {word}: …{_around(text, plain.index(word))}…"


def english(text: str) -> list[str]:
    """Runs of three English words, but for commands."""
    lines = [
        line
        for line in _COMMAND.sub("0", text).splitlines()
        if not line.lstrip().startswith(("tfexam ", "TFEXAM_", "用法：tfexam"))
    ]
    plain = _NAMES.sub("0", "\n".join(lines))
    return re.findall(r"(?:\b[a-z']{2,}[,.]? ){2}[a-z']{2,}", plain)


def _around(text: str, place: int) -> str:
    return text[max(0, place - 12) : place + 12].replace("\n", "⏎")
