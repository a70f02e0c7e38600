// HD01xx and HD02xx: expressions, Funcs, buffers and parameters.

#include <gtest/gtest.h>

#include "errors/refused.h"
#include "heddle/te.h"

namespace heddle {
namespace {

HalideExtern_1(float, function_of_c, float)

struct LanguageErrors : ::testing::Test {
    Var x{"x"}, y{"y"}, z{"z"};
    Func f{"f"}, g{"g"};
    Param<uint8_t> byte{"byte"};
    Param<float> real{"real"};
    Param<int> n{"n"};
    RDom r{0, 8, "r"}, s{0, 4, "s"};
};

TEST_F(LanguageErrors, Operands) {
    REFUSED(100, sqrt(Expr()));
    REFUSED(101, Expr(byte) + 256);
    REFUSED(102, Expr(real) | 1);
    REFUSED(103, Expr(x) && (x > 1));
    REFUSED(104, cast<int>(Param<void *>("handle")));
    REFUSED(105, clamp(Expr(byte), 0, 300));
    REFUSED(107, lerp(Expr(byte), Expr(byte), 1.5f));
    REFUSED(108, div_round_to_zero(x, 0));
    REFUSED(109, concat_bits({byte, byte, byte}));
    REFUSED(126, fast_integer_divide(cast<int64_t>(x), byte));
}

TEST_F(LanguageErrors, Domains) {
    REFUSED(110, RDom(0, Expr(), "d"));
    REFUSED(111, RDom(0, real, "d"));
    REFUSED(112, RDom(0, x, "d"));
    REFUSED(113, RDom(0, -1, "d"));
    REFUSED(114, r.where(r + 1));
    REFUSED(115, r[1]);
    REFUSED(116, RVar unbound("unbound"); Expr e = unbound);
    f(x) = 0;
    f(x) += r;
    REFUSED(117, r.where(r < 3));
    REFUSED(118, Var::implicit(10));
    REFUSED(119, Tuple(x, y)[2]);
}

TEST_F(LanguageErrors, Params) {
    REFUSED(121, byte.set(256));
    Param<> any(Int(16), "any");
    REFUSED(122, Param<float>{any});
    REFUSED(123, Param<>(Int(32), "open").set_max_value(2.5f));
    REFUSED(124, Param<>(Int(32, 4), "lanes"));
}

TEST_F(LanguageErrors, Scatters) {
    f(x, y) = 0;
    g(x) = 0;
    REFUSED(125, gather(std::vector<Expr>{}));
    REFUSED(221, f(scatter(1, 2), 0) = gather(1, 2, 3));
    REFUSED(222, g(scatter(1, 2)) = gather(gather(1, 2), gather(3, 4)));
    RDom few(0, 4, "few");
    few.where(scatter(1, 2) > few);
    REFUSED(223, g(few) = 1);
}

TEST_F(LanguageErrors, PureDefinitions) {
    Func undefined("undefined"), two("two"), user("user");
    two(x, y) = x;
    REFUSED(200, f(x) = undefined(x) + 1);
    REFUSED(201, f(x) = two(x));
    REFUSED(202, f(x) = x + y);
    REFUSED(203, f(x) = x + r);
    REFUSED(204, f(x, x) = x);
    REFUSED(205, f(Expr(x) + 1) = x);
    REFUSED(210, f(x) = Expr());
    REFUSED(217, f(x) = two(cast<float>(x), x));
    REFUSED(218, f(x) = two(_, _));
    Func declared(UInt(8), 2, "declared");
    REFUSED(214, declared(x, y) = x);
}

TEST_F(LanguageErrors, Updates) {
    f(x, y) = x;
    REFUSED(206, f(x, y) = cast<float>(x));
    REFUSED(207, f(x, y) = Tuple(x, y));
    REFUSED(208, f(x, y) = f(x + 1, y));
    REFUSED(209, f(x, y) = f(x, y) + r + s);
    REFUSED(216, f.update(1));
    g(x) = f(x, x);
    REFUSED(211, f(x, y) += 1);
}

TEST_F(LanguageErrors, Values) {
    Func pair("pair");
    pair(x) = Tuple(x, x + 1);
    REFUSED(212, f(x) = pair(x) * 2);
    REFUSED(213, f(x) = pair(x)[2]);
    REFUSED(227, evaluate<float>(Expr(3)));
    REFUSED(228, pair.set_estimate(y, 0, 10));
}

TEST_F(LanguageErrors, CFunctions) {
    REFUSED(220, function_of_c(Expr(3)));
    f(x) = x;
    REFUSED(233, f.define_extern("c_function", {}, Int(32), 1));
    REFUSED(234, g.define_extern("c_function", {Expr(x) + 1}, Int(32), {x}));
    REFUSED(235, g.define_extern("c_function", {f}, Int(32), {x}, NameMangling::C, DeviceAPI::CUDA));
    REFUSED(236, f.extern_function_name());
    REFUSED(237, f.debug_to_file(""));
}

TEST_F(LanguageErrors, Buffers) {
    REFUSED(230, Buffer<int>().width());
    Buffer<> bytes(UInt(8), {4, 4}, "bytes");
    REFUSED(231, Buffer<int>{bytes});
    Realization one({bytes});
    REFUSED(232, one[1]);
    REFUSED(240, ImageParam().width());
    ImageParam image(Float(32), 2, "image");
    REFUSED(241, image.dim(2));
    REFUSED(242, image.dim(0).set_stride(real));
    REFUSED(243, image.set_host_alignment(24));
    REFUSED(244, image.set(bytes));
}

TEST_F(LanguageErrors, BoundaryConditions) {
    f(x) = x;
    REFUSED(250, BoundaryConditions::repeat_edge(f));
    REFUSED(251, BoundaryConditions::repeat_edge(f, {{0, 8}, {0, 8}}));
    REFUSED(252, BoundaryConditions::constant_exterior(f, Tuple(0, 1), {{0, 8}}));
}

TEST_F(LanguageErrors, InlineReductions) {
    REFUSED(253, sum(r, Expr(), "total"));
    Func total("total");
    total() = 1;
    REFUSED(254, sum(r, r * 2, total));
    REFUSED(255, sum(x * 2, "total"));
    REFUSED(256, sum(r + s, "total"));
}

TEST_F(LanguageErrors, Tensors) {
    te::Tensor in = te::placeholder({4, 4}, Int(32), "in");
    Var i("i");
    REFUSED(290, in(i));
    REFUSED(291, te::compute({4}, [&](Var a) { return in(a, a); }, "out").image());
    REFUSED(292, te::sum(in(i, i), {}));
}

TEST_F(LanguageErrors, Derivatives) {
    Func shuffled("shuffled"), loss("loss"), far("far"), odd("odd");
    RDom d(0, 5, "d");
    f(x) = cast<float>(x);
    shuffled(x) = f(x);
    shuffled((d * 3) % 5) = shuffled(d) * 2.0f;
    loss() += shuffled(d);
    REFUSED(294, propagate_adjoints(loss));
    far() = f(cast<int>(f(3) * 1e6f));
    REFUSED(295, propagate_adjoints(far));
    odd() = atan2(f(0), f(1)) + function_of_c(f(2));
    REFUSED(293, propagate_adjoints(odd));
}

}  // namespace
}  // namespace heddle
