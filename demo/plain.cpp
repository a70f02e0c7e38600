#include "plain.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace plain {

void blur3x3(const uint16_t *in, uint16_t *out, int w, int h) {
    const int in_w = w + 2;
    std::vector<uint16_t> blur_x((size_t)w * (h + 2));
    for (int y = 0; y < h + 2; y++)
        for (int x = 0; x < w; x++) {
            const uint16_t *p = in + (size_t)y * in_w + x;
            blur_x[(size_t)y * w + x] = (p[0] + p[1] + p[2]) / 3;
        }
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            const uint16_t *p = blur_x.data() + (size_t)y * w + x;
            out[(size_t)y * w + x] = (p[0] + p[w] + p[2 * w]) / 3;
        }
}

void unsharp(const uint8_t *in, uint8_t *out, int w, int h, int channels, float sigma, float amount) {
    float weight[4], sum = 0;
    for (int i = 0; i <= 3; i++) {
        weight[i] = std::exp(-i * i / (2.0f * sigma * sigma));
        sum += i == 0 ? weight[i] : 2 * weight[i];
    }
    for (float &f : weight)
        f /= sum;

    std::vector<float> blur_y((size_t)w * h);
    for (int c = 0; c < channels; c++) {
        const uint8_t *plane = in + (size_t)c * w * h;
        uint8_t *result = out + (size_t)c * w * h;
        for (int y = 0; y < h; y++)
            for (int x = 0; x < w; x++) {
                float s = 0;
                for (int i = -3; i <= 3; i++)
                    s += weight[std::abs(i)] * plane[(size_t)std::clamp(y + i, 0, h - 1) * w + x];
                blur_y[(size_t)y * w + x] = s;
            }
        for (int y = 0; y < h; y++)
            for (int x = 0; x < w; x++) {
                float s = 0;
                for (int i = -3; i <= 3; i++)
                    s += weight[std::abs(i)] * blur_y[(size_t)y * w + std::clamp(x + i, 0, w - 1)];
                float pixel = plane[(size_t)y * w + x];
                float sharpened = pixel + amount * (pixel - s);
                result[(size_t)y * w + x] = (uint8_t)std::clamp(sharpened + 0.5f, 0.0f, 255.0f);
            }
    }
}

void matmul(const float *a, const float *b, float *c, int n) {
    for (int y = 0; y < n; y++)
        for (int x = 0; x < n; x++) {
            float sum = 0;
            for (int k = 0; k < n; k++)
                sum += a[(size_t)y * n + k] * b[(size_t)k * n + x];
            c[(size_t)y * n + x] = sum;
        }
}

void matmul_exchanged(const float *a, const float *b, float *c, int n) {
    for (int y = 0; y < n; y++) {
        std::fill(c + (size_t)y * n, c + (size_t)(y + 1) * n, 0.0f);
        for (int k = 0; k < n; k++)
            for (int x = 0; x < n; x++)
                c[(size_t)y * n + x] += a[(size_t)y * n + k] * b[(size_t)k * n + x];
    }
}

}  // namespace plain
