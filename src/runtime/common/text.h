// Message text of any length without exceptions and without halide_malloc: starts on the stack and moves to the C heap
// when it outgrows 512 bytes; when even that fails the text is cut. Used for error messages, trace lines and reports.
#pragma once

#include <cstdint>

struct halide_type_t;

namespace heddle::runtime {

class Text {
public:
    Text() = default;
    ~Text();
    Text(const Text &) = delete;
    Text &operator=(const Text &) = delete;

    Text &operator<<(const char *text);  // null prints as <null>
    Text &operator<<(int32_t value) { return *this << int64_t(value); }
    Text &operator<<(uint32_t value) { return *this << uint64_t(value); }
    Text &operator<<(int64_t value);
    Text &operator<<(uint64_t value);
    Text &operator<<(double value);
    Text &operator<<(const halide_type_t &type);
    Text &hex(uint64_t value);

    const char *c_str() const { return begin_; }
    uint64_t size() const { return size_; }
    void clear() { begin_[size_ = 0] = 0; }

private:
    char *room_for(uint64_t bytes);  // at least that many bytes at the end, or null

    uint64_t size_ = 0, capacity_ = sizeof(inline_);
    char *begin_ = inline_;
    char inline_[512] = {0};
};

}  // namespace heddle::runtime
