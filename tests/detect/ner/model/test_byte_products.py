"""Products of bytes: each way that a processor may take gives the numbers of plain arithmetic."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from itertools import product as product_of
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
import numba
import numpy as np
import pytest
from llvmlite import ir
from numba.core.registry import cpu_target

from piiscan import jit
from piiscan.detect.ner.model import byte_products
from piiscan.detect.ner.model.byte_products import (
    SPARE_BYTES,
    WAYS,
    ProductWay,
    choose_way,
    copy_bytes,
    emit_products,
    multiplier,
    pack_weights,
    processor_way,
)

FEATURES = {name for name, present in llvm.get_host_cpu_features().items() if present}
#: A processor with both has the instruction of ``avxvnni`` too.
if {"avx512vnni", "avx512vl"} <= FEATURES:
    FEATURES.add("avxvnni")
HERE = [way for way in WAYS if not way.feature or way.feature in FEATURES]
#: Another processor for each way: its name for LLVM, its features, and the instruction to expect.
PROCESSORS = {
    "avx512vnni": ("x86_64-linux-gnu", "+avx512f,+avx512vnni", "vpdpbusd.*zmm"),
    "avxvnni": ("x86_64-linux-gnu", "+avx2,+avxvnni", "vpdpbusd.*ymm"),
    "dotprod": ("aarch64-linux-gnu", "+dotprod", "sdot"),
    "avx512bw": ("x86_64-linux-gnu", "+avx512f,+avx512bw", "vpmaddwd.*zmm"),
    "avx2": ("x86_64-linux-gnu", "+avx2", "vpmaddwd.*ymm"),
    "": ("x86_64-linux-gnu", "", "pmaddwd"),
}


def shown(way: ProductWay) -> str:
    return way.feature or "any processor"


@pytest.fixture(scope="module", params=HERE, ids=shown)
def way(request: pytest.FixtureRequest) -> ProductWay:
    assert isinstance(request.param, ProductWay)
    return request.param


@pytest.fixture(scope="module")
def product(way: ProductWay) -> Callable[..., np.ndarray]:
    """Return a function that multiplies ``inputs - zero`` with weights in one way."""
    multiply = multiplier(way)

    @numba.njit(error_model="numpy", _nrt=False)
    def run(inputs: Any, size: Any, wide: Any, packed: Any, start: Any, sums: Any) -> None:
        multiply(inputs, size, wide, packed, start, sums)

    def multiplied(inputs: np.ndarray, weights: np.ndarray, zero: int) -> np.ndarray:
        count, size = inputs.shape
        padded = np.full((-(-count // way.rows) * way.rows, size + 7), 99, np.uint8)
        padded[:count, :size] = inputs
        packed, start = pack_weights(weights.astype(np.int64), zero, way)
        sums = np.full((len(padded), len(start) + 3), 77, np.int32)
        for first in range(0, count, way.rows):
            part = slice(first, first + way.rows)
            some = np.ascontiguousarray(padded[part, : -(-size // 4) * 4])
            run(some, some.shape[1], np.empty(some.shape, np.int16), packed, start, sums[part])
        assert (sums[:, len(start) :] == 77).all()
        return sums[:count, : weights.shape[1]]

    return multiplied


@pytest.mark.parametrize("zero", [0, 127, 128])
def test_each_way_gives_the_numbers_of_plain_arithmetic(
    product: Callable[..., np.ndarray], zero: int
) -> None:
    draw = np.random.default_rng(zero)
    sizes, widths, counts = (1, 4, 27, 128, 192), (1, 17, 64, 128, 130), (1, 5, 13, 24)
    for size, columns, count in product_of(sizes, widths, counts):
        inputs = draw.integers(0, 256, (count, size), np.uint8)
        weights = draw.integers(-127, 128, (size, columns))
        expected = (inputs.astype(np.int64) - zero) @ weights
        assert np.array_equal(product(inputs, weights, zero), expected)


@pytest.mark.parametrize("zero", [0, 127, 128])
def test_the_largest_numbers_are_not_cut(product: Callable[..., np.ndarray], zero: int) -> None:
    size = 514  # sums of the network are below 2**24
    turns = np.arange(size) % 2
    columns = [np.full(size, weight) for weight in (-127, 127)] + [turns * 254 - 127]
    weights = np.stack([columns[at % 3] for at in range(33)], 1)
    rows = [np.full(size, value) for value in (0, 127, 128, 255)] + [turns * 255, 255 - turns * 255]
    inputs = np.stack(rows)
    assert np.array_equal(
        product(inputs.astype(np.uint8), weights, zero), (inputs - zero) @ weights
    )


@pytest.mark.parametrize("way", WAYS, ids=shown)
def test_each_way_is_compiled_to_the_instruction_it_is_named_for(way: ProductWay) -> None:
    triple, features, instruction = PROCESSORS[way.feature]
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    try:
        target = llvm.Target.from_triple(triple)
    except RuntimeError:
        pytest.skip("LLVM knows this processor's family not here")
    module = ir.Module()
    number, kinds = ir.IntType(64), [ir.IntType(bits).as_pointer() for bits in (8, 16, 8, 32, 32)]
    shape = ir.FunctionType(ir.VoidType(), [*kinds, *[number] * 4])
    builder = ir.IRBuilder(ir.Function(module, shape, "product").append_basic_block())
    arguments = list(builder.function.args)
    emit_products(builder, way, arguments[:5], arguments[5:])
    builder.ret_void()
    compiled = llvm.parse_assembly(str(module))
    machine = target.create_target_machine(features=features, opt=3)
    tuning = llvm.create_pipeline_tuning_options(speed_level=3)
    passes = llvm.create_pass_builder(machine, tuning)
    passes.getModulePassManager().run(compiled, passes)
    lines = machine.emit_assembly(compiled).splitlines()
    name, _, register = instruction.partition(".*")
    assert any(name in line and register in line for line in lines)


def test_a_processor_takes_the_fastest_way_that_it_has() -> None:
    assert choose_way({"sse2", "avx2", "avx512bw", "avx512vnni"}) is WAYS[0]
    assert choose_way({"sse2", "avx2"}).feature == "avx2"
    assert choose_way({"neon", "dotprod"}).feature == "dotprod"
    assert choose_way({"neon"}) is choose_way(()) is WAYS[-1]
    assert processor_way() in HERE


class Codegen:
    """The part of numba's code generator that the cache asks."""

    def __init__(self, features: str) -> None:
        self.magic = ("x86_64-linux-gnu", "generic", features)

    def magic_tuple(self) -> tuple[str, str, str]:
        return self.magic


