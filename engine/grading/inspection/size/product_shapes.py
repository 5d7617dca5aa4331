"""Works out the shape of a product of tensors: of matrices, over axes, or by an equation."""

from collections.abc import Sequence
from math import prod

from engine.grading.inspection.size.operands import (
    Operands,
    Sizes,
    broadcast_sizes,
    constant_shapes,
    shape_of,
)
from engine.grading.inspection.size.operands import axes as axes_of


def matmul(on: Operands) -> Sequence[Sizes]:
    """The product of matrices, for each index of the axes before them."""
    left, right = both(on)
    if on.values.get("transpose_a"):
        left = (*left[:-2], left[-1], left[-2])
    if on.values.get("transpose_b"):
        right = (*right[:-2], right[-1], right[-2])
    if len(left) == 1 or len(right) == 1:
        return [(*left[:-1], *right[:-2], *right[-1:])]
    return [(*broadcast_sizes([left[:-2], right[:-2]]), left[-2], right[-1])]


def both(on: Operands) -> tuple[Sizes, Sizes]:
    """The two tensors of a product, one of which may be a constant."""
    if len(on.shapes) >= 2:
        return on.shapes[0], on.shapes[1]
    named = [on.values[key] for key in ("b", "x2", "y", "a", "filters") if key in on.values]
    return on.first, shape_of([*named, *on.constants][0])


def dot(on: Operands) -> Sequence[Sizes]:
    """The product over the last axis of one and the second last of the other."""
    left, right = both(on)
    return [(*left[:-1], *right[:-2], *right[-1:])]


def inner(on: Operands) -> Sequence[Sizes]:
    """The product over the last axes of both."""
    left, right = both(on)
    return [(*left[:-1], *right[:-1])]


def outer(on: Operands) -> Sequence[Sizes]:
    """Each number of one times each of the other."""
    left, right = both(on)
    return [(prod(left), prod(right))]


def tensordot(on: Operands) -> Sequence[Sizes]:
    """The product over the given axes."""
    left, right = both(on)
    axes = on.value("axes")
    if isinstance(axes, int):
        return [(*left[: len(left) - axes], *right[axes:])]
    mine, others = (axes_of(each, len(s)) for each, s in zip(axes, (left, right), strict=True))
    kept = [size for at, size in enumerate(left) if at not in mine]
    return [(*kept, *(size for at, size in enumerate(right) if at not in others))]


def labels(equation: str, shapes: Sequence[Sizes]) -> tuple[dict[str, int], str]:
    """The size of each letter of an einsum's `equation`, and the letters of its result."""
    takes, _, gives = equation.replace(" ", "").partition("->")
    terms = takes.split(",")
    spare = "".join(chr(ord("À") + n) for n in range(8))
    sizes: dict[str, int] = {}
    filled = ""
    for term, shape in zip(terms, shapes, strict=False):
        more = spare[: len(shape) - len(term.replace("...", ""))]
        filled = max(filled, more, key=len)
        for letter, size in zip(term.replace("...", more), shape, strict=True):
            sizes[letter] = max(size, sizes.get(letter, 1))
    return sizes, gives.replace("...", filled)


def einsum(on: Operands) -> Sequence[Sizes]:
    """The product that an equation describes."""
    equation = on.value("equation", "subscripts")
    # No file says where an array stands among the tensors; try both places and see which fits.
    arrays = constant_shapes({}, on.constants)
    try:
        sizes, gives = labels(equation, [*on.shapes, *arrays])
    except ValueError:
        sizes, gives = labels(equation, [*arrays, *on.shapes])
    return [tuple(sizes[letter] for letter in gives)]
