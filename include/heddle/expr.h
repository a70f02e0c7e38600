#pragma once
// Expr: an immutable scalar or vector expression. A handle of 8 bytes with an atomic count, free to
// copy and to share between threads. What an Expr can be is listed in src/ir/nodes.def; the operators
// that build them are in operators.h.

#include <cstdint>
#include <string>
#include <utility>

#include "heddle/special_members.h"
#include "heddle/type.h"

namespace heddle {

namespace Internal {

struct ExprNode;
void retain(const ExprNode *n);
void release(const ExprNode *n);

}  // namespace Internal

class Expr {
public:
    /** The undefined expression. */
    Expr() = default;
    /** Takes over a share of `n`. */
    explicit Expr(const Internal::ExprNode *n)
        : node_(n) {
        if (n) Internal::retain(n);
    }
    Expr(const Expr &o)
        : Expr(o.node_) {
    }
    Expr(Expr &&o) noexcept
        : node_(std::exchange(o.node_, nullptr)) {
    }
    Expr &operator=(const Expr &o);
    Expr &operator=(Expr &&o) noexcept {
        std::swap(node_, o.node_);
        return *this;
    }
    ~Expr() {
        if (node_) Internal::release(node_);
    }

    // Constants. An int gives int32 (or the type of the other operand, when it stands beside one).
    explicit Expr(int8_t x);
    explicit Expr(int16_t x);
    Expr(int32_t x);
    explicit Expr(int64_t x);
    explicit Expr(uint8_t x);
    explicit Expr(uint16_t x);
    explicit Expr(uint32_t x);
    explicit Expr(uint64_t x);
    Expr(float16_t x);
#ifdef HALIDE_CPP_COMPILER_HAS_FLOAT16
    explicit Expr(_Float16 x);  // in float16.h
#endif
    Expr(bfloat16_t x);
    Expr(float x);
    explicit Expr(double x);
    Expr(const std::string &s);
    Expr(const char *s);

    bool defined() const {
        return node_ != nullptr;
    }
    bool same_as(const Expr &o) const {
        return node_ == o.node_;
    }
    /** The type; asking an undefined Expr is a CompileError. */
    Type type() const;

    const Internal::ExprNode *get() const {
        return node_;
    }
    /** The node, if it is an N; else null. N is one of the structs of src/ir/nodes.h. */
    template<typename N>
    const N *as() const;

private:
    const Internal::ExprNode *node_ = nullptr;
};

/** An order of Exprs by identity, for maps. */
struct ExprCompare {
    bool operator()(const Expr &a, const Expr &b) const {
        return a.get() < b.get();
    }
};

}  // namespace heddle
