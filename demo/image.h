#pragma once
// An 8-bit RGB image as three planes, and PNG files.

#include <cstdint>
#include <string>
#include <vector>

struct Image {
    int width = 0, height = 0, channels = 0;
    std::vector<uint8_t> pixels;  // [c][y][x]

    Image() = default;
    Image(int w, int h, int c) : width(w), height(h), channels(c), pixels((size_t)w * h * c) {
    }
    uint8_t &at(int x, int y, int c) {
        return pixels[((size_t)c * height + y) * width + x];
    }
    uint8_t at(int x, int y, int c) const {
        return pixels[((size_t)c * height + y) * width + x];
    }
};

// Both throw std::runtime_error that names the file and the reason. Writing goes through a temporary name.
Image read_png(const std::string &path);
void write_png(const std::string &path, const Image &image);

// The image n×n times, mirrored so that there are no seams.
Image mosaic(const Image &image, int n);
