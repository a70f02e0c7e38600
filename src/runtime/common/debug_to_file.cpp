// halide_debug_to_file: a buffer as a file to look at. By the name's extension:
//   .npy          NumPy, Fortran order (the first dimension is the innermost), any type but handles;
//   .tif, .tiff   TIFF, one strip per channel plane, up to 4 dimensions (x, y, channel, …);
//   other         "tmp": five int32 (four extents and a type code), then the elements.
// Elements are written densely, first dimension innermost. A partly written file is removed.
#include "HalideRuntime.h"
#include "runtime/common/text.h"
#include "runtime/common/weak.h"

#include <cstdio>
#include <cstring>
#include <strings.h>

using heddle::runtime::Text;

namespace {

constexpr int32_t could_not_open = -1, could_not_write = -2, not_possible = -3;

bool ends_with(const char *text, const char *end) {
    const size_t n = strlen(text), m = strlen(end);
    return n >= m && strcasecmp(text + n - m, end) == 0;
}

bool put(FILE *file, const void *bytes, size_t size) {
    return fwrite(bytes, 1, size, file) == size;
}

bool put_elements(FILE *file, const halide_buffer_t *buf, int d, const uint8_t *at) {
    const int64_t bytes = buf->type.bytes();
    if (d < 0) {
        return put(file, at, static_cast<size_t>(bytes));
    }
    if (d == 0 && buf->dim[0].stride == 1) {
        return put(file, at, static_cast<size_t>(buf->dim[0].extent * bytes));
    }
    for (int i = 0; i < buf->dim[d].extent; i++) {
        if (!put_elements(file, buf, d - 1, at + int64_t(i) * buf->dim[d].stride * bytes)) {
            return false;
        }
    }
    return true;
}

// A bfloat is written as the upper half of a float would be: as uint16.
char numpy_kind(halide_type_t type) {
    switch (type.code) {
    case halide_type_int: return 'i';
    case halide_type_uint: return type.bits == 1 ? 'b' : 'u';
    case halide_type_float: return 'f';
    case halide_type_bfloat: return 'u';
    case halide_type_handle: break;
    }
    return 0;
}

bool put_npy_header(FILE *file, const halide_buffer_t *buf) {
    Text dict;
    const char kind[2] = {numpy_kind(buf->type), 0};
    dict << "{'descr': '" << (buf->type.bytes() == 1 ? "|" : "<") << kind << buf->type.bytes()
         << "', 'fortran_order': True, 'shape': (";
    for (int i = 0; i < buf->dimensions; i++) {
        dict << buf->dim[i].extent << (buf->dimensions == 1 ? "," : i + 1 < buf->dimensions ? ", " : "");
    }
    dict << "), }";
    // Magic, version and length take 10 bytes; the whole header is a multiple of 64 and ends in a newline.
    while ((10 + dict.size() + 1) % 64 != 0) {
        dict << " ";
    }
    dict << "\n";
    const uint8_t head[10] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, uint8_t(dict.size()), uint8_t(dict.size() >> 8)};
    return dict.size() < 65536 && put(file, head, sizeof head) && put(file, dict.c_str(), dict.size());
}

struct TiffEntry {
    uint16_t tag, type;  // types: 3 is uint16, 4 is uint32
    uint32_t count, value;
};
static_assert(sizeof(TiffEntry) == 12);

int32_t extent_of(const halide_buffer_t *buf, int d) {
    return d < buf->dimensions ? buf->dim[d].extent : 1;
}

