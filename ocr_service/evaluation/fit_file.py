"""Writes a fit as ``calibration.json``: the same bytes for the same outcomes."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ocr_service.domain.statistics import calibration_error
from ocr_service.evaluation.fit import Fitted, Outcome
from ocr_service.evaluation.fit_outcomes import PageOutcomes
from ocr_service.evaluation.fit_promise import Promise
from ocr_service.pipeline.calibrate import SCHEMA, CalibrationMap
from ocr_service.pipeline.calibration_groups import reader_stem

_FALLBACK = "none"  # reader of fields that no reader read


def calibration_text(fitted: Fitted, *, readers: Iterable[str], fitted_on: object) -> str:
    """The text of a calibration file.

    Args:
        fitted: maps and thresholds.
        readers: names of the readers whose scores were fitted.
        fitted_on: where the outcomes come from; anything JSON can hold.
    """
    names = sorted(set(readers))
    data = {
        "schema": SCHEMA,
        "fitted_on": fitted_on,
        "held_out_calibration_error": held_out_errors(fitted.held_out),
        "reader_versions": names,
        "readers": sorted({reader_stem(name) for name in names} - {_FALLBACK}),
        "groups": {name: _group(fitted, name) for name in sorted(fitted.maps)},
        "thresholds": {
            name: {f"{target:g}": _threshold(promise) for target, promise in ladder.items()}
            for name, ladder in sorted(fitted.promises.items())
        },
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def moved_text(base: str, maps: Mapping[str, CalibrationMap], *, fitted_on: object) -> str:
    """The text of a calibration file with some maps replaced; thresholds stay, they are chances.

    Args:
        base: text of the file to start from.
        maps: by group name.
        fitted_on: where the new maps come from.
    """
    data = json.loads(base)
    data["based_on"] = data["fitted_on"]
    data["fitted_on"] = fitted_on
    for name, curve in sorted(maps.items()):
        data["groups"][name] = {"a": curve.a, "b": curve.b, "c": curve.c}
    data["groups"] = dict(sorted(data["groups"].items()))
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def merged_text(base: str, fitted: Fitted, *, family: str, fitted_on: object) -> str:
    """The text of a calibration file with the groups of one family fitted anew, all others kept.

    Args:
        base: text of the file to start from.
        fitted: a fit on outcomes of this family alone.
        family: which one; what it was fitted on goes under its name into ``fitted_apart``.
        fitted_on: where the outcomes come from; anything JSON can hold.
    """
    data = json.loads(base)
    new = json.loads(calibration_text(fitted, readers=(), fitted_on=fitted_on))
    for part in ("groups", "thresholds"):
        kept = {n: v for n, v in data[part].items() if n.partition(".")[0] != family}
        data[part] = dict(sorted((kept | new[part]).items()))
    errors = data["held_out_calibration_error"] | new["held_out_calibration_error"]
    data["held_out_calibration_error"] = dict(sorted(errors.items()))
    data["fitted_apart"] = data.get("fitted_apart", {}) | {family: fitted_on}
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def provenance(pages: Sequence[PageOutcomes]) -> dict[str, Any]:
    """How many pages of which kind the outcomes come from."""
    sets = Counter((p.made.get("template", "?"), p.made.get("difficulty", "?")) for p in pages)
    return {
        "pages": len(pages),
        "pages_not_recognised": sum(not p.outcomes for p in pages),
        "values": sum(len(p.outcomes) for p in pages),
        "sets": [
            {"template": t, "difficulty": d, "pages": n} for (t, d), n in sorted(sets.items())
        ],
        "seeds": sorted({p.made["seed"] for p in pages if "seed" in p.made}, key=int),
        "fonts": sorted({p.made["font"] for p in pages if "font" in p.made}),
        "senders": len({p.made["digit_sender"] for p in pages if "digit_sender" in p.made}),
    }


def held_out_errors(held_out: Sequence[tuple[Outcome, float]]) -> dict[str, float]:
    """Expected calibration error by family, over chances that had not seen their page."""
    claims: dict[str, list[tuple[float, bool]]] = {}
    for outcome, chance in held_out:
        family = outcome.group.partition(".")[0]
        claims.setdefault(family, []).append((chance, outcome.right))
    return {family: round(calibration_error(found), 5) for family, found in sorted(claims.items())}


def _group(fitted: Fitted, name: str) -> Mapping[str, float | int]:
    curve = fitted.maps[name]
    count, errors = fitted.counts.get(name, (0, 0))
    return {"a": curve.a, "b": curve.b, "c": curve.c, "n": count, "errors": errors}


def _threshold(promise: Promise) -> Mapping[str, float | int | str | None]:
    # Rounded down: the value that set the threshold must still reach it.
    at = None if promise.at is None else math.floor(promise.at * 1e9) / 1e9
    return {
        "at": at,
        "n": promise.count,
        "errors": promise.errors,
        "bound": round(promise.bound, 6),
        "by": promise.by,
    }


__all__ = ["calibration_text", "held_out_errors", "merged_text", "moved_text", "provenance"]
