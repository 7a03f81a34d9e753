"""The picture of error against coverage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from ocr_service.evaluation.plot import write_risk_plot
from ocr_service.evaluation.report import KindScore, Tally
from ocr_service.evaluation.risk_curve import CurvePoint, RiskCurve


def _curve(kind: str, *risks: float) -> RiskCurve:
    points = tuple(
        CurvePoint((i + 1) / len(risks), risk, min(1.0, risk + 0.01))
        for i, risk in enumerate(risks)
    )
    return RiskCurve(kind, 400, points, 0.8, 0.001, 0.004, 0.005)


def test_every_kind_gets_a_panel(tmp_path: Path) -> None:
    """Panels stand in rows of three; one curve of one point is drawn, too."""
    path = tmp_path / "risk.png"
    curves = [_curve(f"kind {i}", 0.0, 0.0, 0.001, 0.02) for i in range(4)]
    write_risk_plot(curves, path, title="Test")
    with Image.open(path) as many:
        assert many.size == (3 * 420, 74 + 2 * 300)
        assert len(np.unique(np.asarray(many.convert("L")))) > 50
    write_risk_plot([_curve("one", 0.5)], path, title="Test")
    with Image.open(path) as one:
        assert one.size == (420, 374)


def test_a_promise_is_kept_broken_or_open() -> None:
    """Bounds decide: few fields leave a promise open, whatever they show."""

    def kept(accepted: int, escaped: int) -> bool | None:
        tally = Tally(accepted, accepted - escaped, accepted, escaped)
        return KindScore("k", tally, tally, tally, 0, 0, 0.0, 0.0, (), target=0.005).keeps_promise

    assert kept(5000, 5) is True
    assert kept(5000, 60) is False
    assert kept(100, 0) is None
    assert kept(100, 1) is None
