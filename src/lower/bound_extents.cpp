#include "lower/bound_extents.h"

#include <optional>

#include "analysis/interval.h"
#include "analysis/simplify.h"
#include "analysis/upper_bound.h"
#include "ir/rewrite.h"
#include "ir/substitute.h"

namespace heddle::Internal {

namespace {

// Allocations of at most this many bytes get a constant size.
constexpr int64_t largest_small_allocation = 16 * 1024;
// Copies of an unrolled body, lanes of a vector.
constexpr int64_t most_copies = 4096;

class Bounder {
public:
    explicit Bounder(const PassContext &context)
        : context_(context) {
    }

    Stmt operator()(const Stmt &s) {
        return rewrite(
            s, [&](const For &n, const Rewriter &r) -> Stmt { return loop(n, r); },
            [&](const LetStmt &n, const Rewriter &r) -> Stmt {
                if (n.value.type() != Int(32)) return r.children(n);
                values_[n.symbol] = simplify(substitute(values_, n.value));
                Stmt result = r.children(n);
                values_.erase(n.symbol);
                return result;
            },
            [&](const Realize &n, const Rewriter &r) -> Stmt { return realize(n, r); });
    }

private:
    std::optional<int64_t> largest(const Expr &e) const {
        return constant_upper_bound(substitute(values_, e), scope_);
    }

    Stmt loop(const For &n, const Rewriter &r) {
        const Expr first = substitute(values_, n.min);
        const Expr last = simplify(substitute(
            values_, Sub::make(Add::make(n.min, n.extent), make_one(n.min.type()))));
        ScopedBinding<Interval> binding(scope_, n.loop,
                                        Interval(bounds_of(first, scope_).min, bounds_of(last, scope_).max));
        Stmt body = r(n.body);
        Expr extent = n.extent;
        const bool needs_constant = n.for_type == ForType::Vectorized || n.for_type == ForType::Unrolled;
        int64_t c;
        if (needs_constant && !as_const_int(simplify(n.extent), &c)) {
            std::optional<int64_t> most = largest(n.extent);
            if (!most) refuse(n, "is not a constant, and nothing bounds it by one");
            if (*most <= 0) return Block::make({});
            const Expr v = Variable::make(n.min.type(), n.loop);
            Expr inside = LT::make(v, Add::make(n.min, n.extent));
            body = If::make(Call::make(Bool(), CallOp::likely, {simplify(inside)}), body);
            extent = make_const(n.min.type(), *most);
            c = *most;
        }
        if (needs_constant && c > most_copies) {
            refuse(n, "is " + std::to_string(c) + ", more than the " + std::to_string(most_copies) + " that are allowed");
        }
        return For::make(n.loop, n.min, extent, n.for_type, n.partition, body);
    }

    [[noreturn]] void refuse(const For &n, const std::string &why) const {
        Diagnostic d;
        d.code = 451;
        const bool vector = n.for_type == ForType::Vectorized;
        std::string func = n.loop.name(), var = n.loop.name();
        if (auto it = context_.origins.find(n.loop); it != context_.origins.end()) {
            func = it->second.func;
            var = it->second.var;
            d.location = it->second.location;
        }
        d.directive = (vector ? "vectorize(" : "unroll(") + var + ")";
        d.func = func;
        d.var = var;
        d.message = "the extent of loop " + var + " of " + func + " " + why;
        d.hint = "split it by a constant factor and " + std::string(vector ? "vectorize" : "unroll") +
                 " the inner loop, or bound() the dimension";
        throw CompileError(d);
    }

    [[noreturn]] void refuse_registers(const Realize &n) const {
        Diagnostic d;
        d.code = 434;
        d.directive = "store_in(MemoryType::Register)";
        d.func = n.buffer.name();
        if (auto it = context_.storage.find(n.buffer); it != context_.storage.end()) {
            d.func = it->second.func;
            d.location = it->second.location;
        }
        d.message = "the size of " + d.func + " is not known while compiling, and registers cannot hold it";
        d.hint = "MemoryType::Stack or Heap, or compute " + d.func + " further in, where less of it is needed";
        throw CompileError(d);
    }

    Stmt realize(const Realize &n, const Rewriter &r) {
        Ranges bounds = n.bounds;
        int64_t bytes = n.types[0].bytes();
        bool small = true, all_constant = true;
        for (Range &b : bounds) {
            int64_t c;
            all_constant &= as_const_int(b.extent, &c);
            std::optional<int64_t> most = largest(b.extent);
            small = small && most && *most >= 0 && *most <= largest_small_allocation;
            if (!small) break;
            bytes *= *most;
            small = bytes <= largest_small_allocation;
            b.extent = make_const(b.extent.type(), *most);
        }
        if (all_constant || !small) bounds = n.bounds;
        if (n.memory == MemoryType::Register && !all_constant && !small) refuse_registers(n);
        return Realize::make(n.buffer, n.types, bounds, n.order, n.memory, n.condition, r(n.body));
    }

    const PassContext &context_;
    Scope<Interval> scope_;  // loops around
    Substitution values_;    // integer lets around, in terms of loops and outside symbols
};

}  // namespace

Stmt bound_extents(const Stmt &s, PassContext &context) {
    return Bounder(context)(s);
}

}  // namespace heddle::Internal
