#include "image.h"

#include <cstdio>
#include <cstring>
#include <stdexcept>

#include <png.h>

Image read_png(const std::string &path) {
    png_image png;
    std::memset(&png, 0, sizeof png);
    png.version = PNG_IMAGE_VERSION;
    if (!png_image_begin_read_from_file(&png, path.c_str()))
        throw std::runtime_error("cannot read " + path + ": " + png.message);
    png.format = PNG_FORMAT_RGB;
    std::vector<uint8_t> rows(PNG_IMAGE_SIZE(png));
    if (!png_image_finish_read(&png, nullptr, rows.data(), 0, nullptr))
        throw std::runtime_error("cannot read " + path + ": " + png.message);

    Image image((int)png.width, (int)png.height, 3);
    for (int y = 0; y < image.height; y++)
        for (int x = 0; x < image.width; x++)
            for (int c = 0; c < 3; c++)
                image.at(x, y, c) = rows[((size_t)y * image.width + x) * 3 + c];
    return image;
}

void write_png(const std::string &path, const Image &image) {
    std::vector<uint8_t> rows((size_t)image.width * image.height * 3);
    for (int y = 0; y < image.height; y++)
        for (int x = 0; x < image.width; x++)
            for (int c = 0; c < 3; c++)
                rows[((size_t)y * image.width + x) * 3 + c] = image.at(x, y, c);

    png_image png;
    std::memset(&png, 0, sizeof png);
    png.version = PNG_IMAGE_VERSION;
    png.width = image.width;
    png.height = image.height;
    png.format = PNG_FORMAT_RGB;
    const std::string temporary = path + ".part";
    if (!png_image_write_to_file(&png, temporary.c_str(), 0, rows.data(), 0, nullptr) ||
        std::rename(temporary.c_str(), path.c_str()) != 0) {
        std::remove(temporary.c_str());
        throw std::runtime_error("cannot write " + path + ": " + png.message);
    }
}

Image mosaic(const Image &image, int n) {
    Image big(image.width * n, image.height * n, image.channels);
    for (int c = 0; c < big.channels; c++)
        for (int y = 0; y < big.height; y++)
            for (int x = 0; x < big.width; x++) {
                int px = x % image.width, py = y % image.height;
                if (x / image.width % 2) px = image.width - 1 - px;
                if (y / image.height % 2) py = image.height - 1 - py;
                big.at(x, y, c) = image.at(px, py, c);
            }
    return big;
}
