// The functions of floats: errors against the C library in double, in units of the last place.

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <functional>

#include "interpret/interpreter.h"
#include "kernel.h"

using namespace heddle;
using namespace heddle::Internal;

namespace {

// Distance of got from the exact result, in units of the last place of a float there.
double error_in_ulps(float got, double exact) {
    if (std::isnan(exact)) return std::isnan(got) ? 0 : INFINITY;
    const float nearest = static_cast<float>(exact);
    if (got == nearest) return std::isinf(nearest) ? 0 : std::fabs(static_cast<double>(got) - exact) / std::ldexp(1.0, std::max(std::ilogb(exact == 0 ? 1e-300 : exact), -126) - 23);
    if (std::isnan(got)) return INFINITY;
    if (std::isinf(got) || std::isinf(nearest)) {
        const float finite = std::isinf(got) ? nearest : got;
        return std::fabs(finite) == std::numeric_limits<float>::max() && std::signbit(got) == std::signbit(nearest) ? 1 : INFINITY;
    }
    return std::fabs(static_cast<double>(got) - exact) / std::ldexp(1.0, std::max(std::ilogb(exact == 0 ? 1e-300 : exact), -126) - 23);
}

std::vector<float> all_kinds_of_floats(uint32_t stride) {
    std::vector<float> out;
    for (uint64_t b = 0; b < (uint64_t{1} << 32); b += stride) out.push_back(std::bit_cast<float>(static_cast<uint32_t>(b)));
    for (double v : {0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 88.72283, 88.7229, -87.33655, -103.97, -104.5, 1e-40, 0.625, 3.14159265358979, 1.5707963, 710.0}) {
        out.push_back(static_cast<float>(v));
    }
    for (float v : {INFINITY, -INFINITY, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::max(), std::numeric_limits<float>::denorm_min()}) out.push_back(v);
    for (int i = -400; i <= 400; i++) out.push_back(static_cast<float>(i) * 0.25f);
    while (out.size() % 8) out.push_back(1.0f);
    return out;
}

// op on vectors of 8 and on scalars, which must agree bit for bit.
std::vector<float> run(CallOp op, const std::vector<std::vector<float>> &args, const Target &target) {
    std::vector<float> results[2];
    for (int lanes : {8, 1}) {
        Kernel k(target);
        Symbol i = Symbol::fresh("i");
        Expr start = Mul::make(var(i), int32(lanes));
        Expr index = lanes == 1 ? start : Ramp::make(start, int32(1), lanes);
        ExprList loads;
        std::vector<void *> pointers;
        for (const auto &a : args) {
            loads.push_back(Load::make(Float(32, lanes), k.buffer("in", Float(32)), index, {}));
            pointers.push_back(const_cast<float *>(a.data()));
        }
        Symbol out = k.buffer("out", Float(32), true);
        const int count = static_cast<int>(args[0].size());
        k.compile(serial(i, int32(count / lanes), Store::make(out, index, Call::make(Float(32, lanes), op, loads), {})));
        auto &result = results[lanes == 1];
        result.resize(args[0].size());
        pointers.push_back(result.data());
        EXPECT_EQ(k.run(pointers), 0);
    }
    for (size_t j = 0; j < results[0].size(); j++) {
        bool same = std::bit_cast<uint32_t>(results[0][j]) == std::bit_cast<uint32_t>(results[1][j]) || (std::isnan(results[0][j]) && std::isnan(results[1][j]));
        if (!same) ADD_FAILURE() << to_string(op) << "(" << args[0][j] << ") as vector " << results[0][j] << " as scalar " << results[1][j];
        if (!same) break;
    }
    return results[0];
}

void check_unary(CallOp op, double (*exact)(double), double bound, uint32_t stride = 8191) {
    const Target host = get_host_target();
    const std::vector<float> x = all_kinds_of_floats(stride);
    for (const Target &target : {host, Target(host.os, host.arch, host.bits)}) {
        std::vector<float> y = run(op, {x}, target);
        double worst = 0;
        float at = 0, gave = 0;
        for (size_t j = 0; j < x.size(); j++) {
            double e = error_in_ulps(y[j], exact(static_cast<double>(x[j])));
            if (e > worst) {
                worst = e;
                at = x[j];
                gave = y[j];
            }
        }
        EXPECT_LE(worst, bound) << to_string(op) << "(" << at << ") gave " << gave << ", exact " << exact(static_cast<double>(at));
        if (std::getenv("HEDDLE_TEST_VERBOSE")) printf("%s %.3f at %a\n", to_string(op), worst, static_cast<double>(at));
    }
}

}  // namespace

