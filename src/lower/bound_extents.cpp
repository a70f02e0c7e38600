#include "lower/bound_extents.h"

#include <optional>
#include <utility>
#include <vector>

#include "analysis/int_math.h"
#include "analysis/interval.h"
#include "analysis/samples.h"
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

// Larger expressions are not looked into: their bounds are those of what they are made of.
constexpr int largest_value = 200;

// Whether e has at most `limit` nodes, each counted as often as it occurs.
class NodeCounter : public Walker {
public:
    static bool is_small(const Expr &e, int limit) {
        NodeCounter counter(limit);
        counter(e);
        return counter.left_ >= 0;
    }
    void operator()(const Expr &e) const override {
        if (left_-- > 0) children(*e.get());
    }
    void operator()(const Stmt &) const override {
    }

private:
    explicit NodeCounter(int limit)
        : left_(limit) {
    }
    mutable int left_;
};
bool is_small(const Expr &e, int limit) {
    return NodeCounter::is_small(e, limit);
}

// What is asked of a buffer is as free as a parameter.
bool is_field_of_buffer(const Expr &e) {
    const Call *c = e.as<Call>();
    return c && (c->op == CallOp::buffer_min || c->op == CallOp::buffer_extent || c->op == CallOp::buffer_stride);
}

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
                const Inside inside(*this, {n.symbol, n.value, {}});
                return r.children(n);
            },
            [&](const If &n, const Rewriter &r) -> Stmt {
                const std::optional<int64_t> holds = sample(n.condition);
                Stmt then_case = where(!holds || *holds, [&] { return r(n.then_case); });
                if (!n.else_case.defined()) return If::make(n.condition, then_case);
                return If::make(n.condition, then_case, where(!holds || !*holds, [&] { return r(n.else_case); }));
            },
            [&](const Realize &n, const Rewriter &r) -> Stmt { return realize(n, r); });
    }

private:
    // A let or, when it has a last value, a loop around.
    struct Binding {
        Symbol symbol;
        Expr first, last;
    };

    // A binding for as long as it lives.
    class Inside {
    public:
        Inside(Bounder &of, Binding b)
            : of_(of) {
            if (!is_field_of_buffer(b.first)) of_.samples_.set(b.symbol, of_.samples_(b.first));
            of_.around_.push_back(std::move(b));
        }
        ~Inside() {
            of_.leave();
        }
        Inside(const Inside &) = delete;
        Inside &operator=(const Inside &) = delete;

    private:
        Bounder &of_;
    };

    std::optional<int64_t> sample(const Expr &e) {
        return samples_(e)[0];
    }

    // What f makes of a part that the sampled run comes to, if it `does`.
    template<typename F>
    Stmt where(bool does, const F &f) {
        const bool before = std::exchange(is_reached_, is_reached_ && does);
        Stmt result = f();
        is_reached_ = before;
        return result;
    }

    // Bindings are looked into only when something inside of them needs a bound: most loop nests ask for few.
    void look_around() {
        for (; known_ < around_.size(); known_++) {
            const Binding &b = around_[known_];
            if (b.last.defined()) {
                scope_.push(b.symbol, {ends_of(b.first).min, ends_of(b.last).max});
                continue;
            }
            Expr value = substitute(values_, b.first);
            if (is_small(value, largest_value)) {
                values_[b.symbol] = simplify(value);
            } else {
                // Chains of values that are each made of several others would grow exponentially.
                scope_.push(b.symbol, constant_ends(b.first));
            }
        }
    }
    void leave() {
        const Binding &b = around_.back();
        if (known_ == around_.size()) {
            known_--;
            if (!values_.erase(b.symbol)) scope_.pop(b.symbol);
        }
        around_.pop_back();
    }

    Interval ends_of(const Expr &e) const {
        const Expr value = substitute(values_, e);
        return is_small(value, largest_value) ? bounds_of(simplify(value), scope_) : constant_ends(e);
    }
    Interval constant_ends(const Expr &e) const {
        const Interval i = bounds_of(e, scope_);
        int64_t c = 0;
        const auto constant = [&](const Expr &end) {
            return end.defined() && as_const_int(end, &c) ? end : Expr();
        };
        return {constant(i.min), constant(i.max)};
    }

    std::optional<int64_t> largest(const Expr &e) {
        int64_t c = 0;
        if (as_const_int(e, &c)) return c;
        look_around();
        const Expr value = substitute(values_, e);
        return constant_upper_bound(is_small(value, largest_value) ? value : e, scope_);
    }

    Stmt loop(const For &n, const Rewriter &r) {
        const Inside inside(*this, {n.loop, n.min, Sub::make(Add::make(n.min, n.extent), make_one(n.min.type()))});
        const std::optional<int64_t> iterations = sample(n.extent);
        Stmt body = where(!iterations || *iterations > 0, [&] { return r(n.body); });
        Expr extent = n.extent;
        const bool needs_constant = n.for_type == ForType::Vectorized || n.for_type == ForType::Unrolled;
        int64_t c;
        if (needs_constant && !as_const_int(simplify(n.extent), &c)) {
            std::optional<int64_t> most = largest(n.extent);
            if (!most) refuse(n, "is not a constant, and nothing bounds it by one");
            if (*most <= 0) return Block::make({});
            const Expr v = Variable::make(n.min.type(), n.loop);
            const Expr runs = LT::make(v, Add::make(n.min, n.extent));
            body = If::make(Call::make(Bool(), CallOp::likely, {simplify(runs)}), body);
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

    // Whether n needs more than a small allocation in a state that a run may come to: it is not bounded then, and need
    // not be looked at any further.
    bool is_large_in_sample(const Realize &n) {
        std::optional<int64_t> bytes = n.types[0].bytes();
        for (const Range &b : n.bounds) {
            const std::optional<int64_t> extent = sample(b.extent);
            if (!is_reached_ || !extent || *extent <= 0) return false;
            bytes = checked_mul(*bytes, *extent);
            if (!bytes || *bytes > largest_small_allocation) return true;
        }
        return false;
    }

    Stmt realize(const Realize &n, const Rewriter &r) {
        Ranges bounds = n.bounds;
        int64_t bytes = n.types[0].bytes();
        bool small = !is_large_in_sample(n), all_constant = true;
        for (Range &b : bounds) {
            int64_t c;
            all_constant &= as_const_int(b.extent, &c);
            const std::optional<int64_t> most = small ? largest(b.extent) : std::nullopt;
            small = most && *most >= 0 && *most <= largest_small_allocation;
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
    Samples samples_;          // of runs in which every loop around is in its first iteration
    bool is_reached_ = true;   // by the first of them, in which sizes are large
    std::vector<Binding> around_;
    size_t known_ = 0;       // how many of them, from the outermost on, scope_ and values_ tell of
    Scope<Interval> scope_;  // of loops, and of lets whose values are large
    Substitution values_;    // of the other lets, in terms of loops and outside symbols
};

}  // namespace

Stmt bound_extents(const Stmt &s, PassContext &context) {
    return Bounder(context)(s);
}

}  // namespace heddle::Internal
