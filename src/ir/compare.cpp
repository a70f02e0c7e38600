// One comparison over all fields, made from nodes.def; equality and order are its two readings.

#include "ir/compare.h"

#include <bit>
#include <memory>
#include <set>
#include <unordered_map>

#include "ir/rewrite.h"

namespace heddle::Internal {

namespace {

class Comparison {
public:
    explicit Comparison(bool rename)
        : renaming_(rename ? std::make_unique<Renaming>() : nullptr) {
    }

    int operator()(const Expr &a, const Expr &b) {
        return nodes(a.get(), b.get());
    }
    int operator()(const Stmt &a, const Stmt &b) {
        return nodes(a.get(), b.get());
    }

private:
    static int order(auto a, auto b) {
        return a < b ? -1 : a > b ? 1 : 0;
    }
    int operator()(const Symbol &a, const Symbol &b) {
        if (!renaming_) return order(a.id(), b.id());
        auto there = renaming_->forward.emplace(a.id(), b.id()).first;
        auto back = renaming_->backward.emplace(b.id(), a.id()).first;
        return there->second == b.id() && back->second == a.id() ? 0 : order(a.id(), b.id()) | 1;
    }
    int operator()(const Type &a, const Type &b) {
        return a == b ? 0 : a < b ? -1 : 1;
    }
    int operator()(double a, double b) {  // by bits: NaN equals itself, -0 differs from 0
        return order(std::bit_cast<int64_t>(a), std::bit_cast<int64_t>(b));
    }
    int operator()(const std::string &a, const std::string &b) {
        return a.compare(b) < 0 ? -1 : a == b ? 0 : 1;
    }
    int operator()(const Range &a, const Range &b) {
        if (int c = (*this)(a.min, b.min)) return c;
        return (*this)(a.extent, b.extent);
    }
    int operator()(const Owner &, const Owner &) {
        return 0;
    }
    int operator()(const Alignment &a, const Alignment &b) {
        if (int c = order(a.modulus, b.modulus)) return c;
        return order(a.remainder, b.remainder);
    }
    template<typename T>
    int operator()(const std::vector<T> &a, const std::vector<T> &b) {
        if (int c = order(a.size(), b.size())) return c;
        for (size_t i = 0; i < a.size(); i++) {
            if (int c = (*this)(a[i], b[i])) return c;
        }
        return 0;
    }
    template<typename T>
        requires(std::is_integral_v<T> || std::is_enum_v<T>)
    int operator()(T a, T b) {
        return order(a, b);
    }

    int nodes(const Node *a, const Node *b) {
        if (a == b && !renaming_) return 0;
        if (!a || !b) return order(a != nullptr, b != nullptr);
        if (int c = order(a->kind, b->kind)) return c;
        // Pairs found equal already: comparing two graphs with shared nodes stays linear.
        const bool shared = !renaming_ && a->count.load(std::memory_order_relaxed) > 1 &&
                            b->count.load(std::memory_order_relaxed) > 1;
        if (shared && equal_.count({a, b})) return 0;
        const int c = fields(a, b);
        if (c == 0 && shared) equal_.insert({a, b});
        return c;
    }

    int fields(const Node *a, const Node *b) {
        switch (a->kind) {
#define F(type, name) \
    if (int c = (*this)(x.name, y.name)) return c;
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc)                                      \
    case NodeKind::Name: {                                                                \
        const auto &x = static_cast<const Name &>(static_cast<const ExprNode &>(*a));     \
        const auto &y = static_cast<const Name &>(static_cast<const ExprNode &>(*b));     \
        if (int c = (*this)(x.type, y.type)) return c;                                    \
        FIELDS                                                                            \
        return 0;                                                                         \
    }
#define HEDDLE_STMT(Name, levels, FIELDS, MAKE, doc)                                      \
    case NodeKind::Name: {                                                                \
        const auto &x = static_cast<const Name &>(static_cast<const StmtNode &>(*a));     \
        const auto &y = static_cast<const Name &>(static_cast<const StmtNode &>(*b));     \
        FIELDS                                                                            \
        return 0;                                                                         \
    }
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
#undef F
        }
        return 0;
    }