TEST(Math, ExpLog) {
    check_unary(CallOp::exp, std::exp, 1.5);
    check_unary(CallOp::log, std::log, 1.5);
    check_unary(CallOp::fast_exp, std::exp, 1.5, 65521);
    check_unary(CallOp::fast_log, std::log, 1.5, 65521);
}

TEST(Math, SinCosTanh) {
    check_unary(CallOp::sin, std::sin, 2.0);
    check_unary(CallOp::cos, std::cos, 2.0);
    check_unary(CallOp::tanh, std::tanh, 2.5);
}

TEST(Math, OfTheCLibrary) {
    check_unary(CallOp::tan, std::tan, 1.5, 65521);
    check_unary(CallOp::asin, std::asin, 1.5, 65521);
    check_unary(CallOp::acos, std::acos, 1.5, 65521);
    check_unary(CallOp::atan, std::atan, 1.5, 65521);
    check_unary(CallOp::sinh, std::sinh, 2.5, 65521);
    check_unary(CallOp::cosh, std::cosh, 2.5, 65521);
    check_unary(CallOp::asinh, std::asinh, 2.5, 65521);
    check_unary(CallOp::acosh, std::acosh, 2.5, 65521);
    check_unary(CallOp::atanh, std::atanh, 2.5, 65521);
    check_unary(CallOp::erf, std::erf, 2.5, 65521);
}

TEST(Math, Pow) {
    std::vector<float> x, y;
    std::mt19937_64 random(1);
    const float edges[] = {0.0f, -0.0f, 1.0f, -1.0f, 2.0f, -2.0f, 0.5f, -0.5f, 3.0f, -3.0f, 1e30f, -1e30f, 1e-30f, 1e-42f, INFINITY, -INFINITY, NAN, 16777217.0f, -33554432.0f, 1.0000001f, 7.5f};
    for (float a : edges) {
        for (float b : edges) {
            x.push_back(a);
            y.push_back(b);
        }
    }
    for (int i = 0; i < 200000; i++) {
        bool wild = random() % 4 == 0;
        float a = wild ? std::bit_cast<float>(static_cast<uint32_t>(random())) : std::exp2(static_cast<float>(static_cast<int64_t>(random() % 2000) - 1000) / 100.0f);
        float b = wild ? std::bit_cast<float>(static_cast<uint32_t>(random())) : static_cast<float>(static_cast<int64_t>(random() % 4000) - 2000) / 128.0f;
        x.push_back(a);
        y.push_back(b);
    }
    while (x.size() % 8) {
        x.push_back(1);
        y.push_back(1);
    }
    for (CallOp op : {CallOp::pow, CallOp::fast_pow}) {
        std::vector<float> z = run(op, {x, y}, get_host_target());
        double worst = 0;
        for (size_t j = 0; j < x.size(); j++) {
            double exact = std::pow(static_cast<double>(x[j]), static_cast<double>(y[j]));
            double e = error_in_ulps(z[j], exact);
            ASSERT_LE(e, 1.0) << "pow(" << x[j] << ", " << y[j] << ") gave " << z[j] << ", exact " << exact;
            worst = std::max(worst, e);
        }
        if (std::getenv("HEDDLE_TEST_VERBOSE")) printf("pow %.3f\n", worst);
    }
}

