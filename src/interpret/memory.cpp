#include "interpret/memory.h"

#include <algorithm>
#include <cstring>

namespace heddle::Internal {

Region::Region(std::string name, Type element, int64_t elements)
    : name_(std::move(name)) {
    const auto bytes = static_cast<size_t>(std::max<int64_t>(elements, 0) * element.bytes());
    // One byte more, so that regions of no elements have addresses of their own.
    owned_ = std::make_unique<uint8_t[]>(bytes + 1);
    std::memset(owned_.get(), 0xcd, bytes + 1);
    base_ = begin_ = owned_.get();
    end_ = begin_ + bytes;
    written_.assign(bytes, false);
}

Region::Region(std::string name, uint8_t *base, uint8_t *begin, uint8_t *end, bool initialised)
    : name_(std::move(name)), base_(base), begin_(begin), end_(end) {
    if (!initialised) written_.assign(static_cast<size_t>(end - begin), false);
}

void Region::include(uint8_t *begin, uint8_t *end, bool initialised) {
    // Input and output in the same place: nothing is known about what is read first.
    if (initialised || begin != begin_ || end != end_) written_.clear();
    begin_ = std::min(begin_, begin);
    end_ = std::max(end_, end);
}

void Region::assume_written() {
    written_.clear();
}

uint8_t *Region::checked(int64_t index, Type t, const char *verb) const {
    // In elements, so that no address outside is ever formed.
    const int64_t size = t.bytes();
    const int64_t first = (begin_ - base_) / size, last = (end_ - base_) / size;
    if (index < first || index >= last) {
        throw InternalError(concat("the kernel ", verb, " element ", index, " of ", name_, ", which has elements ", first, " to ",
                                   last - 1));
    }
    return base_ + index * size;
}

Lane Region::load(int64_t index, Type t) const {
    const uint8_t *at = checked(index, t, "reads");
    Lane lane;
    std::memcpy(&lane.bits, at, static_cast<size_t>(t.bytes()));
    if (t.is_bool()) lane.bits &= 1;
    if (!written_.empty()) {
        for (int i = 0; i < t.bytes(); i++) {
            if (!written_[static_cast<size_t>(at - begin_ + i)]) lane.state = LaneState::Poison;
        }
    }
    return lane;
}

void Region::store(int64_t index, Type t, const Lane &lane) {
    uint8_t *at = checked(index, t, "writes");
    if (lane.state == LaneState::Undef) return;
    if (is_external() && !lane.defined()) {
        throw InternalError(concat("the kernel stores an uninitialised value to element ", index, " of ", name_));
    }
    std::memcpy(at, &lane.bits, static_cast<size_t>(t.bytes()));
    if (written_.empty()) {
        if (lane.defined()) return;
        written_.assign(static_cast<size_t>(end_ - begin_), true);
    }
    for (int i = 0; i < t.bytes(); i++) written_[static_cast<size_t>(at - begin_ + i)] = lane.defined();
}

uint8_t *Region::address(int64_t index, Type t) const {
    return base_ + index * t.bytes();
}

Region &Memory::allocate(const std::string &name, Type element, int64_t elements) {
    Region region(name, element, elements);
    const auto base = reinterpret_cast<uint64_t>(region.base());
    return regions_.insert_or_assign(base, std::move(region)).first->second;
}

void Memory::free(Region &region) {
    regions_.erase(reinterpret_cast<uint64_t>(region.base()));
}

void Memory::add_external(const std::string &name, const halide_buffer_t &buffer, bool initialised) {
    if (!buffer.host) return;
    // Offsets, in elements, of the first and past the last element of the box.
    int64_t first = 0, last = 0;
    bool empty = false;
    for (int i = 0; i < buffer.dimensions; i++) {
        const halide_dimension_t &d = buffer.dim[i];
        const int64_t reach = static_cast<int64_t>(d.extent - 1) * d.stride;
        empty |= d.extent <= 0;
        (reach < 0 ? first : last) += reach;
    }
    const int64_t size = buffer.type.bytes();
    uint8_t *begin = buffer.host + (empty ? 0 : first * size), *end = buffer.host + (empty ? 0 : (last + 1) * size);
    const auto base = reinterpret_cast<uint64_t>(buffer.host);
    auto [it, added] = regions_.try_emplace(base, name, buffer.host, begin, end, initialised);
    if (!added) it->second.include(begin, end, initialised);
}

Region *Memory::find(uint64_t base) {
    auto it = regions_.find(base);
    return it == regions_.end() ? nullptr : &it->second;
}

void Memory::assume_all_written() {
    for (auto &[base, region] : regions_) region.assume_written();
}

void *Memory::scratch(size_t bytes) {
    scratch_.push_back(std::make_unique<uint64_t[]>(bytes / 8 + 1));
    return scratch_.back().get();
}

}  // namespace heddle::Internal
