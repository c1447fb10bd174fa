"""A short vector of float64 for numba: neighbouring numbers of a row, in one register.

Numba vectorises loops, but not the straight code in which some channels go through the same steps
at each sample. Inside compiled functions ``load(a, i)`` reads ``a[i, :WIDTH]`` of a 2-d array,
``store(a, i, v)`` writes it, ``+ - *`` work element by element (a float on the left of ``*`` is
spread), and ``total(v)`` sums the elements. Indices are not checked.
"""

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils
from numba.extending import (
    intrinsic,
    lower_builtin,
    models,
    register_model,
    type_callable,
)

WIDTH = 8
"""Elements of a vector."""

# Products and sums may be fused; that is what the scalar code beside it allows as well.
_FLAGS = ("contract", "nsz")
_LLVM = ir.VectorType(ir.DoubleType(), WIDTH)


class _Vector(types.Type):
    """Numba's type of a vector."""

    def __init__(self) -> None:
        super().__init__(name=f"vector{WIDTH}")


_vector = _Vector()


@register_model(_Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _LLVM)


def _elementwise(operation: Any, name: str) -> None:
    """Teach numba one arithmetic operation between two vectors."""

    @type_callable(operation)
    def _typer(context: Any) -> Any:
        def typer(a: Any, b: Any) -> Any:
            return _vector if a == _vector and b == _vector else None

        return typer

    @lower_builtin(operation, _Vector, _Vector)
    def _lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return getattr(builder, name)(*arguments, flags=_FLAGS)


_elementwise(operator.add, "fadd")
_elementwise(operator.sub, "fsub")
_elementwise(operator.mul, "fmul")


@type_callable(operator.mul)
def _type_scaled(context: Any) -> Any:
    def typer(a: Any, b: Any) -> Any:
        return _vector if a == types.float64 and b == _vector else None

    return typer


@lower_builtin(operator.mul, types.Float, _Vector)
def _lower_scaled(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return builder.fmul(_spread(builder, arguments[0]), arguments[1], flags=_FLAGS)


def _spread(builder: Any, scalar: Any) -> Any:
    """A vector with `scalar` in every element."""
    first = builder.insert_element(
        ir.Constant(_LLVM, ir.Undefined), scalar, ir.Constant(ir.IntType(32), 0)
    )
    places = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
    return builder.shuffle_vector(first, ir.Constant(_LLVM, ir.Undefined), places)


def _pointer(context: Any, builder: Any, kind: Any, array: Any, row: Any) -> Any:
    """Address of the first element of a row, as a pointer to a vector."""
    view = context.make_array(kind)(context, builder, array)
    column = context.get_constant(types.intp, 0)
    place = cgutils.get_item_pointer(context, builder, kind, view, [row, column])
    return builder.bitcast(place, _LLVM.as_pointer())


def _load(typing: Any, array: Any, row: Any) -> Any:
    """``array[row, :WIDTH]`` as a vector."""

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _pointer(context, builder, signature.args[0], *arguments)
        return builder.load(place, align=8)

    return _vector(array, types.intp), lower


def _store(typing: Any, array: Any, row: Any, value: Any) -> Any:
    """Set ``array[row, :WIDTH]`` to a vector."""

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _pointer(context, builder, signature.args[0], *arguments[:2])
        builder.store(arguments[2], place, align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, _vector), lower


def _spread_scalar(typing: Any, scalar: Any) -> Any:
    """A vector with `scalar` in every element."""

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _spread(builder, arguments[0])

    return _vector(types.float64), lower


def _total(typing: Any, value: Any) -> Any:
    """Sum of the elements, halves first."""

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        part = arguments[0]
        width = WIDTH
        while width > 1:
            width //= 2
            index = ir.VectorType(ir.IntType(32), width)
            low = builder.shuffle_vector(part, part, ir.Constant(index, list(range(width))))
            high = builder.shuffle_vector(
                part, part, ir.Constant(index, list(range(width, 2 * width)))
            )
            part = builder.fadd(low, high, flags=_FLAGS)
        return builder.extract_element(part, ir.Constant(ir.IntType(32), 0))

    return types.float64(_vector), lower


# Typed as Any: inside compiled code these are called without the typing context.
load: Any = intrinsic(_load)
store: Any = intrinsic(_store)
spread: Any = intrinsic(_spread_scalar)
total: Any = intrinsic(_total)
