"""What makes Numba compile a kernel in half the time: work that kernels do not need, or need only once, is left out."""

import contextlib
import gc
from collections.abc import Callable, Iterator
from typing import Any

import numba
from numba.core import types
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_lock import global_compiler_lock
from numba.core.compiler_machinery import PassManager
from numba.core.types.functions import Function

__all__ = ["Lean", "no_collection", "only_to_be_linked", "operators_typed_once"]

# Passes over closures, comprehensions, contexts, inlined Python and whole-array expressions: kernels have none.
NOT_NEEDED = {
    "WithLifting", "InlineClosureLikes", "RewriteDynamicRaises", "MakeFunctionToJitFunction", "InlineInlinables",
    "FindLiterallyCalls", "LiteralUnroll", "LiteralPropagationSubPipelinePass", "InlineOverloads", "NopythonRewrites",
    "DumpParforDiagnostics",
}  # fmt: skip


class Lean(CompilerBase):
    """Numba's compiler without the passes that find nothing in a kernel: a fourteenth of the compilation."""

    def define_pipelines(self) -> list[PassManager]:
        """One pipeline, as Numba asks for it."""
        lean = PassManager("kernel")
        for step, said in DefaultPassBuilder.define_nopython_pipeline(self.state).passes:
            if step.__name__ not in NOT_NEEDED:
                lean.add_pass(step, said)
        lean.finalize()
        return [lean]


_typed: dict[tuple[Any, ...], Any] = {}  # signature of an operator or a function of mathematics by its arguments


@contextlib.contextmanager
def operators_typed_once() -> Iterator[None]:
    """Let the compiler remember what an operator on numbers gives; the lock of the compiler is held meanwhile.

    The sum of two numbers is met seven thousand times in the kernels of a demo, and each time Numba tries the rules of
    every kind of array first: a seventh of the compilation.
    """
    owner: Any = Function
    if "get_call_type" in vars(owner):  # one kernel within another
        yield
        return
    plain: Callable[..., Any] = owner.get_call_type

    def remembered(self: Any, context: Any, arguments: Any, keywords: Any) -> Any:
        if keywords or not all(isinstance(kind, types.Number | types.Boolean) for kind in arguments):
            return plain(self, context, arguments, keywords)
        key = (context, self, tuple(arguments))
        if (signature := _typed.get(key)) is None:
            signature = _typed[key] = plain(self, context, arguments, keywords)
        return signature

    owner.get_call_type = remembered
    try:
        yield
    finally:
        del owner.get_call_type  # its own is inherited


@contextlib.contextmanager
def no_collection() -> Iterator[None]:
    """Pause the garbage collector: a compilation makes millions of objects, and searching them takes a tenth of it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Linked(JITCodeLibrary):
    """Code that only callers will link: they optimise it and turn it to machine code, once, instead of at every level.

    It saves a third of the compilation: without it each kernel is optimised again in each caller above it, and code
    that nothing ever jumps to is emitted.
    """

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        return 0  # as of any function that has no entry


@contextlib.contextmanager
def only_to_be_linked() -> Iterator[None]:
    """Let the compiler make `_Linked` code within; the lock of the compiler is held, so no other thread meets it."""
    with global_compiler_lock:
        codegen = numba.core.registry.cpu_target.target_context.codegen()
        outer = dict(vars(codegen))
        codegen._library_class, codegen.set_env = _Linked, lambda name, environment: None
        try:
            yield
        finally:
            for name in ("_library_class", "set_env"):
                delattr(codegen, name)
                if name in outer:
                    setattr(codegen, name, outer[name])