def test_machine_code_is_cached_by_what_the_way_depends_on() -> None:
    one, other = Codegen("-avx512vnni,+avx2"), Codegen("+avx512vnni,+avx2")
    assert byte_products.compiled_way(one).feature == "avx2"
    assert byte_products.compiled_way(other).feature == "avx512vnni"
    cache = jit._KernelCache(test_machine_code_is_cached_by_what_the_way_depends_on)
    assert cache._name(cache._key((), one)) != cache._name(cache._key((), other))
    assert processor_way() is byte_products.compiled_way(cpu_target.target_context.codegen())


@pytest.mark.parametrize("count", [0, 1, 31, 32, 33, 64, 100])
def test_bytes_are_copied_and_few_more(count: int) -> None:
    @numba.njit(_nrt=False)
    def copy(target: Any, to: int, source: Any, at: int, count: int) -> None:
        copy_bytes(target, to, source, at, count)

    source = np.arange(200, dtype=np.uint8).reshape(2, 100)
    target = np.full(200, 255, np.uint8)
    copy(target, 7, source, 60, count)
    assert (target[:7] == 255).all()
    assert target[7 : 7 + count].tolist() == list(range(60, 60 + count))
    assert (target[7 + count + SPARE_BYTES :] == 255).all()


OTHER_PROCESSOR = """
import numpy as np
from piiscan.detect.ner.model.byte_products import processor_way
from piiscan.detect.ner.model.tagger import Tagger
codes = np.frombuffer({text!r}.encode("utf-32-le"), np.uint32)
spans = Tagger.load().spans(codes, np.array([0, len(codes)]))
print(processor_way().feature, *[each.tolist() for each in spans], sep=";")
"""
TEXT = "被告人张伟民伙同李秀兰，住湖南省长沙市岳麓区麓山南路932号，系长沙示例科技有限公司员工。"


@pytest.mark.long
def test_an_older_processor_has_the_same_spans_from_machine_code_of_its_own(
    tmp_path: Path,
) -> None:
    """All processors share one folder; none runs what was compiled for another."""
    processors = [way.feature for way in HERE if way.feature != "avxvnni"]
    told = {}
    for feature in [*processors, *processors]:
        env = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path), "NUMBA_CPU_NAME": "generic"}
        env["NUMBA_CPU_FEATURES"] = f"+{feature}" if feature else ""
        run = [sys.executable, "-c", OTHER_PROCESSOR.format(text=TEXT)]
        done = subprocess.run(run, env=env, capture_output=True, text=True, check=True)
        used, _, spans = done.stdout.strip().partition(";")
        assert used == feature
        told[feature] = spans
    assert len(set(told.values())) == 1
    entries = [each.name.split("-")[0] for each in tmp_path.rglob("*.nbc")]
    assert entries.count("piiscan.detect.ner.model.network.score_block") == len(processors)
