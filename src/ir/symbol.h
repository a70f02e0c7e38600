#pragma once
// A Symbol is an identity: a unique id with a display name. Two symbols are the same when their ids
// are; names are for people and are never parsed. A symbol may know, weakly, the declaration it came
// from (a Func, a parameter, an image), which the IR never looks into.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace heddle::Internal {

/** What a symbol was declared as, in a layer above the IR. */
class Declaration {
public:
    virtual ~Declaration() = default;
};

/** Keeps a declaration alive for as long as an expression refers to it. Ignored by comparison. */
using Owner = std::shared_ptr<const Declaration>;

class Symbol {
public:
    /** The undefined symbol. */
    Symbol() = default;
    /** A new identity. Names need not be unique. */
    static Symbol fresh(std::string name, std::weak_ptr<const Declaration> declaration = {});

    bool defined() const {
        return data_ != nullptr;
    }
    uint64_t id() const {
        return data_ ? data_->id : 0;
    }
    /** The display name. */
    const std::string &name() const;
    /** The declaration, or null when there is none or it is gone. */
    std::shared_ptr<const Declaration> declaration() const;

    bool operator==(const Symbol &o) const {
        return id() == o.id();
    }
    bool operator<(const Symbol &o) const {
        return id() < o.id();
    }

private:
    struct Data {
        uint64_t id;
        std::string name;
        std::weak_ptr<const Declaration> declaration;
    };
    std::shared_ptr<const Data> data_;
};

}  // namespace heddle::Internal

template<>
struct std::hash<heddle::Internal::Symbol> {
    size_t operator()(const heddle::Internal::Symbol &s) const noexcept {
        return std::hash<uint64_t>()(s.id());
    }
};
