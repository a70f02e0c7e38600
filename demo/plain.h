#pragma once
// The three kernels as a programmer writes them: plain loops, one thread, for g++ -O3 -march=native. They are what
// the emitted kernels are checked against and compared with. Images are planar, rows dense.

#include <cstdint>

namespace plain {

// out is w×h, in is (w+2)×(h+2); out(x, y) is the mean of the 3×3 pixels from in(x, y) on, in two passes of three.
void blur3x3(const uint16_t *in, uint16_t *out, int w, int h);

// out = in + amount · (in - gauss(in)), rounded and clamped, with a 7×7 Gaussian of the given sigma and repeated borders.
void unsharp(const uint8_t *in, uint8_t *out, int w, int h, int channels, float sigma, float amount);

// c = a · b, each n×n, row by row, as in the textbook.
void matmul(const float *a, const float *b, float *c, int n);

// The same with the two inner loops exchanged, which lets the compiler vectorize.
void matmul_exchanged(const float *a, const float *b, float *c, int n);

}  // namespace plain
