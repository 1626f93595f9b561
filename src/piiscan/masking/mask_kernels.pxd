"""Names of :mod:`piiscan.masking.mask_kernels`, which needs no import for them."""

from libc.stdint cimport int64_t, uint8_t, uint16_t
from libc.string cimport memcpy, memset

from piiscan.kernel_arrays cimport (
    Int32Out, Int64, UInt8, UInt8Out, int32_out, int64, uint8, uint8_out,
)
