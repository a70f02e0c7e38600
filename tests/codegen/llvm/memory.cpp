// Loads and stores of every pattern of indices, with and without masks.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "kernel.h"

using namespace heddle;
using namespace heddle::Internal;

namespace {

constexpr int size = 512;

struct Pattern {
    const char *name;
    Expr index;             ///< over no variable
    std::vector<int> want;  ///< lane by lane
};

Expr ramp(Expr base, int64_t stride, int lanes) {
    return Ramp::make(base, make_const(base.type(), stride), lanes);
}

// All start at an index given at run time, so that nothing is folded.
std::vector<Pattern> patterns(const Expr &start, int first) {
    std::vector<Pattern> out;
    auto add = [&](const char *name, const Expr &e, const std::function<int(int)> &lane) {
        Pattern p{name, e, {}};
        for (int i = 0; i < e.type().lanes(); i++) p.want.push_back(lane(i));
        out.push_back(p);
    };
    for (int lanes : {2, 3, 4, 8, 13, 16}) {
        for (int stride : {1, -1, 2, 3, 4, 5, -2, 0}) {
            add("ramp", ramp(start, stride, lanes), [=](int i) { return first + i * stride; });
        }
    }
    Expr runtime_stride = Sub::make(start, int32(first - 6));
    add("ramp of a stride known at run time", Ramp::make(start, runtime_stride, 8), [=](int i) { return first + 6 * i; });
    add("rows of a tile", Ramp::make(ramp(start, 1, 4), Broadcast::make(int32(17), 4), 3),
        [=](int i) { return first + i % 4 + i / 4 * 17; });
    add("rows of a tile with a row stride known at run time", Ramp::make(ramp(start, 1, 4), Broadcast::make(runtime_stride, 4), 3),
        [=](int i) { return first + i % 4 + i / 4 * 6; });
    add("columns of a tile", Ramp::make(ramp(start, 20, 4), Broadcast::make(int32(1), 4), 2),
        [=](int i) { return first + i % 4 * 20 + i / 4; });
    add("each element twice", Ramp::make(Broadcast::make(start, 2), Broadcast::make(int32(1), 2), 5), [=](int i) { return first + i / 2; });
    add("the same element", Broadcast::make(start, 6), [=](int) { return first; });
    add("the same row", Broadcast::make(ramp(start, 1, 4), 3), [=](int i) { return first + i % 4; });
    add("any", Add::make(Broadcast::make(start, 4), Mul::make(ramp(int32(3), 5, 4), ramp(int32(0), 1, 4))),
        [=](int i) { return first + (3 + 5 * i) * i; });
    return out;
}

Expr every_third_lane_is_off(int lanes, const Expr &two) {
    Type t = Int(32, lanes);
    return NE::make(Mod::make(ramp(int32(0), 1, lanes), make_const(t, int64_t{3})), Broadcast::make(two, lanes));
}

template<typename T>
void check_type(const Target &target) {
    Type t = type_of<T>();
    for (bool masked : {false, true}) {
        const int first = 100;
        Kernel k(target);
        Expr start = k.scalar("start", Int(32)), two = k.scalar("two", Int(32));
        Symbol in = k.buffer("in", t);
        std::vector<Pattern> all = patterns(start, first);
        StmtList stmts;
        for (const Pattern &p : all) {
            int lanes = p.index.type().lanes();
            Expr mask = masked ? every_third_lane_is_off(lanes, two) : Expr();
            Expr value = Load::make(t.with_lanes(lanes), in, p.index, mask);
            Symbol loaded = k.buffer("loaded", t, true), scattered = k.buffer("scattered", t, true);
            stmts.push_back(Store::make(loaded, ramp(int32(0), 1, lanes), value, mask));
            Expr dense = Load::make(t.with_lanes(lanes), in, ramp(int32(0), 1, lanes), {});
            stmts.push_back(Store::make(scattered, p.index, dense, mask));
        }
        k.compile(heddle::Internal::Block::make(stmts));
        std::vector<T> data(size);
        for (int i = 0; i < size; i++) data[static_cast<size_t>(i)] = static_cast<T>(i % 120 + 1);
        std::vector<std::vector<T>> outputs(2 * all.size(), std::vector<T>(size, T(0)));
        int start_value = first, two_value = 2;
        std::vector<void *> args{&start_value, &two_value, data.data()};
        for (auto &o : outputs) args.push_back(o.data());
        ASSERT_EQ(k.run(args), 0);
        for (size_t p = 0; p < all.size(); p++) {
            std::vector<T> loaded(size, T(0)), scattered(size, T(0));
            for (size_t i = 0; i < all[p].want.size(); i++) {
                if (masked && i % 3 == 2) continue;
                loaded[i] = data[static_cast<size_t>(all[p].want[i])];
                scattered[static_cast<size_t>(all[p].want[i])] = data[i];
            }
            EXPECT_EQ(outputs[2 * p], loaded) << all[p].name << " x" << all[p].want.size() << " of " << heddle::to_string(t) << " masked " << masked;
            EXPECT_EQ(outputs[2 * p + 1], scattered) << all[p].name << " x" << all[p].want.size() << " of " << heddle::to_string(t) << " masked " << masked;
        }
    }
}

}  // namespace

