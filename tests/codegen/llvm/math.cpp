// Functions of several arguments, of the other floating-point types, of integers and of none.

#include <gtest/gtest.h>

#include <cmath>

#include "elementwise.h"
#include "interpret/interpreter.h"
#include "ulps.h"

using namespace heddle;
using namespace heddle::Internal;

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
        std::vector<float> z(x.size()), scalar(x.size());
        ASSERT_EQ(Elementwise(op, Float(32), 2, x.size(), 8).run({x.data(), y.data(), z.data()}), 0);
        ASSERT_EQ(Elementwise(op, Float(32), 2, x.size(), 1).run({x.data(), y.data(), scalar.data()}), 0);
        for (size_t j = 0; j < x.size(); j++) {
            ASSERT_TRUE(same_float(z[j], scalar[j])) << "pow(" << x[j] << ", " << y[j] << ") as vector " << z[j] << " as scalar " << scalar[j];
            const double exact = std::pow(static_cast<double>(x[j]), static_cast<double>(y[j]));
            ASSERT_LE(error_in_ulps(z[j], exact), 1.0) << "pow(" << x[j] << ", " << y[j] << ") gave " << z[j] << ", exact " << exact;
        }
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
