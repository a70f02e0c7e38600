// Programs that mix types, Tuples, updates and reductions. The numbers are what Halide 21 gives for the same
// programs: hashes of all elements, or the elements themselves.

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "heddle/heddle.h"

namespace heddle {
namespace {

using namespace ConciseCasts;

const Var x("x"), y("y"), c("c");

template<typename T>
uint64_t hash_of(Buffer<T> b) {
    uint64_t h = 1469598103934665603u;
    b.for_each_value([&](T v) {
        uint64_t bits = 0;
        std::memcpy(&bits, &v, sizeof v);
        h = (h ^ bits) * 1099511628211u;
    });
    return h;
}

template<typename T>
std::vector<T> elements(Buffer<T> b) {
    std::vector<T> list;
    b.for_each_value([&](T v) { list.push_back(v); });
    return list;
}

TEST(LanguagePrograms, FixedPoint) {
    Func f("f"), g("g");
    f(x, y) = cast<int16_t>(x * 37 - 5000 + y * 11);
    Expr a = f(x, y), b = f(y, x);
    g(x, y) = Tuple(saturating_add(a, b), halving_add(a, b), rounding_halving_add(a, b), halving_sub(a, b), absd(a, b),
                    mul_shift_right(a, b, 15), rounding_mul_shift_right(a, b, 15), rounding_shift_right(a, b % 7),
                    rounding_shift_left(a, b % 3), widening_mul(a, b), widening_add(a, b), widening_sub(a, b),
                    saturating_sub(a, b));
    f.compute_root();
    g.vectorize(x, 8);
    Realization r = g.realize({40, 40});
    const uint64_t expected[] = {0x4d2ed08e99e03383u, 0xa696117ead0f3783u, 0xa696117ead0f3783u, 0x25b4b3afbe2b7483u, 0x830fbbd83da2ed3u, 0x5c342dddbd5c9d48u, 0xc824c046224c59ccu, 0xef2eebdcd8d1718u, 0x806df840fc35a49eu, 0xd7855967851e5ac3u, 0x802c285382343383u, 0xefa8a52e120a74a3u, 0xd86a02872a7474a3u};
    for (size_t i = 0; i < r.size(); i++) {
        const Buffer<> v = r[i];
        const uint64_t got = v.type() == Int(16)    ? hash_of<int16_t>(v)
                             : v.type() == UInt(16) ? hash_of<uint16_t>(v)
                                                    : hash_of<int32_t>(v);
        EXPECT_EQ(got, expected[i]) << i;
    }
}

TEST(LanguagePrograms, Lerp) {
    Func f("f"), g("g"), h("h"), k("k"), m("m"), p("p");
    f(x, y) = lerp(u8(x), u8(255 - x * 2), u8(y));
    g(x, y) = lerp(cast<int16_t>(x * 200 - 30000), cast<int16_t>(x * -111), cast<float>(y) / 255.f);
    h(x, y) = lerp(u16(x * 199), u16(x * 77), u8(y));
    k(x, y) = lerp(u8(x), u8(y), u16(x * y));
    m(x, y) = lerp(cast<uint32_t>(x * 100000), cast<uint32_t>(y * 65537), cast<float>(x) / 256.f);
    p(x, y) = lerp(f32(x), f32(y), u8(x));
    EXPECT_EQ(hash_of<uint8_t>(f.realize({256, 256})), 0x62c20fc7312572c5u);
    EXPECT_EQ(hash_of<int16_t>(g.realize({256, 256})), 0xd131114c34242d81u);
    EXPECT_EQ(hash_of<uint16_t>(h.realize({256, 256})), 0x8db1908e716e27dfu);
    EXPECT_EQ(hash_of<uint8_t>(k.realize({256, 256})), 0xd0066844dda4477du);
    EXPECT_EQ(hash_of<uint32_t>(m.realize({256, 256})), 0xceac4c0921f48c5eu);
    Buffer<float> v = p.realize({256, 256});
    v.for_each_element([&](int i, int j) { ASSERT_NEAR(v(i, j), i + (j - i) * i / 255.0f, 1e-4); });
}

TEST(LanguagePrograms, ArgmaxWithPredicateOfAFuncAndAParam) {
    Param<int> t("t", 5);
    Func f("f"), g("g"), h("h");
    f(x, y) = (x * 7919 + y * 104729) % 101;
    RDom r(0, 16, 0, 16);
    r.where(r.x + r.y >= t && f(r.x, r.y) % 2 == 0);
    f.compute_root();
    g() = argmax(r, f(r.x, r.y));
    Realization q = g.realize();
    EXPECT_EQ(Buffer<int>(q[0])(), 11);
    EXPECT_EQ(Buffer<int>(q[1])(), 6);
    EXPECT_EQ(Buffer<int>(q[2])(), 100);
    h(x) = argmin(r, abs(f(r.x, r.y) - x))[0];
    EXPECT_EQ(elements<int>(h.realize({6})), (std::vector<int>{12, 9, 9, 13, 13, 10}));
}

TEST(LanguagePrograms, MuxAndImplicitVars) {
    Func p("p"), q("q"), m("m"), z("z");
    p(x, y) = x + 10 * y;
    q(_) = p(_) * 2;
    m(x, y) = mux((x + y) % 4 - 1, {q(x, y), p(y, x), Expr(7)});
    EXPECT_EQ(elements<int>(m.realize({5, 3})), (std::vector<int>{7, 2, 20, 7, 7, 20, 11, 7, 7, 28, 2, 7, 7, 46, 42}));
    z(_, c) = p(_) + 100 * c;
    EXPECT_EQ(hash_of<int>(z.realize({4, 3, 2})), 0x15de217a3f3ccbc3u);
}

TEST(LanguagePrograms, UndefKeepsWhatIsThere) {
    Func u("u");
    u(x) = undef<int>();
    u(x) = select(x % 2 == 0, x, undef<int>());
    Buffer<int> b(6);
    b.fill(-1);
    u.realize(b);
    EXPECT_EQ(elements(b), (std::vector<int>{0, -1, 2, -1, 4, -1}));
}

TEST(LanguagePrograms, SixteenBitFloats) {
    Func f("f"), g("g"), h("h");
    f(x) = cast<float16_t>(f32(x) * 0.37f) * cast<float16_t>(1.5f) + cast<float16_t>(x);
    g(x) = cast<float>(f(x));
    h(x) = cast<float>(cast<bfloat16_t>(f32(x) * 1.37f) + cast<bfloat16_t>(f32(x) * 0.11f));
    Buffer<float> v = g.realize({200});
    for (int i = 0; i < 200; i++) {  // each operation rounds
        const float16_t product = float16_t(static_cast<float>(i) * 0.37f) * float16_t(1.5f);
        EXPECT_EQ(v(i), static_cast<float>(product + float16_t(i)));
    }
    EXPECT_EQ(hash_of<float>(h.realize({200})), 0xb5c2d72409e6bae3u);
}

TEST(LanguagePrograms, ScatterAlongTheDiagonal) {
    Func h("h");
    RDom r(0, 64);
    h(x, y) = 0;
    h(scatter(r % 8, r / 8), scatter(r / 8, r % 8)) = gather(h(r % 8, r / 8) + r, h(r / 8, r % 8) * 2 + 1);
    EXPECT_EQ(hash_of<int>(h.realize({8, 8})), 0x6bb2287a7b17e52fu);
}

TEST(LanguagePrograms, WideShiftsAndDivisions) {
    Func f("f"), g("g"), d("d");
    f(x, y) = (i64(x) * 1234567891 - i64(y) * i64(Expr(987654321))) >> (x % 40);
    g(x, y) = (u64(x) * cast<uint64_t>(Expr(0x1234567)) + u64(y)) << (u64(x % 60));
    EXPECT_EQ(hash_of<int64_t>(f.realize({64, 33})), 0x17dc1e4a8b07011eu);
    EXPECT_EQ(hash_of<uint64_t>(g.realize({64, 33})), 0xd408bd04b01cd98fu);
    d(x, y) = Tuple((x - 30) / (y - 7), (x - 30) % (y - 7), div_round_to_zero(x - 30, select(y == 7, 1, y - 7)),
                    mod_round_to_zero(x - 30, select(y == 7, 1, y - 7)));
    Realization r = d.realize({61, 15});
    const uint64_t expected[] = {0x1b378c3cf7eef1c7u, 0x3b3be62dd022b1f5u, 0xe08e37db908a9047u, 0xad4784a253b1ddf9u};
    for (size_t i = 0; i < 4; i++) EXPECT_EQ(hash_of<int>(r[i]), expected[i]) << i;
}

TEST(LanguagePrograms, BoundaryConditionsOfAPart) {
    Buffer<int> in(7, 5);
    in.for_each_element([&](int i, int j) { in(i, j) = i * 10 + j; });
    in.set_min(2, -1);
    Func a = BoundaryConditions::repeat_edge(in), b = BoundaryConditions::mirror_image(in),
         d = BoundaryConditions::mirror_interior(in), e = BoundaryConditions::repeat_image(in),
         g = BoundaryConditions::constant_exterior(in, -5);
    Func o("o");
    o(x, y) = Tuple(a(x - 9, y - 9), b(x - 9, y - 9), d(x - 9, y - 9), e(x - 9, y - 9), g(x - 9, y - 9));
    Realization r = o.realize({30, 25});
    const uint64_t expected[] = {0x9fe77169fbaff2e5u, 0x4e28fe0ea17cb941u, 0x71799d4c45a3b1fdu, 0x4842375ad6ce5d71u, 0xca5d6edf34aa73b8u};
    for (size_t i = 0; i < 5; i++) EXPECT_EQ(hash_of<int>(r[i]), expected[i]) << i;
}

TEST(LanguagePrograms, RoundedMaths) {
    Func f("f");
    f(x) = Tuple(round(hypot(f32(x), f32(x + 1)) * 1000.f), erf(f32(x) * 0.01f),
                 round(pow(f32(x) * 0.1f, 1.7f) * 100.f), round(fast_exp(f32(x) * 0.01f) * 100.f), pow(x, 3));
    Realization r = f.realize({200});
    const uint64_t expected[] = {0xa302a22964e34403u, 0xf74fe5eb0c5756e3u, 0xa3b1741e420a0ae3u, 0x7a53e35f9863fae3u, 0x9702a115edb8cad3u};
    for (size_t i : {0, 2, 3}) EXPECT_EQ(hash_of<float>(r[i]), expected[i]) << i;
    Buffer<float> e = r[1];
    for (int i = 0; i < 200; i++) EXPECT_NEAR(e(i), std::erf(static_cast<double>(static_cast<float>(i) * 0.01f)), 1e-6);
    EXPECT_EQ(hash_of<int>(r[4]), expected[4]);
}

TEST(LanguagePrograms, Bits) {
    Func f("f");
    f(x) = Tuple(popcount(u32(x) * u32(Expr(40503))), count_leading_zeros(u32(x) * 77), count_trailing_zeros(u32(x) * 8),
                 extract_bits<uint8_t>(u32(x) * u32(Expr(40503)), x % 24), concat_bits({u8(x), u8(x * 3), u8(x * 5), u8(x * 7)}),
                 reinterpret<float>(u32(x) << 20));
    Realization r = f.realize({300});
    const uint64_t expected[] = {0x600b995dd1535b96u, 0xf1dee5077a34774cu, 0x107e8b337cca432au, 0x78b5eb84b517c031u, 0x8fdd9de29c7c3b17u, 0x5f7a79850b06eb13u};
    for (size_t i = 0; i < 6; i++) {
        const Buffer<> v = r[i];
        const uint64_t got = i == 3 ? hash_of<uint8_t>(v) : i == 5 ? hash_of<float>(v) : hash_of<uint32_t>(v);
        EXPECT_EQ(got, expected[i]) << i;
    }
}

TEST(LanguagePrograms, InlineReductionsOfAGivenFunc) {
    Func f("f"), s("s"), g("g"), ss("ss");
    f(x) = u16(x * x);
    RDom r(0, 20);
    g(x) = sum(r, u32(f(x + r)), s) + u32(product(r, f32(1 + (x + r) % 2)));
    s.compute_root().update().reorder(x, r);
    f.compute_root();
    EXPECT_EQ(elements<uint32_t>(g.realize({8})), (std::vector<uint32_t>{3494, 3894, 4334, 4814, 5334, 5894, 6494, 7134}));
    ss(x) = saturating_sum(r, u8(f(x + r)));
    EXPECT_EQ(elements<uint8_t>(ss.realize({8})), std::vector<uint8_t>(8, 255));
}

TEST(LanguagePrograms, Evaluate) {
    float a = 0;
    int b = 0;
    evaluate(Tuple(Expr(1.5f) * 2.f, Expr(7) / 2), &a, &b);
    EXPECT_EQ(a, 3);
    EXPECT_EQ(b, 3);
    EXPECT_EQ(evaluate<int>(Expr(7) % 4), 3);
    EXPECT_THROW(evaluate<float>(Expr(7) % 4), CompileError);
}

TEST(LanguagePrograms, UpdatesOverSeveralDomains) {
    Func f("f");
    f(x, y) = x + y;
    RDom r(1, 9), q(0, 10, 0, 10);
    f(r, y) += f(r - 1, y);
    f(x, r) = max(f(x, r), f(x, r - 1) * 2 - x);
    f(q.x, q.y) += select(q.x > q.y, f(q.y, q.x), 0);
    f(r, 0) = f(0, r);
    EXPECT_EQ(hash_of<int>(f.realize({10, 10})), 0x7b7b14090a6f2077u);
}

TEST(LanguagePrograms, NegativeMinsAndWrapping) {
    Func f("f");
    f(x, y) = cast<uint8_t>(cast<int8_t>(x * y) >> 1) + cast<uint8_t>(cast<float>(x) * 1.5f + 200.f * cast<float>(y % 2));
    Buffer<uint8_t> b(20, 10);
    b.set_min(-10, -5);
    f.realize(b);
    EXPECT_EQ(hash_of(b), 0x62e7ca70911cfbb0u);
}

TEST(LanguagePrograms, UpdatesOfTupleElements) {
    Func t("t");
    t(x) = Tuple(u8(x), f32(x), i64(x));
    RDom r(0, 8);
    t(r)[1] += f32(t(r)[0]) * 0.5f;
    t(r)[2] = t(7 - r)[2] * 2;
    t(x) = Tuple(t(x)[0] + u8(1), t(x)[1], t(x)[2] - i64(x));
    Realization q = t.realize({8});
    EXPECT_EQ(hash_of<uint8_t>(q[0]), 0xf2a57b68e1fd4d73u);
    EXPECT_EQ(hash_of<float>(q[1]), 0xdc35ca3b478651e3u);
    EXPECT_EQ(hash_of<int64_t>(q[2]), 0x37475e0882034abbu);
}

TEST(LanguagePrograms, PromisesAndStrictFloats) {
    Func f("f");
    f(x) = strict_float((f32(x) * 0.1f + 1e8f) - 1e8f) + clamp(f32(x), 3.f, 9.f) + f32(unsafe_promise_clamped(x, 0, 1000)) +
           f32(likely(x % 3));
    EXPECT_EQ(hash_of<float>(f.realize({100})), 0x7a75d499671c7db3u);
}

// 0 as a denominator is 256, which the remainder does not know of.
TEST(LanguagePrograms, FastDivision) {
    Func f("f"), g("g"), h("h");
    f(x, y) = fast_integer_divide(cast<int16_t>(x - 300), u8(y));
    g(x, y) = fast_integer_divide_round_to_zero(cast<int8_t>(x), u8(y));
    h(x, y) = fast_integer_modulo(u32(x * 1000), u8(y));
    Buffer<int16_t> bf = f.realize({600, 256});
    Buffer<int8_t> bg = g.realize({256, 256});
    Buffer<uint32_t> bh = h.realize({600, 256});
    const auto floor_div = [](int a, int b) { return a / b - (a % b < 0 ? 1 : 0); };
    bf.for_each_element([&](int i, int j) { ASSERT_EQ(bf(i, j), floor_div(i - 300, j ? j : 256)); });
    bg.for_each_element([&](int i, int j) { ASSERT_EQ(bg(i, j), static_cast<int8_t>(i) / (j ? j : 256)); });
    bh.for_each_element([&](int i, int j) { ASSERT_EQ(bh(i, j), static_cast<uint32_t>(j ? i * 1000 % j : i * 1000)); });
    EXPECT_THROW(fast_integer_divide(x, x), CompileError);
}

}  // namespace
}  // namespace heddle
