#include "ir/symbol.h"

#include <atomic>

namespace heddle::Internal {

Symbol Symbol::fresh(std::string name, std::weak_ptr<const Declaration> declaration) {
    static std::atomic<uint64_t> next{1};
    Symbol s;
    s.data_ = std::make_shared<const Data>(Data{next.fetch_add(1, std::memory_order_relaxed),
                                                std::move(name), std::move(declaration)});
    return s;
}

const std::string &Symbol::name() const {
    static const std::string undefined = "<undefined>";
    return data_ ? data_->name : undefined;
}

std::shared_ptr<const Declaration> Symbol::declaration() const {
    return data_ ? data_->declaration.lock() : nullptr;
}

}  // namespace heddle::Internal
