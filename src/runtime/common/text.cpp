#include "runtime/common/text.h"

#include "runtime/common/internal_abi.h"
#include "runtime/common/weak.h"

#include <cstdlib>
#include <cstring>

namespace heddle::runtime {

HEDDLE_RUNTIME_INTERNAL Text::~Text() {
    if (begin_ != inline_) {
        free(begin_);
    }
}

HEDDLE_RUNTIME_INTERNAL char *Text::room_for(uint64_t bytes) {
    if (size_ + bytes + 1 > capacity_) {
        uint64_t capacity = (size_ + bytes + 1) * 2;
        char *grown = static_cast<char *>(malloc(capacity));
        if (!grown) {
            return nullptr;
        }
        memcpy(grown, begin_, size_ + 1);
        if (begin_ != inline_) {
            free(begin_);
        }
        begin_ = grown;
        capacity_ = capacity;
    }
    return begin_ + size_;
}

HEDDLE_RUNTIME_INTERNAL Text &Text::operator<<(const char *text) {
    if (!text) {
        text = "<null>";
    }
    const uint64_t length = strlen(text);
    if (char *dst = room_for(length)) {
        memcpy(dst, text, length + 1);
        size_ += length;
    }
    return *this;
}

// The longest of these, 1.8e308 printed as %f, has 317 characters.
constexpr int longest_number = 352;

HEDDLE_RUNTIME_INTERNAL Text &Text::operator<<(int64_t value) {
    if (char *dst = room_for(longest_number)) {
        size_ = halide_int64_to_string(dst, dst + longest_number, value, 1) - begin_;
    }
    return *this;
}

HEDDLE_RUNTIME_INTERNAL Text &Text::operator<<(uint64_t value) {
    if (char *dst = room_for(longest_number)) {
        size_ = halide_uint64_to_string(dst, dst + longest_number, value, 1) - begin_;
    }
    return *this;
}

HEDDLE_RUNTIME_INTERNAL Text &Text::operator<<(double value) {
    if (char *dst = room_for(longest_number)) {
        size_ = halide_double_to_string(dst, dst + longest_number, value, 0) - begin_;
    }
    return *this;
}

HEDDLE_RUNTIME_INTERNAL Text &Text::operator<<(const halide_type_t &type) {
    if (char *dst = room_for(longest_number)) {
        size_ = halide_type_to_string(dst, dst + longest_number, &type) - begin_;
    }
    return *this;
}

HEDDLE_RUNTIME_INTERNAL Text &Text::hex(uint64_t value) {
    if (char *dst = room_for(longest_number)) {
        size_ = halide_pointer_to_string(dst, dst + longest_number, reinterpret_cast<const void *>(value)) - begin_;
    }
    return *this;
}

}  // namespace heddle::runtime