TEST(Memory, PatternsOfIndices) {
    const Target host = get_host_target();
    check_type<uint8_t>(host);
    check_type<int16_t>(host);
    check_type<int32_t>(host);
    check_type<float>(host);
    check_type<double>(host);
    // Without any vector extension but the first.
    const Target least(host.os, host.arch, host.bits);
    check_type<uint16_t>(least);
    check_type<float>(least);
}

TEST(Memory, StridedLoadsStayInsideTheirSpan) {
    // The last element is the last byte before a page that may not be touched; the test is in that the
    // indices of what is loaded end there. Reading beyond would be found by the address sanitizer.
    for (int stride : {2, 3, 4}) {
        for (int lanes : {4, 8, 16}) {
            Kernel k;
            Symbol in = k.buffer("in", Float(32)), out = k.buffer("out", Float(32), true);
            k.compile(Store::make(out, ramp(int32(0), 1, lanes), Load::make(Float(32, lanes), in, ramp(int32(0), stride, lanes), {}), {}));
            auto span = static_cast<size_t>((lanes - 1) * stride + 1);
            std::vector<float> a(span), b(static_cast<size_t>(lanes));
            for (size_t i = 0; i < span; i++) a[i] = static_cast<float>(i);
            ASSERT_EQ(k.run({a.data(), b.data()}), 0);
            for (int i = 0; i < lanes; i++) EXPECT_EQ(b[static_cast<size_t>(i)], static_cast<float>(i * stride));
        }
    }
}

TEST(Memory, BooleansAreBytes) {
    Kernel k;
    Symbol in = k.buffer("in", Bool()), out = k.buffer("out", Bool(), true);
    Expr index = ramp(int32(0), 1, 8);
    k.compile(Store::make(out, index, Not::make(Load::make(Bool(8), in, index, {})), {}));
    uint8_t a[8] = {0, 1, 1, 0, 255, 2, 0, 0}, b[9] = {9, 9, 9, 9, 9, 9, 9, 9, 9};
    ASSERT_EQ(k.run({a, b}), 0);
    for (int i = 0; i < 8; i++) EXPECT_EQ(b[i], a[i] ? 0 : 1);
    EXPECT_EQ(b[8], 9);
}

TEST(Memory, TheLastOfEqualIndicesStays) {
    Kernel k;
    Symbol out = k.buffer("out", Int(32), true);
    Expr lanes = ramp(int32(0), 1, 8);
    k.compile(Store::make(out, Div::make(lanes, make_const(Int(32, 8), int64_t{4})), lanes, {}));
    int b[2] = {-1, -1};
    ASSERT_EQ(k.run({b}), 0);
    EXPECT_EQ(b[0], 3);
    EXPECT_EQ(b[1], 7);
}

TEST(Memory, PredicateOfAllLanesAtOnce) {
    Kernel k;
    Expr yes = k.scalar("yes", Bool());
    Symbol in = k.buffer("in", Int(32)), out = k.buffer("out", Int(32), true);
    Expr index = ramp(int32(0), 1, 4), mask = Broadcast::make(yes, 4);
    k.compile(Store::make(out, index, Load::make(Int(32, 4), in, index, mask), mask));
    int a[4] = {1, 2, 3, 4}, b[4] = {0, 0, 0, 0};
    uint8_t flag = 0;
    // Nothing may be read or written.
    ASSERT_EQ(k.run({&flag, nullptr, nullptr}), 0);
    flag = 1;
    ASSERT_EQ(k.run({&flag, a, b}), 0);
    EXPECT_EQ(b[3], 4);
}

