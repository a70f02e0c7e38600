// Every operator and call, on every type and in vectors of several widths: the emitted C++, compiled and
// run, against the interpreter.

#include <bit>
#include <cmath>
#include <functional>
#include <random>

#include "compiled.h"
#include "ir/math_expand.h"
#include "ir/print.h"
#include "ir/rewrite.h"

namespace heddle::Internal {
namespace {

using Make = std::function<Expr(const ExprList &)>;

struct Operation {
    std::string name;
    std::vector<Type> args;
    Make make;  ///< from expressions of types args, all with as many lanes
    double tolerance = 0;  ///< relative; 0: the same bits
};

const std::vector<Type> integers = {Int(8), Int(16), Int(32), Int(64), UInt(8), UInt(16), UInt(32), UInt(64)};
const std::vector<Type> floats = {Float(16), BFloat(16), Float(32), Float(64)};
constexpr int vectors = 8 * 9;  ///< iterations of a kernel

uint64_t random_bits(std::mt19937_64 &random, Type t) {
    if (t.is_float() && random() % 2) {
        const double values[] = {0, -0.0, 1, -1, 0.5, 2.5, -2.5, 3.5, 1e-3, 255.9, -1000.25, 65504, 1e30, -1e-30, INFINITY, -INFINITY, NAN, 6e-8, 1e-310};
        double v = values[random() % std::size(values)];
        if (random() % 2) v = static_cast<double>(static_cast<int64_t>(random() % 20001) - 10000) / 64.0;
        const float f = static_cast<float>(v);
        if (t.bits() == 64) return std::bit_cast<uint64_t>(v);
        if (t.bits() == 32) return std::bit_cast<uint32_t>(f);
        return t.is_bfloat() ? std::bit_cast<uint32_t>(f) >> 16 : random() & 0xffff;
    }
    const uint64_t top = uint64_t{1} << (t.bits() - 1);
    const uint64_t edges[] = {0, 1, 2, 3, 7, top - 1, top, top + 1, ~uint64_t{0}, ~uint64_t{0} - 1, 10};
    const uint64_t v = random() % 2 ? edges[random() % std::size(edges)] : random() >> (random() % 64);
    return wrap_unsigned(v, t.bits());
}

double as_double(uint64_t bits, Type t) {
    return lane_double(bits, t);
}

bool alike(uint64_t want, uint64_t got, Type t, double tolerance) {
    if (want == got) return true;
    if (!t.is_float()) return false;
    const double a = as_double(want, t), b = as_double(got, t);
    if (std::isnan(a) && std::isnan(b)) return true;
    return tolerance > 0 && std::fabs(a - b) <= tolerance * std::fmax(std::fabs(a), 1e-30);
}

// Calls that all code generators write out as ordinary expressions have their meaning from those.
Expr written_out(const Expr &e) {
    return rewrite(e, [](const Call &c) -> Expr {
        const Expr expanded = expand_call(c);
        return expanded.defined() ? written_out(expanded) : Expr(&c);
    });
}

/** All operations of one width: arguments in buffers, results in buffers. */
class Batch {
public:
    Batch(const std::vector<Operation> &ops, int lanes)
        : ops_(ops), lanes_(lanes), name_("kernel_" + std::to_string(lanes)) {
        std::mt19937_64 random(static_cast<uint64_t>(lanes));
        const int count = vectors * lanes;
        const Symbol i = Symbol::fresh("i");
        const Expr start = Mul::make(Variable::make(Int(32), i), make_const(Int(32), int64_t{lanes}));
        const Expr index = lanes == 1 ? start : Ramp::make(start, make_const(Int(32), int64_t{1}), lanes);
        StmtList stores;
        for (const Operation &op : ops) {
            first_.push_back(arrays_.size());
            ExprList loads;
            for (const Type t : op.args) {
                loads.push_back(Load::make(t.with_lanes(lanes), buffer(t, count, false), index, const_true(lanes)));
                for (int j = 0; j < count; j++) arrays_.back().set_bits(static_cast<size_t>(j), random_bits(random, t));
            }
            const Expr value = op.make(loads);
            stores.push_back(Store::make(buffer(value.type().element_of(), count, true), index, value, const_true(lanes)));
        }
        Stmt body = For::make(i, make_const(Int(32), int64_t{0}), make_const(Int(32), int64_t{vectors}), ForType::Serial, Partition::Auto,
                              Block::make(stores));
        for (size_t k = 0; k < args_.size(); k++) {
            const Expr b = Variable::make(heddle::Handle(), args_[k].symbol);
            body = LetStmt::make(pointers_[k], Call::make(heddle::Handle(), CallOp::buffer_host, {b}), body);
        }
        body_ = body;
    }
    LoweredFunction function() const {
        return {name_, args_, body_};
    }
    void check(const CompiledSource &code) {
        std::vector<void *> argv;
        for (Array &a : arrays_) argv.push_back(&a.raw);
        ASSERT_EQ(code.run(name_, argv), 0);
        for (size_t o = 0; o < ops_.size(); o++) {
            for (int j = 0; j < vectors * lanes_; j++) check_lane(o, static_cast<size_t>(j));
            if (::testing::Test::HasFatalFailure()) return;
        }
    }

private:
    Symbol buffer(Type t, int count, bool output) {
        arrays_.emplace_back(t, count);
        const Symbol s = Symbol::fresh("b");
        args_.push_back({Argument("b" + std::to_string(args_.size()), output ? Argument::OutputBuffer : Argument::InputBuffer, t, 1), s});
        pointers_.push_back(Symbol::fresh(output ? "out" : "in"));
        return pointers_.back();
    }
    void check_lane(size_t o, size_t j) {
        const Operation &op = ops_[o];
        ExprList variables;
        std::vector<std::pair<Symbol, ArgValue>> bindings;
        std::string inputs;
        for (size_t a = 0; a < op.args.size(); a++) {
            const Symbol s = Symbol::fresh("a");
            const uint64_t bits = arrays_[first_[o] + a].bits(j);
            variables.push_back(Variable::make(op.args[a], s));
            bindings.emplace_back(s, ArgValue(op.args[a], bits));
            inputs += " " + lane_text({bits}, op.args[a]);
        }
        const Expr e = op.make(variables);
        const uint64_t want = interpret(written_out(e), bindings)[0], got = arrays_[first_[o] + op.args.size()].bits(j);
        const Type t = e.type();
        ASSERT_PRED4(alike, want, got, t, op.tolerance)
            << op.name << " of" << inputs << " in " << lanes_ << " lanes of " << to_string(op.args[0]) << ": " << lane_text({got}, t)
            << ", not " << lane_text({want}, t);
    }

