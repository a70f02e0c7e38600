#pragma once
// The same kernels made by another compiler, in a shared library that keeps its runtime to itself, so that both
// thread pools live in one process. Used by ./x bench; the demo runs without.

#include <dlfcn.h>
#include <stdexcept>
#include <string>

class Peer {
public:
    explicit Peer(const std::string &path) {
        if (path.empty()) return;
        library_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (!library_) throw std::runtime_error(dlerror());
        use_threads_ = function<void(int)>("use_threads");
    }

    bool loaded() const {
        return library_ != nullptr;
    }
    // The library's peer_<name>, or null.
    template<typename Signature>
    Signature *function(const std::string &name) const {
        return library_ ? (Signature *)dlsym(library_, ("peer_" + name).c_str()) : nullptr;
    }
    void use_threads(int n) const {
        if (use_threads_) use_threads_(n);
    }

private:
    void *library_ = nullptr;
    void (*use_threads_)(int) = nullptr;
};
