#pragma once
// A stack of meanings per symbol, for traversals that go into the bodies of lets and loops.

#include <unordered_map>
#include <vector>

#include "ir/symbol.h"
#include "support/assert.h"

namespace heddle::Internal {

template<typename T>
class Scope {
public:
    bool contains(const Symbol &s) const {
        auto it = map_.find(s.id());
        return it != map_.end() && !it->second.empty();
    }
    /** The innermost meaning of s, or null. */
    const T *find(const Symbol &s) const {
        auto it = map_.find(s.id());
        return it == map_.end() || it->second.empty() ? nullptr : &it->second.back();
    }
    void push(const Symbol &s, T value) {
        map_[s.id()].push_back(std::move(value));
    }
    void pop(const Symbol &s) {
        auto it = map_.find(s.id());
        HEDDLE_ASSERT(it != map_.end() && !it->second.empty(), "pop of ", s.name());
        it->second.pop_back();
        if (it->second.empty()) map_.erase(it);
    }
    bool empty() const {
        return map_.empty();
    }

private:
    std::unordered_map<uint64_t, std::vector<T>> map_;
};

/** Pushes for as long as it lives. */
template<typename T>
class ScopedBinding {
public:
    ScopedBinding(Scope<T> &scope, Symbol s, T value)
        : scope_(scope), symbol_(std::move(s)) {
        scope_.push(symbol_, std::move(value));
    }
    ~ScopedBinding() {
        scope_.pop(symbol_);
    }
    ScopedBinding(const ScopedBinding &) = delete;
    ScopedBinding &operator=(const ScopedBinding &) = delete;

private:
    Scope<T> &scope_;
    Symbol symbol_;
};

}  // namespace heddle::Internal
