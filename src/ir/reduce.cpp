#include "ir/reduce.h"

#include <vector>

#include "ir/rewrite.h"
#include "ir/substitute.h"

namespace heddle::Internal {

namespace {

// The children of a node, and how many nodes there are.
class Children final : public Walker {
public:
    void operator()(const Expr &e) const override {
        if (e.defined()) exprs.push_back(e);
    }
    void operator()(const Stmt &s) const override {
        if (s.defined()) stmts.push_back(s);
    }
    mutable std::vector<Expr> exprs;
    mutable std::vector<Stmt> stmts;
};

Stmt nothing() {
    return Evaluate::make(make_zero(Int(32)));
}

bool is_nothing(const Stmt &s) {
    const auto *e = s.as<Evaluate>();
    return e && is_const(e->value);
}

// What may stand in place of a node, the smallest first.
std::vector<Expr> simpler(const Expr &e) {
    std::vector<Expr> list;
    const Type t = e.type();
    if (is_const(e) || e.as<StringImm>()) return list;
    if (!t.is_handle()) {
        list.push_back(make_zero(t));
        list.push_back(make_one(t));
    }
    if (const auto *let = e.as<Let>()) list.push_back(substitute(let->symbol, let->value, let->body));
    Children c;
    c.children(*e.get());
    for (const Expr &child : c.exprs) {
        if (child.type() == t) list.push_back(child);
    }
    return list;
}

std::vector<Stmt> simpler(const Stmt &s) {
    std::vector<Stmt> list;
    if (is_nothing(s)) return list;
    list.push_back(nothing());
    if (const auto *loop = s.as<For>()) {
        list.push_back(substitute(loop->loop, loop->min, loop->body));
        if (!is_const(loop->extent, 1)) {
            list.push_back(For::make(loop->loop, loop->min, make_one(loop->extent.type()), loop->for_type, loop->partition, loop->body));
        }
        if (loop->for_type != ForType::Serial) {
            list.push_back(For::make(loop->loop, loop->min, loop->extent, ForType::Serial, loop->partition, loop->body));
        }
    } else if (const auto *let = s.as<LetStmt>()) {
        list.push_back(substitute(let->symbol, let->value, let->body));
    } else if (const auto *block = s.as<Block>()) {
        // Half of them, then all but one.
        const size_t n = block->stmts.size(), half = n / 2;
        const auto some = [&](size_t from, size_t to) {
            StmtList kept;
            for (size_t i = 0; i < n; i++) {
                if (i < from || i >= to) kept.push_back(block->stmts[i]);
            }
            return kept.size() == 1 ? kept[0] : Block::make(kept);
        };
        if (n > 3) list.push_back(some(half, n)), list.push_back(some(0, half));
        for (size_t i = 0; i < n; i++) list.push_back(some(i, i + 1));
        return list;
    }
    Children c;
    c.children(*s.get());
    for (const Stmt &child : c.stmts) list.push_back(child);
    return list;
}

// The tree with its n-th node, counted before its children, in another form.
class Replaced final : public Rewriter {
public:
    Replaced(size_t node, size_t form)
        : node_(node), form_(form) {
    }
    Expr operator()(const Expr &e) const override {
        return e.defined() ? changed(e) : e;
    }
    Stmt operator()(const Stmt &s) const override {
        return s.defined() ? changed(s) : s;
    }
    // Whether the tree has so many nodes, and that node so many forms.
    bool has_node() const {
        return next_ > node_;
    }
    bool has_form() const {
        return has_form_;
    }

private:
    template<typename T>
    T changed(const T &n) const {
        const size_t number = next_++;
        if (number > node_) return n;
        if (number < node_) return children(*n.get());
        const std::vector<T> forms = simpler(n);
        if (form_ >= forms.size()) return n;
        has_form_ = true;
        return forms[form_];
    }

    size_t node_, form_;
    mutable size_t next_ = 0;
    mutable bool has_form_ = false;
};

}  // namespace

Stmt reduce(const Stmt &s, const std::function<bool(const Stmt &)> &shows) {
    Stmt best = s;
    bool is_smaller = true;
    while (is_smaller) {
        is_smaller = false;
        for (size_t node = 0, form = 0;;) {
            const Replaced replace(node, form);
            const Stmt candidate = replace(best);
            if (!replace.has_node()) break;
            if (!replace.has_form()) {
                node++, form = 0;
            } else if (shows(candidate)) {
                best = candidate;
                is_smaller = true;
                form = 0;
            } else {
                form++;
            }
        }
    }
    return best;
}

}  // namespace heddle::Internal