TEST(Math, SmallFloatsAndDoubles) {
    for (Type t : {Float(16), BFloat(16), Float(64)}) {
        for (CallOp op : {CallOp::exp, CallOp::sin, CallOp::log, CallOp::tanh, CallOp::erf}) {
            Kernel k;
            Symbol in = k.buffer("in", t), out = k.buffer("out", t, true);
            Expr index = Ramp::make(int32(0), int32(1), 16);
            k.compile(Store::make(out, index, Call::make(t.with_lanes(16), op, {Load::make(t.with_lanes(16), in, index, {})}), {}));
            std::vector<uint64_t> raw;
            std::vector<uint8_t> a(static_cast<size_t>(16 * t.bytes())), b(a.size());
            Symbol x = Symbol::fresh("x");
            for (int i = 0; i < 16; i++) {
                Expr value = Cast::make(t, make_const(Float(64), 0.3 * i + 0.1));
                raw.push_back(interpret(value)[0]);
                std::memcpy(a.data() + i * t.bytes(), &raw.back(), static_cast<size_t>(t.bytes()));
            }
            ASSERT_EQ(k.run({a.data(), b.data()}), 0);
            for (int i = 0; i < 16; i++) {
                Expr e = Call::make(t, op, {Variable::make(t, x)});
                uint64_t want = interpret(e, {{x, ArgValue(t, raw[static_cast<size_t>(i)])}})[0], got = 0;
                std::memcpy(&got, b.data() + i * t.bytes(), static_cast<size_t>(t.bytes()));
                // Neighbours at most, as bits of numbers of one sign.
                EXPECT_LE(std::max(want, got) - std::min(want, got), 1u) << to_string(op) << " " << heddle::to_string(t) << " " << i;
            }
        }
    }
}

TEST(Math, LerpOfIntegersRoundsToTheNearest) {
    for (Type t : {UInt(8), Int(8), UInt(16), Int(16), Int(32)}) {
        Symbol a = Symbol::fresh("a"), b = Symbol::fresh("b"), w = Symbol::fresh("w");
        Type tw = UInt(t.bits());
        Kernel k;
        Symbol ia = k.buffer("a", t), ib = k.buffer("b", t), iw = k.buffer("w", tw), out = k.buffer("out", t, true);
        Expr index = Ramp::make(int32(0), int32(1), 64);
        auto load = [&](const Symbol &s, Type x) { return Load::make(x.with_lanes(64), s, index, {}); };
        k.compile(Store::make(out, index, Call::make(t.with_lanes(64), CallOp::lerp, {load(ia, t), load(ib, t), load(iw, tw)}), {}));
        std::mt19937_64 random(7);
        std::vector<uint64_t> data[3];
        std::vector<uint8_t> raw[4];
        for (auto &r : raw) r.resize(static_cast<size_t>(64 * t.bytes()));
        for (int i = 0; i < 64; i++) {
            for (int j = 0; j < 3; j++) {
                uint64_t v = wrap_unsigned(i < 8 ? (i >> j & 1 ? ~uint64_t{0} : 0) : random(), t.bits());
                data[j].push_back(v);
                std::memcpy(raw[j].data() + i * t.bytes(), &v, static_cast<size_t>(t.bytes()));
            }
        }
        ASSERT_EQ(k.run({raw[0].data(), raw[1].data(), raw[2].data(), raw[3].data()}), 0);
        Expr e = Call::make(t, CallOp::lerp, {Variable::make(t, a), Variable::make(t, b), Variable::make(tw, w)});
        for (size_t i = 0; i < 64; i++) {
            uint64_t want = interpret(e, {{a, ArgValue(t, data[0][i])}, {b, ArgValue(t, data[1][i])}, {w, ArgValue(tw, data[2][i])}})[0], got = 0;
            std::memcpy(&got, raw[3].data() + i * static_cast<size_t>(t.bytes()), static_cast<size_t>(t.bytes()));
            EXPECT_EQ(got, want) << heddle::to_string(t) << " " << data[0][i] << " " << data[1][i] << " " << data[2][i];
        }
    }
}