    struct Renaming {
        std::unordered_map<uint64_t, uint64_t> forward, backward;
    };
    std::unique_ptr<Renaming> renaming_;  ///< null: symbols are compared by identity
    std::set<std::pair<const Node *, const Node *>> equal_;
};

class Hash {
public:
    uint64_t operator()(const Expr &e) {
        if (!e.defined()) return 0;
        const bool shared = e.get()->count.load(std::memory_order_relaxed) > 1;
        if (shared) {
            if (auto it = memo_.find(e.get()); it != memo_.end()) return it->second;
        }
        uint64_t h = mix(static_cast<uint64_t>(e.get()->kind) + 17, type(e.get()->type));
        switch (e.get()->kind) {
#define F(type, name) h = mix(h, field(x.name));
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc)                \
    case NodeKind::Name: {                                          \
        const auto &x = static_cast<const Name &>(*e.get());        \
        FIELDS                                                      \
        break;                                                      \
    }
#define HEDDLE_STMT(Name, levels, FIELDS, MAKE, doc)
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
#undef F
        default: break;
        }
        if (shared) memo_[e.get()] = h;
        return h;
    }

private:
    static uint64_t mix(uint64_t h, uint64_t v) {
        h ^= v + 0x9e3779b97f4a7c15ull + (h << 6) + (h >> 2);
        return h * 0xff51afd7ed558ccdull;
    }
    static uint64_t type(const Type &t) {
        return static_cast<uint64_t>(t.code()) | static_cast<uint64_t>(t.bits()) << 8 |
               static_cast<uint64_t>(t.lanes()) << 16;
    }
    uint64_t field(const Expr &e) {
        return (*this)(e);
    }
    uint64_t field(const Symbol &s) {
        return s.id();
    }
    uint64_t field(double d) {
        return std::bit_cast<uint64_t>(d);
    }
    uint64_t field(const std::string &s) {
        return std::hash<std::string>()(s);
    }
    uint64_t field(const Owner &) {
        return 0;
    }
    uint64_t field(const Alignment &a) {
        return mix(static_cast<uint64_t>(a.modulus), static_cast<uint64_t>(a.remainder));
    }
    template<typename T>
    uint64_t field(const std::vector<T> &list) {
        uint64_t h = list.size();
        for (const T &x : list) h = mix(h, field(x));
        return h;
    }
    template<typename T>
        requires(std::is_integral_v<T> || std::is_enum_v<T>)
    uint64_t field(T x) {
        return static_cast<uint64_t>(x);
    }
    std::unordered_map<const ExprNode *, uint64_t> memo_;
};

}  // namespace

bool equal(const Expr &a, const Expr &b) {
    return Comparison(false)(a, b) == 0;
}
bool equal(const Stmt &a, const Stmt &b) {
    return Comparison(false)(a, b) == 0;
}
bool equal_up_to_names(const Expr &a, const Expr &b) {
    return Comparison(true)(a, b) == 0;
}
bool equal_up_to_names(const Stmt &a, const Stmt &b) {
    return Comparison(true)(a, b) == 0;
}
int compare(const Expr &a, const Expr &b) {
    // Most pairs differ at the root: sorting terms asks this very often.
    if (a.same_as(b)) return 0;
    if (!a.defined() || !b.defined()) return a.defined() ? 1 : -1;
    if (a.get()->kind != b.get()->kind) return a.get()->kind < b.get()->kind ? -1 : 1;
    return Comparison(false)(a, b);
}
uint64_t hash(const Expr &e) {
    return Hash()(e);
}

struct ExprHasher::State {
    Hash hash;
};
ExprHasher::ExprHasher()
    : state_(std::make_unique<State>()) {
}
ExprHasher::~ExprHasher() = default;
uint64_t ExprHasher::operator()(const Expr &e) {
    return state_->hash(e);
}

}  // namespace heddle::Internal
