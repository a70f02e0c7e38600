// Every operator and call, on every type and on vectors of several widths, against the interpreter.

#include <gtest/gtest.h>

#include <bit>
#include <functional>

#include "interpret/interpreter.h"
#include "ir/print.h"
#include "kernel.h"

using namespace heddle;
using namespace heddle::Internal;

namespace {

using Make = std::function<Expr(const ExprList &)>;

struct Operation {
    std::string name;
    std::vector<Type> args;
    Make make;  ///< from expressions of types args, all with as many lanes
};

uint64_t random_bits(std::mt19937_64 &random, Type t) {
    // Edges as often as anything else.
    const uint64_t top = uint64_t{1} << (t.bits() - 1);
    if (t.is_float()) {
        const double values[] = {0, -0.0, 1, -1, 0.5, 2.5, -2.5, 3.5, 1e-3, 255.9, -1000.25, 65504, 1e30, -1e-30, INFINITY, -INFINITY, NAN, 6e-8};
        double v = values[random() % std::size(values)];
        if (random() % 2) v = static_cast<double>(static_cast<int64_t>(random() % 20001) - 10000) / 64.0;
        if (t.bits() == 64) return std::bit_cast<uint64_t>(v);
        uint32_t f = std::bit_cast<uint32_t>(static_cast<float>(v));
        if (t.bits() == 32) return f;
        return t.is_bfloat() ? f >> 16 : random() & 0xffff;
    }
    const uint64_t edges[] = {0, 1, 2, 3, 7, top - 1, top, top + 1, ~uint64_t{0}, ~uint64_t{0} - 1, 10};
    uint64_t v = random() % 2 ? edges[random() % std::size(edges)] : random() >> (random() % 64);
    return wrap_unsigned(v, t.bits());
}

uint64_t get(const std::vector<uint8_t> &data, size_t i, Type t) {
    uint64_t v = 0;
    std::memcpy(&v, data.data() + i * static_cast<size_t>(t.bytes()), static_cast<size_t>(t.bytes()));
    return v;
}

bool is_nan_bits(uint64_t v, Type t) {
    if (!t.is_float()) return false;
    if (t.bits() == 64) return std::isnan(std::bit_cast<double>(v));
    if (t.bits() == 32) return std::isnan(std::bit_cast<float>(static_cast<uint32_t>(v)));
    return t.is_bfloat() ? (v & 0x7fff) > 0x7f80 : (v & 0x7fff) > 0x7c00;
}

// Runs all operations in one kernel per width and compares each lane.
void check_all(const std::vector<Operation> &ops, int lanes, const Target &target) {
    const int count = 8 * 63 / lanes * lanes;
    std::mt19937_64 random(static_cast<uint64_t>(lanes));
    Kernel k(target);
    std::vector<std::vector<uint8_t>> data;
    Symbol i = Symbol::fresh("i");
    Expr start = Mul::make(var(i), int32(lanes));
    Expr index = lanes == 1 ? start : Ramp::make(start, int32(1), lanes);
    StmtList stores;
    struct Result {
        size_t first_arg, output;
        Type type;
    };
    std::vector<Result> results;
    for (const Operation &op : ops) {
        size_t first = data.size();
        ExprList loads;
        for (Type t : op.args) {
            Symbol in = k.buffer("in", t);
            data.emplace_back(static_cast<size_t>(count * t.bytes()));
            for (int j = 0; j < count; j++) {
                uint64_t v = random_bits(random, t);
                std::memcpy(data.back().data() + j * t.bytes(), &v, static_cast<size_t>(t.bytes()));
            }
            loads.push_back(Load::make(t.with_lanes(lanes), in, index, {}));
        }
        Expr value = op.make(loads);
        Type result = value.type().element_of();
        Symbol out = k.buffer("out", result, true);
        results.push_back({first, data.size(), result});
        data.emplace_back(static_cast<size_t>(count * result.bytes()), uint8_t{0xcc});
        stores.push_back(Store::make(out, index, value, {}));
    }
    k.compile(serial(i, int32(count / lanes), heddle::Internal::Block::make(stores)));
    std::vector<void *> pointers;
    for (auto &d : data) pointers.push_back(d.data());
    ASSERT_EQ(k.run(pointers), 0);

    for (size_t o = 0; o < ops.size(); o++) {
        ExprList vars;
        std::vector<Symbol> symbols;
        for (Type t : ops[o].args) {
            symbols.push_back(Symbol::fresh("a"));
            vars.push_back(Variable::make(t, symbols.back()));
        }
        Expr e = ops[o].make(vars);
        for (int j = 0; j < count; j++) {
            std::vector<std::pair<Symbol, ArgValue>> bindings;
            std::string inputs;
            for (size_t a = 0; a < symbols.size(); a++) {
                uint64_t bits = get(data[results[o].first_arg + a], static_cast<size_t>(j), ops[o].args[a]);
                bindings.emplace_back(symbols[a], ArgValue(ops[o].args[a], bits));
                inputs += " " + std::to_string(bits);
            }
            uint64_t want = interpret(e, bindings)[0];
            uint64_t got = get(data[results[o].output], static_cast<size_t>(j), results[o].type);
            if (is_nan_bits(want, results[o].type) && is_nan_bits(got, results[o].type)) continue;
            ASSERT_EQ(got, want) << ops[o].name << " of" << inputs << " in " << lanes << " lanes of "
                                 << heddle::to_string(ops[o].args[0]);
        }
    }
}

void check_widths(const std::vector<Operation> &ops) {
    const Target host = get_host_target();
    for (int lanes : {1, 7, 32}) check_all(ops, lanes, host);
    // Without any vector extension but the first.
    check_all(ops, 8, Target(host.os, host.arch, host.bits));
}

Make call(CallOp op, std::function<Type(Type)> result = {}) {
    return [=](const ExprList &a) {
        Type t = a[0].type();
        return Call::make(result ? result(t) : t, op, a);
    };
}

const std::vector<Type> integers = {Int(8), Int(16), Int(32), Int(64), UInt(8), UInt(16), UInt(32), UInt(64)};
const std::vector<Type> floats = {Float(16), BFloat(16), Float(32), Float(64)};

}  // namespace