TEST(Math, RandomNumbersAreTheSameInVectorsAndSpread) {
    Kernel k;
    Symbol out = k.buffer("out", Float(32), true), same = k.buffer("same", Float(32), true);
    Symbol i = Symbol::fresh("i");
    Expr lanes = Ramp::make(Mul::make(var(i), int32(8)), int32(1), 8);
    Expr vector = Call::make(Float(32, 8), CallOp::random, {Broadcast::make(int32(3), 8), lanes});
    Expr scalar = Call::make(Float(32), CallOp::random, {int32(3), var(i)});
    k.compile(heddle::Internal::Block::make({serial(i, int32(1024), Store::make(out, lanes, vector, {})),
                                             serial(i, int32(8192), Store::make(same, var(i), scalar, {}))}));
    std::vector<float> a(8192), b(8192);
    ASSERT_EQ(k.run({a.data(), b.data()}), 0);
    EXPECT_EQ(a, b);
    int histogram[16] = {};
    for (float v : a) {
        ASSERT_GE(v, 0.0f);
        ASSERT_LT(v, 1.0f);
        histogram[static_cast<int>(v * 16)]++;
    }
    // 512 each are expected, with a deviation of 22.
    for (int count : histogram) EXPECT_NEAR(count, 512, 110);
}

TEST(Math, Float64) {
    // Against long double, whose mantissa has 11 bits more.
    struct Function {
        CallOp op;
        long double (*exact)(long double);
        double bound;
    };
    std::mt19937_64 random(3);
    std::vector<double> x;
    for (double v : {0.0, -0.0, 1.0, -1.0, 709.78, 709.79, -745.0, -746.5, 5e-324, 1e-310, 0.70710678, 1.41421357, 1e300, 1e22}) x.push_back(v);
    for (double v : {double{INFINITY}, double{-INFINITY}, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::max()}) x.push_back(v);
    for (int i = -200; i <= 200; i++) x.push_back(i * 1.5707963267948966);
    for (int i = 0; i < 100000; i++) {
        x.push_back(std::bit_cast<double>(random()));
        x.push_back(static_cast<double>(static_cast<int64_t>(random() % 2000001) - 1000000) * 1.00003e-4);
    }
    while (x.size() % 4) x.push_back(1);
    for (const Function &f : {Function{CallOp::exp, std::exp, 1.5}, Function{CallOp::log, std::log, 1.5}, Function{CallOp::sin, std::sin, 2.0},
                              Function{CallOp::cos, std::cos, 2.0}, Function{CallOp::tanh, std::tanh, 2.5}}) {
        Kernel k;
        Symbol in = k.buffer("in", Float(64)), out = k.buffer("out", Float(64), true), i = Symbol::fresh("i");
        Expr index = Ramp::make(Mul::make(var(i), int32(4)), int32(1), 4);
        k.compile(serial(i, int32(static_cast<int64_t>(x.size() / 4)), Store::make(out, index, Call::make(Float(64, 4), f.op, {Load::make(Float(64, 4), in, index, {})}), {})));
        std::vector<double> y(x.size());
        ASSERT_EQ(k.run({x.data(), y.data()}), 0);
        double worst = 0, at = 0;
        for (size_t j = 0; j < x.size(); j++) {
            const long double exact = f.exact(static_cast<long double>(x[j]));
            const double nearest = static_cast<double>(exact);
            double e = 0;
            if (std::isnan(nearest) || std::isnan(y[j])) {
                e = std::isnan(nearest) && std::isnan(y[j]) ? 0 : INFINITY;
            } else if (std::isinf(nearest) || std::isinf(y[j])) {
                e = nearest == y[j] ? 0 : INFINITY;
            } else {
                int exponent = std::max(nearest == 0 ? -1022 : std::ilogb(nearest), -1022);
                e = static_cast<double>(std::fabs(static_cast<long double>(y[j]) - exact) / std::ldexp(1.0L, exponent - 52));
            }
            if (e > worst) {
                worst = e;
                at = x[j];
            }
        }
        EXPECT_LE(worst, f.bound) << to_string(f.op) << " of " << at;
        if (std::getenv("HEDDLE_TEST_VERBOSE")) printf("%s float64 %.3f at %a\n", to_string(f.op), worst, at);
    }
}
