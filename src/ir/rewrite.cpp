// The default recursion over children, made from nodes.def.

#include "ir/rewrite.h"

namespace heddle::Internal {

namespace {

// One overload per field type that holds children; all other fields have none.
struct VisitField {
    const Walker &walker;
    void operator()(const Expr &e) const {
        if (e.defined()) walker(e);
    }
    void operator()(const Stmt &s) const {
        if (s.defined()) walker(s);
    }
    void operator()(const ExprList &list) const {
        for (const Expr &e : list) (*this)(e);
    }
    void operator()(const StmtList &list) const {
        for (const Stmt &s : list) (*this)(s);
    }
    void operator()(const Ranges &ranges) const {
        for (const Range &r : ranges) {
            (*this)(r.min);
            (*this)(r.extent);
        }
    }
    template<typename T>
    void operator()(const T &) const {
    }
};

struct RewriteField {
    const Rewriter &rewriter;
    bool changed = false;

    Expr operator()(const Expr &e) {
        if (!e.defined()) return e;
        Expr r = rewriter(e);
        changed |= !r.same_as(e);
        return r;
    }
    Stmt operator()(const Stmt &s) {
        if (!s.defined()) return s;
        Stmt r = rewriter(s);
        changed |= !r.same_as(s);
        return r;
    }
    ExprList operator()(const ExprList &list) {
        ExprList out;
        out.reserve(list.size());
        for (const Expr &e : list) out.push_back((*this)(e));
        return out;
    }
    StmtList operator()(const StmtList &list) {
        StmtList out;
        out.reserve(list.size());
        for (const Stmt &s : list) out.push_back((*this)(s));
        return out;
    }
    Ranges operator()(const Ranges &ranges) {
        Ranges out;
        out.reserve(ranges.size());
        for (const Range &r : ranges) {
            Expr min = (*this)(r.min);
            Expr extent = (*this)(r.extent);
            out.push_back({std::move(min), std::move(extent)});
        }
        return out;
    }
    template<typename T>
    const T &operator()(const T &field) {
        return field;
    }
};

// A Block is made by make, which flattens; any other statement is its copy.
Stmt made_again(Block &copy, const Stmt &) {
    return Block::make(std::move(copy.stmts));
}
Stmt made_again(const Node &, const Stmt &result) {
    return result;
}

// One function per kind, kept out of line: recursion goes through here once per level of the IR, and a single
// function would have a frame for the temporaries of all kinds together.
//
// A changed node is made again through its own fields; its type follows from operands whose type the
// lambdas changed only if they rebuild the node themselves, so the type is kept here.
#define F(type, name) copy->name = field(typed.name);
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc)                                  \
    [[gnu::noinline]] Expr children_of(const Name &typed, const Rewriter &rewriter) { \
        [[maybe_unused]] RewriteField field{rewriter};                                \
        auto *copy = new Name(typed.type);                                            \
        Expr result(copy);                                                            \
        FIELDS                                                                        \
        return field.changed ? result : Expr(&typed);                                 \
    }
#define HEDDLE_STMT(Name, levels, FIELDS, MAKE, doc)                                  \
    [[gnu::noinline]] Stmt children_of(const Name &typed, const Rewriter &rewriter) { \
        [[maybe_unused]] RewriteField field{rewriter};                                \
        auto *copy = new Name;                                                        \
        Stmt result(copy);                                                            \
        FIELDS                                                                        \
        if (!field.changed) return Stmt(&typed);                                      \
        return made_again(*copy, result);                                             \
    }
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
#undef F

}  // namespace

void Walker::children(const Node &n) const {
    VisitField field{*this};
    switch (n.kind) {
#define F(type, name) field(typed.name);
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc)                                          \
    case NodeKind::Name: {                                                                    \
        [[maybe_unused]] const auto &typed = static_cast<const Name &>(static_cast<const ExprNode &>(n)); \
        FIELDS                                                                                \
        break;                                                                                \
    }
#define HEDDLE_STMT(Name, levels, FIELDS, MAKE, doc)                                          \
    case NodeKind::Name: {                                                                    \
        [[maybe_unused]] const auto &typed = static_cast<const Name &>(static_cast<const StmtNode &>(n)); \
        FIELDS                                                                                \
        break;                                                                                \
    }
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
#undef F
    }
}

Expr Rewriter::children(const ExprNode &n) const {
    switch (n.kind) {
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc) \
    case NodeKind::Name: return children_of(static_cast<const Name &>(n), *this);
#define HEDDLE_STMT(Name, levels, FIELDS, MAKE, doc)
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
    default: break;
    }
    return Expr(&n);
}

Stmt Rewriter::children(const StmtNode &n) const {
    switch (n.kind) {
#define HEDDLE_EXPR(Name, levels, FIELDS, MAKE, doc)
#define HEDDLE_STMT(Name, levels, FIELDS, MAKE, doc) \
    case NodeKind::Name: return children_of(static_cast<const Name &>(n), *this);
#include "ir/nodes.def"
#undef HEDDLE_EXPR
#undef HEDDLE_STMT
    default: break;
    }
    return Stmt(&n);
}

ExprList Rewriter::operator()(const ExprList &list) const {
    ExprList out;
    out.reserve(list.size());
    for (const Expr &e : list) out.push_back((*this)(e));
    return out;
}

}  // namespace heddle::Internal
