"""YAML for files that staff edit: every mapping and list remembers the line it starts on, and every mistake names it.

KnowledgeError is the one error type of the knowledge folder. Its text answers: which file, which line, what is
wrong, why it matters, how to mend it (in Chinese, for the person who edits the file).
"""
from __future__ import annotations

from typing import Any, Iterable, Optional

import yaml

class _Loader(getattr(yaml, "CBaseLoader", yaml.BaseLoader)):  # type: ignore[misc]
    """Leaves every scalar as text: typing happens in _scalar, where a surprise can be named by its line."""

    def resolve(self, kind: type, value: Any, implicit: Any) -> str:
        """No tag is ever looked at, so none is looked up."""
        return ""


_SURPRISING = frozenset(("yes", "no", "on", "off", "y", "n"))


class KnowledgeError(Exception):
    """A knowledge file cannot be used. str() is the whole message for the person who edits the file."""

    def __init__(self, file: str, line: Optional[int], what: str, mend: str = ""):
        where = f"{file} 第 {line} 行" if line else file
        super().__init__(f"{where}：{what}" + (f"\n  怎么改：{mend}" if mend else ""))
        self.file, self.line, self.what, self.mend = file, line, what, mend


class Block(dict):
    """A YAML mapping with `file` and `line` (1-based) of its first key, and `lines[key]` for each key."""

    file: str
    line: int
    lines: dict[str, int]

    def error(self, what: str, mend: str = "", key: Optional[str] = None) -> KnowledgeError:
        return KnowledgeError(self.file, self.lines.get(key, self.line) if key else self.line, what, mend)

    def check_keys(self, required: Iterable[str], optional: Iterable[str] = ()) -> None:
        """Raise KnowledgeError on a missing or an unknown key."""
        required, allowed = list(required), [*required, *optional]
        for key in self:
            if key not in allowed:
                raise self.error(f"不认识的键“{key}”", f"这里可以用的键：{'、'.join(allowed)}", key)
        for key in required:
            if key not in self:
                raise self.error(f"缺少“{key}”", f"这里必须写的键：{'、'.join(required)}")

    def text(self, key: str) -> str:
        """The value of `key` as a non-empty string; raises KnowledgeError."""
        value = self.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.error(f"“{key}”应该是一段文字，现在是 {value!r}", "用引号把文字括起来", key)
        return value.strip()

    def list(self, key: str) -> list:
        """The value of `key` as a list (absent: empty); raises KnowledgeError."""
        value = self.get(key, [])
        if not isinstance(value, list):
            raise self.error(f"“{key}”应该是一个列表，现在是 {value!r}", "写成 [甲, 乙] 或者每行一个“- 甲”", key)
        return value

    def block(self, key: str) -> "Block":
        """The mapping under `key` (absent: empty); raises KnowledgeError."""
        value = self.get(key)
        if value is None:
            value = Block()
            value.file, value.line, value.lines = self.file, self.lines.get(key, self.line), {}
        if not isinstance(value, Block):
            raise self.error(f"“{key}”应该是“键: 值”的形式，现在是 {value!r}", "每行写一个“键: 值”", key)
        return value

    def flag(self, key: str) -> bool:
        """Whether `key` is set; raises KnowledgeError for anything but true and false."""
        value = self.get(key, False)
        if not isinstance(value, bool):
            raise self.error(f"“{key}”只能是 true 或 false，现在是 {value!r}", "写 true，或者删掉这一行", key)
        return value


def read(text: str, file: str) -> Any:
    """Parse YAML `text` into Blocks, lists and plain values. Raises KnowledgeError with the line of the mistake."""
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise KnowledgeError(file, line, f"不是正确的 YAML（{error.problem}）",
                             "检查缩进、冒号后的空格和引号是否成对") from None
    except yaml.YAMLError as error:
        raise KnowledgeError(file, None, f"不是正确的 YAML（{error}）", "检查文件里有没有控制字符，用 UTF-8 保存") from None
    if node is None:
        raise KnowledgeError(file, 1, "文件是空的", "从版本库里恢复这个文件，或者补上内容")
    return _build(node, file)


def _build(node: yaml.Node, file: str) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _build_block(node, file)
    if isinstance(node, yaml.SequenceNode):
        return [_build(child, file) for child in node.value]
    return _scalar(node, file)


def _build_block(node: yaml.MappingNode, file: str) -> Block:
    block = Block()
    block.file, block.line, block.lines = file, node.start_mark.line + 1, {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        key = _scalar(key_node, file) if isinstance(key_node, yaml.ScalarNode) else None
        if not isinstance(key, str):
            raise KnowledgeError(file, line, f"键 {key!r} 不是文字", "给它加上引号；yes、no、on、off 和数字也要加引号")
        if key in block:
            raise KnowledgeError(file, line, f"“{key}”写了两次（第一次在第 {block.lines[key]} 行）", "删掉其中一个")
        block.lines[key] = line
        block[key] = _build(value_node, file)
    return block


def _scalar(node: yaml.ScalarNode, file: str) -> Any:
    """Text, or for an unquoted word a boolean, a whole number or None; dates and decimals stay text."""
    value = node.value
    if node.style in set("'|>\"") or not value.isascii():
        return value
    lowered = value.lower()
    if lowered in _SURPRISING:
        raise KnowledgeError(file, node.start_mark.line + 1, f"“{value}”会被当成是非值", "是非用 true 或 false；如果是文字就加引号")
    if lowered in ("true", "false"):
        return lowered == "true"
    if lowered in ("", "null", "~"):
        return None
    return int(value) if value.isdigit() else value