#define BINARY(Name) \
    ops.push_back({#Name, {t, t}, [](const ExprList &a) { return Name::make(a[0], a[1]); }})

TEST(Operations, ArithmeticAndComparisons) {
    std::vector<Type> types = integers;
    types.insert(types.end(), floats.begin(), floats.end());
    for (Type t : types) {
        std::vector<Operation> ops;
        BINARY(Add);
        BINARY(Sub);
        BINARY(Mul);
        BINARY(Div);
        BINARY(Mod);
        BINARY(Min);
        BINARY(Max);
        BINARY(EQ);
        BINARY(NE);
        BINARY(LT);
        BINARY(LE);
        BINARY(GT);
        BINARY(GE);
        ops.push_back({"select", {Bool(), t, t}, [](const ExprList &a) { return Select::make(a[0], a[1], a[2]); }});
        check_widths(ops);
    }
}

TEST(Operations, Logic) {
    std::vector<Operation> ops;
    Type t = Bool();
    BINARY(And);
    BINARY(Or);
    BINARY(EQ);
    BINARY(NE);
    ops.push_back({"not", {t}, [](const ExprList &a) { return Not::make(a[0]); }});
    check_widths(ops);
}

TEST(Operations, DivisionByConstants) {
    for (Type t : integers) {
        std::vector<Operation> ops;
        const int64_t top = int64_t{1} << (t.bits() - 1 - (t.bits() == 64 ? 1 : 0));
        for (int64_t c : {int64_t{0}, int64_t{1}, int64_t{2}, int64_t{3}, int64_t{8}, int64_t{10}, int64_t{100}, top, -top, int64_t{-1}, int64_t{-4}, int64_t{-7}}) {
            auto constant = [c](const Expr &like) { return make_const(like.type(), c); };
            ops.push_back({"div " + std::to_string(c), {t}, [=](const ExprList &a) { return Div::make(a[0], constant(a[0])); }});
            ops.push_back({"mod " + std::to_string(c), {t}, [=](const ExprList &a) { return Mod::make(a[0], constant(a[0])); }});
        }
        check_widths(ops);
    }
}

TEST(Operations, IntegerCalls) {
    for (Type t : integers) {
        std::vector<Operation> ops;
        auto unsigned_of = [](Type x) { return x.with_code(Type::UInt); };
        auto wide = [](Type x) { return x.widen(); };
        auto wide_signed = [](Type x) { return x.widen().with_code(Type::Int); };
        auto add = [&](CallOp op, std::vector<Type> args, std::function<Type(Type)> result = {}) {
            ops.push_back({to_string(op), std::move(args), call(op, std::move(result))});
        };
        for (CallOp op : {CallOp::bitwise_and, CallOp::bitwise_or, CallOp::bitwise_xor, CallOp::saturating_add,
                          CallOp::saturating_sub, CallOp::halving_add, CallOp::halving_sub, CallOp::rounding_halving_add}) {
            add(op, {t, t});
        }
        for (CallOp op : {CallOp::bitwise_not, CallOp::count_leading_zeros, CallOp::count_trailing_zeros, CallOp::popcount}) {
            add(op, {t});
        }
        add(CallOp::abs, {t}, unsigned_of);
        add(CallOp::absd, {t, t}, unsigned_of);
        // Shifts by less than the width: the amount is taken modulo it.
        for (CallOp op : {CallOp::shift_left, CallOp::shift_right, CallOp::rounding_shift_right}) {
            for (Type amount : {t.with_code(Type::Int), t.with_code(Type::UInt)}) {
                ops.push_back({to_string(op), {t, amount}, [=](const ExprList &a) {
                                   Expr by = Mod::make(a[1], make_const(a[1].type(), int64_t{t.bits()}));
                                   bool both_ways = amount.is_int() && op != CallOp::rounding_shift_right;
                                   if (both_ways) by = Sub::make(by, make_const(by.type(), int64_t{t.bits() / 2}));
                                   return Call::make(a[0].type(), op, {a[0], by});
                               }});
            }
        }
        for (CallOp op : {CallOp::div_round_to_zero, CallOp::mod_round_to_zero}) {
            ops.push_back({to_string(op), {t, t}, [=](const ExprList &a) {
                               Expr odd = Call::make(a[1].type(), CallOp::bitwise_or, {a[1], make_one(a[1].type())});
                               return Call::make(a[0].type(), op, {a[0], odd});
                           }});
        }
        if (t.bits() < 64) {
            add(CallOp::widening_add, {t, t}, wide);
            add(CallOp::widening_sub, {t, t}, wide_signed);
            add(CallOp::widening_mul, {t, t}, wide);
            add(CallOp::widen_right_add, {t.widen(), t});
            add(CallOp::widen_right_sub, {t.widen(), t});
            add(CallOp::widen_right_mul, {t.widen(), t});
            for (CallOp op : {CallOp::mul_shift_right, CallOp::rounding_mul_shift_right}) {
                ops.push_back({to_string(op), {t, t, t.with_code(Type::UInt)}, [=](const ExprList &a) {
                                   Expr by = Mod::make(a[2], make_const(a[2].type(), int64_t{2 * t.bits() - 1}));
                                   return Call::make(a[0].type(), op, {a[0], a[1], by});
                               }});
            }
            ops.push_back({"concat_bits", {unsigned_of(t), unsigned_of(t)}, call(CallOp::concat_bits, wide)});
        }
        if (t.bits() > 8) {
            ops.push_back({"extract_bits", {t}, [=](const ExprList &a) {
                               Type n = UInt(8, a[0].type().lanes());
                               return Call::make(n, CallOp::extract_bits, {a[0], make_const(a[0].type(), int64_t{5})});
                           }});
        }
        check_widths(ops);
    }
}

TEST(Operations, Conversions) {
    std::vector<Type> types = integers;
    types.insert(types.end(), floats.begin(), floats.end());
    types.push_back(Bool());
    for (Type from : types) {
        std::vector<Operation> ops;
        for (Type to : types) {
            // What a float beyond the range of the integer becomes is not defined: those inputs are clamped.
            auto input = [=](const ExprList &a) {
                if (!from.is_float() || to.is_float() || to.is_bool()) return a[0];
                int64_t bound = to.bits() == 8 ? 100 : 30000;
                Type t = a[0].type();
                Expr low = make_const(t, to.is_uint() ? 0.0 : static_cast<double>(-bound));
                Expr x = Min::make(Max::make(a[0], low), make_const(t, static_cast<double>(bound)));
                return Expr(Select::make(Call::make(Bool(t.lanes()), CallOp::is_nan, {a[0]}), make_zero(t), x));
            };
            ops.push_back({"cast to " + heddle::to_string(to), {from}, [=](const ExprList &a) {
                               Expr x = input(a);
                               return Cast::make(to.with_lanes(x.type().lanes()), x);
                           }});
            bool saturates = !from.is_bool() && !to.is_bool() && !to.is_float();
            if (saturates) {
                ops.push_back({"saturating cast to " + heddle::to_string(to), {from}, [=](const ExprList &a) {
                                   return Call::make(to.with_lanes(a[0].type().lanes()), CallOp::saturating_cast, {a[0]});
                               }});
            }
            if (from.bits() == to.bits() && !from.is_bool()) {
                ops.push_back({"reinterpret as " + heddle::to_string(to), {from}, [=](const ExprList &a) {
                                   return Reinterpret::make(to.with_lanes(a[0].type().lanes()), a[0]);
                               }});
            }
        }
        check_widths(ops);
    }
}

TEST(Operations, FloatCalls) {
    for (Type t : floats) {
        std::vector<Operation> ops;
        auto boolean = [](Type x) { return Bool(x.lanes()); };
        for (CallOp op : {CallOp::floor, CallOp::ceil, CallOp::trunc, CallOp::round, CallOp::sqrt, CallOp::abs}) {
            ops.push_back({to_string(op), {t}, call(op)});
        }
        for (CallOp op : {CallOp::is_nan, CallOp::is_inf, CallOp::is_finite}) {
            ops.push_back({to_string(op), {t}, call(op, boolean)});
        }
        ops.push_back({"absd", {t, t}, call(CallOp::absd)});
        ops.push_back({"fma", {t, t, t}, call(CallOp::fma)});
        check_widths(ops);
    }
}
