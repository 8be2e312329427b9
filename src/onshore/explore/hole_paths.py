"""Arcs of drillholes: directions as vectors, turns between them, and points on an arc."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

Vector: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]

_STRAIGHT = 1e-7


def tangents(azimuth: Vector, dip: Vector) -> Vector:
    """Give unit vectors (east, north, up) of azimuths and dips in degrees, down negative."""
    a, d = np.radians(azimuth), np.radians(dip)
    return np.stack([np.cos(d) * np.sin(a), np.cos(d) * np.cos(a), np.sin(d)], axis=-1)


def angles(direction: Vector) -> tuple[Vector, Vector]:
    """Give azimuth (0 to 360) and dip in degrees of vectors (east, north, up)."""
    flat = np.hypot(direction[..., 0], direction[..., 1])
    azimuth = np.degrees(np.arctan2(direction[..., 0], direction[..., 1])) % 360
    return np.where(flat > 1e-12, azimuth, 0.0), np.degrees(np.arctan2(direction[..., 2], flat))


def turn(one: Vector, other: Vector) -> Vector:
    """Give the angle between unit vectors in radians, exact for small angles too."""
    apart = np.linalg.norm(other - one, axis=-1)
    along = np.linalg.norm(other + one, axis=-1)
    return np.asarray(2 * np.arctan2(apart, along))


def on_arc(start: Vector, end: Vector, course: Vector, along: Vector) -> tuple[Vector, Vector]:
    """Give displacement and direction at a length along arcs that turn from start to end.

    An arc of length s that turns by b displaces by s/2 · tan(b/2)/(b/2) · (t1 + t2): minimum
    curvature (Taylor and Mason 1972). Part of an arc is an arc.

    Parameters
    ----------
    start, end
        Unit vectors (n, 3) at the arc's ends.
    course
        Length of the arc, m.
    along
        Length from its start, m; beyond the end the arc goes on straight.
    """
    part = np.clip(along / np.where(course > 0, course, 1.0), 0.0, 1.0)
    bend = turn(start, end)
    bent = bend > _STRAIGHT
    safe = np.where(bent, bend, 1.0)
    weights = np.sin((1 - part) * safe) / np.sin(safe), np.sin(part * safe) / np.sin(safe)
    there = weights[0][:, None] * start + weights[1][:, None] * end
    there = np.where(bent[:, None], there, start)
    half = np.where(bent, part * bend, 0.0) / 2
    ratio = np.where(half > _STRAIGHT, np.tan(half) / np.where(half > _STRAIGHT, half, 1.0), 1.0)
    within = np.minimum(along, course)
    moved = (within / 2 * ratio)[:, None] * (start + there)
    return moved + (along - within)[:, None] * there, there
