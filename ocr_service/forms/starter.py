"""The first lines of a new template, for its author to go on from."""

from __future__ import annotations

_STARTER = """\
# Template of a paper form. All positions are millimetres from the top-left corner of the page.
# Reference: docs/reference/template-format.md
schema_version = 1
key = "{key}"
version = "{version}"
title = {{ ja = "{key}", en = "{key}" }}
rules = ["required.missing", "date.impossible", "answer.ambiguous"]

[triage]
straight_through = false
# Wrong values allowed among those nobody looks at.
target_error = {{ text = 0.005, digits = 0.001, choice = 0.001, flag = 0.001 }}

[[pages]]
width_mm = {width_mm}
height_mm = {height_mm}
# Solid black marks: at least three, as far apart as the paper allows.
anchors = [
  {{ id = "TL", box = [5.0, 5.0, 5.0, 5.0] }},
  {{ id = "TR", box = [{right}, 5.0, 5.0, 5.0] }},
  {{ id = "BL", box = [5.0, {bottom}, 5.0, 5.0] }},
  {{ id = "BR", box = [{right}, {bottom}, 5.0, 5.0] }},
]

[[fields]]
key = "name"
kind = "text"
label = {{ ja = "氏名", en = "Name" }}
required = true
format = "name"
charset = "name"
segments = [{{ box = [30.0, 30.0, 80.0, 10.0] }}]

[[fields]]
key = "date"
kind = "digits"
label = {{ ja = "日付", en = "Date" }}
format = "date"
cells = [
  {{ box = [30.0, 50.0, 5.0, 7.0] }},
  {{ box = [36.0, 50.0, 5.0, 7.0] }},
  {{ box = [42.0, 50.0, 5.0, 7.0] }},
  {{ box = [48.0, 50.0, 5.0, 7.0] }},
  {{ box = [58.0, 50.0, 5.0, 7.0] }},
  {{ box = [64.0, 50.0, 5.0, 7.0] }},
  {{ box = [74.0, 50.0, 5.0, 7.0] }},
  {{ box = [80.0, 50.0, 5.0, 7.0] }},
]

[[fields]]
key = "answer"
kind = "choice"
label = {{ ja = "回答", en = "Answer" }}
options = [
  {{ value = "yes", label = {{ ja = "はい", en = "Yes" }}, box = [30.0, 70.0, 3.2, 3.2] }},
  {{ value = "no", label = {{ ja = "いいえ", en = "No" }}, box = [46.0, 70.0, 3.2, 3.2] }},
]
"""
_MARK_FROM_EDGE_MM = 10.0


def starter_template(key: str, version: str, *, width_mm: float, height_mm: float) -> str:
    """TOML of a small valid template: marks in the corners and one field of three kinds."""
    return _STARTER.format(
        key=key,
        version=version,
        width_mm=width_mm,
        height_mm=height_mm,
        right=width_mm - _MARK_FROM_EDGE_MM,
        bottom=height_mm - _MARK_FROM_EDGE_MM,
    )


__all__ = ["starter_template"]
