// Annotations, effects, random numbers and questions to the target.

#include <atomic>

#include "heddle/operators.h"
#include "heddle/param.h"
#include "ir/print.h"
#include "ir/rewrite.h"
#include "language/operands.h"
#include "language/random.h"

namespace heddle {

using namespace Internal;

namespace {

Expr same_type(CallOp op, const char *name, const Expr &e) {
    check_defined(e, name);
    return Call::make(e.type(), op, {e});
}

Expr context() {
    return Call::make(Handle(), CallOp::user_context, {});
}

// The values as one text, with a space between two of them, and `end` behind.
Expr text_of(const ExprList &values, const char *end) {
    ExprList parts;
    for (const Expr &v : values) {
        if (!parts.empty()) parts.push_back(StringImm::make(" "));
        parts.push_back(v);
    }
    if (*end) parts.push_back(StringImm::make(end));
    return Call::make(Handle(), CallOp::stringify, parts);
}

void check_values(const ExprList &values, const char *name) {
    if (values.empty()) refuse_operands(109, concat(name, " of no value"));
    for (const Expr &v : values)
        check_defined(v, name);
}

Expr promise(CallOp op, const char *name, const Expr &value, const Expr &min, const Expr &max) {
    check_defined(value, name);
    const Type t = value.type();
    if (!t.is_int_or_uint() && !t.is_float())
        refuse_operands(102, concat(name, " of ", describe(value)));
    const auto bound = [&](const Expr &e, const Expr &otherwise) {
        if (!e.defined()) return otherwise;
        Expr converted = lossless_cast(t.element_of(), e);
        if (!converted.defined()) {
            refuse_operands(105, concat(name, ": the bound ", describe(e),
                                        " may be no value of the type of ", describe(value)));
        }
        return t.is_vector() ? Broadcast::make(converted, t.lanes()) : converted;
    };
    if (!min.defined() && !max.defined()) return value;
    return Call::make(t, op, {value, bound(min, t.min()), bound(max, t.max())});
}

Expr random_number(Type t, const Expr &seed, const char *name) {
    static std::atomic<int> calls{0};
    Expr s = seed;
    if (!s.defined()) {
        s = Expr(0);
    } else if (s.type() != Int(32)) {
        const Expr converted = lossless_cast(Int(32), s);
        if (!converted.defined())
            refuse_operands(102, concat("the seed of ", name, " is an int32, not ", describe(s)));
        s = converted;
    }
    return Call::make(t, CallOp::random, {s, Expr(calls.fetch_add(1, std::memory_order_relaxed))});
}

Expr target_query(Type t, CallOp op, int64_t number) {
    return Call::make(t, op, {make_const(Int(32), number)});
}

}  // namespace

Expr likely(const Expr &e) {
    return same_type(CallOp::likely, "likely", e);
}
Expr likely_if_innermost(const Expr &e) {
    return same_type(CallOp::likely_if_innermost, "likely_if_innermost", e);
}
Expr strict_float(const Expr &e) {
    return same_type(CallOp::strict_float, "strict_float", e);
}
Expr unsafe_promise_clamped(const Expr &value, const Expr &min, const Expr &max) {
    return promise(CallOp::unsafe_promise_clamped, "unsafe_promise_clamped", value, min, max);
}
Expr Internal::promise_clamped(const Expr &value, const Expr &min, const Expr &max) {
    return promise(CallOp::promise_clamped, "promise_clamped", value, min, max);
}
Expr undef(Type t) {
    return Call::make(t, CallOp::undef, {});
}
Expr Internal::unreachable(Type t) {
    return Call::make(t, CallOp::unreachable, {});
}

Expr random_float(const Expr &seed) {
    return random_number(Float(32), seed, "random_float");
}
Expr random_uint(const Expr &seed) {
    return random_number(UInt(32), seed, "random_uint");
}
Expr random_int(const Expr &seed) {
    return random_number(Int(32), seed, "random_int");
}

Expr Internal::bind_random(const Expr &e, const ExprList &coordinates) {
    constexpr size_t unbound = 2;  // the seed and the number of the call
    if (coordinates.empty()) return e;
    return rewrite_graph(e, [&](const Call &c) -> Expr {
        ExprList args = c.args;
        if (c.op == CallOp::random && args.size() == unbound) {
            args.insert(args.end(), coordinates.begin(), coordinates.end());
            return Call::make(c.type, c.op, args, c.name);
        }
        return Expr(&c);
    });
}

Expr print(const std::vector<Expr> &values) {
    check_values(values, "print");
    const Expr call =
        Call::make(Int(32), CallOp::extern_c, {context(), text_of(values, "\n")}, "halide_print");
    return Call::make(values[0].type(), CallOp::return_second, {call, values[0]});
}

Expr print_when(const Expr &condition, const std::vector<Expr> &values) {
    check_defined(condition, "print_when");
    check_condition(condition, "print_when");
    const Expr printed = print(values);
    return Call::make(printed.type(), CallOp::if_then_else, {condition, printed, values[0]});
}

Expr require(const Expr &condition, const std::vector<Expr> &values) {
    check_defined(condition, "require");
    check_condition(condition, "require");
    check_values(values, "require");
    const ExprList message(values.begin() + 1, values.end());
    const std::string text = Internal::to_string(condition, {.types = false});
    const Expr report = Call::make(Int(32), CallOp::extern_c,
                                   {context(), StringImm::make(text), text_of(message, "")},
                                   "halide_error_requirement_failed");
    return Call::make(values[0].type(), CallOp::require, {condition, values[0], report});
}

Expr Internal::memoize_tag_of(const Expr &result, const std::vector<Expr> &key) {
    check_defined(result, "memoize_tag");
    ExprList args{result};
    for (const Expr &e : key) {
        check_defined(e, "memoize_tag");
        args.push_back(e);
    }
    return Call::make(result.type(), CallOp::memoize_tag, args);
}

Expr user_context_value() {
    return context();
}

Expr target_arch_is(Target::Arch arch) {
    return target_query(Bool(), CallOp::target_arch_is, arch);
}
Expr target_os_is(Target::OS os) {
    return target_query(Bool(), CallOp::target_os_is, os);
}
Expr target_has_feature(Target::Feature feature) {
    return target_query(Bool(), CallOp::target_has_feature, feature);
}
Expr target_bits() {
    return Call::make(Int(32), CallOp::target_bits, {});
}

// A target without vectors has a natural vector of no bytes: one lane.
Expr target_natural_vector_size(Type t) {
    const Expr bytes = Call::make(Int(32), CallOp::target_natural_vector_bytes, {});
    return max(bytes / t.bytes(), 1);
}

}  // namespace heddle