// Header, directory and tables: with several channels, one plane after the other, and for each channel its strip's offset
// and size and its sample's bits and format.
bool put_tiff_header(FILE *file, const halide_buffer_t *buf) {
    const uint32_t width = static_cast<uint32_t>(extent_of(buf, 0)), height = static_cast<uint32_t>(extent_of(buf, 1));
    const uint32_t channels = static_cast<uint32_t>(extent_of(buf, 2) * extent_of(buf, 3));
    const uint32_t plane = width * height * static_cast<uint32_t>(buf->type.bytes());
    const uint16_t format = buf->type.code == halide_type_float ? 3 : buf->type.code == halide_type_int ? 2 : 1;
    const uint16_t bits = static_cast<uint16_t>(buf->type.bytes() * 8);
    constexpr uint16_t count = 11;
    constexpr uint32_t tables = 8 + 2 + count * sizeof(TiffEntry) + 4;
    const uint32_t sizes = tables + 4 * channels, bits_table = sizes + 4 * channels,
                   formats = bits_table + 2 * channels, data = formats + 2 * channels;
    // Values of up to four bytes stand in the directory itself.
    const auto shorts = [channels](uint16_t value, uint32_t table) {
        return channels == 1 ? uint32_t(value) : channels == 2 ? uint32_t(value) * 0x10001u : table;
    };
    const TiffEntry directory[count] = {
        {256, 4, 1, width},
        {257, 4, 1, height},
        {258, 3, channels, shorts(bits, bits_table)},
        {259, 3, 1, 1},                                             // not compressed
        {262, 3, 1, channels == 3 ? 2u : 1u},                       // RGB or grey
        {273, 4, channels, channels > 1 ? tables : data},           // strips: where they are
        {277, 3, 1, channels},
        {278, 4, 1, height},                                        // rows per strip
        {279, 4, channels, channels > 1 ? sizes : plane},           // strips: their bytes
        {284, 3, 1, channels > 1 ? 2u : 1u},                        // planes apart
        {339, 3, channels, shorts(format, formats)},
    };
    const uint8_t head[8] = {'I', 'I', 42, 0, 8, 0, 0, 0};
    const uint32_t no_more = 0;
    bool good = put(file, head, sizeof head) && put(file, &count, sizeof count) && put(file, directory, sizeof directory) &&
                put(file, &no_more, sizeof no_more);
    for (uint32_t c = 0; good && c < channels; c++) {
        const uint32_t offset = data + c * plane;
        good = put(file, &offset, sizeof offset);
    }
    for (uint32_t c = 0; good && c < channels; c++) {
        good = put(file, &plane, sizeof plane);
    }
    for (uint32_t c = 0; good && c < 2 * channels; c++) {
        good = put(file, c < channels ? &bits : &format, sizeof(uint16_t));
    }
    return good;
}

bool put_tmp_header(FILE *file, const halide_buffer_t *buf) {
    // The type codes of the format: float, double, then int and uint of 8 to 64 bits in pairs.
    int32_t code = -1;
    if (buf->type.code == halide_type_float) {
        code = buf->type.bits == 32 ? 0 : buf->type.bits == 64 ? 1 : -1;
    } else if (buf->type.code == halide_type_int || buf->type.code == halide_type_uint) {
        const int log = buf->type.bits <= 8 ? 0 : buf->type.bits == 16 ? 1 : buf->type.bits == 32 ? 2 : 3;
        code = 2 + 2 * log + (buf->type.code == halide_type_int);
    }
    const int32_t head[5] = {extent_of(buf, 0), extent_of(buf, 1), extent_of(buf, 2), extent_of(buf, 3), code};
    return put(file, head, sizeof head);
}

}  // namespace

HEDDLE_RUNTIME int32_t halide_debug_to_file(void *user_context, const char *filename, halide_buffer_t *buf) {
    if (!buf) {
        return halide_error_buffer_is_null(user_context, "halide_debug_to_file");
    }
    if (buf->is_bounds_query()) {
        return halide_error_host_is_null(user_context, "The buffer of halide_debug_to_file");
    }
    if (const int code = halide_copy_to_host(user_context, buf)) {
        return code;
    }
    if (!buf->host) {
        return halide_error_host_is_null(user_context, "The buffer of halide_debug_to_file");
    }
    const bool npy = ends_with(filename, ".npy"), tiff = ends_with(filename, ".tif") || ends_with(filename, ".tiff");
    if (numpy_kind(buf->type) == 0 || (!npy && buf->dimensions > 4) ||
        (tiff && buf->size_in_bytes() >= (uint64_t(1) << 32) - 65536)) {
        return not_possible;
    }
    FILE *file = fopen(filename, "wbe");
    if (!file) {
        return could_not_open;
    }
    bool empty = false;
    for (int i = 0; i < buf->dimensions; i++) {
        empty = empty || buf->dim[i].extent <= 0;
    }
    bool good = npy ? put_npy_header(file, buf) : tiff ? put_tiff_header(file, buf) : put_tmp_header(file, buf);
    good = good && (empty || put_elements(file, buf, buf->dimensions - 1, buf->host));
    good = fclose(file) == 0 && good;
    if (!good) {
        remove(filename);
        return could_not_write;
    }
    return 0;
}
