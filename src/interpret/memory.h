#pragma once
// The memory of a run: regions that a program may touch, each with what has been written.
//
// Addresses are real ones, so that C functions can be called with them. A region is found by the address
// of its base, which is what a buffer's pointer is; an access outside the region of its pointer is an
// InternalError, whatever lies there.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "HalideRuntime.h"
#include "interpret/value.h"

namespace heddle::Internal {

class Region {
public:
    /** Memory of the run itself, all of it uninitialised. */
    Region(std::string name, Type element, int64_t elements);
    /** The bytes [begin, end) of the caller; base is the address that index 0 has. */
    Region(std::string name, uint8_t *base, uint8_t *begin, uint8_t *end, bool initialised);

    const std::string &name() const {
        return name_;
    }
    uint8_t *base() const {
        return base_;
    }
    bool is_external() const {
        return !owned_;
    }
    /** The bytes that a buffer of the caller spans, too (two buffers may share a pointer). */
    void include(uint8_t *begin, uint8_t *end, bool initialised);
    /** Something that is not seen may have written here. */
    void assume_written();

    /** Element `index` of type t (scalar), counted from base. Throws when it is outside. */
    Lane load(int64_t index, Type t) const;
    /** Stores what is not undef. */
    void store(int64_t index, Type t, const Lane &lane);
    /** The address of the element; may be one past the end. */
    uint8_t *address(int64_t index, Type t) const;

private:
    uint8_t *checked(int64_t index, Type t, const char *verb) const;

    std::string name_;
    std::unique_ptr<uint8_t[]> owned_;
    uint8_t *base_ = nullptr, *begin_ = nullptr, *end_ = nullptr;
    std::vector<bool> written_;  ///< per byte; empty: all
};

class Memory {
public:
    /** The region stays until it is freed. */
    Region &allocate(const std::string &name, Type element, int64_t elements);
    void free(Region &region);
    /** What a buffer of the caller spans; null when it has no host memory. */
    void add_external(const std::string &name, const halide_buffer_t &buffer, bool initialised);
    /** The region whose pointer this is, or null. */
    Region *find(uint64_t base);
    void assume_all_written();

    /** Bytes that live as long as the run: structs, strings, halide_buffer_t. */
    void *scratch(size_t bytes);

private:
    std::map<uint64_t, Region> regions_;
    std::vector<std::unique_ptr<uint64_t[]>> scratch_;
};

}  // namespace heddle::Internal