    const std::vector<Operation> &ops_;
    int lanes_;
    std::string name_;
    std::vector<LoweredArgument> args_;
    std::vector<Symbol> pointers_;
    std::vector<Array> arrays_;
    std::vector<size_t> first_;  ///< array of the first argument of each operation
    Stmt body_;
};

void check(const std::vector<Operation> &ops, const std::vector<int> &widths = {1, 4, 7}, const std::string &flags = "-O1") {
    std::vector<Batch> batches;
    std::vector<LoweredFunction> functions;
    for (const int lanes : widths) {
        batches.emplace_back(ops, lanes);
        functions.push_back(batches.back().function());
    }
    const CompiledSource code(module_of(functions), flags);
    for (Batch &b : batches) b.check(code);
}

Make call(CallOp op, std::function<Type(Type)> result = {}) {
    return [=](const ExprList &a) {
        const Type t = a[0].type();
        return Call::make(result ? result(t) : t, op, a);
    };
}

Type unsigned_of(Type t) {
    return t.is_int() ? t.with_code(Type::UInt) : t;
}

#define HEDDLE_BINARY(Name) ops.push_back({#Name, {t, t}, [](const ExprList &a) { return Name::make(a[0], a[1]); }})

std::vector<Operation> arithmetic(Type t) {
    std::vector<Operation> ops;
    HEDDLE_BINARY(Add);
    HEDDLE_BINARY(Sub);
    HEDDLE_BINARY(Mul);
    HEDDLE_BINARY(Div);
    HEDDLE_BINARY(Mod);
    HEDDLE_BINARY(Min);
    HEDDLE_BINARY(Max);
    HEDDLE_BINARY(EQ);
    HEDDLE_BINARY(NE);
    HEDDLE_BINARY(LT);
    HEDDLE_BINARY(LE);
    HEDDLE_BINARY(GT);
    HEDDLE_BINARY(GE);
    ops.push_back({"select", {Bool(), t, t}, [](const ExprList &a) { return Select::make(a[0], a[1], a[2]); }});
    for (const CallOp op : {CallOp::likely, CallOp::likely_if_innermost, CallOp::strict_float, CallOp::memoize_tag}) {
        ops.push_back({to_string(op), {t}, call(op)});
    }
    return ops;
}

// Shifts are defined for amounts below the width.
Expr below(const Expr &amount, int64_t limit) {
    return Mod::make(amount, make_const(amount.type(), limit));
}

void add_shifts(std::vector<Operation> &ops, Type t) {
    for (const Type amount : {t.with_code(Type::Int), t.with_code(Type::UInt)}) {
        for (const CallOp op : {CallOp::shift_left, CallOp::shift_right, CallOp::rounding_shift_left, CallOp::rounding_shift_right}) {
            ops.push_back({to_string(op), {t, amount}, [=](const ExprList &a) {
                               Expr by = below(a[1], t.bits());
                               if (amount.is_int()) by = Sub::make(by, make_const(by.type(), int64_t{t.bits() / 2}));
                               return Call::make(a[0].type(), op, {a[0], by});
                           }});
        }
    }
}

void add_widening(std::vector<Operation> &ops, Type t) {
    const auto wide = [](Type x) { return x.widen(); };
    const auto wide_signed = [](Type x) { return x.widen().with_code(Type::Int); };
    ops.push_back({"widening_add", {t, t}, call(CallOp::widening_add, wide)});
    ops.push_back({"widening_sub", {t, t}, call(CallOp::widening_sub, wide_signed)});
    ops.push_back({"widening_mul", {t, t}, call(CallOp::widening_mul, wide)});
    ops.push_back({"widening_mul, mixed", {t, t.with_code(Type::Int)}, call(CallOp::widening_mul, wide_signed)});
    for (const CallOp op : {CallOp::widening_shift_left, CallOp::widening_shift_right}) {
        ops.push_back({to_string(op), {t, t.with_code(Type::UInt)}, [=](const ExprList &a) {
                           return Call::make(a[0].type().widen(), op, {a[0], below(a[1], t.bits())});
                       }});
    }
    for (const CallOp op : {CallOp::widen_right_add, CallOp::widen_right_sub, CallOp::widen_right_mul}) {
        ops.push_back({to_string(op), {t.widen(), t}, call(op)});
    }
    ops.push_back({"concat_bits", {unsigned_of(t), unsigned_of(t)}, call(CallOp::concat_bits, wide)});
}

std::vector<Operation> integer_calls(Type t) {
    std::vector<Operation> ops;
    for (const CallOp op : {CallOp::bitwise_and, CallOp::bitwise_or, CallOp::bitwise_xor, CallOp::saturating_add, CallOp::saturating_sub,
                            CallOp::halving_add, CallOp::halving_sub, CallOp::rounding_halving_add}) {
        ops.push_back({to_string(op), {t, t}, call(op)});
    }
    for (const CallOp op : {CallOp::bitwise_not, CallOp::count_leading_zeros, CallOp::count_trailing_zeros, CallOp::popcount}) {
        ops.push_back({to_string(op), {t}, call(op)});
    }
    ops.push_back({"abs", {t}, call(CallOp::abs, unsigned_of)});
    ops.push_back({"absd", {t, t}, call(CallOp::absd, unsigned_of)});
    ops.push_back({"sorted_avg", {t, t}, [](const ExprList &a) {
                       return Call::make(a[0].type(), CallOp::sorted_avg, {Min::make(a[0], a[1]), Max::make(a[0], a[1])});
                   }});
    for (const CallOp op : {CallOp::div_round_to_zero, CallOp::mod_round_to_zero}) {
        ops.push_back({to_string(op), {t, t}, [=](const ExprList &a) {
                           const Expr odd = Call::make(a[1].type(), CallOp::bitwise_or, {a[1], make_one(a[1].type())});
                           return Call::make(a[0].type(), op, {a[0], odd});
                       }});
    }
    for (const CallOp op : {CallOp::mul_shift_right, CallOp::rounding_mul_shift_right}) {
        ops.push_back({to_string(op), {t, t, t.with_code(Type::UInt)}, [=](const ExprList &a) {
                           return Call::make(a[0].type(), op, {a[0], a[1], below(a[2], 2 * t.bits() - 2)});
                       }});
    }
    add_shifts(ops, t);
    if (t.bits() < 64) add_widening(ops, t);
    if (t.bits() > 8) {
        ops.push_back({"extract_bits", {t}, [](const ExprList &a) {
                           const Type n = UInt(8, a[0].type().lanes());
                           return Call::make(n, CallOp::extract_bits, {a[0], make_const(a[0].type(), int64_t{5})});
                       }});
    }
    if (t.bits() < 64) {
        ops.push_back({"lerp", {t, t, unsigned_of(t)}, call(CallOp::lerp)});
        ops.push_back({"lerp by a float", {t, t, Float(32)}, [](const ExprList &a) {
                           const Type f = a[2].type();
                           const Expr w = Min::make(Max::make(make_zero(f), a[2]), make_one(f));
                           const Expr nan = Call::make(Bool(f.lanes()), CallOp::is_nan, {a[2]});
                           return Call::make(a[0].type(), CallOp::lerp, {a[0], a[1], Select::make(nan, make_zero(f), w)});
                       }});
    }
    return ops;
}

std::vector<Operation> conversions(Type from) {
    std::vector<Type> types = integers;
    types.insert(types.end(), floats.begin(), floats.end());
    types.push_back(Bool());
    std::vector<Operation> ops;
    for (const Type to : types) {
        ops.push_back({"cast to " + to_string(to), {from}, [=](const ExprList &a) { return Cast::make(to.with_lanes(a[0].type().lanes()), a[0]); }});
        if (!to.is_bool() && !to.is_float()) {
            ops.push_back({"saturating cast to " + to_string(to), {from}, [=](const ExprList &a) {
                               return Call::make(to.with_lanes(a[0].type().lanes()), CallOp::saturating_cast, {a[0]});
                           }});
        }
        if (from.bits() == to.bits()) {
            ops.push_back({"reinterpret as " + to_string(to), {from}, [=](const ExprList &a) {
                               return Reinterpret::make(to.with_lanes(a[0].type().lanes()), a[0]);
                           }});
        }
    }
    return ops;
}

std::vector<Operation> float_calls(Type t) {
    std::vector<Operation> ops;
    const auto boolean = [](Type x) { return Bool(x.lanes()); };
    for (const CallOp op : {CallOp::floor, CallOp::ceil, CallOp::trunc, CallOp::round, CallOp::sqrt, CallOp::abs}) {
        ops.push_back({to_string(op), {t}, call(op)});
    }
    for (const CallOp op : {CallOp::is_nan, CallOp::is_inf, CallOp::is_finite}) ops.push_back({to_string(op), {t}, call(op, boolean)});
    ops.push_back({"absd", {t, t}, call(CallOp::absd)});
    ops.push_back({"fma", {t, t, t}, call(CallOp::fma)});
    ops.push_back({"lerp", {t, t, t}, call(CallOp::lerp)});
    ops.push_back({"lerp by an integer", {t, t, UInt(8)}, call(CallOp::lerp)});
    return ops;
}

std::vector<Operation> math_calls(Type t) {
    std::vector<Operation> ops;
    // Over bounded arguments, where a relative error means something.
    const double tolerance = t.is_bfloat() ? 1e-2 : t.bits() == 16 ? 2e-3 : t.bits() == 32 ? 1e-4 : 1e-12;
    const auto bounded = [](const Expr &x) {
        const Expr nan = Call::make(Bool(x.type().lanes()), CallOp::is_nan, {x});
        const Expr inside = Min::make(Max::make(x, make_const(x.type(), 0.25)), make_const(x.type(), 0.75));
        return Select::make(nan, make_const(x.type(), 0.5), inside);
    };
    for (const CallOp op : {CallOp::sin, CallOp::cos, CallOp::tan, CallOp::asin, CallOp::acos, CallOp::atan, CallOp::sinh, CallOp::cosh,
                            CallOp::tanh, CallOp::asinh, CallOp::atanh, CallOp::exp, CallOp::log, CallOp::erf, CallOp::fast_exp,
                            CallOp::fast_log, CallOp::fast_sin, CallOp::fast_cos, CallOp::fast_inverse, CallOp::fast_inverse_sqrt}) {
        ops.push_back({to_string(op), {t}, [=](const ExprList &a) { return Call::make(a[0].type(), op, {bounded(a[0])}); }, tolerance});
    }
    ops.push_back({"acosh", {t}, [=](const ExprList &a) {
                       return Call::make(a[0].type(), CallOp::acosh, {Add::make(bounded(a[0]), make_const(a[0].type(), 2.0))});
                   }, tolerance});
    for (const CallOp op : {CallOp::atan2, CallOp::pow, CallOp::fast_pow}) {
        ops.push_back({to_string(op), {t, t}, [=](const ExprList &a) { return Call::make(a[0].type(), op, {bounded(a[0]), bounded(a[1])}); }, tolerance});
    }
    return ops;
}

class Operations : public ::testing::TestWithParam<Type> {};

TEST_P(Operations, AgreeWithTheInterpreter) {
    const Type t = GetParam();
    std::vector<Operation> ops = arithmetic(t);
    const auto append = [&](const std::vector<Operation> &more) { ops.insert(ops.end(), more.begin(), more.end()); };
    append(conversions(t));
    append(t.is_float() ? float_calls(t) : integer_calls(t));
    check(ops);
    if (t.is_float()) check(math_calls(t), {1, 3}, "-O0");
}

std::vector<Type> all_types() {
    std::vector<Type> types = integers;
    types.insert(types.end(), floats.begin(), floats.end());
    return types;
}

INSTANTIATE_TEST_SUITE_P(Types, Operations, ::testing::ValuesIn(all_types()), [](const auto &test) { return to_string(test.param); });

TEST(Logic, AgreesWithTheInterpreter) {
    std::vector<Operation> ops;
    const Type t = Bool();
    HEDDLE_BINARY(And);
    HEDDLE_BINARY(Or);
    HEDDLE_BINARY(EQ);
    HEDDLE_BINARY(NE);
    HEDDLE_BINARY(LT);
    HEDDLE_BINARY(Min);
    HEDDLE_BINARY(Max);
    HEDDLE_BINARY(Add);
    HEDDLE_BINARY(Sub);
    HEDDLE_BINARY(Mul);
    ops.push_back({"not", {t}, [](const ExprList &a) { return Not::make(a[0]); }});
    for (const CallOp op : {CallOp::bitwise_and, CallOp::bitwise_or, CallOp::bitwise_xor}) ops.push_back({to_string(op), {t, t}, call(op)});
    ops.push_back({"bitwise_not", {t}, call(CallOp::bitwise_not)});
    const std::vector<Operation> more = conversions(t);
    ops.insert(ops.end(), more.begin(), more.end());
    check(ops);
}

}  // namespace
}  // namespace heddle::Internal