TEST(Vectors, ShufflesAndReductions) {
    Kernel k;
    Symbol in = k.buffer("in", Int(32)), out = k.buffer("out", Int(32), true), sums = k.buffer("sums", Int(32), true);
    Expr a = Load::make(Int(32, 12), in, ramp(int32(0), 1, 12), {});
    Expr s = Load::make(Int(32), in, int32(12), {});
    std::vector<int> indices = {12, 0, 11, 5, 13, 13, 2};
    Expr shuffled = Shuffle::make({a, s, Add::make(s, s)}, indices);
    StmtList stmts{Store::make(out, ramp(int32(0), 1, 7), shuffled, {})};
    int at = 0;
    for (int lanes : {1, 2, 3, 4, 6, 12}) {
        for (ReduceOp op : {ReduceOp::Add, ReduceOp::Mul, ReduceOp::Min, ReduceOp::Max}) {
            Expr index = lanes == 1 ? int32(at) : ramp(int32(at), 1, lanes);
            stmts.push_back(Store::make(sums, index, VectorReduce::make(op, a, lanes), {}));
            at += lanes;
        }
    }
    k.compile(heddle::Internal::Block::make(stmts));
    std::vector<int> data = {5, -3, 7, 2, 9, 4, -8, 6, 1, 3, 2, -1, 20}, got(7), reduced(static_cast<size_t>(at));
    ASSERT_EQ(k.run({data.data(), got.data(), reduced.data()}), 0);
    std::vector<int> all(data);
    all.push_back(40);
    for (size_t i = 0; i < 7; i++) EXPECT_EQ(got[i], all[static_cast<size_t>(indices[i])]);
    size_t next = 0;
    for (size_t lanes : {1u, 2u, 3u, 4u, 6u, 12u}) {
        for (int op = 0; op < 4; op++) {
            for (size_t group = 0; group < lanes; group++) {
                int want = data[group * (12 / lanes)];
                for (size_t i = 1; i < 12 / lanes; i++) {
                    int v = data[group * (12 / lanes) + i];
                    want = op == 0 ? want + v : op == 1 ? want * v : op == 2 ? std::min(want, v) : std::max(want, v);
                }
                EXPECT_EQ(reduced[next++], want) << "lanes " << lanes << " op " << op;
            }
        }
    }
}

TEST(Memory, RampsAreFoundBehindLetsAndSums) {
    Kernel k;
    Symbol in = k.buffer("in", Int(32)), out = k.buffer("out", Int(32), true);
    Expr start = k.scalar("start", Int(32));
    Symbol t = Symbol::fresh("t"), twice = Symbol::fresh("twice");
    Type v = Int(32, 8);
    Expr tv = Variable::make(v, t), three = make_const(v, int64_t{3});
    Expr near = Load::make(v, in, Sub::make(Add::make(tv, three), make_const(v, int64_t{1})), {});
    Expr spread = Load::make(v, in, Variable::make(v, twice), {});
    Stmt s = Store::make(out, Add::make(three, tv), Add::make(near, spread), {});
    s = LetStmt::make(twice, Add::make(tv, tv), s);
    s = LetStmt::make(t, ramp(start, 1, 8), s);
    k.compile(s);
    std::vector<int> a(64), b(64, 0);
    for (int i = 0; i < 64; i++) a[static_cast<size_t>(i)] = i * i;
    int first = 5;
    ASSERT_EQ(k.run({a.data(), b.data(), &first}), 0);
    for (int i = 0; i < 8; i++) EXPECT_EQ(b[static_cast<size_t>(8 + i)], (7 + i) * (7 + i) + (10 + 2 * i) * (10 + 2 * i));

    std::string path = (std::filesystem::temp_directory_path() / ("heddle_ramps_" + std::to_string(std::random_device{}()))).string();
    emit(k.module(s), {"", "", "", path, ""});
    std::ifstream file(path);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    std::filesystem::remove(path);
    EXPECT_NE(text.find("load <8 x i32>"), std::string::npos);
    EXPECT_NE(text.find("store <8 x i32>"), std::string::npos);
    EXPECT_EQ(text.find("gather"), std::string::npos);
}
